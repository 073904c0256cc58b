/* SPDX-License-Identifier: GPL-2.0-only */
/* Who uses a volume. */
#ifndef PROTKEY_CLI_INUSE_H
#define PROTKEY_CLI_INUSE_H

#include <sys/types.h>

#include "cli.h"

/* Block devices, with all that is stacked on them. */
struct devices {
	dev_t *devs;
	size_t count;
};

int devices_add(struct devices *set, dev_t dev);
/* The numbers that files on them have, where these are other ones. */
int devices_add_mounts(struct devices *set);
void devices_free(struct devices *set);

/* Has one of them open, or a file on one, mapped or as a directory. */
bool process_uses(pid_t pid, const struct devices *set);
/* Swap is on one of them. */
bool swap_on(const struct devices *set);
/* sync(2) of all but these. */
void sync_but(const struct devices *suspended);

#endif
