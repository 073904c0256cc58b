// SPDX-License-Identifier: GPL-2.0-only
/* CTR, CBC and ECB against OpenSSL: see main.c. */

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "native.h"

#define MAX_LEN	16384

static const struct {
	enum pk_mode mode;
	const char *name;
	const char *openssl[PK_KEY_SIZES];
} modes[] = {
	{ PK_MODE_CTR, "ctr", { "AES-128-CTR", "AES-192-CTR", "AES-256-CTR" } },
	{ PK_MODE_CBC, "cbc", { "AES-128-CBC", "AES-192-CBC", "AES-256-CBC" } },
	{ PK_MODE_ECB, "ecb", { "AES-128-ECB", "AES-192-ECB", "AES-256-ECB" } },
};

struct vector {
	struct pk_slot slot;
	u8 key[32], iv[16];
	u8 plain[MAX_LEN], cipher[MAX_LEN];
};

static void make_vector(struct vector *v, const char *name, unsigned int size,
			unsigned int len, int carry)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int done;

	native_random(v->key, sizeof(v->key));
	native_random(v->iv, sizeof(v->iv));
	/* a counter that carries into its upper half */
	if (carry)
		memset(v->iv + 4, 0xff, 12);
	native_random(v->plain, len);
	native_import(&v->slot, v->key, size);
	if (!EVP_EncryptInit_ex(ctx, EVP_get_cipherbyname(name), NULL, v->key,
				v->iv) ||
	    !EVP_CIPHER_CTX_set_padding(ctx, 0) ||
	    !EVP_EncryptUpdate(ctx, v->cipher, &done, v->plain, len) ||
	    done != (int)len) {
		fprintf(stderr, "pk-native: OpenSSL's %s failed\n", name);
		exit(1);
	}
	EVP_CIPHER_CTX_free(ctx);
}

/* In one section or two, in place or not, with guards behind the output. */
static int run(pk_cipher_fn fn, struct vector *v, unsigned int len,
	       unsigned int decrypt, unsigned int cut, int in_place)
{
	static u8 in_buf[MAX_LEN + 64], out_buf[MAX_LEN + 64];
	u8 *in = in_buf + rand() % 16;
	u8 *out = in_place ? in : out_buf + rand() % 16;
	u8 iv[16], guard[16];

	memcpy(in, decrypt ? v->cipher : v->plain, len);
	memset(guard, 0xa5, sizeof(guard));
	memset(out + len, 0xa5, sizeof(guard));
	memcpy(iv, v->iv, sizeof(iv));
	if (cut && fn(&native_wk, &v->slot, iv, in, out, cut))
		return 0;
	if (fn(&native_wk, &v->slot, iv, in + cut, out + cut, len - cut))
		return 0;
	return !memcmp(out, decrypt ? v->plain : v->cipher, len) &&
	       !memcmp(out + len, guard, sizeof(guard));
}

static void test_lengths(const struct pk_level *level, unsigned int m,
			 unsigned int size)
{
	static struct vector v;
	unsigned int len, cut, decrypt, wrong[2] = { };

	for (len = 16; len <= MAX_LEN; len += len < 512 ? 16 : 16 * (1 + rand() % 40)) {
		make_vector(&v, modes[m].openssl[pk_key_size_index(size)], size,
			    len, len / 16 % 3 == 0);
		cut = len > 16 ? 16 * (1 + rand() % (len / 16 - 1)) : 0;
		for (decrypt = 0; decrypt < 2; decrypt++) {
			pk_cipher_fn fn = level->cipher[modes[m].mode][decrypt]
					       [pk_key_size_index(size)];

			wrong[decrypt] += !run(fn, &v, len, decrypt, 0, len / 16 % 2) ||
					  !run(fn, &v, len, decrypt, cut, len / 32 % 2);
		}
	}
	native_result(!wrong[0], "%s: %s-%u encrypts", level->name,
		      modes[m].name, size * 8);
	native_result(!wrong[1], "%s: %s-%u decrypts", level->name,
		      modes[m].name, size * 8);
}

static void test_refusals(const struct pk_level *level, unsigned int m,
			  unsigned int size)
{
	unsigned int decrypt;
	int good = 1;

	for (decrypt = 0; decrypt < 2; decrypt++) {
		pk_cipher_fn fn = level->cipher[modes[m].mode][decrypt]
				       [pk_key_size_index(size)];
		struct pk_slot slot, bad;
		struct pk_wk wk = native_wk;
		u8 key[32];

		native_random(key, sizeof(key));
		native_import(&slot, key, size);
		bad = slot;
		bad.epoch = 0;
		good &= native_refused(fn, &native_wk, &bad, 0, PK_X_STALE);
		bad = slot;
		bad.size = size ^ 8;
		good &= native_refused(fn, &native_wk, &bad, 0, PK_X_STALE);
		wk.share[0] ^= 1;
		good &= native_refused(fn, &wk, &slot, 0, PK_X_MISMATCH);
		wk = native_wk;
		wk.epoch = 2;
		good &= native_refused(fn, &wk, &slot, 0, PK_X_STALE);
	}
	native_result(good, "%s: %s-%u refuses what is wrong", level->name,
		      modes[m].name, size * 8);
}

void native_test_modes(const struct pk_level *level)
{
	unsigned int m, size;

	for (m = 0; m < sizeof(modes) / sizeof(modes[0]); m++) {
		for (size = 16; size <= 32; size += 8) {
			test_lengths(level, m, size);
			test_refusals(level, m, size);
		}
	}
}
