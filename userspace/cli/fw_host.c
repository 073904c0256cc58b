// SPDX-License-Identifier: GPL-2.0-only
/* protkey fw host */
#include <stdio.h>
#include <unistd.h>

#include "fw.h"

static const struct {
	char sign;
	const char *color;
} looks[HOST_STATES] = {
	[HOST_OK] = { '+', "" },
	[HOST_BAD] = { '-', "\033[31m" },
	[HOST_UNKNOWN] = { '?', "\033[33m" },
	[HOST_NA] = { ' ', "" },
};

void host_print(const struct host_check *check, const struct host_fact *fact,
		int indent)
{
	const char *color = isatty(STDOUT_FILENO) ? looks[fact->state].color :
			    "";

	printf("%*s%s%c %-18s %s%s\n", indent, "", color,
	       looks[fact->state].sign, check->label, fact->value,
	       *color ? "\033[0m" : "");
}

void host_print_count(const int count[HOST_STATES])
{
	printf("%d good, %d bad, %d unknown, %d not applicable",
	       count[HOST_OK], count[HOST_BAD], count[HOST_UNKNOWN],
	       count[HOST_NA]);
}

struct json_object *host_json(const struct host_check *check,
			      const struct host_fact *fact)
{
	struct json_object *obj = json_object_new_object();
	bool wanting = fact->state == HOST_BAD || fact->state == HOST_UNKNOWN;

	json_add_text(obj, "label", check->label);
	json_add_text(obj, "state", host_state_name(fact->state));
	json_add_text(obj, "value", fact->value);
	json_add_text(obj, "threat", check->threat);
	json_add_text(obj, "source", check->source);
	json_add_text(obj, "advice", wanting ? check->advice : NULL);
	return obj;
}

void host_json_all(const struct host *host, struct json_object *to)
{
	const struct host_check *check;
	struct host_fact fact;

	for (check = host_checks; check->name; check++) {
		check->read(host, &fact);
		json_object_object_add(to, check->name, host_json(check, &fact));
	}
}

static void print_one(const struct host_check *check,
		      const struct host_fact *fact)
{
	host_print(check, fact, 0);
	printf("  %-18s %s\n", "state", host_state_name(fact->state));
	printf("  %-18s %s\n", "threat", check->threat);
	printf("  %-18s %s\n", "read from", check->source);
	printf("  %-18s %s%s\n", "what to do",
	       fact->state == HOST_UNKNOWN ? "look there, as root; if it is bad: " : "",
	       fact->state == HOST_OK || fact->state == HOST_NA ? "nothing" :
	       check->advice);
}

static int exit_code(const int count[HOST_STATES])
{
	return count[HOST_BAD] ? EXIT_HOST_BAD :
	       count[HOST_UNKNOWN] ? EXIT_HOST_UNKNOWN : EXIT_OK;
}

/* @only: one check, or NULL for all. */
static void run(const struct host *host, const struct host_check *only,
		struct json_object *json, int count[HOST_STATES])
{
	const struct host_check *check;
	struct host_fact fact;

	for (check = host_checks; check->name; check++) {
		if (only && check != only)
			continue;
		check->read(host, &fact);
		count[fact.state]++;
		if (json)
			json_object_object_add(json, check->name,
					       host_json(check, &fact));
		else if (only)
			print_one(check, &fact);
		else
			host_print(check, &fact, 0);
		if (!json && !only && fact.state == HOST_BAD)
			printf("%22s-> %s\n", "", check->advice);
	}
}

int cmd_fw_host(const struct command *cmd, int argc, char **argv)
{
	bool json = false;
	const struct opt opts[] = {
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	const struct host_check *only = NULL;
	int count[HOST_STATES] = { 0 };
	struct json_object *obj = NULL;
	struct host host;
	int ret = args_parse(cmd, opts, &argc, argv, 0, 1);

	if (ret != ARGS_GO)
		return ret;
	if (argc) {
		only = host_find(argv[0]);
		if (!only)
			return fail(EXIT_NOT_FOUND, "there is no check '%s': `protkey fw host --json` names them",
				    argv[0]);
	}
	ret = host_open(&host, "/");
	if (ret)
		return fail_errno(ret, "/");
	if (json)
		obj = json_object_new_object();
	run(&host, only, obj, count);
	host_close(&host);
	if (json) {
		json_print(obj);
	} else if (!only) {
		putchar('\n');
		host_print_count(count);
		printf("; `protkey fw host NAME` says more of one\n");
	}
	return exit_code(count);
}
