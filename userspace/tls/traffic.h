/* SPDX-License-Identifier: GPL-2.0-only */
/* From a handshake to protected keys of the socket, both directions. */
#ifndef TLSD_TRAFFIC_H
#define TLSD_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#define TRAFFIC_SECRET_MAX	48

/* Traffic secrets of TLS 1.3; lies on the secret stack. */
struct traffic {
	unsigned char client[TRAFFIC_SECRET_MAX];
	unsigned char server[TRAFFIC_SECRET_MAX];
	size_t client_size, server_size;
};

/* A line of OpenSSL's keylog: keep it if it is one of the two. */
void traffic_note(struct traffic *traffic, const char *line);

/*
 * Make the keys of the connection, whose handshake @ssl has just done, protected
 * keys of the domain and of @sock, and confirm it. After an error the socket must be
 * closed. -errno of the module's.
 */
int traffic_install(const struct traffic *traffic, SSL *ssl, int node, int sock,
		    bool server);
/* What such an error means. */
const char *traffic_error(int err);

#endif
