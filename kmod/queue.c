// SPDX-License-Identifier: GPL-2.0-only
/* The queue: see queue.h. */

#include <linux/bottom_half.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "queue.h"
#include "vault.h"

#define QUEUE_LENGTH	1024
/*
 * A guest or a debugger may overwrite a CPU's registers again right after the
 * repair; a request fails only when that happened several times in a row.
 */
#define QUEUE_TRIES	8

static struct crypto_queue queue;
static DEFINE_SPINLOCK(queue_lock);
static struct workqueue_struct *queue_wq;
static pk_queue_fn queue_run;
static atomic64_t queue_total;

static int run_request(struct crypto_async_request *req)
{
	unsigned int try;
	int ret;

	for (try = 0; try < QUEUE_TRIES; try++) {
		ret = queue_run(req);
		if (ret != -EAGAIN)
			return ret;
		if (pk_vault_repair_wait() == -ENOKEY)
			return -ENOKEY;
	}
	return -EIO;
}

static void complete_request(struct crypto_async_request *req, int err)
{
	local_bh_disable();
	crypto_request_complete(req, err);
	local_bh_enable();
}

static void queue_work_fn(struct work_struct *work)
{
	struct crypto_async_request *req, *backlog;

	for (;;) {
		spin_lock_irq(&queue_lock);
		backlog = crypto_get_backlog(&queue);
		req = crypto_dequeue_request(&queue);
		spin_unlock_irq(&queue_lock);
		if (!req)
			break;
		if (backlog)
			complete_request(backlog, -EINPROGRESS);
		/* or the CPU that could not run it stays as it is */
		pk_vault_repair_suspect();
		complete_request(req, run_request(req));
		cond_resched();
	}
}

static DECLARE_WORK(queue_work_item, queue_work_fn);

int pk_queue_add(struct crypto_async_request *req)
{
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&queue_lock, flags);
	ret = crypto_enqueue_request(&queue, req);
	spin_unlock_irqrestore(&queue_lock, flags);
	if (ret == -ENOSPC)
		return ret;
	atomic64_inc(&queue_total);
	queue_work(queue_wq, &queue_work_item);
	return ret;
}

u64 pk_queue_count(void)
{
	return atomic64_read(&queue_total);
}

int pk_queue_init(pk_queue_fn run)
{
	queue_run = run;
	crypto_init_queue(&queue, QUEUE_LENGTH);
	/* writeback may wait for a queued request: a thread is kept ready */
	queue_wq = alloc_workqueue("protkey", WQ_MEM_RECLAIM | WQ_HIGHPRI |
				   WQ_UNBOUND, 1);
	return queue_wq ? 0 : -ENOMEM;
}

void pk_queue_exit(void)
{
	destroy_workqueue(queue_wq);
}
