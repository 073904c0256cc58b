/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pk-native-bench: protkey side by side with Linux's own arch/x86/crypto.
 */
#ifndef PK_BENCH_H
#define PK_BENCH_H

#include "native.h"

#define BENCH_MAX_LEN	16384
#define BENCH_SECTION	16384	/* PK_SECTION_MAX */

/* struct crypto_aes_ctx of <crypto/aes.h> */
struct stock_key {
	u32 enc[60], dec[60];
	u32 length;
};

void bench_stock_expand(struct stock_key *key, const u8 *bytes,
			unsigned int length);

/* Data of every request, and where each side puts its result. */
extern u8 bench_in[BENCH_MAX_LEN + 16];
extern u8 bench_out[2][BENCH_MAX_LEN + 16];	/* stock, protkey */

/* One request, in both ways. */
struct bench_request {
	const char *what, *level;
	unsigned int key_bits, len;	/* bench_out[][0..compare) are to be equal */
	unsigned int compare;
	int decrypt;
	void (*stock)(void *request);
	void (*ours)(void *request);
	void *request;
};

/* Print a line; exit if the results differ. */
void bench_measure(const struct bench_request *r);

/* All rows of a level, called @name, of a key of @key_size bytes. */
void bench_xts(const struct pk_level *level, const char *name, unsigned int key_size);
void bench_gcm(const struct pk_level *level, const char *name, unsigned int key_size);

#endif
