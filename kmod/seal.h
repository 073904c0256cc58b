/* SPDX-License-Identifier: GPL-2.0-only */
/* Seal slots of an unlocked domain: more than one way to open a master key. */
#ifndef PK_SEAL_H
#define PK_SEAL_H

#include "domain.h"

struct pk_seal_new {
	const struct protkey_seal_params *params;	/* valid */
	const u8 *kek;
	const void *data;		/* of TPM or clevis; else NULL */
	u32 data_size;
};

/*
 * Wrap the master key under a new KEK, for who can show the one of another
 * slot.  Caller holds d->lock.  Errors: PROTKEY_IOC_SEAL_ADD.
 */
int pk_seal_add(struct pk_domain *d, unsigned int auth_slot, const u8 *auth_kek,
		const struct pk_seal_new *new);

/* Caller holds d->lock.  Errors: PROTKEY_IOC_SEAL_REMOVE. */
int pk_seal_remove(struct pk_domain *d, unsigned int slot);

/*
 * Whether @kek opens slot @slot of this unlocked domain; caller holds d->lock.
 * -ENOENT no such slot, -EKEYREJECTED.
 */
int pk_seal_authorise(struct pk_domain *d, unsigned int slot, const u8 *kek);

#endif /* PK_SEAL_H */
