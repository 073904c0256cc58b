/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libprotkey: domains. */
#ifndef PROTKEY_DOMAIN_H
#define PROTKEY_DOMAIN_H

#include <stddef.h>
#include <protkey/store.h>
#include <protkey/uapi.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * protkey_domain_name_valid() - may a domain have this name
 * @name: [a-z0-9][a-z0-9_.-]*, at most 31 bytes, not "control"
 *
 * Return: 1 or 0.
 */
int protkey_domain_name_valid(const char *name);

/**
 * protkey_domain_create() - make a domain and write its sealed state
 * @control: from protkey_control_open()
 * @store: opened with PROTKEY_STORE_LOCK
 * @name: of the domain
 * @seal: from protkey_seal_init()
 * @kek: from protkey_seal_kek(), PROTKEY_KEK_SIZE bytes
 *
 * The domain is unlocked afterwards.  If its state cannot be written, the
 * domain is deleted again: none is left that could not be unlocked later.
 *
 * Return: 0; -EEXIST the module or @store has a domain of this name, -EINVAL
 * bad name, -ENOKEY the vault is lost, -EAGAIN no hardware entropy now,
 * -ENOSPC and other errors of writing.
 */
int protkey_domain_create(int control, int store, const char *name,
			  const struct protkey_seal_params *seal,
			  const __u8 *kek);

/**
 * protkey_domain_unlock() - open a domain's master key
 * @control: from protkey_control_open()
 * @state: its sealed state
 * @slot: of the seal
 * @kek: from protkey_seal_kek() with the parameters of that slot
 * @prepared: how many open volumes got their keys again; may be NULL
 *
 * Return: 0; -EKEYREJECTED wrong passphrase or changed state, -EBADMSG damaged,
 * -EOPNOTSUPP newer format, -ENOENT no such slot, -EALREADY unlocked already,
 * -EEXIST another domain has this name or UUID, -ESTALE older than the state
 * that the module has seen.
 */
int protkey_domain_unlock(int control, const struct protkey_state *state,
			  unsigned int slot, const __u8 *kek,
			  unsigned int *prepared);

/**
 * protkey_domain_lock() - destroy the master key and all keys in memory
 * @domain: from protkey_domain_open()
 * @flags: PROTKEY_LOCK_FORCE: also when volumes are open
 *
 * Return: 0; -EBUSY open volumes, -EALREADY locked already.
 */
int protkey_domain_lock(int domain, unsigned int flags);

/**
 * protkey_domain_info() - what the module knows of a domain
 * @domain: from protkey_domain_open()
 * @info: filled
 *
 * Return: 0 or a negative errno.
 */
int protkey_domain_info(int domain, struct protkey_domain_info *info);

/**
 * protkey_domain_at() - the @index-th domain that the module knows
 * @control: from protkey_control_open()
 * @index: from 0
 * @info: filled
 *
 * Return: 0; -ENOENT past the last.
 */
int protkey_domain_at(int control, unsigned int index,
		      struct protkey_domain_info *info);

/**
 * protkey_domain_forget() - destroy a domain in the module
 * @control: from protkey_control_open()
 * @name: of the domain
 *
 * Its sealed state stays; see protkey_store_remove().
 *
 * Return: 0; -ENOENT, -EBUSY open volumes.
 */
int protkey_domain_forget(int control, const char *name);

/**
 * protkey_domain_zeroize() - the same at once, under open volumes too
 * @control: from protkey_control_open()
 * @name: of the domain
 *
 * Return: 0; -ENOENT.
 */
int protkey_domain_zeroize(int control, const char *name);

/**
 * protkey_quota_set() - set what a domain may use; save its state then
 * @domain: from protkey_domain_open(); unlocked
 * @quota: all three; at most PROTKEY_QUOTA_*
 *
 * Return: 0; -EACCES not root of the machine, -EINVAL more than the most, -EPERM
 * its administrators have not signed it, -ENOSPC state full, -ENOKEY locked.
 */
int protkey_quota_set(int domain, const struct protkey_quota *quota);

/**
 * protkey_domain_state() - the sealed state as the module has it now
 * @domain: from protkey_domain_open()
 * @state: filled; protkey_state_free() it
 *
 * Return: 0; -ENOMEM.
 */
int protkey_domain_state(int domain, struct protkey_state *state);

/**
 * protkey_domain_save() - write the present sealed state of a domain
 * @domain: from protkey_domain_open()
 * @store: opened with PROTKEY_STORE_LOCK
 * @name: of the domain
 *
 * To be called after every change (pin, unpin).
 *
 * Return: 0; errors of protkey_store_save().
 */
int protkey_domain_save(int domain, int store, const char *name);

#ifdef __cplusplus
}
#endif
#endif
