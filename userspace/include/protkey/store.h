/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libprotkey: sealed states of domains, and the directory that keeps them.
 *
 * A sealed state holds no secret that its passphrase does not protect, but an
 * old copy together with that passphrase opens the domain for ever.
 */
#ifndef PROTKEY_STORE_H
#define PROTKEY_STORE_H

#include <stddef.h>
#include <protkey/uapi.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PROTKEY_STORE_DIR	"/etc/protkey/domains"
#define PROTKEY_STORE_SUFFIX	".sealed"

/** struct protkey_state - the bytes of one sealed state */
struct protkey_state {
	void *data;
	size_t size;
};

/* Flags of protkey_store_open(). */
#define PROTKEY_STORE_CREATE	(1U << 0)	/* make it if it is not there */
#define PROTKEY_STORE_LOCK	(1U << 1)	/* keep other writers out */

/**
 * protkey_store_open() - open a directory of sealed states
 * @dir: path; NULL: PROTKEY_STORE_DIR
 * @flags: PROTKEY_STORE_*
 *
 * Whoever writes opens it with PROTKEY_STORE_LOCK, which waits for another
 * writer and lasts until the descriptor is closed.
 *
 * Return: a file descriptor; -ENOENT, -ENOTDIR, -EACCES, -EPERM somebody else
 * may write to it.
 */
int protkey_store_open(const char *dir, unsigned int flags);

/**
 * protkey_store_load() - read a domain's sealed state and check its structure
 * @store: from protkey_store_open()
 * @name: of the domain
 * @state: filled; protkey_state_free() it
 *
 * Whether it is authentic only the module can tell, when it is unlocked.
 *
 * Return: 0; -EINVAL bad name, -ENOENT no such domain, -EBADMSG damaged, or it
 * is the state of a domain with another name, -EOPNOTSUPP newer format.
 */
int protkey_store_load(int store, const char *name,
		       struct protkey_state *state);

/**
 * protkey_store_save() - write a domain's sealed state
 * @store: opened with PROTKEY_STORE_LOCK
 * @name: of the domain
 * @state: what to write
 * @create: the file must not be there yet
 *
 * All or nothing, also when power fails: after an error the old file is as it
 * was and no temporary file is left.
 *
 * Return: 0; -EEXIST (with @create), -ENOSPC, -EIO, -EDQUOT, -EROFS ...
 */
int protkey_store_save(int store, const char *name,
		       const struct protkey_state *state, int create);

/**
 * protkey_store_exists() - is there a file for this domain
 * @store: from protkey_store_open()
 * @name: of the domain
 *
 * Return: 1, 0 or a negative errno.
 */
int protkey_store_exists(int store, const char *name);

/**
 * protkey_store_remove() - overwrite a sealed state and remove it
 * @store: opened with PROTKEY_STORE_LOCK
 * @name: of the domain
 *
 * Overwriting is done as well as the file system allows; copies elsewhere
 * (backups, snapshots, journals, flash) still open with their passphrase.
 *
 * Return: 0; -ENOENT ...
 */
int protkey_store_remove(int store, const char *name);

/**
 * protkey_store_list() - call @each for every sealed state, by name in order
 * @store: from protkey_store_open()
 * @each: gets a domain's name; a return other than 0 ends the walk
 * @arg: for @each
 *
 * Return: 0, what @each returned, or a negative errno.
 */
int protkey_store_list(int store, int (*each)(const char *name, void *arg),
		       void *arg);

/**
 * protkey_state_free() - give back a state
 * @state: may be zeroed
 */
void protkey_state_free(struct protkey_state *state);

/**
 * protkey_state_check() - check the structure of a sealed state
 * @state: the bytes
 *
 * Return: 0; -EBADMSG damaged, -EOPNOTSUPP newer format.
 */
int protkey_state_check(const struct protkey_state *state);

/**
 * protkey_state_info() - what a sealed state says of its domain
 * @state: checked
 * @info: filled; state is PROTKEY_DOMAIN_LOCKED
 *
 * Return: 0; as protkey_state_check().
 */
int protkey_state_info(const struct protkey_state *state,
		       struct protkey_domain_info *info);

/**
 * protkey_state_seal() - parameters of a seal slot
 * @state: checked
 * @slot: 0..15
 * @params: filled, in the byte order of this machine
 *
 * Return: 0; -ENOENT no such slot; as protkey_state_check().
 */
int protkey_state_seal(const struct protkey_state *state, unsigned int slot,
		       struct protkey_seal_params *params);

/**
 * protkey_state_seal_data() - what TPM or clevis need to open a seal slot
 * @state: checked
 * @slot: 0..15
 * @bytes: points into @state
 * @size: how many
 *
 * Return: 0; -ENOENT a slot without data, or none; as protkey_state_check().
 */
int protkey_state_seal_data(const struct protkey_state *state,
			    unsigned int slot, const void **bytes,
			    size_t *size);

/**
 * protkey_state_volume() - the @index-th pinned volume
 * @state: checked
 * @index: from 0
 * @volume: filled, texts terminated
 *
 * Return: 0; -ENOENT past the last; as protkey_state_check().
 */
int protkey_state_volume(const struct protkey_state *state, unsigned int index,
			 struct protkey_volume *volume);

#ifdef __cplusplus
}
#endif
#endif
