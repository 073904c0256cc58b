/* SPDX-License-Identifier: GPL-2.0-only */
/* The TPM 2.0 of this machine, through tpm2-tss. */
#ifndef PROTKEY_CLI_TPM_H
#define PROTKEY_CLI_TPM_H

#include <tss2/tss2_esys.h>

#include "cli.h"

#define TPM_PCRS	24
#define TPM_DIGEST	32	/* SHA-256, the only bank that is used */

/* The storage root key that the TCG's provisioning guide puts there. */
#define TPM_SRK_PERSISTENT	0x81000001U

struct tpm {
	ESYS_CONTEXT *esys;
	TSS2_TCTI_CONTEXT *tcti;
	ESYS_TR srk;		/* set by tpm_srk_open() */
	uint32_t srk_handle;	/* persistent; 0: made by us, flushed at the end */
	uint8_t srk_name[TPM_DIGEST];
};

/*
 * Of PROTKEY_TCTI, or /dev/tpmrm0.  The process's memory is locked from here
 * on, and what tpm2-tss frees is overwritten: secrets pass through its buffers.
 * EXIT_OK, or a status, and said why.
 */
int tpm_open(struct tpm *tpm);
void tpm_close(struct tpm *tpm);

/* The response without its layer, parameter, handle or session number. */
TSS2_RC tpm_code(TSS2_RC rc);
/* Says what went wrong and what to do about it; gives the exit status. */
int tpm_fail(const struct tpm *tpm, TSS2_RC rc, const char *doing);

/*
 * The storage root key: persistent @handle or, if that is 0, one made from the
 * TCG's ECC template in the owner hierarchy, which is the same each time until
 * the TPM is cleared.  TPM_SRK_ANY: the persistent one if it is of that
 * template.
 */
#define TPM_SRK_ANY	UINT32_MAX
int tpm_srk_open(struct tpm *tpm, uint32_t handle);

/*
 * A session of @type, salted with the storage root key, whose first parameter
 * is encrypted both ways: the bus shows no secret.
 */
TSS2_RC tpm_session(struct tpm *tpm, TPM2_SE type, ESYS_TR *session);
void tpm_flush(struct tpm *tpm, ESYS_TR *handle);

void tpm_pcr_selection(uint32_t pcrs, TPML_PCR_SELECTION *selection);
TSS2_RC tpm_pcr_read(struct tpm *tpm, uint32_t pcrs,
		     uint8_t values[TPM_PCRS][TPM_DIGEST]);
TSS2_RC tpm_pcr_extend(struct tpm *tpm, unsigned int pcr,
		       const uint8_t digest[TPM_DIGEST]);

/* ---- a share of a KEK in NV memory (tpm_share.c) ---- */

/* 32 random bytes into an index of the owner's that is free. */
TSS2_RC tpm_share_make(struct tpm *tpm, uint32_t *index, uint8_t *share);
TSS2_RC tpm_share_read(struct tpm *tpm, uint32_t index, uint8_t *share);
TSS2_RC tpm_share_destroy(struct tpm *tpm, uint32_t index);

/* "4,7,8,9" to bits; false if it is no such list.  "" is none. */
bool tpm_pcrs_parse(const char *text, uint32_t *pcrs);
#define TPM_PCRS_ROOM	80
const char *tpm_pcrs_text(uint32_t pcrs, char text[TPM_PCRS_ROOM]);

#endif
