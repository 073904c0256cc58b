// SPDX-License-Identifier: GPL-2.0-only
/*
 * GCM beside stock's: see bench.c.  A request is a TLS record: IV, 13 bytes of
 * associated data, the data in one piece, a tag to make or to check.  Stock does
 * what gcm_crypt() of aesni-intel_glue.c does, ours what crypto/aead.c does.
 */

#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define AAD	13
#define TAG	16
#define FIRST	(1UL << PK_GCM_FIRST_BIT)
#define LAST	(1UL << PK_GCM_LAST_BIT)

/* struct aes_gcm_key_{aesni,avx10}: the schedule, then powers of the hash key. */
struct stock_gcm_key {
	struct stock_key aes;
	u8 powers[1024 - sizeof(struct stock_key)];
} __attribute__((aligned(64)));

struct stock_fns {
	const char *level;
	void (*precompute)(struct stock_gcm_key *key);
	void (*aad)(const struct stock_gcm_key *key, u8 *hash, const u8 *aad,
		    int len);
	void (*update[2])(const struct stock_gcm_key *key, const u32 *counter,
			  u8 *hash, const u8 *src, u8 *dst, int len);
	void (*enc_final)(const struct stock_gcm_key *key, const u32 *counter,
			  u8 *hash, u64 aad_len, u64 len);
	_Bool (*dec_final)(const struct stock_gcm_key *key, const u32 *counter,
			   const u8 *hash, u64 aad_len, u64 len, const u8 *tag,
			   int tag_len);
};

#define DECLARE_UPDATE(suffix)						\
	void aes_gcm_precompute_##suffix(struct stock_gcm_key *key);	\
	void aes_gcm_enc_update_##suffix(const struct stock_gcm_key *key, \
		const u32 *counter, u8 *hash, const u8 *src, u8 *dst, int len); \
	void aes_gcm_dec_update_##suffix(const struct stock_gcm_key *key, \
		const u32 *counter, u8 *hash, const u8 *src, u8 *dst, int len)

#define DECLARE_REST(suffix)						\
	void aes_gcm_aad_update_##suffix(const struct stock_gcm_key *key, \
		u8 *hash, const u8 *aad, int len);			\
	void aes_gcm_enc_final_##suffix(const struct stock_gcm_key *key, \
		const u32 *counter, u8 *hash, u64 aad_len, u64 len);	\
	_Bool aes_gcm_dec_final_##suffix(const struct stock_gcm_key *key, \
		const u32 *counter, const u8 *hash, u64 aad_len, u64 len, \
		const u8 *tag, int tag_len)

DECLARE_UPDATE(aesni_avx);
DECLARE_REST(aesni_avx);
DECLARE_UPDATE(vaes_avx10_256);
DECLARE_UPDATE(vaes_avx10_512);
DECLARE_REST(vaes_avx10);

#define STOCK(update, rest)						\
	aes_gcm_precompute_##update, aes_gcm_aad_update_##rest,		\
	{ aes_gcm_enc_update_##update, aes_gcm_dec_update_##update },	\
	aes_gcm_enc_final_##rest, aes_gcm_dec_final_##rest

/* Linux 6.12 has no GCM for VAES without AVX-512. */
static const struct stock_fns stocks[] = {
	{ "aesni", STOCK(aesni_avx, aesni_avx) },
	{ "avx512-256", STOCK(vaes_avx10_256, vaes_avx10) },
	{ "avx512", STOCK(vaes_avx10_512, vaes_avx10) },
};

struct request {
	struct pk_slot slot;
	struct stock_gcm_key key;
	pk_gcm_fn ours;
	const struct stock_fns *stock;
	unsigned int len;
	int decrypt;
	u8 iv[12], aad[AAD], tag[TAG];
};

static u32 be32(const u8 *p)
{
	u32 value;

	memcpy(&value, p, sizeof(value));
	return __builtin_bswap32(value);
}

static void run_stock(void *request)
{
	struct request *r = request;
	u32 counter[4] = { 2, be32(r->iv + 8), be32(r->iv + 4), be32(r->iv) };
	u8 hash[16] = { }, tag[TAG];

	r->stock->aad(&r->key, hash, r->aad, AAD);
	r->stock->update[r->decrypt](&r->key, counter, hash, bench_in,
				     bench_out[0], r->len);
	if (!r->decrypt) {
		r->stock->enc_final(&r->key, counter, hash, AAD, r->len);
		memcpy(bench_out[0] + r->len, hash, TAG);
	} else {
		memcpy(tag, r->tag, TAG);
		if (!r->stock->dec_final(&r->key, counter, hash, AAD, r->len, tag,
					 TAG))
			exit(1);
	}
}

static void put_be64(u8 *to, u64 value)
{
	u64 swapped = __builtin_bswap64(value);

	memcpy(to, &swapped, sizeof(swapped));
}

/* As submit() of crypto/aead.c, and the sections that follow. */
static void run_sections(const struct request *r, struct pk_gcm *g, u8 *out)
{
	static u64 mask;
	u64 flags = FIRST;
	unsigned int at;
	u8 aad[AAD];

	memset(g, 0, sizeof(*g));
	memcpy(g->counter, r->iv, 12);
	memcpy(g->counter + 12, "\0\0\0\2", 4);
	put_be64(g->lengths, AAD * 8);
	put_be64(g->lengths + 8, r->len * 8UL);
	memcpy(aad, r->aad, AAD);
	g->aad = aad;
	g->aad_len = AAD;
	for (at = 0; at < r->len; at += BENCH_SECTION) {
		unsigned int n = r->len - at < BENCH_SECTION ?
				 r->len - at : BENCH_SECTION;

		if (at + n == r->len)
			flags |= LAST;
		else
			g->mask_out = ++mask;
		if (r->ours(&native_wk, &r->slot, g, bench_in + at, out + at,
			    n | flags))
			exit(1);
		g->mask_in = g->mask_out;
		g->aad_len = 0;
		flags = 0;
	}
}

static void run_ours(void *request)
{
	const struct request *r = request;
	struct pk_gcm g;

	run_sections(r, &g, bench_out[1]);
	if (!r->decrypt)
		memcpy(bench_out[1] + r->len, g.tag, TAG);
	else if (memcmp(g.tag, r->tag, TAG))
		exit(1);
}

/* The tag that makes what bench_in holds authentic ciphertext. */
static void make_tag(struct request *r)
{
	struct pk_gcm g;

	run_sections(r, &g, bench_out[1]);
	memcpy(r->tag, g.tag, TAG);
}

void bench_gcm(const struct pk_level *level, const char *name, unsigned int key_size)
{
	static const unsigned int sizes[] = { 512, 1024, 4096, 16384 };
	static struct request r;
	u8 key[32];
	unsigned int i, j;

	for (i = 0; i < sizeof(stocks) / sizeof(*stocks); i++)
		if (!strcmp(stocks[i].level, name))
			break;
	if (i == sizeof(stocks) / sizeof(*stocks) || !level->gcm[0][0])
		return;
	r.stock = &stocks[i];
	native_random(key, sizeof(key));
	native_random(r.iv, sizeof(r.iv));
	native_random(r.aad, sizeof(r.aad));
	native_import(&r.slot, key, key_size);
	bench_stock_expand(&r.key.aes, key, key_size);
	r.stock->precompute(&r.key);
	for (r.decrypt = 0; r.decrypt < 2; r.decrypt++)
		for (j = 0; j < sizeof(sizes) / sizeof(*sizes); j++) {
			struct bench_request b = {
				"gcm", name, key_size * 8, sizes[j],
				sizes[j] + (r.decrypt ? 0 : TAG), r.decrypt,
				run_stock, run_ours, &r,
			};

			r.ours = level->gcm[r.decrypt][pk_key_size_index(key_size)];
			r.len = sizes[j];
			if (r.decrypt)
				make_tag(&r);
			bench_measure(&b);
		}
}
