// SPDX-License-Identifier: GPL-2.0-only
/* Traffic keys: see traffic.h. */

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "domain.h"
#include "traffic.h"
#include "vault.h"

/* How far a CPU may be ahead of what the others see. */
#define BATCH_RECORDS	1024
#define BATCH_BYTES	(16 << 20)

int pk_traffic_totals_init(struct pk_traffic_totals *totals)
{
	int ret = percpu_counter_init(&totals->records, 0, GFP_KERNEL);

	return ret ?: percpu_counter_init(&totals->bytes, 0, GFP_KERNEL);
}

/* Counters that init did not get to are zero, which is fine. */
void pk_traffic_totals_destroy(struct pk_traffic_totals *totals)
{
	percpu_counter_destroy(&totals->records);
	percpu_counter_destroy(&totals->bytes);
}

void pk_traffic_totals_add(struct pk_traffic_totals *totals, unsigned int bytes)
{
	percpu_counter_add_batch(&totals->records, 1, BATCH_RECORDS);
	percpu_counter_add_batch(&totals->bytes, bytes, BATCH_BYTES);
}
EXPORT_SYMBOL_NS_GPL(pk_traffic_totals_add, PROTKEY);

static unsigned int key_type(unsigned int size)
{
	return size == 16 ? PROTKEY_KEY_AES_128 : PROTKEY_KEY_AES_256;
}

/* Enter the domain: from here on its lock destroys the key. */
static int traffic_enter(struct pk_traffic *t, struct pk_domain *d)
{
	const struct pk_slot *mk;
	int ret;

	mutex_lock(&d->lock);
	ret = d->deleted ? -ENODEV :
	      pk_domain_mk(d, d->mk[PROTKEY_MK_CURRENT].pattern, &mk, NULL);
	if (!ret && d->traffic_count >= d->quota.tls_keys)
		ret = -EDQUOT;
	if (!ret) {
		list_add(&t->list, &d->traffic);
		d->traffic_count++;
		t->domain = pk_domain_get(d);
	}
	mutex_unlock(&d->lock);
	return ret;
}

static void traffic_leave(struct pk_traffic *t)
{
	struct pk_domain *d = t->domain;

	mutex_lock(&d->lock);
	list_del(&t->list);
	d->traffic_count--;
	mutex_unlock(&d->lock);
	pk_domain_put(d);
}

struct pk_traffic *pk_traffic_import(struct pk_domain *d, const u8 *clear64,
				     unsigned int size)
{
	struct pk_traffic *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!t)
		return ERR_PTR(ret);
	t->slot = pk_slot_alloc();
	if (!t->slot)
		goto free;
	pk_slot_set_header(t->slot, key_type(size), size);
	/*
	 * Filled before it enters: a lock in between leaves a slot that nobody
	 * gets to see, one after it destroys the key.
	 */
	ret = pk_op_import(t->slot, clear64);
	if (ret)
		goto free_slot;
	ret = traffic_enter(t, d);
	if (ret)
		goto free_slot;
	return t;

free_slot:
	pk_slot_free(t->slot);
free:
	kfree(t);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_NS_GPL(pk_traffic_import, PROTKEY);

u32 pk_traffic_count(struct pk_domain *d)
{
	u32 count;

	mutex_lock(&d->lock);
	count = d->traffic_count;
	mutex_unlock(&d->lock);
	return count;
}
EXPORT_SYMBOL_NS_GPL(pk_traffic_count, PROTKEY);

/* Of keys whose slots are empty already: leaving the domain sleeps. */
static LLIST_HEAD(traffic_dead);

static void traffic_reap(struct work_struct *work)
{
	struct pk_traffic *t, *next;

	llist_for_each_entry_safe(t, next, llist_del_all(&traffic_dead), dead) {
		traffic_leave(t);
		pk_slot_free(t->slot);
		kfree(t);
	}
}

static DECLARE_WORK(traffic_reaper, traffic_reap);

void pk_traffic_free(struct pk_traffic *t)
{
	if (!t)
		return;
	pk_slot_invalidate(t->slot);
	pk_slot_wipe(t->slot);
	llist_add(&t->dead, &traffic_dead);
	schedule_work(&traffic_reaper);
}
EXPORT_SYMBOL_NS_GPL(pk_traffic_free, PROTKEY);

void pk_traffic_invalidate_all(struct pk_domain *d)
{
	struct pk_traffic *t;

	lockdep_assert_held(&d->lock);
	list_for_each_entry(t, &d->traffic, list)
		pk_slot_invalidate(t->slot);
}

void pk_traffic_wipe_all(struct pk_domain *d)
{
	struct pk_traffic *t;

	lockdep_assert_held(&d->lock);
	list_for_each_entry(t, &d->traffic, list)
		pk_slot_wipe(t->slot);
}

void pk_traffic_exit(void)
{
	flush_work(&traffic_reaper);
}
