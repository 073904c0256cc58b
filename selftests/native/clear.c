// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nothing may be left in any vector register, whatever the result: see main.c.
 * Compiled for general registers alone, so that what a routine leaves stays.
 */

#include <string.h>

#include "native.h"

#define LOW	"0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15"
#define HIGH	"16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31"

static u8 seen[32][64];

/* Ones where every routine clears; zeros in those that only some of them use. */
static void registers_fill(int zmm)
{
	asm volatile(".irp r, " LOW "\n\t"
		     "vcmptrueps %%ymm\\r, %%ymm\\r, %%ymm\\r\n\t"
		     ".endr" : : );
	if (zmm)
		asm volatile(".irp r, " HIGH "\n\t"
			     "vpxord %%zmm\\r, %%zmm\\r, %%zmm\\r\n\t"
			     ".endr" : : );
}

static int registers_clear(int zmm)
{
	unsigned int i, j, any = 0;

	if (zmm)
		asm volatile(".irp r, " LOW ", " HIGH "\n\t"
			     "vmovdqu64 %%zmm\\r, 64*\\r(%0)\n\t"
			     ".endr" : : "r"(seen) : "memory");
	else
		asm volatile(".irp r, " LOW "\n\t"
			     "vmovdqu %%ymm\\r, 64*\\r(%0)\n\t"
			     ".endr" : : "r"(seen) : "memory");
	for (i = 0; i < 32; i++)
		for (j = 0; j < 64; j++)
			any |= seen[i][j];
	return !any;
}

/* With a good wrapping key and with one that is found to be wrong. */
static int cipher_clears(pk_cipher_fn fn, const struct pk_slot *slot, u64 flags,
			 int zmm)
{
	static u8 buf[512];
	struct pk_wk bad = native_wk;
	u8 iv[16] = { 1 };
	int good = 1;

	bad.check[0] ^= 1;
	registers_fill(zmm);
	good &= !fn(&native_wk, slot, iv, buf, buf, sizeof(buf) | flags);
	good &= registers_clear(zmm);
	registers_fill(zmm);
	good &= fn(&bad, slot, iv, buf, buf, sizeof(buf) | flags) == PK_X_MISMATCH;
	good &= registers_clear(zmm);
	return good;
}

static int gcm_clears(pk_gcm_fn fn, const struct pk_slot *slot, u64 flags, int zmm)
{
	static u8 buf[600];
	struct pk_wk bad = native_wk;
	struct pk_gcm g;
	int good = 1;

	bad.check[0] ^= 1;
	memset(&g, 0, sizeof(g));
	g.aad = buf;
	g.aad_len = 20;
	registers_fill(zmm);
	good &= !fn(&native_wk, slot, &g, buf, buf, sizeof(buf) | flags);
	good &= registers_clear(zmm);
	registers_fill(zmm);
	good &= fn(&bad, slot, &g, buf, buf, sizeof(buf) | flags) == PK_X_MISMATCH;
	good &= registers_clear(zmm);
	return good;
}

static int size_clears(const struct pk_level *level, unsigned int which,
		       int decrypt, int zmm)
{
	unsigned int size = 16 + 8 * which, mode;
	struct pk_slot slot;
	u8 key[64];
	int good = 1;

	native_random(key, sizeof(key));
	for (mode = 0; mode < PK_MODES; mode++) {
		pk_cipher_fn fn = level->cipher[mode][decrypt][which];

		if (!fn)
			continue;
		native_import(&slot, key, mode == PK_MODE_XTS ? 2 * size : size);
		good &= cipher_clears(fn, &slot, mode == PK_MODE_XTS ?
				      1UL << PK_XTS_FIRST_BIT : 0, zmm);
	}
	if (!level->gcm[decrypt][which])
		return good;
	native_import(&slot, key, size);
	good &= gcm_clears(level->gcm[decrypt][which], &slot,
			   1UL << PK_GCM_FIRST_BIT, zmm);
	good &= gcm_clears(level->gcm[decrypt][which], &slot,
			   1UL << PK_GCM_LAST_BIT, zmm);
	good &= gcm_clears(level->gcm[decrypt][which], &slot,
			   1UL << PK_GCM_AAD_BIT, zmm);
	return good;
}

void native_test_clear(const struct pk_level *level, int zmm)
{
	unsigned int which, decrypt, good = 1;

	for (which = 0; which < PK_KEY_SIZES; which++)
		for (decrypt = 0; decrypt < 2; decrypt++)
			good &= size_clears(level, which, decrypt, zmm);
	native_result(good, "%s: no vector register keeps anything", level->name);
}
