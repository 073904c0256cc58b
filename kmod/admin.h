/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signed administration: a domain that has administrators does certain acts only
 * when enough of them have signed.  The module writes the text to be signed, with a
 * fresh challenge in it, and keeps it in memory: nothing must be remembered across
 * restarts for a replay to be refused.
 *
 * Caller holds d->lock, if nothing else is said.
 */
#ifndef PK_ADMIN_H
#define PK_ADMIN_H

#include "domain.h"

#define PK_ADMIN_BODY	2048

/* Whether there is such a command: numbers come from user space. */
bool pk_command_known(u32 command);

/* An act in words: two that differ in anything have different words. */
struct pk_act {
	enum protkey_command command;
	char body[PK_ADMIN_BODY];
};

/*
 * @pattern: MK_*, NULL for that of NEW as it is now; @slot: SEAL_*; @detail: kind of
 * SEAL_ADD, flags of MK_SET.  Of commands that have no function of their own below.
 */
void pk_act_make(struct pk_act *act, enum protkey_command command,
		 const u8 *pattern, unsigned int slot, u32 detail);
void pk_act_quota(struct pk_act *act, const struct protkey_quota *quota);
void pk_act_person(struct pk_act *act, const struct protkey_person_act *person);

/* New administrators, with their certificates behind one another. */
struct pk_admins {
	unsigned int count;
	u8 thresholds[PROTKEY_CLASSES];
	const u8 *cert[PROTKEY_ADMINS_MAX];
	u32 size[PROTKEY_ADMINS_MAX];
};

/* -EINVAL, -EBADMSG, -EKEYREJECTED, -EKEYEXPIRED, -ENOPKG, -EEXIST: ADMIN_SET. */
int pk_admins_check(const struct pk_admins *admins);
int pk_act_admins(struct pk_act *act, const struct pk_admins *admins);
/* Make them the domain's. */
int pk_admins_set(struct pk_domain *d, const struct pk_admins *admins);

/* How many signatures a command wants. */
unsigned int pk_admin_needed(const struct pk_domain *d,
			     enum protkey_command command);

/* How many administrators the domain has; 0: a one-person domain. */
unsigned int pk_admin_count(const struct pk_domain *d);

/*
 * Whether @act may be done now: 0; -EPERM its class wants signatures and this very
 * act does not have enough.
 */
int pk_admin_may(struct pk_domain *d, const struct pk_act *act);
/*
 * The same for an act that a domain without administrators does by a KEK: errors of
 * pk_seal_authorise() too.
 */
int pk_admin_may_or_kek(struct pk_domain *d, const struct pk_act *act,
			unsigned int slot, const u8 *kek);
/* It was done: signatures are good once. */
void pk_admin_spent(struct pk_domain *d);

/*
 * Around an act, as pk_act_make() has it.  These take and release d->lock; begin:
 * -ENOKEY locked, -EPERM, -ENOMEM, and the lock is not taken; end: @ret of the act.
 */
int pk_admin_begin(struct pk_domain *d, enum protkey_command command,
		   const u8 *pattern, unsigned int slot, u32 detail);
void pk_admin_end(struct pk_domain *d, int ret);

/* Errors: PROTKEY_IOC_ADMIN_*. */
int pk_admin_request(struct pk_domain *d, const struct pk_act *act);
int pk_admin_sign(struct pk_domain *d, const void *signature, size_t size,
		  u8 *fingerprint);
void pk_admin_status(struct pk_domain *d, struct protkey_admin_status *status);

/* The request's text, or NULL. */
const char *pk_admin_text(const struct pk_domain *d, size_t *size);

#endif /* PK_ADMIN_H */
