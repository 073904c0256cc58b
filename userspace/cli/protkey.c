// SPDX-License-Identifier: GPL-2.0-only
/* protkey: the table of commands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static int cmd_help(const struct command *cmd, int argc, char **argv);

static const struct command commands[] = {
	{ "status", "status", "", "module, vault and protection level",
	  cmd_status, NULL },
	{ "domain", "domain", "COMMAND", "domains and their master keys",
	  NULL, domain_commands },
	{ "key", "key", "COMMAND", "secure keys (key blobs)",
	  NULL, key_commands },
	{ "volume", "volume", "COMMAND", "LUKS2 volumes with protected keys",
	  NULL, volume_commands },
	{ "tls", "tls", "COMMAND", "TLS connections with protected keys",
	  NULL, tls_commands },
	{ "fw", "fw", "COMMAND", "firmware, boot and what the host enforces",
	  NULL, fw_commands },
	{ "audit", "audit", "COMMAND", "who did what to keys, and whether all of it is there",
	  NULL, audit_commands },
	{ "sleep", "sleep", "COMMAND", "before and after the machine sleeps",
	  NULL, sleep_commands },
	{ "bench", "bench", "", "what protected keys cost on this CPU",
	  cmd_bench, NULL },
	{ "help", "help", "[COMMAND...]", "help on a command",
	  cmd_help, NULL },
	{ 0 }
};

static const struct command root = {
	.name = "protkey", .path = "", .operands = "COMMAND",
	.summary = "protected keys: encryption keys that are never in memory",
	.sub = commands,
};

static const struct command *find(const struct command *table,
				  const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table;
	return NULL;
}

void cmd_list_subcommands(const struct command *cmd)
{
	const struct command *sub;

	printf("%s.\n\nusage: protkey%s%s COMMAND [OPTION...]\n\n",
	       cmd->summary, *cmd->path ? " " : "", cmd->path);
	for (sub = cmd->sub; sub->name; sub++)
		printf("  %-10s %s\n", sub->name, sub->summary);
	printf("\nEvery command has --help.  Manual: protkey(1)\n");
}

static bool is_help(const char *arg)
{
	return !strcmp(arg, "--help") || !strcmp(arg, "-h");
}

/* Options before a subcommand: they hold for all. */
static int global_option(int *argc, char ***argv)
{
	const char *arg = (*argv)[0];

	if (!strcmp(arg, "--version")) {
		printf("protkey %s (ABI %d)\n", PROTKEY_VERSION,
		       PROTKEY_ABI_VERSION);
		return EXIT_OK;
	}
	if (!strncmp(arg, "--state-dir=", 12)) {
		state_dir_set(arg + 12);
		(*argc)--, (*argv)++;
		return ARGS_GO;
	}
	if (!strcmp(arg, "--state-dir") && *argc > 1) {
		state_dir_set((*argv)[1]);
		*argc -= 2, *argv += 2;
		return ARGS_GO;
	}
	return fail(EXIT_USAGE, "unknown option %s: see `protkey --help`", arg);
}

int cmd_dispatch(const struct command *cmd, int argc, char **argv)
{
	const struct command *sub;

	if (cmd->run)
		return cmd->run(cmd, argc, argv);
	if (argc && is_help(argv[0])) {
		cmd_list_subcommands(cmd);
		return EXIT_OK;
	}
	if (!argc)
		return fail(EXIT_USAGE, "a command is missing: see `protkey%s%s --help`",
			    *cmd->path ? " " : "", cmd->path);
	sub = find(cmd->sub, argv[0]);
	if (!sub)
		return fail(EXIT_USAGE, "unknown command '%s': see `protkey%s%s --help`",
			    argv[0], *cmd->path ? " " : "", cmd->path);
	return cmd_dispatch(sub, argc - 1, argv + 1);
}

static int cmd_help(const struct command *cmd, int argc, char **argv)
{
	char help[] = "--help", *args[] = { help, NULL };

	if (argc && is_help(argv[0]))
		argc = 0;
	for (cmd = &root; argc && cmd->sub; argc--, argv++) {
		cmd = find(cmd->sub, argv[0]);
		if (!cmd)
			return fail(EXIT_USAGE, "no command '%s'", argv[0]);
	}
	if (cmd->run == cmd_help)
		cmd = &root;
	return cmd_dispatch(cmd, 1, args);
}

int main(int argc, char **argv)
{
	int status;

	harden_process();
	/* tpm2-tss would write its own view of each error */
	setenv("TSS2_LOG", "all+NONE", 0);
	for (argc--, argv++; argc && argv[0][0] == '-' && !is_help(argv[0]);) {
		status = global_option(&argc, &argv);
		if (status != ARGS_GO)
			return status;
	}
	status = cmd_dispatch(&root, argc, argv);
	if ((fflush(stdout) || ferror(stdout)) && status == EXIT_OK)
		return fail(EXIT_IO, "the output could not be written");
	return status;
}
