// SPDX-License-Identifier: GPL-2.0-only
/* protkey fw reference import, export: Keylime's policies */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../fw/keylime.h"
#include "fw_check.h"

#define POLICY_MAX	(4U << 20)

static int import(const char *path, const char *policy)
{
	char why[FW_WHY] = "";
	struct fw_reference ref;
	size_t size, added, skipped;
	void *text;
	int ret, status = fw_reference_edit(path, &ref);

	if (status)
		return status;
	ret = file_load(policy, POLICY_MAX, &text, &size);
	if (ret) {
		fw_reference_free(&ref);
		return fail_errno(ret, policy);
	}
	ret = fw_keylime_import(&ref, text, size, &added, &skipped, why);
	free(text);
	if (ret)
		status = fail(exit_code_of(ret), "%s: %s", policy,
			      *why ? why : strerror(-ret));
	else if (added)
		status = fw_reference_save(path, &ref);
	if (!status)
		printf("%s: %zu more values; %zu of the policy have no place in it\n",
		       path, added, skipped);
	fw_reference_free(&ref);
	return status;
}

int cmd_fw_reference_import(const struct command *cmd, int argc, char **argv)
{
	const char *policy = NULL;
	const struct opt table[] = {
		{ "keylime", 0, OPT_TEXT, &policy, "POLICY",
		  "measured boot policy (refstate), JSON" },
		{ 0 }
	};
	int status = args_parse(cmd, table, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	if (!policy)
		return fail(EXIT_USAGE, "from what? --keylime POLICY");
	return import(argv[0], policy);
}

static int export(const struct fw_evidence *ev, const char *path,
		  const char *out)
{
	struct json_object *policy;
	struct fw_eventlog log;
	char why[FW_WHY];
	int ret = fw_eventlog_parse(ev->event_log.data, ev->event_log.size,
				    &log);

	if (ret)
		return fail_errno(ret, path);
	policy = fw_keylime_export(&log, why);
	fw_eventlog_free(&log);
	if (!policy)
		return fail(EXIT_REFUSED, "%s: there is no Keylime policy of this boot: %s",
			    path, why);
	return out ? json_write(out, policy, JSON_C_TO_STRING_PRETTY) :
		     json_print(policy);
}

int cmd_fw_reference_export(const struct command *cmd, int argc, char **argv)
{
	const char *out = NULL;
	const struct opt table[] = {
		{ "out", 'o', OPT_TEXT, &out, "FILE", "else standard output" },
		{ 0 }
	};
	struct fw_evidence ev;
	int status = args_parse(cmd, table, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	status = fw_evidence_load(argv[0], &ev);
	if (status)
		return status;
	status = export(&ev, argv[0], out);
	fw_evidence_free(&ev);
	return status;
}
