// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz entry of evidence (libFuzzer's).  What is accepted must come out as text
 * that is accepted again and stays the same; its quote is judged as `check` does.
 */
#include "evidence.h"
#include "fuzz_json.h"

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
	text = json_text(fw_evidence_json(&ev));
	must(!fw_evidence_parse(text, strlen(text), &again, why));
	same = json_text(fw_evidence_json(&again));
	must(!strcmp(text, same));
	free(text);
	free(same);
	fw_evidence_free(&ev);
	fw_evidence_free(&again);
	return 0;
}
