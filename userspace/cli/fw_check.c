// SPDX-License-Identifier: GPL-2.0-only
/* protkey fw check: one machine, mostly this one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../fw/field.h"
#include "fw_measure.h"
#include "fw_check.h"

struct check {
	struct fw_conf conf;
	const char *conf_path, *evidence, *nonce, *html, *hooks;
	bool any_age, any_key, json, brief, alarm;
	struct fw_reference ref;
	struct fw_evidence ev;
	struct fw_judgement of;
	struct fw_history history;
	uint8_t fresh[FW_NONCE_SIZE];
};

/* This machine, now; with no TPM there is evidence of having none. */
static int measure(struct check *c, struct fw_demand *demand)
{
	int status;

	progress_start("measuring this machine");
	status = fw_measure(&c->ev, c->fresh, sizeof(c->fresh));
	progress_stop();
	demand->nonce = c->fresh;
	demand->nonce_size = sizeof(c->fresh);
	/* a key of its own TPM, made or found by the program itself */
	demand->any_key = true;
	return status;
}

static int load(struct check *c, struct fw_demand *demand)
{
	int status;

	demand->any_age = c->any_age;
	demand->any_key = c->any_key;
	if (!c->evidence)
		return measure(c, demand);
	if (c->nonce) {
		status = fw_nonce_load(c->nonce, c->fresh);
		if (status)
			return status;
		demand->nonce = c->fresh;
		demand->nonce_size = sizeof(c->fresh);
	}
	return fw_evidence_load(c->evidence, &c->ev);
}

static void sound(const struct check *c, const char *why, int status)
{
	const struct fw_alarm alarm = {
		.verdict = status == EXIT_FW_REFERENCE ? "reference-refused" :
			   c->of.list ? fw_verdict_word(c->of.verdict) :
			   "no-evidence",
		.machine = *c->ev.host ? c->ev.host : "this machine",
		.why = why,
		.status = status,
		/* evidence in a file may be another machine's */
		.conf = c->evidence ? NULL : &c->conf,
		.hooks = c->hooks ? c->hooks : FW_HOOKS,
	};

	fw_alarm_raise(&alarm);
}

static const char *first_problem(const struct fw_judgement *of, char text[350])
{
	size_t i;

	for (i = 0; i < of->count; i++) {
		if (fw_kind_verdict(of->list[i].kind) != of->verdict)
			continue;
		snprintf(text, 350, "%s: %s", of->list[i].subject,
			 of->list[i].what);
		return text;
	}
	return "see protkey fw check";
}

static int report(struct check *c)
{
	int status = fw_exit_code(c->of.verdict), html = EXIT_OK;
	char why[350];

	if (c->json)
		json_print(fw_report_json(&c->ev, &c->ref, &c->of));
	else
		fw_report_print(&c->ev, &c->of, !c->brief);
	if (c->html)
		html = fw_report_html(c->html, &c->ev, &c->ref, &c->of);
	if (c->alarm && status)
		sound(c, first_problem(&c->of, why), status);
	return status ? status : html;
}

static int judge(struct check *c)
{
	struct fw_demand demand = { 0 };
	int ret, status = load(c, &demand);

	if (status)
		return status;
	ret = fw_judge(&c->ev, &c->ref, &demand, &c->of);
	if (ret)
		return fail_errno(ret, "the evidence could not be judged");
	status = fw_history_machine(&c->history, &c->ev, &c->of);
	return status ? status : report(c);
}

/* Whatever goes wrong before there is a verdict is an alarm too. */
static int run(struct check *c)
{
	int status = fw_history_open(c->conf.state, &c->history);

	if (!status)
		status = fw_reference_load(&c->conf, &c->ref);
	if (!status)
		status = fw_history_reference(&c->history, &c->ref);
	if (!status)
		status = judge(c);
	if (status && !c->of.list && c->alarm)
		sound(c, "there is no verdict: see the lines before this one, or run protkey fw check",
		      status);
	fw_history_close(&c->history);
	fw_judgement_free(&c->of);
	fw_evidence_free(&c->ev);
	fw_reference_free(&c->ref);
	return status;
}

int cmd_fw_check(const struct command *cmd, int argc, char **argv)
{
	struct check c = { .history = { -1, -1 } };
	const struct opt opts[] = {
		FW_REFERENCE_OPTS(c.conf),
		{ "evidence", 'e', OPT_TEXT, &c.evidence, "FILE",
		  "of `protkey fw measure`; else measures this machine" },
		{ "nonce", 0, OPT_TEXT, &c.nonce, "FILE",
		  "that the evidence was asked for with" },
		{ "any-age", 0, OPT_FLAG, &c.any_age, NULL,
		  "take old evidence, without a nonce" },
		{ "any-key", 0, OPT_FLAG, &c.any_key, NULL,
		  "take a key that no reference names" },
		{ "state", 0, OPT_TEXT, &c.conf.state, "DIR",
		  "remembers serial numbers and TPM counters" },
		{ "config", 0, OPT_TEXT, &c.conf_path, "FILE",
		  "instead of " FW_CONF },
		{ "json", 0, OPT_FLAG, &c.json, NULL, "output for scripts" },
		{ "html", 0, OPT_TEXT, &c.html, "FILE", "a report as well" },
		{ "brief", 0, OPT_FLAG, &c.brief, NULL, "only what is wrong" },
		{ "alarm", 0, OPT_FLAG, &c.alarm, NULL,
		  "when it is not trusted: journal, wall, hooks, locks" },
		{ "hooks", 0, OPT_TEXT, &c.hooks, "DIR",
		  "instead of " FW_HOOKS },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 0, 0);

	if (status != ARGS_GO)
		return status;
	status = fw_conf_load(c.conf_path, &c.conf);
	if (!status)
		status = run(&c);
	else if (c.alarm)
		sound(&c, "its configuration cannot be read", status);
	fw_conf_free(&c.conf);
	return status;
}
