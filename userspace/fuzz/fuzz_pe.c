// SPDX-License-Identifier: GPL-2.0-only
/* Fuzz entry of the reader of EFI programs (libFuzzer's). */
#include "fuzz.h"
#include "pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_digest digest = { 0 };

	must(fw_pe_digest(FW_SHA256, data, size, &digest) || digest.size == 32);
	return 0;
}
