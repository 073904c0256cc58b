/* SPDX-License-Identifier: GPL-2.0-only */
/* A quote of this machine's TPM. */
#ifndef PROTKEY_CLI_FW_QUOTE_H
#define PROTKEY_CLI_FW_QUOTE_H

#include "../fw/evidence.h"

/*
 * PCR values of all banks, and the TPM's word for them and for @nonce, into
 * @ev.  The attestation key is made from a fixed template in the endorsement
 * hierarchy each time, and so is always the same one until the TPM's owner
 * changes its endorsement seed.  If that hierarchy has a password: in the
 * owner's, with a warning.  It is never persistent.
 *
 * Nothing here binds the key to a genuine TPM: its name is pinned on first use,
 * or somebody checks the EK certificate with credential activation.
 * EXIT_OK, or a status, and said why.
 */
int fw_quote_take(struct fw_evidence *ev, const uint8_t *nonce,
		  size_t nonce_size);

/* The same of @pcrs of the SHA-256 bank alone, and without the certificate. */
int fw_quote_take_pcrs(struct fw_evidence *ev, uint32_t pcrs,
		       const uint8_t *nonce, size_t nonce_size);

#endif
