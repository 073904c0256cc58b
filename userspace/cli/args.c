// SPDX-License-Identifier: GPL-2.0-only
/* Options of a subcommand, by table. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const char *given_state_dir;

/* Every subcommand has these. */
static const struct opt common[] = {
	{ "state-dir", 0, OPT_TEXT, &given_state_dir, "DIR",
	  "where sealed states are (default " PROTKEY_STORE_DIR ")" },
	{ "as", 0, OPT_TEXT, &login_options.as, "PERSON",
	  "log in, in a domain that has persons" },
	{ "as-file", 0, OPT_TEXT, &login_options.file, "FILE",
	  "with his passphrase, or a service's credential" },
	{ "code", 0, OPT_TEXT, &login_options.code, "CODE",
	  "of his second factor (default: asked)" },
	{ "help", 'h', OPT_FLAG, NULL, NULL, "this text" },
	{ 0 }
};

static void print_options(const struct opt *opts)
{
	char left[64];

	for (; opts->name; opts++) {
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s",
			 opts->letter ? '-' : ' ',
			 opts->letter ? opts->letter : ' ',
			 opts->letter ? ", " : "  ", opts->name,
			 opts->meta ? " " : "", opts->meta ? opts->meta : "");
		printf("  %-30s %s\n", left, opts->help);
	}
}

static void print_help(const struct command *cmd, const struct opt *opts)
{
	printf("%s.\n\nusage: protkey %s%s%s [OPTION...]\n\n", cmd->summary,
	       cmd->path, *cmd->operands ? " " : "", cmd->operands);
	print_options(opts);
	print_options(common);
}

static const struct opt *find_in(const struct opt *opts, const char *name,
				 size_t len)
{
	for (; opts->name; opts++) {
		if (len == 1 && opts->letter && opts->letter == *name)
			return opts;
		if (strlen(opts->name) == len && !strncmp(opts->name, name, len))
			return opts;
	}
	return NULL;
}

static const struct opt *find(const struct opt *opts, const char *arg)
{
	bool is_long = arg[1] == '-';
	const char *name = arg + (is_long ? 2 : 1);
	size_t len = strcspn(name, "=");
	const struct opt *opt;

	if (is_long == (len == 1))
		return NULL;
	opt = find_in(opts, name, len);
	return opt ? opt : find_in(common, name, len);
}

static int set_number(const struct command *cmd, const struct opt *opt,
		      const char *text)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value > UINT32_MAX)
		return fail(EXIT_USAGE, "%s: --%s wants a number, not '%s'",
			    cmd->path, opt->name, text);
	*(unsigned int *)opt->value = (unsigned int)value;
	return ARGS_GO;
}

/* Option argv[*at], whose value may be the next argument. */
static int take(const struct command *cmd, const struct opt *opt, int argc,
		char **argv, int *at)
{
	char *value = strchr(argv[*at], '=');

	if (opt->kind == OPT_FLAG) {
		if (value)
			return fail(EXIT_USAGE, "%s: --%s takes no value",
				    cmd->path, opt->name);
		*(bool *)opt->value = true;
		return ARGS_GO;
	}
	if (value)
		value++;
	else if (*at + 1 < argc)
		value = argv[++*at];
	else
		return fail(EXIT_USAGE, "%s: --%s wants a value", cmd->path,
			    opt->name);
	if (opt->kind == OPT_NUMBER)
		return set_number(cmd, opt, value);
	*(const char **)opt->value = value;
	return ARGS_GO;
}

int args_parse(const struct command *cmd, const struct opt *opts,
	       int *argc, char **argv, int min, int max)
{
	int at, status, operands = 0;
	bool only_operands = false;

	for (at = 0; at < *argc; at++) {
		char *arg = argv[at];
		const struct opt *opt;

		if (only_operands || arg[0] != '-' || !arg[1]) {
			argv[operands++] = arg;
			continue;
		}
		if (!strcmp(arg, "--")) {
			only_operands = true;
			continue;
		}
		opt = find(opts, arg);
		if (!opt)
			return fail(EXIT_USAGE, "%s: unknown option %s: see `protkey %s --help`",
				    cmd->path, arg, cmd->path);
		if (!opt->value) {
			print_help(cmd, opts);
			return EXIT_OK;
		}
		status = take(cmd, opt, *argc, argv, &at);
		if (status != ARGS_GO)
			return status;
	}
	if (operands < min || operands > max)
		return fail(EXIT_USAGE, "usage: protkey %s%s%s [OPTION...]",
			    cmd->path, *cmd->operands ? " " : "",
			    cmd->operands);
	*argc = operands;
	if (given_state_dir)
		state_dir_set(given_state_dir);
	return ARGS_GO;
}
