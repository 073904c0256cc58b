/* SPDX-License-Identifier: GPL-2.0-only */
/* The ciphers: kernel crypto API glue.  They know no blob format. */
#ifndef PK_CIPHER_H
#define PK_CIPHER_H

#include <crypto/algapi.h>
#include "vault.h"

/* The most a section works on: 4 KiB with preemption off. */
#define PK_SECTION_MAX	4096

int pk_xts_register(void);
void pk_xts_unregister(void);

/* One try at a queued request: pk_queue_fn. */
int pk_xts_run_async(struct crypto_async_request *req);

/*
 * XTS of @len contiguous bytes, a multiple of 16 and at most PK_SECTION_MAX, in
 * one section.  @tweak: see x86/xts-aesni.S.  0; -ENOKEY; -EAGAIN this CPU's
 * half is wrong.  Without output unless 0.
 */
int pk_xts_section(const struct pk_slot *slot, bool decrypt, u8 *tweak,
		   const u8 *src, u8 *dst, unsigned int len, u64 flags);

#endif /* PK_CIPHER_H */
