/* SPDX-License-Identifier: GPL-2.0-only */
/* Evidence of this machine, now. */
#ifndef PROTKEY_CLI_FW_MEASURE_H
#define PROTKEY_CLI_FW_MEASURE_H

#include "../fw/evidence.h"
#include "cli.h"

/*
 * @nonce NULL: without a quote.  What is missing is said in ->missing and is no error: that is the verdict's to
 * judge.  EXIT_OK, or a status, and said why.
 */
int fw_measure(struct fw_evidence *ev, const uint8_t *nonce, size_t nonce_size);

#endif
