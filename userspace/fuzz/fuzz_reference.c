// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz entry of the reference's parser (libFuzzer's).  What it accepts must
 * come out as text that it accepts again, and that then stays the same.
 *
 *	clang -fsanitize=fuzzer,address,undefined ... fuzz_reference.c
 */
#include "fuzz_json.h"
#include "reference.h"

/* As a judgement asks it. */
static void ask(const struct fw_reference *ref)
{
	size_t i;

	for (i = 0; i < ref->entry_count; i++) {
		const struct fw_entry *entry = &ref->entries[i];

		must(fw_reference_entry(ref, entry->name) == entry);
		must(fw_reference_find(ref, entry->name) == entry ||
		     strchr(entry->name, '*'));
		must(entry->rule != FW_RULE_EQUAL || entry->value_count);
		must(entry->rule != FW_RULE_AT_LEAST || entry->version);
	}
	for (i = 0; i < ref->machine_count; i++)
		must(fw_reference_machine(ref, ref->machines[i].key_name) ==
		     &ref->machines[i]);
	for (i = 0; i < ref->ima_file_count; i++)
		must(fw_reference_has_file(ref, ref->ima_files[i].alg,
					   &ref->ima_files[i].hash));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_reference ref, again;
	char why[FW_WHY], *text, *same;

	if (fw_reference_parse((const char *)data, size, &ref, why))
		return 0;
	ask(&ref);
	text = json_text(fw_reference_json(&ref));
	must(!fw_reference_parse(text, strlen(text), &again, why));
	same = json_text(fw_reference_json(&again));
	must(!strcmp(text, same));
	free(text);
	free(same);
	fw_reference_free(&ref);
	fw_reference_free(&again);
	return 0;
}
