/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The header of the PROXY protocol, version 2 (haproxy.org, proxy-protocol.txt):
 * tells the application who the peer is and what TLS said of it.
 */
#ifndef TLSD_PROXY_H
#define TLSD_PROXY_H

#include <stddef.h>

#define PROXY_HEADER_MAX	1024

struct session;

/* For the peer of the TCP socket @net; returns its size. */
size_t proxy_header(unsigned char header[PROXY_HEADER_MAX], int net,
		    const struct session *session);

#endif
