// SPDX-License-Identifier: GPL-2.0-only
/*
 * xts(paes), ctr(paes), cbc(paes), ecb(paes): AES under a protected key, for
 * dm-crypt and AF_ALG.
 *
 * The key is a secure key (blob) and nothing else.  A request normally runs and
 * completes where it is submitted; where it cannot (no SIMD, this CPU's half
 * overwritten) it goes to the queue and goes on from where it stopped: what
 * was done in place cannot be done twice.
 */

#include <crypto/gf128mul.h>
#include <crypto/internal/skcipher.h>
#include <crypto/scatterwalk.h>
#include <linux/module.h>
#include <asm/fpu/api.h>
#include <asm/simd.h>

#include "cipher.h"
#include "protkey.h"
#include "queue.h"
#include "walk.h"
#include "x86/isa.h"

#define BLOCK		16
#define XTS_FIRST	(1ULL << PK_XTS_FIRST_BIT)
#define XTS_MORE	(1ULL << PK_XTS_MORE_BIT)

/* Progress of a request. */
struct paes_request {
	u8 iv[BLOCK];		/* IV, counter or tweak of the next block */
	bool started;		/* XTS: it is a tweak */
	bool decrypt;
	unsigned int done;	/* bytes, whole blocks */
};

struct paes_alg {
	struct skcipher_alg alg;
	enum pk_mode mode;
	bool (*type_ok)(unsigned int type);
};

static const struct paes_alg *alg_of(struct skcipher_request *req)
{
	return container_of(crypto_skcipher_alg(crypto_skcipher_reqtfm(req)),
			    struct paes_alg, alg);
}

static pk_cipher_fn routine(enum pk_mode mode, bool decrypt, unsigned int size)
{
	/* an XTS key is two keys; the routine refuses a slot of another size */
	if (mode == PK_MODE_XTS)
		size /= 2;
	return pk_isa.cipher[mode][decrypt][pk_key_size_index(size)];
}

int pk_cipher_section(enum pk_mode mode, const struct pk_slot *slot,
		      bool decrypt, u8 *iv, const u8 *src, u8 *dst,
		      unsigned int len, u64 flags)
{
	pk_cipher_fn fn;
	int x;

	kernel_fpu_begin();
	fn = routine(mode, decrypt, READ_ONCE(slot->size));
	x = fn ? fn(pk_wk, slot, iv, src, dst, len | flags) : PK_X_STALE;
	return pk_section_end(x);
}

static unsigned int section_max(enum pk_mode mode)
{
	return mode == PK_MODE_CBC ? PK_SECTION_SERIAL : PK_SECTION_MAX;
}

/* Bytes of @req that are done as whole blocks; the rest is a mode's own. */
static unsigned int body_of(const struct skcipher_request *req,
			    enum pk_mode mode)
{
	unsigned int body = round_down(req->cryptlen, BLOCK);

	/* XTS steals from the last whole block */
	return mode == PK_MODE_XTS && body != req->cryptlen ? body - BLOCK : body;
}

static int walk_body(struct skcipher_request *req, enum pk_mode mode,
		     const struct pk_slot *slot, unsigned int body)
{
	struct paes_request *rctx = skcipher_request_ctx(req);
	struct pk_walk w;
	int ret = 0;

	pk_walk_start(&w, req->src, req->dst, rctx->done, body - rctx->done);
	while (!ret && pk_walk_next(&w, section_max(mode))) {
		/* the common request is one section: no tweak in memory */
		bool more = rctx->done + w.len < req->cryptlen;

		ret = pk_cipher_section(mode, slot, rctx->decrypt, rctx->iv,
					w.in, w.out, w.len,
					(rctx->started ? 0 : XTS_FIRST) |
					(more ? XTS_MORE : 0));
		if (!ret) {
			rctx->done += w.len;
			rctx->started = true;
		}
		pk_walk_done(&w, !ret);
	}
	return ret;
}

/* The last @tail bytes of a CTR request, less than a block. */
static int ctr_tail(struct skcipher_request *req, const struct pk_slot *slot,
		    unsigned int tail)
{
	struct paes_request *rctx = skcipher_request_ctx(req);
	u8 data[BLOCK] = { };
	int ret;

	scatterwalk_map_and_copy(data, req->src, rctx->done, tail, 0);
	ret = pk_cipher_section(PK_MODE_CTR, slot, false, rctx->iv, data, data,
				BLOCK, 0);
	if (!ret)
		scatterwalk_map_and_copy(data, req->dst, rctx->done, tail, 1);
	memzero_explicit(data, sizeof(data));
	return ret;
}

/*
 * Ciphertext stealing, IEEE 1619-2018 sections 5.3.2 and 5.4.2: the last whole
 * block and the @tail bytes behind it.  On the stack, so that it can be tried
 * again until both sections have run.
 */
static int xts_steal(struct skcipher_request *req, const struct pk_slot *slot,
		     unsigned int tail)
{
	struct paes_request *rctx = skcipher_request_ctx(req);
	bool decrypt = rctx->decrypt;
	u8 tweak[2][BLOCK], data[2 * BLOCK];
	unsigned int i;
	int ret;

	if (!rctx->started) {
		/* no whole block before: only encrypt the IV */
		ret = pk_cipher_section(PK_MODE_XTS, slot, decrypt, rctx->iv,
					NULL, NULL, 0, XTS_FIRST | XTS_MORE);
		if (ret)
			return ret;
		rctx->started = true;
	}
	memcpy(tweak[0], rctx->iv, BLOCK);
	memcpy(tweak[1], rctx->iv, BLOCK);
	gf128mul_x_ble((le128 *)tweak[1], (le128 *)tweak[1]);

	scatterwalk_map_and_copy(data, req->src, rctx->done, BLOCK + tail, 0);
	/* decryption uses the two tweaks in the other order */
	ret = pk_cipher_section(PK_MODE_XTS, slot, decrypt, tweak[decrypt], data,
				data, BLOCK, 0);
	if (!ret) {
		for (i = 0; i < tail; i++)
			swap(data[i], data[BLOCK + i]);
		ret = pk_cipher_section(PK_MODE_XTS, slot, decrypt,
					tweak[!decrypt], data, data, BLOCK, 0);
	}
	if (!ret)
		scatterwalk_map_and_copy(data, req->dst, rctx->done,
					 BLOCK + tail, 1);
	memzero_explicit(data, sizeof(data));
	memzero_explicit(tweak, sizeof(tweak));
	return ret;
}

/* Go on with a request; -EAGAIN: repair the vault, then call again. */
static int run(struct skcipher_request *req)
{
	const struct pk_key *key = crypto_skcipher_ctx(crypto_skcipher_reqtfm(req));
	struct paes_request *rctx = skcipher_request_ctx(req);
	enum pk_mode mode = alg_of(req)->mode;
	unsigned int body = body_of(req, mode);
	unsigned int tail = req->cryptlen % BLOCK;
	int ret = 0;

	if (rctx->done < body)
		ret = walk_body(req, mode, key->slot, body);
	if (!ret && tail)
		ret = mode == PK_MODE_XTS ? xts_steal(req, key->slot, tail) :
					    ctr_tail(req, key->slot, tail);
	/* the caller may go on with the next part of its data */
	if (!ret && (mode == PK_MODE_CTR || mode == PK_MODE_CBC))
		memcpy(req->iv, rctx->iv, BLOCK);
	if (ret != -EAGAIN)
		memzero_explicit(rctx->iv, sizeof(rctx->iv));
	return ret;
}

int pk_cipher_run_async(struct crypto_async_request *base)
{
	return run(skcipher_request_cast(base));
}

static bool length_ok(unsigned int len, enum pk_mode mode)
{
	switch (mode) {
	case PK_MODE_XTS:
		return len >= BLOCK;
	case PK_MODE_CTR:
		return true;
	default:
		return len % BLOCK == 0;
	}
}

/*
 * What dm-crypt asks for, a sector that lies in one piece on both sides: one
 * section, straight from the request.
 */
static bool is_one_section(const struct skcipher_request *req,
			   enum pk_mode mode)
{
	unsigned int len = req->cryptlen;

	return len && len <= section_max(mode) && len % BLOCK == 0 &&
	       req->src->length >= len && req->dst->length >= len;
}

static int run_one_section(struct skcipher_request *req,
			   const struct pk_key *key, bool decrypt)
{
	return pk_cipher_section(alg_of(req)->mode, key->slot, decrypt, req->iv,
				 sg_virt(req->src), sg_virt(req->dst),
				 req->cryptlen, XTS_FIRST);
}

static int submit(struct skcipher_request *req, bool decrypt, u32 usage)
{
	const struct pk_key *key = crypto_skcipher_ctx(crypto_skcipher_reqtfm(req));
	struct paes_request *rctx = skcipher_request_ctx(req);
	enum pk_mode mode = alg_of(req)->mode;
	bool here = may_use_simd();
	int ret;

	if (!length_ok(req->cryptlen, mode))
		return -EINVAL;
	/* CTR is its own inverse: who may do one does both */
	if (mode == PK_MODE_CTR)
		usage = PROTKEY_USAGE_ENCRYPT | PROTKEY_USAGE_DECRYPT;
	if (key->usage && (key->usage & usage) != usage)
		return -EACCES;
	if (here && is_one_section(req, mode)) {
		ret = run_one_section(req, key, decrypt);
		if (ret != -EAGAIN)
			return ret;
		here = false;	/* this CPU's half is wrong until it is repaired */
	}
	if (mode != PK_MODE_ECB)
		memcpy(rctx->iv, req->iv, BLOCK);
	rctx->started = false;
	rctx->decrypt = decrypt;
	rctx->done = 0;

	ret = here ? run(req) : -EAGAIN;
	return ret == -EAGAIN ? pk_queue_add(&req->base) : ret;
}

static int encrypt(struct skcipher_request *req)
{
	return submit(req, false, PROTKEY_USAGE_ENCRYPT);
}

static int decrypt(struct skcipher_request *req)
{
	return submit(req, true, PROTKEY_USAGE_DECRYPT);
}

static int setkey(struct crypto_skcipher *tfm, const u8 *blob, unsigned int len)
{
	const struct paes_alg *alg =
		container_of(crypto_skcipher_alg(tfm), struct paes_alg, alg);

	return pk_key_set(crypto_skcipher_ctx(tfm), blob, len, alg->type_ok);
}

static int init_tfm(struct crypto_skcipher *tfm)
{
	crypto_skcipher_set_reqsize(tfm, sizeof(struct paes_request));
	return pk_key_init(crypto_skcipher_ctx(tfm));
}

static void exit_tfm(struct crypto_skcipher *tfm)
{
	pk_key_exit(crypto_skcipher_ctx(tfm));
}

/*
 * Any key length reaches setkey: the crypto core would refuse a wrong one
 * without telling us, and the old key must not survive a refused one.
 */
#define ALG(_mode, _name, _type_ok, _blocksize, _ivsize) {		\
	.mode = _mode,							\
	.type_ok = _type_ok,						\
	.alg = {							\
		.base = {						\
			.cra_name = _name "(paes)",			\
			.cra_driver_name = _name "-paes-protkey",	\
			.cra_priority = 400,				\
			.cra_flags = CRYPTO_ALG_ASYNC,			\
			.cra_blocksize = _blocksize,			\
			.cra_ctxsize = sizeof(struct pk_key),		\
			.cra_module = THIS_MODULE,			\
		},							\
		.min_keysize = 0,					\
		.max_keysize = UINT_MAX,				\
		.ivsize = _ivsize,					\
		.chunksize = BLOCK,					\
		.walksize = BLOCK,					\
		.setkey = setkey,					\
		.encrypt = encrypt,					\
		.decrypt = decrypt,					\
		.init = init_tfm,					\
		.exit = exit_tfm,					\
	},								\
}

static struct paes_alg algs[] = {
	ALG(PK_MODE_XTS, "xts", pk_blob_type_is_xts, BLOCK, BLOCK),
	ALG(PK_MODE_CTR, "ctr", pk_blob_type_is_aes, 1, BLOCK),
	ALG(PK_MODE_CBC, "cbc", pk_blob_type_is_aes, BLOCK, BLOCK),
	ALG(PK_MODE_ECB, "ecb", pk_blob_type_is_aes, BLOCK, 0),
};

static void unregister_first(unsigned int count)
{
	while (count--)
		crypto_unregister_skcipher(&algs[count].alg);
}

int pk_cipher_register(void)
{
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(algs); i++) {
		ret = crypto_register_skcipher(&algs[i].alg);
		if (ret) {
			unregister_first(i);
			return ret;
		}
	}
	return 0;
}

void pk_cipher_unregister(void)
{
	unregister_first(ARRAY_SIZE(algs));
}
