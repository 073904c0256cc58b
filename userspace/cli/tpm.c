// SPDX-License-Identifier: GPL-2.0-only
/* The TPM 2.0 of this machine: see tpm.h. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include "tpm.h"

#define TCTI_DEFAULT	"device:/dev/tpmrm0"

/* ---- opening ------------------------------------------------------------- */

/*
 * tpm2-tss keeps commands and responses, and with them a KEK for a moment, in
 * large heap blocks that it frees as they are: glibc then overwrites them.
 */
static int lock_memory(void)
{
	mallopt(M_PERTURB, 0x5a);
	if (!mlockall(MCL_CURRENT | MCL_FUTURE))
		return EXIT_OK;
	return fail(EXIT_GENERAL, "no locked memory for the TPM's answers: %s (ulimit -l)",
		    strerror(errno));
}

static int fail_no_tpm(const char *tcti)
{
	return fail(EXIT_NOT_FOUND, "there is no TPM 2.0 at %s: is it switched on in the firmware's setup? `ls /dev/tpm*`, `dmesg | grep -i tpm`",
		    tcti);
}

int tpm_open(struct tpm *tpm)
{
	const char *name = secure_getenv("PROTKEY_TCTI");
	int status = lock_memory();

	memset(tpm, 0, sizeof(*tpm));
	tpm->srk = ESYS_TR_NONE;
	if (status)
		return status;
	if (!name || !*name)
		name = TCTI_DEFAULT;
	if (Tss2_TctiLdr_Initialize(name, &tpm->tcti))
		return fail_no_tpm(name);
	if (Esys_Initialize(&tpm->esys, tpm->tcti, NULL)) {
		Tss2_TctiLdr_Finalize(&tpm->tcti);
		return fail_no_tpm(name);
	}
	return EXIT_OK;
}

void tpm_flush(struct tpm *tpm, ESYS_TR *handle)
{
	if (*handle != ESYS_TR_NONE)
		Esys_FlushContext(tpm->esys, *handle);
	*handle = ESYS_TR_NONE;
}

void tpm_close(struct tpm *tpm)
{
	if (!tpm->esys)
		return;
	if (!tpm->srk_handle)
		tpm_flush(tpm, &tpm->srk);
	Esys_Finalize(&tpm->esys);
	Tss2_TctiLdr_Finalize(&tpm->tcti);
}

/* ---- errors -------------------------------------------------------------- */

TSS2_RC tpm_code(TSS2_RC rc)
{
	TSS2_RC layer = rc & TSS2_RC_LAYER_MASK;

	/* the kernel's and user space's resource managers pass the TPM's on */
	if (layer == TSS2_TPM_RC_LAYER || layer == TSS2_RESMGR_TPM_RC_LAYER)
		rc &= ~TSS2_RC_LAYER_MASK;
	else
		return rc;
	/* format one: the number of what it complains about */
	return rc & TPM2_RC_FMT1 ? rc & (TPM2_RC_FMT1 | 0x3f) : rc;
}

static uint32_t property(const struct tpm *tpm, TPM2_PT which)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	TPMI_YES_NO more;
	uint32_t value = 0;

	if (Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
			       ESYS_TR_NONE, TPM2_CAP_TPM_PROPERTIES, which, 1,
			       &more, &data))
		return 0;
	if (data->data.tpmProperties.count &&
	    data->data.tpmProperties.tpmProperty[0].property == which)
		value = data->data.tpmProperties.tpmProperty[0].value;
	Esys_Free(data);
	return value;
}

static int fail_lockout(const struct tpm *tpm, const char *doing)
{
	uint32_t interval = property(tpm, TPM2_PT_LOCKOUT_INTERVAL);

	return fail(EXIT_AUTH, "cannot %s: the TPM is locked out after %u wrong PINs; it allows one more try %u seconds from now (`tpm2_dictionarylockout --clear-lockout` with the lock-out password: at once), or use another slot",
		    doing, property(tpm, TPM2_PT_LOCKOUT_COUNTER), interval);
}

static int fail_pin(const struct tpm *tpm, const char *doing)
{
	uint32_t max = property(tpm, TPM2_PT_MAX_AUTH_FAIL);
	uint32_t used = property(tpm, TPM2_PT_LOCKOUT_COUNTER);

	return fail(EXIT_AUTH, "cannot %s: wrong PIN; the TPM allows %u more wrong one%s before it locks itself out",
		    doing, max > used ? max - used : 0,
		    max > used && max - used == 1 ? "" : "s");
}

int tpm_fail(const struct tpm *tpm, TSS2_RC rc, const char *doing)
{
	switch (tpm_code(rc)) {
	case TPM2_RC_AUTH_FAIL:
		return fail_pin(tpm, doing);
	case TPM2_RC_LOCKOUT:
		return fail_lockout(tpm, doing);
	case TPM2_RC_BAD_AUTH:
		return fail(EXIT_AUTH, "cannot %s: the TPM's owner hierarchy has a password: make its storage root key persistent at 0x%08x, which needs none to be used",
			    doing, TPM_SRK_PERSISTENT);
	case TPM2_RC_INTEGRITY:
	case TPM2_RC_HANDLE:
		return fail(EXIT_AUTH, "cannot %s: this TPM did not make the slot, or it was cleared since: use another slot, then remove this one and add a new one",
			    doing);
	case TPM2_RC_HIERARCHY:
	case TPM2_RC_DISABLED:
		return fail(EXIT_IO, "cannot %s: the TPM's owner hierarchy is switched off: see the firmware's setup",
			    doing);
	case TPM2_RC_INITIALIZE:
	case TPM2_RC_FAILURE:
		return fail(EXIT_IO, "cannot %s: the TPM was not started by the firmware, or is in failure mode: switch the machine off and on",
			    doing);
	case TPM2_RC_RETRY:
	case TPM2_RC_TESTING:
	case TPM2_RC_NV_RATE:
	case TPM2_RC_YIELDED:
		return fail(EXIT_IO, "cannot %s: the TPM is busy: try again", doing);
	case TPM2_RC_NV_SPACE:
		return fail(EXIT_IO, "cannot %s: the TPM's NV memory is full: `tpm2_getcap handles-nv-index` shows what is in it; or say --no-share",
			    doing);
	case TPM2_RC_OBJECT_MEMORY:
	case TPM2_RC_SESSION_MEMORY:
	case TPM2_RC_SESSION_HANDLES:
		return fail(EXIT_IO, "cannot %s: the TPM has no room left for objects or sessions: `tpm2_flushcontext -t -l -s`, or use /dev/tpmrm0",
			    doing);
	default:
		return fail(EXIT_IO, "cannot %s: TPM error 0x%x, %s", doing, rc,
			    Tss2_RC_Decode(rc));
	}
}

/* ---- the storage root key ------------------------------------------------ */

static const TPM2B_PUBLIC srk_template = {
	.publicArea = {
		.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = TPMA_OBJECT_RESTRICTED |
			TPMA_OBJECT_DECRYPT | TPMA_OBJECT_FIXEDTPM |
			TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN |
			TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA,
		.parameters.eccDetail = {
			.symmetric = {
				.algorithm = TPM2_ALG_AES,
				.keyBits.aes = 128,
				.mode.aes = TPM2_ALG_CFB,
			},
			.scheme.scheme = TPM2_ALG_NULL,
			.curveID = TPM2_ECC_NIST_P256,
			.kdf.scheme = TPM2_ALG_NULL,
		},
	},
};

static bool is_srk(const TPM2B_PUBLIC *public)
{
	const TPMT_PUBLIC *got = &public->publicArea;
	const TPMT_PUBLIC *want = &srk_template.publicArea;

	return got->type == want->type && got->nameAlg == want->nameAlg &&
	       (got->objectAttributes | TPMA_OBJECT_NODA) ==
	       want->objectAttributes &&
	       got->parameters.eccDetail.curveID == TPM2_ECC_NIST_P256 &&
	       got->parameters.eccDetail.symmetric.algorithm == TPM2_ALG_AES &&
	       got->parameters.eccDetail.symmetric.mode.aes == TPM2_ALG_CFB;
}

static TSS2_RC srk_persistent(struct tpm *tpm, uint32_t handle, bool *usable)
{
	TPM2B_PUBLIC *public = NULL;
	TSS2_RC rc;

	rc = Esys_TR_FromTPMPublic(tpm->esys, handle, ESYS_TR_NONE,
				   ESYS_TR_NONE, ESYS_TR_NONE, &tpm->srk);
	if (!rc)
		rc = Esys_ReadPublic(tpm->esys, tpm->srk, ESYS_TR_NONE,
				     ESYS_TR_NONE, ESYS_TR_NONE, &public, NULL,
				     NULL);
	*usable = !rc && is_srk(public);
	if (!rc)
		tpm->srk_handle = handle;
	Esys_Free(public);
	return rc;
}

static TSS2_RC srk_make(struct tpm *tpm)
{
	const TPM2B_SENSITIVE_CREATE empty = { 0 };
	const TPML_PCR_SELECTION none = { 0 };
	const TPM2B_DATA outside = { 0 };

	tpm->srk_handle = 0;
	return Esys_CreatePrimary(tpm->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
				  ESYS_TR_NONE, ESYS_TR_NONE, &empty,
				  &srk_template, &outside, &none, &tpm->srk,
				  NULL, NULL, NULL, NULL);
}

static TSS2_RC srk_get(struct tpm *tpm, uint32_t handle)
{
	bool usable = false;
	TSS2_RC rc;

	if (!handle)
		return srk_make(tpm);
	if (handle != TPM_SRK_ANY)
		return srk_persistent(tpm, handle, &usable);
	rc = srk_persistent(tpm, TPM_SRK_PERSISTENT, &usable);
	if (usable)
		return rc;
	if (!rc)
		Esys_TR_Close(tpm->esys, &tpm->srk);
	return srk_make(tpm);
}

int tpm_srk_open(struct tpm *tpm, uint32_t handle)
{
	TPM2B_NAME *name = NULL;
	TSS2_RC rc = srk_get(tpm, handle);

	if (!rc)
		rc = Esys_TR_GetName(tpm->esys, tpm->srk, &name);
	if (rc)
		return tpm_fail(tpm, rc, "get the TPM's storage root key");
	/* two bytes say that it is SHA-256 */
	if (name->size == 2 + TPM_DIGEST)
		memcpy(tpm->srk_name, name->name + 2, TPM_DIGEST);
	Esys_Free(name);
	return EXIT_OK;
}

TSS2_RC tpm_session(struct tpm *tpm, TPM2_SE type, ESYS_TR *session)
{
	const TPMT_SYM_DEF aes = {
		.algorithm = TPM2_ALG_AES,
		.keyBits.aes = 128,
		.mode.aes = TPM2_ALG_CFB,
	};
	const TPMA_SESSION both = TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT |
				  TPMA_SESSION_CONTINUESESSION;
	TSS2_RC rc;

	*session = ESYS_TR_NONE;
	rc = Esys_StartAuthSession(tpm->esys, tpm->srk, ESYS_TR_NONE,
				   ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
				   NULL, type, &aes, TPM2_ALG_SHA256, session);
	if (rc || type == TPM2_SE_TRIAL)
		return rc;
	return Esys_TRSess_SetAttributes(tpm->esys, *session, both, 0xff);
}

/* ---- platform configuration registers ------------------------------------ */

void tpm_pcr_selection(uint32_t pcrs, TPML_PCR_SELECTION *selection)
{
	memset(selection, 0, sizeof(*selection));
	selection->count = 1;
	selection->pcrSelections[0].hash = TPM2_ALG_SHA256;
	selection->pcrSelections[0].sizeofSelect = 3;
	selection->pcrSelections[0].pcrSelect[0] = (uint8_t)pcrs;
	selection->pcrSelections[0].pcrSelect[1] = (uint8_t)(pcrs >> 8);
	selection->pcrSelections[0].pcrSelect[2] = (uint8_t)(pcrs >> 16);
}

static uint32_t selected(const TPML_PCR_SELECTION *selection)
{
	const BYTE *bits = selection->pcrSelections[0].pcrSelect;

	return bits[0] | (uint32_t)bits[1] << 8 | (uint32_t)bits[2] << 16;
}

/* A TPM gives at most eight at a time, those with the lowest numbers. */
TSS2_RC tpm_pcr_read(struct tpm *tpm, uint32_t pcrs,
		     uint8_t values[TPM_PCRS][TPM_DIGEST])
{
	TPML_PCR_SELECTION *got = NULL, want;
	TPML_DIGEST *digests = NULL;
	uint32_t done, i, pcr;
	TSS2_RC rc;

	for (; pcrs; pcrs &= ~done) {
		tpm_pcr_selection(pcrs, &want);
		rc = Esys_PCR_Read(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
				   ESYS_TR_NONE, &want, NULL, &got, &digests);
		if (rc)
			return rc;
		done = got->count ? selected(got) & pcrs : 0;
		for (i = 0, pcr = 0; pcr < TPM_PCRS; pcr++)
			if (done & (1U << pcr) && i < digests->count)
				memcpy(values[pcr], digests->digests[i++].buffer,
				       TPM_DIGEST);
		Esys_Free(got);
		Esys_Free(digests);
		if (!done)	/* no SHA-256 bank */
			return TPM2_RC_VALUE;
	}
	return TSS2_RC_SUCCESS;
}

TSS2_RC tpm_pcr_extend(struct tpm *tpm, unsigned int pcr,
		       const uint8_t digest[TPM_DIGEST])
{
	TPML_DIGEST_VALUES values = { .count = 1 };

	values.digests[0].hashAlg = TPM2_ALG_SHA256;
	memcpy(values.digests[0].digest.sha256, digest, TPM_DIGEST);
	return Esys_PCR_Extend(tpm->esys, ESYS_TR_PCR0 + pcr, ESYS_TR_PASSWORD,
			       ESYS_TR_NONE, ESYS_TR_NONE, &values);
}

bool tpm_pcrs_parse(const char *text, uint32_t *pcrs)
{
	unsigned long pcr;
	char *end;

	*pcrs = 0;
	while (*text) {
		if (*text < '0' || *text > '9')
			return false;
		pcr = strtoul(text, &end, 10);
		if (pcr >= TPM_PCRS || (*end && (*end != ',' || !end[1])))
			return false;
		*pcrs |= 1U << pcr;
		text = *end ? end + 1 : end;
	}
	return true;
}

const char *tpm_pcrs_text(uint32_t pcrs, char text[TPM_PCRS_ROOM])
{
	unsigned int pcr;
	size_t at = 0;

	text[0] = '\0';
	for (pcr = 0; pcr < TPM_PCRS; pcr++)
		if (pcrs & (1U << pcr))
			at += (size_t)snprintf(text + at, TPM_PCRS_ROOM - at,
					       "%s%u", at ? "," : "", pcr);
	return text;
}
