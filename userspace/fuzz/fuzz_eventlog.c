// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz entry of the event log's parser and of all that describes events.
 *
 *	clang -fsanitize=fuzzer,address,undefined ... fuzz_eventlog.c
 */
#include "component.h"
#include "fuzz.h"

static void check_component(const struct fw_components *all,
			    const struct fw_component *one)
{
	must(one->text && !strchr(one->text, '\n'));
	must(*one->name && strlen(one->name) < sizeof(one->name));
	must(!strchr(one->name, '#'));
	/* names tell one from the other */
	must(fw_component_find(all, one->name) == one ||
	     strlen(one->name) == sizeof(one->name) - 1);
	must(!one->signature_count || one->signatures);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_components components;
	struct fw_eventlog log;
	struct fw_pcrs pcrs;
	size_t i;

	if (fw_eventlog_parse(data, size, &log))
		return 0;
	fw_eventlog_replay(&log, log.count, &pcrs);
	must(!fw_components_of(&log, &components));
	for (i = 0; i < components.count; i++)
		check_component(&components, &components.list[i]);
	fw_components_free(&components);
	fw_eventlog_free(&log);
	return 0;
}
