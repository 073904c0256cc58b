// SPDX-License-Identifier: GPL-2.0-only
/* A judgement as a table and as JSON. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fw_check.h"

static const struct {
	char sign;
	const char *color;
	enum exit_code code;
} looks[FW_VERDICTS] = {
	[FW_TRUSTED] = { '+', "\033[32m", EXIT_OK },
	[FW_UNKNOWN_COMPONENT] = { '?', "\033[33m", EXIT_FW_UNKNOWN },
	[FW_NO_EVIDENCE] = { '?', "\033[33m", EXIT_FW_EVIDENCE },
	[FW_LOG_FAULT] = { '!', "\033[31m", EXIT_FW_LOG },
	[FW_TAMPERED] = { '-', "\033[1;31m", EXIT_FW_TAMPERED },
};

enum exit_code fw_exit_code(enum fw_verdict verdict)
{
	return looks[verdict].code;
}

const char *fw_color(enum fw_verdict verdict)
{
	return isatty(STDOUT_FILENO) ? looks[verdict].color : "";
}

static const char *uncolor(const char *color)
{
	return *color ? "\033[0m" : "";
}

static void print_line(const struct fw_finding *finding)
{
	enum fw_verdict verdict = fw_kind_verdict(finding->kind);
	const char *color = verdict == FW_TRUSTED ? "" : fw_color(verdict);

	printf("%s%c %-28s %s%s\n", color,
	       finding->kind == FW_NOT_JUDGED ? ' ' : looks[verdict].sign,
	       finding->subject, finding->what, uncolor(color));
}

/* Once for each kind, behind its last finding: a hundred need one advice. */
static bool is_last_of_kind(const struct fw_judgement *of, size_t at)
{
	enum fw_kind kind = of->list[at].kind;

	while (++at < of->count)
		if (of->list[at].kind == kind)
			return false;
	return true;
}

static void print_problems(const struct fw_judgement *of)
{
	unsigned int kind;
	size_t i;

	for (kind = 0; kind < FW_KINDS; kind++) {
		if (fw_kind_verdict(kind) == FW_TRUSTED)
			continue;
		for (i = 0; i < of->count; i++) {
			if (of->list[i].kind != kind)
				continue;
			print_line(&of->list[i]);
			if (is_last_of_kind(of, i))
				printf("    %s\n    -> %s\n",
				       fw_kind_meaning(kind),
				       fw_kind_advice(kind));
		}
	}
}

static void print_head(const struct fw_evidence *ev,
		       const struct fw_judgement *of)
{
	char when[TIME_ROOM];

	printf("%s, kernel %s, measured %s", *ev->host ? ev->host : "(no name)",
	       *ev->kernel ? ev->kernel : "unknown", time_text(ev->time, when));
	if (of->machine)
		printf(", enrolled as '%s'", of->machine->host);
	putchar('\n');
}

void fw_report_print(const struct fw_evidence *ev,
		     const struct fw_judgement *of, bool all)
{
	const char *color = fw_color(of->verdict);
	unsigned int verdict;
	size_t i;

	print_head(ev, of);
	for (i = 0; all && i < of->count; i++)
		if (fw_kind_verdict(of->list[i].kind) == FW_TRUSTED)
			print_line(&of->list[i]);
	if (of->verdict != FW_TRUSTED)
		putchar('\n');
	print_problems(of);
	printf("\n%sverdict: %s%s (%zu good", color,
	       fw_verdict_name(of->verdict), uncolor(color),
	       of->of[FW_TRUSTED]);
	for (verdict = FW_TRUSTED + 1; verdict < FW_VERDICTS; verdict++)
		if (of->of[verdict])
			printf(", %zu %s", of->of[verdict],
			       fw_verdict_name(verdict));
	printf(")\n");
}

static struct json_object *finding_json(const struct fw_finding *finding)
{
	struct json_object *obj = json_object_new_object();

	json_add_text(obj, "subject", finding->subject);
	json_add_text(obj, "verdict",
		      fw_verdict_word(fw_kind_verdict(finding->kind)));
	json_add_text(obj, "kind", fw_kind_word(finding->kind));
	json_add_text(obj, "what", finding->what);
	json_add_text(obj, "means", fw_kind_meaning(finding->kind));
	json_add_text(obj, "advice", fw_kind_advice(finding->kind));
	return obj;
}

struct json_object *fw_report_json(const struct fw_evidence *ev,
				   const struct fw_reference *ref,
				   const struct fw_judgement *of)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	size_t i;

	json_add_text(obj, "verdict", fw_verdict_word(of->verdict));
	json_add_text(obj, "host", ev->host);
	json_add_text(obj, "machine-id", ev->machine_id);
	json_add_text(obj, "enrolled-as", of->machine ? of->machine->host : NULL);
	json_add_number(obj, "time", ev->time);
	json_add_text(obj, "reference", ref->name);
	json_add_number(obj, "serial", ref->serial);
	json_add_bool(obj, "quoted", of->quote_good);
	for (i = 0; i < of->count; i++)
		json_object_array_add(list, finding_json(&of->list[i]));
	json_object_object_add(obj, "findings", list);
	return obj;
}
