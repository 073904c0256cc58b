// SPDX-License-Identifier: GPL-2.0-only
/* XTS against OpenSSL: see main.c. */

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "native.h"

#define MAX_LEN	16384
#define FIRST	(1UL << PK_XTS_FIRST_BIT)
#define MORE	(1UL << PK_XTS_MORE_BIT)

struct vector {
	struct pk_slot slot;
	u8 key[64], iv[16];
	u8 plain[MAX_LEN], cipher[MAX_LEN];
	unsigned int size;		/* of the key */
};

static void make_vector(struct vector *v, unsigned int size, unsigned int len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int done;

	v->size = size;
	native_random(v->key, sizeof(v->key));
	native_random(v->iv, sizeof(v->iv));
	native_random(v->plain, len);
	native_import(&v->slot, v->key, size);
	if (!EVP_EncryptInit_ex(ctx, size == 64 ? EVP_aes_256_xts() :
				EVP_aes_128_xts(), NULL, v->key, v->iv) ||
	    !EVP_EncryptUpdate(ctx, v->cipher, &done, v->plain, len) ||
	    done != (int)len) {
		fprintf(stderr, "pk-native: OpenSSL's XTS failed\n");
		exit(1);
	}
	EVP_CIPHER_CTX_free(ctx);
}

static pk_cipher_fn routine(const struct pk_level *level, unsigned int size,
			    int decrypt)
{
	return level->cipher[PK_MODE_XTS][decrypt][size == 64 ? 2 : 0];
}

/* In place or not, at an odd address, in one section or in two. */
static int run(const struct pk_level *level, struct vector *v,
	       unsigned int len, int decrypt, unsigned int cut, int in_place)
{
	static u8 in_buf[MAX_LEN + 64], out_buf[MAX_LEN + 64];
	pk_cipher_fn fn = routine(level, v->size, decrypt);
	u8 *in = in_buf + rand() % 64, *out = in_place ? in : out_buf + rand() % 32;
	u8 tweak[16], guard[32], *end = out + len;
	int x = 0;

	memcpy(in, decrypt ? v->cipher : v->plain, len);
	memset(guard, 0xa5, sizeof(guard));
	if (!in_place)
		memset(out, 0, len);
	if (end + 32 <= (in_place ? in_buf : out_buf) + sizeof(in_buf))
		memset(end, 0xa5, 32);
	memcpy(tweak, v->iv, 16);
	if (cut)
		x = fn(&native_wk, &v->slot, tweak, in, out, cut | FIRST | MORE);
	if (!x)
		x = fn(&native_wk, &v->slot, tweak, in + cut, out + cut,
		       (len - cut) | (cut ? 0 : FIRST));
	if (end + 32 <= (in_place ? in_buf : out_buf) + sizeof(in_buf) &&
	    memcmp(end, guard, 32))
		return 0;
	return !x && !memcmp(out, decrypt ? v->plain : v->cipher, len);
}

static void test_lengths(const struct pk_level *level, unsigned int size)
{
	static struct vector v;
	unsigned int len, cut, wrong[2] = { }, decrypt;

	for (len = 16; len <= MAX_LEN; len += len < 1536 ? 16 : 16 * (1 + rand() % 20)) {
		make_vector(&v, size, len);
		for (decrypt = 0; decrypt < 2; decrypt++) {
			cut = len > 16 ? 16 * (1 + rand() % (len / 16 - 1)) : 0;
			if (!run(level, &v, len, decrypt, 0, len / 16 % 2) ||
			    !run(level, &v, len, decrypt, cut, len / 32 % 2)) {
				printf("# %s: %u bits, decrypt %u, length %u, cut %u\n",
				       level->name, size * 4, decrypt, len, cut);
				wrong[decrypt]++;
			}
		}
	}
	native_result(!wrong[0], "%s: xts-%u encrypts", level->name, size * 4);
	native_result(!wrong[1], "%s: xts-%u decrypts", level->name, size * 4);
}

/* Whatever is wrong with vault or slot: the result says so, nothing is written. */
static void test_refusals(const struct pk_level *level, unsigned int size)
{
	u8 key[64];
	struct pk_slot slot, bad;
	struct pk_wk wk;
	unsigned int decrypt;

	native_random(key, sizeof(key));
	native_import(&slot, key, size);
	for (decrypt = 0; decrypt < 2; decrypt++) {
		pk_cipher_fn fn = routine(level, size, decrypt);
		int good = 1;

		bad = slot;
		bad.epoch = 0;
		good &= native_refused(fn, &native_wk, &bad, FIRST | MORE, PK_X_STALE);
		bad.epoch = 7;
		good &= native_refused(fn, &native_wk, &bad, FIRST | MORE, PK_X_STALE);
		bad = slot;
		bad.size = 96 - size;
		good &= native_refused(fn, &native_wk, &bad, FIRST | MORE, PK_X_STALE);
		wk = native_wk;
		wk.share[31] ^= 1;
		good &= native_refused(fn, &wk, &slot, FIRST | MORE, PK_X_MISMATCH);
		wk = native_wk;
		wk.epoch = 2;
		good &= native_refused(fn, &wk, &slot, FIRST | MORE, PK_X_STALE);
		native_result(good, "%s: xts-%u %s refuses what is wrong",
			      level->name, size * 4, decrypt ? "dec" : "enc");
	}
}

/* Only the first tweak: no data at all. */
static void test_tweak(const struct pk_level *level, unsigned int size)
{
	static struct vector v;
	u8 tweak[16], block[16] = { };
	pk_cipher_fn fn = routine(level, size, 0);
	int good;

	make_vector(&v, size, 32);
	memcpy(tweak, v.iv, 16);
	good = !fn(&native_wk, &v.slot, tweak, NULL, NULL, FIRST | MORE) &&
	       !fn(&native_wk, &v.slot, tweak, v.plain, block, 16) &&
	       !memcmp(block, v.cipher, 16);
	native_result(good, "%s: xts-%u makes the first tweak alone",
		      level->name, size * 4);
}

void native_test_xts(const struct pk_level *level)
{
	unsigned int size;

	for (size = 32; size <= 64; size += 32) {
		test_lengths(level, size);
		test_tweak(level, size);
		test_refusals(level, size);
	}
}
