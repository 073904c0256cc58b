/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libprotkey: the keys that seal a master key (KEKs), and their slots. */
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

/**
 * protkey_seal_init_random() - parameters and a KEK that somebody holds
 * @params: filled: kind, slot 0, 32 random bytes of salt
 * @kind: PROTKEY_SEAL_TPM, _CLEVIS, _SHARES, _CMS or _FILE
 * @kek: filled: PROTKEY_KEK_SIZE random bytes; the caller wipes it
 *
 * Return: 0; -EINVAL another kind, -EIO no random bytes.
 */
int protkey_seal_init_random(struct protkey_seal_params *params,
			     unsigned int kind, __u8 *kek);

/** struct protkey_slot_new - a seal slot to be added */
struct protkey_slot_new {
	struct protkey_seal_params params;	/* with the slot's number */
	const __u8 *kek;
	const void *data;	/* what TPM or clevis need; else NULL */
	size_t data_size;
};

/**
 * protkey_slot_add() - one more way to open a domain; writes its state
 * @domain: from protkey_domain_open(); unlocked
 * @store: opened with PROTKEY_STORE_LOCK
 * @name: of the domain
 * @slot: what to add
 * @auth_slot: a slot that there is
 * @auth_kek: its KEK: who adds a slot must have one already
 *
 * If the state cannot be written, the slot is taken back.
 *
 * Return: 0; -EKEYREJECTED @auth_kek is wrong, -ENOENT no @auth_slot, -EEXIST
 * the slot is in use, -EBADMSG @slot->data is damaged, -ENOSPC state or file
 * system full, -ENOKEY domain locked, errors of protkey_store_save().
 */
int protkey_slot_add(int domain, int store, const char *name,
		     const struct protkey_slot_new *slot,
		     unsigned int auth_slot, const __u8 *auth_kek);

/**
 * protkey_slot_remove() - remove a seal slot; writes the domain's state
 * @domain: from protkey_domain_open(); unlocked
 * @store: opened with PROTKEY_STORE_LOCK
 * @name: of the domain
 * @slot: its number
 *
 * An old copy of the state still opens by this slot.
 *
 * Return: 0; -ENOENT no such slot, -EBUSY the last one, -ENOKEY domain locked,
 * errors of protkey_store_save().
 */
int protkey_slot_remove(int domain, int store, const char *name,
			unsigned int slot);

#ifdef __cplusplus
}
#endif
#endif
