// SPDX-License-Identifier: GPL-2.0-only
/*
 * gcm(paes): AES-GCM under a protected key.  IV of 12 bytes, tags of 4, 8 and
 * 12 to 16 bytes (SP 800-38D), associated data of any length.
 *
 * A request is a row of sections like one of skcipher.c; what it keeps between
 * them is public (the counter) or masked (the running hash, see struct pk_gcm).
 */

#include <crypto/aead.h>
#include <crypto/gcm.h>
#include <crypto/internal/aead.h>
#include <crypto/scatterwalk.h>
#include <linux/module.h>
#include <asm/fpu/api.h>
#include <asm/simd.h>

#include "cipher.h"
#include "compat/compat.h"
#include "gcm_request.h"
#include "protkey.h"
#include "queue.h"
#include "walk.h"
#include "x86/isa.h"

#define BLOCK		16
#define GCM_FIRST	(1ULL << PK_GCM_FIRST_BIT)
#define GCM_LAST	(1ULL << PK_GCM_LAST_BIT)
#define GCM_AAD		(1ULL << PK_GCM_AAD_BIT)

#define GCM_REQUEST_CLEARED	offsetof(struct pk_gcm_request, aad)

/* Of masks: no number is used twice while the module is loaded. */
static atomic64_t gcm_mask = ATOMIC64_INIT(0);

int pk_gcm_section(const struct pk_slot *slot, bool decrypt, struct pk_gcm *g,
		   const u8 *src, u8 *dst, unsigned int len, u64 flags)
{
	unsigned int size;
	int x = PK_X_STALE;
	pk_gcm_fn fn;
	u64 epoch;

	/* the last section keeps nothing: most requests need no number */
	if (!(flags & GCM_LAST))
		g->mask_out = atomic64_inc_return(&gcm_mask);
	kernel_fpu_begin();
	size = READ_ONCE(slot->size);
	/* the routine refuses a slot of another size */
	fn = pk_isa.gcm[decrypt][pk_key_size_index(size)];
	/*
	 * Under another wrapping key the mask would not come off, and the tag be
	 * wrong without an error.  A new epoch waits for running sections.
	 */
	epoch = pk_vault_epoch();
	if ((flags & GCM_FIRST) || g->epoch == epoch)
		x = fn(pk_wk, slot, g, src, dst, len | flags);
	if (!x) {
		g->mask_in = g->mask_out;
		g->epoch = epoch;
	}
	return pk_section_end(x);
}

static int run_section(struct pk_gcm_request *rctx, const u8 *src, u8 *dst,
		       unsigned int len, u64 flags)
{
	int ret = pk_gcm_section(rctx->slot, rctx->decrypt, &rctx->g, src, dst,
				 len, flags | (rctx->started ? 0 : GCM_FIRST));

	if (!ret)
		rctx->started = true;
	return ret;
}

/* Associated data: what is too long for the first section of the data. */
static int run_aad(struct aead_request *req)
{
	struct pk_gcm_request *rctx = aead_request_ctx(req);
	unsigned int left;
	int ret;

	while ((left = req->assoclen - rctx->aad_done) > PK_GCM_AAD_MAX) {
		scatterwalk_map_and_copy(rctx->aad, req->src, rctx->aad_done,
					 PK_GCM_AAD_MAX, 0);
		ret = run_section(rctx, rctx->aad, NULL, PK_GCM_AAD_MAX,
				  GCM_AAD);
		if (ret)
			return ret;
		rctx->aad_done += PK_GCM_AAD_MAX;
	}
	if (left)
		scatterwalk_map_and_copy(rctx->aad, req->src, rctx->aad_done,
					 left, 0);
	rctx->g.aad = rctx->aad;
	rctx->g.aad_len = left;
	return 0;
}

/* A section of data: @last with the lengths and the tag. */
static int run_data(struct aead_request *req, const u8 *src, u8 *dst,
		    unsigned int len)
{
	struct pk_gcm_request *rctx = aead_request_ctx(req);
	bool last = rctx->done + len == rctx->len;
	int ret;

	ret = run_section(rctx, src, dst, len, last ? GCM_LAST : 0);
	if (ret)
		return ret;
	rctx->done += len;
	rctx->finished = last;
	/* it is hashed */
	rctx->aad_done = req->assoclen;
	rctx->g.aad_len = 0;
	return 0;
}

static int run_blocks(struct aead_request *req)
{
	struct pk_gcm_request *rctx = aead_request_ctx(req);
	unsigned int body = round_down(rctx->len, BLOCK);
	struct pk_walk w;
	int ret = 0;

	if (rctx->done >= body)
		return 0;
	pk_walk_start(&w, req->src, req->dst, req->assoclen + rctx->done,
		      body - rctx->done);
	while (!ret && pk_walk_next(&w, PK_SECTION_MAX)) {
		unsigned int len = w.len;

		/* most requests are whole in one section, with their tail */
		if (w.left == w.len && pk_walk_has(&w, rctx->len - body))
			len += rctx->len - body;
		ret = run_data(req, w.in, w.out, len);
		pk_walk_done(&w, !ret);
	}
	return ret;
}

/* Less than a block that the walk did not take, or nothing at all. */
static int run_tail(struct aead_request *req)
{
	struct pk_gcm_request *rctx = aead_request_ctx(req);
	unsigned int at = req->assoclen + rctx->done;
	unsigned int len = rctx->len - rctx->done;
	u8 data[BLOCK];
	int ret;

	if (len)
		scatterwalk_map_and_copy(data, req->src, at, len, 0);
	ret = run_data(req, data, data, len);
	if (!ret && len)
		scatterwalk_map_and_copy(data, req->dst, at, len, 1);
	memzero_explicit(data, sizeof(data));
	return ret;
}

static int put_or_check_tag(struct aead_request *req)
{
	struct pk_gcm_request *rctx = aead_request_ctx(req);
	unsigned int size = crypto_aead_authsize(crypto_aead_reqtfm(req));
	unsigned int at = req->assoclen + rctx->len;
	u8 tag[BLOCK];

	if (!rctx->decrypt) {
		scatterwalk_map_and_copy(rctx->g.tag, req->dst, at, size, 1);
		return 0;
	}
	scatterwalk_map_and_copy(tag, req->src, at, size, 0);
	return crypto_memneq(tag, rctx->g.tag, size) ? -EBADMSG : 0;
}

/* Go on with a request; -EAGAIN: repair the vault, then call again. */
static int run(struct aead_request *req)
{
	struct pk_gcm_request *rctx = aead_request_ctx(req);
	int ret = 0;

	/* once data is done all of the associated data is */
	if (rctx->aad_done < req->assoclen)
		ret = run_aad(req);
	if (!ret)
		ret = run_blocks(req);
	if (!ret && !rctx->finished)
		ret = run_tail(req);
	if (!ret)
		ret = put_or_check_tag(req);
	if (ret != -EAGAIN)
		memzero_explicit(rctx, GCM_REQUEST_CLEARED);
	return ret;
}

int pk_aead_run_async(struct crypto_async_request *base)
{
	return run(container_of(base, struct aead_request, base));
}

int pk_gcm_submit(struct aead_request *req, const struct pk_slot *slot,
		  const u8 *iv, bool decrypt)
{
	unsigned int size = crypto_aead_authsize(crypto_aead_reqtfm(req));
	struct pk_gcm_request *rctx = aead_request_ctx(req);
	int ret;

	/* the crypto core has checked that there is a tag to decrypt with */
	memset(rctx, 0, GCM_REQUEST_CLEARED);
	rctx->slot = slot;
	rctx->decrypt = decrypt;
	rctx->len = req->cryptlen - (decrypt ? size : 0);
	memcpy(rctx->g.counter, iv, GCM_AES_IV_SIZE);
	put_unaligned_be32(2, rctx->g.counter + GCM_AES_IV_SIZE);
	put_unaligned_be64((u64)req->assoclen * 8, rctx->g.lengths);
	put_unaligned_be64((u64)rctx->len * 8, rctx->g.lengths + 8);

	ret = may_use_simd() ? run(req) : -EAGAIN;
	return ret == -EAGAIN ? pk_queue_add(&req->base) : ret;
}
EXPORT_SYMBOL_NS_GPL(pk_gcm_submit, PROTKEY);

static int submit(struct aead_request *req, bool decrypt, u32 usage)
{
	const struct pk_key *key = crypto_aead_ctx(crypto_aead_reqtfm(req));

	if (key->usage && !(key->usage & usage))
		return -EACCES;
	return pk_gcm_submit(req, key->slot, req->iv, decrypt);
}

static int encrypt(struct aead_request *req)
{
	return submit(req, false, PROTKEY_USAGE_ENCRYPT);
}

static int decrypt(struct aead_request *req)
{
	return submit(req, true, PROTKEY_USAGE_DECRYPT);
}

/*
 * cryptsetup asks whether there is such a cipher by setting the key ef ab ab
 * ..., and takes a refusal for a no.  It is no key: using it gives ENOKEY.
 */
static bool is_cryptsetup_probe(const u8 *key, unsigned int len)
{
	return len >= 16 && key[0] == 0xef && !memchr_inv(key + 1, 0xab, len - 1);
}

static int setkey(struct crypto_aead *tfm, const u8 *blob, unsigned int len)
{
	int ret = pk_key_set(crypto_aead_ctx(tfm), blob, len,
			     pk_blob_type_is_aes);

	return ret && is_cryptsetup_probe(blob, len) ? 0 : ret;
}

static int setauthsize(struct crypto_aead *tfm, unsigned int size)
{
	return crypto_gcm_check_authsize(size);
}

static int init_tfm(struct crypto_aead *tfm)
{
	crypto_aead_set_reqsize(tfm, sizeof(struct pk_gcm_request));
	return pk_key_init(crypto_aead_ctx(tfm));
}

static void exit_tfm(struct crypto_aead *tfm)
{
	pk_key_exit(crypto_aead_ctx(tfm));
}

static struct aead_alg gcm_alg = {
	.base = {
		.cra_name = "gcm(paes)",
		.cra_driver_name = "gcm-paes-protkey",
		.cra_priority = 400,
		.cra_flags = CRYPTO_ALG_ASYNC,
		.cra_blocksize = 1,
		.cra_ctxsize = sizeof(struct pk_key),
		.cra_module = THIS_MODULE,
	},
	.ivsize = GCM_AES_IV_SIZE,
	.maxauthsize = BLOCK,
	.chunksize = BLOCK,
	.setkey = setkey,
	.setauthsize = setauthsize,
	.encrypt = encrypt,
	.decrypt = decrypt,
	.init = init_tfm,
	.exit = exit_tfm,
};

int pk_aead_register(void)
{
	if (!pk_isa.gcm[0][0]) {
		pr_info("no gcm(paes): this CPU lacks PCLMULQDQ\n");
		return 0;
	}
	return crypto_register_aead(&gcm_alg);
}

void pk_aead_unregister(void)
{
	if (pk_isa.gcm[0][0])
		crypto_unregister_aead(&gcm_alg);
}
