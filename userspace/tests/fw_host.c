// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: fw_host ROOT [CHECK]...
 *
 * The host checks on a tree that stands for a machine: NAME, STATE and what
 * was found, with tabs between.
 */
#include <stdio.h>
#include <string.h>

#include "../fw/host.h"

static int print(const struct host *host, const struct host_check *check)
{
	struct host_fact fact;

	/* what a reader leaves out would show */
	memset(&fact, 0xee, sizeof(fact));
	check->read(host, &fact);
	printf("%s\t%s\t%s\n", check->name, host_state_name(fact.state),
	       fact.value);
	return 0;
}

int main(int argc, char **argv)
{
	const struct host_check *check;
	struct host_root root;
	struct host host;
	int i;

	if (argc < 2 || host_open(&host, argv[1]))
		return 2;
	for (check = host_checks; argc == 2 && check->name; check++)
		print(&host, check);
	for (i = 2; i < argc; i++) {
		check = host_find(argv[i]);
		if (!check)
			return 2;
		print(&host, check);
	}
	host_root_read(&host, &root);
	if (argc == 2)
		printf("root\t%s\t%s\n", root.stopped ? "stopped" : "free",
		       root.why);
	host_close(&host);
	return 0;
}
