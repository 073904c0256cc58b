// SPDX-License-Identifier: GPL-2.0-only
/* protkey domain lock */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "domain.h"

static int undo(int domain, const char *name, int status)
{
	unsigned int resumed;

	suspend_undo(domain, name, &resumed);
	return status;
}

/*
 * Suspended volumes still hold their cipher handles; whatever holds more is
 * not a volume of ours and would get I/O errors without being asked.
 */
int domain_lock_begin(int domain, const char *name, bool force,
		      unsigned int *open)
{
	struct protkey_domain_info info;
	int ret;

	*open = 0;
	ret = suspend_domain(domain, name, open);
	if (ret && !force)
		return fail(EXIT_IO, "domain '%s' stays unlocked: its volumes could not be suspended: %s (--force locks nevertheless)",
			    name, strerror(-ret));
	ret = protkey_domain_info(domain, &info);
	if (ret)
		return undo(domain, name, fail_domain(ret, name, "lock"));
	if (info.keys > *open && !force)
		return undo(domain, name,
			    fail(EXIT_EXISTS, "domain '%s' stays unlocked: %u keys are in use by something that is not one of its pinned volumes: close it, or --force, which gives it I/O errors",
				 name, info.keys - *open));
	return EXIT_OK;
}

int domain_lock_end(int domain, const char *name, bool force,
		    unsigned int open)
{
	int ret = protkey_domain_lock(domain,
				      open || force ? PROTKEY_LOCK_FORCE : 0);

	return ret ? undo(domain, name, fail_domain(ret, name, "lock")) :
	       EXIT_OK;
}

void domain_lock_say(const char *name, unsigned int open)
{
	printf("domain '%s' is locked\n", name);
	if (open)
		printf("%u open volume%s suspended until `protkey domain unlock %s`\n",
		       open, open == 1 ? " is" : "s are", name);
}

static int lock(int domain, const char *name, bool force, bool say)
{
	unsigned int open;
	int status = domain_lock_begin(domain, name, force, &open);

	if (status == EXIT_OK)
		status = domain_lock_end(domain, name, force, open);
	if (status == EXIT_OK && say)
		domain_lock_say(name, open);
	return status;
}

int domain_lock(const char *name, bool force, bool say)
{
	struct protkey_domain_info info;
	int domain, ret, status = domain_open(name, &domain);

	if (status)
		return status;
	ret = protkey_domain_info(domain, &info);
	if (ret) {
		status = fail_domain(ret, name, "lock");
	} else if (info.state == PROTKEY_DOMAIN_LOCKED) {
		if (say)
			printf("domain '%s' is locked already\n", name);
	} else {
		status = lock(domain, name, force, say);
	}
	close(domain);
	return status;
}

int cmd_domain_lock(const struct command *cmd, int argc, char **argv)
{
	bool force = false;
	const struct opt opts[] = {
		{ "force", 0, OPT_FLAG, &force, NULL,
		  "also when keys are in use that cannot be suspended" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);

	return status != ARGS_GO ? status : domain_lock(argv[0], force, true);
}
