// SPDX-License-Identifier: GPL-2.0-only
/* The node of a domain, logged in if --as says who. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* A domain that the module does not know may wait on disk. */
static bool domain_on_disk(const char *name)
{
	int store = protkey_store_open(state_dir(), 0);
	bool there;

	if (store < 0)
		return false;
	there = protkey_store_exists(store, name) == 1;
	close(store);
	return there;
}

/*
 * A log-in is of an open file, and a code is good once: so there is one file for all
 * that a command does in a domain.
 */
static int login_node = -1;
static char login_domain[PROTKEY_NAME_SIZE];

static int node_login(const char *name, int fd)
{
	struct protkey_domain_info info;
	struct protkey_state state;
	int status;

	/* a locked one wants no log-in: whatever is asked of it will say so */
	if (!login_options.as || protkey_domain_info(fd, &info) ||
	    info.state != PROTKEY_DOMAIN_ACTIVE || protkey_domain_state(fd, &state))
		return EXIT_OK;
	status = login_on(fd, name, &state);
	protkey_state_free(&state);
	if (status)
		return status;
	login_node = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	snprintf(login_domain, sizeof(login_domain), "%s", name);
	return EXIT_OK;
}

static int node_open(const char *name, int *fd)
{
	int status;

	if (login_node >= 0 && !strcmp(login_domain, name)) {
		*fd = fcntl(login_node, F_DUPFD_CLOEXEC, 0);
		return *fd < 0 ? fail_errno(-errno, name) : EXIT_OK;
	}
	*fd = protkey_domain_open(name);
	status = *fd < 0 ? EXIT_OK : node_login(name, *fd);
	if (status)
		close(*fd);
	return status;
}

int domain_node(const char *name)
{
	int fd;

	return node_open(name, &fd) ? -EACCES : fd;
}

int domain_open(const char *name, int *fd)
{
	int status;

	*fd = -1;
	if (!domain_name_check(name, &status))
		return status;
	status = node_open(name, fd);
	if (status || *fd >= 0)
		return status;
	if (*fd == -ENOENT && domain_on_disk(name))
		return fail_domain(-ENOKEY, name, "open");
	return fail_domain(*fd, name, "open");
}
