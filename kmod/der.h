/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * What the kernel's own parsers of certificates and signatures do not tell: the
 * dates and the key of a certificate, and what a CMS signature carries besides.
 * Strict DER (X.690), structure only: nothing here verifies anything.
 */
#ifndef PK_DER_H
#define PK_DER_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#endif

/* Of an X.509 certificate (RFC 5280).  Times in Unix seconds, inclusive. */
struct pk_cert {
	__s64 not_before, not_after;
	const __u8 *key;		/* SubjectPublicKeyInfo, in the certificate */
	size_t key_size;
};

/* 0, -EBADMSG. */
int pk_cert_parse(const void *der, size_t size, struct pk_cert *cert);

/*
 * A detached CMS signature (RFC 5652, SignedData) as it is wanted: by one signer,
 * without certificates, which could make a chain to somebody who was never
 * installed, and with SHA-256, SHA-384 or SHA-512.  0; -EBADMSG no such thing,
 * -EKEYREJECTED it has certificates, content, several signers, or a weak digest.
 */
int pk_cms_check(const void *der, size_t size);

#endif /* PK_DER_H */
