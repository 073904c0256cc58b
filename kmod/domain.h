/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains: each has its own master key; a key of one is useless in another.
 *
 * Two lifetimes: the struct lives while anybody refers to it (pk_domain_get,
 * pk_domain_put), the secrets live while the domain is unlocked.  Locking
 * destroys the secrets under everybody's feet: a slot that is no longer valid
 * fails its test inside the section.
 *
 * State machine: Documentation/domains.md.
 */
#ifndef PK_DOMAIN_H
#define PK_DOMAIN_H

#include <linux/hashtable.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>

#include "sealed.h"
#include "traffic.h"
#include "vault.h"

/* Types of slots that hold no user key; beyond enum protkey_key_type. */
#define PK_SLOT_MASTER_KEY	0x100
#define PK_SLOT_KEK		0x101
#define PK_SLOT_WRAPPING_KEY	0x102
#define PK_SLOT_MAC_KEY		0x103
#define PK_SLOT_PERSON		0x104

#define PK_MK_REGISTERS		3	/* enum protkey_mk_register */
#define PK_SESSION_BITS		6	/* setkey looks for the caller's */

/* Who logged in on a file: see person.h. */
struct pk_login {
	char name[PROTKEY_NAME_SIZE];
	__le64 id;		/* of the enrolment; 0: nobody */
	u32 number;
	bool service;		/* without second factor */
	struct pid *tgid;	/* with a reference: this process alone */
};

struct pk_mk {
	struct pk_slot *slot;
	u8 pattern[PROTKEY_PATTERN_SIZE];	/* zero: empty register */
};

struct pk_domain {
	struct kref ref;
	struct rcu_head rcu;
	struct list_head list;		/* these three under domains_lock */
	struct hlist_node uuid_node, name_node;
	char name[PROTKEY_NAME_SIZE];	/* constant */
	u8 uuid[PROTKEY_UUID_SIZE];	/* constant */
	unsigned int minor;
	struct pk_traffic_totals traffic_totals;	/* needs no lock */
	unsigned int tokens_pending;	/* under protkey-ktls' lock */

	struct mutex lock;		/* everything below */
	enum protkey_domain_state state;
	bool deleted;
	struct pk_mk mk[PK_MK_REGISTERS];
	struct pk_slot *scratch[2];
	struct pk_sealed_header *sealed;	/* authenticated; kvmalloc */
	struct pk_request *request;	/* that administrators sign, or NULL; kmalloc */
	u64 generation;			/* newest seen, across locks */
	u32 agreed;			/* operators, a bit each, and until when */
	u64 agreed_until;
	struct protkey_quota quota;	/* the state's */
	bool persons;			/* it has some: looked at in every call */
	struct list_head keys;		/* struct pk_key */
	unsigned int key_count;		/* all of them */
	unsigned int volume_count;	/* those that are no session's */
	DECLARE_HASHTABLE(sessions, PK_SESSION_BITS);	/* by tgid */
	unsigned int session_count;
	struct list_head traffic;	/* struct pk_traffic */
	unsigned int traffic_count;
};

struct pk_challenge;

/* A process that may set keys of the domain; see PROTKEY_IOC_SESSION_OPEN. */
struct pk_session {
	struct hlist_node node;
	struct pid *tgid;
	struct pk_login login;		/* in a domain with persons; its tgid unused */
};

static inline struct pk_domain *pk_domain_get(struct pk_domain *d)
{
	kref_get(&d->ref);
	return d;
}
/* Of what a look-up under RCU found: it may be about to go.  NULL then. */
static inline struct pk_domain *pk_domain_get_live(struct pk_domain *d)
{
	return d && kref_get_unless_zero(&d->ref) ? d : NULL;
}
void pk_domain_put(struct pk_domain *d);

/* With a reference, or NULL. */
struct pk_domain *pk_domain_find(const char *name);
/* The @index-th by age, with a reference; NULL past the last. */
struct pk_domain *pk_domain_nth(unsigned int index);

/*
 * The domain of a key that current wants to set: -EACCES without
 * CAP_SYS_ADMIN in the initial user namespace or a session of this process,
 * -ENOKEY unknown domain.  @volume: by the capability, which is dm-crypt's case;
 * only such handles count as open volumes.
 */
struct pk_domain *pk_domain_get_for_use(const u8 *uuid, bool *volume);

/*
 * The master key register with @pattern; @which may be NULL.  Caller holds
 * d->lock.  -ENOKEY locked (also by loss of the vault), -ESTALE no such.
 */
int pk_domain_mk(struct pk_domain *d, const u8 *pattern,
		 const struct pk_slot **mk, u32 *which);

/*
 * A lost vault has locked every domain.  Caller holds d->lock, or wants a moment's
 * answer.
 */
bool pk_domain_unlocked(const struct pk_domain *d);

/*
 * Take d->lock of a domain that is unlocked: only its state is known to be
 * authentic.  -ENOKEY, and the lock is not taken.
 */
int pk_domain_lock_unlocked(struct pk_domain *d);

/*
 * Make a domain with a new master key sealed under @kek.  With a reference.
 * Errors: PROTKEY_IOC_DOMAIN_CREATE.
 */
struct pk_domain *pk_domain_create(const char *name, const u8 *kek,
				   const struct protkey_seal_params *params);

/* What an unlock rests on besides the KEK; both may be NULL. */
struct pk_unlock {
	struct protkey_person_login *login;	/* an operator's */
	struct pk_challenge *challenge;		/* for pk_measured_judge() */
};

/* Errors: PROTKEY_IOC_DOMAIN_UNLOCK.  With a reference. */
struct pk_domain *pk_domain_unlock(const void *state, size_t len,
				   unsigned int slot, const u8 *kek,
				   struct pk_unlock *by, u32 *prepared);

/* -EALREADY; -EBUSY open volumes and not @force; -ENODEV deleted. */
int pk_domain_lock(struct pk_domain *d, bool force);

/* Lock and forget.  -EBUSY open volumes and not @force. */
int pk_domain_delete(struct pk_domain *d, bool force);

/* Lock all domains; -EBUSY, at the first that is unlocked with open volumes. */
int pk_domains_lock_all(void);

void pk_domain_info(struct pk_domain *d, struct protkey_domain_info *info);

struct pk_domains_stat {
	u32 domains;
	u32 unlocked;
	u64 keys;
};
void pk_domains_stat(struct pk_domains_stat *stat);

int pk_session_open(struct pk_domain *d, const struct pk_login *login,
		    struct pk_session **session);
void pk_session_close(struct pk_domain *d, struct pk_session *session);

void pk_domains_exit(void);

#endif /* PK_DOMAIN_H */
