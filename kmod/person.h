/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Persons of a domain: what they know, and what their roles let them do.
 *
 * A person has a credential (of a passphrase, or random in a service's file) and, as a
 * rule, a secret for codes by RFC 6238.  The module keeps the secret under the master
 * key; the credential it knows by an HMAC under that secret, so that the sealed state
 * alone lets nobody guess passphrases.
 *
 * Caller holds d->lock, if nothing else is said.
 */
#ifndef PK_PERSON_H
#define PK_PERSON_H

#include "domain.h"

/* A name, known roles and factor, flags that go together; roles 0: to be removed. */
bool pk_person_act_valid(const struct protkey_person_act *act);

/* How a person comes into the state. */
struct pk_person_new {
	const struct protkey_person_act *act;
	const struct protkey_seal_params *params;
	const u8 *credential;
	const u8 *secret;		/* of the factor, zero padded to 64 bytes */
	u8 digits;
};

/*
 * Add a person, or, if one is there, enrol him anew with the roles of the act.  The
 * caller knows that he may.  -EBUSY, -ENOSPC: PROTKEY_IOC_PERSON_SET; errors of the
 * vault.
 */
int pk_person_enrol(struct pk_domain *d, const struct pk_person_new *new);
/* Only his roles; 0 removes him.  -ENOENT, -EBUSY, -ENOSPC. */
int pk_person_change(struct pk_domain *d, const char *name, u32 roles);

/* Wrap his secret, in a section of a copy, under @to instead of @from. */
int pk_person_rewrap(struct pk_domain *d, struct pk_section_person *person,
		     const struct pk_slot *from, const struct pk_slot *to);

/* Open his secret, which is wrapped under @mk, into @secret (64 bytes). */
int pk_person_secret(struct pk_domain *d, const struct pk_section_person *person,
		     const struct pk_slot *mk, struct pk_slot *secret);
/* What the state has of a credential, the first 32 bytes of @mac (64).  No lock. */
int pk_person_verifier(const struct pk_slot *secret, const u8 *credential, u8 *mac);

/* ---- log-in ---------------------------------------------------------------- */

/*
 * Is @login of a person of this domain, which is open: whose, and for wrong ones more
 * and more waiting.  Errors: PROTKEY_IOC_PERSON_LOGIN; @login gets roles and wait, and
 * its reserved field is set: it was looked at.
 */
int pk_person_verify(struct pk_domain *d, struct protkey_person_login *login,
		     struct pk_login *as);

/* The roles that a log-in has now, 0: none. */
u32 pk_person_roles(const struct pk_domain *d, const struct pk_login *login);

/*
 * May a domain that is being unlocked by a seal slot of @kind be so: without persons,
 * and by what no person holds; else by an operator.  @login may be NULL.  -EACCES, -EPERM
 * a wrong log-in, and other errors of pk_person_verify().
 */
int pk_person_may_unlock(struct pk_domain *d, unsigned int kind,
			 struct protkey_person_login *login);

/* An operator agrees; whether enough have. */
void pk_person_agree(struct pk_domain *d, const struct pk_login *login);
bool pk_person_agreed(const struct pk_domain *d);

/* Forget who failed and which codes were used: the module goes. */
void pk_person_exit(void);

/* ---- duties ---------------------------------------------------------------- */

struct pk_file;

/*
 * May this file do ioctl @cmd of the domain's node: takes and releases d->lock.
 * -EACCES, -ENOKEY.
 */
int pk_person_may(struct pk_file *f, unsigned int cmd);

#endif /* PK_PERSON_H */
