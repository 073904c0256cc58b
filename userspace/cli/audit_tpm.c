// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checkpoints in the TPM: a counter of its non-volatile memory, which only goes up,
 * also when its index is taken away and made again (TPM 2.0 part 1, NV counters).
 * The log says the next value before the counter has it, so that a log that lacks
 * the entry of the counter's value was cut off.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"
#include "tpm.h"

#define INDEX	0x01806b80U	/* of the owner's range, behind the shares */
#define WORDS	"tpm counter"

static const TPMA_NV attributes =
	TPM2_NT_COUNTER << TPMA_NV_TPM2_NT_SHIFT | TPMA_NV_AUTHWRITE |
	TPMA_NV_OWNERWRITE | TPMA_NV_AUTHREAD | TPMA_NV_OWNERREAD | TPMA_NV_NO_DA;

static TSS2_RC find(struct tpm *tpm, ESYS_TR *nv)
{
	return Esys_TR_FromTPMPublic(tpm->esys, INDEX, ESYS_TR_NONE, ESYS_TR_NONE,
				     ESYS_TR_NONE, nv);
}

static TSS2_RC increment(struct tpm *tpm, ESYS_TR nv)
{
	return Esys_NV_Increment(tpm->esys, nv, nv, ESYS_TR_PASSWORD, ESYS_TR_NONE,
				 ESYS_TR_NONE);
}

/* A counter has no value before its first step. */
static TSS2_RC make(struct tpm *tpm, ESYS_TR *nv)
{
	TPM2B_NV_PUBLIC public = {
		.nvPublic = {
			.nvIndex = INDEX, .nameAlg = TPM2_ALG_SHA256,
			.attributes = attributes, .dataSize = 8,
		},
	};
	const TPM2B_AUTH none = { 0 };
	TSS2_RC rc = Esys_NV_DefineSpace(tpm->esys, ESYS_TR_RH_OWNER,
					 ESYS_TR_PASSWORD, ESYS_TR_NONE,
					 ESYS_TR_NONE, &none, &public, nv);

	return rc ? rc : increment(tpm, *nv);
}

static TSS2_RC value_of(struct tpm *tpm, ESYS_TR nv, uint64_t *value)
{
	TPM2B_MAX_NV_BUFFER *data = NULL;
	TSS2_RC rc = Esys_NV_Read(tpm->esys, nv, nv, ESYS_TR_PASSWORD, ESYS_TR_NONE,
				  ESYS_TR_NONE, 8, 0, &data);
	unsigned int i;

	if (rc)
		return rc;
	*value = 0;
	for (i = 0; i < data->size && i < 8; i++)
		*value = *value << 8 | data->buffer[i];
	Esys_Free(data);
	return 0;
}

/* A handle's number is in the response: 1 is the first, and only, one. */
static bool is_missing(TSS2_RC rc)
{
	return tpm_code(rc) == TPM2_RC_HANDLE;
}

int audit_tpm_read(uint64_t *value)
{
	struct tpm tpm;
	ESYS_TR nv;
	TSS2_RC rc;

	if (tpm_open(&tpm))
		return -ENODEV;
	rc = find(&tpm, &nv);
	if (!rc)
		rc = value_of(&tpm, nv, value);
	tpm_close(&tpm);
	return rc ? is_missing(rc) ? -ENOENT : -EIO : 0;
}

static int step(struct tpm *tpm, ESYS_TR nv, const char *path,
		struct protkey_audit_note *note)
{
	uint64_t value;
	TSS2_RC rc = value_of(tpm, nv, &value);
	int control, ret, status;

	if (rc)
		return tpm_fail(tpm, rc, "read the audit counter");
	snprintf(note->text, sizeof(note->text), WORDS " %" PRIu64, value + 1);
	status = control_open(&control);
	if (status)
		return status;
	ret = protkey_audit_note(control, note);
	close(control);
	if (ret)
		return fail_errno(ret, "audit log");
	/* on the disk before the counter says that it must be there */
	status = audit_collect(path, NULL);
	if (status)
		return status;
	rc = increment(tpm, nv);
	return rc ? tpm_fail(tpm, rc, "step the audit counter") : EXIT_OK;
}

int audit_tpm_next(const char *path, struct protkey_audit_note *note)
{
	struct tpm tpm;
	ESYS_TR nv = ESYS_TR_NONE;
	TSS2_RC rc;
	int status = tpm_open(&tpm);

	if (status)
		return status;
	rc = find(&tpm, &nv);
	if (is_missing(rc))
		rc = make(&tpm, &nv);
	status = rc ? tpm_fail(&tpm, rc, "make the audit counter") :
		 step(&tpm, nv, path, note);
	tpm_close(&tpm);
	return status;
}

bool audit_tpm_text(const struct protkey_audit_entry *entry, uint64_t *value)
{
	char text[sizeof(entry->text)];

	memcpy(text, entry->text, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	return entry->event == PROTKEY_AUDIT_CHECKPOINT &&
	       sscanf(text, WORDS " %" SCNu64, value) == 1;
}
