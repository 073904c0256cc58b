/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libprotkey: pins of volumes in a domain's authenticated state. */
#ifndef PROTKEY_VOLUME_H
#define PROTKEY_VOLUME_H

#include <protkey/uapi.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * protkey_volume_pin() - pin a volume, and write the domain's state
 * @domain: from protkey_domain_open()
 * @store: opened with PROTKEY_STORE_LOCK
 * @name: of the domain
 * @volume: UUID, pattern, cipher, sector and key size; label
 *
 * If the state cannot be written, the pin is taken back.
 *
 * Return: 0; -ENOKEY domain locked, -EEXIST this UUID is pinned to something
 * else, -ENOSPC state or file system full, errors of protkey_store_save().
 */
int protkey_volume_pin(int domain, int store, const char *name,
		       const struct protkey_volume *volume);

/**
 * protkey_volume_unpin() - forget a volume, and write the domain's state
 * @domain: from protkey_domain_open()
 * @store: opened with PROTKEY_STORE_LOCK
 * @name: of the domain
 * @volume: UUID
 *
 * Return: 0; -ENOKEY domain locked, -ENOENT not pinned, errors of
 * protkey_store_save().
 */
int protkey_volume_unpin(int domain, int store, const char *name,
			 const struct protkey_volume *volume);

/**
 * protkey_volume_check() - is this the volume that was pinned
 * @domain: from protkey_domain_open()
 * @volume: what its header says
 *
 * Return: 0; -ENOKEY domain locked, -ENOENT not pinned, -EKEYREJECTED pinned
 * with another pattern, cipher, sector or key size.
 */
int protkey_volume_check(int domain, const struct protkey_volume *volume);

#ifdef __cplusplus
}
#endif
#endif
