/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libprotkey: from a passphrase to the key that seals a master key (KEK). */
#ifndef PROTKEY_SEAL_H
#define PROTKEY_SEAL_H

#include <stddef.h>
#include <protkey/uapi.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Limits of what is accepted from a file or a caller. */
#define PROTKEY_SEAL_MEMORY_MIN		1024U			/* KiB */
#define PROTKEY_SEAL_MEMORY_MAX		(4U * 1024 * 1024)	/* KiB */
#define PROTKEY_SEAL_TIME_MAX		1000U
#define PROTKEY_SEAL_LANES_MAX		64U

/**
 * protkey_seal_init() - fresh parameters for a passphrase
 * @params: filled: argon2id, slot 0, 32 random bytes of salt
 * @memory_kib: KiB of memory to use; 0: 256 MiB, but at most a quarter of RAM
 * @time_cost: passes over it; 0: 3
 *
 * Return: 0; -EINVAL out of limits, -EIO no random bytes.
 */
int protkey_seal_init(struct protkey_seal_params *params, __u32 memory_kib,
		      __u32 time_cost);

/**
 * protkey_seal_kek() - derive the KEK
 * @params: how, in the byte order of this machine
 * @passphrase: the bytes, not NUL terminated
 * @size: how many, more than 0
 * @kek: PROTKEY_KEK_SIZE bytes, best in protkey_secret_alloc() memory; the
 *	caller wipes it
 *
 * Takes seconds and params->memory_kib of memory, which is locked if the
 * limits allow, left out of core dumps and wiped.
 *
 * Return: 0; -EINVAL out of limits, -EOPNOTSUPP not a passphrase's slot,
 * -ENOMEM.
 */
int protkey_seal_kek(const struct protkey_seal_params *params,
		     const void *passphrase, size_t size, __u8 *kek);

#ifdef __cplusplus
}
#endif
#endif
