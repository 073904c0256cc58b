// SPDX-License-Identifier: GPL-2.0-only
/* Tokens: see token.h. */

#include <crypto/algapi.h>
#include <linux/cred.h>
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/pid.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "aead.h"
#include "domain.h"
#include "roster.h"
#include "token.h"

static u8 token_magic[PK_TOKEN_MAX_SIZE / 2];

static DEFINE_SPINLOCK(token_lock);
static LIST_HEAD(tokens);		/* pending, the oldest first */
static DEFINE_HASHTABLE(by_bytes, 10);	/* the same */

/*
 * An open file that has made a token.  While there is one our driver is the first
 * choice for gcm(aes), so that a token that is used up or too old is refused by
 * us and not taken for a key by another driver; else we are the last choice, and
 * nobody pays for us.
 */
struct maker {
	struct list_head list;
	const void *file;
};

static LIST_HEAD(makers);

static atomic64_t stat_made, stat_taken, stat_expired, stat_refused;

static void token_expire(struct work_struct *work);
static DECLARE_DELAYED_WORK(token_expiry, token_expire);

bool pk_token_has_magic(const u8 *key, unsigned int len)
{
	return (len == 16 || len == 32) &&
	       !crypto_memneq(key, token_magic, len / 2);
}

bool pk_token_is_mine(const struct pk_token *t)
{
	return t->tgid == task_tgid(current) && uid_eq(t->uid, current_euid());
}

void pk_token_free(struct pk_token *t)
{
	unsigned int i;

	if (!t)
		return;
	pk_roster_leave(t);
	for (i = 0; i < ARRAY_SIZE(t->traffic); i++)
		pk_traffic_free(t->traffic[i]);
	put_pid(t->tgid);
	kfree(t);
}

/* Enter @file unless it is there; takes over @fresh.  Caller holds token_lock. */
static void enter_maker(struct maker *fresh, const void *file)
{
	struct maker *m;

	list_for_each_entry(m, &makers, list) {
		if (m->file == file) {
			kfree(fresh);
			return;
		}
	}
	fresh->file = file;
	list_add(&fresh->list, &makers);
	pk_ktls_aead_prefer(true);
}

static void drop_makers(const void *file)
{
	struct maker *m, *next;

	spin_lock_bh(&token_lock);
	list_for_each_entry_safe(m, next, &makers, list) {
		if (file && m->file != file)
			continue;
		list_del(&m->list);
		kfree(m);
	}
	pk_ktls_aead_prefer(!list_empty(&makers));
	spin_unlock_bh(&token_lock);
}

/* Of the random half: the magic of all is the same. */
static u32 bytes_hash(const u8 *bytes, unsigned int size)
{
	return jhash(bytes + size / 2, size / 2, 0);
}

/* These two: caller holds token_lock. */
static void enter_pending(struct pk_token *t)
{
	list_add_tail(&t->list, &tokens);
	hash_add(by_bytes, &t->by_bytes, bytes_hash(t->bytes, t->size));
	t->domain->tokens_pending++;
}

static void leave_pending(struct pk_token *t)
{
	list_del_init(&t->list);
	hash_del(&t->by_bytes);
	t->domain->tokens_pending--;
}

int pk_token_offer(struct pk_token *t, const void *file, unsigned int lifetime_ms,
		   u8 *bytes)
{
	struct maker *maker = kmalloc(sizeof(*maker), GFP_KERNEL);
	unsigned int half = t->size / 2;
	int ret;

	if (!maker)
		return -ENOMEM;
	t->domain = t->traffic[0]->domain;
	t->file = file;
	t->tgid = get_pid(task_tgid(current));
	t->uid = current_euid();
	memcpy(t->bytes, token_magic, half);
	get_random_bytes(t->bytes + half, half);
	t->made = ktime_get_boottime_seconds();
	/* before anybody can take it */
	memcpy(bytes, t->bytes, t->size);
	ret = pk_roster_enter(t);
	if (ret) {
		kfree(maker);
		return ret;
	}

	spin_lock_bh(&token_lock);
	if (t->domain->tokens_pending >= PK_TOKEN_MAX_PENDING) {
		ret = -ENOSPC;
		kfree(maker);
	} else {
		t->expires = jiffies + msecs_to_jiffies(lifetime_ms);
		enter_pending(t);
		enter_maker(maker, file);
		atomic64_inc(&stat_made);
	}
	spin_unlock_bh(&token_lock);
	if (!ret)
		mod_delayed_work(system_wq, &token_expiry, 0);
	return ret;
}

/* The pending token of these bytes.  Caller holds token_lock. */
static struct pk_token *find(const u8 *key, unsigned int len)
{
	struct pk_token *t;

	hash_for_each_possible(by_bytes, t, by_bytes, bytes_hash(key, len))
		if (t->size == len && !crypto_memneq(t->bytes, key, len))
			return t;
	return NULL;
}

struct pk_token *pk_token_take(const u8 *key, unsigned int len)
{
	struct pk_token *t;

	spin_lock_bh(&token_lock);
	t = find(key, len);
	if (t && (!pk_token_is_mine(t) || time_after(jiffies, t->expires)))
		t = NULL;
	if (t)
		leave_pending(t);
	spin_unlock_bh(&token_lock);
	atomic64_inc(t ? &stat_taken : &stat_refused);
	return t ?: ERR_PTR(-ENOKEY);
}

/* Move to @ended what is over.  Caller holds token_lock. */
static void collect(struct list_head *ended, bool expired_only, const void *file)
{
	struct pk_token *t, *next;

	list_for_each_entry_safe(t, next, &tokens, list) {
		if (expired_only && !time_after(jiffies, t->expires))
			continue;
		if (file && t->file != file)
			continue;
		leave_pending(t);
		list_add(&t->list, ended);
		atomic64_inc(&stat_expired);
	}
}

static void end_tokens(bool expired_only, const void *file)
{
	struct pk_token *t, *next;
	LIST_HEAD(ended);

	spin_lock_bh(&token_lock);
	collect(&ended, expired_only, file);
	spin_unlock_bh(&token_lock);
	list_for_each_entry_safe(t, next, &ended, list)
		pk_token_free(t);
}

void pk_token_drop(const void *file)
{
	end_tokens(false, file);
	drop_makers(file);
}

static void token_expire(struct work_struct *work)
{
	unsigned long next = 0;
	struct pk_token *t;

	end_tokens(true, NULL);
	spin_lock_bh(&token_lock);
	list_for_each_entry(t, &tokens, list)
		if (!next || time_before(t->expires, next))
			next = t->expires;
	spin_unlock_bh(&token_lock);
	if (next)
		mod_delayed_work(system_wq, &token_expiry,
				 max_t(long, next - jiffies, 0) + 1);
}

void pk_token_stat(const struct pk_domain *d, struct pk_token_stat *stat)
{
	stat->made = atomic64_read(&stat_made);
	stat->taken = atomic64_read(&stat_taken);
	stat->expired = atomic64_read(&stat_expired);
	stat->refused = atomic64_read(&stat_refused);
	spin_lock_bh(&token_lock);
	stat->pending = d->tokens_pending;
	spin_unlock_bh(&token_lock);
}

void pk_token_init(void)
{
	get_random_bytes(token_magic, sizeof(token_magic));
}

void pk_token_exit(void)
{
	pk_token_drop(NULL);
	cancel_delayed_work_sync(&token_expiry);
}
