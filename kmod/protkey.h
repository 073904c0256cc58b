/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Protected keys: the working form of a secure key.
 *
 * A cipher handle holds one.  It keeps the blob, so that the key can be
 * prepared again when its domain is unlocked under a new wrapping key.
 */
#ifndef PK_PROTKEY_H
#define PK_PROTKEY_H

#include <linux/list.h>
#include "keyblob.h"
#include "vault.h"

struct pk_domain;

struct pk_key {
	struct pk_slot *slot;		/* reserved for the handle's life */
	struct pk_domain *domain;	/* NULL: no key set */
	struct list_head list;		/* domain's keys, under its lock */
	struct pk_blob blob;
	u32 usage;
	bool volume;			/* of an administrator: dm-crypt */
};

/* 0 or -ENOMEM. */
int pk_key_init(struct pk_key *key);
void pk_key_exit(struct pk_key *key);

/*
 * Set the key from a blob; @type_ok says which types the cipher takes.
 * Whatever happens the old key is gone.  -EINVAL not a blob's length or not a
 * type of this cipher, -EBADMSG damaged, -EOPNOTSUPP newer version, -EACCES
 * caller may not use the domain, -ENOKEY domain unknown or locked, -ESTALE
 * wrapped under a master key that the domain no longer has, -EKEYREJECTED
 * authentication failed or equal XTS halves, -EDQUOT the domain has as many as it may.
 */
int pk_key_set(struct pk_key *key, const u8 *buf, unsigned int len,
	       bool (*type_ok)(unsigned int type));

/*
 * Make the slot from the blob.  Caller holds the domain's lock; the slot is
 * invalid and no section uses it.
 */
int pk_key_prepare(struct pk_key *key);

/*
 * Open @blob with @mk into @dst, check pattern and XTS halves.  @scratch holds
 * the wrapping key meanwhile; both unpublished, @scratch wiped on return.
 */
int pk_key_open_blob(const struct pk_blob *blob, const struct pk_slot *mk,
		     struct pk_slot *scratch, struct pk_slot *dst);

/* Wrap @payload under @mk as @blob: everything but pattern and wrapped is set. */
int pk_key_make_blob(struct pk_blob *blob, const struct pk_slot *mk,
		     struct pk_slot *scratch, const struct pk_slot *payload);

/*
 * Wrap @blob under the register @to instead of @from; nothing else changes.  On
 * failure it is as it was.  Caller holds the domain's lock.
 */
int pk_key_reencipher(struct pk_domain *d, struct pk_blob *blob, u32 to,
		      struct pk_slot *scratch, struct pk_slot *key, u32 *from);

/* Invalidate at once; the wipe is done by pk_slot_wipe() after a grace period. */
static inline void pk_key_invalidate(struct pk_key *key)
{
	pk_slot_invalidate(key->slot);
}

#endif /* PK_PROTKEY_H */
