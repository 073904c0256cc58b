/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One connection's data, by splice: the program never has it. Both sockets do not
 * block; whoever calls says which are ready and calls again when one is.
 */
#ifndef TLSD_RELAY_H
#define TLSD_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log.h"

/* From one socket to the other. */
struct relay_flow {
	int from, to;
	bool from_ready, to_ready;
	int pipe[2];		/* -1: none, for it is empty */
	size_t held;		/* bytes in it */
	bool eof;		/* nothing more comes */
	bool closed;		/* and the other side was told */
	uint64_t moved;
};

struct relay {
	const struct log_origin *origin;
	int tls, plain;
	struct relay_flow in;	/* from the network to the application */
	struct relay_flow out;
	/* handshake messages: the header so far, body bytes still to come */
	unsigned char head[5];
	unsigned int head_size;
	uint32_t body_left;
	bool owes_update;	/* the peer wants a KeyUpdate from us */
	bool alerted;		/* it was told that all is over */
};

enum relay_result {
	RELAY_WAITS,		/* for a socket */
	RELAY_HAS_MORE,		/* others shall have their turn, too */
	RELAY_ENDED,
	RELAY_FAILED,		/* said on the log */
};

void relay_init(struct relay *r, int tls, int plain, const struct log_origin *origin);
enum relay_result relay_run(struct relay *r);
/*
 * Close; after a failure so that the application notices. A descriptor that comes
 * back is to be closed when the peer has had time to read our alert: a close with
 * unread data would be a reset, which takes it away. Else -1.
 */
int relay_close(struct relay *r, bool failed);

#endif
