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

#define FW_NONCE_SIZE	32

struct fw_ask {
	uint32_t pcrs;		/* of the SHA-256 bank; 0: all of every bank */
	bool rsa;		/* by an RSA key, which a TPM takes seconds to make */
	/* gives the nonce, at the last moment; a status, and said why */
	int (*nonce)(void *arg, uint8_t nonce[FW_NONCE_SIZE]);
	void *arg;
};

/* The same of some PCRs, and then without the certificate. */
int fw_quote_ask(struct fw_evidence *ev, const struct fw_ask *ask);

#endif
