// SPDX-License-Identifier: GPL-2.0-only
/* What every command has: devices, the store, a process without dumps. */
#include <errno.h>
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
