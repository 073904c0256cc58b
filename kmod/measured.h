/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain may demand a measured boot: its sealed state then names an attestation
 * key, PCRs and their digests, and the domain is unlocked only with a quote over a
 * nonce of ours that says one of these.  No file and no exit code of user space is an
 * input: what root says is not asked, what the TPM signed is.
 */
#ifndef PK_MEASURED_H
#define PK_MEASURED_H

#include "admin.h"

struct pk_file;

/* Of an open file of the control node: its nonce, then the quote over it; kmalloc. */
struct pk_challenge {
	u8 nonce[PROTKEY_NONCE_SIZE];
	s64 until;		/* seconds since boot, with suspension */
	const char *why;	/* of the audit log: what was wrong with it */
	u32 attest_size, signature_size;	/* 0: no quote yet */
	u8 attest[PROTKEY_QUOTE_MAX];
	u8 signature[PROTKEY_QUOTE_MAX];
};

/*
 * Whether an unlock may go on: nothing is demanded by this state, which is authentic,
 * or the quote meets it.  @challenge may be NULL.  May sleep.  Errors:
 * PROTKEY_IOC_DOMAIN_UNLOCK.
 */
int pk_measured_judge(const struct pk_sealed_header *header,
		      struct pk_challenge *challenge);

/* Has the kernel load what verifies it: not to be done under a domain's lock. */
void pk_measured_prepare(const struct pk_challenge *challenge);

/* For the audit log: what of it made @ret, in words; "" if nothing did. */
const char *pk_measured_words(const struct pk_challenge *challenge, long ret);

/*
 * A demand of the caller's, which may be none: its structure, and whether this kernel
 * can verify with its key.  Errors: PROTKEY_IOC_MEASURED_SET.
 */
int pk_measured_valid(const struct protkey_measured *measured);
int pk_act_measured(struct pk_act *act, const struct protkey_measured *measured);

/* Make it the domain's; caller holds d->lock.  -ENOENT, -ENOSPC, -ENOMEM. */
int pk_measured_set(struct pk_domain *d, const struct protkey_measured *measured);

/* The file's challenge, which is the caller's now, or NULL: it is good once. */
struct pk_challenge *pk_challenge_take(struct pk_file *f);

/* Errors: PROTKEY_IOC_NONCE, PROTKEY_IOC_QUOTE, PROTKEY_IOC_MEASURED_SET. */
long pk_ioctl_nonce(struct pk_file *f, void __user *arg);
long pk_ioctl_quote(struct pk_file *f, void __user *arg);
long pk_ioctl_measured_set(struct pk_domain *d, void __user *arg);
/* The act of a request, from user space. */
int pk_ioctl_measured_act(struct pk_act *act, u64 measured_ptr);

#endif /* PK_MEASURED_H */
