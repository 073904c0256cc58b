/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's crypto API through AF_ALG sockets. */
#ifndef HELPERS_ALG_H
#define HELPERS_ALG_H

#include <stdbool.h>
#include <stddef.h>

/* A socket bound to the skcipher @name; dies if there is none. */
int alg_bind(const char *name);

/* 0 or the errno of setting the key. */
int alg_set_key(int sock, const void *key, size_t len);

/* 0 or an errno; @sock has its key, @data is worked on in place. */
int alg_crypt(int sock, bool encrypt, const void *iv16, void *data, size_t len);

#endif /* HELPERS_ALG_H */
