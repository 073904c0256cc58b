// SPDX-License-Identifier: GPL-2.0-only
/*
 * Log-in of a person: see person.h.
 *
 * Codes are those of RFC 6238 (time steps of 30 seconds since 1970), of the step that
 * the machine's clock is in and of the one before and after it; each is taken once.
 * Who sets the clock chooses the step: this is against a stolen passphrase, not root.
 */

#include <crypto/algapi.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "compat/compat.h"
#include "person.h"
#include "state.h"

#define DRIFT		1	/* steps either way */
#define WAIT_FIRST	5	/* seconds; twice as many after each wrong one */
#define FORGET		(24 * 60 * 60)
#define AGREE_SECONDS	600

/* ---- who failed, and which codes were used --------------------------------- */

/*
 * Of a person, by name: whoever enrols him anew does not begin anew.  They outlive
 * the domain's struct, which a refused unlock throws away.
 */
struct guard {
	struct list_head list;
	u8 uuid[PROTKEY_UUID_SIZE];
	char name[PROTKEY_NAME_SIZE];
	u64 step;		/* the newest that was used */
	unsigned int failures;	/* since the last success */
	u64 until;		/* seconds since boot: no try before */
};

static LIST_HEAD(guards);
static DEFINE_MUTEX(guards_lock);

static u64 step_now(void)
{
	s64 now = ktime_get_real_seconds();

	return now < 0 ? 0 : now / PROTKEY_TOTP_STEP;
}

/* Caller holds guards_lock. */
static void guards_sweep(void)
{
	u64 now = ktime_get_boottime_seconds(), step = step_now();
	struct guard *guard, *next;

	list_for_each_entry_safe(guard, next, &guards, list) {
		/* one whose codes may come again, or who failed today */
		if (guard->step + 2 * DRIFT >= step ||
		    (guard->failures && guard->until + FORGET > now))
			continue;
		list_del(&guard->list);
		kfree(guard);
	}
}

static struct guard *guard_of(const struct pk_domain *d, const char *name)
{
	struct guard *guard;

	list_for_each_entry(guard, &guards, list)
		if (!memcmp(guard->uuid, d->uuid, sizeof(guard->uuid)) &&
		    !strcmp(guard->name, name))
			return guard;
	guards_sweep();
	guard = kzalloc(sizeof(*guard), GFP_KERNEL);
	if (!guard)
		return NULL;
	memcpy(guard->uuid, d->uuid, sizeof(guard->uuid));
	strscpy(guard->name, name, sizeof(guard->name));
	list_add(&guard->list, &guards);
	return guard;
}

static void guard_failed(struct guard *guard)
{
	unsigned int more = ++guard->failures - PROTKEY_LOGIN_TRIES;
	u64 wait = 0;

	if (guard->failures >= PROTKEY_LOGIN_TRIES)
		wait = more < 8 ? WAIT_FIRST << more : PROTKEY_LOGIN_WAIT_MAX;
	guard->until = ktime_get_boottime_seconds() +
		       min_t(u64, wait, PROTKEY_LOGIN_WAIT_MAX);
}

void pk_person_exit(void)
{
	struct guard *guard, *next;

	list_for_each_entry_safe(guard, next, &guards, list)
		kfree(guard);
}

/* ---- codes ----------------------------------------------------------------- */

/* RFC 4226, 5.3. */
static u32 code_truncate(const u8 *mac, unsigned int size, unsigned int digits)
{
	u32 code = get_unaligned_be32(mac + (mac[size - 1] & 15)) & 0x7fffffff;
	u32 modulus = 1;

	while (digits--)
		modulus *= 10;
	return code % modulus;
}

static int code_of(const struct pk_slot *secret, const struct pk_section_person *person,
		   u64 step, u32 *code)
{
	bool sha1 = person->factor == PROTKEY_FACTOR_TOTP_SHA1;
	u8 mac[64], message[8];
	int ret;

	put_unaligned_be64(step, message);
	ret = pk_op_hmac(secret, sha1 ? PK_HASH_SHA1 : PK_HASH_SHA256, message,
			 sizeof(message), mac);
	if (!ret)
		*code = code_truncate(mac, sha1 ? 20 : 32, person->digits);
	memzero_explicit(mac, sizeof(mac));
	return ret;
}

/* The step of @code that is near now and after the newest used, 0: there is none. */
static int code_step(const struct pk_slot *secret,
		     const struct pk_section_person *person, u32 code, u64 used,
		     u64 *found)
{
	u64 now = step_now(), step;
	u32 want;
	int ret;

	*found = 0;
	for (step = now > DRIFT ? now - DRIFT : 0; step <= now + DRIFT; step++) {
		ret = code_of(secret, person, step, &want);
		if (ret)
			return ret;
		if (!crypto_memneq(&want, &code, sizeof(want)) && step > used)
			*found = step;
	}
	return 0;
}

/* ---- log-in ---------------------------------------------------------------- */

/* Both factors, whatever one says.  -EKEYREJECTED, or an error of the vault. */
static int check(const struct pk_slot *secret, const struct pk_section_person *person,
		 const struct protkey_person_login *login, struct guard *guard)
{
	bool good = person->factor || !login->code;
	u64 step = guard->step;
	u8 mac[64];
	int ret;

	ret = pk_person_verifier(secret, login->credential, mac);
	if (ret)
		return ret;
	good &= !crypto_memneq(mac, person->verifier, sizeof(person->verifier));
	memzero_explicit(mac, sizeof(mac));
	if (person->factor) {
		ret = code_step(secret, person, login->code, guard->step, &step);
		if (ret)
			return ret;
		good &= step > guard->step;
	}
	if (!good)
		return -EKEYREJECTED;
	guard->step = step;
	return 0;
}

/* Caller holds guards_lock. */
static int verify(struct pk_domain *d, const struct pk_section_person *person,
		  struct protkey_person_login *login)
{
	u64 now = ktime_get_boottime_seconds();
	struct guard *guard = guard_of(d, login->name);
	struct pk_slot *secret;
	int ret;

	if (!guard)
		return -ENOMEM;
	if (now < guard->until) {
		login->wait = guard->until - now;
		return -EAGAIN;
	}
	secret = pk_slot_alloc();
	if (!secret)
		return -ENOMEM;
	ret = pk_person_secret(d, person, d->mk[PROTKEY_MK_CURRENT].slot, secret) ?:
	      check(secret, person, login, guard);
	pk_slot_free(secret);
	if (!ret)
		guard->failures = 0;
	else if (ret == -EKEYREJECTED)
		guard_failed(guard);
	return ret;
}

int pk_person_verify(struct pk_domain *d, struct protkey_person_login *login,
		     struct pk_login *as)
{
	const struct pk_section_person *person;
	int ret;

	login->wait = 0;
	login->reserved = 1;
	if (!d->persons)
		return -ENODATA;
	person = pk_sealed_find_person(d->sealed, login->name);
	if (!person)
		return -EKEYREJECTED;
	mutex_lock(&guards_lock);
	ret = verify(d, person, login);
	mutex_unlock(&guards_lock);
	if (ret)
		return ret;
	strscpy(as->name, login->name, sizeof(as->name));
	as->id = person->id;
	as->number = le16_to_cpu(person->number);
	as->service = !person->factor;
	login->roles = le32_to_cpu(person->roles);
	return 0;
}

int pk_person_may_unlock(struct pk_domain *d, unsigned int kind,
			 struct protkey_person_login *login)
{
	struct pk_login as;
	int ret;

	if (!d->persons)
		return 0;
	/* a TPM or a server has answered for this machine */
	if (kind != PROTKEY_SEAL_PASSPHRASE && kind != PROTKEY_SEAL_SHARES)
		return 0;
	ret = login ? pk_person_verify(d, login, &as) : -EACCES;
	if (!ret && !(login->roles & PROTKEY_ROLE_OPERATOR))
		ret = -EACCES;
	/* the KEK was right: it is not that */
	return ret == -EKEYREJECTED ? -EPERM : ret;
}

/* ---- two operators --------------------------------------------------------- */

void pk_person_agree(struct pk_domain *d, const struct pk_login *login)
{
	u64 now = ktime_get_boottime_seconds();

	if (now > d->agreed_until)
		d->agreed = 0;
	if (!d->agreed)
		d->agreed_until = now + AGREE_SECONDS;
	d->agreed |= BIT(login->number);
}

bool pk_person_agreed(const struct pk_domain *d)
{
	const struct pk_section_person *person;
	const struct pk_section *s = NULL;
	unsigned int operators = 0, agree = 0;

	if (!d->agreed || ktime_get_boottime_seconds() > d->agreed_until)
		return false;
	while ((s = pk_sealed_next(d->sealed, s))) {
		person = (const void *)s;
		if (le16_to_cpu(s->type) != PK_SECTION_PERSON ||
		    !(le32_to_cpu(person->roles) & PROTKEY_ROLE_OPERATOR))
			continue;
		operators++;
		agree += !!(d->agreed & BIT(le16_to_cpu(person->number)));
	}
	return agree >= min(operators, 2U);
}
