// SPDX-License-Identifier: GPL-2.0-only
/*
 * protkey_test: the contexts from which a request can reach a cipher.
 *
 * dm-crypt calls from process context, from workqueues with or without
 * permission to sleep, and from softirq.  A softirq may interrupt a user of the
 * FPU; then the cipher must queue the request.
 */

#include <linux/bottom_half.h>
#include <linux/crypto.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/preempt.h>
#include <linux/processor.h>
#include <asm/fpu/api.h>
#include <asm/simd.h>
#include <crypto/skcipher.h>

#include "request.h"

const char * const pkt_context_names[PKT_CONTEXTS] = {
	[PKT_PROCESS] = "process",
	[PKT_BH] = "bh",
	[PKT_SOFTIRQ] = "softirq",
	[PKT_IRQOFF] = "irqoff",
	[PKT_FPU_HARDIRQ] = "fpu-hardirq",
	[PKT_FPU_SOFTIRQ] = "fpu-softirq",
};

#ifdef PKT_COMPLETION_GIVES_REQUEST
#define pkt_completion_slot(req)	((req)->data)
#else
#define crypto_completion_data_t	void
#define pkt_completion_slot(data)	(data)
#endif

static void slot_done(crypto_completion_data_t *data, int err)
{
	struct pkt_slot *slot = pkt_completion_slot(data);

	if (err == -EINPROGRESS)	/* left the backlog */
		return;
	slot->err = err;
	complete(&slot->done);
}

/*
 * The slot may be done, and reused, on another CPU before the call returns: so
 * nothing of it is read after a request was queued.
 */
static void slot_call(struct pkt_slot *slot)
{
	struct pkt_counts *counts = slot->counts;
	bool may_backlog = slot->may_backlog;
	bool simd = may_use_simd();
	int err;

	if (!simd)
		atomic_inc(&counts->no_simd);
	err = slot->encrypt ? crypto_skcipher_encrypt(slot->req) :
			      crypto_skcipher_decrypt(slot->req);
	if (err == -EINPROGRESS) {
		atomic_inc(&counts->queued);
		return;
	}
	if (err == -EBUSY && may_backlog) {
		atomic_inc(&counts->backlogged);
		return;
	}
	if (!simd && !err)
		atomic_inc(&counts->no_simd_sync);
	slot->err = err;
	complete(&slot->done);
}

static void slot_tasklet(struct tasklet_struct *tasklet)
{
	struct pkt_slot *slot = from_tasklet(slot, tasklet, tasklet);

	/* before the call, for the reason above */
	WRITE_ONCE(slot->fired, true);
	slot_call(slot);
}

static void slot_irq_work(struct irq_work *work)
{
	struct pkt_slot *slot = container_of(work, struct pkt_slot, irq_work);

	if (slot->context == PKT_FPU_SOFTIRQ) {
		tasklet_schedule(&slot->tasklet);
		return;
	}
	WRITE_ONCE(slot->fired, true);
	slot_call(slot);
}

/*
 * Interrupt ourselves while the FPU is in use.  A busy ksoftirqd takes tasklets
 * over and cannot run until we let go of the CPU: so don't wait for ever.
 */
static void slot_call_in_fpu_section(struct pkt_slot *slot)
{
	unsigned long end = jiffies + HZ / 10;

	kernel_fpu_begin();
	irq_work_queue(&slot->irq_work);
	while (!READ_ONCE(slot->fired) && time_before(jiffies, end))
		cpu_relax();
	kernel_fpu_end();
}

static void slot_arm(struct pkt_slot *slot, enum pkt_context context)
{
	u32 flags = slot->may_backlog ? CRYPTO_TFM_REQ_MAY_BACKLOG : 0;

	if (context == PKT_PROCESS)
		flags |= CRYPTO_TFM_REQ_MAY_SLEEP;
	if (!slot->tasklet.callback) {
		tasklet_setup(&slot->tasklet, slot_tasklet);
		init_irq_work(&slot->irq_work, slot_irq_work);
	}
	init_completion(&slot->done);
	slot->fired = false;
	slot->err = -EINPROGRESS;
	slot->context = context;
	slot->pending = true;
	skcipher_request_set_callback(slot->req, flags, slot_done, slot);
}

void pkt_slot_submit(struct pkt_slot *slot, enum pkt_context context)
{
	unsigned long flags;

	slot_arm(slot, context);
	switch (context) {
	case PKT_BH:
		local_bh_disable();
		slot_call(slot);
		local_bh_enable();
		break;
	case PKT_SOFTIRQ:
		tasklet_schedule(&slot->tasklet);
		break;
	case PKT_IRQOFF:
		local_irq_save(flags);
		slot_call(slot);
		local_irq_restore(flags);
		break;
	case PKT_FPU_HARDIRQ:
	case PKT_FPU_SOFTIRQ:
		slot_call_in_fpu_section(slot);
		break;
	default:
		slot_call(slot);
	}
}
