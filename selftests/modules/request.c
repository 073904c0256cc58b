// SPDX-License-Identifier: GPL-2.0-only
/* protkey_test: make requests and judge their results. */

#include <linux/crypto.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <crypto/skcipher.h>

#include "request.h"

#define FILL_SRC	0x5a
#define FILL_DST	0xa5
#define TIMEOUT		(60 * HZ)

void pkt_counts_init(struct pkt_counts *counts)
{
	memset(counts, 0, sizeof(*counts));
	spin_lock_init(&counts->first_lock);
}

void pkt_counts_first(struct pkt_counts *counts, const char *fmt, ...)
{
	va_list args;

	spin_lock(&counts->first_lock);
	if (!counts->first[0]) {
		va_start(args, fmt);
		vsnprintf(counts->first, sizeof(counts->first), fmt, args);
		va_end(args);
	}
	spin_unlock(&counts->first_lock);
}

/* ---- layout of a random request ------------------------------------------ */

static u32 below(struct rnd_state *rnd, u32 ceil)
{
	return prandom_u32_state(rnd) % ceil;
}

/*
 * Cut @len bytes into pieces and strew these over @area: any alignment, any
 * order, gaps between them or none, across page boundaries.
 */
static void layout_randomize(struct pkt_layout *layout, u8 *area,
			     struct rnd_state *rnd, unsigned int len)
{
	unsigned int order[PKT_MAX_PIECES];
	unsigned int i, left = len, offset, cut, other;

	layout->count = 1 + below(rnd, min_t(u32, PKT_MAX_PIECES, len));
	for (i = 0; i < layout->count; i++) {
		unsigned int last = layout->count - 1 - i;

		/* leave at least one byte for each piece that follows */
		cut = last ? 1 + below(rnd, left - last) : left;
		if (last && below(rnd, 2))
			cut = min(cut, 1 + below(rnd, 64));
		layout->pieces[i].len = cut;
		left -= cut;
		order[i] = i;
	}
	for (i = layout->count - 1; i; i--) {
		other = below(rnd, i + 1);	/* swap() evaluates it twice */
		swap(order[i], order[other]);
	}

	offset = below(rnd, PAGE_SIZE);
	for (i = 0; i < layout->count; i++) {
		offset += below(rnd, 2) * below(rnd, PKT_GUARD);
		layout->pieces[order[i]].offset = offset;
		offset += layout->pieces[order[i]].len;
	}

	sg_init_table(layout->sg, layout->count);
	for (i = 0; i < layout->count; i++)
		sg_set_buf(&layout->sg[i], area + layout->pieces[i].offset,
			   layout->pieces[i].len);
}

static void layout_scatter(const struct pkt_layout *layout, u8 *area,
			   const u8 *linear)
{
	unsigned int i;

	for (i = 0; i < layout->count; i++) {
		memcpy(area + layout->pieces[i].offset, linear,
		       layout->pieces[i].len);
		linear += layout->pieces[i].len;
	}
}

static bool layout_covers(const struct pkt_layout *layout, unsigned int offset)
{
	unsigned int i;

	for (i = 0; i < layout->count; i++) {
		if (offset >= layout->pieces[i].offset &&
		    offset - layout->pieces[i].offset < layout->pieces[i].len)
			return true;
	}
	return false;
}

/* ---- the kernel's own cipher --------------------------------------------- */

static int reference(struct crypto_skcipher *ref, u8 *data, unsigned int len,
		     const u8 *iv, bool encrypt)
{
	u8 iv_work[PKT_IV_SIZE] __aligned(16);
	struct skcipher_request *req;
	struct scatterlist sg;
	DECLARE_CRYPTO_WAIT(wait);
	int err;

	req = skcipher_request_alloc(ref, GFP_KERNEL);
	if (!req)
		return -ENOMEM;
	memcpy(iv_work, iv, sizeof(iv_work));
	sg_init_one(&sg, data, len);
	skcipher_request_set_callback(req, CRYPTO_TFM_REQ_MAY_BACKLOG |
				      CRYPTO_TFM_REQ_MAY_SLEEP,
				      crypto_req_done, &wait);
	skcipher_request_set_crypt(req, &sg, &sg, len, iv_work);
	err = crypto_wait_req(encrypt ? crypto_skcipher_encrypt(req) :
					crypto_skcipher_decrypt(req), &wait);
	skcipher_request_free(req);
	return err;
}

int pkt_sample_fill(struct pkt_sample *sample, struct crypto_skcipher *ref,
		    struct rnd_state *rnd, unsigned int len)
{
	sample->len = len;
	sample->plain = kmalloc(len, GFP_KERNEL);
	sample->want = kmalloc(len, GFP_KERNEL);
	if (!sample->plain || !sample->want)
		return -ENOMEM;
	prandom_bytes_state(rnd, sample->iv, sizeof(sample->iv));
	prandom_bytes_state(rnd, sample->plain, len);
	memcpy(sample->want, sample->plain, len);
	return reference(ref, sample->want, len, sample->iv, true);
}

void pkt_sample_free(struct pkt_sample *sample)
{
	kfree(sample->plain);
	kfree(sample->want);
}

/* ---- slots --------------------------------------------------------------- */

struct pkt_slot *pkt_slot_alloc(struct crypto_skcipher *tfm,
				struct pkt_counts *counts)
{
	struct pkt_slot *slot;

	slot = kzalloc(sizeof(*slot), GFP_KERNEL);
	if (!slot)
		return NULL;
	slot->counts = counts;
	slot->req = skcipher_request_alloc(tfm, GFP_KERNEL);
	slot->src = kmalloc(PKT_AREA, GFP_KERNEL);
	slot->dst = kmalloc(PKT_AREA, GFP_KERNEL);
	slot->src_want = kmalloc(PKT_AREA, GFP_KERNEL);
	slot->dst_want = kmalloc(PKT_AREA, GFP_KERNEL);
	slot->linear = kmalloc(PKT_MAX_LEN, GFP_KERNEL);
	if (!slot->req || !slot->src || !slot->dst || !slot->src_want ||
	    !slot->dst_want || !slot->linear) {
		pkt_slot_free(slot);
		return NULL;
	}
	return slot;
}

void pkt_slot_free(struct pkt_slot *slot)
{
	if (!slot)
		return;
	if (slot->tasklet.callback)
		tasklet_kill(&slot->tasklet);
	if (slot->irq_work.func)
		irq_work_sync(&slot->irq_work);
	skcipher_request_free(slot->req);
	kfree(slot->src);
	kfree(slot->dst);
	kfree(slot->src_want);
	kfree(slot->dst_want);
	kfree(slot->linear);
	kfree(slot);
}

int pkt_slot_randomize(struct pkt_slot *slot, struct crypto_skcipher *ref,
		       struct rnd_state *rnd, unsigned int len, bool encrypt)
{
	struct scatterlist *dst_sg;
	int err;

	slot->sample = NULL;
	slot->len = len;
	slot->encrypt = encrypt;
	slot->in_place = below(rnd, 2);
	prandom_bytes_state(rnd, slot->iv, sizeof(slot->iv));
	prandom_bytes_state(rnd, slot->linear, len);

	layout_randomize(&slot->src_layout, slot->src, rnd, len);
	memset(slot->src, FILL_SRC, PKT_AREA);
	layout_scatter(&slot->src_layout, slot->src, slot->linear);
	memcpy(slot->src_want, slot->src, PKT_AREA);

	err = reference(ref, slot->linear, len, slot->iv, encrypt);
	if (err)
		return err;

	if (slot->in_place) {
		layout_scatter(&slot->src_layout, slot->src_want, slot->linear);
		dst_sg = slot->src_layout.sg;
	} else {
		layout_randomize(&slot->dst_layout, slot->dst, rnd, len);
		memset(slot->dst, FILL_DST, PKT_AREA);
		memcpy(slot->dst_want, slot->dst, PKT_AREA);
		layout_scatter(&slot->dst_layout, slot->dst_want, slot->linear);
		dst_sg = slot->dst_layout.sg;
	}
	skcipher_request_set_crypt(slot->req, slot->src_layout.sg, dst_sg, len,
				   slot->iv);
	return 0;
}

void pkt_slot_set_sample(struct pkt_slot *slot, const struct pkt_sample *sample)
{
	u8 *data = slot->src + PKT_GUARD;

	slot->sample = sample;
	slot->len = sample->len;
	slot->encrypt = true;
	slot->in_place = true;
	memcpy(slot->iv, sample->iv, sizeof(slot->iv));
	memset(slot->src, FILL_SRC, PKT_GUARD);
	memcpy(data, sample->plain, sample->len);
	memset(data + sample->len, FILL_SRC, PKT_GUARD);
	sg_init_one(slot->src_layout.sg, data, sample->len);
	skcipher_request_set_crypt(slot->req, slot->src_layout.sg,
				   slot->src_layout.sg, sample->len, slot->iv);
}

/* ---- judging ------------------------------------------------------------- */

static void report(struct pkt_slot *slot, const char *what, unsigned int offset)
{
	pkt_counts_first(slot->counts,
			 "%s: %s %u bytes %s, from %s, %u -> %u pieces, status %d, at offset %u",
			 what, slot->encrypt ? "encrypt" : "decrypt", slot->len,
			 slot->in_place ? "in place" : "apart",
			 pkt_context_names[slot->context],
			 slot->sample ? 1 : slot->src_layout.count,
			 slot->sample ? 1 : slot->in_place ?
			 slot->src_layout.count : slot->dst_layout.count,
			 slot->err, offset);
}

static unsigned int first_difference(const u8 *a, const u8 *b)
{
	unsigned int i;

	for (i = 0; i < PKT_AREA && a[i] == b[i]; i++)
		;
	return i;
}

/* Whether the area is as it must be; counts what is not. */
static bool area_right(struct pkt_slot *slot, const u8 *area, const u8 *want,
		       const struct pkt_layout *output)
{
	unsigned int at;

	if (!memcmp(area, want, PKT_AREA))
		return true;
	at = first_difference(area, want);
	if (output && layout_covers(output, at)) {
		atomic_inc(&slot->counts->wrong);
		report(slot, "wrong output", at);
	} else {
		atomic_inc(&slot->counts->touched);
		report(slot, "bytes outside the request changed", at);
	}
	return false;
}

static bool random_right(struct pkt_slot *slot)
{
	if (slot->in_place)
		return area_right(slot, slot->src, slot->src_want,
				  &slot->src_layout);
	return area_right(slot, slot->dst, slot->dst_want, &slot->dst_layout) &&
	       area_right(slot, slot->src, slot->src_want, NULL);
}

static bool guards_right(struct pkt_slot *slot)
{
	const u8 *after = slot->src + PKT_GUARD + slot->len;

	if (!memchr_inv(slot->src, FILL_SRC, PKT_GUARD) &&
	    !memchr_inv(after, FILL_SRC, PKT_GUARD))
		return true;
	atomic_inc(&slot->counts->touched);
	report(slot, "bytes outside the request changed", 0);
	return false;
}

static bool sample_right(struct pkt_slot *slot)
{
	if (!guards_right(slot))
		return false;
	if (!memcmp(slot->src + PKT_GUARD, slot->sample->want, slot->len))
		return true;
	atomic_inc(&slot->counts->wrong);
	report(slot, "wrong output", 0);
	return false;
}

/*
 * A request that failed half-way may have done its first sections, but what it
 * leaves must be plain text, right cipher text or zeros: never the output of a
 * wrong key.
 */
static void sample_check_failed(struct pkt_slot *slot)
{
	const u8 *data = slot->src + PKT_GUARD;
	const struct pkt_sample *sample = slot->sample;
	unsigned int at;

	if (!guards_right(slot))
		return;
	for (at = 0; at + 16 <= slot->len; at += 16) {
		if (memcmp(data + at, sample->plain + at, 16) &&
		    memcmp(data + at, sample->want + at, 16) &&
		    memchr_inv(data + at, 0, 16)) {
			atomic_inc(&slot->counts->leftover);
			report(slot, "output of a failed request", at);
			return;
		}
	}
}

static void judge(struct pkt_slot *slot)
{
	struct pkt_counts *counts = slot->counts;

	if (slot->err == 0) {
		if (slot->sample ? sample_right(slot) : random_right(slot))
			atomic_inc(&counts->ok);
		return;
	}
	atomic_inc(&counts->by_errno[-slot->err & 255]);
	if (slot->err == -ENOSPC)
		atomic_inc(&counts->full);
	else
		atomic_inc(&counts->errors);
	if (slot->sample)
		sample_check_failed(slot);
}

int pkt_slot_finish(struct pkt_slot *slot)
{
	if (!wait_for_completion_timeout(&slot->done, TIMEOUT)) {
		atomic_inc(&slot->counts->stuck);
		report(slot, "never completed", 0);
		return -ETIMEDOUT;
	}
	slot->pending = false;
	judge(slot);
	return slot->err;
}
