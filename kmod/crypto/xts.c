// SPDX-License-Identifier: GPL-2.0-only
/*
 * xts(paes): XTS-AES under a protected key, for dm-crypt and AF_ALG.
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
struct xts_request {
	u8 tweak[BLOCK];	/* of the next block, or the IV */
	bool started;		/* it is a tweak */
	bool decrypt;
	unsigned int done;	/* bytes, whole blocks */
};

int pk_xts_section(const struct pk_slot *slot, bool decrypt, u8 *tweak,
		   const u8 *src, u8 *dst, unsigned int len, u64 flags)
{
	unsigned int size;
	int x;

	kernel_fpu_begin();
	/* the routine refuses a slot of another size */
	size = READ_ONCE(slot->size) == 64 ? 2 : 0;
	x = pk_isa.cipher[PK_MODE_XTS][decrypt][size](pk_wk, slot, tweak, src,
						      dst, len | flags);
	if (unlikely(x == PK_X_MISMATCH))
		pk_vault_note_mismatch(smp_processor_id());
	kernel_fpu_end();
	return x == PK_X_MISMATCH ? -EAGAIN : pk_vault_errno(x);
}

/* Bytes of @req that are done as whole blocks; the rest is stolen from. */
static unsigned int xts_body(const struct skcipher_request *req)
{
	unsigned int body = round_down(req->cryptlen, BLOCK);

	return body == req->cryptlen ? body : body - BLOCK;
}

static int xts_walk(struct skcipher_request *req, const struct pk_slot *slot,
		    unsigned int body)
{
	struct xts_request *rctx = skcipher_request_ctx(req);
	struct pk_walk w;
	int ret = 0;

	pk_walk_start(&w, req->src, req->dst, rctx->done, body - rctx->done);
	while (!ret && pk_walk_next(&w, PK_SECTION_MAX)) {
		/* the common request is one section: no tweak in memory */
		bool more = rctx->done + w.len < req->cryptlen;

		ret = pk_xts_section(slot, rctx->decrypt, rctx->tweak, w.in,
				     w.out, w.len,
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

/*
 * Ciphertext stealing, IEEE 1619-2018 sections 5.3.2 and 5.4.2: the last whole
 * block and the @tail bytes behind it.  On the stack, so that it can be tried
 * again until both sections have run.
 */
static int xts_steal(struct skcipher_request *req, const struct pk_slot *slot,
		     unsigned int tail)
{
	struct xts_request *rctx = skcipher_request_ctx(req);
	bool decrypt = rctx->decrypt;
	u8 tweak[2][BLOCK], data[2 * BLOCK];
	unsigned int i;
	int ret;

	if (!rctx->started) {
		/* no whole block before: only encrypt the IV */
		ret = pk_xts_section(slot, decrypt, rctx->tweak, NULL, NULL, 0,
				     XTS_FIRST | XTS_MORE);
		if (ret)
			return ret;
		rctx->started = true;
	}
	memcpy(tweak[0], rctx->tweak, BLOCK);
	memcpy(tweak[1], rctx->tweak, BLOCK);
	gf128mul_x_ble((le128 *)tweak[1], (le128 *)tweak[1]);

	scatterwalk_map_and_copy(data, req->src, rctx->done, BLOCK + tail, 0);
	/* decryption uses the two tweaks in the other order */
	ret = pk_xts_section(slot, decrypt, tweak[decrypt], data, data, BLOCK, 0);
	if (!ret) {
		for (i = 0; i < tail; i++)
			swap(data[i], data[BLOCK + i]);
		ret = pk_xts_section(slot, decrypt, tweak[!decrypt], data, data,
				     BLOCK, 0);
	}
	if (!ret)
		scatterwalk_map_and_copy(data, req->dst, rctx->done,
					 BLOCK + tail, 1);
	memzero_explicit(data, sizeof(data));
	memzero_explicit(tweak, sizeof(tweak));
	return ret;
}

/* Go on with a request; -EAGAIN: repair the vault, then call again. */
static int xts_run(struct skcipher_request *req)
{
	const struct pk_key *key = crypto_skcipher_ctx(crypto_skcipher_reqtfm(req));
	struct xts_request *rctx = skcipher_request_ctx(req);
	unsigned int body = xts_body(req);
	int ret = 0;

	if (rctx->done < body)
		ret = xts_walk(req, key->slot, body);
	if (!ret && body < req->cryptlen)
		ret = xts_steal(req, key->slot, req->cryptlen % BLOCK);
	if (ret != -EAGAIN)
		memzero_explicit(rctx->tweak, sizeof(rctx->tweak));
	return ret;
}

int pk_xts_run_async(struct crypto_async_request *base)
{
	return xts_run(skcipher_request_cast(base));
}

static int xts_submit(struct skcipher_request *req, bool decrypt, u32 usage)
{
	const struct pk_key *key = crypto_skcipher_ctx(crypto_skcipher_reqtfm(req));
	struct xts_request *rctx = skcipher_request_ctx(req);
	int ret;

	if (req->cryptlen < BLOCK)
		return -EINVAL;
	if (key->usage && !(key->usage & usage))
		return -EACCES;
	memcpy(rctx->tweak, req->iv, BLOCK);
	rctx->started = false;
	rctx->decrypt = decrypt;
	rctx->done = 0;

	ret = may_use_simd() ? xts_run(req) : -EAGAIN;
	return ret == -EAGAIN ? pk_queue_add(&req->base) : ret;
}

static int xts_encrypt(struct skcipher_request *req)
{
	return xts_submit(req, false, PROTKEY_USAGE_ENCRYPT);
}

static int xts_decrypt(struct skcipher_request *req)
{
	return xts_submit(req, true, PROTKEY_USAGE_DECRYPT);
}

static int xts_setkey(struct crypto_skcipher *tfm, const u8 *blob,
		      unsigned int len)
{
	return pk_key_set(crypto_skcipher_ctx(tfm), blob, len,
			  pk_blob_type_is_xts);
}

static int xts_init_tfm(struct crypto_skcipher *tfm)
{
	crypto_skcipher_set_reqsize(tfm, sizeof(struct xts_request));
	return pk_key_init(crypto_skcipher_ctx(tfm));
}

static void xts_exit_tfm(struct crypto_skcipher *tfm)
{
	pk_key_exit(crypto_skcipher_ctx(tfm));
}

/*
 * Any key length reaches setkey: the crypto core would refuse a wrong one
 * without telling us, and the old key must not survive a refused one.
 */
static struct skcipher_alg xts_alg = {
	.base = {
		.cra_name = "xts(paes)",
		.cra_driver_name = "xts-paes-protkey",
		.cra_priority = 400,
		.cra_flags = CRYPTO_ALG_ASYNC,
		.cra_blocksize = BLOCK,
		.cra_ctxsize = sizeof(struct pk_key),
		.cra_module = THIS_MODULE,
	},
	.min_keysize = 0,
	.max_keysize = UINT_MAX,
	.ivsize = BLOCK,
	.walksize = BLOCK,
	.setkey = xts_setkey,
	.encrypt = xts_encrypt,
	.decrypt = xts_decrypt,
	.init = xts_init_tfm,
	.exit = xts_exit_tfm,
};

int pk_xts_register(void)
{
	return crypto_register_skcipher(&xts_alg);
}

void pk_xts_unregister(void)
{
	crypto_unregister_skcipher(&xts_alg);
}
