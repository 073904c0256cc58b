/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of libprotkey share. */
#ifndef PROTKEY_INTERNAL_H
#define PROTKEY_INTERNAL_H

#include <errno.h>
#include <stddef.h>

#include <protkey/protkey.h>

/* The library is built with hidden visibility: this is the one way out. */
#define PROTKEY_EXPORT __attribute__((visibility("default")))

#define PROTKEY_NODES	"/dev/protkey"

/* An ioctl that gives 0 or a negative errno. */
int pk_device_ioctl(int fd, unsigned long request, void *arg);

/* Whether @fd holds exactly @size bytes that this call got: -errno or 0. */
int pk_io_read_all(int fd, void *buf, size_t size);
int pk_io_write_all(int fd, const void *buf, size_t size);

#endif
