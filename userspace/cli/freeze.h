/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes that are stopped while the machine sleeps. */
#ifndef PROTKEY_CLI_FREEZE_H
#define PROTKEY_CLI_FREEZE_H

#include "inuse.h"

/*
 * All but those that the sleep itself needs; waits until none of them is within
 * a system call.  EXIT_OK, or a status, and said why.  Undone by freeze_thaw().
 */
int freeze_others(void);
/* No process that is not frozen uses @devices: EXIT_OK, or a status. */
int freeze_check(const struct devices *devices);
/* Somebody is stopped. */
bool freeze_there(void);
/*
 * Those go on that freeze_others() stopped, but for services that use
 * @suspended ones: how many cgroups stay.
 */
size_t freeze_thaw(const struct devices *suspended);

#endif
