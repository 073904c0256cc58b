// SPDX-License-Identifier: GPL-2.0-only
/* The audit log: see audit.h and Documentation/audit.md. */

#include <crypto/algapi.h>
#include <crypto/sha2.h>
#include <linux/audit.h>
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/ratelimit.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "audit.h"
#include "control.h"
#include "derive.h"
#include "domain.h"
#include "state.h"

#define KEPT		4096	/* entries, a power of two: 1.3 MB */
#define VAULT_DELAY	(60 * HZ)
#define VERIFY_MAX	(1U << 20)

/* All of an entry that the tag is over. */
#define TAGGED		offsetof(struct protkey_audit_entry, tag)

static DEFINE_MUTEX(audit_lock);
static struct protkey_audit_entry *kept;	/* a ring */
static u64 last;				/* sequence of the newest entry */
static u8 segment[PROTKEY_UUID_SIZE];		/* this load of the module */
static u8 head[PROTKEY_AUDIT_HASH_SIZE];	/* of the newest entry */
static struct pk_slot *key, *next_key;		/* of the next entry; room */
static u32 left_out;				/* since the newest entry */
/* A domain's users may fail as often as they like: they must not push others out. */
static DEFINE_RATELIMIT_STATE(refusals, 600 * HZ, 60);

static struct protkey_audit_entry *entry_at(u64 sequence)
{
	return &kept[sequence & (KEPT - 1)];
}

static u64 first(void)
{
	return last > KEPT ? last - KEPT + 1 : 1;
}

/* ---- the key -------------------------------------------------------------- */

static bool has_key(void)
{
	return pk_vault_epoch() && pk_slot_epoch(key) == pk_vault_epoch();
}

static void forget_key(void)
{
	pk_state_scratch_done(key);
}

static int make_key(void)
{
	/* after a loss of the vault it is stale, but not wiped */
	forget_key();
	pk_slot_set_header(key, PK_SLOT_MAC_KEY, 32);
	return pk_op_generate(key, 32);
}

/* @at := the one after that in @at, with @room; that is gone. */
static int evolve(struct pk_slot **at, struct pk_slot **room)
{
	struct pk_slot *old = *at;
	int ret;

	pk_slot_set_header(*room, PK_SLOT_MAC_KEY, 32);
	ret = pk_derive_key(old, PK_LABEL_AUDIT_NEXT, NULL, 0, *room);
	pk_state_scratch_done(old);
	if (!ret) {
		*at = *room;
		*room = old;
	}
	return ret;
}

/* Context of the key that wraps an entry's. */
struct wrap_context {
	u8 uuid[PROTKEY_UUID_SIZE];
	u8 segment[PROTKEY_UUID_SIZE];
	__le64 sequence;
};

/* d->scratch[0] := what wraps the key of entry @e for @d.  Caller holds d->lock. */
static int wrapping_key(struct pk_domain *d, const struct pk_slot *mk,
			const struct protkey_audit_entry *e)
{
	struct wrap_context context = { .sequence = cpu_to_le64(e->sequence) };

	memcpy(context.uuid, d->uuid, sizeof(context.uuid));
	memcpy(context.segment, e->segment, sizeof(context.segment));
	pk_slot_set_header(d->scratch[0], PK_SLOT_WRAPPING_KEY, 32);
	return pk_derive_key(mk, PK_LABEL_AUDIT, &context, sizeof(context),
			     d->scratch[0]);
}

/* Put the key of the entry into it, made if there is none yet. */
static int add_key(struct protkey_audit_entry *e, struct pk_domain *d)
{
	int ret = has_key() ? 0 : make_key();

	if (!ret)
		ret = pk_domain_lock_unlocked(d);
	if (ret)
		return ret;
	ret = wrapping_key(d, d->mk[PROTKEY_MK_CURRENT].slot, e);
	if (!ret)
		ret = pk_op_wrap(d->scratch[0], key, e->wrapped);
	pk_state_scratch_done(d->scratch[0]);
	scnprintf(e->text, sizeof(e->text), "master key %*phN",
		  PROTKEY_PATTERN_SIZE, d->mk[PROTKEY_MK_CURRENT].pattern);
	mutex_unlock(&d->lock);
	return ret;
}

/* ---- entries -------------------------------------------------------------- */

static void fill(struct protkey_audit_entry *e, u32 event, const char *domain,
		 long result)
{
	memset(e, 0, sizeof(*e));
	memcpy(e->segment, segment, sizeof(segment));
	e->sequence = last + 1;
	e->time = ktime_get_real_ns();
	e->uptime = ktime_get_boottime_ns();
	e->event = event;
	e->result = result;
	e->uid = from_kuid(&init_user_ns, current_uid());
	e->pid = task_tgid_nr(current);
	get_task_comm(e->process, current);
	strscpy(e->domain, domain, sizeof(e->domain));
	e->left_out = left_out;
	memcpy(e->previous, head, sizeof(head));
}

static void tag(struct protkey_audit_entry *e)
{
	if (!has_key())
		return;
	e->flags |= PROTKEY_AUDIT_TAGGED;
	if (!pk_derive_mac(key, e, TAGGED, e->tag) && !evolve(&key, &next_key))
		return;
	e->flags &= ~PROTKEY_AUDIT_TAGGED;
	memset(e->tag, 0, sizeof(e->tag));
	forget_key();
}

/* The kernel's own audit system, where somebody listens. */
static void tell_kernel(const struct protkey_audit_entry *e)
{
	if (audit_enabled == AUDIT_OFF)
		return;
	/* which must not wait for a daemon that waits for us */
	audit_log(audit_context(), GFP_NOWAIT, AUDIT_KERNEL_OTHER,
		  "op=protkey-%s domain=%s sequence=%llu info=\"%s\" errno=%d res=%d",
		  pk_audit_name(e->event), e->domain[0] ? e->domain : "?",
		  e->sequence, e->text, -e->result, !e->result);
}

/* Caller holds audit_lock and has filled @e. */
static void append(struct protkey_audit_entry *e)
{
	tag(e);
	*entry_at(e->sequence) = *e;
	sha256((const u8 *)e, sizeof(*e), head);
	last = e->sequence;
	left_out = 0;
}

/*
 * The file system under the page cache may be suspended until a domain is unlocked,
 * which must not wait for who holds this lock and waits for memory.
 */
static bool begin(unsigned int *noio)
{
	*noio = memalloc_noio_save();
	mutex_lock(&audit_lock);
	if (kept)
		return true;
	mutex_unlock(&audit_lock);
	memalloc_noio_restore(*noio);
	return false;
}

/* @e: what was appended, or NULL. */
static void end(unsigned int noio, const struct protkey_audit_entry *e)
{
	mutex_unlock(&audit_lock);
	memalloc_noio_restore(noio);
	if (e)
		tell_kernel(e);
}

/* What the owner of a node can repeat at will, and so push all else out. */
static bool may_flood(enum protkey_audit_event event, long result)
{
	return result || event == PROTKEY_AUDIT_LOGIN || event == PROTKEY_AUDIT_AGREE ||
	       event == PROTKEY_AUDIT_PERSON_SET || event == PROTKEY_AUDIT_VOLUME_PIN;
}

long pk_audit(enum protkey_audit_event event, const char *domain, long result,
	      const char *fmt, ...)
{
	struct protkey_audit_entry e;
	unsigned int noio;
	va_list args;

	if (!begin(&noio))
		return result;
	if (may_flood(event, result) && !pk_may_administer() &&
	    !__ratelimit(&refusals)) {
		left_out++;
		end(noio, NULL);
		return result;
	}
	fill(&e, event, domain, result);
	va_start(args, fmt);
	vscnprintf(e.text, sizeof(e.text), fmt, args);
	va_end(args);
	append(&e);
	end(noio, &e);
	return result;
}

void pk_audit_unlocked(enum protkey_audit_event event, struct pk_domain *d)
{
	struct protkey_audit_entry e;
	unsigned int noio;

	if (!begin(&noio))
		return;
	fill(&e, event, d->name, 0);
	if (add_key(&e, d))
		memset(e.wrapped, 0, sizeof(e.wrapped));
	else
		e.flags |= PROTKEY_AUDIT_KEY;
	append(&e);
	end(noio, &e);
}

/* ---- the vault ------------------------------------------------------------ */

static u64 vault_losses, vault_repairs, vault_mismatches;

static void note_vault(struct work_struct *work)
{
	struct pk_vault_stat now;

	pk_vault_stat(&now);
	pk_audit(PROTKEY_AUDIT_VAULT, "", now.losses > vault_losses ? -ENOKEY : 0,
		 "%llu mismatches, %llu CPUs repaired, %llu losses",
		 now.mismatches - vault_mismatches,
		 now.repairs - vault_repairs, now.losses - vault_losses);
	vault_losses = now.losses;
	vault_repairs = now.repairs;
	vault_mismatches = now.mismatches;
}

static DECLARE_DELAYED_WORK(vault_work, note_vault);

/* Beside KVM repairs can be frequent. */
void pk_audit_vault(bool lost)
{
	if (!READ_ONCE(kept))
		return;
	if (lost)
		mod_delayed_work(system_wq, &vault_work, 0);
	else
		schedule_delayed_work(&vault_work, VAULT_DELAY);
}

/* ---- reading -------------------------------------------------------------- */

/* Those of one domain, or, without, all of them. */
static u32 copy_entries(const struct protkey_audit_read *req, const char *domain,
			u64 from)
{
	void __user *to = u64_to_user_ptr(req->entries_ptr);
	struct protkey_audit_entry *e = kmalloc(sizeof(*e), GFP_KERNEL);
	u32 count = 0;

	for (; e && count < req->room; from++) {
		bool there;

		/* no user page is touched under the lock */
		mutex_lock(&audit_lock);
		there = from >= first() && from <= last;
		if (there)
			*e = *entry_at(from);
		mutex_unlock(&audit_lock);
		if (!there)
			break;
		if (domain && strcmp(e->domain, domain))
			continue;
		if (copy_to_user(to + count * sizeof(*e), e, sizeof(*e)))
			break;
		count++;
	}
	kfree(e);
	return count;
}

long pk_ioctl_audit_read(const char *domain, void __user *arg)
{
	struct protkey_audit_read req;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	mutex_lock(&audit_lock);
	req.first = first();
	req.last = last;
	memcpy(req.segment, segment, sizeof(segment));
	memcpy(req.head, head, sizeof(head));
	mutex_unlock(&audit_lock);
	req.count = copy_entries(&req, domain, max(req.after + 1, req.first));
	return copy_to_user(arg, &req, sizeof(req)) ? -EFAULT : 0;
}

static bool printable(const char *text)
{
	for (; *text; text++)
		if (!isascii(*text) || !isprint(*text) || *text == '"')
			return false;
	return true;
}

long pk_ioctl_audit_note(void __user *arg)
{
	struct protkey_audit_note req;
	struct protkey_audit_entry e;
	unsigned int noio;

	if (!pk_may_administer())
		return -EACCES;
	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.reserved || (req.event != PROTKEY_AUDIT_CHECKPOINT &&
			     req.event != PROTKEY_AUDIT_NOTE) ||
	    strnlen(req.text, sizeof(req.text)) == sizeof(req.text) ||
	    !printable(req.text))
		return -EINVAL;
	if (!begin(&noio))
		return -ENODEV;
	fill(&e, req.event, "", 0);
	strscpy(e.text, req.text, sizeof(e.text));
	append(&e);
	req.sequence = e.sequence;
	memcpy(req.segment, segment, sizeof(segment));
	memcpy(req.head, head, sizeof(head));
	end(noio, &e);
	return copy_to_user(arg, &req, sizeof(req)) ? -EFAULT : 0;
}

/* ---- verifying ------------------------------------------------------------ */

struct verifier {
	struct pk_slot *key, *room;
	u8 tag[PROTKEY_AUDIT_TAG_SIZE];
};

/* The key of the entry that @d had put into it, under CURRENT or OLD. */
static int open_key(struct verifier *v, struct pk_domain *d,
		    const struct protkey_audit_entry *e)
{
	static const unsigned int registers[] = {
		PROTKEY_MK_CURRENT, PROTKEY_MK_OLD };
	unsigned int i;
	int ret;

	if (!(e->flags & PROTKEY_AUDIT_KEY) || strncmp(e->domain, d->name,
						       sizeof(e->domain)))
		return -EINVAL;
	ret = pk_domain_lock_unlocked(d);
	if (ret)
		return ret;
	ret = -EKEYREJECTED;
	for (i = 0; ret == -EKEYREJECTED && i < ARRAY_SIZE(registers); i++) {
		const struct pk_mk *mk = &d->mk[registers[i]];

		if (!memchr_inv(mk->pattern, 0, sizeof(mk->pattern)))
			continue;
		ret = wrapping_key(d, mk->slot, e);
		pk_slot_set_header(v->key, PK_SLOT_MAC_KEY, 32);
		if (!ret)
			ret = pk_op_unwrap(d->scratch[0], v->key, e->wrapped);
		pk_state_scratch_done(d->scratch[0]);
	}
	mutex_unlock(&d->lock);
	return ret;
}

static int verify_entry(struct verifier *v, const struct protkey_audit_entry *e)
{
	int ret = pk_derive_mac(v->key, e, TAGGED, v->tag);

	if (!ret && crypto_memneq(v->tag, e->tag, sizeof(v->tag)))
		ret = -EBADMSG;
	return ret ?: evolve(&v->key, &v->room);
}

static int verify(struct verifier *v, struct pk_domain *d,
		  struct protkey_audit_verify *req)
{
	struct protkey_audit_entry *e = kmalloc(sizeof(*e), GFP_KERNEL);
	const void __user *from = u64_to_user_ptr(req->entries_ptr);
	int ret = e ? 0 : -ENOMEM;

	for (req->verified = 0; !ret && req->verified < req->count;) {
		if (copy_from_user(e, from + req->verified * sizeof(*e), sizeof(*e)))
			ret = -EFAULT;
		if (!ret && !req->verified)
			ret = open_key(v, d, e);
		/* since then the vault was lost, or the machine slept */
		if (!ret && !(e->flags & PROTKEY_AUDIT_TAGGED))
			break;
		if (!ret)
			ret = verify_entry(v, e);
		if (!ret)
			req->verified++;
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
		cond_resched();
	}
	kfree(e);
	return ret;
}

long pk_ioctl_audit_verify(struct pk_domain *d, void __user *arg)
{
	struct protkey_audit_verify req;
	struct verifier v;
	long ret = -ENOMEM;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (!req.count || req.count > VERIFY_MAX || req.verified)
		return -EINVAL;
	v.key = pk_slot_alloc();
	v.room = pk_slot_alloc();
	if (v.key && v.room) {
		ret = verify(&v, d, &req);
		pk_state_scratch_done(v.key);
		pk_state_scratch_done(v.room);
	}
	pk_slot_free(v.key);
	pk_slot_free(v.room);
	if ((!ret || ret == -EBADMSG) && copy_to_user(arg, &req, sizeof(req)))
		ret = -EFAULT;
	return ret;
}

/* ---- life ----------------------------------------------------------------- */

int pk_audit_init(void)
{
	struct protkey_audit_entry *ring = kvcalloc(KEPT, sizeof(*ring), GFP_KERNEL);

	BUILD_BUG_ON(sizeof(struct protkey_audit_entry) != 328);
	key = pk_slot_alloc();
	next_key = pk_slot_alloc();
	if (!ring || !key || !next_key) {
		pk_slot_free(key);
		pk_slot_free(next_key);
		kvfree(ring);
		return -ENOMEM;
	}
	get_random_bytes(segment, sizeof(segment));
	WRITE_ONCE(kept, ring);
	pk_audit(PROTKEY_AUDIT_START, "", 0, "boot %pUb%s",
		 segment, IS_ENABLED(PK_LEAKTEST) ? ", TEST BUILD" : "");
	return 0;
}

void pk_audit_exit(void)
{
	struct protkey_audit_entry *ring;

	pk_audit(PROTKEY_AUDIT_STOP, "", 0, "%s", "");
	mutex_lock(&audit_lock);
	ring = kept;
	WRITE_ONCE(kept, NULL);
	mutex_unlock(&audit_lock);
	cancel_delayed_work_sync(&vault_work);
	forget_key();
	pk_slot_free(key);
	pk_slot_free(next_key);
	kvfree(ring);
}
