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

/* ---- the kernel's verifier ------------------------------------------------ */

/* Of one quote; kmalloc, since the crypto API wants no stack. */
struct check {
	struct pk_quoted quoted;
	struct pk_ak ak;
	struct pk_signed is;
	struct public_key key;
	struct public_key_signature signature;
	u8 public[PK_AK_ENCODED_MAX];
	u8 encoded[PK_SIGNED_ENCODED_MAX];
	u8 digest[SHA256_DIGEST_SIZE];
};

/* Linux 6.1 does not load ECDSA by its algorithm's name, and Debian's has none. */
static bool can_verify(enum pk_ak_kind kind)
{
	if (kind == PK_AK_RSA)
		return crypto_has_alg("rsa", 0, 0);
	if (!crypto_has_alg(ECDSA_P256, 0, 0))
		request_module("ecdsa_generic");
	return crypto_has_alg(ECDSA_P256, 0, 0);
}

void pk_measured_prepare(const struct pk_challenge *challenge)
{
	struct pk_signed is;

	if (!pk_signed_parse(challenge->signature, challenge->signature_size, &is))
		can_verify(is.kind);
}

static int verify(struct check *c, const struct pk_challenge *challenge)
{
	const char *algorithm = c->ak.kind == PK_AK_RSA ? "rsa" : ECDSA_P256;

	if (c->is.kind != c->ak.kind)
		return -EKEYREJECTED;
	sha256(challenge->attest, challenge->attest_size, c->digest);
	c->key.key = c->public;
	c->key.keylen = pk_ak_encode(&c->ak, c->public);
	c->key.pkey_algo = algorithm;
	c->signature.s = c->encoded;
	c->signature.s_size = pk_signed_encode(&c->is, c->encoded);
	c->signature.digest = c->digest;
	c->signature.digest_size = sizeof(c->digest);
	c->signature.pkey_algo = algorithm;
	c->signature.hash_algo = "sha256";
	c->signature.encoding = c->ak.kind == PK_AK_RSA ? "pkcs1" : "x962";
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
	    pk_signed_parse(challenge->signature, challenge->signature_size, &c->is))
		return refuse(challenge, -EREMOTEIO, "no quote of the SHA-256 bank");
	ret = verify(c, challenge);
	if (ret == -ENOPKG || ret == -ENOENT)
		return refuse(challenge, -ENOPKG, "this kernel cannot verify it");
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
	struct pk_ak *ak;
	int ret;

	if (is_none(m))
		return 0;
	ret = pk_measured_check(m);
	if (ret)
		return ret;
	ak = kmalloc(sizeof(*ak), GFP_KERNEL);
	if (!ak)
		return -ENOMEM;
	ret = pk_ak_parse(m->key, m->key_size, ak);
	if (!ret && !can_verify(ak->kind))
		ret = -ENOPKG;
	kfree(ak);
	return ret;
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
