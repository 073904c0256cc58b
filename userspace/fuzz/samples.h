/* SPDX-License-Identifier: GPL-2.0-only */
/* Valid blobs and states, built by hand for tests and as fuzz seeds. */
#ifndef PROTKEY_FUZZ_SAMPLES_H
#define PROTKEY_FUZZ_SAMPLES_H

#include "attest.h"
#include "keyblob.h"
#include "sealdata.h"
#include "sealed.h"

#define SAMPLE_STATE_SIZE \
	(sizeof(struct pk_sealed_header) + sizeof(struct pk_section_seal) + \
	 2 * sizeof(struct pk_section_volume) + 24 + SAMPLE_TPM_SIZE + \
	 SAMPLE_CLEVIS_SIZE + SAMPLE_ADMIN_SIZE + \
	 sizeof(struct pk_section_quota) + 2 * sizeof(struct pk_section_person) + \
	 PK_SEALED_MAC_SIZE)

/* A seal with its data: two PCRs and parts of 8 and 11 bytes; a short JWE. */
#define SAMPLE_TPM_SIZE \
	(sizeof(struct pk_section_seal) + sizeof(struct pk_section_seal_data) + \
	 sizeof(struct pk_seal_tpm) + 2 * PK_SEAL_TPM_DIGEST + 8 + 16)
#define SAMPLE_JWE	"abc.def.ghi.j-_.xyz"
#define SAMPLE_CLEVIS_SIZE \
	(sizeof(struct pk_section_seal) + sizeof(struct pk_section_seal_data) + \
	 24)

#define SAMPLE_CERT_SIZE	47
#define SAMPLE_ADMIN_SIZE \
	(sizeof(struct pk_section_admin) + 48 + \
	 sizeof(struct pk_section_thresholds))

/* A TPM's: quote over PCRs 4 and 9, attestation key, its signature, whose r is short. */
#define SAMPLE_QUOTE_SIZE	145
#define SAMPLE_AK_SIZE		88
#define SAMPLE_ECDSA_SIZE	71
#define SAMPLE_RSA_AK_SIZE	280
#define SAMPLE_RSA_SIGNED_SIZE	262
void sample_rsa_ak(uint8_t ak[SAMPLE_RSA_AK_SIZE]);
void sample_rsa_signed(uint8_t signature[SAMPLE_RSA_SIGNED_SIZE]);
void sample_quote(uint8_t quote[SAMPLE_QUOTE_SIZE]);
void sample_ak(uint8_t ak[SAMPLE_AK_SIZE]);
void sample_ecdsa(uint8_t ecdsa[SAMPLE_ECDSA_SIZE]);
/* That key, and two boots. */
void sample_measured(struct protkey_measured *measured);

void sample_blob(struct pk_blob *blob);
void sample_cert(uint8_t cert[SAMPLE_CERT_SIZE]);
/* A seal, two pins, an unknown section that is not critical, then a TPM's and
 * clevis' seal, each followed by its data, an administrator, thresholds, quotas,
 * two persons. */
void sample_state(uint8_t state[SAMPLE_STATE_SIZE]);

#endif
