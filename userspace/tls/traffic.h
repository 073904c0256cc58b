/* SPDX-License-Identifier: GPL-2.0-only */
/* From a handshake to protected keys of the socket, both directions. */
#ifndef TLSD_TRAFFIC_H
#define TLSD_TRAFFIC_H

#include <stdbool.h>

#include <openssl/ssl.h>
#include <protkey/protkey.h>

/* Traffic secrets of TLS 1.3; lies on the secret stack. */
struct traffic {
	struct protkey_tls_keylog client, server;
	enum protkey_tls_step step;	/* where traffic_install() failed */
};

/* A line of OpenSSL's key log: keep it if it is one of the two. */
void traffic_note(struct traffic *traffic, const char *line);

/*
 * Make the keys of the connection, whose handshake @ssl has just done, protected
 * keys of the domain and of @sock. After an error the socket must be closed. -errno
 * of protkey_tls_install().
 */
int traffic_install(struct traffic *traffic, SSL *ssl, int node, int sock, bool server);
/* What such an error means. */
const char *traffic_error(int err);

#endif
