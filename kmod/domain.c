// SPDX-License-Identifier: GPL-2.0-only
/* Domains: see domain.h. */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uuid.h>

#include "control.h"
#include "derive.h"
#include "domain.h"
#include "person.h"
#include "protkey.h"
#include "state.h"
#include "traffic.h"

/*
 * Who looks a domain up does so under RCU and waits for nobody.  The lock is of those
 * who add, remove or list, never held while a key is opened or a d->lock is
 * waited for (but for suspend); taken before a d->lock.
 */
#define TABLE_BITS	10

static DEFINE_MUTEX(domains_lock);
static LIST_HEAD(domains);		/* by age; under domains_lock */
static DEFINE_HASHTABLE(by_uuid, TABLE_BITS);
static DEFINE_HASHTABLE(by_name, TABLE_BITS);

/* ---- life --------------------------------------------------------------- */

static void domain_release(struct kref *ref)
{
	struct pk_domain *d = container_of(ref, struct pk_domain, ref);
	unsigned int i;

	for (i = 0; i < PK_MK_REGISTERS; i++)
		pk_slot_free(d->mk[i].slot);
	for (i = 0; i < ARRAY_SIZE(d->scratch); i++)
		pk_slot_free(d->scratch[i]);
	kvfree(d->sealed);
	kfree(d->request);
	pk_traffic_totals_destroy(&d->traffic_totals);
	kfree_rcu(d, rcu);
}

void pk_domain_put(struct pk_domain *d)
{
	kref_put(&d->ref, domain_release);
}

static struct pk_domain *domain_alloc(const char *name, const u8 *uuid)
{
	struct pk_domain *d = kzalloc(sizeof(*d), GFP_KERNEL);
	unsigned int i;

	if (!d)
		return NULL;
	kref_init(&d->ref);
	INIT_LIST_HEAD(&d->list);
	INIT_LIST_HEAD(&d->keys);
	hash_init(d->sessions);
	INIT_LIST_HEAD(&d->traffic);
	mutex_init(&d->lock);
	d->state = PROTKEY_DOMAIN_LOCKED;
	strscpy(d->name, name, sizeof(d->name));
	memcpy(d->uuid, uuid, sizeof(d->uuid));

	/* slots of its own: preparing a key then needs no memory */
	for (i = 0; i < PK_MK_REGISTERS; i++) {
		d->mk[i].slot = pk_slot_alloc();
		if (!d->mk[i].slot)
			goto put;
	}
	for (i = 0; i < ARRAY_SIZE(d->scratch); i++) {
		d->scratch[i] = pk_slot_alloc();
		if (!d->scratch[i])
			goto put;
	}
	if (pk_traffic_totals_init(&d->traffic_totals))
		goto put;
	return d;

put:
	pk_domain_put(d);
	return NULL;
}

/* ---- look-up ------------------------------------------------------------ */

static u32 uuid_hash(const u8 *uuid)
{
	return jhash(uuid, PROTKEY_UUID_SIZE, 0);
}

static u32 name_hash(const char *name)
{
	return jhash(name, strlen(name), 0);
}

/* These two: caller is in an RCU section or holds domains_lock. */
static struct pk_domain *find_uuid(const u8 *uuid)
{
	struct pk_domain *d;

	hash_for_each_possible_rcu(by_uuid, d, uuid_node, uuid_hash(uuid),
				   lockdep_is_held(&domains_lock))
		if (!memcmp(d->uuid, uuid, sizeof(d->uuid)))
			return d;
	return NULL;
}

static struct pk_domain *find_name(const char *name)
{
	struct pk_domain *d;

	hash_for_each_possible_rcu(by_name, d, name_node, name_hash(name),
				   lockdep_is_held(&domains_lock))
		if (!strcmp(d->name, name))
			return d;
	return NULL;
}

struct pk_domain *pk_domain_find(const char *name)
{
	struct pk_domain *d;

	rcu_read_lock();
	d = pk_domain_get_live(find_name(name));
	rcu_read_unlock();
	return d;
}

struct pk_domain *pk_domain_nth(unsigned int index)
{
	struct pk_domain *found = NULL, *d;

	mutex_lock(&domains_lock);
	list_for_each_entry(d, &domains, list) {
		if (!index--) {
			found = pk_domain_get(d);
			break;
		}
	}
	mutex_unlock(&domains_lock);
	return found;
}

/* Whoever opened it may have lost the role since. */
static bool session_good(const struct pk_domain *d, const struct pk_session *s)
{
	struct pk_login login = s->login;

	if (!d->persons)
		return true;
	login.tgid = s->tgid;
	return pk_person_roles(d, &login) & PROTKEY_ROLE_USER;
}

static bool has_session(struct pk_domain *d)
{
	struct pid *tgid = task_tgid(current);
	struct pk_session *s;
	bool found = false;

	mutex_lock(&d->lock);
	hash_for_each_possible(d->sessions, s, node, (unsigned long)tgid) {
		if (s->tgid == tgid && session_good(d, s)) {
			found = true;
			break;
		}
	}
	mutex_unlock(&d->lock);
	return found;
}

struct pk_domain *pk_domain_get_for_use(const u8 *uuid, bool *volume)
{
	/* dm-crypt's case; root of a container lacks it */
	bool admin = ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
	struct pk_domain *d;

	*volume = admin;
	rcu_read_lock();
	d = pk_domain_get_live(find_uuid(uuid));
	rcu_read_unlock();
	if (admin)
		return d ?: ERR_PTR(-ENOKEY);
	if (d && has_session(d))
		return d;
	if (d)
		pk_domain_put(d);
	return ERR_PTR(-EACCES);	/* whether it exists is not told */
}

/* ---- state -------------------------------------------------------------- */

bool pk_domain_unlocked(const struct pk_domain *d)
{
	const struct pk_slot *slot = d->mk[PROTKEY_MK_CURRENT].slot;

	return READ_ONCE(d->state) == PROTKEY_DOMAIN_ACTIVE && pk_vault_epoch() &&
	       pk_slot_epoch(slot) == pk_vault_epoch();
}

int pk_domain_mk(struct pk_domain *d, const u8 *pattern,
		 const struct pk_slot **mk, u32 *which)
{
	static const u8 empty[PROTKEY_PATTERN_SIZE];
	unsigned int i;

	lockdep_assert_held(&d->lock);
	if (!pk_domain_unlocked(d))
		return -ENOKEY;
	for (i = 0; i < PK_MK_REGISTERS; i++) {
		if (!memcmp(d->mk[i].pattern, empty, sizeof(empty)) ||
		    memcmp(d->mk[i].pattern, pattern, sizeof(empty)))
			continue;
		*mk = d->mk[i].slot;
		if (which)
			*which = i;
		return 0;
	}
	return -ESTALE;
}

int pk_domain_lock_unlocked(struct pk_domain *d)
{
	mutex_lock(&d->lock);
	if (pk_domain_unlocked(d))
		return 0;
	mutex_unlock(&d->lock);
	return -ENOKEY;
}

/*
 * Destroy every secret of the domain: there are none in another state.  Caller
 * holds d->lock.
 */
static void domain_wipe(struct pk_domain *d)
{
	struct pk_key *key;
	unsigned int i;

	if (d->state != PROTKEY_DOMAIN_ACTIVE)
		return;
	list_for_each_entry(key, &d->keys, list)
		pk_key_invalidate(key);
	pk_traffic_invalidate_all(d);
	for (i = 0; i < PK_MK_REGISTERS; i++)
		pk_slot_invalidate(d->mk[i].slot);
	synchronize_rcu();
	list_for_each_entry(key, &d->keys, list)
		pk_slot_wipe(key->slot);
	pk_traffic_wipe_all(d);
	for (i = 0; i < PK_MK_REGISTERS; i++)
		pk_slot_wipe(d->mk[i].slot);
	kfree(d->request);
	d->request = NULL;
	d->agreed = 0;
	WRITE_ONCE(d->state, PROTKEY_DOMAIN_LOCKED);
}

/* The end, whoever still refers to it.  Caller holds d->lock. */
static void domain_retire(struct pk_domain *d)
{
	domain_wipe(d);
	d->deleted = true;
	d->state = PROTKEY_DOMAIN_ZEROIZED;
}

int pk_domain_lock(struct pk_domain *d, bool force)
{
	int ret = 0;

	mutex_lock(&d->lock);
	if (d->deleted)
		ret = -ENODEV;
	else if (!pk_domain_unlocked(d))
		ret = -EALREADY;
	else if (d->volume_count && !force)
		ret = -EBUSY;
	else
		domain_wipe(d);
	mutex_unlock(&d->lock);
	return ret;
}

int pk_domains_lock_all(void)
{
	struct pk_domain *d;
	bool in_use = false;

	mutex_lock(&domains_lock);
	/* first look, so that as a rule nothing is locked when one vetoes */
	list_for_each_entry(d, &domains, list) {
		mutex_lock(&d->lock);
		in_use |= pk_domain_unlocked(d) && d->volume_count;
		mutex_unlock(&d->lock);
	}
	list_for_each_entry(d, &domains, list) {
		if (in_use)
			break;
		mutex_lock(&d->lock);
		in_use = pk_domain_unlocked(d) && d->volume_count;
		if (!in_use)
			domain_wipe(d);
		mutex_unlock(&d->lock);
	}
	mutex_unlock(&domains_lock);
	return in_use ? -EBUSY : 0;
}

/* Prepare the keys of open handles again.  Caller holds d->lock. */
static u32 domain_prepare_keys(struct pk_domain *d)
{
	struct pk_key *key;
	u32 prepared = 0;
	int ret;

	list_for_each_entry(key, &d->keys, list) {
		ret = pk_key_prepare(key);
		if (ret)
			pr_warn("domain '%s': a key of an open volume cannot be prepared: %d\n",
				d->name, ret);
		else
			prepared++;
	}
	return prepared;
}

/* ---- create, unlock, delete --------------------------------------------- */

/* The domain of this name and UUID, or NULL.  Caller holds domains_lock. */
static struct pk_domain *find_both(const char *name, const u8 *uuid)
{
	struct pk_domain *d = find_uuid(uuid);

	return d == find_name(name) ? d : ERR_PTR(-EEXIST);
}

static int add_locked(struct pk_domain *d)
{
	struct pk_domain *other = find_both(d->name, d->uuid);
	int ret;

	if (other)
		return IS_ERR(other) ? PTR_ERR(other) : -EALREADY;
	ret = pk_control_add(d);
	if (ret)
		return ret;
	pk_domain_get(d);
	list_add_tail(&d->list, &domains);
	hash_add_rcu(by_uuid, &d->uuid_node, uuid_hash(d->uuid));
	hash_add_rcu(by_name, &d->name_node, name_hash(d->name));
	return 0;
}

/* Make the node and enter the tables.  -EALREADY somebody else did just now. */
static int domain_publish(struct pk_domain *d)
{
	int ret;

	mutex_lock(&domains_lock);
	ret = add_locked(d);
	mutex_unlock(&domains_lock);
	if (ret) {
		/* somebody may have opened the node already */
		mutex_lock(&d->lock);
		domain_retire(d);
		mutex_unlock(&d->lock);
	}
	return ret;
}

static int make_mk(struct pk_domain *d)
{
	struct pk_mk *mk = &d->mk[PROTKEY_MK_CURRENT];
	int ret;

	pk_slot_set_header(mk->slot, PK_SLOT_MASTER_KEY, 32);
	ret = pk_op_generate(mk->slot, 32);
	if (ret)
		return ret;
	return pk_derive_pattern(mk->slot, PK_LABEL_MK_PATTERN, NULL, 0,
				 mk->pattern);
}

struct pk_domain *pk_domain_create(const char *name, const u8 *kek,
				   const struct protkey_seal_params *params)
{
	struct pk_domain *d;
	u8 uuid[UUID_SIZE];
	int ret;

	if (!pk_name_valid(name))
		return ERR_PTR(-EINVAL);
	ret = pk_vault_renew();
	if (ret)
		return ERR_PTR(ret);
	generate_random_uuid(uuid);
	d = domain_alloc(name, uuid);
	if (!d)
		return ERR_PTR(-ENOMEM);
	mutex_lock(&d->lock);
	ret = make_mk(d);
	if (!ret)
		ret = pk_state_create(d, kek, params);
	if (!ret)
		d->state = PROTKEY_DOMAIN_ACTIVE;
	mutex_unlock(&d->lock);
	if (!ret)
		ret = domain_publish(d);
	if (!ret)
		return d;
	pk_domain_put(d);
	return ERR_PTR(ret);
}

/* Caller holds d->lock. */
static int unlock_locked(struct pk_domain *d,
			 const struct pk_sealed_header *header,
			 unsigned int slot, const u8 *kek,
			 struct pk_unlock *by, u32 *prepared)
{
	const struct pk_section_seal *seal;
	int ret;

	if (pk_domain_unlocked(d))
		return -EALREADY;
	if (le64_to_cpu(header->generation) < d->generation)
		return -ESTALE;
	/* a state that somebody made with a key of his own */
	if (d->sealed && memcmp(header->pattern_current, d->sealed->pattern_current,
				sizeof(header->pattern_current)))
		return -EEXIST;
	/* after a loss of the vault the slots are stale but not wiped */
	domain_wipe(d);
	ret = pk_state_open(d, header, slot, kek, by->challenge);
	if (ret)
		return ret;
	d->state = PROTKEY_DOMAIN_ACTIVE;
	seal = pk_sealed_find_seal(d->sealed, slot);
	ret = pk_person_may_unlock(d, seal->params.kind, by->login);
	if (ret)
		domain_wipe(d);
	else
		*prepared = domain_prepare_keys(d);
	return ret;
}

/* With a reference; @known: it is in the tables. */
static struct pk_domain *known_or_new(const struct pk_sealed_header *header,
				      bool *known)
{
	struct pk_domain *d;

	mutex_lock(&domains_lock);
	d = find_both(header->name, header->uuid);
	*known = d;
	if (!IS_ERR_OR_NULL(d))
		pk_domain_get(d);
	mutex_unlock(&domains_lock);
	if (!d)
		d = domain_alloc(header->name, header->uuid);
	return d ?: ERR_PTR(-ENOMEM);
}

struct pk_domain *pk_domain_unlock(const void *state, size_t len,
				   unsigned int slot, const u8 *kek,
				   struct pk_unlock *by, u32 *prepared)
{
	const struct pk_sealed_header *header;
	struct pk_domain *d;
	bool known;
	int ret;

	ret = pk_sealed_parse(state, len, &header) ?: pk_vault_renew();
	if (ret)
		return ERR_PTR(ret);
	d = known_or_new(header, &known);
	if (IS_ERR(d))
		return d;
	mutex_lock(&d->lock);
	ret = d->deleted ? -ENODEV :
	      unlock_locked(d, header, slot, kek, by, prepared);
	mutex_unlock(&d->lock);
	if (!ret && !known)
		ret = domain_publish(d);
	if (!ret)
		return d;
	pk_domain_put(d);
	return ERR_PTR(ret);
}

int pk_domain_delete(struct pk_domain *d, bool force)
{
	int ret = 0;

	mutex_lock(&d->lock);
	if (d->deleted)
		ret = -ENODEV;
	else if (d->volume_count && !force)
		ret = -EBUSY;
	else
		domain_retire(d);
	mutex_unlock(&d->lock);
	if (ret)
		return ret;
	mutex_lock(&domains_lock);
	list_del_init(&d->list);
	hash_del_rcu(&d->uuid_node);
	hash_del_rcu(&d->name_node);
	pk_control_remove(d);
	mutex_unlock(&domains_lock);
	pk_domain_put(d);
	return 0;
}

void pk_domains_exit(void)
{
	struct pk_domain *d, *next;

	/* no handle and no file is open any more: nobody else is here */
	list_for_each_entry_safe(d, next, &domains, list)
		WARN_ON(pk_domain_delete(d, false));
}

/* ---- what there is to know ---------------------------------------------- */

void pk_domain_info(struct pk_domain *d, struct protkey_domain_info *info)
{
	memset(info, 0, sizeof(*info));
	mutex_lock(&d->lock);
	memcpy(info->name, d->name, sizeof(info->name));
	memcpy(info->uuid, d->uuid, sizeof(info->uuid));
	memcpy(info->pattern_current, d->mk[PROTKEY_MK_CURRENT].pattern,
	       sizeof(info->pattern_current));
	memcpy(info->pattern_old, d->mk[PROTKEY_MK_OLD].pattern,
	       sizeof(info->pattern_old));
	memcpy(info->pattern_new, d->mk[PROTKEY_MK_NEW].pattern,
	       sizeof(info->pattern_new));
	info->state = d->state;
	if (d->state == PROTKEY_DOMAIN_ACTIVE && !pk_domain_unlocked(d))
		info->state = PROTKEY_DOMAIN_LOCKED;
	if (d->sealed)
		info->flags = le16_to_cpu(d->sealed->flags) |
			      (d->persons ? PROTKEY_DOMAIN_PERSONS : 0) |
			      (pk_sealed_find_measured(d->sealed) ?
			       PROTKEY_DOMAIN_MEASURED : 0);
	info->generation = d->generation;
	info->keys = d->volume_count;
	info->volumes = pk_state_volumes(d);
	info->sessions = d->session_count;
	info->keys_set = d->key_count;
	info->tls_keys = d->traffic_count;
	info->quota = d->quota;
	mutex_unlock(&d->lock);
}

/* Nobody is waited for: a domain may be at a long unlock. */
void pk_domains_stat(struct pk_domains_stat *stat)
{
	struct pk_domain *d;

	memset(stat, 0, sizeof(*stat));
	mutex_lock(&domains_lock);
	list_for_each_entry(d, &domains, list) {
		stat->domains++;
		if (pk_domain_unlocked(d)) {
			stat->unlocked++;
			stat->keys += READ_ONCE(d->key_count);
		}
	}
	mutex_unlock(&domains_lock);
}

/* ---- sessions ----------------------------------------------------------- */

int pk_session_open(struct pk_domain *d, const struct pk_login *login,
		    struct pk_session **session)
{
	struct pk_session *s = kzalloc(sizeof(*s), GFP_KERNEL);
	int ret = 0;

	if (!s)
		return -ENOMEM;
	s->tgid = get_pid(task_tgid(current));
	s->login = *login;
	s->login.tgid = NULL;
	mutex_lock(&d->lock);
	if (d->deleted)
		ret = -ENODEV;
	else if (!pk_domain_unlocked(d))
		ret = -ENOKEY;
	else if (d->session_count >= d->quota.sessions)
		ret = -EDQUOT;
	if (!ret) {
		hash_add(d->sessions, &s->node, (unsigned long)s->tgid);
		d->session_count++;
		*session = s;
	}
	mutex_unlock(&d->lock);
	if (ret) {
		put_pid(s->tgid);
		kfree(s);
	}
	return ret;
}

void pk_session_close(struct pk_domain *d, struct pk_session *s)
{
	mutex_lock(&d->lock);
	hash_del(&s->node);
	d->session_count--;
	mutex_unlock(&d->lock);
	put_pid(s->tgid);
	kfree(s);
}
