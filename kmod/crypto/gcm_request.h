/* SPDX-License-Identifier: GPL-2.0-only */
/* A GCM request: what the AEADs of protkey.ko and protkey-ktls.ko share. */
#ifndef PK_GCM_REQUEST_H
#define PK_GCM_REQUEST_H

#include <crypto/aead.h>
#include "x86/asm.h"

#define PK_GCM_AAD_MAX	256	/* associated data that a section takes */

/*
 * Progress of a request, at the start of its context (crypto_aead_set_reqsize).
 * What it keeps between sections is public or masked, see struct pk_gcm.
 */
struct pk_gcm_request {
	struct pk_gcm g;
	const struct pk_slot *slot;
	bool decrypt;
	bool started;			/* a section has run */
	bool finished;			/* the last one has: g.tag is there */
	unsigned int len;		/* of the data, without the tag */
	unsigned int aad_done;
	unsigned int done;
	u8 aad[PK_GCM_AAD_MAX];		/* public, and last: nobody clears it */
};

/*
 * Encrypt or decrypt @req under @slot with the IV of 12 bytes at @iv.  The tag's
 * size is the tfm's.  0, -EBADMSG, -ENOKEY; -EINPROGRESS or -EBUSY: queued, see
 * queue.h; the slot must outlive the request.
 */
int pk_gcm_submit(struct aead_request *req, const struct pk_slot *slot,
		  const u8 *iv, bool decrypt);

#endif /* PK_GCM_REQUEST_H */
