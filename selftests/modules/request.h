/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * protkey_test: one request to the cipher under test, with everything that is
 * needed to know afterwards whether it did right.
 */
#ifndef PKTEST_REQUEST_H
#define PKTEST_REQUEST_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/prandom.h>
#include <linux/scatterlist.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct crypto_skcipher;
struct skcipher_request;

#define PKT_IV_SIZE	16
#define PKT_MIN_LEN	16
#define PKT_MAX_LEN	8192
#define PKT_GUARD	64	/* bytes before and after a linear request */
#define PKT_MAX_PIECES	16
/* random start within a page, a gap of up to PKT_GUARD before each piece */
#define PKT_AREA	(16 * 1024)

/* From where a request reaches the cipher. */
enum pkt_context {
	PKT_PROCESS,
	PKT_BH,			/* process context, bottom halves off */
	PKT_SOFTIRQ,
	PKT_IRQOFF,		/* process context, interrupts off */
	PKT_FPU_HARDIRQ,	/* interrupts a user of the FPU: no SIMD */
	PKT_FPU_SOFTIRQ,	/* likewise, after the interrupt */
	PKT_CONTEXTS
};

extern const char * const pkt_context_names[PKT_CONTEXTS];

/* What a run saw; shared by its threads. */
struct pkt_counts {
	atomic_t ok;
	atomic_t errors;	/* completed with an error status */
	atomic_t full;		/* -ENOSPC: the queue had no room */
	atomic_t queued;	/* -EINPROGRESS */
	atomic_t backlogged;	/* -EBUSY */
	atomic_t no_simd;	/* submitted where SIMD was unusable */
	atomic_t no_simd_sync;	/* ... and completed there all the same */
	atomic_t wrong;		/* success, but not what xts(aes) gives */
	atomic_t touched;	/* bytes outside the request were changed */
	atomic_t leftover;	/* error, but bytes neither old nor right */
	atomic_t stuck;		/* never completed */
	atomic_t by_errno[256];
	spinlock_t first_lock;
	char first[256];	/* description of the first failure */
};

/* A prepared request in one piece: its result is computed only once. */
struct pkt_sample {
	unsigned int len;
	u8 iv[PKT_IV_SIZE];
	u8 *plain;
	u8 *want;
};

struct pkt_piece {
	unsigned int offset;	/* in the area */
	unsigned int len;
};

struct pkt_layout {
	unsigned int count;
	struct pkt_piece pieces[PKT_MAX_PIECES];
	struct scatterlist sg[PKT_MAX_PIECES];
};

struct pkt_slot {
	struct skcipher_request *req;
	struct pkt_counts *counts;
	struct completion done;
	int err;
	bool pending;
	bool may_backlog;

	bool encrypt;
	bool in_place;
	enum pkt_context context;
	unsigned int len;
	u8 iv[PKT_IV_SIZE];
	const struct pkt_sample *sample;	/* NULL: random pieces */

	u8 *src, *dst;			/* areas; dst is unused in place */
	u8 *src_want, *dst_want;	/* what they must be afterwards */
	u8 *linear;			/* the request in one piece */
	struct pkt_layout src_layout, dst_layout;

	struct tasklet_struct tasklet;
	struct irq_work irq_work;
	bool fired;
};

struct pkt_slot *pkt_slot_alloc(struct crypto_skcipher *tfm,
				struct pkt_counts *counts);
/* Must not be pending. */
void pkt_slot_free(struct pkt_slot *slot);

/* Fill in a random request of @len bytes; @ref is the kernel's own cipher. */
int pkt_slot_randomize(struct pkt_slot *slot, struct crypto_skcipher *ref,
		       struct rnd_state *rnd, unsigned int len, bool encrypt);
void pkt_slot_set_sample(struct pkt_slot *slot, const struct pkt_sample *sample);

int pkt_sample_fill(struct pkt_sample *sample, struct crypto_skcipher *ref,
		    struct rnd_state *rnd, unsigned int len);
void pkt_sample_free(struct pkt_sample *sample);

/* Hand the request to the cipher from @context. */
void pkt_slot_submit(struct pkt_slot *slot, enum pkt_context context);

/*
 * Wait until it is done and judge the result.  The status of the request, or
 * -ETIMEDOUT if it is stuck: the slot then stays pending and must be leaked.
 */
int pkt_slot_finish(struct pkt_slot *slot);

void pkt_counts_init(struct pkt_counts *counts);
__printf(2, 3)
void pkt_counts_first(struct pkt_counts *counts, const char *fmt, ...);

#endif /* PKTEST_REQUEST_H */
