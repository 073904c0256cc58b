/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests that cannot run where they came from: no SIMD there, or the CPU's
 * half of the wrapping key is gone.  A worker runs them, repairs the vault
 * if need be, tries again, then fails them.  Nothing is allocated: a request
 * brings its own list entry.
 */
#ifndef PK_QUEUE_H
#define PK_QUEUE_H

#include <crypto/algapi.h>

/* A try at a request: 0 or an error, or -EAGAIN: repair and call again. */
typedef int (*pk_queue_fn)(struct crypto_async_request *req);

/*
 * -EINPROGRESS queued; -EBUSY queued behind a full queue (the caller may
 * backlog); -ENOSPC full.
 */
int pk_queue_add(struct crypto_async_request *req);

/* Requests that went this way since load. */
u64 pk_queue_count(void);

/* @run is called in process context for each request. */
int pk_queue_init(pk_queue_fn run);
void pk_queue_exit(void);

#endif /* PK_QUEUE_H */
