// SPDX-License-Identifier: GPL-2.0-only
/* protkey domain delete */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "domain.h"

static int ask(const char *name, bool yes)
{
	char question[256];

	if (yes)
		return EXIT_OK;
	snprintf(question, sizeof(question),
		 "Domain '%s' and its master key will be destroyed; its volumes and keys can then be opened only with a backup of its sealed state.",
		 name);
	if (confirm(question))
		return EXIT_OK;
	return fail(EXIT_GENERAL, "domain '%s' was not deleted (--yes for scripts)",
		    name);
}

/* First the module, which refuses while volumes are open, then the file. */
static int delete(int control, int store, const char *name)
{
	bool known, there;
	int ret;

	ret = protkey_domain_forget(control, name);
	if (ret && ret != -ENOENT)
		return fail_domain(ret, name, "delete");
	known = !ret;
	ret = protkey_store_remove(store, name);
	if (ret && ret != -ENOENT)
		return fail_errno(ret, state_dir());
	there = !ret;
	if (!known && !there)
		return fail_domain(-ENOENT, name, "delete");
	printf("domain '%s' is deleted\n", name);
	printf("copies of its sealed state (backups, snapshots) still open with its passphrase: destroy them too\n");
	return EXIT_OK;
}

int cmd_domain_delete(const struct command *cmd, int argc, char **argv)
{
	bool yes = false;
	const struct opt opts[] = {
		{ "yes", 'y', OPT_FLAG, &yes, NULL, "do not ask" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);
	int control, store;

	if (status != ARGS_GO)
		return status;
	if (!domain_name_check(argv[0], &status))
		return status;
	status = control_open(&control);
	if (status)
		return status;
	status = store_open(PROTKEY_STORE_CREATE | PROTKEY_STORE_LOCK, &store);
	if (status)
		goto out_control;
	status = ask(argv[0], yes);
	if (!status)
		status = delete(control, store, argv[0]);
	close(store);
out_control:
	close(control);
	return status;
}
