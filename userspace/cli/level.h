/* SPDX-License-Identifier: GPL-2.0-only */
/* What this machine really enforces around the module. */
#ifndef PROTKEY_LEVEL_H
#define PROTKEY_LEVEL_H

#include <stdbool.h>
#include <protkey/uapi.h>

#define LEVEL_FACTS	9

struct level_fact {
	const char *name;	/* for JSON */
	const char *label;	/* for people */
	char value[96];
	bool good;		/* nothing to worry about */
};

struct level {
	struct level_fact facts[LEVEL_FACTS];
	bool root_stopped;	/* design: an active root is stopped */
	char why[256];		/* because ... */
};

void level_read(struct level *level, const struct protkey_status *status);

#endif
