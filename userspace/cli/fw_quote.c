// SPDX-License-Identifier: GPL-2.0-only
/* A quote of this machine's TPM: see fw_quote.h. */
#include <stdlib.h>
#include <string.h>

#include <tss2/tss2_mu.h>

#include "fw_quote.h"
#include "tpm.h"

#define TRIES		10	/* IMA extends PCR 10 at any moment */
#define NV_EK_ECC	0x01c0000aU	/* TCG EK Credential Profile 2.5 */
#define NV_EK_RSA	0x01c00002U
#define CERTIFICATE_MAX	8192
#define NV_CHUNK	512

/* A restricted signing key: it signs what the TPM itself made, nothing else. */
static const TPM2B_PUBLIC key_template = {
	.publicArea = {
		.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = TPMA_OBJECT_RESTRICTED |
			TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_FIXEDTPM |
			TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_USERWITHAUTH |
			TPMA_OBJECT_SENSITIVEDATAORIGIN |
			/* it has no password to be guessed; without this a TPM
			 * that is locked out, by wrong PINs or a few power
			 * cuts, would quote no more */
			TPMA_OBJECT_NODA,
		.parameters.eccDetail = {
			.symmetric.algorithm = TPM2_ALG_NULL,
			.scheme = {
				.scheme = TPM2_ALG_ECDSA,
				.details.ecdsa.hashAlg = TPM2_ALG_SHA256,
			},
			.curveID = TPM2_ECC_NIST_P256,
			.kdf.scheme = TPM2_ALG_NULL,
		},
		/* makes it ours among the keys of this shape */
		.unique.ecc.x = { .size = 32, .buffer = "protkey attestation key v1" },
	},
};

/* The same in RSA, for verifiers that have no elliptic curves. */
static const TPM2B_PUBLIC rsa_template = {
	.publicArea = {
		.type = TPM2_ALG_RSA,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = TPMA_OBJECT_RESTRICTED |
			TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_FIXEDTPM |
			TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_USERWITHAUTH |
			TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_NODA,
		.parameters.rsaDetail = {
			.symmetric.algorithm = TPM2_ALG_NULL,
			.scheme = {
				.scheme = TPM2_ALG_RSASSA,
				.details.rsassa.hashAlg = TPM2_ALG_SHA256,
			},
			.keyBits = 2048,
		},
		.unique.rsa = { .size = 256, .buffer = "protkey attestation key v1" },
	},
};

static TSS2_RC make_key(struct tpm *tpm, ESYS_TR hierarchy, bool rsa, ESYS_TR *key,
			TPM2B_PUBLIC **public)
{
	static const TPM2B_SENSITIVE_CREATE sensitive;
	static const TPM2B_DATA outside;
	static const TPML_PCR_SELECTION none;

	return Esys_CreatePrimary(tpm->esys, hierarchy,
				  ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
				  &sensitive, rsa ? &rsa_template : &key_template, &outside, &none,
				  key, public, NULL, NULL, NULL);
}

/* ---- PCR values ------------------------------------------------------------------ */

/* Every PCR of every bank that has any, and that we know. */
static TSS2_RC all_banks(struct tpm *tpm, TPML_PCR_SELECTION *selection)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	TPMI_YES_NO more;
	enum fw_bank bank;
	uint32_t i, j;
	TSS2_RC rc;

	memset(selection, 0, sizeof(*selection));
	rc = Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
				ESYS_TR_NONE, TPM2_CAP_PCRS, 0, 1, &more, &data);
	if (rc)
		return rc;
	for (i = 0; i < data->data.assignedPCR.count; i++) {
		const TPMS_PCR_SELECTION *of =
			&data->data.assignedPCR.pcrSelections[i];
		uint8_t any = 0;

		for (j = 0; j < of->sizeofSelect; j++)
			any |= of->pcrSelect[j];
		if (any && of->sizeofSelect <= FW_PCRS / 8 &&
		    fw_bank_of_alg(of->hash, &bank))
			selection->pcrSelections[selection->count++] = *of;
	}
	Esys_Free(data);
	return 0;
}

static void store(const TPML_PCR_SELECTION *got, const TPML_DIGEST *values,
		  struct fw_pcrs *pcrs)
{
	uint32_t i, next = 0;
	unsigned int pcr;
	enum fw_bank bank;

	for (i = 0; i < got->count; i++) {
		const TPMS_PCR_SELECTION *of = &got->pcrSelections[i];

		for (pcr = 0; pcr < of->sizeofSelect * 8U && pcr < FW_PCRS; pcr++) {
			if (!(of->pcrSelect[pcr / 8] >> (pcr % 8) & 1) ||
			    next >= values->count)
				continue;
			if (fw_bank_of_alg(of->hash, &bank)) {
				struct fw_digest *to = &pcrs->value[bank][pcr];
				const TPM2B_DIGEST *from = &values->digests[next];

				to->size = (uint8_t)from->size;
				memcpy(to->bytes, from->buffer, from->size);
				pcrs->known[bank] = true;
			}
			next++;
		}
	}
}

static bool take_out(TPML_PCR_SELECTION *left, const TPML_PCR_SELECTION *got)
{
	bool any = false;
	uint32_t i, j, k;

	for (i = 0; i < left->count; i++) {
		TPMS_PCR_SELECTION *of = &left->pcrSelections[i];

		for (j = 0; j < got->count; j++)
			if (got->pcrSelections[j].hash == of->hash)
				for (k = 0; k < of->sizeofSelect; k++)
					of->pcrSelect[k] &=
						(BYTE)~got->pcrSelections[j].pcrSelect[k];
		for (k = 0; k < of->sizeofSelect; k++)
			any |= of->pcrSelect[k];
	}
	return any;
}

/* A TPM gives eight at a time, and says which. */
static TSS2_RC read_pcrs(struct tpm *tpm, const TPML_PCR_SELECTION *all,
			 struct fw_pcrs *pcrs)
{
	TPML_PCR_SELECTION left = *all, *got;
	TPML_DIGEST *values;
	bool more = true;
	TSS2_RC rc = 0;

	memset(pcrs, 0, sizeof(*pcrs));
	while (!rc && more) {
		rc = Esys_PCR_Read(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
				   ESYS_TR_NONE, &left, NULL, &got, &values);
		if (rc)
			break;
		store(got, values, pcrs);
		/* none of those left: the bank has no more */
		more = values->count && take_out(&left, got);
		Esys_Free(got);
		Esys_Free(values);
	}
	return rc;
}

/* ---- the quote -------------------------------------------------------------------- */

static bool keep(struct fw_buffer *to, const void *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		return false;
	memcpy(copy, bytes, size);
	free(to->data);
	to->data = copy;
	to->size = size;
	return true;
}

static bool keep_signature(struct fw_evidence *ev, const TPMT_SIGNATURE *signature)
{
	uint8_t bytes[sizeof(*signature)];
	size_t size = 0;

	return !Tss2_MU_TPMT_SIGNATURE_Marshal(signature, bytes, sizeof(bytes),
					       &size) &&
	       keep(&ev->signature, bytes, size);
}

static bool keep_key(struct fw_evidence *ev, struct tpm *tpm, ESYS_TR key,
		     const TPM2B_PUBLIC *public)
{
	uint8_t bytes[sizeof(*public)];
	TPM2B_NAME *name = NULL;
	size_t size = 0;
	bool kept;

	if (Esys_TR_GetName(tpm->esys, key, &name))
		return false;
	kept = name->size == sizeof(ev->key_name) &&
	       !Tss2_MU_TPM2B_PUBLIC_Marshal(public, bytes, sizeof(bytes),
					     &size) &&
	       keep(&ev->key, bytes, size);
	if (kept)
		memcpy(ev->key_name, name->name, sizeof(ev->key_name));
	Esys_Free(name);
	return kept;
}

static TSS2_RC quote_once(struct tpm *tpm, ESYS_TR key,
			  const TPML_PCR_SELECTION *all, struct fw_evidence *ev)
{
	const TPMT_SIG_SCHEME own = { .scheme = TPM2_ALG_NULL };
	TPMT_SIGNATURE *signature = NULL;
	TPM2B_ATTEST *attest = NULL;
	TPM2B_DATA nonce = { .size = (UINT16)ev->nonce.size };
	TSS2_RC rc;

	memcpy(nonce.buffer, ev->nonce.data, ev->nonce.size);
	rc = Esys_Quote(tpm->esys, key, ESYS_TR_PASSWORD, ESYS_TR_NONE,
			ESYS_TR_NONE, &nonce, &own, all, &attest, &signature);
	if (!rc)
		rc = read_pcrs(tpm, all, &ev->pcrs);
	if (!rc && (!keep(&ev->attest, attest->attestationData, attest->size) ||
		    !keep_signature(ev, signature)))
		rc = TSS2_ESYS_RC_MEMORY;
	Esys_Free(attest);
	Esys_Free(signature);
	return rc;
}

/* @pcrs of SHA-256, or 0: all there are. */
static int quote(struct tpm *tpm, ESYS_TR key, uint32_t pcrs,
		 struct fw_evidence *ev)
{
	enum fw_quote verdict = FW_QUOTE_NONE;
	TPML_PCR_SELECTION all;
	struct fw_pcrs quoted;
	unsigned int i;
	TSS2_RC rc = 0;

	if (pcrs)
		tpm_pcr_selection(pcrs, &all);
	else
		rc = all_banks(tpm, &all);
	for (i = 0; !rc && i < TRIES; i++) {
		rc = quote_once(tpm, key, &all, ev);
		ev->quoted = !rc;
		if (rc)
			break;
		verdict = fw_quote_check(ev, NULL, 0, NULL, &quoted, NULL, NULL);
		if (verdict != FW_QUOTE_PCRS)
			break;	/* good, or never will be */
	}
	if (rc)
		return tpm_fail(tpm, rc, "have the PCRs quoted");
	if (verdict == FW_QUOTE_GOOD)
		return EXIT_OK;
	return fail(EXIT_GENERAL, "the TPM's quote does not hold: %s%s",
		    fw_quote_text(verdict), verdict == FW_QUOTE_PCRS ?
		    " (a PCR is extended all the time: try again when the machine is quiet)" : "");
}

/* ---- the endorsement key's certificate, if the maker left one --------------------------- */

static bool read_nv(struct tpm *tpm, uint32_t index, struct fw_buffer *to)
{
	TPM2B_NV_PUBLIC *public = NULL;
	uint8_t bytes[CERTIFICATE_MAX];
	size_t size, at = 0;
	ESYS_TR nv;

	if (Esys_TR_FromTPMPublic(tpm->esys, index, ESYS_TR_NONE, ESYS_TR_NONE,
				  ESYS_TR_NONE, &nv))
		return false;
	if (Esys_NV_ReadPublic(tpm->esys, nv, ESYS_TR_NONE, ESYS_TR_NONE,
			       ESYS_TR_NONE, &public, NULL)) {
		Esys_TR_Close(tpm->esys, &nv);
		return false;
	}
	size = public->nvPublic.dataSize;
	Esys_Free(public);
	while (at < size && size <= sizeof(bytes)) {
		TPM2B_MAX_NV_BUFFER *data = NULL;
		size_t chunk = size - at < NV_CHUNK ? size - at : NV_CHUNK;

		if (Esys_NV_Read(tpm->esys, nv, nv, ESYS_TR_PASSWORD,
				 ESYS_TR_NONE, ESYS_TR_NONE, (UINT16)chunk,
				 (UINT16)at, &data) || data->size != chunk) {
			Esys_Free(data);
			break;
		}
		memcpy(bytes + at, data->buffer, chunk);
		at += chunk;
		Esys_Free(data);
	}
	Esys_TR_Close(tpm->esys, &nv);
	return size && at == size && keep(to, bytes, size);
}

static bool needs_password(TSS2_RC rc)
{
	return tpm_code(rc) == TPM2_RC_BAD_AUTH ||
	       tpm_code(rc) == TPM2_RC_AUTH_FAIL;
}

/* When the key is there, which may take a while: a nonce can have its time, too. */
static int get_nonce(const struct fw_ask *ask, struct fw_evidence *ev)
{
	uint8_t nonce[FW_NONCE_SIZE];
	int status = ask->nonce ? ask->nonce(ask->arg, nonce) : EXIT_OK;

	if (!status && ask->nonce && !keep(&ev->nonce, nonce, sizeof(nonce)))
		status = fail(EXIT_GENERAL, "out of memory");
	return status;
}

static int take(struct tpm *tpm, const struct fw_ask *ask, struct fw_evidence *ev)
{
	TPM2B_PUBLIC *public = NULL;
	ESYS_TR key = ESYS_TR_NONE;
	TSS2_RC rc = make_key(tpm, ESYS_TR_RH_ENDORSEMENT, ask->rsa, &key, &public);
	int status;

	if (needs_password(rc)) {
		warn("the TPM's endorsement hierarchy has a password: the attestation key is made in the owner hierarchy, and is another one than without it");
		rc = make_key(tpm, ESYS_TR_RH_OWNER, ask->rsa, &key, &public);
	}
	if (needs_password(rc))
		return fail(EXIT_AUTH, "the TPM's endorsement hierarchy and its owner hierarchy have passwords: its attestation key cannot be made (`tpm2_changeauth -c e -p OLD ''` takes it off)");
	if (rc)
		return tpm_fail(tpm, rc, "make the attestation key");
	status = keep_key(ev, tpm, key, public) ? get_nonce(ask, ev) :
		 fail(EXIT_GENERAL, "the attestation key is not what was asked for");
	if (!status)
		status = quote(tpm, key, ask->pcrs, ev);
	Esys_Free(public);
	tpm_flush(tpm, &key);
	if (!status && !ask->pcrs && !read_nv(tpm, NV_EK_ECC, &ev->ek_certificate))
		read_nv(tpm, NV_EK_RSA, &ev->ek_certificate);
	return status;
}

int fw_quote_ask(struct fw_evidence *ev, const struct fw_ask *ask)
{
	struct tpm tpm;
	int status = tpm_open(&tpm);

	if (status)
		return status;
	status = take(&tpm, ask, ev);
	tpm_close(&tpm);
	return status;
}

int fw_quote_take(struct fw_evidence *ev, const uint8_t *nonce,
		  size_t nonce_size)
{
	const struct fw_ask ask = { 0 };

	if (!keep(&ev->nonce, nonce, nonce_size))
		return fail(EXIT_GENERAL, "out of memory");
	return fw_quote_ask(ev, &ask);
}
