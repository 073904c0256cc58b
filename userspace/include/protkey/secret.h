/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libprotkey: memory for secrets that pass through a process. */
#ifndef PROTKEY_SECRET_H
#define PROTKEY_SECRET_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * protkey_secret_alloc() - memory that is not swapped, dumped or inherited
 * @size: bytes, more than 0
 *
 * The pages are locked in RAM, left out of core dumps and wiped in a child.
 *
 * Return: zeroed memory, or NULL with errno set (ENOMEM, or EPERM/EAGAIN when
 * the limit on locked memory is too low).
 */
void *protkey_secret_alloc(size_t size);

/**
 * protkey_secret_free() - wipe and give back
 * @secret: from protkey_secret_alloc(), or NULL
 * @size: as it was asked for
 */
void protkey_secret_free(void *secret, size_t size);

/**
 * protkey_secret_wipe() - overwrite with zeros, never optimised away
 * @secret: what
 * @size: bytes
 */
void protkey_secret_wipe(void *secret, size_t size);

#ifdef __cplusplus
}
#endif
#endif
