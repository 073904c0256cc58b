// SPDX-License-Identifier: GPL-2.0-only
/* gcm(aes) that takes tokens: see aead.h. */

#include <crypto/internal/aead.h>
#include <linux/module.h>
#include <net/tls.h>

#include "aead.h"
#include "compat/compat.h"
#include "crypto/gcm_request.h"
#include "domain.h"
#include "roster.h"
#include "token.h"

#define PRIORITY_FIRST	5000	/* more than any driver has */
#define PRIORITY_LAST	1

/*
 * RFC 8446, 5.5: 2^24.5 records of full size under one key keep AES-GCM's
 * margin.  Both directions count: it is the same key for who listens.
 */
#define RECORD_LIMIT	23726566ULL

static unsigned long record_limit = RECORD_LIMIT;
module_param(record_limit, ulong, 0444);
MODULE_PARM_DESC(record_limit,
	"records under one key before it is refused; not more than 23726566 (default)");

struct ktls_ctx {
	struct crypto_aead *fallback;
	struct pk_token *token;		/* NULL: the fallback has the key */
	/* Tokens before this one: a late request may still use their slots. */
	struct pk_token *retired;
};

/* What a request of ours keeps. */
struct ktls_request {
	struct pk_gcm_request gcm;	/* first: pk_gcm_submit() finds it there */
	/* receiving: its caller's, while it is under way */
	struct pk_token *token;
	crypto_completion_t complete;
	void *data;
};

static struct aead_alg ktls_alg;

void pk_ktls_aead_prefer(bool first)
{
	/* read without a lock of ours by the crypto core, whenever it chooses */
	WRITE_ONCE(ktls_alg.base.cra_priority,
		   first ? PRIORITY_FIRST : PRIORITY_LAST);
}

struct pk_token *pk_ktls_aead_token(struct crypto_aead *tfm)
{
	struct ktls_ctx *ctx = crypto_aead_ctx(tfm);

	return crypto_aead_alg(tfm) == &ktls_alg ? ctx->token : NULL;
}

/* ---- keys --------------------------------------------------------------- */

static void retire(struct ktls_ctx *ctx)
{
	if (!ctx->token)
		return;
	pk_roster_leave(ctx->token);
	ctx->token->retired = ctx->retired;
	ctx->retired = ctx->token;
	ctx->token = NULL;
}

static int setkey(struct crypto_aead *tfm, const u8 *key, unsigned int len)
{
	struct ktls_ctx *ctx = crypto_aead_ctx(tfm);
	struct pk_token *token;

	retire(ctx);
	if (!pk_token_has_magic(key, len)) {
		crypto_aead_clear_flags(ctx->fallback, CRYPTO_TFM_REQ_MASK);
		crypto_aead_set_flags(ctx->fallback, crypto_aead_get_flags(tfm) &
				      CRYPTO_TFM_REQ_MASK);
		return crypto_aead_setkey(ctx->fallback, key, len);
	}
	token = pk_token_take(key, len);
	if (IS_ERR(token))
		return PTR_ERR(token);
	ctx->token = token;
	return 0;
}

static int setauthsize(struct crypto_aead *tfm, unsigned int size)
{
	struct ktls_ctx *ctx = crypto_aead_ctx(tfm);

	return crypto_aead_setauthsize(ctx->fallback, size);
}

/* ---- requests ----------------------------------------------------------- */

static void forward_done(PK_COMPLETION_ARG *data, int err)
{
	aead_request_complete(pk_completion_data(data), err);
}

/* A key of somebody else: the driver that he would have had. */
static int forward(struct aead_request *req, bool decrypt)
{
	struct ktls_ctx *ctx = crypto_aead_ctx(crypto_aead_reqtfm(req));
	struct aead_request *sub = aead_request_ctx(req);

	aead_request_set_tfm(sub, ctx->fallback);
	aead_request_set_callback(sub, aead_request_flags(req), forward_done,
				  req);
	aead_request_set_crypt(sub, req->src, req->dst, req->cryptlen, req->iv);
	aead_request_set_ad(sub, req->assoclen);
	return decrypt ? crypto_aead_decrypt(sub) : crypto_aead_encrypt(sub);
}

static int count_record(struct pk_token *token, unsigned int bytes)
{
	u64 count = atomic64_inc_return(&token->records);

	atomic64_add(bytes, &token->plain);
	pk_traffic_totals_add(&token->domain->traffic_totals, bytes);

	if (count <= record_limit)
		return 0;
	if (count == record_limit + 1)
		pr_warn("a TLS key is used up after %lu records: its connection ends. Peers must rekey or reconnect before\n",
			record_limit);
	return -EKEYREVOKED;
}

/* Whether the token is for this request. */
static int check_use(const struct aead_request *req,
		     const struct pk_token *token, bool decrypt)
{
	unsigned int aad = token->version == TLS_1_3_VERSION ?
			   TLS_HEADER_SIZE : TLS_AAD_SPACE_SIZE;

	if (token->direction != (decrypt ? TLS_RX : TLS_TX))
		return -EACCES;
	/* not a byte before the socket is known to be ours */
	if (!READ_ONCE(token->confirmed))
		return -ENOKEY;
	return req->assoclen == aad ? 0 : -EINVAL;
}

/* The record's plaintext is at @sg behind the associated data. */
static void record_end(struct aead_request *req, struct pk_token *token,
		       struct scatterlist *sg, unsigned int len)
{
	if (!pk_record_end(&token->record, req->iv, sg, req->assoclen, len))
		return;
	atomic64_add(atomic64_xchg(&token->records, 0), &token->records_before);
	if (!token->record.ended)
		atomic64_inc(&token->domain->traffic_totals.updates);
	else
		pr_warn_ratelimited("TLS keys were updated %u times and no more can be: the connection ends\n",
				    token->record.generation + 1);
}

static unsigned int plain_size(struct aead_request *req, bool decrypt)
{
	return decrypt ? req->cryptlen - crypto_aead_authsize(crypto_aead_reqtfm(req)) :
			 req->cryptlen;
}

/* A record is decrypted; the socket's part of the request is as it was. */
static void received(struct aead_request *req, struct pk_token *token, int err)
{
	if (!err)
		record_end(req, token, req->dst, plain_size(req, true));
}

static void receive_done(PK_COMPLETION_ARG *data, int err)
{
	struct aead_request *req = pk_completion_data(data);
	struct ktls_request *rctx = aead_request_ctx(req);

	/* kTLS waits for the end only */
	if (err == -EINPROGRESS)
		return;
	aead_request_set_callback(req, aead_request_flags(req), rctx->complete,
				  rctx->data);
	received(req, rctx->token, err);
	aead_request_complete(req, err);
}

/*
 * Receive under TLS 1.3.  kTLS decrypts one such record after the other, so that
 * what is learned from one is there for the next.
 */
static int receive(struct aead_request *req, struct pk_token *token,
		   const struct pk_slot *slot, const u8 *nonce)
{
	struct ktls_request *rctx = aead_request_ctx(req);
	int ret;

	rctx->token = token;
	rctx->complete = req->base.complete;
	rctx->data = req->base.data;
	aead_request_set_callback(req, aead_request_flags(req), receive_done,
				  req);
	ret = pk_gcm_submit(req, slot, nonce, true);
	if (ret == -EINPROGRESS || ret == -EBUSY)
		return ret;
	aead_request_set_callback(req, aead_request_flags(req), rctx->complete,
				  rctx->data);
	received(req, token, ret);
	return ret;
}

static int submit(struct aead_request *req, struct pk_token *token, bool decrypt)
{
	u8 nonce[PK_RECORD_IV_SIZE];
	const struct pk_slot *slot;
	unsigned int generation;
	int ret;

	ret = check_use(req, token, decrypt) ?:
	      count_record(token, plain_size(req, decrypt));
	if (ret)
		return ret;
	if (token->version != TLS_1_3_VERSION)
		return pk_gcm_submit(req, token->traffic[0]->slot, req->iv,
				     decrypt);
	ret = pk_record_begin(&token->record, req->iv, &generation, nonce);
	if (ret)
		return ret;
	slot = token->traffic[generation]->slot;
	if (decrypt)
		return receive(req, token, slot, nonce);
	record_end(req, token, req->src, req->cryptlen);
	return pk_gcm_submit(req, slot, nonce, false);
}

static int encrypt(struct aead_request *req)
{
	struct ktls_ctx *ctx = crypto_aead_ctx(crypto_aead_reqtfm(req));

	return ctx->token ? submit(req, ctx->token, false) :
			    forward(req, false);
}

static int decrypt(struct aead_request *req)
{
	struct ktls_ctx *ctx = crypto_aead_ctx(crypto_aead_reqtfm(req));

	return ctx->token ? submit(req, ctx->token, true) : forward(req, true);
}

/* ---- life --------------------------------------------------------------- */

static int init_tfm(struct crypto_aead *tfm)
{
	struct ktls_ctx *ctx = crypto_aead_ctx(tfm);
	struct crypto_aead *fallback;

	fallback = crypto_alloc_aead("gcm(aes)", 0, CRYPTO_ALG_NEED_FALLBACK);
	if (IS_ERR(fallback))
		return PTR_ERR(fallback);
	memset(ctx, 0, sizeof(*ctx));
	ctx->fallback = fallback;
	crypto_aead_set_reqsize(tfm, max_t(unsigned int,
			sizeof(struct ktls_request),
			sizeof(struct aead_request) +
			crypto_aead_reqsize(fallback)));
	return 0;
}

static void exit_tfm(struct crypto_aead *tfm)
{
	struct ktls_ctx *ctx = crypto_aead_ctx(tfm);
	struct pk_token *token;

	retire(ctx);
	while ((token = ctx->retired)) {
		ctx->retired = token->retired;
		pk_token_free(token);
	}
	crypto_free_aead(ctx->fallback);
}

static struct aead_alg ktls_alg = {
	.base = {
		.cra_name = "gcm(aes)",
		.cra_driver_name = "gcm-aes-protkey-token",
		.cra_priority = PRIORITY_LAST,
		.cra_flags = CRYPTO_ALG_ASYNC | CRYPTO_ALG_NEED_FALLBACK,
		.cra_blocksize = 1,
		.cra_ctxsize = sizeof(struct ktls_ctx),
		.cra_module = THIS_MODULE,
	},
	.ivsize = 12,
	.maxauthsize = 16,
	.chunksize = 16,
	.setkey = setkey,
	.setauthsize = setauthsize,
	.encrypt = encrypt,
	.decrypt = decrypt,
	.init = init_tfm,
	.exit = exit_tfm,
};

/*
 * With a gcm(aes) of ours in the list the crypto core no longer asks modprobe for
 * one, so the machine's own must be there first.
 */
static int load_fallback(void)
{
	struct crypto_aead *tfm;

	tfm = crypto_alloc_aead("gcm(aes)", 0, CRYPTO_ALG_NEED_FALLBACK);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	crypto_free_aead(tfm);
	return 0;
}

int pk_ktls_aead_init(void)
{
	int ret;

	if (!record_limit || record_limit > RECORD_LIMIT) {
		pr_err("record_limit: 1 to %llu\n", RECORD_LIMIT);
		return -EINVAL;
	}
	ret = load_fallback();
	return ret ?: crypto_register_aead(&ktls_alg);
}

void pk_ktls_aead_exit(void)
{
	crypto_unregister_aead(&ktls_alg);
}
