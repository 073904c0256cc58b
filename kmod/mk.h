/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The master key registers of a domain: parts into NEW, NEW to CURRENT, CURRENT
 * to OLD.  Every step is in the sealed state, so that it outlives a reboot.
 * Caller holds d->lock and has seen that the domain is unlocked.  On failure
 * registers and state are as they were.
 */
#ifndef PK_MK_H
#define PK_MK_H

#include "domain.h"

/* Errors: PROTKEY_IOC_MK_*. */
/* @officer: number of the person who loads it, or -1: each loads one. */
int pk_mk_load(struct pk_domain *d, struct protkey_mk_load *req, int officer);
int pk_mk_commit(struct pk_domain *d, const u8 *pattern);
int pk_mk_set(struct pk_domain *d, const struct protkey_seal_kek *keks,
	      unsigned int count, u32 flags);
int pk_mk_abort(struct pk_domain *d);
int pk_mk_clear_old(struct pk_domain *d, const u8 *pattern);

/* -ENOENT NEW is empty, -ENODATA it is not committed. */
int pk_mk_new_ready(const struct pk_domain *d);

/* Fill OLD and NEW from an authentic state; CURRENT is open. */
int pk_mk_open(struct pk_domain *d, const struct pk_sealed_header *header);

#endif /* PK_MK_H */
