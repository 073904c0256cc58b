// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz entry of evidence (libFuzzer's).  What is accepted must come out as text
 * that is accepted again and stays the same; its quote is judged as `check` does.
 */
#include <stdlib.h>
#include <string.h>

#include "evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static char *text_of(const struct fw_evidence *ev)
{
	struct json_object *obj = fw_evidence_json(ev);
	char *text;

	must(obj);
	text = strdup(json_object_to_json_string(obj));
	must(text);
	json_object_put(obj);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_evidence ev, again;
	struct fw_pcrs quoted;
	char why[160], *text, *same;

	if (fw_evidence_parse((const char *)data, size, &ev, why)) {
		must(memchr(why, '\0', sizeof(why)));
		return 0;
	}
	must(fw_quote_check(&ev, NULL, 0, NULL, &quoted, NULL, NULL) < FW_QUOTES);
	text = text_of(&ev);
	must(!fw_evidence_parse(text, strlen(text), &again, why));
	same = text_of(&again);
	must(!strcmp(text, same));
	free(text);
	free(same);
	fw_evidence_free(&ev);
	fw_evidence_free(&again);
	return 0;
}
