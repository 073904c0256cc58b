// SPDX-License-Identifier: GPL-2.0-only
/*
 * pk-native-bench: XTS side by side with Linux's own arch/x86/crypto.
 *
 *	pk-native-bench [LEVEL...]
 *
 * One JSON object a line.  Single requests, fenced apart, hot caches; stock and
 * protkey take turns, and the medians of many turns are compared.  A request of
 * stock is the encryption of its IV and the data under keys expanded beforehand;
 * one of ours is everything: unwrapping, both key schedules, and the sections
 * of 4 KiB that the module makes of it.  The vault is in memory here: the cost
 * of reading the debug registers is not in these figures.  Cycles are the time
 * stamp counter's.
 */

#include <immintrin.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

#include "native.h"

#define MAX_LEN	16384
#define SECTION	4096
#define TURNS	3001
#define BATCH	4		/* requests a turn */
#define FIRST	(1UL << PK_XTS_FIRST_BIT)
#define MORE	(1UL << PK_XTS_MORE_BIT)

/* struct crypto_aes_ctx of <crypto/aes.h> */
struct stock_key {
	u32 enc[60], dec[60];
	u32 length;
};

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

static u8 in[MAX_LEN] __attribute__((aligned(64)));
static u8 out[2][MAX_LEN] __attribute__((aligned(64)));

static u32 sub_word(u32 w)
{
	__m128i s = _mm_aesenclast_si128(_mm_set1_epi32(w), _mm_setzero_si128());

	return _mm_cvtsi128_si32(s);
}

static void stock_expand(struct stock_key *key, const u8 *bytes,
			 unsigned int length)
{
	unsigned int nk = length / 4, rounds = nk + 6, i;
	__m128i k;
	u8 rcon = 1;

	key->length = length;
	memcpy(key->enc, bytes, length);
	for (i = nk; i < 4 * (rounds + 1); i++) {
		u32 w = key->enc[i - 1];

		if (i % nk == 0) {
			w = sub_word(w >> 8 | w << 24) ^ rcon;
			rcon = rcon << 1 ^ (rcon & 0x80 ? 0x1b : 0);
		} else if (nk == 8 && i % nk == 4) {
			w = sub_word(w);
		}
		key->enc[i] = key->enc[i - nk] ^ w;
	}
	for (i = 0; i <= rounds; i++) {
		k = _mm_loadu_si128((__m128i *)&key->enc[4 * (rounds - i)]);
		if (i && i < rounds)
			k = _mm_aesimc_si128(k);
		_mm_storeu_si128((__m128i *)&key->dec[4 * i], k);
	}
}

static void run_stock(struct request *r)
{
	u8 tweak[16];

	memcpy(tweak, r->iv, 16);
	aes_xts_encrypt_iv(&r->tweak, tweak);
	r->stock(&r->data, in, out[0], r->len, tweak);
}

static void run_ours(struct request *r)
{
	u64 flags = FIRST;
	unsigned int at;
	u8 tweak[16];

	memcpy(tweak, r->iv, 16);
	for (at = 0; at < r->len; at += SECTION) {
		unsigned int n = r->len - at < SECTION ? r->len - at : SECTION;

		if (at + n < r->len)
			flags |= MORE;
		if (r->ours(&native_wk, &r->slot, tweak, in + at, out[1] + at,
			    n | flags))
			exit(1);
		flags = 0;
	}
}

static void run_nothing(struct request *r)
{
	(void)r;
}

static u64 turn(void (*run)(struct request *r), struct request *r)
{
	u64 start;
	int i;

	_mm_lfence();
	start = __rdtsc();
	for (i = 0; i < BATCH; i++) {
		_mm_lfence();
		run(r);
		_mm_lfence();
	}
	return __rdtsc() - start;
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

static double median(u64 *v)
{
	qsort(v, TURNS, sizeof(*v), compare);
	return (double)v[TURNS / 2] / BATCH;
}

static void measure(const char *level, struct request *r, int decrypt)
{
	static u64 ours[TURNS], stock[TURNS], nothing[TURNS];
	double o, s, n;
	int i;

	run_stock(r);
	run_ours(r);
	if (memcmp(out[0], out[1], r->len)) {
		fprintf(stderr, "pk-native-bench: %s differs from stock at %u bytes\n",
			level, r->len);
		exit(1);
	}
	for (i = -TURNS / 4; i < TURNS; i++) {
		int at = i < 0 ? 0 : i;		/* the first warm up */

		stock[at] = turn(run_stock, r);
		ours[at] = turn(run_ours, r);
		nothing[at] = turn(run_nothing, r);
	}
	n = median(nothing);
	o = median(ours) - n;
	s = median(stock) - n;
	printf("{\"what\":\"xts-%u\",\"level\":\"%s\",\"size\":%u,\"protkey\":%.0f,"
	       "\"stock\":%.0f,\"ratio\":%.3f,\"unit\":\"cycles\",\"direction\":\"%s\"}\n",
	       r->data.length * 8, level, r->len, o, s, o / s,
	       decrypt ? "decrypt" : "encrypt");
	fflush(stdout);
}

static void measure_level(unsigned int which, unsigned int key_size)
{
	static const unsigned int sizes[] = { 512, 4096, 16384 };
	struct pk_level level;
	struct request r;
	u8 key[64];
	unsigned int i;
	int decrypt;

	pk_level_choose(&level, native_cpu(), stocks[which].level);
	native_random(key, sizeof(key));
	native_random(r.iv, sizeof(r.iv));
	native_random(in, sizeof(in));
	native_import(&r.slot, key, 2 * key_size);
	stock_expand(&r.data, key, key_size);
	stock_expand(&r.tweak, key + key_size, key_size);
	for (decrypt = 0; decrypt < 2; decrypt++)
		for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			r.ours = level.cipher[PK_MODE_XTS][decrypt]
				[key_size == 32 ? 2 : 0];
			r.stock = stocks[which].fn[decrypt];
			r.len = sizes[i];
			measure(level.name, &r, decrypt);
		}
}

/* Has the table this level, and this CPU what it needs? */
static int usable(const char *name)
{
	unsigned int i;

	for (i = 0; i < PK_LEVELS; i++)
		if (!strcmp(pk_levels[i].name, name))
			return !(pk_levels[i].needs & ~native_cpu());
	return 0;
}

static int wanted(int argc, char **argv, const char *name)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return 1;
	return argc < 2;
}

int main(int argc, char **argv)
{
	unsigned int i;

	native_init();
	for (i = 0; i < sizeof(stocks) / sizeof(*stocks); i++)
		if (wanted(argc, argv, stocks[i].level) && usable(stocks[i].level)) {
			measure_level(i, 32);
			measure_level(i, 16);
		}
	return 0;
}
