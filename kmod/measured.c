// SPDX-License-Identifier: GPL-2.0-only
/* A demanded boot: see measured.h and Documentation/domains.md. */

#include <crypto/algapi.h>
#include <crypto/public_key.h>
#include <crypto/sha2.h>
#include <linux/crypto.h>
#include <linux/kmod.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "attest.h"
#include "measured.h"
#include "state.h"

#define ECDSA_P256	"ecdsa-nist-p256"
#define POINT_SIZE	(1 + 2 * PK_P256_SIZE)	/* 4 and both coordinates: not compressed */

/* ---- the kernel's verifier ------------------------------------------------ */

/* Of one quote; kmalloc, since the crypto API wants no stack. */
struct check {
	struct pk_quoted quoted;
	struct pk_ak ak;
	struct pk_ecdsa ecdsa;
	struct public_key key;
	struct public_key_signature signature;
	u8 point[POINT_SIZE];
	u8 der[PK_ECDSA_DER_MAX];
	u8 digest[SHA256_DIGEST_SIZE];
};

/* Linux 6.1 does not load it by its algorithm's name. */
bool pk_measured_can_verify(void)
{
	if (!crypto_has_alg(ECDSA_P256, 0, 0))
		request_module("ecdsa_generic");
	return crypto_has_alg(ECDSA_P256, 0, 0);
}

static int verify(struct check *c, const struct pk_challenge *challenge)
{
	c->point[0] = 4;
	memcpy(c->point + 1, c->ak.x, PK_P256_SIZE);
	memcpy(c->point + 1 + PK_P256_SIZE, c->ak.y, PK_P256_SIZE);
	sha256(challenge->attest, challenge->attest_size, c->digest);
	c->key.key = c->point;
	c->key.keylen = sizeof(c->point);
	c->key.pkey_algo = ECDSA_P256;
	c->signature.s = c->der;
	c->signature.s_size = pk_ecdsa_der(&c->ecdsa, c->der);
	c->signature.digest = c->digest;
	c->signature.digest_size = sizeof(c->digest);
	c->signature.pkey_algo = ECDSA_P256;
	c->signature.hash_algo = "sha256";
	c->signature.encoding = "x962";
	return public_key_verify_signature(&c->key, &c->signature);
}

/* ---- judging a quote ------------------------------------------------------ */

static int refuse(struct pk_challenge *challenge, int ret, const char *why)
{
	challenge->why = why;
	return ret;
}

static bool accepted(const struct protkey_measured *m, const u8 *digest)
{
	unsigned int i;

	for (i = 0; i < m->count; i++)
		if (!memcmp(m->accepted[i], digest, sizeof(m->accepted[i])))
			return true;
	return false;
}

/*
 * What is signed is looked at when the signature is known to be good; that its digest is
 * not an accepted one comes last, so that it is the TPM's word.
 */
static int judge(struct check *c, const struct protkey_measured *m,
		 struct pk_challenge *challenge)
{
	int ret;

	if (pk_ak_parse(m->key, m->key_size, &c->ak) ||
	    pk_quote_parse(challenge->attest, challenge->attest_size, &c->quoted) ||
	    pk_ecdsa_parse(challenge->signature, challenge->signature_size, &c->ecdsa))
		return refuse(challenge, -EREMOTEIO, "no quote of the SHA-256 bank");
	ret = verify(c, challenge);
	if (ret == -ENOPKG || ret == -ENOENT)
		return refuse(challenge, -ENOPKG, "no ECDSA in this kernel");
	if (ret == -ENOMEM)
		return ret;
	if (ret)
		return refuse(challenge, -EREMOTEIO, "not signed by the attestation key");
	if (c->quoted.nonce_size != sizeof(challenge->nonce) ||
	    crypto_memneq(c->quoted.nonce, challenge->nonce, sizeof(challenge->nonce)))
		return refuse(challenge, -EREMOTEIO, "of another nonce");
	if (c->quoted.pcrs != m->pcrs)
		return refuse(challenge, -EREMOTEIO, "of other PCRs");
	if (!accepted(m, c->quoted.digest))
		return refuse(challenge, -EREMCHG, "another boot than accepted");
	return 0;
}

int pk_measured_judge(const struct pk_sealed_header *header,
		      struct pk_challenge *challenge)
{
	struct protkey_measured *m;
	struct check *c;
	int ret = -ENOMEM;

	m = kmalloc(sizeof(*m), GFP_KERNEL);
	c = kzalloc(sizeof(*c), GFP_KERNEL);
	if (!m || !c)
		goto out;
	if (!pk_sealed_measured(header, m))
		ret = 0;
	else if (!challenge || !challenge->attest_size)
		ret = -ENODATA;
	else if (ktime_get_boottime_seconds() >= challenge->until)
		ret = refuse(challenge, -ETIMEDOUT, "nonce too old");
	else
		ret = judge(c, m, challenge);
out:
	kfree(c);
	kfree(m);
	return ret;
}

const char *pk_measured_words(const struct pk_challenge *challenge, long ret)
{
	if (ret == -ENODATA)
		return "no quote";
	return challenge && challenge->why ? challenge->why : "";
}

/* ---- the demand ----------------------------------------------------------- */

static bool is_none(const struct protkey_measured *m)
{
	return !memchr_inv(m, 0, sizeof(*m));
}

int pk_measured_valid(const struct protkey_measured *m)
{
	int ret;

	if (is_none(m))
		return 0;
	ret = pk_measured_check(m);
	if (ret)
		return ret;
	return pk_measured_can_verify() ? 0 : -ENOPKG;
}

int pk_measured_set(struct pk_domain *d, const struct protkey_measured *m)
{
	const struct pk_section *old = pk_sealed_find_measured(d->sealed);
	struct pk_section_measured *new;
	int ret;

	if (is_none(m))
		return old ? pk_state_edit(d, NULL, old) : -ENOENT;
	new = kmalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	pk_state_put_section(&new->section, PK_SECTION_MEASURED, sizeof(*new));
	new->measured = *m;	/* little-endian machine */
	ret = pk_state_edit(d, &new->section, old);
	kfree(new);
	return ret;
}
