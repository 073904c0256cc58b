// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz entry of Keylime's policies (libFuzzer's).  Whatever is taken from one,
 * the reference must stay one that can be written and read.
 */
#include "fuzz_json.h"
#include "keylime.h"

#define HASH	"0000000000000000000000000000000000000000000000000000000000000004"

/* Each kind of entry that takes values of a policy. */
static const char reference[] =
	"{\"protkey-reference\": 1, \"name\": \"web\", \"serial\": 3,"
	"\"banks\": [\"sha256\"], \"pcrs\": [4], \"components\": {"
	"\"loader.shim\": {\"class\": \"loader\", \"rule\": \"equal\","
	"\"accept\": [{\"sha256\": \"" HASH "\"}]},"
	"\"kernel\": {\"class\": \"kernel\", \"rule\": \"equal\","
	"\"accept\": [{\"sha256\": \"" HASH "\"}]},"
	"\"initrd.0\": {\"class\": \"initrd\", \"rule\": \"equal\","
	"\"accept\": [{\"sha256\": \"" HASH "\"}]},"
	"\"command-line.0\": {\"class\": \"command-line\", \"rule\": \"equal\","
	"\"accept\": [{\"sha256\": \"" HASH "\"}]},"
	"\"secure-boot.dbx\": {\"class\": \"secure-boot\", \"rule\": \"superset\","
	"\"signatures\": [\"sha256:" HASH "\"]}}}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_reference ref, again;
	size_t added, skipped;
	char why[FW_WHY] = "";
	char *text;

	must(!fw_reference_parse(reference, strlen(reference), &ref, why));
	if (fw_keylime_import(&ref, (const char *)data, size, &added, &skipped,
			      why))
		must(*why);
	text = json_text(fw_reference_json(&ref));
	must(!fw_reference_parse(text, strlen(text), &again, why));
	must(again.entry_count == ref.entry_count);
	free(text);
	fw_reference_free(&again);
	fw_reference_free(&ref);
	return 0;
}
