/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory in which a handshake has its secrets: pages that the kernel itself
 * cannot read by its map of all memory (memfd_secret), or locked ones that are left
 * out of core dumps where there is none of that. OpenSSL allocates from it, the
 * stack lies in it, and whatever is freed is wiped.
 */
#ifndef TLSD_SECRETMEM_H
#define TLSD_SECRETMEM_H

#include <stdbool.h>
#include <stddef.h>

/* Before any call of OpenSSL: its memory is ours from now on. */
int secretmem_init(void);

/* Does this kernel give memfd_secret? */
bool secretmem_is_hidden(void);

/*
 * In a process that ends soon: map the memory, run @f on a stack in it, wipe
 * both and the vector registers. What @f allocates by OpenSSL or by
 * secretmem_alloc() does not outlive it. -ENOMEM.
 */
int secretmem_run(void (*f)(void *arg), void *arg);

/* Within secretmem_run() from its memory, else from the heap; freed wiped. */
void *secretmem_alloc(size_t size);
void secretmem_free(void *p);

/*
 * Overwrite the vector registers, before the kernel is asked to wait: it keeps
 * those of a process that does not run in ordinary memory.
 */
void secretmem_wipe_registers(void);

#endif
