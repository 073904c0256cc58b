// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz entry of CEL-JSON (libFuzzer's).  The logs that come out are read as any
 * log is, and written as CEL-JSON again, which must be readable.
 */
#include <errno.h>

#include "cel.h"
#include "fuzz_json.h"

static void again(const struct fw_eventlog *log, const struct fw_ima *ima)
{
	struct fw_buffer events, list;
	char *text = json_text(fw_cel_json(log, ima));
	char why[FW_CEL_WHY];

	must(fw_cel_parse(text, strlen(text), &events, &list, why) != -ENOMEM);
	free(events.data);
	free(list.data);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_buffer events, list;
	struct fw_eventlog log;
	struct fw_ima ima;
	char why[FW_CEL_WHY];
	bool have_log, have_ima;

	if (fw_cel_parse((const char *)data, size, &events, &list, why)) {
		must(!events.data && !list.data);
		must(memchr(why, '\0', sizeof(why)));
		return 0;
	}
	have_log = events.size && !fw_eventlog_parse(events.data, events.size, &log);
	have_ima = list.size && !fw_ima_parse(list.data, list.size, &ima);
	again(have_log ? &log : NULL, have_ima ? &ima : NULL);
	if (have_log)
		fw_eventlog_free(&log);
	if (have_ima)
		fw_ima_free(&ima);
	free(events.data);
	free(list.data);
	return 0;
}
