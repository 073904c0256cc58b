/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this machine enforces around the module, read from where the kernel
 * shows it.  What cannot be read is unknown, never good.
 */
#ifndef PROTKEY_FW_HOST_H
#define PROTKEY_FW_HOST_H

#include <stdbool.h>

enum host_state {
	HOST_OK,
	HOST_BAD,
	HOST_UNKNOWN,		/* unreadable, or not to be understood */
	HOST_NA,		/* nothing here that could be good or bad */
	HOST_STATES
};

struct host {
	int root;		/* directory that has sys, proc, dev, boot */
};

struct host_fact {
	enum host_state state;
	char value[192];	/* what was found, in words */
};

struct host_check {
	const char *name;	/* for scripts */
	const char *label;	/* for people */
	const char *threat;	/* its words in Documentation/threat-model.md */
	const char *source;	/* where it is read */
	const char *advice;	/* when it is not good */
	bool main;		/* `protkey status` shows it */
	void (*read)(const struct host *host, struct host_fact *fact);
};

extern const struct host_check host_checks[];	/* ends with no name */

/* @root is "/" but for tests.  0 or negative errno. */
int host_open(struct host *host, const char *root);
void host_close(struct host *host);

const struct host_check *host_find(const char *name);
const char *host_state_name(enum host_state state);

/* What stops an active root, as far as this machine goes. */
struct host_root {
	bool stopped;
	const char *why;
};

void host_root_read(const struct host *host, struct host_root *root);

#endif
