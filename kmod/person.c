// SPDX-License-Identifier: GPL-2.0-only
/* Persons in the sealed state, and their duties: see person.h. */

#include <linux/pid.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "audit.h"
#include "control.h"
#include "derive.h"
#include "person.h"
#include "state.h"

/* ---- secrets --------------------------------------------------------------- */

struct secret_context {
	u8 uuid[PROTKEY_UUID_SIZE];
	u8 name[PROTKEY_NAME_SIZE];
	__le64 id;
};

/* scratch[0] := key that wraps the person's secret under @mk. */
static int secret_key(struct pk_domain *d, const struct pk_section_person *person,
		      const struct pk_slot *mk)
{
	struct secret_context context = { .id = person->id };

	BUILD_BUG_ON(sizeof(context) != 56);
	memcpy(context.uuid, d->uuid, sizeof(context.uuid));
	memcpy(context.name, person->name, sizeof(context.name));
	pk_slot_set_header(d->scratch[0], PK_SLOT_WRAPPING_KEY, 32);
	return pk_derive_key(mk, PK_LABEL_PERSON, &context, sizeof(context),
			     d->scratch[0]);
}

int pk_person_secret(struct pk_domain *d, const struct pk_section_person *person,
		     const struct pk_slot *mk, struct pk_slot *secret)
{
	int ret = secret_key(d, person, mk);

	pk_slot_set_header(secret, PK_SLOT_PERSON, 64);
	if (!ret)
		ret = pk_op_unwrap(d->scratch[0], secret, person->wrapped);
	pk_state_scratch_done(d->scratch[0]);
	return ret;
}

static int secret_wrap(struct pk_domain *d, struct pk_section_person *person,
		       const struct pk_slot *mk, const struct pk_slot *secret)
{
	int ret = secret_key(d, person, mk);

	if (!ret)
		ret = pk_op_wrap(d->scratch[0], secret, person->wrapped);
	pk_state_scratch_done(d->scratch[0]);
	return ret;
}

int pk_person_rewrap(struct pk_domain *d, struct pk_section_person *person,
		     const struct pk_slot *from, const struct pk_slot *to)
{
	struct pk_slot *secret = d->scratch[1];
	int ret = pk_person_secret(d, person, from, secret);

	if (!ret)
		ret = secret_wrap(d, person, to, secret);
	pk_state_scratch_done(secret);
	return ret;
}

int pk_person_verifier(const struct pk_slot *secret, const u8 *credential, u8 *mac)
{
	/* 48 bytes: no code of RFC 6238 is made of a message of this length */
	static const char label[] = "protkey login v1";
	u8 message[sizeof(label) - 1 + PROTKEY_CREDENTIAL_SIZE];
	int ret;

	BUILD_BUG_ON(sizeof(message) != 48);
	memcpy(message, label, sizeof(label) - 1);
	memcpy(message + sizeof(label) - 1, credential, PROTKEY_CREDENTIAL_SIZE);
	ret = pk_op_hmac(secret, PK_HASH_SHA256, message, sizeof(message), mac);
	memzero_explicit(message, sizeof(message));
	return ret;
}

/* ---- in the state ---------------------------------------------------------- */

bool pk_person_act_valid(const struct protkey_person_act *act)
{
	bool keep = act->flags & PROTKEY_PERSON_KEEP;
	bool own = act->flags & PROTKEY_PERSON_OWN;

	return pk_name_valid(act->name) && !(act->roles >> PROTKEY_ROLES) &&
	       act->factor <= PROTKEY_FACTOR_TOTP_SHA256 &&
	       !(act->flags & ~(PROTKEY_PERSON_KEEP | PROTKEY_PERSON_OWN)) &&
	       !(keep && (own || act->factor)) && (act->roles || !act->factor);
}

/* The lowest number that is nobody's: who loaded a part of NEW keeps his. */
static int free_number(const struct pk_domain *d)
{
	const struct pk_section_register *reg;
	const struct pk_section *s = NULL;
	u32 used = 0;

	while ((s = pk_sealed_next(d->sealed, s)))
		if (le16_to_cpu(s->type) == PK_SECTION_PERSON)
			used |= BIT(le16_to_cpu(((const struct pk_section_person *)s)->number));
	reg = pk_sealed_find_register(d->sealed, PROTKEY_MK_NEW);
	if (reg)
		used |= le32_to_cpu(reg->officers);
	return ~used ? ffz(used) : -ENOSPC;
}

/* Whether one who administers and one who unlocks remain, with @roles for @name. */
static bool left_without(const struct pk_domain *d, const char *name, u32 roles)
{
	const struct pk_section_person *person;
	const struct pk_section *s = NULL;
	bool any = roles;

	while ((s = pk_sealed_next(d->sealed, s))) {
		person = (const void *)s;
		if (le16_to_cpu(s->type) != PK_SECTION_PERSON ||
		    !strcmp(person->name, name))
			continue;
		roles |= le32_to_cpu(person->roles);
		any = true;
	}
	return any && (~roles & (PROTKEY_ROLE_ADMINISTRATOR | PROTKEY_ROLE_OPERATOR));
}

/* The section's secret and verifier. */
static int enrol_secret(struct pk_domain *d, struct pk_section_person *person,
			const struct pk_person_new *new)
{
	struct pk_slot *secret = pk_slot_alloc();
	u8 mac[64];
	int ret;

	if (!secret)
		return -ENOMEM;
	pk_slot_set_header(secret, PK_SLOT_PERSON, 64);
	ret = new->act->factor ? pk_op_import(secret, new->secret) :
				 pk_op_generate(secret, 64);
	if (!ret)
		ret = pk_person_verifier(secret, new->credential, mac);
	if (!ret)
		ret = secret_wrap(d, person, d->mk[PROTKEY_MK_CURRENT].slot, secret);
	memcpy(person->verifier, mac, sizeof(person->verifier));
	pk_slot_free(secret);
	return ret;
}

int pk_person_enrol(struct pk_domain *d, const struct pk_person_new *new)
{
	const struct pk_section_person *old;
	struct pk_section_person person = {
		.roles = cpu_to_le32(new->act->roles),
		.factor = new->act->factor,
		.digits = new->digits,
		.params = *new->params,	/* little-endian machine */
	};
	int number, ret;

	old = pk_sealed_find_person(d->sealed, new->act->name);
	number = old ? le16_to_cpu(old->number) : free_number(d);
	if (number < 0)
		return number;
	if (left_without(d, new->act->name, new->act->roles))
		return -EBUSY;
	pk_state_put_section(&person.section, PK_SECTION_PERSON, sizeof(person));
	strscpy(person.name, new->act->name, sizeof(person.name));
	person.number = cpu_to_le16(number);
	do
		get_random_bytes(&person.id, sizeof(person.id));
	while (!person.id);
	ret = enrol_secret(d, &person, new);
	d->agreed = 0;	/* a number may be another's now */
	return ret ?: pk_state_edit(d, &person.section, old ? &old->section : NULL);
}

int pk_person_change(struct pk_domain *d, const char *name, u32 roles)
{
	const struct pk_section_person *old = pk_sealed_find_person(d->sealed, name);
	struct pk_section_person person;

	if (!old)
		return -ENOENT;
	if (left_without(d, name, roles))
		return -EBUSY;
	person = *old;
	person.roles = cpu_to_le32(roles);
	return pk_state_edit(d, roles ? &person.section : NULL, &old->section);
}

/* ---- duties ---------------------------------------------------------------- */

#define ANYONE	0

/* What is not here is nobody's. */
static const struct {
	unsigned int cmd;
	u32 roles;
} duties[] = {
	{ PROTKEY_IOC_DOMAIN_INFO, ANYONE },
	{ PROTKEY_IOC_DOMAIN_GET_STATE, ANYONE },
	{ PROTKEY_IOC_PERSON_LOGIN, ANYONE },
	/* a signature says itself whose it is */
	{ PROTKEY_IOC_ADMIN_SIGN, ANYONE },
	{ PROTKEY_IOC_ADMIN_STATUS, ANYONE },
	/* looks further: everyone may change what is his own */
	{ PROTKEY_IOC_PERSON_SET, BIT(PROTKEY_ROLES) - 1 },

	{ PROTKEY_IOC_PERSON_REMOVE, PROTKEY_ROLE_ADMINISTRATOR },
	{ PROTKEY_IOC_ADMIN_SET, PROTKEY_ROLE_ADMINISTRATOR },
	{ PROTKEY_IOC_ADMIN_REQUEST, PROTKEY_ROLE_ADMINISTRATOR },
	{ PROTKEY_IOC_QUOTA_SET, PROTKEY_ROLE_ADMINISTRATOR },
	{ PROTKEY_IOC_MEASURED_SET, PROTKEY_ROLE_ADMINISTRATOR },
	{ PROTKEY_IOC_SEAL_ADD, PROTKEY_ROLE_ADMINISTRATOR },
	{ PROTKEY_IOC_SEAL_REMOVE, PROTKEY_ROLE_ADMINISTRATOR },
	{ PROTKEY_IOC_MK_COMMIT, PROTKEY_ROLE_ADMINISTRATOR },
	{ PROTKEY_IOC_MK_SET, PROTKEY_ROLE_ADMINISTRATOR },
	{ PROTKEY_IOC_MK_ABORT, PROTKEY_ROLE_ADMINISTRATOR },
	{ PROTKEY_IOC_MK_CLEAR, PROTKEY_ROLE_ADMINISTRATOR },

	{ PROTKEY_IOC_MK_LOAD, PROTKEY_ROLE_KEY_OFFICER },

	{ PROTKEY_IOC_DOMAIN_LOCK, PROTKEY_ROLE_OPERATOR },
	{ PROTKEY_IOC_PERSON_AGREE, PROTKEY_ROLE_OPERATOR },
	{ PROTKEY_IOC_VOLUME_CHECK, PROTKEY_ROLE_OPERATOR | PROTKEY_ROLE_USER },

	{ PROTKEY_IOC_KEY_GENERATE, PROTKEY_ROLE_USER },
	{ PROTKEY_IOC_KEY_IMPORT, PROTKEY_ROLE_USER },
	{ PROTKEY_IOC_KEY_VERIFY, PROTKEY_ROLE_USER },
	{ PROTKEY_IOC_KEY_REENCIPHER, PROTKEY_ROLE_USER },
	{ PROTKEY_IOC_SESSION_OPEN, PROTKEY_ROLE_USER },
	{ PROTKEY_IOC_VOLUME_PIN, PROTKEY_ROLE_USER },
	{ PROTKEY_IOC_VOLUME_UNPIN, PROTKEY_ROLE_USER },
	{ PROTKEY_IOC_KTLS_IMPORT, PROTKEY_ROLE_USER },
	{ PROTKEY_IOC_KTLS_CONFIRM, PROTKEY_ROLE_USER },
	{ PROTKEY_IOC_KTLS_STATUS, PROTKEY_ROLE_USER },
	{ PROTKEY_IOC_KTLS_LIST, PROTKEY_ROLE_USER | PROTKEY_ROLE_OPERATOR |
				 PROTKEY_ROLE_AUDITOR },

	{ PROTKEY_IOC_AUDIT_READ, PROTKEY_ROLE_AUDITOR },
	{ PROTKEY_IOC_AUDIT_VERIFY, PROTKEY_ROLE_AUDITOR },
};

/* false: nobody's. */
static bool duty_of(unsigned int cmd, u32 *roles)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(duties); i++) {
		if (duties[i].cmd != cmd)
			continue;
		*roles = duties[i].roles;
		return true;
	}
	return false;
}

u32 pk_person_roles(const struct pk_domain *d, const struct pk_login *login)
{
	const struct pk_section_person *person;

	/* another process has not logged in, though it holds the file */
	if (!login->id || login->tgid != task_tgid(current) || !d->sealed)
		return 0;
	person = pk_sealed_find_person(d->sealed, login->name);
	return person && person->id == login->id ? le32_to_cpu(person->roles) : 0;
}

/* In a domain with persons; caller holds d->lock. */
static int may(const struct pk_file *f, unsigned int cmd)
{
	const struct pk_domain *d = f->domain;
	u32 roles;

	if (!duty_of(cmd, &roles))
		return -EACCES;
	if (roles == ANYONE)
		return 0;
	if (!pk_domain_unlocked(d))
		return -ENOKEY;
	return pk_person_roles(d, &f->login) & roles ? 0 : -EACCES;
}

int pk_person_may(struct pk_file *f, unsigned int cmd)
{
	struct pk_domain *d = f->domain;
	char name[PROTKEY_NAME_SIZE];
	int ret;

	if (!READ_ONCE(d->persons))
		return 0;
	mutex_lock(&d->lock);
	ret = may(f, cmd);
	strscpy(name, f->login.id ? f->login.name : "nobody", sizeof(name));
	mutex_unlock(&d->lock);
	if (ret == -EACCES)
		pk_audit(PROTKEY_AUDIT_ROLE, d->name, ret, "call 0x%02x, by %s",
			 _IOC_NR(cmd), name);
	return ret;
}
