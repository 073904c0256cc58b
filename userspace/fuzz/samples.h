/* SPDX-License-Identifier: GPL-2.0-only */
/* Valid blobs and states, built by hand for tests and as fuzz seeds. */
#ifndef PROTKEY_FUZZ_SAMPLES_H
#define PROTKEY_FUZZ_SAMPLES_H

#include "keyblob.h"
#include "sealed.h"

#define SAMPLE_STATE_SIZE \
	(sizeof(struct pk_sealed_header) + sizeof(struct pk_section_seal) + \
	 2 * sizeof(struct pk_section_volume) + 16 + PK_SEALED_MAC_SIZE)

void sample_blob(struct pk_blob *blob);
/* A seal, two pins and an unknown section that is not critical. */
void sample_state(uint8_t state[SAMPLE_STATE_SIZE]);

#endif
