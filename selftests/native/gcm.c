// SPDX-License-Identifier: GPL-2.0-only
/* GCM against OpenSSL: see main.c. */

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "native.h"

#define MAX_LEN		(16384 + 4096)
#define MAX_AAD		640
#define SECTION		16384
#define AAD_SECTION	256	/* what fits beside data, in struct pk_gcm */
#define FIRST		(1UL << PK_GCM_FIRST_BIT)
#define LAST		(1UL << PK_GCM_LAST_BIT)
#define AAD		(1UL << PK_GCM_AAD_BIT)
#define PIECES		(1UL << PK_GCM_PIECES_BIT)
#define PIECES_MAX	(SECTION / PK_GCM_GROUP + 1)
#define GAP_MAX		16	/* before each piece */

struct vector {
	struct pk_slot slot;
	unsigned int size, len, aad_len;	/* of the key, of the data */
	u8 key[32], iv[12], tag[16];
	u8 aad[MAX_AAD], plain[MAX_LEN], cipher[MAX_LEN];
};

static void die(const char *what)
{
	fprintf(stderr, "pk-native: OpenSSL: %s failed\n", what);
	exit(1);
}

static const EVP_CIPHER *cipher(unsigned int size, int ecb)
{
	if (ecb)
		return size == 16 ? EVP_aes_128_ecb() :
		       size == 24 ? EVP_aes_192_ecb() : EVP_aes_256_ecb();
	return size == 16 ? EVP_aes_128_gcm() :
	       size == 24 ? EVP_aes_192_gcm() : EVP_aes_256_gcm();
}

static void make_vector(struct vector *v, unsigned int size, unsigned int len,
			unsigned int aad_len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int done;

	v->size = size;
	v->len = len;
	v->aad_len = aad_len;
	native_random(v->key, sizeof(v->key));
	native_random(v->iv, sizeof(v->iv));
	native_random(v->aad, aad_len);
	native_random(v->plain, len);
	native_import(&v->slot, v->key, size);
	if (!EVP_EncryptInit_ex(ctx, cipher(size, 0), NULL, v->key, v->iv) ||
	    !EVP_EncryptUpdate(ctx, NULL, &done, v->aad, aad_len) ||
	    !EVP_EncryptUpdate(ctx, v->cipher, &done, v->plain, len) ||
	    !EVP_EncryptFinal_ex(ctx, v->cipher, &done) ||
	    !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, 16, v->tag))
		die("GCM");
	EVP_CIPHER_CTX_free(ctx);
}

#define FENCED	NATIVE_FENCED

u8 *native_fenced(void)
{
	u8 *map = mmap(NULL, FENCED + 2 * 4096, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED ||
	    mprotect(map + 4096, FENCED, PROT_READ | PROT_WRITE)) {
		perror("mmap");
		exit(1);
	}
	return map + 4096;
}

/* The bytes around @len at @at, no more than are needed: emulators run this too. */
#define AROUND	64

static u8 *low(u8 *buf, u8 *at)
{
	return at - buf < AROUND ? buf : at - AROUND;
}

static u8 *high(u8 *buf, u8 *end)
{
	return buf + FENCED - end < AROUND ? buf + FENCED : end + AROUND;
}

/* Room for @len bytes in it: at its start, at its end, or at an odd address. */
u8 *native_place(u8 *buf, unsigned int len)
{
	unsigned int way = rand() % 3;
	u8 *at = way == 0 ? buf : way == 1 ? buf + FENCED - len :
		 buf + 1 + rand() % 64;

	memset(low(buf, at), 0xa5, high(buf, at + len) - low(buf, at));
	return at;
}

/* Is everything around it as it was? */
static int clean(u8 *buf, u8 *at, unsigned int len)
{
	u8 *p;

	for (p = low(buf, at); p < at; p++)
		if (*p != 0xa5)
			return 0;
	for (p = at + len; p < high(buf, at + len); p++)
		if (*p != 0xa5)
			return 0;
	return 1;
}

static void put_be64(u8 *to, u64 value)
{
	u64 swapped = __builtin_bswap64(value);

	memcpy(to, &swapped, sizeof(swapped));
}

/* A request as the module's glue keeps it between sections. */
static void start(struct pk_gcm *g, const struct vector *v)
{
	memset(g, 0x77, sizeof(*g));
	memcpy(g->counter, v->iv, 12);
	memcpy(g->counter + 12, "\0\0\0\2", 4);
	put_be64(g->lengths, v->aad_len * 8UL);
	put_be64(g->lengths + 8, v->len * 8UL);
	g->aad = NULL;
	g->aad_len = 0;
}

/* The mask that goes on is the next section's to take off. */
static int section(pk_gcm_fn fn, const struct vector *v, struct pk_gcm *g,
		   const u8 *src, u8 *dst, u64 len_flags)
{
	static u64 number;
	int x;

	g->mask_out = ++number;
	x = fn(&native_wk, &v->slot, g, src, dst, len_flags);
	g->mask_in = g->mask_out;
	g->aad_len = 0;
	return x;
}

/* Lengths of random pieces of @len bytes; their number. */
static unsigned int cut(unsigned int len, unsigned int *lens)
{
	unsigned int count = 0, n;

	for (; len; len -= n) {
		n = PK_GCM_GROUP * (1 + (rand() % 2 ? 0 : rand() % 8));
		if (n > len || count == PIECES_MAX - 1)
			n = len;
		lens[count++] = n;
	}
	return count;
}

/* A place for each of the pieces, the last one's end at that of @buf. */
static void strew(u8 *buf, const unsigned int *lens, unsigned int count, u8 **at)
{
	u8 *end = buf + FENCED;

	memset(buf, 0xa5, FENCED);
	while (count--) {
		at[count] = end - lens[count];
		end = at[count] - rand() % GAP_MAX;
	}
}

/* A section whose data are strewn on both sides; 1 too if it writes beside them. */
static int section_in_pieces(pk_gcm_fn fn, const struct vector *v,
			     struct pk_gcm *g, const u8 *src, u8 *dst,
			     unsigned int len, u64 flags)
{
	static u8 *from, *to, *rows, want[FENCED];
	u8 *in[PIECES_MAX], *out[PIECES_MAX];
	unsigned int lens[PIECES_MAX], count = cut(len, lens), i, at = 0;
	struct pk_gcm_piece *row;
	int x;

	if (!from) {
		from = native_fenced();
		to = native_fenced();
		rows = native_fenced();
	}
	row = (struct pk_gcm_piece *)(rows + FENCED) - count;
	strew(from, lens, count, in);
	strew(to, lens, count, out);
	for (i = 0; i < count; at += lens[i++]) {
		memcpy(in[i], src + at, lens[i]);
		row[i].src = in[i];
		row[i].dst = src == dst ? in[i] : out[i];
		row[i].len = lens[i];
	}
	x = section(fn, v, g, (const u8 *)row, NULL, len | flags | PIECES);
	memset(want, 0xa5, sizeof(want));
	for (i = 0, at = 0; i < count; at += lens[i++]) {
		memcpy(dst + at, row[i].dst, lens[i]);
		memcpy(want + (row[i].dst - (src == dst ? from : to)), row[i].dst,
		       lens[i]);
	}
	return x | !!memcmp(want, src == dst ? from : to, FENCED);
}

/*
 * The whole request; @cuts: sections shorter than need be, some of them in pieces.
 * Associated data goes beside the data if it fits and is not cut.
 */
static int request(pk_gcm_fn fn, const struct vector *v, struct pk_gcm *g,
		   const u8 *aad, const u8 *in, u8 *out, int cuts)
{
	unsigned int done = 0, n;
	u64 flags = FIRST;
	int x = 0;

	start(g, v);
	if (v->aad_len > AAD_SECTION || (cuts && v->aad_len && rand() % 2)) {
		for (; !x && done < v->aad_len; done += n) {
			n = v->aad_len - done;
			if (cuts && n > 16)
				n = 16 * (1 + rand() % (n / 16));
			x = section(fn, v, g, aad + done, NULL, n | AAD | flags);
			flags = 0;
		}
	} else {
		g->aad = aad;
		g->aad_len = v->aad_len;
	}
	for (done = 0; !x && !(flags & LAST); done += n) {
		n = v->len - done;
		if (cuts && n > 16)
			n = 16 * (rand() % (n / 16 + 1));
		if (n > SECTION)
			n = SECTION;
		if (done + n == v->len && (!cuts || rand() % 4))
			flags |= LAST;
		if (cuts && n && rand() % 2)
			x = section_in_pieces(fn, v, g, in + done, out + done, n,
					      flags);
		else
			x = section(fn, v, g, in + done, out + done, n | flags);
		flags &= ~FIRST;
	}
	return x;
}

static int run(const struct pk_level *level, struct vector *v, int decrypt,
	       int cuts, int in_place)
{
	static u8 *in_buf, *out_buf, *aad_buf;
	pk_gcm_fn fn = level->gcm[decrypt][v->size / 8 - 2];
	const u8 *want = decrypt ? v->plain : v->cipher;
	u8 *in, *out, *aad;
	struct pk_gcm g;

	if (!in_buf) {
		in_buf = native_fenced();
		out_buf = native_fenced();
		aad_buf = native_fenced();
	}
	in = native_place(in_buf, v->len);
	out = in_place ? in : native_place(out_buf, v->len);
	aad = native_place(aad_buf, v->aad_len);
	memcpy(in, decrypt ? v->cipher : v->plain, v->len);
	memcpy(aad, v->aad, v->aad_len);
	return !request(fn, v, &g, aad, in, out, cuts) &&
	       !memcmp(out, want, v->len) && !memcmp(g.tag, v->tag, 16) &&
	       clean(in_place ? in_buf : out_buf, out, v->len);
}

static unsigned int wrong_runs(const struct pk_level *level, struct vector *v,
			       int decrypt)
{
	unsigned int way, wrong = 0;

	for (way = 0; way < 4; way++) {
		if (run(level, v, decrypt, way & 1, way & 2))
			continue;
		printf("# %s: %u bits, decrypt %u, length %u, aad %u, cuts %u, in place %u\n",
		       level->name, v->size * 8, decrypt, v->len, v->aad_len,
		       way & 1, way >> 1);
		wrong++;
	}
	return wrong;
}

static void test_lengths(const struct pk_level *level, unsigned int size)
{
	static struct vector v;
	unsigned int len, aad, wrong[2] = { }, decrypt;

	for (len = 0; len <= MAX_LEN; len += len < 1024 ? 1 : 1 + rand() % 200) {
		make_vector(&v, size, len, rand() % 301);
		for (decrypt = 0; decrypt < 2; decrypt++)
			wrong[decrypt] += wrong_runs(level, &v, decrypt);
	}
	for (aad = 0; aad <= MAX_AAD; aad++) {
		make_vector(&v, size, rand() % 100, aad);
		for (decrypt = 0; decrypt < 2; decrypt++)
			wrong[decrypt] += wrong_runs(level, &v, decrypt);
	}
	native_result(!wrong[0], "%s: gcm-%u encrypts", level->name, size * 8);
	native_result(!wrong[1], "%s: gcm-%u decrypts", level->name, size * 8);
}

/* The counter is 32 bits and wraps without a carry into the IV. */
static void test_wrap(const struct pk_level *level, unsigned int size)
{
	static struct vector v;
	u8 block[16], stream[16 * 8], zero[sizeof(stream)] = { };
	unsigned int i, good;
	struct pk_gcm g;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int done;

	make_vector(&v, size, 0, 0);
	start(&g, &v);
	memcpy(g.counter + 12, "\xff\xff\xff\xfc", 4);
	good = !section(level->gcm[0][size / 8 - 2], &v, &g, zero, stream,
			sizeof(stream) | FIRST) &&
	       !memcmp(g.counter, v.iv, 12) &&
	       !memcmp(g.counter + 12, "\0\0\0\4", 4);
	EVP_EncryptInit_ex(ctx, cipher(size, 1), NULL, v.key, NULL);
	for (i = 0; i < 8; i++) {
		u32 counter = __builtin_bswap32(0xfffffffc + i);

		memcpy(block, v.iv, 12);
		memcpy(block + 12, &counter, 4);
		EVP_EncryptUpdate(ctx, block, &done, block, 16);
		good &= !memcmp(block, stream + 16 * i, 16);
	}
	EVP_CIPHER_CTX_free(ctx);
	native_result(good, "%s: gcm-%u counts modulo 2^32", level->name, size * 8);
}

/* SP 800-38D's multiplication, bit by bit: a := a * b. */
static void multiply(u8 *a, const u8 *b)
{
	u8 z[16] = { }, w[16];
	unsigned int i, j, carry;

	memcpy(w, b, 16);
	for (i = 0; i < 128; i++) {
		if (a[i / 8] & (0x80 >> i % 8))
			for (j = 0; j < 16; j++)
				z[j] ^= w[j];
		carry = w[15] & 1;
		for (j = 15; j; j--)
			w[j] = w[j] >> 1 | w[j - 1] << 7;
		w[0] >>= 1;
		if (carry)
			w[0] ^= 0xe1;
	}
	memcpy(a, z, 16);
}

/*
 * What a section leaves behind is the running hash under the documented mask,
 * never the hash itself, and a second mask hides it differently.
 */
static void test_mask(const struct pk_level *level, unsigned int size)
{
	static struct vector v;
	u8 wk[32], h[16] = { }, hash[16] = { }, block[16] = { 3 }, seen[2][16];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned int i, j, try, good = 1;
	struct pk_gcm g;
	int done;

	for (i = 0; i < 32; i++)
		wk[i] = ((const u8 *)pk_memory_half)[i] ^ native_wk.share[i];
	make_vector(&v, size, 80, 0);
	EVP_EncryptInit_ex(ctx, cipher(size, 1), NULL, v.key, NULL);
	EVP_EncryptUpdate(ctx, h, &done, h, 16);
	for (i = 0; i < v.len; i += 16) {
		for (j = 0; j < 16; j++)
			hash[j] ^= v.cipher[i + j];
		multiply(hash, h);
	}
	for (try = 0; try < 2; try++) {
		u8 out[80], mask[16];

		start(&g, &v);
		good &= !section(level->gcm[0][size / 8 - 2], &v, &g, v.plain, out,
				 v.len | FIRST);
		memcpy(block + 8, &g.mask_out, 8);
		EVP_EncryptInit_ex(ctx, EVP_aes_256_ecb(), NULL, wk, NULL);
		EVP_EncryptUpdate(ctx, mask, &done, block, 16);
		for (j = 0; j < 16; j++)
			mask[j] ^= hash[j];
		memcpy(seen[try], g.hash, 16);
		good &= !memcmp(g.hash, mask, 16) && memcmp(g.hash, hash, 16);
	}
	good &= memcmp(seen[0], seen[1], 16) != 0;
	EVP_CIPHER_CTX_free(ctx);
	native_result(good, "%s: gcm-%u masks the running hash", level->name,
		      size * 8);
}

/* Whatever is wrong with vault or slot: the result says so, nothing is written. */
static int refused(pk_gcm_fn fn, const struct pk_wk *wk,
		   const struct pk_slot *slot, int want)
{
	static const u64 flags[] = { FIRST, 0, FIRST | LAST, LAST, AAD, AAD | LAST };
	struct pk_gcm g, same_g;
	u8 buf[250], same[250];
	unsigned int i;
	int good = 1;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		memset(buf, 0x5a, sizeof(buf));
		memcpy(same, buf, sizeof(buf));
		memset(&g, 0x3c, sizeof(g));
		g.aad = same;
		g.aad_len = 20;
		same_g = g;
		good &= fn(wk, slot, &g, buf, buf, sizeof(buf) | flags[i]) == want &&
			!memcmp(buf, same, sizeof(buf)) &&
			!memcmp(&g, &same_g, sizeof(g));
	}
	return good;
}

static void test_refusals(const struct pk_level *level, unsigned int size)
{
	u8 key[32];
	struct pk_slot slot, bad;
	struct pk_wk wk;
	unsigned int decrypt, other;

	native_random(key, sizeof(key));
	native_import(&slot, key, size);
	for (decrypt = 0; decrypt < 2; decrypt++) {
		pk_gcm_fn fn = level->gcm[decrypt][size / 8 - 2];
		int good = 1;

		bad = slot;
		bad.epoch = 0;
		good &= refused(fn, &native_wk, &bad, PK_X_STALE);
		bad.epoch = 7;
		good &= refused(fn, &native_wk, &bad, PK_X_STALE);
		bad = slot;
		for (other = 0; other <= 64; other += 8) {
			if (other == size)
				continue;
			bad.size = other;
			good &= refused(fn, &native_wk, &bad, PK_X_STALE);
		}
		wk = native_wk;
		wk.share[31] ^= 1;
		good &= refused(fn, &wk, &slot, PK_X_MISMATCH);
		wk = native_wk;
		wk.epoch = 2;
		good &= refused(fn, &wk, &slot, PK_X_STALE);
		native_result(good, "%s: gcm-%u %s refuses what is wrong",
			      level->name, size * 8, decrypt ? "dec" : "enc");
	}
}

void native_test_gcm(const struct pk_level *level)
{
	unsigned int size;

	if (!level->gcm[0][0])
		return;
	for (size = 16; size <= 32; size += 8) {
		test_lengths(level, size);
		test_wrap(level, size);
		test_mask(level, size);
		test_refusals(level, size);
	}
}
