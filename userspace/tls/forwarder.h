/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The forwarder: the process that moves data between sockets whose keys the kernel
 * has, and applications. It has never seen a secret.
 */
#ifndef TLSD_FORWARDER_H
#define TLSD_FORWARDER_H

#include <stdint.h>

#include "config.h"
#include "log.h"

/* A message to it; with descriptors: TLS socket, application's socket, and a pipe's
 * end, which it closes when it has counted the connection. */
#define FORWARDER_FDS	3

struct handover {
	struct log_origin origin;
	uint32_t slot;
	uint32_t idle_timeout;
};

/* In memory that parent and forwarder share: connections open, by slot. */
struct forwarder_counts {
	uint32_t open[CONFIG_SERVICES];
};

/*
 * Take connections from @channel until all its other ends are closed; then let those
 * that are there end, for @drain_timeout seconds at most. Returns the exit status.
 */
int forwarder_run(int channel, struct forwarder_counts *counts,
		  unsigned int drain_timeout);

/* Returns when the forwarder has the connection in its count, so that at each moment
 * either a broker or the count stands for it. -errno */
int forwarder_send(int channel, const struct handover *handover, int tls, int plain);

#endif
