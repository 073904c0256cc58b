// SPDX-License-Identifier: GPL-2.0-only
/* Known answers at load: see selftest.h. */

#include <linux/init.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat/compat.h"
#include "crypto/cipher.h"
#include "derive.h"
#include "keyblob.h"
#include "domain.h"
#include "selftest.h"
#include "vault.h"
#include "x86/isa.h"
#include "vectors.h"

#define XTS_LEN		sizeof(xts128_ct)
#define MODE_LEN	80
#define GCM_FIRST_LEN	32
#define GCM_LEN		(GCM_FIRST_LEN + PK_GCM_GROUP + 45)
#define GCM_AAD_LEN	20

struct slots {
	struct pk_slot *base, *scratch, *key;
};

static int __init expect(const char *what, const void *got, const void *want,
			 size_t len)
{
	if (!memcmp(got, want, len))
		return 0;
	pr_err("self-test failed: %s\n", what);
	return -EINVAL;
}

static void __init empty(struct pk_slot *slot)
{
	pk_slot_invalidate(slot);
	pk_slot_wipe(slot);
}

static int __init import_key(struct pk_slot *slot, u32 type, u32 size,
			     const u8 *clear)
{
	empty(slot);
	pk_slot_set_header(slot, type, size);
	return pk_op_import(slot, clear);
}

static int __init import(struct pk_slot *slot, u32 type, u32 size, u8 start,
			 u8 step)
{
	u8 clear[64] = { };
	unsigned int i;

	for (i = 0; i < size; i++)
		clear[i] = start + step * i;
	return import_key(slot, type, size, clear);
}

static int __init run(enum pk_mode mode, const struct pk_slot *slot,
		      bool decrypt, u8 *buf, unsigned int len)
{
	u8 iv[16];
	unsigned int i;

	for (i = 0; i < sizeof(iv); i++)
		iv[i] = 0xf0 - i;
	return pk_cipher_section(mode, slot, decrypt, iv, buf, buf, len,
				 mode == PK_MODE_XTS ?
				 1ULL << PK_XTS_FIRST_BIT : 0);
}

static void __init fill(u8 *buf, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		buf[i] = i;
}

static int __init test_xts(struct slots *s, u32 type, u32 size,
			   const u8 *want, const char *name)
{
	u8 plain[XTS_LEN], buf[XTS_LEN];

	fill(plain, XTS_LEN);
	fill(buf, XTS_LEN);
	return import(s->key, type, size, 3, 7) ?:
	       run(PK_MODE_XTS, s->key, false, buf, XTS_LEN) ?:
	       expect(name, buf, want, XTS_LEN) ?:
	       run(PK_MODE_XTS, s->key, true, buf, XTS_LEN) ?:
	       expect(name, buf, plain, XTS_LEN);
}

/*
 * In two sections, so that the mask on the running hash is tried as well, and the
 * second in two pieces.
 */
static int __init run_gcm(const struct pk_slot *slot, bool decrypt,
			  const u8 *aad, u8 *buf, u8 *tag)
{
	struct pk_gcm g = { .aad = aad, .aad_len = GCM_AAD_LEN };
	u8 *first = buf + GCM_FIRST_LEN, *second = first + PK_GCM_GROUP;
	const struct pk_gcm_piece pieces[] = {
		{ first, first, PK_GCM_GROUP },
		{ second, second, buf + GCM_LEN - second },
	};
	u64 flags = 1ULL << PK_GCM_LAST_BIT | 1ULL << PK_GCM_PIECES_BIT;
	unsigned int i;
	int ret;

	for (i = 0; i < 12; i++)
		g.counter[i] = 0xf0 - i;
	g.counter[15] = 2;
	g.lengths[7] = GCM_AAD_LEN * 8;
	put_unaligned_be16(GCM_LEN * 8, g.lengths + 14);
	ret = pk_gcm_section(slot, decrypt, &g, buf, buf, GCM_FIRST_LEN,
			     1ULL << PK_GCM_FIRST_BIT);
	if (ret)
		return ret;
	g.aad_len = 0;
	/* a hash from another epoch must be refused */
	g.epoch++;
	if (pk_gcm_section(slot, decrypt, &g, pieces, NULL,
			   GCM_LEN - GCM_FIRST_LEN, flags) != -ENOKEY)
		return -EINVAL;
	g.epoch--;
	ret = pk_gcm_section(slot, decrypt, &g, pieces, NULL,
			     GCM_LEN - GCM_FIRST_LEN, flags);
	memcpy(tag, g.tag, sizeof(g.tag));
	return ret;
}

static const u32 aes_types[PK_KEY_SIZES] __initconst = {
	PROTKEY_KEY_AES_128, PROTKEY_KEY_AES_192, PROTKEY_KEY_AES_256,
};

static int __init test_gcm(struct slots *s)
{
	u8 plain[GCM_LEN], buf[GCM_LEN], tag[16];
	unsigned int n;
	int ret = 0;

	if (!pk_isa.gcm[0][0])
		return 0;
	fill(plain, GCM_LEN);
	for (n = 0; n < PK_KEY_SIZES && !ret; n++) {
		fill(buf, GCM_LEN);
		ret = import(s->key, aes_types[n], 16 + 8 * n, 3, 7) ?:
		      run_gcm(s->key, false, plain, buf, tag) ?:
		      expect("gcm tag", tag, gcm_tag[n], sizeof(tag)) ?:
		      run_gcm(s->key, true, plain, buf, tag) ?:
		      expect("gcm tag, decrypted", tag, gcm_tag[n], sizeof(tag)) ?:
		      expect("gcm", buf, plain, GCM_LEN);
	}
	return ret;
}

static int __init test_mode(struct slots *s, enum pk_mode mode,
			    const char *name)
{
	u8 plain[MODE_LEN], buf[MODE_LEN], sum[16];
	unsigned int i, n;
	int ret = 0;

	fill(plain, MODE_LEN);
	for (n = 0; n < PK_KEY_SIZES && !ret; n++) {
		fill(buf, MODE_LEN);
		ret = import(s->key, aes_types[n], 16 + 8 * n, 3, 7) ?:
		      run(mode, s->key, false, buf, MODE_LEN);
		if (ret)
			break;
		memset(sum, 0, sizeof(sum));
		for (i = 0; i < MODE_LEN; i++)
			sum[i % 16] ^= buf[i];
		ret = expect(name, sum, mode_ct[mode][n], sizeof(sum)) ?:
		      run(mode, s->key, true, buf, MODE_LEN) ?:
		      expect(name, buf, plain, MODE_LEN);
	}
	return ret;
}

/* The last block as tail; with more than one in two sections: that tries the mask. */
static int __init run_hmac(const struct pk_slot *slot,
			   const struct hmac_vector *v, struct pk_hmac *h)
{
	unsigned int len = strlen(v->data), block = 2 * v->size, first, padded;
	u64 flags = 1ULL << PK_HMAC_FIRST_BIT;
	u8 buf[HMAC_DATA_MAX + 128] = { };
	int ret = 0;

	padded = round_up(len + 1 + block / 8, block);
	memcpy(buf, v->data, len);
	buf[len] = 0x80;
	put_unaligned_be64((block + len) * 8, buf + padded - 8);
	first = padded > block ? block : 0;
	if (first) {
		ret = pk_hmac_section(v->hash, slot, h, buf, first, flags);
		flags = 0;
	}
	if (ret)
		return ret;
	h->tail = buf + padded - block;
	h->tail_len = block;
	return pk_hmac_section(v->hash, slot, h, buf + first,
			       padded - block - first,
			       flags | 1ULL << PK_HMAC_LAST_BIT);
}

static int __init test_hmac(struct slots *s)
{
	const struct hmac_vector *v;
	struct pk_hmac h = { };
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(hmac_vectors) && !ret; i++) {
		v = &hmac_vectors[i];
		ret = import_key(s->key, v->type, v->size, v->key) ?:
		      run_hmac(s->key, v, &h) ?:
		      expect("hmac", h.mac, v->mac, v->size);
	}
	return ret;
}

/* Derivation, patterns, wrapping and back. */
static int __init test_blob(struct slots *s)
{
	u8 header[PK_BLOB_HEADER_SIZE], wrapped[72], pattern[16];
	unsigned int i;

	for (i = 0; i < sizeof(header); i++)
		header[i] = i;
	empty(s->scratch);
	pk_slot_set_header(s->scratch, PK_SLOT_WRAPPING_KEY, 32);
	return import(s->base, PK_SLOT_MASTER_KEY, 32, 0x80, 1) ?:
	       pk_derive_pattern(s->base, PK_LABEL_MK_PATTERN, NULL, 0, pattern) ?:
	       expect("master key pattern", pattern, mk_pattern, 16) ?:
	       import(s->key, PROTKEY_KEY_XTS_256, 64, 3, 7) ?:
	       pk_derive_key_pattern(s->key, PROTKEY_KEY_XTS_256, 64, pattern) ?:
	       expect("key pattern", pattern, key_pattern, 16) ?:
	       pk_derive_key(s->base, PK_LABEL_BLOB, header, sizeof(header),
			     s->scratch) ?:
	       pk_op_wrap(s->scratch, s->key, wrapped) ?:
	       expect("blob wrap", wrapped, blob_wrapped, 72);
}

static int __init test_unwrap(struct slots *s)
{
	u8 wrapped[72], pattern[16];
	int ret;

	memcpy(wrapped, blob_wrapped, sizeof(wrapped));
	empty(s->key);
	pk_slot_set_header(s->key, PROTKEY_KEY_XTS_256, 64);
	ret = pk_op_unwrap(s->scratch, s->key, wrapped) ?:
	      pk_derive_key_pattern(s->key, PROTKEY_KEY_XTS_256, 64, pattern) ?:
	      expect("blob unwrap", pattern, key_pattern, 16);
	if (ret)
		return ret;
	wrapped[40] ^= 1;
	empty(s->key);
	ret = pk_op_unwrap(s->scratch, s->key, wrapped);
	if (ret == -EKEYREJECTED)
		return 0;
	pr_err("self-test failed: a changed blob gave %d\n", ret);
	return -EINVAL;
}

int __init pk_selftest(void)
{
	struct slots s = { pk_slot_alloc(), pk_slot_alloc(), pk_slot_alloc() };
	int ret = -ENOMEM;

	if (s.base && s.scratch && s.key)
		ret = test_xts(&s, PROTKEY_KEY_XTS_128, 32, xts128_ct,
			       "xts-128") ?:
		      test_xts(&s, PROTKEY_KEY_XTS_256, 64, xts256_ct,
			       "xts-256") ?:
		      test_mode(&s, PK_MODE_CTR, "ctr") ?:
		      test_mode(&s, PK_MODE_CBC, "cbc") ?:
		      test_mode(&s, PK_MODE_ECB, "ecb") ?:
		      test_gcm(&s) ?:
		      test_hmac(&s) ?:
		      test_blob(&s) ?: test_unwrap(&s);
	pk_slot_free(s.base);
	pk_slot_free(s.scratch);
	pk_slot_free(s.key);
	if (ret)
		pr_err("self-test: %d; the module is not loaded\n", ret);
	return ret;
}
