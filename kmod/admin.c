// SPDX-License-Identifier: GPL-2.0-only
/* Signed administration: see admin.h and Documentation/domains.md. */

#include <crypto/hash.h>
#include <crypto/public_key.h>
#include <keys/asymmetric-type.h>
#include <linux/cred.h>
#include <linux/key.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/verification.h>

#include "admin.h"
#include "der.h"
#include "measured.h"
#include "seal.h"
#include "state.h"

#define CHALLENGE_SIZE	32
#define REQUEST_SECONDS	(24 * 60 * 60)
#define RSA_KEY_MIN	256	/* bytes of modulus and more: 2048 bits */

struct pk_request {
	enum protkey_command command;
	u64 until;		/* seconds since boot, with suspension */
	u32 signed_by;		/* administrators, a bit each */
	size_t size;
	const char *body;	/* in @text */
	size_t body_size;
	char text[];
};

static const struct {
	const char *words;
	enum protkey_class class;
} commands[] = {
	[PROTKEY_COMMAND_MK_COMMIT] = {
		"commit the new master key", PROTKEY_CLASS_MASTER_KEY },
	[PROTKEY_COMMAND_MK_SET] = {
		"set the new master key", PROTKEY_CLASS_MASTER_KEY },
	[PROTKEY_COMMAND_MK_ABORT] = {
		"forget the new master key", PROTKEY_CLASS_MASTER_KEY },
	[PROTKEY_COMMAND_MK_CLEAR] = {
		"forget the old master key", PROTKEY_CLASS_MASTER_KEY },
	[PROTKEY_COMMAND_SEAL_ADD] = {
		"add a seal slot", PROTKEY_CLASS_SEAL },
	[PROTKEY_COMMAND_SEAL_REMOVE] = {
		"remove a seal slot", PROTKEY_CLASS_SEAL },
	[PROTKEY_COMMAND_ADMINISTRATORS] = {
		"change the administrators", PROTKEY_CLASS_ADMINISTRATION },
	[PROTKEY_COMMAND_DESTROY] = {
		"destroy the domain", PROTKEY_CLASS_DESTROY },
	[PROTKEY_COMMAND_QUOTA] = {
		"change the quotas", PROTKEY_CLASS_ADMINISTRATION },
	[PROTKEY_COMMAND_PERSON] = {
		"change a person", PROTKEY_CLASS_ADMINISTRATION },
	[PROTKEY_COMMAND_MEASURED] = {
		"change the demanded boot", PROTKEY_CLASS_ADMINISTRATION },
};

static const char *const classes[PROTKEY_CLASSES] = {
	[PROTKEY_CLASS_ADMINISTRATION] = "administration",
	[PROTKEY_CLASS_MASTER_KEY] = "master-key",
	[PROTKEY_CLASS_SEAL] = "seal",
	[PROTKEY_CLASS_DESTROY] = "destroy",
};

bool pk_command_known(u32 command)
{
	return command < ARRAY_SIZE(commands) && commands[command].words;
}

/* ---- acts in words -------------------------------------------------------- */

static size_t act_begin(struct pk_act *act, enum protkey_command command)
{
	act->command = command;
	return scnprintf(act->body, sizeof(act->body), "command: %s\n",
			 commands[command].words);
}

static bool by_pattern(enum protkey_command command)
{
	return commands[command].class == PROTKEY_CLASS_MASTER_KEY;
}

void pk_act_make(struct pk_act *act, enum protkey_command command,
		 const u8 *pattern, unsigned int slot, u32 detail)
{
	size_t at = act_begin(act, command);

	if (by_pattern(command))
		at += scnprintf(act->body + at, sizeof(act->body) - at,
				"pattern: %*phN\n", PROTKEY_PATTERN_SIZE, pattern);
	if (commands[command].class == PROTKEY_CLASS_SEAL)
		at += scnprintf(act->body + at, sizeof(act->body) - at,
				"slot: %u\n", slot);
	if (command == PROTKEY_COMMAND_SEAL_ADD)
		scnprintf(act->body + at, sizeof(act->body) - at, "kind: %u\n",
			  detail);
	if (command == PROTKEY_COMMAND_MK_SET && detail & PROTKEY_MK_DROP_SEALS)
		scnprintf(act->body + at, sizeof(act->body) - at,
			  "seal slots that are not opened: removed\n");
}

void pk_act_quota(struct pk_act *act, const struct protkey_quota *quota)
{
	size_t at = act_begin(act, PROTKEY_COMMAND_QUOTA);

	scnprintf(act->body + at, sizeof(act->body) - at,
		  "keys: %u\nsessions: %u\ntls keys: %u\n", quota->keys,
		  quota->sessions, quota->tls_keys);
}

void pk_act_person(struct pk_act *act, const struct protkey_person_act *person)
{
	static const char *const roles[PROTKEY_ROLES] = {
		"administrator", "key officer", "operator", "user", "auditor",
	};
	static const char *const factors[] = { "none", "TOTP SHA-1", "TOTP SHA-256" };
	size_t at = act_begin(act, PROTKEY_COMMAND_PERSON);
	unsigned int i;

	at += scnprintf(act->body + at, sizeof(act->body) - at, "person: %s\n",
			person->name);
	for (i = 0; i < PROTKEY_ROLES; i++)
		if (person->roles & BIT(i))
			at += scnprintf(act->body + at, sizeof(act->body) - at,
					"role: %s\n", roles[i]);
	scnprintf(act->body + at, sizeof(act->body) - at, "%s%s\n",
		  !person->roles ? "removed" :
		  person->flags & PROTKEY_PERSON_KEEP ? "credential: as it is" :
		  "second factor: ",
		  person->roles && !(person->flags & PROTKEY_PERSON_KEEP) ?
		  factors[person->factor] : "");
}

static int fingerprint_of(const void *cert, size_t size, u8 *digest)
{
	struct crypto_shash *tfm = crypto_alloc_shash("sha256", 0, 0);
	int ret;

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	ret = crypto_shash_tfm_digest(tfm, cert, size, digest);
	crypto_free_shash(tfm);
	return ret;
}

int pk_act_admins(struct pk_act *act, const struct pk_admins *admins)
{
	size_t at = act_begin(act, PROTKEY_COMMAND_ADMINISTRATORS);
	u8 digest[PROTKEY_FINGERPRINT_SIZE];
	unsigned int i;
	int ret;

	for (i = 0; i < admins->count; i++) {
		ret = fingerprint_of(admins->cert[i], admins->size[i], digest);
		if (ret)
			return ret;
		at += scnprintf(act->body + at, sizeof(act->body) - at,
				"administrator: %*phN\n",
				PROTKEY_FINGERPRINT_SIZE, digest);
	}
	for (i = 0; i < PROTKEY_CLASSES; i++)
		at += scnprintf(act->body + at, sizeof(act->body) - at,
				"threshold %s: %u\n", classes[i],
				admins->thresholds[i]);
	return 0;
}

int pk_act_measured(struct pk_act *act, const struct protkey_measured *m)
{
	size_t at = act_begin(act, PROTKEY_COMMAND_MEASURED);
	u8 digest[PROTKEY_FINGERPRINT_SIZE];
	unsigned int i;
	int ret;

	if (!m->count) {
		scnprintf(act->body + at, sizeof(act->body) - at, "demanded: nothing\n");
		return 0;
	}
	ret = fingerprint_of(m->key, m->key_size, digest);
	if (ret)
		return ret;
	/* the key's name, as its TPM and `protkey fw measure` have it */
	at += scnprintf(act->body + at, sizeof(act->body) - at,
			"attestation key: 000b%*phN\npcrs of sha256: %*pbl\n",
			PROTKEY_FINGERPRINT_SIZE, digest, 24,
			&(unsigned long){ m->pcrs });
	for (i = 0; i < m->count; i++)
		at += scnprintf(act->body + at, sizeof(act->body) - at,
				"accepted: %*phN\n",
				(int)sizeof(m->accepted[i]), m->accepted[i]);
	return 0;
}

/* ---- certificates --------------------------------------------------------- */

/*
 * A keyring with this one certificate, for nobody else: verify_pkcs7_signature()
 * is content with any key of a ring, and we want to know whose it was.
 */
static struct key *ring_of(const void *cert, size_t size, struct key **key)
{
	struct key *ring;
	key_ref_t ref;

	ring = keyring_alloc(".protkey_admin", GLOBAL_ROOT_UID, GLOBAL_ROOT_GID,
			     current_cred(), KEY_POS_ALL & ~KEY_POS_SETATTR,
			     KEY_ALLOC_NOT_IN_QUOTA, NULL, NULL);
	if (IS_ERR(ring))
		return ring;
	ref = key_create_or_update(make_key_ref(ring, true), "asymmetric", NULL,
				   cert, size, KEY_POS_ALL & ~KEY_POS_SETATTR,
				   KEY_ALLOC_NOT_IN_QUOTA |
				   KEY_ALLOC_BYPASS_RESTRICTION);
	if (IS_ERR(ref)) {
		key_put(ring);
		return ERR_CAST(ref);
	}
	*key = key_ref_to_ptr(ref);
	return ring;
}

static int check_key(const struct key *key)
{
	const struct public_key *public = key->payload.data[asym_crypto];

	if (!public || public->key_is_private || !public->pkey_algo)
		return -EKEYREJECTED;
	if (!strncmp(public->pkey_algo, "ecdsa-nist-p", 12))
		return strcmp(public->pkey_algo, "ecdsa-nist-p192") ? 0 :
		       -EKEYREJECTED;
	return !strcmp(public->pkey_algo, "rsa") &&
	       public->keylen > RSA_KEY_MIN ? 0 : -EKEYREJECTED;
}

static int check_dates(const struct pk_cert *cert)
{
	s64 now = ktime_get_real_seconds();

	return now < cert->not_before || now > cert->not_after ?
	       -EKEYEXPIRED : 0;
}

static int check_cert(const void *der, size_t size, struct pk_cert *cert)
{
	struct key *ring, *key;
	int ret = pk_cert_parse(der, size, cert) ?: check_dates(cert);

	if (ret)
		return ret;
	ring = ring_of(der, size, &key);
	if (IS_ERR(ring))
		return PTR_ERR(ring);
	ret = check_key(key);
	key_put(key);
	key_put(ring);
	return ret;
}

static int check_thresholds(const struct pk_admins *admins)
{
	unsigned int i;

	for (i = 0; i < PROTKEY_CLASSES; i++)
		if (admins->thresholds[i] > admins->count ||
		    (!admins->thresholds[i] && i != PROTKEY_CLASS_DESTROY))
			return -EINVAL;
	return 0;
}

int pk_admins_check(const struct pk_admins *admins)
{
	struct pk_cert certs[PROTKEY_ADMINS_MAX];
	unsigned int i, j;
	int ret = check_thresholds(admins);

	for (i = 0; !ret && i < admins->count; i++) {
		ret = check_cert(admins->cert[i], admins->size[i], &certs[i]);
		/* two certificates of one key are one person */
		for (j = 0; !ret && j < i; j++)
			if (certs[i].key_size == certs[j].key_size &&
			    !memcmp(certs[i].key, certs[j].key,
				    certs[i].key_size))
				ret = -EEXIST;
	}
	return ret;
}

/* ---- in the state --------------------------------------------------------- */

unsigned int pk_admin_count(const struct pk_domain *d)
{
	return d->sealed ? pk_sealed_admins(d->sealed) : 0;
}

static void put_admins(struct pk_sealed_header *draft,
		       const struct pk_admins *admins)
{
	struct pk_section_thresholds *thresholds;
	struct pk_section_admin *admin;
	unsigned int i;
	size_t length;

	for (i = 0; i < admins->count; i++) {
		length = pk_section_admin_length(admins->size[i]);
		admin = pk_state_append(draft, length);
		pk_state_put_section(&admin->section, PK_SECTION_ADMIN, length);
		admin->size = cpu_to_le32(admins->size[i]);
		memcpy(admin + 1, admins->cert[i], admins->size[i]);
	}
	thresholds = pk_state_append(draft, sizeof(*thresholds));
	pk_state_put_section(&thresholds->section, PK_SECTION_THRESHOLD,
			     sizeof(*thresholds));
	memcpy(thresholds->m, admins->thresholds, sizeof(admins->thresholds));
}

static bool of_admins(const struct pk_section *s)
{
	return le16_to_cpu(s->type) == PK_SECTION_ADMIN ||
	       le16_to_cpu(s->type) == PK_SECTION_THRESHOLD;
}

int pk_admins_set(struct pk_domain *d, const struct pk_admins *admins)
{
	size_t more = sizeof(struct pk_section_thresholds);
	const struct pk_section *s = NULL;
	struct pk_sealed_header *draft;
	unsigned int i;

	for (i = 0; i < admins->count; i++)
		more += pk_section_admin_length(admins->size[i]);
	draft = pk_state_draft(d, more);
	if (IS_ERR(draft))
		return PTR_ERR(draft);
	draft->flags &= ~cpu_to_le16(PROTKEY_DOMAIN_ONE_PERSON);
	while ((s = pk_sealed_next(d->sealed, s)))
		if (!of_admins(s))
			pk_state_keep(draft, s);
	put_admins(draft, admins);
	return pk_state_finish(d, draft);
}

/* ---- requests ------------------------------------------------------------- */

static bool request_stale(const struct pk_request *request)
{
	return ktime_get_boottime_seconds() > request->until;
}

int pk_admin_request(struct pk_domain *d, const struct pk_act *act)
{
	size_t body = strlen(act->body), room = body + 256, at;
	struct pk_request *request;
	u8 challenge[CHALLENGE_SIZE];

	if (!pk_admin_count(d))
		return -ENODATA;
	request = kzalloc(sizeof(*request) + room, GFP_KERNEL);
	if (!request)
		return -ENOMEM;
	get_random_bytes(challenge, sizeof(challenge));
	request->command = act->command;
	request->until = ktime_get_boottime_seconds() + REQUEST_SECONDS;
	at = scnprintf(request->text, room, "protkey command v1\ndomain: %s %pUb\n",
		       d->name, d->uuid);
	request->body = request->text + at;
	request->body_size = body;
	at += scnprintf(request->text + at, room - at, "%s", act->body);
	at += scnprintf(request->text + at, room - at, "challenge: %*phN\n",
			CHALLENGE_SIZE, challenge);
	request->size = at;
	kfree(d->request);
	d->request = request;
	return 0;
}

const char *pk_admin_text(const struct pk_domain *d, size_t *size)
{
	if (!d->request)
		return NULL;
	*size = d->request->size;
	return d->request->text;
}

static int verify(const struct pk_section_admin *admin,
		  const struct pk_request *request, const void *signature,
		  size_t size)
{
	struct key *ring, *key;
	int ret;

	ring = ring_of(admin + 1, le32_to_cpu(admin->size), &key);
	if (IS_ERR(ring))
		return PTR_ERR(ring);
	ret = verify_pkcs7_signature(request->text, request->size, signature,
				     size, ring,
				     VERIFYING_UNSPECIFIED_SIGNATURE, NULL, NULL);
	key_put(key);
	key_put(ring);
	return ret;
}

/* Whose signature it is: a number, -EKEYREJECTED wrong, -ENOKEY nobody's. */
static int find_signer(struct pk_domain *d, const void *signature, size_t size,
		       const struct pk_section_admin **found)
{
	const struct pk_section *s = NULL;
	int number = 0, ret, worst = -ENOKEY;

	while ((s = pk_sealed_next(d->sealed, s))) {
		if (le16_to_cpu(s->type) != PK_SECTION_ADMIN)
			continue;
		*found = (const void *)s;
		ret = verify(*found, d->request, signature, size);
		if (!ret)
			return number;
		if (ret != -ENOKEY)
			worst = ret;
		number++;
	}
	return worst;
}

static int sign(struct pk_domain *d, const void *signature, size_t size,
		u8 *fingerprint)
{
	const struct pk_section_admin *admin;
	struct pk_cert cert;
	int ret, number;

	if (!d->request)
		return -ENOENT;
	if (request_stale(d->request))
		return -ETIMEDOUT;
	ret = pk_cms_check(signature, size);
	if (ret)
		return ret;
	number = find_signer(d, signature, size, &admin);
	if (number < 0)
		return number;
	ret = pk_cert_parse(admin + 1, le32_to_cpu(admin->size), &cert) ?:
	      check_dates(&cert) ?:
	      fingerprint_of(admin + 1, le32_to_cpu(admin->size), fingerprint);
	if (ret)
		return ret;
	if (d->request->signed_by & BIT(number))
		return -EEXIST;
	d->request->signed_by |= BIT(number);
	return 0;
}

int pk_admin_sign(struct pk_domain *d, const void *signature, size_t size,
		  u8 *fingerprint)
{
	int ret = sign(d, signature, size, fingerprint);

	if (ret)
		pr_notice_ratelimited("domain '%s': a signature on a command was refused: %d\n",
				      d->name, ret);
	else
		pr_info("domain '%s': '%s' was signed by administrator %*phN\n",
			d->name, commands[d->request->command].words, 8,
			fingerprint);
	return ret;
}

unsigned int pk_admin_needed(const struct pk_domain *d,
			     enum protkey_command command)
{
	const struct pk_section_thresholds *thresholds;

	thresholds = pk_sealed_find_thresholds(d->sealed);
	return thresholds ? thresholds->m[commands[command].class] : 0;
}

static bool signed_enough(const struct pk_domain *d, const struct pk_act *act)
{
	const struct pk_request *request = d->request;

	return request && !request_stale(request) &&
	       request->command == act->command &&
	       request->body_size == strlen(act->body) &&
	       !memcmp(request->body, act->body, request->body_size) &&
	       hweight32(request->signed_by) >= pk_admin_needed(d, act->command);
}

int pk_admin_may(struct pk_domain *d, const struct pk_act *act)
{
	if (!pk_admin_count(d) || !pk_admin_needed(d, act->command) ||
	    signed_enough(d, act))
		return 0;
	pr_notice_ratelimited("domain '%s': '%s' was refused: not signed by enough administrators\n",
			      d->name, commands[act->command].words);
	return -EPERM;
}

int pk_admin_may_or_kek(struct pk_domain *d, const struct pk_act *act,
			unsigned int slot, const u8 *kek)
{
	return pk_admin_count(d) ? pk_admin_may(d, act) :
	       pk_seal_authorise(d, slot, kek);
}

void pk_admin_spent(struct pk_domain *d)
{
	kfree(d->request);
	d->request = NULL;
}

int pk_admin_begin(struct pk_domain *d, enum protkey_command command,
		   const u8 *pattern, unsigned int slot, u32 detail)
{
	struct pk_act *act = kmalloc(sizeof(*act), GFP_KERNEL);
	int ret = act ? pk_domain_lock_unlocked(d) : -ENOMEM;

	if (!ret) {
		pk_act_make(act, command, pattern ?: d->mk[PROTKEY_MK_NEW].pattern,
			    slot, detail);
		ret = pk_admin_may(d, act);
		if (ret)
			mutex_unlock(&d->lock);
	}
	kfree(act);
	return ret;
}

void pk_admin_end(struct pk_domain *d, int ret)
{
	if (!ret)
		pk_admin_spent(d);
	mutex_unlock(&d->lock);
}

void pk_admin_status(struct pk_domain *d, struct protkey_admin_status *status)
{
	const struct pk_request *request = d->request;

	memset(status, 0, sizeof(*status));
	status->administrators = pk_admin_count(d);
	if (!request || request_stale(request))
		return;
	status->command = request->command;
	status->signatures = hweight32(request->signed_by);
	status->signed_by = request->signed_by;
	status->needed = pk_admin_needed(d, request->command);
	status->seconds = request->until - ktime_get_boottime_seconds();
}
