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
#define PK_RSA_SIZE	256	/* RSA of 2048 bits */

/* Sizes of what the kernel's verifier wants: RSAPublicKey; a signature. */
#define PK_AK_ENCODED_MAX	(PK_RSA_SIZE + 14)
#define PK_SIGNED_ENCODED_MAX	PK_RSA_SIZE

enum pk_ak_kind {
	PK_AK_P256,	/* ECDSA with SHA-256 */
	PK_AK_RSA,	/* RSASSA with SHA-256, exponent 65537 */
};

struct pk_ak {
	enum pk_ak_kind kind;
	union {
		struct {
			__u8 x[PK_P256_SIZE], y[PK_P256_SIZE];
		};
		__u8 modulus[PK_RSA_SIZE];
	};
};

struct pk_signed {
	enum pk_ak_kind kind;
	union {
		struct {
			__u8 r[PK_P256_SIZE], s[PK_P256_SIZE];
		};
		__u8 rsa[PK_RSA_SIZE];
	};
};

/* What a quote says; pointers into it. */
struct pk_quoted {
	const __u8 *nonce;
	size_t nonce_size;
	__u32 pcrs;		/* of the SHA-256 bank */
	const __u8 *digest;	/* SHA-256 */
};

/*
 * TPMT_PUBLIC of a key of one of these kinds that signs only what its TPM made:
 * restricted, born in the TPM and bound to it.  0, -EBADMSG.
 */
int pk_ak_parse(const void *public, size_t size, struct pk_ak *ak);
/* Its point, not compressed, or RSAPublicKey in DER; the size. */
size_t pk_ak_encode(const struct pk_ak *ak, __u8 to[PK_AK_ENCODED_MAX]);

/* TPMS_ATTEST of a quote, over PCRs of the SHA-256 bank alone.  0, -EBADMSG. */
int pk_quote_parse(const void *attest, size_t size, struct pk_quoted *quoted);

/* TPMT_SIGNATURE of one of these kinds.  0, -EBADMSG. */
int pk_signed_parse(const void *signature, size_t size, struct pk_signed *is);
/* ECDSA in DER, as X9.62 has it; RSA as it is.  The size. */
size_t pk_signed_encode(const struct pk_signed *is, __u8 to[PK_SIGNED_ENCODED_MAX]);

/* A demand, in this machine's order.  0, -EINVAL, -EBADMSG its key. */
int pk_measured_check(const struct protkey_measured *measured);

#endif /* PK_ATTEST_H */
