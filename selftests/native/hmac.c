// SPDX-License-Identifier: GPL-2.0-only
/* HMAC against OpenSSL: see main.c. */

#define OPENSSL_SUPPRESS_DEPRECATED	/* its hashes show their running state */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "native.h"

#define MAX_LEN		(3 * 4096)
#define MAX_BLOCK	128
#define SECTION		4096
#define FIRST		(1UL << PK_HMAC_FIRST_BIT)
#define LAST		(1UL << PK_HMAC_LAST_BIT)

struct hash {
	const char *name;
	const EVP_MD *(*md)(void);
	unsigned int block, size, state_size;
};

static const struct hash hashes[PK_HASHES] = {
	[PK_HASH_SHA256] = { "sha256", EVP_sha256, 64, 32, 32 },
	[PK_HASH_SHA512] = { "sha512", EVP_sha512, 128, 64, 64 },
	[PK_HASH_SHA1] = { "sha1", EVP_sha1, 64, 20, 32 },
};

struct vector {
	struct pk_slot slot;
	unsigned int key_size, len;
	u8 key[64], mac[64], data[MAX_LEN];
};

/* The message's last part and its padding; how many bytes, whole blocks. */
static unsigned int make_tail(const struct hash *hash, const u8 *data,
			      unsigned int len, u8 *tail)
{
	unsigned int part = len % hash->block, i;
	unsigned int size = hash->block *
		(part + 1 + hash->block / 8 > hash->block ? 2 : 1);
	u64 bits = (hash->block + len) * 8UL;

	memset(tail, 0, size);
	memcpy(tail, data + len - part, part);
	tail[part] = 0x80;
	for (i = 0; i < 8; i++)
		tail[size - 1 - i] = bits >> 8 * i;
	return size;
}

static void start(struct pk_hmac *h, const struct pk_slot *slot)
{
	memset(h, 0x77, sizeof(*h));
	memcpy(h->nonce, slot->nonce, sizeof(h->nonce));
}

/* The mask that goes on is the next section's to take off. */
static int section(pk_hmac_fn fn, const struct pk_slot *slot, struct pk_hmac *h,
		   const u8 *src, u64 len_flags)
{
	static u64 number;
	int x;

	h->mask_out = ++number;
	x = fn(&native_wk, slot, h, src, len_flags);
	h->mask_in = h->mask_out;
	return x;
}

static int request(pk_hmac_fn fn, const struct hash *hash,
		   const struct pk_slot *slot, struct pk_hmac *h, const u8 *data,
		   unsigned int len, int cuts)
{
	unsigned int blocks = len / hash->block, done = 0, n;
	u8 tail[2 * MAX_BLOCK];
	u64 flags = FIRST;
	int x = 0;

	start(h, slot);
	h->tail = tail;
	h->tail_len = make_tail(hash, data, len, tail);
	for (; !x && !(flags & LAST); done += n) {
		n = blocks - done;
		if (cuts)
			n = rand() % (n + 1);
		if (n > SECTION / hash->block)
			n = SECTION / hash->block;
		if (done + n == blocks && (!cuts || rand() % 4))
			flags |= LAST;
		x = section(fn, slot, h, data + done * hash->block,
			    n * hash->block | flags);
		flags &= ~FIRST;
	}
	return x;
}

static int run(pk_hmac_fn fn, const struct hash *hash, const struct vector *v,
	       int cuts)
{
	static u8 *buf;
	struct pk_hmac h;
	u8 *data;

	if (!buf)
		buf = native_fenced();
	data = native_place(buf, v->len);
	memcpy(data, v->data, v->len);
	return !request(fn, hash, &v->slot, &h, data, v->len, cuts) &&
	       !memcmp(h.mac, v->mac, hash->size);
}

int native_hmac(pk_hmac_fn fn, enum pk_hash which, const struct pk_slot *slot,
		const u8 *data, unsigned int len, u8 *mac)
{
	struct pk_hmac h;

	if (request(fn, &hashes[which], slot, &h, data, len, 0))
		return -1;
	memcpy(mac, h.mac, hashes[which].size);
	return hashes[which].size;
}

static void make_vector(struct vector *v, const struct hash *hash,
			unsigned int key_size, unsigned int len)
{
	v->key_size = key_size;
	v->len = len;
	native_random(v->key, sizeof(v->key));
	native_random(v->data, len);
	native_import(&v->slot, v->key, key_size);
	if (!HMAC(hash->md(), v->key, key_size, v->data, len, v->mac, NULL)) {
		fprintf(stderr, "pk-native: OpenSSL: HMAC failed\n");
		exit(1);
	}
}

static void test_lengths(const char *form, pk_hmac_fn fn,
			 const struct hash *hash, unsigned int key_size)
{
	static struct vector v;
	unsigned int len, cuts, wrong = 0;

	for (len = 0; len <= MAX_LEN; len += len < 1100 ? 1 : 1 + rand() % 200) {
		make_vector(&v, hash, key_size, len);
		for (cuts = 0; cuts < 3; cuts++) {
			if (run(fn, hash, &v, cuts))
				continue;
			printf("# %s: %s, %u bytes of key, length %u, cuts %u\n",
			       form, hash->name, key_size, len, cuts);
			wrong++;
		}
	}
	native_result(!wrong, "%s: hmac(%s), key of %u bytes, every length and cut",
		      form, hash->name, key_size);
}

/* In the order that the routines keep it in. */
static void running_state(const struct hash *hash, const u8 *key,
			  const u8 *data, unsigned int len, u8 *state)
{
	static const u8 order256[8] = { 5, 4, 1, 0, 7, 6, 3, 2 };
	static const u8 order512[8] = { 4, 0, 5, 1, 6, 2, 7, 3 };
	u8 pad[MAX_BLOCK];
	unsigned int i;
	SHA_CTX ctx1;
	SHA256_CTX ctx256;
	SHA512_CTX ctx512;

	memset(pad, 0x36, sizeof(pad));
	for (i = 0; i < 64; i++)
		pad[i] ^= key[i];
	SHA1_Init(&ctx1);
	SHA1_Update(&ctx1, pad, hash->block);
	SHA1_Update(&ctx1, data, len);
	SHA256_Init(&ctx256);
	SHA256_Update(&ctx256, pad, hash->block);
	SHA256_Update(&ctx256, data, len);
	SHA512_Init(&ctx512);
	SHA512_Update(&ctx512, pad, hash->block);
	SHA512_Update(&ctx512, data, len);
	memset(state, 0, 64);
	if (hash->size == 20) {
		memcpy(state, &ctx1.h0, 20);
		return;
	}
	for (i = 0; i < 8; i++)
		if (hash->block == 64)
			memcpy(state + 4 * i, &ctx256.h[order256[i]], 4);
		else
			memcpy(state + 8 * i, &ctx512.h[order512[i]], 8);
}

/*
 * What a section leaves behind is the running state under the documented mask,
 * never the state itself, and a second mask hides it differently.
 */
static void test_mask(const char *form, pk_hmac_fn fn, const struct hash *hash)
{
	static struct vector v;
	u8 wk[32], state[64], seen[2][64], mask[64], block[16] = { 4 };
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned int i, j, try, good = 1;
	struct pk_hmac h;
	int done;

	for (i = 0; i < 32; i++)
		wk[i] = ((const u8 *)pk_memory_half)[i] ^ native_wk.share[i];
	make_vector(&v, hash, 64, 3 * hash->block);
	running_state(hash, v.key, v.data, v.len, state);
	for (try = 0; try < 2; try++) {
		start(&h, &v.slot);
		good &= !section(fn, &v.slot, &h, v.data, v.len | FIRST);
		EVP_EncryptInit_ex(ctx, EVP_aes_256_ecb(), NULL, wk, NULL);
		memcpy(block + 8, &h.mask_out, 8);
		for (i = 0; i < hash->state_size / 16; i++) {
			block[1] = i;
			EVP_EncryptUpdate(ctx, mask + 16 * i, &done, block, 16);
		}
		for (j = 0; j < hash->state_size; j++) {
			seen[try][j] = h.state[j];
			good &= (h.state[j] ^ mask[j]) == state[j];
		}
		/* nothing of what was not used, and no MAC */
		for (; j < sizeof(h.state); j++)
			good &= h.state[j] == 0x77;
		for (j = 0; j < sizeof(h.mac); j++)
			good &= h.mac[j] == 0x77;
	}
	for (i = 0; i < hash->state_size; i += 16)
		good &= memcmp(seen[0] + i, seen[1] + i, 16) != 0;
	EVP_CIPHER_CTX_free(ctx);
	native_result(good, "%s: hmac(%s) masks the running state", form,
		      hash->name);
}

/* Whatever is wrong: the result says so, nothing is written. */
static int refused(pk_hmac_fn fn, const struct pk_wk *wk,
		   const struct pk_slot *slot, const u8 *nonce, int want)
{
	static const u64 flags[] = { FIRST, 0, FIRST | LAST, LAST };
	u8 data[256] = { 1 };
	struct pk_hmac h, same;
	unsigned int i;
	int good = 1;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		memset(&h, 0x3c, sizeof(h));
		memcpy(h.nonce, nonce, sizeof(h.nonce));
		h.tail = data;
		h.tail_len = 128;
		same = h;
		good &= fn(wk, slot, &h, data, sizeof(data) | flags[i]) == want &&
			!memcmp(&h, &same, sizeof(h));
	}
	return good;
}

static void test_refusals(const char *form, pk_hmac_fn fn,
			  const struct hash *hash)
{
	struct pk_slot slot, other;
	struct pk_wk wk;
	u8 key[64];
	int good = 1;

	native_random(key, sizeof(key));
	native_import(&slot, key, sizeof(key));
	/* the same key in another slot */
	native_import(&other, key, sizeof(key));
	good &= refused(fn, &native_wk, &slot, other.nonce, PK_X_STALE);
	other = slot;
	other.epoch = 0;
	good &= refused(fn, &native_wk, &other, slot.nonce, PK_X_STALE);
	other.epoch = 7;
	good &= refused(fn, &native_wk, &other, slot.nonce, PK_X_STALE);
	wk = native_wk;
	wk.share[31] ^= 1;
	good &= refused(fn, &wk, &slot, slot.nonce, PK_X_MISMATCH);
	wk = native_wk;
	wk.epoch = 2;
	good &= refused(fn, &wk, &slot, slot.nonce, PK_X_STALE);
	native_result(good, "%s: hmac(%s) refuses what is wrong", form,
		      hash->name);
}

static void test_form(const char *form, pk_hmac_fn fn, enum pk_hash which)
{
	const struct hash *hash = &hashes[which];

	test_lengths(form, fn, hash, 32);
	test_lengths(form, fn, hash, 64);
	test_mask(form, fn, hash);
	test_refusals(form, fn, hash);
}

void native_test_hmac(const struct pk_level *level)
{
	struct pk_level plain;
	unsigned int which;

	pk_level_choose(&plain, native_cpu() & ~PK_CPU_SHANI, level->name);
	for (which = 0; which < PK_HASHES; which++) {
		test_form(level->name, level->hmac[which], which);
		if (level->hmac[which] != plain.hmac[which])
			test_form("without SHA-NI", plain.hmac[which], which);
	}
}
