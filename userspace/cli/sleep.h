/* SPDX-License-Identifier: GPL-2.0-only */
/* What waits for the end of a sleep. */
#ifndef PROTKEY_CLI_SLEEP_H
#define PROTKEY_CLI_SLEEP_H

/*
 * Processes that were stopped for the sleep go on, but for services whose volume
 * is still suspended.  EXIT_OK, or a status, and said why.
 */
int sleep_thaw(void);

#endif
