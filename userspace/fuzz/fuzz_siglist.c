// SPDX-License-Identifier: GPL-2.0-only
/* Fuzz entry of lists of signatures: what db and dbx are made of (libFuzzer's). */
#include "describe.h"
#include "fuzz.h"
#include "siglist.h"

/* What is said must hold: sorted names, one line that ends. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_component of = { 0 };
	struct bytes in = { data, size };
	char text[200];
	bool valid;
	size_t i;

	memset(text, 'x', sizeof(text));
	must(!signature_lists(&of, in, &valid, text, sizeof(text)));
	must(memchr(text, '\0', sizeof(text)));
	must(!of.signature_count == !of.signatures);
	for (i = 0; i < of.signature_count; i++) {
		const char *hex = strchr(of.signatures[i], ':');

		must(hex && strspn(hex + 1, "0123456789abcdef") == 64);
		must(!i || strcmp(of.signatures[i - 1], of.signatures[i]) <= 0);
	}
	while (of.signature_count)
		free(of.signatures[--of.signature_count]);
	free(of.signatures);
	return 0;
}
