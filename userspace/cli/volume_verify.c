// SPDX-License-Identifier: GPL-2.0-only
/* protkey volume verify */
#include <stdio.h>
#include <string.h>

#include "volume.h"

static void report_text(const struct volume_step *step, const char *verdict,
			const char *why)
{
	printf("%-8s %-14s %s\n", verdict, step->name, why);
}

static void report_json(struct json_object *list,
			const struct volume_step *step, const char *verdict,
			const char *why)
{
	struct json_object *obj = json_object_new_object();

	json_add_text(obj, "check", step->name);
	json_add_text(obj, "result", verdict);
	json_add_text(obj, "detail", why);
	json_object_array_add(list, obj);
}

/* The steps build on each other: after a failure the rest cannot be judged. */
static int run_steps(struct volume *volume, struct json_object *list)
{
	const struct volume_step *step;
	int status = EXIT_OK;

	for (step = volume_steps; step->name; step++) {
		const char *verdict = "skipped", *why = "";

		if (!status) {
			status = step->check(volume);
			verdict = status ? "failed" : "ok";
			why = status ? volume->why : step->meaning;
		}
		if (list)
			report_json(list, step, verdict, why);
		else
			report_text(step, verdict, why);
	}
	return status;
}

static void print_json_report(const struct volume *volume,
			      struct json_object *list, int status)
{
	struct json_object *obj = json_object_new_object();

	json_add_text(obj, "device", volume->device);
	json_add_uuid(obj, "uuid", volume->pin.uuid);
	json_add_text(obj, "domain", *volume->domain_name ?
		      volume->domain_name : NULL);
	json_add_bool(obj, "ok", !status);
	json_add_number(obj, "exit_code", (uint64_t)status);
	json_object_object_add(obj, "checks", list);
	json_print(obj);
}

int cmd_volume_verify(const struct command *cmd, int argc, char **argv)
{
	const char *domain = NULL, *file = NULL;
	bool json = false;
	const struct opt opts[] = {
		{ "domain", 'd', OPT_TEXT, &domain, "NAME",
		  "it must be of this domain" },
		{ "passphrase-file", 0, OPT_TEXT, &file, "FILE",
		  "passphrase of the keyslot (-: standard input)" },
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	struct json_object *list;
	struct volume volume;
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	status = device_check(argv[0], NULL);
	if (status)
		return status;
	volume_init(&volume, argv[0]);
	volume.want_domain = domain;
	volume.passphrase_file = file;
	list = json ? json_object_new_array() : NULL;
	status = run_steps(&volume, list);
	if (json)
		print_json_report(&volume, list, status);
	volume_release(&volume);
	return status;
}
