// SPDX-License-Identifier: GPL-2.0-only
/*
 * A share of a KEK in the TPM's own non-volatile memory.  What a sealed object
 * holds is the KEK under this pad, so that undoing the index makes every old copy
 * of the object worthless: an object's file cannot be taken back, an index can.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "tpm.h"

/* Of the owner's range, 0x01800000 to 0x01bfffff. */
#define INDEX_FIRST	0x01806b00U
#define INDEX_COUNT	64

static const TPMA_NV attributes = TPMA_NV_AUTHWRITE | TPMA_NV_AUTHREAD |
				  TPMA_NV_OWNERREAD | TPMA_NV_NO_DA;

static TSS2_RC define(struct tpm *tpm, uint32_t *index, ESYS_TR *nv)
{
	TPM2B_NV_PUBLIC public = {
		.nvPublic = {
			.nameAlg = TPM2_ALG_SHA256,
			.attributes = attributes,
			.dataSize = TPM_DIGEST,
		},
	};
	const TPM2B_AUTH none = { 0 };
	TSS2_RC rc = TPM2_RC_NV_DEFINED;
	unsigned int i;

	for (i = 0; i < INDEX_COUNT && tpm_code(rc) == TPM2_RC_NV_DEFINED; i++) {
		*index = INDEX_FIRST + i;
		public.nvPublic.nvIndex = *index;
		rc = Esys_NV_DefineSpace(tpm->esys, ESYS_TR_RH_OWNER,
					 ESYS_TR_PASSWORD, ESYS_TR_NONE,
					 ESYS_TR_NONE, &none, &public, nv);
	}
	return rc;
}

/* Encrypted on the bus, in the one direction that has data. */
static TSS2_RC session_for(struct tpm *tpm, TPMA_SESSION direction,
			   ESYS_TR *session)
{
	TSS2_RC rc = tpm_session(tpm, TPM2_SE_HMAC, session);

	if (rc)
		return rc;
	return Esys_TRSess_SetAttributes(tpm->esys, *session, direction |
					 TPMA_SESSION_CONTINUESESSION, 0xff);
}

static TSS2_RC write_share(struct tpm *tpm, ESYS_TR nv, const uint8_t *share)
{
	TPM2B_MAX_NV_BUFFER *data = protkey_secret_alloc(sizeof(*data));
	ESYS_TR session = ESYS_TR_NONE;
	TSS2_RC rc;

	if (!data)
		return TSS2_ESYS_RC_MEMORY;
	data->size = TPM_DIGEST;
	memcpy(data->buffer, share, TPM_DIGEST);
	rc = session_for(tpm, TPMA_SESSION_DECRYPT, &session);
	if (!rc)
		rc = Esys_NV_Write(tpm->esys, nv, nv, session, ESYS_TR_NONE,
				   ESYS_TR_NONE, data, 0);
	tpm_flush(tpm, &session);
	protkey_secret_free(data, sizeof(*data));
	return rc;
}

TSS2_RC tpm_share_make(struct tpm *tpm, uint32_t *index, uint8_t *share)
{
	ESYS_TR nv = ESYS_TR_NONE;
	TSS2_RC rc;

	if (getrandom(share, TPM_DIGEST, 0) != TPM_DIGEST)
		return TSS2_ESYS_RC_GENERAL_FAILURE;
	rc = define(tpm, index, &nv);
	if (rc)
		return rc;
	rc = write_share(tpm, nv, share);
	Esys_TR_Close(tpm->esys, &nv);
	if (rc)
		tpm_share_destroy(tpm, *index);
	return rc;
}

static TSS2_RC find(struct tpm *tpm, uint32_t index, ESYS_TR *nv)
{
	return Esys_TR_FromTPMPublic(tpm->esys, index, ESYS_TR_NONE,
				     ESYS_TR_NONE, ESYS_TR_NONE, nv);
}

TSS2_RC tpm_share_read(struct tpm *tpm, uint32_t index, uint8_t *share)
{
	TPM2B_MAX_NV_BUFFER *data = NULL;
	ESYS_TR nv, session = ESYS_TR_NONE;
	TSS2_RC rc = find(tpm, index, &nv);

	if (rc)
		return rc;
	rc = session_for(tpm, TPMA_SESSION_ENCRYPT, &session);
	if (!rc)
		rc = Esys_NV_Read(tpm->esys, nv, nv, session, ESYS_TR_NONE,
				  ESYS_TR_NONE, TPM_DIGEST, 0, &data);
	if (!rc && data->size == TPM_DIGEST)
		memcpy(share, data->buffer, TPM_DIGEST);
	else if (!rc)
		rc = TPM2_RC_INTEGRITY;
	if (data)
		protkey_secret_wipe(data, sizeof(*data));
	Esys_Free(data);
	tpm_flush(tpm, &session);
	Esys_TR_Close(tpm->esys, &nv);
	return rc;
}

TSS2_RC tpm_share_destroy(struct tpm *tpm, uint32_t index)
{
	ESYS_TR nv;
	TSS2_RC rc = find(tpm, index, &nv);

	if (rc)
		return rc;
	rc = Esys_NV_UndefineSpace(tpm->esys, ESYS_TR_RH_OWNER, nv,
				   ESYS_TR_PASSWORD, ESYS_TR_NONE,
				   ESYS_TR_NONE);
	if (rc)
		Esys_TR_Close(tpm->esys, &nv);
	return rc;
}
