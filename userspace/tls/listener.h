/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parent: listens, accepts, forks a broker for each connection, reloads. Knows
 * no secret.
 */
#ifndef TLSD_LISTENER_H
#define TLSD_LISTENER_H

#include <sys/types.h>

#include "config.h"
#include "forwarder.h"

/* The contexts of all services; false: what is wrong is on the log. */
bool listener_prepare(struct config *config);

/*
 * Until SIGTERM. @path is read again at SIGHUP. @channel leads to the process
 * @forwarder. Returns the exit status.
 */
int listener_run(struct config *config, const char *path, int channel, pid_t forwarder,
		 const struct forwarder_counts *counts);

#endif
