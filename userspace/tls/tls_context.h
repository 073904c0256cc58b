/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What OpenSSL needs for a service and is no secret: certificates, CAs, CRLs, the
 * OCSP staple, versions, ciphers. Made by the parent, used by its brokers. The
 * private key comes in the broker, when the peer's hello has said which.
 */
#ifndef TLSD_TLS_CONTEXT_H
#define TLSD_TLS_CONTEXT_H

#include <openssl/ssl.h>

struct service;
struct tls_context;
struct traffic;

/* What a handshake is about to get; of a broker. */
struct tls_peer {
	const struct service *service;
	struct traffic *traffic;	/* takes the secrets */
	char wrong[160];	/* why there is no certificate to show */
};

/* Errors are said on the log. NULL then. */
struct tls_context *tls_context_new(const struct service *s);
void tls_context_free(struct tls_context *tls);

/* For one connection; NULL: no memory, or the client's key cannot be opened. */
SSL *tls_context_ssl(struct tls_peer *peer);

/* Does the key of certificate @i fit? Says on the log what is wrong. */
bool tls_context_check_key(const struct service *s, unsigned int i);

#endif
