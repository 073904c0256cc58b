/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Traffic keys: protected keys of a domain without a blob.  They come from
 * outside, serve one connection and exist nowhere else: when the domain is
 * locked or the vault lost they are gone for good.
 */
#ifndef PK_TRAFFIC_H
#define PK_TRAFFIC_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/percpu_counter.h>
#include <linux/types.h>

struct pk_domain;
struct pk_slot;

/* What the traffic keys of a domain did, those that are gone included. */
struct pk_traffic_totals {
	atomic64_t connections;		/* directions that were confirmed */
	atomic64_t updates;		/* KeyUpdates */
	struct percpu_counter records;
	struct percpu_counter bytes;
};

struct pk_traffic {
	struct pk_slot *slot;
	struct pk_domain *domain;
	struct list_head list;		/* domain's, under its lock */
	struct llist_node dead;
};

int pk_traffic_totals_init(struct pk_traffic_totals *totals);
void pk_traffic_totals_destroy(struct pk_traffic_totals *totals);

/* A record of so many bytes.  From any context but hard interrupts. */
void pk_traffic_totals_add(struct pk_traffic_totals *totals, unsigned int bytes);

/*
 * A key of @size bytes, 16 or 32, padded with zeros to 64 at @clear.  The slot
 * stays until pk_traffic_free(), the key until the domain is locked.
 * -ENOKEY locked, -ENODEV deleted, -EDQUOT too many, -ENOMEM, vault errors.
 */
struct pk_traffic *pk_traffic_import(struct pk_domain *d, const u8 *clear64,
				     unsigned int size);

/* Traffic keys of @d, usable or not. */
u32 pk_traffic_count(struct pk_domain *d);

/*
 * Destroy the key: no request uses it any more.  NULL is fine.  From any context
 * but hard interrupts: some users of the crypto API free a cipher in softirq.
 */
void pk_traffic_free(struct pk_traffic *t);

/*
 * Invalidate, and after a grace period wipe, all of a domain.  Caller holds
 * d->lock.
 */
void pk_traffic_invalidate_all(struct pk_domain *d);
void pk_traffic_wipe_all(struct pk_domain *d);

/* After the last pk_traffic_free(). */
void pk_traffic_exit(void);

#endif /* PK_TRAFFIC_H */
