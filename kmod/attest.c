// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
/* A TPM's structures: see attest.h. */
#include "attest.h"
#include "wire.h"

#define GENERATED	0xff544347U	/* TPM_GENERATED_VALUE */
#define ST_QUOTE	0x8018U		/* TPM_ST_ATTEST_QUOTE */
#define ALG_SHA256	0x000bU
#define ALG_RSA		0x0001U
#define ALG_NULL	0x0010U
#define ALG_RSASSA	0x0014U
#define ALG_ECDSA	0x0018U
#define ALG_ECC		0x0023U
#define ECC_P256	0x0003U
#define RSA_BITS	2048
#define RSA_EXPONENT	65537
#define DIGEST_SIZE	32
#define SELECT_SIZE	3		/* bytes for 24 PCRs */
#define PCR_COUNT	24

/* TPMA_OBJECT */
#define FIXED_TPM	(1U << 1)
#define FIXED_PARENT	(1U << 4)
#define ORIGIN		(1U << 5)	/* sensitiveDataOrigin */
#define RESTRICTED	(1U << 16)
#define DECRYPT		(1U << 17)
#define SIGN		(1U << 18)
#define AK_WANTED	(FIXED_TPM | FIXED_PARENT | ORIGIN | RESTRICTED | SIGN)

struct tpm {
	const __u8 *at;
	size_t left;
};

static bool take(struct tpm *in, size_t size, const __u8 **at)
{
	if (size > in->left)
		return false;
	*at = in->at;
	in->at += size;
	in->left -= size;
	return true;
}

/* An integer of @size bytes, at most four: a TPM's are big-endian. */
static bool take_number(struct tpm *in, size_t size, __u32 *value)
{
	const __u8 *at;

	if (!take(in, size, &at))
		return false;
	for (*value = 0; size; size--)
		*value = *value << 8 | *at++;
	return true;
}

static bool take_equal(struct tpm *in, size_t size, __u32 wanted)
{
	__u32 value;

	return take_number(in, size, &value) && value == wanted;
}

/* What has its size before it: a TPM2B. */
static bool take_sized(struct tpm *in, const __u8 **at, size_t *size)
{
	__u32 length;

	if (!take_number(in, 2, &length) || !take(in, length, at))
		return false;
	*size = length;
	return true;
}

/* A number of a curve's size, whose leading zeros a TPM may leave out. */
static bool take_coordinate(struct tpm *in, __u8 to[PK_P256_SIZE])
{
	const __u8 *at;
	size_t size;

	if (!take_sized(in, &at, &size) || !size || size > PK_P256_SIZE)
		return false;
	memset(to, 0, PK_P256_SIZE - size);
	memcpy(to + PK_P256_SIZE - size, at, size);
	return true;
}

/* A number of all its bits. */
static bool take_rsa(struct tpm *in, __u8 to[PK_RSA_SIZE])
{
	const __u8 *at;
	size_t size;

	if (!take_sized(in, &at, &size) || size != PK_RSA_SIZE)
		return false;
	memcpy(to, at, size);
	return true;
}

/* The curve; no derivation of keys; the point. */
static bool take_point(struct tpm *in, struct pk_ak *ak)
{
	return take_equal(in, 2, ALG_ECDSA) && take_equal(in, 2, ALG_SHA256) &&
	       take_equal(in, 2, ECC_P256) && take_equal(in, 2, ALG_NULL) &&
	       take_coordinate(in, ak->x) && take_coordinate(in, ak->y);
}

/* An exponent of 0 is a TPM's word for the usual one. */
static bool take_modulus(struct tpm *in, struct pk_ak *ak)
{
	__u32 exponent;

	return take_equal(in, 2, ALG_RSASSA) && take_equal(in, 2, ALG_SHA256) &&
	       take_equal(in, 2, RSA_BITS) && take_number(in, 4, &exponent) &&
	       (!exponent || exponent == RSA_EXPONENT) &&
	       take_rsa(in, ak->modulus) && ak->modulus[0] & 0x80;
}

int pk_ak_parse(const void *public, size_t size, struct pk_ak *ak)
{
	struct tpm in = { public, size };
	__u32 type, attributes;
	const __u8 *policy;
	size_t policy_size;

	if (!take_number(&in, 2, &type) || (type != ALG_ECC && type != ALG_RSA) ||
	    !take_equal(&in, 2, ALG_SHA256) || !take_number(&in, 4, &attributes) ||
	    (attributes & (AK_WANTED | DECRYPT)) != AK_WANTED ||
	    !take_sized(&in, &policy, &policy_size) ||
	    !take_equal(&in, 2, ALG_NULL))	/* no symmetric algorithm */
		return -EBADMSG;
	ak->kind = type == ALG_ECC ? PK_AK_P256 : PK_AK_RSA;
	if (!(ak->kind == PK_AK_P256 ? take_point(&in, ak) : take_modulus(&in, ak)) ||
	    in.left)
		return -EBADMSG;
	return 0;
}

size_t pk_ak_encode(const struct pk_ak *ak, __u8 to[PK_AK_ENCODED_MAX])
{
	/* SEQUENCE of 266 bytes: INTEGER of 257, the first of them zero; 65537 */
	static const __u8 before[] = { 0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01,
				       0x01, 0x00 };
	static const __u8 behind[] = { 0x02, 0x03, 0x01, 0x00, 0x01 };

	static_assert(sizeof(before) + PK_RSA_SIZE + sizeof(behind) ==
		      PK_AK_ENCODED_MAX, "RSAPublicKey");
	if (ak->kind == PK_AK_P256) {
		to[0] = 4;
		memcpy(to + 1, ak->x, PK_P256_SIZE);
		memcpy(to + 1 + PK_P256_SIZE, ak->y, PK_P256_SIZE);
		return 1 + 2 * PK_P256_SIZE;
	}
	memcpy(to, before, sizeof(before));
	memcpy(to + sizeof(before), ak->modulus, PK_RSA_SIZE);
	memcpy(to + sizeof(before) + PK_RSA_SIZE, behind, sizeof(behind));
	return PK_AK_ENCODED_MAX;
}

/* One bank of 24 PCRs. */
static bool take_selection(struct tpm *in, __u32 *pcrs)
{
	const __u8 *bits;

	if (!take_equal(in, 4, 1) || !take_equal(in, 2, ALG_SHA256) ||
	    !take_equal(in, 1, SELECT_SIZE) || !take(in, SELECT_SIZE, &bits))
		return false;
	*pcrs = bits[0] | (__u32)bits[1] << 8 | (__u32)bits[2] << 16;
	return true;
}

/* TPMS_CLOCK_INFO and the firmware's version: signed, and not asked for. */
static bool skip_clock(struct tpm *in)
{
	const __u8 *at;
	__u32 safe;

	return take(in, 8 + 4 + 4, &at) && take_number(in, 1, &safe) &&
	       safe <= 1 && take(in, 8, &at);
}

int pk_quote_parse(const void *attest, size_t size, struct pk_quoted *quoted)
{
	struct tpm in = { attest, size };
	const __u8 *signer;
	size_t signer_size, digest_size;

	if (!take_equal(&in, 4, GENERATED) || !take_equal(&in, 2, ST_QUOTE) ||
	    !take_sized(&in, &signer, &signer_size) ||
	    !take_sized(&in, &quoted->nonce, &quoted->nonce_size) ||
	    !skip_clock(&in) || !take_selection(&in, &quoted->pcrs) ||
	    !take_sized(&in, &quoted->digest, &digest_size) ||
	    digest_size != DIGEST_SIZE || in.left)
		return -EBADMSG;
	return 0;
}

int pk_signed_parse(const void *signature, size_t size, struct pk_signed *is)
{
	struct tpm in = { signature, size };
	__u32 scheme;
	bool good;

	if (!take_number(&in, 2, &scheme) ||
	    (scheme != ALG_ECDSA && scheme != ALG_RSASSA) ||
	    !take_equal(&in, 2, ALG_SHA256))
		return -EBADMSG;
	is->kind = scheme == ALG_ECDSA ? PK_AK_P256 : PK_AK_RSA;
	good = is->kind == PK_AK_RSA ? take_rsa(&in, is->rsa) :
	       take_coordinate(&in, is->r) && take_coordinate(&in, is->s);
	return good && !in.left ? 0 : -EBADMSG;
}

/* INTEGER: as short as it goes, and positive. */
static __u8 *put_integer(__u8 *at, const __u8 number[PK_P256_SIZE])
{
	size_t skip = 0, size;

	while (skip < PK_P256_SIZE - 1 && !number[skip])
		skip++;
	size = PK_P256_SIZE - skip;
	*at++ = 0x02;
	*at++ = (__u8)(size + (number[skip] >> 7));
	if (number[skip] & 0x80)
		*at++ = 0;
	memcpy(at, number + skip, size);
	return at + size;
}

size_t pk_signed_encode(const struct pk_signed *is, __u8 to[PK_SIGNED_ENCODED_MAX])
{
	__u8 *end;

	if (is->kind == PK_AK_RSA) {
		memcpy(to, is->rsa, PK_RSA_SIZE);
		return PK_RSA_SIZE;
	}
	end = put_integer(put_integer(to + 2, is->r), is->s);
	to[0] = 0x30;
	to[1] = (__u8)(end - to - 2);
	return (size_t)(end - to);
}

int pk_measured_check(const struct protkey_measured *m)
{
	struct pk_ak ak;
	size_t used;

	if (!m->pcrs || m->pcrs >> PCR_COUNT || m->pcrs & PROTKEY_PCRS_NEVER ||
	    !m->count || m->count > PROTKEY_ACCEPTED_MAX ||
	    m->key_size > PROTKEY_AK_MAX)
		return -EINVAL;
	used = m->count * sizeof(m->accepted[0]);
	if (memchr_inv((const __u8 *)m->accepted + used, 0,
		       sizeof(m->accepted) - used) ||
	    memchr_inv(m->key + m->key_size, 0, sizeof(m->key) - m->key_size))
		return -EINVAL;
	return pk_ak_parse(m->key, m->key_size, &ak);
}
