/* SPDX-License-Identifier: GPL-2.0-only */
/* The ciphers: kernel crypto API glue.  They know no blob format. */
#ifndef PK_CIPHER_H
#define PK_CIPHER_H

#include <crypto/algapi.h>
#include <asm/fpu/api.h>
#include "vault.h"
#include "x86/level.h"

/*
 * The most bytes that a section works on, with preemption off: some
 * microseconds.  Modes that take one block after the other are slower.
 */
#define PK_SECTION_MAX	16384
#define PK_SECTION_SERIAL	4096

int pk_cipher_register(void);
void pk_cipher_unregister(void);
int pk_aead_register(void);
void pk_aead_unregister(void);
int pk_ahash_register(void);
void pk_ahash_unregister(void);

/* One try at a queued request: pk_queue_fn. */
int pk_cipher_run_async(struct crypto_async_request *req);
int pk_aead_run_async(struct crypto_async_request *req);
int pk_ahash_run_async(struct crypto_async_request *req);

/* Every section ends with this, on the CPU it began on: errno of PK_X_*. */
static inline int pk_section_end(int x)
{
	if (unlikely(x == PK_X_MISMATCH))
		pk_vault_note_mismatch(smp_processor_id());
	kernel_fpu_end();
	return x == PK_X_MISMATCH ? -EAGAIN : pk_vault_errno(x);
}

/*
 * @len contiguous bytes, a multiple of 16 and at most PK_SECTION_MAX, in one
 * section.  @iv, @flags: see x86/asm.h.  0; -ENOKEY; -EAGAIN this CPU's half is
 * wrong.  Without output unless 0.
 */
int pk_cipher_section(enum pk_mode mode, const struct pk_slot *slot,
		      bool decrypt, u8 *iv, const u8 *src, u8 *dst,
		      unsigned int len, u64 flags);

/* The same for GCM, any length at its end; g->mask_out is set here, g->mask_in for the next one. */
int pk_gcm_section(const struct pk_slot *slot, bool decrypt, struct pk_gcm *g,
		   const void *src, u8 *dst, unsigned int len, u64 flags);

/* And for HMAC; whole blocks of the hash.  h->nonce and the masks are set here. */
int pk_hmac_section(enum pk_hash hash, const struct pk_slot *slot,
		    struct pk_hmac *h, const u8 *src, unsigned int len,
		    u64 flags);

#endif /* PK_CIPHER_H */
