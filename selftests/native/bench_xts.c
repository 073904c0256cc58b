// SPDX-License-Identifier: GPL-2.0-only
/* XTS beside stock's: see bench.c.  A request of stock encrypts its IV as well. */

#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define FIRST	(1UL << PK_XTS_FIRST_BIT)
#define MORE	(1UL << PK_XTS_MORE_BIT)

typedef void (*stock_fn)(const struct stock_key *key, const u8 *src, u8 *dst,
			 unsigned int len, u8 *tweak);

#define DECLARE_STOCK(suffix)						\
	void aes_xts_encrypt_##suffix(const struct stock_key *key,	\
		const u8 *src, u8 *dst, unsigned int len, u8 *tweak);	\
	void aes_xts_decrypt_##suffix(const struct stock_key *key,	\
		const u8 *src, u8 *dst, unsigned int len, u8 *tweak)

void aes_xts_encrypt_iv(const struct stock_key *key, u8 *iv);
DECLARE_STOCK(aesni_avx);
DECLARE_STOCK(vaes_avx2);
DECLARE_STOCK(vaes_avx10_256);
DECLARE_STOCK(vaes_avx10_512);

#define STOCK(suffix) { aes_xts_encrypt_##suffix, aes_xts_decrypt_##suffix }

static const struct {
	const char *level;
	stock_fn fn[2];
} stocks[] = {
	{ "aesni", STOCK(aesni_avx) },
	{ "vaes-avx2", STOCK(vaes_avx2) },
	{ "avx512-256", STOCK(vaes_avx10_256) },
	{ "avx512", STOCK(vaes_avx10_512) },
};

struct request {
	struct pk_slot slot;
	struct stock_key data, tweak;
	pk_cipher_fn ours;
	stock_fn stock;
	unsigned int len;
	u8 iv[16];
};

static void run_stock(void *request)
{
	struct request *r = request;
	u8 tweak[16];

	memcpy(tweak, r->iv, 16);
	aes_xts_encrypt_iv(&r->tweak, tweak);
	r->stock(&r->data, bench_in, bench_out[0], r->len, tweak);
}

static void run_ours(void *request)
{
	struct request *r = request;
	u64 flags = FIRST;
	unsigned int at;
	u8 tweak[16];

	memcpy(tweak, r->iv, 16);
	for (at = 0; at < r->len; at += BENCH_SECTION) {
		unsigned int n = r->len - at < BENCH_SECTION ?
				 r->len - at : BENCH_SECTION;

		if (at + n < r->len)
			flags |= MORE;
		if (r->ours(&native_wk, &r->slot, tweak, bench_in + at,
			    bench_out[1] + at, n | flags))
			exit(1);
		flags = 0;
	}
}

static const stock_fn *stock_of(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(stocks) / sizeof(*stocks); i++)
		if (!strcmp(stocks[i].level, name))
			return stocks[i].fn;
	return NULL;
}

void bench_xts(const struct pk_level *level, const char *name, unsigned int key_size)
{
	static const unsigned int sizes[] = { 512, 4096, 16384 };
	const stock_fn *stock = stock_of(name);
	struct request r;
	u8 key[64];
	unsigned int i;
	int decrypt;

	if (!stock)
		return;
	native_random(key, sizeof(key));
	native_random(r.iv, sizeof(r.iv));
	native_import(&r.slot, key, 2 * key_size);
	bench_stock_expand(&r.data, key, key_size);
	bench_stock_expand(&r.tweak, key + key_size, key_size);
	for (decrypt = 0; decrypt < 2; decrypt++)
		for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			struct bench_request b = {
				"xts", name, key_size * 8, sizes[i], sizes[i],
				decrypt, run_stock, run_ours, &r,
			};

			r.ours = level->cipher[PK_MODE_XTS][decrypt]
				[pk_key_size_index(key_size)];
			r.stock = stock[decrypt];
			r.len = sizes[i];
			bench_measure(&b);
		}
}
