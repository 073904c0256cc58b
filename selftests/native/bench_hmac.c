// SPDX-License-Identifier: GPL-2.0-only
/*
 * HMAC beside stock's block functions: see bench.c.  A request of stock begins from
 * the two states that its setkey made; one of ours makes them from the wrapped key.
 */

#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define SECTION		4096	/* PK_SECTION_SERIAL */
#define MAX_BLOCK	128
#define FIRST		(1UL << PK_HMAC_FIRST_BIT)
#define LAST		(1UL << PK_HMAC_LAST_BIT)

/* struct sha256_state and struct sha512_state begin with the words. */
typedef void (*stock_fn)(void *state, const u8 *data, int blocks);

void sha256_ni_transform(void *state, const u8 *data, int blocks);
void sha256_transform_rorx(void *state, const u8 *data, int blocks);
void sha512_transform_rorx(void *state, const u8 *data, int blocks);

/* FIPS 180-4, 5.3.3 and 5.3.5. */
static const u32 sha256_start[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const u64 sha512_start[8] = {
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
	0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

struct request {
	struct pk_slot slot;
	pk_hmac_fn ours;
	stock_fn stock;
	unsigned int word, block, len;	/* bytes; len is whole blocks */
	u8 states[2][64];		/* inner, outer */
	u8 inner_end[MAX_BLOCK], outer_end[MAX_BLOCK];
};

/* The padding behind @at bytes of a last block. */
static void pad(u8 *block, unsigned int at, unsigned int size, u64 bytes)
{
	u64 bits = bytes * 8;
	unsigned int i;

	memset(block + at, 0, size - at);
	block[at] = 0x80;
	for (i = 0; i < 8; i++)
		block[size - 1 - i] = bits >> 8 * i;
}

/* A digest is its words in the other byte order. */
static void swap_words(u8 *to, const u8 *from, unsigned int word)
{
	unsigned int i;

	for (i = 0; i < 8 * word; i++)
		to[i] = from[i / word * word + word - 1 - i % word];
}

static void run_stock(void *request)
{
	struct request *r = request;
	u8 state[64] __attribute__((aligned(16)));

	memcpy(state, r->states[0], sizeof(state));
	r->stock(state, bench_in, r->len / r->block);
	r->stock(state, r->inner_end, 1);
	swap_words(r->outer_end, state, r->word);
	memcpy(state, r->states[1], sizeof(state));
	r->stock(state, r->outer_end, 1);
	swap_words(bench_out[0], state, r->word);
}

static void run_ours(void *request)
{
	static u64 number;
	struct request *r = request;
	u64 flags = FIRST;
	unsigned int at;
	struct pk_hmac h;

	memcpy(h.nonce, r->slot.nonce, sizeof(h.nonce));
	h.tail = r->inner_end;
	h.tail_len = r->block;
	for (at = 0; at < r->len; at += SECTION) {
		unsigned int n = r->len - at < SECTION ? r->len - at : SECTION;

		if (at + n == r->len)
			flags |= LAST;
		h.mask_out = ++number;
		if (r->ours(&native_wk, &r->slot, &h, bench_in + at, n | flags))
			exit(1);
		h.mask_in = h.mask_out;
		flags = 0;
	}
	memcpy(bench_out[1], h.mac, 8 * r->word);
}

static void stock_setkey(struct request *r, const u8 *key, unsigned int size)
{
	const void *start = r->word == 4 ? (const void *)sha256_start : sha512_start;
	static const u8 pads[2] = { 0x36, 0x5c };
	u8 block[MAX_BLOCK];
	unsigned int i, side;

	for (side = 0; side < 2; side++) {
		for (i = 0; i < r->block; i++)
			block[i] = (i < size ? key[i] : 0) ^ pads[side];
		memcpy(r->states[side], start, 8 * r->word);
		r->stock(r->states[side], block, 1);
	}
	pad(r->outer_end, 8 * r->word, r->block, r->block + 8 * r->word);
}

/* @bits: of the hash. */
static void bench_hash(pk_hmac_fn ours, stock_fn stock, const char *name,
		       unsigned int bits)
{
	static const unsigned int sizes[] = { 512, 4096, 16384 };
	static struct request r;
	u8 key[32];
	unsigned int i;

	r.ours = ours;
	r.stock = stock;
	r.word = bits / 64;
	r.block = bits / 4;
	native_random(key, sizeof(key));
	native_import(&r.slot, key, sizeof(key));
	stock_setkey(&r, key, sizeof(key));
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct bench_request b = {
			"hmac-sha", name, bits, sizes[i], bits / 8, 0,
			run_stock, run_ours, &r,
		};

		r.len = sizes[i];
		pad(r.inner_end, 0, r.block, r.block + r.len);
		bench_measure(&b);
	}
}

/* Stock has no levels here: what this CPU gets from it. */
void bench_hmac(const struct pk_level *level, const char *name)
{
	bench_hash(level->hmac[PK_HASH_SHA256],
		   native_cpu() & PK_CPU_SHANI ? sha256_ni_transform :
						 sha256_transform_rorx,
		   name, 256);
	bench_hash(level->hmac[PK_HASH_SHA512], sha512_transform_rorx, name, 512);
}
