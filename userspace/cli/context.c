// SPDX-License-Identifier: GPL-2.0-only
/* What every command has: devices, the store, a process without dumps. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli.h"

static const char *chosen_state_dir;

void state_dir_set(const char *dir)
{
	chosen_state_dir = dir;
}

const char *state_dir(void)
{
	const char *dir = chosen_state_dir;

	if (!dir)
		dir = secure_getenv("PROTKEY_STATE_DIR");
	return dir && *dir ? dir : PROTKEY_STORE_DIR;
}

/* Passphrases and KEKs pass through here: no core dump, no ptrace by equals. */
void harden_process(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int control_open(int *fd)
{
	*fd = protkey_control_open();
	if (*fd >= 0)
		return EXIT_OK;
	if (*fd == -EACCES)
		return fail(EXIT_PERMISSION, "not permitted to open /dev/protkey/control: be root");
	return fail_domain(*fd, "", "reach");
}

int store_open(unsigned int flags, int *store)
{
	*store = protkey_store_open(state_dir(), flags);
	if (*store >= 0)
		return EXIT_OK;
	if (*store == -EPERM)
		return fail(EXIT_PERMISSION, "%s can be written by others: chown root and chmod 700 it",
			    state_dir());
	return fail_errno(*store, state_dir());
}

bool domain_name_check(const char *name, int *status)
{
	if (protkey_domain_name_valid(name))
		return true;
	*status = fail(EXIT_USAGE, "'%s' cannot be a domain's name: a letter or digit, then up to 30 of a-z 0-9 _ . -, and not 'control'",
		       name);
	return false;
}

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
