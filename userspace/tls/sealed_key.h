/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A private key at rest: PKCS#8, encrypted by a key of the domain that the module
 * made and that only the module can use (AES-256-GCM, gcm(paes) by AF_ALG).
 *
 *	header (authenticated)	magic, version, size, key blob, IV
 *	ciphertext, tag		size bytes
 */
#ifndef TLSD_SEALED_KEY_H
#define TLSD_SEALED_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/evp.h>

#define SEALED_KEY_FILE_MAX	32768
#define SEALED_KEY_MAGIC	8	/* bytes, the first of a file */

bool sealed_key_magic(const void *magic);

/*
 * Seal @size bytes of PKCS#8 to the domain of node @domain; @file has
 * SEALED_KEY_FILE_MAX bytes of room. -ENOKEY the domain is locked, -EFBIG, errors
 * of AF_ALG.
 */
int sealed_key_make(int domain, const void *key, size_t size, void *file,
		    size_t *file_size);

/*
 * The key of a sealed file, from a process with a session on the domain's node or
 * with CAP_SYS_ADMIN. -EBADMSG changed or damaged, -ENOKEY domain locked, -EACCES.
 */
int sealed_key_open(const void *file, size_t size, EVP_PKEY **key);

#endif
