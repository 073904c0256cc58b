/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * A TPM's structures that a demand for a measured boot stands on: the public part of
 * an attestation key, a quote, its signature (TPM 2.0 Library, part 2).  Strict:
 * one form of each is taken, and nothing may follow.
 *
 * One source for the module, libprotkey and the fuzzers.  Structure only: nothing
 * here verifies anything.
 */
#ifndef PK_ATTEST_H
#define PK_ATTEST_H

#include "sealed.h"

#define PK_P256_SIZE	32
#define PK_ECDSA_DER_MAX	72	/* two integers of 33 bytes, each with two before, and two */

struct pk_ak {
	__u8 x[PK_P256_SIZE], y[PK_P256_SIZE];
};

/* What a quote says; pointers into it. */
struct pk_quoted {
	const __u8 *nonce;
	size_t nonce_size;
	__u32 pcrs;		/* of the SHA-256 bank */
	const __u8 *digest;	/* SHA-256 */
};

struct pk_ecdsa {
	__u8 r[PK_P256_SIZE], s[PK_P256_SIZE];
};

/*
 * TPMT_PUBLIC of a key that signs by ECDSA on P-256 with SHA-256, and only what its
 * TPM made: restricted, born in the TPM and bound to it.  0, -EBADMSG.
 */
int pk_ak_parse(const void *public, size_t size, struct pk_ak *ak);

/* TPMS_ATTEST of a quote, over PCRs of the SHA-256 bank alone.  0, -EBADMSG. */
int pk_quote_parse(const void *attest, size_t size, struct pk_quoted *quoted);

/* TPMT_SIGNATURE, ECDSA with SHA-256.  0, -EBADMSG. */
int pk_ecdsa_parse(const void *signature, size_t size, struct pk_ecdsa *ecdsa);
/* In DER, as X9.62 has it and the kernel's verifier wants it; the size. */
size_t pk_ecdsa_der(const struct pk_ecdsa *ecdsa, __u8 der[PK_ECDSA_DER_MAX]);

/* A demand, in this machine's order.  0, -EINVAL, -EBADMSG its key. */
int pk_measured_check(const struct protkey_measured *measured);

#endif /* PK_ATTEST_H */
