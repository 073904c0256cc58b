/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The broker: a child for one connection. It does the handshake, makes the traffic
 * keys protected keys of the socket, gives the socket to the forwarder and ends.
 * Private key and traffic secrets are in its memory only, see secretmem.h.
 */
#ifndef TLSD_BROKER_H
#define TLSD_BROKER_H

#include <stdbool.h>

#include "config.h"
#include "log.h"

/* What is known of a connection after its handshake. Text is printable. */
struct session {
	char version[16];
	char cipher[40];
	char alpn[64];
	char server_name[256];
	char common_name[128];
	bool has_cert;
};

/*
 * Never returns. @fd is the accepted connection: of the network for a server, of the
 * application for a client. @forwarder is where to hand it over.
 */
void broker_run(const struct service *s, unsigned int slot, int fd, int forwarder,
		const struct log_origin *origin) __attribute__((noreturn));

#endif
