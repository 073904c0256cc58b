/* SPDX-License-Identifier: GPL-2.0-only */
/* What the fuzz entries share (libFuzzer's). */
#ifndef PK_FUZZ_H
#define PK_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What does not hold is a finding. */
static inline void must(bool holds)
{
	if (!holds)
		abort();
}

#endif
