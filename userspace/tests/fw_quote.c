// SPDX-License-Identifier: GPL-2.0-only
/*
 * Quotes and evidence, attacked:
 *
 *	fw_quote take FILE NONCE	evidence of the TPM at PROTKEY_TCTI
 *	fw_quote key FILE		name of its key
 *	fw_quote check FILE NONCE|- KEYNAME|-	verdict as a number
 *	fw_quote lengths|bits|freekey|json FILE	0 if no attack succeeds
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <tss2/tss2_mu.h>

#include "../cli/cli.h"
#include "../cli/fw_quote.h"
#include "../fw/field.h"

#define JSON_STRIDE	127	/* bits between those flipped: coprime to 8 */

static char *slurp(const char *path, size_t *size)
{
	FILE *file = fopen(path, "r");
	char *text = malloc(1 << 20);

	if (!file || !text)
		exit(99);
	*size = fread(text, 1, 1 << 20, file);
	fclose(file);
	return text;
}

static void load(const char *path, struct fw_evidence *ev)
{
	char why[160];
	size_t size;
	char *text = slurp(path, &size);
	int ret = fw_evidence_parse(text, size, ev, why);

	free(text);
	if (!ret)
		return;
	fprintf(stderr, "%s: %d, %s\n", path, ret, why);
	exit(98);
}

static enum fw_quote check(const struct fw_evidence *ev, struct fw_pcrs *quoted)
{
	return fw_quote_check(ev, NULL, 0, NULL, quoted, NULL, NULL);
}

static int take(const char *path, const char *hex)
{
	struct fw_evidence ev = { 0 };
	uint8_t nonce[64];
	size_t size = strlen(hex) / 2;
	struct json_object *obj;
	int status;

	if (size > sizeof(nonce) || !fw_hex_decode(hex, nonce, size))
		return 97;
	status = fw_quote_take(&ev, nonce, size);
	obj = status ? NULL : fw_evidence_json(&ev);
	if (obj && json_object_to_file(path, obj))
		status = 96;
	json_object_put(obj);
	fw_evidence_free(&ev);
	return status;
}

static int verdict(const char *path, const char *nonce_hex, const char *name_hex)
{
	uint8_t nonce[64], name[34];
	size_t size = strlen(nonce_hex) / 2;
	bool any_nonce = !strcmp(nonce_hex, "-"), any_key = !strcmp(name_hex, "-");
	struct fw_evidence ev;
	struct fw_pcrs quoted;
	uint32_t resets = 0;
	enum fw_quote is;

	if ((!any_nonce && !fw_hex_decode(nonce_hex, nonce, size)) ||
	    (!any_key && !fw_hex_decode(name_hex, name, sizeof(name))))
		return 97;
	load(path, &ev);
	is = fw_quote_check(&ev, any_nonce ? NULL : nonce, size,
			    any_key ? NULL : name, &quoted, &resets, NULL);
	printf("%d: %s; sha256 %d, sha384 %d, resets %u\n", is, fw_quote_text(is),
	       quoted.known[FW_SHA256], quoted.known[FW_SHA384], resets);
	fw_evidence_free(&ev);
	return 0;
}

/* ---- each part, cut short or longer ---------------------------------------- */

static int lengths_of(struct fw_evidence *ev, struct fw_buffer *part,
		      const char *name)
{
	struct fw_buffer whole = *part;
	struct fw_pcrs quoted;
	int wrong = 0;
	size_t size;

	for (size = 0; size <= whole.size + 1; size++) {
		/* of just that size: a read behind it is seen */
		part->data = calloc(1, size ? size : 1);
		memcpy(part->data, whole.data,
		       size < whole.size ? size : whole.size);
		part->size = size;
		if (size != whole.size &&
		    check(ev, &quoted) != FW_QUOTE_MALFORMED) {
			fprintf(stderr, "%s of %zu bytes\n", name, size);
			wrong++;
		}
		free(part->data);
	}
	*part = whole;
	return wrong;
}

static int lengths(struct fw_evidence *ev)
{
	return lengths_of(ev, &ev->attest, "attest") +
	       lengths_of(ev, &ev->signature, "signature") +
	       lengths_of(ev, &ev->key, "key");
}

/* ---- every bit ---------------------------------------------------------------- */

static int bits_of(struct fw_evidence *ev, uint8_t *bytes, size_t size,
		   const char *name)
{
	static const struct fw_pcrs none;
	struct fw_pcrs quoted;
	int wrong = 0;
	size_t bit;

	for (bit = 0; bit < size * 8; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		if (check(ev, &quoted) == FW_QUOTE_GOOD ||
		    memcmp(&quoted, &none, sizeof(none))) {
			fprintf(stderr, "%s: bit %zu\n", name, bit);
			wrong++;
		}
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	return wrong;
}

static int bits(struct fw_evidence *ev)
{
	int wrong = bits_of(ev, ev->attest.data, ev->attest.size, "attest") +
		    bits_of(ev, ev->signature.data, ev->signature.size,
			    "signature") +
		    bits_of(ev, ev->key.data, ev->key.size, "key") +
		    bits_of(ev, ev->key_name, sizeof(ev->key_name), "key name") +
		    bits_of(ev, ev->nonce.data, ev->nonce.size, "nonce");
	unsigned int pcr;

	for (pcr = 0; pcr < FW_PCRS; pcr++)
		wrong += bits_of(ev, ev->pcrs.value[FW_SHA256][pcr].bytes, 32,
				 "PCR");
	return wrong;
}

/* ---- a key that signs whatever it is given -------------------------------------- */

static bool sign(EVP_PKEY *key, const struct fw_buffer *data, TPMT_SIGNATURE *to)
{
	TPMS_SIGNATURE_ECC *ecdsa = &to->signature.ecdsa;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char der[80];
	const unsigned char *at = der;
	size_t size = sizeof(der);
	ECDSA_SIG *sig;

	if (EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) <= 0 ||
	    EVP_DigestSign(ctx, der, &size, data->data, data->size) <= 0)
		return false;
	EVP_MD_CTX_free(ctx);
	sig = d2i_ECDSA_SIG(NULL, &at, (long)size);
	to->sigAlg = TPM2_ALG_ECDSA;
	ecdsa->hash = TPM2_ALG_SHA256;
	ecdsa->signatureR.size = ecdsa->signatureS.size = 32;
	BN_bn2binpad(ECDSA_SIG_get0_r(sig), ecdsa->signatureR.buffer, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), ecdsa->signatureS.buffer, 32);
	ECDSA_SIG_free(sig);
	return true;
}

static void replace(struct fw_buffer *to, const void *bytes, size_t size)
{
	free(to->data);
	to->data = malloc(size);
	memcpy(to->data, bytes, size);
	to->size = size;
}

/* Says in its public area what @attributes says, and is named rightly. */
static void put_key(struct fw_evidence *ev, EVP_PKEY *key, uint32_t attributes)
{
	TPM2B_PUBLIC public = { 0 };
	uint8_t point[65], bytes[sizeof(public)];
	struct fw_digest digest;
	size_t at = 0, size = 0;

	Tss2_MU_TPM2B_PUBLIC_Unmarshal(ev->key.data, ev->key.size, &at, &public);
	EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
					point, sizeof(point), &at);
	public.size = 0;
	public.publicArea.objectAttributes = attributes;
	public.publicArea.unique.ecc.x.size = 32;
	public.publicArea.unique.ecc.y.size = 32;
	memcpy(public.publicArea.unique.ecc.x.buffer, point + 1, 32);
	memcpy(public.publicArea.unique.ecc.y.buffer, point + 33, 32);
	Tss2_MU_TPM2B_PUBLIC_Marshal(&public, bytes, sizeof(bytes), &size);
	replace(&ev->key, bytes, size);
	fw_digest_of(FW_SHA256, bytes + 2, size - 2, &digest);
	memcpy(ev->key_name + 2, digest.bytes, 32);
}

static int freekey(struct fw_evidence *ev)
{
	static const uint32_t needed[] = {
		TPMA_OBJECT_RESTRICTED, TPMA_OBJECT_SIGN_ENCRYPT,
		TPMA_OBJECT_FIXEDTPM, TPMA_OBJECT_FIXEDPARENT,
		TPMA_OBJECT_SENSITIVEDATAORIGIN, TPMA_OBJECT_DECRYPT,
	};
	EVP_PKEY *key = EVP_EC_gen("P-256");
	uint32_t all = TPMA_OBJECT_USERWITHAUTH;
	uint8_t bytes[sizeof(TPMT_SIGNATURE)], pinned[34];
	TPMT_SIGNATURE sig = { 0 };
	struct fw_pcrs quoted;
	size_t i, size = 0;
	int wrong = 0;

	memcpy(pinned, ev->key_name, sizeof(pinned));
	for (i = 0; i < 5; i++)
		all |= needed[i];
	if (!key || !sign(key, &ev->attest, &sig))
		return 95;
	Tss2_MU_TPMT_SIGNATURE_Marshal(&sig, bytes, sizeof(bytes), &size);
	replace(&ev->signature, bytes, size);
	wrong += check(ev, &quoted) != FW_QUOTE_SIGNATURE;
	/* control: the forgery is a sound one, but for the attributes */
	put_key(ev, key, all);
	wrong += check(ev, &quoted) != FW_QUOTE_GOOD;
	wrong += fw_quote_check(ev, NULL, 0, pinned, &quoted, NULL,
				NULL) != FW_QUOTE_KEY;
	for (i = 0; i < 6; i++) {
		put_key(ev, key, all ^ needed[i]);
		wrong += check(ev, &quoted) != FW_QUOTE_RESTRICTED;
	}
	EVP_PKEY_free(key);
	return wrong;
}

/* ---- JSON ------------------------------------------------------------------------ */

static int parse(const char *text, size_t size, bool *taken)
{
	struct fw_evidence ev;
	struct fw_pcrs quoted;
	char *copy = malloc(size ? size : 1), why[160];
	int ret;

	memcpy(copy, text, size);
	ret = fw_evidence_parse(copy, size, &ev, why);
	free(copy);
	*taken = !ret;
	if (ret)	/* always says why */
		return !why[0];
	check(&ev, &quoted);
	fw_evidence_free(&ev);
	return 0;
}

static int json(const char *path)
{
	size_t size, at, bit;
	char *text = slurp(path, &size);
	int wrong = 0;
	bool taken;

	for (at = 0; at < size; at++) {
		wrong += parse(text, at, &taken);
		wrong += taken;
	}
	for (bit = 0; bit < size * 8; bit += JSON_STRIDE) {
		text[bit / 8] ^= (char)(1 << bit % 8);
		wrong += parse(text, size, &taken);
		text[bit / 8] ^= (char)(1 << bit % 8);
	}
	free(text);
	return wrong;
}

static int attack(const char *how, const char *path)
{
	struct fw_evidence ev;
	struct fw_pcrs quoted;
	int wrong;

	if (!strcmp(how, "json"))
		return json(path);
	load(path, &ev);
	if (check(&ev, &quoted) != FW_QUOTE_GOOD)
		return 94;
	wrong = !strcmp(how, "lengths") ? lengths(&ev) :
		!strcmp(how, "bits") ? bits(&ev) :
		!strcmp(how, "freekey") ? freekey(&ev) : 93;
	if (!strcmp(how, "key")) {
		char hex[69];

		fw_hex_encode(ev.key_name, sizeof(ev.key_name), hex);
		puts(hex);
		wrong = 0;
	}
	fw_evidence_free(&ev);
	return wrong;
}

int main(int argc, char **argv)
{
	int wrong;

	if (argc == 4 && !strcmp(argv[1], "take"))
		return take(argv[2], argv[3]);
	if (argc == 5 && !strcmp(argv[1], "check"))
		return verdict(argv[2], argv[3], argv[4]);
	if (argc != 3)
		return 2;
	wrong = attack(argv[1], argv[2]);
	if (wrong)
		fprintf(stderr, "%s: %d wrong\n", argv[1], wrong);
	return !!wrong;
}
