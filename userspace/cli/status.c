// SPDX-License-Identifier: GPL-2.0-only
/* protkey status */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "level.h"

#define TEST_BUILD "TEST BUILD: this module reports its secrets. Never use it with real keys."

static const char *vault_state(const struct protkey_status *status)
{
	if (status->flags & PROTKEY_STATUS_VAULT_LOST)
		return "lost";
	if (status->flags & PROTKEY_STATUS_SUSPENDED)
		return "suspended";
	return status->flags & PROTKEY_STATUS_VAULT_READY ? "ready" : "empty";
}

static void print_module(const struct protkey_status *status)
{
	printf("vault                %s (%.16s), epoch %" PRIu64 ", %u CPUs ready\n",
	       vault_state(status), status->vault, (uint64_t)status->epoch,
	       status->cpus_ready);
	printf("instructions         %.16s\n", status->level);
	printf("domains              %u, %u unlocked\n", status->domains,
	       status->domains_unlocked);
	printf("keys ready           %" PRIu64 " (slots %u of %u)\n",
	       (uint64_t)status->keys, status->slots_used,
	       status->slots_total);
	printf("requests queued      %" PRIu64 "\n",
	       (uint64_t)status->requests_queued);
	printf("mismatches           %" PRIu64 ", repairs %" PRIu64 ", losses %" PRIu64 "\n",
	       (uint64_t)status->mismatches, (uint64_t)status->repairs,
	       (uint64_t)status->losses);
}

static void print_level(const struct level *level, bool guest)
{
	bool color = isatty(STDOUT_FILENO);
	int i;

	printf("\nprotection of this machine\n");
	for (i = 0; i < LEVEL_FACTS; i++) {
		const struct level_fact *fact = &level->facts[i];

		printf("  %s %-18s %s%s\n", fact->good ? "+" :
		       color ? "\033[31m-" : "-", fact->label, fact->value,
		       !fact->good && color ? "\033[0m" : "");
	}
	printf("\nKeys in memory dumps, on disks and in swap: none, as long as the vault holds%s.\n",
	       guest ? ";\nbut dumps that the hypervisor makes with its registers are not covered" : "");
	printf("An active root is stopped: %s, because %s.\n",
	       level->root_stopped ? "YES" : "NO", level->why);
}

static struct json_object *level_json(const struct level *level)
{
	struct json_object *obj = json_object_new_object();
	int i;

	for (i = 0; i < LEVEL_FACTS; i++) {
		struct json_object *fact = json_object_new_object();

		json_add_text(fact, "value", level->facts[i].value);
		json_add_bool(fact, "good", level->facts[i].good);
		json_object_object_add(obj, level->facts[i].name, fact);
	}
	json_add_bool(obj, "root_stopped", level->root_stopped);
	json_add_text(obj, "why", level->why);
	return obj;
}

static int print_json(const struct protkey_status *status,
		      const struct level *level)
{
	struct json_object *obj = json_object_new_object();
	char text[sizeof(status->level) + 1];

	json_add_number(obj, "abi", status->abi);
	json_add_bool(obj, "test_build",
		      status->flags & PROTKEY_STATUS_LEAKTEST);
	snprintf(text, sizeof(text), "%.16s", status->vault);
	json_add_text(obj, "vault", text);
	json_add_text(obj, "vault_state", vault_state(status));
	json_add_number(obj, "epoch", status->epoch);
	snprintf(text, sizeof(text), "%.16s", status->level);
	json_add_text(obj, "level", text);
	json_add_number(obj, "cpus_ready", status->cpus_ready);
	json_add_number(obj, "domains", status->domains);
	json_add_number(obj, "domains_unlocked", status->domains_unlocked);
	json_add_number(obj, "keys", status->keys);
	json_add_number(obj, "slots_used", status->slots_used);
	json_add_number(obj, "slots_total", status->slots_total);
	json_add_number(obj, "requests_queued", status->requests_queued);
	json_add_number(obj, "mismatches", status->mismatches);
	json_add_number(obj, "repairs", status->repairs);
	json_add_number(obj, "losses", status->losses);
	json_object_object_add(obj, "machine", level_json(level));
	return json_print(obj);
}

int cmd_status(const struct command *cmd, int argc, char **argv)
{
	bool json = false;
	const struct opt opts[] = {
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	struct protkey_status status;
	struct level level;
	int control, ret;

	ret = args_parse(cmd, opts, &argc, argv, 0, 0);
	if (ret != ARGS_GO)
		return ret;
	ret = control_open(&control);
	if (ret)
		return ret;
	ret = protkey_status_get(control, &status);
	close(control);
	if (ret)
		return fail_domain(ret, "", "ask");
	level_read(&level, &status);
	if (json)
		return print_json(&status, &level);
	if (status.flags & PROTKEY_STATUS_LEAKTEST)
		printf(isatty(STDOUT_FILENO) ?
		       "\033[1;31m" TEST_BUILD "\033[0m\n" : TEST_BUILD "\n");
	print_module(&status);
	print_level(&level, status.flags & PROTKEY_STATUS_HYPERVISOR);
	return EXIT_OK;
}
