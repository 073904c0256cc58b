/* SPDX-License-Identifier: GPL-2.0-only */
/* What every helper needs. */
#ifndef HELPERS_UTIL_H
#define HELPERS_UTIL_H

#include <stddef.h>

/* Exit with status 1 after "PROGRAM: WHAT: ERRNAME (text)"; uses errno. */
void die_errno(const char *what) __attribute__((noreturn));
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* "ENOKEY"; "0" for success. */
const char *errno_name(int err);

/* Bytes of @hex into @out; the number of bytes. Dies if they are too many. */
size_t unhex(const char *hex, void *out, size_t room);
void print_hex(const char *name, const void *bytes, size_t len);

/* Whole files; "-" is standard input or output. */
size_t read_file(const char *path, void *buf, size_t room);
void write_file(const char *path, const void *buf, size_t len);

#endif /* HELPERS_UTIL_H */
