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
#include <linux/percpu.h>
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
#define GCM_PIECES	(1ULL << PK_GCM_PIECES_BIT)

/*
 * A record of TLS 1.3 is 16 KiB and a byte: one section, not one more for the byte.
 */
#define DATA_MAX	(PK_SECTION_MAX + BLOCK)
/* Of more cuts than these a record of packets of 1448 bytes has not. */
#define PIECES_MAX	32
#define CUTS_MAX	16

#define GCM_REQUEST_CLEARED	offsetof(struct pk_gcm_request, aad)

/* Of masks: no number is used twice while the module is loaded. */
static atomic64_t gcm_mask = ATOMIC64_INIT(0);

/*
 * The data of a section where the request's lists cut them up.  Only between
 * kernel_fpu_begin() and _end(): whoever interrupts that is told by may_use_simd()
 * that there is no SIMD, and queues its request, so nobody else is here.
 */
struct strewn {
	struct pk_gcm_piece pieces[PIECES_MAX];
	struct cut {
		struct pk_walk_side src, dst;	/* where its group begins */
		unsigned int len;
		bool in, out;			/* on which side it is */
	} cuts[CUTS_MAX];
	u8 bounce[CUTS_MAX][PK_GCM_GROUP] __aligned(64);
};

static struct strewn __percpu *strewn;

/* In a section: PK_X_*. */
static int run_routine(const struct pk_slot *slot, bool decrypt,
		       struct pk_gcm *g, const void *src, u8 *dst,
		       unsigned int len, u64 flags)
{
	/* the routine refuses a slot of another size */
	unsigned int size = READ_ONCE(slot->size);
	pk_gcm_fn fn = pk_isa.gcm[decrypt][pk_key_size_index(size)];
	/*
	 * Under another wrapping key the mask would not come off, and the tag be
	 * wrong without an error.  A new epoch waits for running sections.
	 */
	u64 epoch = pk_vault_epoch();
	int x = PK_X_STALE;

	/* the last section keeps nothing: most requests need no number */
	if (!(flags & GCM_LAST))
		g->mask_out = atomic64_inc_return(&gcm_mask);
	if ((flags & GCM_FIRST) || g->epoch == epoch)
		x = fn(pk_wk, slot, g, src, dst, len | flags);
	if (!x) {
		g->mask_in = g->mask_out;
		g->epoch = epoch;
	}
	return x;
}

int pk_gcm_section(const struct pk_slot *slot, bool decrypt, struct pk_gcm *g,
		   const void *src, u8 *dst, unsigned int len, u64 flags)
{
	kernel_fpu_begin();
	return pk_section_end(run_routine(slot, decrypt, g, src, dst, len, flags));
}

static u64 first_flag(const struct pk_gcm_request *rctx)
{
	return rctx->started ? 0 : GCM_FIRST;
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
		ret = pk_gcm_section(rctx->slot, rctx->decrypt, &rctx->g,
				     rctx->aad, NULL, PK_GCM_AAD_MAX,
				     GCM_AAD | first_flag(rctx));
		if (ret)
			return ret;
		rctx->started = true;
		rctx->aad_done += PK_GCM_AAD_MAX;
	}
	if (left)
		scatterwalk_map_and_copy(rctx->aad, req->src, rctx->aad_done,
					 left, 0);
	rctx->g.aad = rctx->aad;
	rctx->g.aad_len = left;
	return 0;
}

/* What one section takes of the data. */
struct layout {
	unsigned int len;
	unsigned int pieces;
	unsigned int cuts;
};

static void add_piece(struct strewn *s, struct layout *l, const u8 *src,
		      u8 *dst, unsigned int len)
{
	struct pk_gcm_piece *next = &s->pieces[l->pieces];

	l->len += len;
	if (l->pieces && next[-1].src + next[-1].len == src &&
	    next[-1].dst + next[-1].len == dst) {
		next[-1].len += len;
		return;
	}
	*next = (struct pk_gcm_piece){ src, dst, len };
	l->pieces++;
}

/* The next @len bytes, a group or the last ones, which are cut on a side. */
static void add_cut(struct strewn *s, struct layout *l,
		    const struct pk_walk_side *src,
		    const struct pk_walk_side *dst, unsigned int len)
{
	struct cut *c = &s->cuts[l->cuts];
	u8 *bounce = s->bounce[l->cuts++];

	*c = (struct cut){ *src, *dst, len, pk_walk_side_run(src, len) < len,
			   pk_walk_side_run(dst, len) < len };
	add_piece(s, l, c->in ? bounce : pk_walk_side_at(src),
		  c->out ? bounce : pk_walk_side_at(dst), len);
	/*
	 * Cuts are at the ends of pages mostly, where the CPU foresees nothing:
	 * a miss for each of them costs more than the copying.
	 */
	if (c->in)
		pk_walk_side_prefetch(*src, len);
	if (c->out)
		pk_walk_side_prefetch(*dst, len);
}

/*
 * Lay out the next section, @max bytes or whole groups: what lies in one piece on
 * both sides where it is, the group that a cut goes through in the bounce buffer, on
 * the side of the cut.
 */
static void lay_out(struct strewn *s, struct layout *l,
		    struct pk_walk_side *src, struct pk_walk_side *dst,
		    unsigned int max)
{
	while (l->len < max && l->pieces < PIECES_MAX && l->cuts < CUTS_MAX) {
		unsigned int left = max - l->len;
		unsigned int n = min(pk_walk_side_run(src, left),
				     pk_walk_side_run(dst, left));

		if (n < left)
			n = round_down(n, PK_GCM_GROUP);
		if (n) {
			add_piece(s, l, pk_walk_side_at(src),
				  pk_walk_side_at(dst), n);
		} else {
			n = min_t(unsigned int, left, PK_GCM_GROUP);
			add_cut(s, l, src, dst, n);
		}
		pk_walk_side_skip(src, n);
		pk_walk_side_skip(dst, n);
	}
}

/* Gather what is cut into the bounce buffer, or scatter it from there. */
static void bounce_cuts(struct strewn *s, const struct layout *l, bool to_list)
{
	unsigned int i;

	for (i = 0; i < l->cuts; i++) {
		struct cut *c = &s->cuts[i];

		if (to_list ? c->out : c->in)
			pk_walk_side_copy(to_list ? &c->dst : &c->src,
					  s->bounce[i], c->len, to_list);
	}
}

static int run_layout(struct pk_gcm_request *rctx, struct strewn *s,
		      const struct layout *l)
{
	bool last = rctx->done + l->len == rctx->len;
	u64 flags = first_flag(rctx) | (last ? GCM_LAST : 0);

	return run_routine(rctx->slot, rctx->decrypt, &rctx->g, s->pieces, NULL,
			   l->len, flags | (l->pieces ? GCM_PIECES : 0));
}

/* A section of data; the last one with the lengths and the tag. */
static int run_data(struct aead_request *req, struct pk_walk_side *src,
		    struct pk_walk_side *dst)
{
	struct pk_gcm_request *rctx = aead_request_ctx(req);
	unsigned int left = rctx->len - rctx->done;
	struct layout l = { };
	struct strewn *s;
	int x, ret;

	kernel_fpu_begin();
	s = this_cpu_ptr(strewn);
	lay_out(s, &l, src, dst, left > DATA_MAX ? PK_SECTION_MAX : left);
	bounce_cuts(s, &l, false);
	x = run_layout(rctx, s, &l);
	if (!x)
		bounce_cuts(s, &l, true);
	memzero_explicit(s->bounce, l.cuts * sizeof(s->bounce[0]));
	ret = pk_section_end(x);
	if (ret)
		return ret;
	rctx->started = true;
	rctx->done += l.len;
	rctx->finished = rctx->done == rctx->len;
	/* it is hashed */
	rctx->aad_done = req->assoclen;
	rctx->g.aad_len = 0;
	return 0;
}

static int run_sections(struct aead_request *req)
{
	struct pk_gcm_request *rctx = aead_request_ctx(req);
	unsigned int at = req->assoclen + rctx->done;
	struct pk_walk_side src, dst;
	int ret = 0;

	pk_walk_side_start(&src, req->src, at);
	pk_walk_side_start(&dst, req->dst, at);
	while (!ret && !rctx->finished)
		ret = run_data(req, &src, &dst);
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
		ret = run_sections(req);
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
	int ret;

	if (!pk_isa.gcm[0][0]) {
		pr_info("no gcm(paes): this CPU lacks PCLMULQDQ\n");
		return 0;
	}
	strewn = alloc_percpu(struct strewn);
	if (!strewn)
		return -ENOMEM;
	ret = crypto_register_aead(&gcm_alg);
	if (ret)
		free_percpu(strewn);
	return ret;
}

void pk_aead_unregister(void)
{
	if (!pk_isa.gcm[0][0])
		return;
	crypto_unregister_aead(&gcm_alg);
	free_percpu(strewn);
}
