// SPDX-License-Identifier: GPL-2.0-only
/*
 * phmac(sha256), phmac(sha512): HMAC under a protected key.
 *
 * Between two calls a request keeps less than a block of its message, which is
 * public here, and the running state, which is masked (see struct pk_hmac).
 * What it exports is the same: good for this handle with this key, while the
 * wrapping key lives.
 */

#include <crypto/internal/hash.h>
#include <crypto/scatterwalk.h>
#include <linux/module.h>
#include <asm/fpu/api.h>
#include <asm/simd.h>

#include "cipher.h"
#include "compat/compat.h"
#include "protkey.h"
#include "queue.h"
#include "walk.h"
#include "x86/isa.h"

#define BLOCK_MAX	128
#define HMAC_FIRST	(1ULL << PK_HMAC_FIRST_BIT)
#define HMAC_LAST	(1ULL << PK_HMAC_LAST_BIT)

/* Progress of a request. */
struct hmac_request {
	struct pk_hmac h;
	u64 count;			/* bytes of the message, to now */
	unsigned int buffered;
	bool started;			/* a section has run */
	bool ended;			/* or failed: only init goes on */
	/* the call that runs */
	bool final;
	bool finished;			/* the last section has run: h.mac is there */
	unsigned int done, left;	/* bytes of req->src */
	u8 buffer[2 * BLOCK_MAX];	/* part of a block, and the padding */
};

/* What export gives: nothing that is not in the request. */
struct hmac_state {
	u8 nonce[16];
	u8 state[64];
	u64 mask;
	u64 count;
	u8 buffer[BLOCK_MAX];
};

struct phmac_alg {
	struct ahash_alg alg;
	enum pk_hash hash;
};

/* Of masks: no number is used twice while the module is loaded. */
static atomic64_t hmac_mask = ATOMIC64_INIT(0);

static const struct phmac_alg *alg_of(struct crypto_ahash *tfm)
{
	return container_of(crypto_hash_alg_common(tfm), struct phmac_alg,
			    alg.halg);
}

int pk_hmac_section(enum pk_hash hash, const struct pk_slot *slot,
		    struct pk_hmac *h, const u8 *src, unsigned int len,
		    u64 flags)
{
	int x;

	/* the section refuses it if the slot is filled again meanwhile */
	if (flags & HMAC_FIRST)
		memcpy(h->nonce, slot->nonce, sizeof(h->nonce));
	if (!(flags & HMAC_LAST))
		h->mask_out = atomic64_inc_return(&hmac_mask);
	kernel_fpu_begin();
	x = pk_isa.hmac[hash](pk_wk, slot, h, src, len | flags);
	if (!x)
		h->mask_in = h->mask_out;
	return pk_section_end(x);
}

static int run_section(struct ahash_request *req, const u8 *src,
		       unsigned int len, u64 flags)
{
	struct crypto_ahash *tfm = crypto_ahash_reqtfm(req);
	const struct pk_key *key = crypto_ahash_ctx(tfm);
	struct hmac_request *rctx = ahash_request_ctx(req);
	int ret = pk_hmac_section(alg_of(tfm)->hash, key->slot, &rctx->h, src,
				  len, flags | (rctx->started ? 0 : HMAC_FIRST));

	if (!ret)
		rctx->started = true;
	return ret;
}

/* Pad the last @part bytes of the message, which are in the buffer. */
static void pad(struct hmac_request *rctx, unsigned int block, unsigned int part)
{
	unsigned int size = part + 1 + block / 8 > block ? 2 * block : block;

	memset(rctx->buffer + part, 0, size - part);
	rctx->buffer[part] = 0x80;
	/* the block of the key is hashed before the message */
	put_unaligned_be64((rctx->count + block) * 8, rctx->buffer + size - 8);
	rctx->h.tail = rctx->buffer;
	rctx->h.tail_len = size;
}

static void advance(struct hmac_request *rctx, struct pk_walk_side *s,
		    unsigned int len)
{
	rctx->done += len;
	rctx->left -= len;
	if (rctx->left)
		pk_walk_side_skip(s, len);
}

/* Bytes that make no block where they lie. */
static void take_part(struct hmac_request *rctx, struct pk_walk_side *s,
		      unsigned int block)
{
	unsigned int len = pk_walk_side_run(s, min(block - rctx->buffered,
						   rctx->left));

	memcpy(rctx->buffer + rctx->buffered, pk_walk_side_at(s), len);
	rctx->buffered += len;
	advance(rctx, s, len);
}

/* Blocks straight from where they lie; the end of the message with them. */
static int run_blocks(struct ahash_request *req, struct pk_walk_side *s,
		      unsigned int block, unsigned int len)
{
	struct hmac_request *rctx = ahash_request_ctx(req);
	unsigned int part = rctx->left - len;
	bool last = rctx->final && part < block;
	int ret;

	if (last) {
		scatterwalk_map_and_copy(rctx->buffer, req->src,
					 rctx->done + len, part, 0);
		pad(rctx, block, part);
	}
	ret = run_section(req, pk_walk_side_at(s), len, last ? HMAC_LAST : 0);
	if (ret)
		return ret;
	rctx->finished = last;
	advance(rctx, s, last ? rctx->left : len);
	return 0;
}

static int run_data(struct ahash_request *req, unsigned int block)
{
	struct hmac_request *rctx = ahash_request_ctx(req);
	struct pk_walk_side s;
	unsigned int len;
	int ret;

	if (rctx->left)
		pk_walk_side_start(&s, req->src, rctx->done);
	for (;;) {
		if (rctx->buffered == block) {
			ret = run_section(req, rctx->buffer, block, 0);
			if (ret)
				return ret;
			rctx->buffered = 0;
		}
		if (!rctx->left)
			return 0;
		len = pk_walk_side_run(&s, min_t(unsigned int, rctx->left,
						 PK_SECTION_SERIAL));
		if (rctx->buffered || len < block) {
			take_part(rctx, &s, block);
			continue;
		}
		ret = run_blocks(req, &s, block, round_down(len, block));
		if (ret)
			return ret;
	}
}

static void end(struct hmac_request *rctx)
{
	memzero_explicit(rctx, sizeof(*rctx));
	rctx->ended = true;
}

/* Go on with a request; -EAGAIN: repair the vault, then call again. */
static int run(struct ahash_request *req)
{
	struct crypto_ahash *tfm = crypto_ahash_reqtfm(req);
	struct hmac_request *rctx = ahash_request_ctx(req);
	unsigned int block = crypto_ahash_blocksize(tfm);
	int ret;

	ret = run_data(req, block);
	if (!ret && rctx->final && !rctx->finished) {
		pad(rctx, block, rctx->buffered);
		ret = run_section(req, NULL, 0, HMAC_LAST);
	}
	if (!ret && rctx->final)
		memcpy(req->result, rctx->h.mac, crypto_ahash_digestsize(tfm));
	if (ret != -EAGAIN && (ret || rctx->final))
		end(rctx);
	return ret;
}

int pk_ahash_run_async(struct crypto_async_request *base)
{
	return run(ahash_request_cast(base));
}

static int submit(struct ahash_request *req, unsigned int len, bool final)
{
	struct hmac_request *rctx = ahash_request_ctx(req);
	int ret;

	/* or it would be the MAC of a part of the message */
	if (rctx->ended)
		return -ESTALE;
	rctx->count += len;
	rctx->left = len;
	rctx->done = 0;
	rctx->final = final;
	rctx->finished = false;
	ret = may_use_simd() ? run(req) : -EAGAIN;
	if (ret != -EAGAIN)
		return ret;
	ret = pk_queue_add(&req->base);
	if (ret == -ENOSPC)
		end(rctx);
	return ret;
}

static int init(struct ahash_request *req)
{
	memset(ahash_request_ctx(req), 0, sizeof(struct hmac_request));
	return 0;
}

static int update(struct ahash_request *req)
{
	return submit(req, req->nbytes, false);
}

static int final(struct ahash_request *req)
{
	return submit(req, 0, true);
}

static int finup(struct ahash_request *req)
{
	return submit(req, req->nbytes, true);
}

static int digest(struct ahash_request *req)
{
	return init(req) ?: finup(req);
}

static int export(struct ahash_request *req, void *out)
{
	const struct hmac_request *rctx = ahash_request_ctx(req);
	struct hmac_state s = { .mask = rctx->h.mask_in, .count = rctx->count };

	if (rctx->ended)
		return -ESTALE;
	memcpy(s.nonce, rctx->h.nonce, sizeof(s.nonce));
	memcpy(s.state, rctx->h.state, sizeof(s.state));
	memcpy(s.buffer, rctx->buffer, rctx->buffered);
	memcpy(out, &s, sizeof(s));
	return 0;
}

/*
 * The nonce says whose state it is: another handle, another key or another
 * wrapping key has another one.  Each section looks again.
 */
static int import(struct ahash_request *req, const void *in)
{
	struct crypto_ahash *tfm = crypto_ahash_reqtfm(req);
	const struct pk_key *key = crypto_ahash_ctx(tfm);
	struct hmac_request *rctx = ahash_request_ctx(req);
	unsigned int block = crypto_ahash_blocksize(tfm);
	struct hmac_state s;

	memcpy(&s, in, sizeof(s));
	if (s.count >= block &&
	    memcmp(s.nonce, key->slot->nonce, sizeof(s.nonce)))
		return -ESTALE;
	init(req);
	rctx->count = s.count;
	rctx->started = s.count >= block;
	rctx->buffered = s.count % block;
	rctx->h.mask_in = s.mask;
	memcpy(rctx->h.nonce, s.nonce, sizeof(s.nonce));
	memcpy(rctx->h.state, s.state, sizeof(s.state));
	memcpy(rctx->buffer, s.buffer, rctx->buffered);
	return 0;
}

static int setkey(struct crypto_ahash *tfm, const u8 *blob, unsigned int len)
{
	return pk_key_set(crypto_ahash_ctx(tfm), blob, len, pk_blob_type_is_hmac);
}

static int init_tfm(struct crypto_ahash *tfm)
{
	crypto_ahash_set_reqsize(tfm, sizeof(struct hmac_request));
	return pk_key_init(crypto_ahash_ctx(tfm));
}

static void exit_tfm(struct crypto_ahash *tfm)
{
	pk_key_exit(crypto_ahash_ctx(tfm));
}

#define ALG(_hash, _name, _block, _size) {				\
	.hash = _hash,							\
	.alg = {							\
		.init = init,						\
		.update = update,					\
		.final = final,						\
		.finup = finup,						\
		.digest = digest,					\
		.export = export,					\
		.import = import,					\
		.setkey = setkey,					\
		.init_tfm = init_tfm,					\
		.exit_tfm = exit_tfm,					\
		.halg = {						\
			.digestsize = _size,				\
			.statesize = sizeof(struct hmac_state),		\
			.base = {					\
				.cra_name = "phmac(" _name ")",		\
				.cra_driver_name = "phmac-" _name "-protkey", \
				.cra_priority = 400,			\
				.cra_flags = CRYPTO_ALG_ASYNC,		\
				.cra_blocksize = _block,		\
				.cra_ctxsize = sizeof(struct pk_key),	\
				.cra_module = THIS_MODULE,		\
			},						\
		},							\
	},								\
}

static struct phmac_alg algs[] = {
	ALG(PK_HASH_SHA256, "sha256", 64, 32),
	ALG(PK_HASH_SHA512, "sha512", 128, 64),
};

static void unregister_first(unsigned int count)
{
	while (count--)
		crypto_unregister_ahash(&algs[count].alg);
}

int pk_ahash_register(void)
{
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(algs); i++) {
		ret = crypto_register_ahash(&algs[i].alg);
		if (ret) {
			unregister_first(i);
			return ret;
		}
	}
	return 0;
}

void pk_ahash_unregister(void)
{
	unregister_first(ARRAY_SIZE(algs));
}
