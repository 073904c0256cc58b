// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether a quote is one: TPM 2.0 Library, part 2, 10.12 (TPMS_ATTEST), and
 * part 3, 18.4 (TPM2_Quote).  All bytes are of whoever sent the evidence.
 *
 * That the key is a TPM's own is not shown by this: its name is pinned when the
 * machine is enrolled.  A restricted key signs only what its TPM made, or what
 * does not begin like that.
 */
#include <string.h>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <tss2/tss2_mu.h>

#include "evidence.h"

#define SIGNING_KEY	(TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT | \
			 TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | \
			 TPMA_OBJECT_SENSITIVEDATAORIGIN)
#define POINT_ROOM	(1 + 2 * 66)

static const char *const texts[FW_QUOTES] = {
	[FW_QUOTE_GOOD] = "good: the TPM signed these PCR values",
	[FW_QUOTE_NONE] = "there is none: nobody vouches for the PCR values",
	[FW_QUOTE_MALFORMED] = "malformed",
	[FW_QUOTE_SIGNATURE] = "its signature is not the key's",
	[FW_QUOTE_NONCE] = "it answers another request: replayed",
	[FW_QUOTE_KEY] = "it is by another key than expected: another TPM",
	[FW_QUOTE_PCRS] = "the PCR values are not those that were signed",
	[FW_QUOTE_RESTRICTED] = "its key may sign what no TPM made",
};

const char *fw_quote_text(enum fw_quote quote)
{
	return texts[quote];
}

struct quote {
	TPM2B_PUBLIC key;
	TPMT_SIGNATURE signature;
	TPMS_ATTEST attest;
	uint8_t name[2 + 32];	/* the key's, computed */
};

/* ---- parsing: nothing may follow --------------------------------------------- */

static bool parse_key(const struct fw_buffer *from, struct quote *q)
{
	size_t at = 0;

	/* tss2-mu does not compare the size in front with what follows */
	return !Tss2_MU_TPM2B_PUBLIC_Unmarshal(from->data, from->size, &at,
					       &q->key) &&
	       at == from->size &&
	       (size_t)(from->data[0] << 8 | from->data[1]) == from->size - 2;
}

static bool parse(const struct fw_evidence *ev, struct quote *q)
{
	size_t at = 0;

	if (!ev->key.size || !ev->attest.size || !ev->signature.size)
		return false;
	if (Tss2_MU_TPMS_ATTEST_Unmarshal(ev->attest.data, ev->attest.size,
					  &at, &q->attest) ||
	    at != ev->attest.size)
		return false;
	at = 0;
	if (Tss2_MU_TPMT_SIGNATURE_Unmarshal(ev->signature.data,
					     ev->signature.size, &at,
					     &q->signature) ||
	    at != ev->signature.size)
		return false;
	return parse_key(&ev->key, q) &&
	       q->attest.magic == TPM2_GENERATED_VALUE &&
	       q->attest.type == TPM2_ST_ATTEST_QUOTE;
}

/* ---- the key -------------------------------------------------------------------- */

/* nameAlg || H(TPMT_PUBLIC); SHA-256 alone is taken. */
static bool name_key(struct quote *q)
{
	uint8_t area[sizeof(TPMT_PUBLIC)];
	struct fw_digest digest;
	size_t size = 0;

	if (q->key.publicArea.nameAlg != TPM2_ALG_SHA256 ||
	    Tss2_MU_TPMT_PUBLIC_Marshal(&q->key.publicArea, area, sizeof(area),
					&size) ||
	    fw_digest_of(FW_SHA256, area, size, &digest))
		return false;
	q->name[0] = TPM2_ALG_SHA256 >> 8;
	q->name[1] = TPM2_ALG_SHA256 & 0xff;
	memcpy(q->name + 2, digest.bytes, 32);
	return true;
}

static EVP_PKEY *build(const char *type, OSSL_PARAM_BLD *with)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(with);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (params && ctx && EVP_PKEY_fromdata_init(ctx) > 0 &&
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return key;
}

static EVP_PKEY *ecc_key(const TPMT_PUBLIC *public)
{
	const TPMS_ECC_POINT *point = &public->unique.ecc;
	OSSL_PARAM_BLD *with = OSSL_PARAM_BLD_new();
	uint8_t octets[POINT_ROOM] = { POINT_CONVERSION_UNCOMPRESSED };
	EVP_PKEY *key = NULL;

	/* leading zeros may be left out of a coordinate */
	if (with && public->parameters.eccDetail.curveID == TPM2_ECC_NIST_P256 &&
	    point->x.size <= 32 && point->y.size <= 32) {
		memcpy(octets + 1 + 32 - point->x.size, point->x.buffer,
		       point->x.size);
		memcpy(octets + 1 + 64 - point->y.size, point->y.buffer,
		       point->y.size);
		if (OSSL_PARAM_BLD_push_utf8_string(with,
				OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) &&
		    OSSL_PARAM_BLD_push_octet_string(with,
				OSSL_PKEY_PARAM_PUB_KEY, octets, 65))
			key = build("EC", with);
	}
	OSSL_PARAM_BLD_free(with);
	return key;
}

static EVP_PKEY *rsa_key(const TPMT_PUBLIC *public)
{
	uint32_t exponent = public->parameters.rsaDetail.exponent;
	const TPM2B_PUBLIC_KEY_RSA *modulus = &public->unique.rsa;
	OSSL_PARAM_BLD *with = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_bin2bn(modulus->buffer, modulus->size, NULL);
	BIGNUM *e = BN_new();
	EVP_PKEY *key = NULL;

	if (with && n && e && modulus->size >= 256 &&
	    BN_set_word(e, exponent ? exponent : 65537) &&
	    OSSL_PARAM_BLD_push_BN(with, OSSL_PKEY_PARAM_RSA_N, n) &&
	    OSSL_PARAM_BLD_push_BN(with, OSSL_PKEY_PARAM_RSA_E, e))
		key = build("RSA", with);
	BN_free(n);
	BN_free(e);
	OSSL_PARAM_BLD_free(with);
	return key;
}

/* ---- its signature ------------------------------------------------------------------ */

/* DER of r and s; the caller frees it. */
static int der_of(const TPMS_SIGNATURE_ECC *from, unsigned char **der)
{
	BIGNUM *r = BN_bin2bn(from->signatureR.buffer, from->signatureR.size,
			      NULL);
	BIGNUM *s = BN_bin2bn(from->signatureS.buffer, from->signatureS.size,
			      NULL);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	int size = -1;

	*der = NULL;
	if (r && s && sig && ECDSA_SIG_set0(sig, r, s)) {
		r = s = NULL;	/* they are the signature's now */
		size = i2d_ECDSA_SIG(sig, der);
	}
	ECDSA_SIG_free(sig);
	BN_free(r);
	BN_free(s);
	return size;
}

static bool verify(EVP_PKEY *key, bool pss, const void *sig, size_t size,
		   const struct fw_buffer *signed_data)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	bool good = false;

	if (ctx && EVP_DigestVerifyInit(ctx, &pctx, EVP_sha256(), NULL, key) > 0 &&
	    (!pss || EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) > 0))
		good = EVP_DigestVerify(ctx, sig, size, signed_data->data,
					signed_data->size) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

static bool verify_ecdsa(const struct quote *q, const struct fw_buffer *signed_data)
{
	const TPMS_SIGNATURE_ECC *ecdsa = &q->signature.signature.ecdsa;
	EVP_PKEY *key = ecc_key(&q->key.publicArea);
	unsigned char *der;
	bool good = false;
	int size;

	if (!key || ecdsa->hash != TPM2_ALG_SHA256) {
		EVP_PKEY_free(key);
		return false;
	}
	size = der_of(ecdsa, &der);
	if (size > 0)
		good = verify(key, false, der, (size_t)size, signed_data);
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	return good;
}

static bool verify_rsa(const struct quote *q, const struct fw_buffer *signed_data)
{
	const TPMS_SIGNATURE_RSA *rsa = &q->signature.signature.rsassa;
	EVP_PKEY *key = rsa_key(&q->key.publicArea);
	bool good = key && rsa->hash == TPM2_ALG_SHA256 &&
		    verify(key, q->signature.sigAlg == TPM2_ALG_RSAPSS,
			   rsa->sig.buffer, rsa->sig.size, signed_data);

	EVP_PKEY_free(key);
	return good;
}

static bool is_signed(const struct quote *q, const struct fw_buffer *signed_data)
{
	switch (q->signature.sigAlg) {
	case TPM2_ALG_ECDSA:
		return q->key.publicArea.type == TPM2_ALG_ECC &&
		       verify_ecdsa(q, signed_data);
	case TPM2_ALG_RSASSA:
	case TPM2_ALG_RSAPSS:
		return q->key.publicArea.type == TPM2_ALG_RSA &&
		       verify_rsa(q, signed_data);
	default:
		return false;
	}
}

/* ---- PCR values ------------------------------------------------------------------------ */

/* One bank of the selection into the digest, and into @quoted. */
static bool add_selected(const TPMS_PCR_SELECTION *selection,
			 const struct fw_pcrs *claimed, EVP_MD_CTX *ctx,
			 struct fw_pcrs *quoted)
{
	enum fw_bank bank;
	unsigned int pcr;

	if (!fw_bank_of_alg(selection->hash, &bank) ||
	    selection->sizeofSelect > FW_PCRS / 8)
		return false;
	for (pcr = 0; pcr < selection->sizeofSelect * 8U; pcr++) {
		const struct fw_digest *value = &claimed->value[bank][pcr];

		if (!(selection->pcrSelect[pcr / 8] >> (pcr % 8) & 1))
			continue;
		if (!value->size ||
		    !EVP_DigestUpdate(ctx, value->bytes, value->size))
			return false;
		quoted->value[bank][pcr] = *value;
		quoted->known[bank] = true;
	}
	return true;
}

static bool check_pcrs(const struct quote *q, const struct fw_pcrs *claimed,
		       struct fw_pcrs *quoted)
{
	const TPMS_QUOTE_INFO *info = &q->attest.attested.quote;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t digest[32];
	bool good;
	uint32_t i;

	memset(quoted, 0, sizeof(*quoted));
	good = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	for (i = 0; good && i < info->pcrSelect.count; i++)
		good = add_selected(&info->pcrSelect.pcrSelections[i], claimed,
				    ctx, quoted);
	good = good && EVP_DigestFinal_ex(ctx, digest, NULL) &&
	       info->pcrDigest.size == sizeof(digest) &&
	       !memcmp(info->pcrDigest.buffer, digest, sizeof(digest));
	EVP_MD_CTX_free(ctx);
	if (!good)
		memset(quoted, 0, sizeof(*quoted));
	return good;
}

/* ---- all of it ------------------------------------------------------------------------- */

static bool same(const TPM2B_DATA *is, const void *want, size_t size)
{
	return is->size == size && !memcmp(is->buffer, want, size);
}

enum fw_quote fw_quote_check(const struct fw_evidence *ev, const void *nonce,
			     size_t nonce_size, const uint8_t *key_name,
			     struct fw_pcrs *quoted, uint32_t *reset_count,
			     uint32_t *restart_count)
{
	struct quote q;

	memset(quoted, 0, sizeof(*quoted));
	if (!ev->quoted)
		return FW_QUOTE_NONE;
	memset(&q, 0, sizeof(q));
	if (!parse(ev, &q))
		return FW_QUOTE_MALFORMED;
	if (!name_key(&q) || memcmp(q.name, ev->key_name, sizeof(q.name)) ||
	    (key_name && memcmp(q.name, key_name, sizeof(q.name))))
		return FW_QUOTE_KEY;
	if ((q.key.publicArea.objectAttributes & SIGNING_KEY) != SIGNING_KEY ||
	    q.key.publicArea.objectAttributes & TPMA_OBJECT_DECRYPT)
		return FW_QUOTE_RESTRICTED;
	if (!is_signed(&q, &ev->attest))
		return FW_QUOTE_SIGNATURE;
	if (!same(&q.attest.extraData, ev->nonce.data, ev->nonce.size) ||
	    (nonce && !same(&q.attest.extraData, nonce, nonce_size)))
		return FW_QUOTE_NONCE;
	if (!check_pcrs(&q, &ev->pcrs, quoted))
		return FW_QUOTE_PCRS;
	if (reset_count)
		*reset_count = q.attest.clockInfo.resetCount;
	if (restart_count)
		*restart_count = q.attest.clockInfo.restartCount;
	return FW_QUOTE_GOOD;
}
