// SPDX-License-Identifier: GPL-2.0-only
/*
 * pk-native-bench: the frame; bench_xts.c, bench_gcm.c and bench_hmac.c have the
 * requests.
 *
 *	pk-native-bench [LEVEL...]
 *
 * One JSON object a line.  Single requests, fenced apart, hot caches; stock and
 * protkey take turns, and the medians of many turns are compared.  A request of
 * stock works under keys expanded beforehand; one of ours is everything:
 * unwrapping, key schedules, and the sections that the module makes of it.  The
 * vault is in memory here: the cost of reading the debug registers is not in these
 * figures.  Cycles are the time stamp counter's.
 */

#include <immintrin.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

#include "bench.h"

#define TURNS	1501
#define BATCH	16		/* requests a turn */

u8 bench_in[BENCH_MAX_LEN + 16] __attribute__((aligned(64)));
u8 bench_out[2][BENCH_MAX_LEN + 16] __attribute__((aligned(64)));

static u32 sub_word(u32 w)
{
	__m128i s = _mm_aesenclast_si128(_mm_set1_epi32(w), _mm_setzero_si128());

	return _mm_cvtsi128_si32(s);
}

void bench_stock_expand(struct stock_key *key, const u8 *bytes,
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

static void run_nothing(void *request)
{
	(void)request;
}

static u64 turn(void (*run)(void *request), void *request)
{
	u64 start;
	int i;

	_mm_lfence();
	start = __rdtsc();
	for (i = 0; i < BATCH; i++) {
		_mm_lfence();
		run(request);
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

void bench_measure(const struct bench_request *r)
{
	static u64 ours[TURNS], stock[TURNS], nothing[TURNS];
	double o, s, n;
	int i;

	r->stock(r->request);
	r->ours(r->request);
	if (memcmp(bench_out[0], bench_out[1], r->compare)) {
		fprintf(stderr, "pk-native-bench: %s %s differs from stock at %u bytes\n",
			r->level, r->what, r->len);
		exit(1);
	}
	for (i = -TURNS / 4; i < TURNS; i++) {
		int at = i < 0 ? 0 : i;		/* the first warm up */

		stock[at] = turn(r->stock, r->request);
		ours[at] = turn(r->ours, r->request);
		nothing[at] = turn(run_nothing, NULL);
	}
	n = median(nothing);
	o = median(ours) - n;
	s = median(stock) - n;
	printf("{\"what\":\"%s-%u\",\"level\":\"%s\",\"size\":%u,\"protkey\":%.0f,"
	       "\"stock\":%.0f,\"ratio\":%.3f,\"unit\":\"cycles\",\"direction\":\"%s\"}\n",
	       r->what, r->key_bits, r->level, r->len, o, s, o / s,
	       r->decrypt ? "decrypt" : "encrypt");
	fflush(stdout);
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
	struct pk_level level;
	unsigned int i;

	native_init();
	native_random(bench_in, sizeof(bench_in));
	for (i = 0; i < PK_LEVELS; i++) {
		const char *name = pk_levels[i].name;

		if (!wanted(argc, argv, name) || pk_levels[i].needs & ~native_cpu())
			continue;
		pk_level_choose(&level, native_cpu(), name);
		bench_xts(&level, name, 32);
		bench_xts(&level, name, 16);
		bench_gcm(&level, name, 32);
		bench_gcm(&level, name, 16);
		if (native_cpu() & PK_CPU_AVX2)	/* stock's need it */
			bench_hmac(&level, name);
	}
	return 0;
}
