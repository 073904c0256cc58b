// SPDX-License-Identifier: GPL-2.0-only
/* protkey fw reference set, show */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../fw/field.h"
#include "fw_check.h"

struct settings {
	const char *rule, *version, *not_after, *class;
	bool required, optional, drop;
};

static void clear_values(struct fw_entry *entry)
{
	while (entry->value_count)
		free(entry->values[--entry->value_count].text);
	while (entry->signature_count)
		free(entry->signatures[--entry->signature_count]);
	free(entry->version);
	entry->version = NULL;
}

static int set_rule(struct fw_entry *entry, const struct settings *to)
{
	enum fw_rule rule;

	if (!fw_rule_find(to->rule, &rule))
		return fail(EXIT_USAGE, "--rule wants equal, superset, subset, at-least, any or absent, not '%s'",
			    to->rule);
	if (rule == FW_RULE_EQUAL && !entry->value_count)
		return fail(EXIT_USAGE, "%s has no value to be equal to: `protkey fw reference allow` or `add`",
			    entry->name);
	if ((rule == FW_RULE_AT_LEAST) != !!to->version)
		return fail(EXIT_USAGE, "--rule at-least and --version go together");
	if ((rule == FW_RULE_SUPERSET || rule == FW_RULE_SUBSET) &&
	    entry->rule != FW_RULE_SUPERSET && entry->rule != FW_RULE_SUBSET)
		return fail(EXIT_USAGE, "%s holds no list of signatures: `protkey fw reference allow --signatures`",
			    entry->name);
	if (rule == FW_RULE_ANY || rule == FW_RULE_ABSENT)
		clear_values(entry);
	if (rule == FW_RULE_AT_LEAST) {
		clear_values(entry);
		entry->version = strdup(to->version);
		if (!entry->version)
			return fail_errno(-ENOMEM, entry->name);
	}
	if (rule == FW_RULE_ABSENT)
		entry->required = false;
	entry->rule = rule;
	if (rule == FW_RULE_ANY)
		warn("%s: whatever is measured there will be accepted",
		     entry->name);
	return EXIT_OK;
}

static void drop(struct fw_reference *ref, struct fw_entry *entry)
{
	struct fw_entry *end = ref->entries + --ref->entry_count;

	clear_values(entry);
	free(entry->values);
	free(entry->signatures);
	memmove(entry, entry + 1, (size_t)((char *)end - (char *)entry));
}

static int set_entry(struct fw_reference *ref, const char *name,
		     const struct settings *to)
{
	struct fw_entry *entry = fw_reference_entry(ref, name);
	bool new = !entry;

	if (new && (!to->rule || to->drop))
		return fail(EXIT_NOT_FOUND, "the reference has no '%s': `protkey fw reference show` names what it has",
			    name);
	if (to->drop) {
		drop(ref, entry);
		return EXIT_OK;
	}
	if (new)
		entry = fw_reference_add(ref, name);
	if (!entry)
		return fail(EXIT_USAGE, "'%s' can be no component's name", name);
	if (new)
		entry->class = FW_CLASS_OTHER;
	if (to->class && !fw_class_find(to->class, &entry->class))
		return fail(EXIT_USAGE, "--class: there is no class '%s'",
			    to->class);
	if (to->required || to->optional)
		entry->required = to->required;
	return to->rule ? set_rule(entry, to) : EXIT_OK;
}

static int set_whole(struct fw_reference *ref, const struct settings *to)
{
	if (!to->not_after || to->rule || to->version || to->required ||
	    to->optional || to->drop || to->class)
		return fail(EXIT_USAGE, "of which COMPONENT? Without one there is just --not-after");
	if (!strcmp(to->not_after, "never"))
		ref->not_after = 0;
	else if (time_parse(to->not_after, &ref->not_after))
		return fail(EXIT_USAGE, "--not-after wants YYYY-MM-DD, seconds or never, not '%s'",
			    to->not_after);
	return EXIT_OK;
}

int cmd_fw_reference_set(const struct command *cmd, int argc, char **argv)
{
	struct settings to = { 0 };
	const struct opt table[] = {
		{ "rule", 0, OPT_TEXT, &to.rule, "RULE",
		  "equal, superset, subset, at-least, any, absent" },
		{ "version", 0, OPT_TEXT, &to.version, "VERSION",
		  "the oldest that is accepted, for at-least" },
		{ "class", 0, OPT_TEXT, &to.class, "CLASS", "firmware, loader ..." },
		{ "required", 0, OPT_FLAG, &to.required, NULL,
		  "its absence is tampering" },
		{ "optional", 0, OPT_FLAG, &to.optional, NULL, "it is not" },
		{ "drop", 0, OPT_FLAG, &to.drop, NULL,
		  "forget it: it is unknown then" },
		{ "not-after", 0, OPT_TEXT, &to.not_after, "DATE",
		  "the whole reference is refused after it; or never" },
		{ 0 }
	};
	struct fw_reference ref;
	int status = args_parse(cmd, table, &argc, argv, 1, 2);

	if (status != ARGS_GO)
		return status;
	if (to.required && to.optional)
		return fail(EXIT_USAGE, "required or optional?");
	status = fw_reference_edit(argv[0], &ref);
	if (status)
		return status;
	status = argc == 2 ? set_entry(&ref, argv[1], &to) :
		 set_whole(&ref, &to);
	if (!status)
		status = fw_reference_save(argv[0], &ref);
	fw_reference_free(&ref);
	return status;
}

/* ---- show */

static void print_value(const struct fw_value *value)
{
	char text[2 * FW_DIGEST_MAX + 1];
	unsigned int bank;

	if (value->text)
		printf("      \"%s\"\n", value->text);
	for (bank = 0; bank < FW_BANKS; bank++) {
		const struct fw_digest *digest = &value->digests.bank[bank];

		if (!digest->size)
			continue;
		fw_hex_encode(digest->bytes, digest->size, text);
		printf("      %s %s\n", fw_bank_name(bank), text);
	}
}

static void print_entry(const struct fw_entry *entry)
{
	size_t i;

	printf("  %-28s %-12s %-9s%s%s%s\n", entry->name,
	       fw_class_name(entry->class), fw_rule_name(entry->rule),
	       entry->required ? " required" : "", entry->version ? " " : "",
	       entry->version ? entry->version : "");
	for (i = 0; i < entry->value_count; i++)
		print_value(&entry->values[i]);
	for (i = 0; i < entry->signature_count; i++)
		printf("      %s\n", entry->signatures[i]);
}

static void print(const struct fw_reference *ref)
{
	char text[HEX_ROOM(FW_KEY_NAME_SIZE)];
	size_t i;

	printf("'%s', serial number %llu, good until %s\n", ref->name,
	       (unsigned long long)ref->serial,
	       ref->not_after ? time_text(ref->not_after, text) : "ever");
	printf("PCR");
	for (i = 0; i < FW_PCRS; i++)
		if (ref->pcrs & 1U << i)
			printf(" %zu", i);
	printf("; banks");
	for (i = 0; i < FW_BANKS; i++)
		if (ref->bank[i])
			printf(" %s", fw_bank_name(i));
	printf("; IMA: %s", fw_ima_rule_name(ref->ima));
	if (ref->ima_file_count)
		printf(", %zu files", ref->ima_file_count);
	printf("\nmachines:%s\n", ref->machine_count ? "" : " any");
	for (i = 0; i < ref->machine_count; i++)
		printf("  %-28s %s\n", ref->machines[i].host,
		       hex_text(ref->machines[i].key_name, FW_KEY_NAME_SIZE,
				text));
	for (i = 0; i < ref->host_count; i++)
		printf("%s%s", i ? " " : "host checks: ", ref->host[i]);
	printf("%scomponents:\n", ref->host_count ? "\n" : "");
	for (i = 0; i < ref->entry_count; i++)
		print_entry(&ref->entries[i]);
}

int cmd_fw_reference_show(const struct command *cmd, int argc, char **argv)
{
	bool json = false;
	const struct opt table[] = {
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	struct fw_reference ref;
	int status = args_parse(cmd, table, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	status = fw_reference_edit(argv[0], &ref);
	if (status)
		return status;
	if (json)
		json_print(fw_reference_json(&ref));
	else
		print(&ref);
	fw_reference_free(&ref);
	return EXIT_OK;
}
