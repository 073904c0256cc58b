// SPDX-License-Identifier: GPL-2.0-only
/* The roster: see roster.h. */

#include <linux/atomic.h>
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <linux/uidgid.h>
#include <linux/xarray.h>
#include <net/tls.h>

#include "arena.h"
#include "roster.h"
#include "token.h"
#include "uapi/protkey.h"

/* Tokens that one page looks at, of all domains, with interrupts off. */
#define MAX_STEPS	512

/* A cipher handle, and its token with it, may be freed in a softirq. */
static DEFINE_XARRAY_FLAGS(roster, XA_FLAGS_LOCK_IRQ);
static atomic_long_t last_id;

int pk_roster_enter(struct pk_token *t)
{
	t->id = atomic_long_inc_return(&last_id);
	return xa_err(xa_store_irq(&roster, t->id, t, GFP_KERNEL));
}

void pk_roster_leave(struct pk_token *t)
{
	unsigned long flags;

	if (!t->id)
		return;
	xa_lock_irqsave(&roster, flags);
	__xa_erase(&roster, t->id);
	xa_unlock_irqrestore(&roster, flags);
}

/* Nothing here waits for those who change it: a moment's answer. */
static u32 state(const struct pk_token *t)
{
	const struct pk_slot *slot;

	slot = t->traffic[READ_ONCE(t->record.generation)]->slot;
	if (!pk_slot_epoch(slot))
		return PROTKEY_KTLS_NO_KEY;
	if (!list_empty(&t->list))
		return PROTKEY_KTLS_PENDING;
	if (!READ_ONCE(t->confirmed))
		return PROTKEY_KTLS_SET;
	return READ_ONCE(t->record.ended) ? PROTKEY_KTLS_ENDED :
					    PROTKEY_KTLS_ACTIVE;
}

static void describe(const struct pk_token *t, struct protkey_ktls_entry *e)
{
	e->id = t->id;
	e->age = ktime_get_boottime_seconds() - t->made;
	e->records = atomic64_read(&t->records_before) +
		     atomic64_read(&t->records);
	e->bytes = atomic64_read(&t->plain);
	e->inode = READ_ONCE(t->inode);
	e->version = t->version;
	e->cipher = t->size == 16 ? TLS_CIPHER_AES_GCM_128 :
				    TLS_CIPHER_AES_GCM_256;
	e->direction = t->direction;
	e->kind = t->record.derived ? PROTKEY_KTLS_SECRET : PROTKEY_KTLS_KEY;
	e->state = state(t);
	e->updates = READ_ONCE(t->record.generation);
	e->pid = pid_nr_ns(t->tgid, task_active_pid_ns(current));
	e->uid = from_kuid_munged(current_user_ns(), t->uid);
}

void pk_roster_list(const struct pk_domain *d, u64 cursor,
		    struct protkey_ktls_list *list)
{
	XA_STATE(xas, &roster, cursor);
	unsigned int steps = 0;
	struct pk_token *t;

	xas_lock_irq(&xas);
	xas_for_each(&xas, t, ULONG_MAX) {
		if (list->count == PROTKEY_KTLS_LIST_MAX || steps++ == MAX_STEPS)
			break;
		if (t->domain == d)
			describe(t, &list->entries[list->count++]);
	}
	list->cursor = t ? xas.xa_index : 0;
	xas_unlock_irq(&xas);
}
