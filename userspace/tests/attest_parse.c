// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parsers of a TPM's structures, and the section of a sealed state that demands a
 * measured boot: every truncation, every bit, every rule.  Prints KTAP.  Runs under
 * ASan and UBSan, see blob_parse_test.sh.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include "samples.h"

static int count, failed;

static void report(int ok, const char *name)
{
	printf("%sok %d %s\n", ok ? "" : "not ", ++count, name);
	failed += !ok;
}

/* ---- a parser by the bytes that it is given, in a block of just that size ---- */

enum what { QUOTE, AK, ECDSA, RSA_AK, RSA_SIGNED };

static int parse(enum what what, const void *buf, size_t size)
{
	void *copy = malloc(size ? size : 1);
	struct pk_quoted quoted;
	struct pk_signed is;
	struct pk_ak ak;
	int ret;

	memcpy(copy, buf, size);
	if (what == QUOTE)
		ret = pk_quote_parse(copy, size, &quoted);
	else if (what == AK || what == RSA_AK)
		ret = pk_ak_parse(copy, size, &ak);
	else
		ret = pk_signed_parse(copy, size, &is);
	free(copy);
	return ret;
}

static const struct sample {
	const char *name;
	size_t size;
	/* bits that may be anything, else structure: from, to; zeros end them */
	struct { size_t from, to; } free[4];
} samples[] = {
	/* signer; nonce, clock, counters; safe is one; firmware; PCRs; digest */
	[QUOTE] = { "quote", SAMPLE_QUOTE_SIZE,
		    { { 8, 42 }, { 44, 92 }, { 93, 101 }, { 108, 111 } } },
	/* attributes are judged by rules */
	[AK] = { "key", SAMPLE_AK_SIZE, { { 4, 8 }, { 22, 54 }, { 56, 88 } } },
	[ECDSA] = { "signature", SAMPLE_ECDSA_SIZE, { { 6, 37 }, { 39, 71 } } },
	[RSA_AK] = { "RSA key", SAMPLE_RSA_AK_SIZE, { { 4, 8 }, { 25, 280 } } },
	[RSA_SIGNED] = { "RSA signature", SAMPLE_RSA_SIGNED_SIZE, { { 6, 262 } } },
};

static void fill(enum what what, uint8_t *buf)
{
	if (what == QUOTE)
		sample_quote(buf);
	else if (what == AK)
		sample_ak(buf);
	else if (what == ECDSA)
		sample_ecdsa(buf);
	else if (what == RSA_AK)
		sample_rsa_ak(buf);
	else
		sample_rsa_signed(buf);
}

static int is_free(const struct sample *s, size_t byte)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		if (byte >= s->free[i].from && byte < s->free[i].to)
			return 1;
	/* a modulus of 2048 bits has the first one */
	if (s == &samples[RSA_AK] && byte == 24)
		return 1;
	/* the digest ends the quote; safe may be zero */
	return s == &samples[QUOTE] && (byte >= 113 || byte == 92);
}

static void test_lengths(enum what what)
{
	uint8_t buf[512] = { 0 };
	size_t size;
	int ok = 1;

	fill(what, buf);
	report(!parse(what, buf, samples[what].size), samples[what].name);
	for (size = 0; size < sizeof(buf); size++)
		if (size != samples[what].size)
			ok &= parse(what, buf, size) == -EBADMSG;
	report(ok, "cut off anywhere, or longer");
}

static void test_bits(enum what what)
{
	uint8_t buf[512];
	unsigned int bit;
	size_t byte;
	int ok = 1;

	for (byte = 0; byte < samples[what].size; byte++) {
		for (bit = 0; bit < 8; bit++) {
			fill(what, buf);
			buf[byte] ^= (uint8_t)(1U << bit);
			if (!is_free(&samples[what], byte) &&
			    !parse(what, buf, samples[what].size)) {
				printf("# byte %zu bit %u accepted\n", byte, bit);
				ok = 0;
			}
		}
	}
	report(ok, "every bit of its structure");
}

static void test_quote(void)
{
	uint8_t buf[SAMPLE_QUOTE_SIZE];
	struct pk_quoted quoted;

	sample_quote(buf);
	report(!pk_quote_parse(buf, sizeof(buf), &quoted) && quoted.pcrs == 0x210 &&
	       quoted.nonce == buf + 44 && quoted.nonce_size == 32 &&
	       quoted.digest == buf + 113, "quote: nonce, PCRs, digest");
	buf[92] = 2;
	report(pk_quote_parse(buf, sizeof(buf), &quoted) == -EBADMSG,
	       "quote: safe is neither yes nor no");
}

#define AK_RULE(change, want, name) do {				\
	uint8_t ak[SAMPLE_AK_SIZE];					\
	sample_ak(ak);							\
	change;								\
	report(parse(AK, ak, sizeof(ak)) == (want), "key: " name);	\
} while (0)

static void test_ak(void)
{
	AK_RULE(ak[5] = 0x04, -EBADMSG, "not restricted");
	AK_RULE(ak[5] = 0x01, -EBADMSG, "does not sign");
	AK_RULE(ak[5] = 0x07, -EBADMSG, "decrypts, too");
	AK_RULE(ak[7] = 0x70, -EBADMSG, "may leave its TPM");
	AK_RULE(ak[7] = 0x62, -EBADMSG, "may leave its parent");
	AK_RULE(ak[7] = 0x52, -EBADMSG, "was not born in the TPM");
	AK_RULE(ak[6] = 0x00, 0, "guesses count for the TPM's lock-out");
	AK_RULE(ak[17] = 0x04, -EBADMSG, "P-384");
}

/* DER against OpenSSL, with numbers of each length and first bit. */
static int der_is_openssls(const uint8_t r[32], const uint8_t s[32])
{
	unsigned char *want = NULL;
	struct pk_signed is = { .kind = PK_AK_P256 };
	uint8_t der[PK_SIGNED_ENCODED_MAX];
	ECDSA_SIG *sig = ECDSA_SIG_new();
	int size, same;
	size_t got;

	memcpy(is.r, r, 32);
	memcpy(is.s, s, 32);
	ECDSA_SIG_set0(sig, BN_bin2bn(r, 32, NULL), BN_bin2bn(s, 32, NULL));
	size = i2d_ECDSA_SIG(sig, &want);
	got = pk_signed_encode(&is, der);
	same = size > 0 && got == (size_t)size && !memcmp(der, want, got);
	OPENSSL_free(want);
	ECDSA_SIG_free(sig);
	return same;
}

static void test_der(void)
{
	uint8_t r[32] = { 0 }, s[32];
	int ok = 1, zeros, first;

	memset(s, 0xff, sizeof(s));
	for (zeros = 0; zeros < 32; zeros++) {
		memset(r, 0, sizeof(r));
		for (first = 0; first < 256; first++) {
			r[zeros] = (uint8_t)first;
			ok &= der_is_openssls(r, s) && der_is_openssls(s, r);
		}
	}
	report(ok, "signature: DER is OpenSSL's");
}

static void test_rsa(void)
{
	uint8_t buf[SAMPLE_RSA_AK_SIZE], der[PK_AK_ENCODED_MAX];
	const unsigned char *at = der;
	struct pk_ak ak;
	BIGNUM *n = NULL;
	EVP_PKEY *key;

	sample_rsa_ak(buf);
	report(!pk_ak_parse(buf, sizeof(buf), &ak) && ak.kind == PK_AK_RSA &&
	       pk_ak_encode(&ak, der) == sizeof(der), "RSA key: is encoded");
	key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, sizeof(der));
	report(key && at == der + sizeof(der) && EVP_PKEY_get_bits(key) == 2048 &&
	       EVP_PKEY_get_bn_param(key, "n", &n) &&
	       BN_bn2bin(n, der) == 256 && !memcmp(der, buf + 24, 256),
	       "RSA key: as OpenSSL reads it");
	BN_free(n);
	EVP_PKEY_free(key);
	memcpy(buf + 18, "\0\1\0\1", 4);
	report(!pk_ak_parse(buf, sizeof(buf), &ak), "RSA key: its exponent in words");
	buf[21] = 3;
	report(pk_ak_parse(buf, sizeof(buf), &ak) == -EBADMSG, "RSA key: another exponent");
	sample_rsa_ak(buf);
	buf[24] = 0x7f;
	report(pk_ak_parse(buf, sizeof(buf), &ak) == -EBADMSG, "RSA key: 2047 bits");
}

/* ---- the section ---- */

#define ROOM	(SAMPLE_STATE_SIZE + 2 * sizeof(struct pk_section_measured))

static void put_section(uint8_t *state, const struct protkey_measured *m)
{
	struct pk_sealed_header *header = (void *)state;
	struct pk_section_measured *section = (void *)(state + header->length -
						       PK_SEALED_MAC_SIZE);

	memset(section, 0, sizeof(*section));
	section->section.type = PK_SECTION_MEASURED;
	section->section.flags = PK_SECTION_CRITICAL;
	section->section.length = sizeof(*section);
	section->measured = *m;
	header->length += sizeof(*section);
	header->sections++;
}

static int parse_state(const uint8_t *state, const struct pk_sealed_header **header)
{
	return pk_sealed_parse(state, ((const struct pk_sealed_header *)state)->length,
			       header);
}

#define DEMAND_RULE(change, want, name) do {				\
	uint64_t aligned[ROOM / 8 + 1] = { 0 };				\
	const struct pk_sealed_header *header;				\
	struct protkey_measured m;					\
	sample_state((void *)aligned);					\
	sample_measured(&m);						\
	change;								\
	put_section((void *)aligned, &m);				\
	report(parse_state((void *)aligned, &header) == (want), "demand: " name); \
} while (0)

static void test_demand(void)
{
	DEMAND_RULE((void)0, 0, "two boots");
	DEMAND_RULE(m.pcrs = 0, -EBADMSG, "no PCR");
	DEMAND_RULE(m.pcrs = 1 << 24, -EBADMSG, "PCR 24");
	DEMAND_RULE(m.pcrs |= 1 << 16, -EBADMSG, "PCR 16");
	DEMAND_RULE(m.pcrs |= 1 << 23, -EBADMSG, "PCR 23");
	DEMAND_RULE(m.count = 0, -EBADMSG, "no boot");
	DEMAND_RULE((m.count = 8, memset(m.accepted, 1, sizeof(m.accepted))), 0, "eight boots");
	DEMAND_RULE((m.count = 9, memset(m.accepted, 1, sizeof(m.accepted))), -EBADMSG, "nine boots");
	DEMAND_RULE(m.accepted[2][0] = 1, -EBADMSG, "boots not zero padded");
	DEMAND_RULE(m.key_size = 87, -EBADMSG, "a key cut short");
	DEMAND_RULE(m.key[88] = 1, -EBADMSG, "a key not zero padded");
	DEMAND_RULE(m.key_size = 385, -EBADMSG, "a key longer than its field");
	DEMAND_RULE(m.key_size = 0xffff, -EBADMSG, "the longest key");
	DEMAND_RULE(put_section((void *)aligned, &m), -EBADMSG, "twice");
}

static void test_found(void)
{
	uint64_t aligned[ROOM / 8 + 1] = { 0 };
	struct protkey_measured m, found;

	sample_state((void *)aligned);
	report(!pk_sealed_measured((void *)aligned, &found), "demand: none");
	sample_measured(&m);
	put_section((void *)aligned, &m);
	report(pk_sealed_measured((void *)aligned, &found) &&
	       !memcmp(&m, &found, sizeof(m)), "demand: is found as it is");
}

int main(void)
{
	enum what what;

	for (what = QUOTE; what <= RSA_SIGNED; what++) {
		test_lengths(what);
		test_bits(what);
	}
	test_quote();
	test_ak();
	test_der();
	test_rsa();
	test_demand();
	test_found();
	printf("1..%d\n", count);
	return failed ? 1 : 0;
}
