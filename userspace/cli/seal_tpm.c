// SPDX-License-Identifier: GPL-2.0-only
/*
 * A KEK held by the TPM: a sealed object below the storage root key, with the
 * policy PolicyPCR and, with a PIN, PolicyAuthValue.  It holds the KEK under a pad
 * that is in NV memory, if there is a share.  What the TPM needs to
 * load it again is kept in the domain's state: struct pk_seal_tpm.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <tss2/tss2_mu.h>

#include "seal.h"
#include "sealdata.h"
#include "tpm.h"

/* What the PCR is extended with after an unattended unseal. */
static const char once_event[] = "protkey unattended unseal v1";
static const char pin_label[] = "protkey pin v1";

typedef uint8_t pcr_values[TPM_PCRS][TPM_DIGEST];

static void sha256(const void *a, size_t a_size, const void *b, size_t b_size,
		   uint8_t digest[TPM_DIGEST])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	EVP_DigestUpdate(ctx, a, a_size);
	EVP_DigestUpdate(ctx, b, b_size);
	EVP_DigestFinal_ex(ctx, digest, NULL);
	EVP_MD_CTX_free(ctx);
}

static void once_digest(uint8_t digest[TPM_DIGEST])
{
	sha256(once_event, sizeof(once_event) - 1, "", 0, digest);
}

/* The PIN never reaches the TPM as it is, and two slots with one PIN differ. */
static void pin_auth(const struct protkey_seal_params *params,
		     const struct passphrase *pin, TPM2B_AUTH *auth)
{
	uint8_t salt[sizeof(pin_label) - 1 + sizeof(params->salt)];

	memcpy(salt, pin_label, sizeof(pin_label) - 1);
	memcpy(salt + sizeof(pin_label) - 1, params->salt,
	       sizeof(params->salt));
	auth->size = TPM_DIGEST;
	sha256(salt, sizeof(salt), pin->data, pin->size, auth->buffer);
}

/* ---- policy -------------------------------------------------------------- */

static void policy_digest(const pcr_values values, uint32_t pcrs,
			  TPM2B_DIGEST *digest)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned int pcr;

	EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	for (pcr = 0; pcr < TPM_PCRS; pcr++)
		if (pcrs & (1U << pcr))
			EVP_DigestUpdate(ctx, values[pcr], TPM_DIGEST);
	digest->size = TPM_DIGEST;
	EVP_DigestFinal_ex(ctx, digest->buffer, NULL);
	EVP_MD_CTX_free(ctx);
}

/* @expected: NULL for the values that the TPM has now. */
static TSS2_RC apply_policy(struct tpm *tpm, ESYS_TR session, uint32_t pcrs,
			    const TPM2B_DIGEST *expected, bool pin)
{
	const TPM2B_DIGEST now = { 0 };
	TPML_PCR_SELECTION selection;
	TSS2_RC rc = TSS2_RC_SUCCESS;

	tpm_pcr_selection(pcrs, &selection);
	if (pcrs)
		rc = Esys_PolicyPCR(tpm->esys, session, ESYS_TR_NONE,
				    ESYS_TR_NONE, ESYS_TR_NONE,
				    expected ? expected : &now, &selection);
	if (!rc && pin)
		rc = Esys_PolicyAuthValue(tpm->esys, session, ESYS_TR_NONE,
					  ESYS_TR_NONE, ESYS_TR_NONE);
	return rc;
}

static TSS2_RC trial_policy(struct tpm *tpm, const pcr_values values,
			    const struct seal_tpm_policy *policy,
			    TPM2B_DIGEST *result)
{
	TPM2B_DIGEST pcr_digest, *digest = NULL;
	ESYS_TR trial;
	TSS2_RC rc;

	policy_digest(values, policy->pcrs, &pcr_digest);
	rc = tpm_session(tpm, TPM2_SE_TRIAL, &trial);
	if (!rc)
		rc = apply_policy(tpm, trial, policy->pcrs, &pcr_digest,
				  policy->pin);
	if (!rc)
		rc = Esys_PolicyGetDigest(tpm->esys, trial, ESYS_TR_NONE,
					  ESYS_TR_NONE, ESYS_TR_NONE, &digest);
	if (!rc)
		*result = *digest;
	Esys_Free(digest);
	tpm_flush(tpm, &trial);
	return rc;
}

/*
 * The value that the once-PCR has at boot.  If an unattended unseal has extended
 * it in this boot already, that was from zeros.
 */
static int once_boot_value(pcr_values values, unsigned int pcr)
{
	static const uint8_t zero[TPM_DIGEST];
	uint8_t event[TPM_DIGEST], spent[TPM_DIGEST];

	once_digest(event);
	sha256(zero, sizeof(zero), event, sizeof(event), spent);
	if (!memcmp(values[pcr], spent, sizeof(spent)))
		memset(values[pcr], 0, TPM_DIGEST);
	if (all_zero(values[pcr], TPM_DIGEST))
		return EXIT_OK;
	return fail(EXIT_REFUSED, "PCR %u has been extended by something else: choose another for --once-pcr (11, 12, 13 or 15 are free on most machines that boot by GRUB)",
		    pcr);
}

static void warn_empty(const pcr_values values,
		       const struct seal_tpm_policy *policy)
{
	uint32_t empty = 0, pcrs = policy->pcrs;
	char text[TPM_PCRS_ROOM];
	unsigned int pcr;

	if (!policy->pin)
		pcrs &= ~(1U << policy->once_pcr);
	for (pcr = 0; pcr < TPM_PCRS; pcr++)
		if (pcrs & (1U << pcr) && all_zero(values[pcr], TPM_DIGEST))
			empty |= 1U << pcr;
	if (empty)
		warn("nothing was measured into PCR %s on this machine: what it stands for is not covered by this slot (see protkey-domain(1))",
		     tpm_pcrs_text(empty, text));
}

/* ---- making -------------------------------------------------------------- */

static TSS2_RC create(struct tpm *tpm, const __u8 *kek, const TPM2B_AUTH *auth,
		      const TPM2B_DIGEST *policy, TPM2B_PUBLIC **public,
		      TPM2B_PRIVATE **private)
{
	TPM2B_PUBLIC template = {
		.publicArea = {
			.type = TPM2_ALG_KEYEDHASH,
			.nameAlg = TPM2_ALG_SHA256,
			/* a PIN is under the TPM's lock-out */
			.objectAttributes = TPMA_OBJECT_FIXEDTPM |
				TPMA_OBJECT_FIXEDPARENT |
				(auth->size ? 0 : TPMA_OBJECT_NODA),
			.authPolicy = *policy,
			.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL,
		},
	};
	const TPML_PCR_SELECTION none = { 0 };
	const TPM2B_DATA outside = { 0 };
	TPM2B_SENSITIVE_CREATE *secret = protkey_secret_alloc(sizeof(*secret));
	ESYS_TR session;
	TSS2_RC rc;

	if (!secret)
		return TSS2_ESYS_RC_MEMORY;
	secret->sensitive.userAuth = *auth;
	secret->sensitive.data.size = PROTKEY_KEK_SIZE;
	memcpy(secret->sensitive.data.buffer, kek, PROTKEY_KEK_SIZE);
	rc = tpm_session(tpm, TPM2_SE_HMAC, &session);
	if (!rc)
		rc = Esys_Create(tpm->esys, tpm->srk, session, ESYS_TR_NONE,
				 ESYS_TR_NONE, secret, &template, &outside,
				 &none, private, public, NULL, NULL, NULL);
	tpm_flush(tpm, &session);
	protkey_secret_free(secret, sizeof(*secret));
	return rc;
}

static TSS2_RC write_data(const struct tpm *tpm, const pcr_values values,
			  const struct seal_tpm_policy *policy, uint32_t share,
			  const TPM2B_PUBLIC *public,
			  const TPM2B_PRIVATE *private, void *data, size_t *size)
{
	size_t at = sizeof(struct pk_seal_tpm), before;
	struct pk_seal_tpm *head = data;
	unsigned int pcr;
	TSS2_RC rc;

	memset(head, 0, sizeof(*head));
	head->version = htole16(PK_SEAL_TPM_VERSION);
	head->flags = htole16(policy->pin ? PK_SEAL_TPM_PIN : PK_SEAL_TPM_ONCE);
	head->parent = htole32(tpm->srk_handle);
	head->pcrs = htole32(policy->pcrs);
	head->once_pcr = htole32(policy->pin ? 0 : policy->once_pcr);
	head->share = htole32(share);
	memcpy(head->parent_name, tpm->srk_name, TPM_DIGEST);
	for (pcr = 0; pcr < TPM_PCRS; pcr++) {
		if (!(policy->pcrs & (1U << pcr)))
			continue;
		memcpy((uint8_t *)data + at, values[pcr], TPM_DIGEST);
		at += TPM_DIGEST;
	}
	before = at;
	rc = Tss2_MU_TPM2B_PUBLIC_Marshal(public, data, PROTKEY_SEAL_DATA_MAX,
					  &at);
	head->public_size = htole16((uint16_t)(at - before));
	before = at;
	if (!rc)
		rc = Tss2_MU_TPM2B_PRIVATE_Marshal(private, data,
						   PROTKEY_SEAL_DATA_MAX, &at);
	head->private_size = htole16((uint16_t)(at - before));
	*size = at;
	return rc;
}

/* @kek := @kek ^ @share, which is wiped. */
static void pad(__u8 *kek, uint8_t *share)
{
	unsigned int i;

	for (i = 0; i < PROTKEY_KEK_SIZE; i++)
		kek[i] ^= share[i];
	protkey_secret_wipe(share, TPM_DIGEST);
}

/* Seal @kek, or, with a share in NV memory, what it is under that. */
static TSS2_RC make_object(struct tpm *tpm, const __u8 *kek,
			   const struct seal_tpm_policy *policy,
			   const TPM2B_AUTH *auth, const TPM2B_DIGEST *digest,
			   TPM2B_PUBLIC **public, TPM2B_PRIVATE **private,
			   uint32_t *index)
{
	__u8 *padded = protkey_secret_alloc(PROTKEY_KEK_SIZE + TPM_DIGEST);
	TSS2_RC rc = TSS2_RC_SUCCESS;

	if (!padded)
		return TSS2_ESYS_RC_MEMORY;
	memcpy(padded, kek, PROTKEY_KEK_SIZE);
	if (policy->share) {
		rc = tpm_share_make(tpm, index, padded + PROTKEY_KEK_SIZE);
		pad(padded, padded + PROTKEY_KEK_SIZE);
	}
	if (!rc)
		rc = create(tpm, padded, auth, digest, public, private);
	if (rc && *index)
		tpm_share_destroy(tpm, *index);
	protkey_secret_free(padded, PROTKEY_KEK_SIZE + TPM_DIGEST);
	return rc;
}

static int make(struct tpm *tpm, const struct protkey_seal_params *params,
		const __u8 *kek, const struct seal_tpm_policy *policy,
		void *data, size_t *size)
{
	TPM2B_PRIVATE *private = NULL;
	TPM2B_PUBLIC *public = NULL;
	TPM2B_AUTH auth = { 0 };
	pcr_values values = { 0 };
	TPM2B_DIGEST digest;
	uint32_t index = 0;
	TSS2_RC rc;

	rc = tpm_pcr_read(tpm, policy->pcrs, values);
	if (rc)
		return tpm_fail(tpm, rc, "read the TPM's SHA-256 PCRs");
	if (!policy->pin && once_boot_value(values, policy->once_pcr))
		return EXIT_REFUSED;
	warn_empty(values, policy);
	if (policy->pin)
		pin_auth(params, policy->pin, &auth);
	rc = trial_policy(tpm, values, policy, &digest);
	if (!rc)
		rc = make_object(tpm, kek, policy, &auth, &digest, &public,
				 &private, &index);
	protkey_secret_wipe(&auth, sizeof(auth));
	if (!rc)
		rc = write_data(tpm, values, policy, index, public, private,
				data, size);
	Esys_Free(public);
	Esys_Free(private);
	return rc ? tpm_fail(tpm, rc, "seal a key with the TPM") : EXIT_OK;
}

int seal_tpm_make(const struct protkey_seal_params *params, const __u8 *kek,
		  const struct seal_tpm_policy *policy, void *data,
		  size_t *size)
{
	struct tpm tpm;
	int status = tpm_open(&tpm);

	if (status)
		return status;
	status = tpm_srk_open(&tpm, TPM_SRK_ANY);
	if (!status)
		status = make(&tpm, params, kek, policy, data, size);
	tpm_close(&tpm);
	return status;
}

/* ---- opening ------------------------------------------------------------- */

static uint32_t data_flags(const void *data)
{
	return le16toh(((const struct pk_seal_tpm *)data)->flags);
}

bool seal_tpm_wants_pin(const void *data)
{
	return data_flags(data) & PK_SEAL_TPM_PIN;
}

/* Which PCRs are not as they were enrolled. */
static uint32_t changed_pcrs(struct tpm *tpm, const struct pk_seal_tpm *head)
{
	const uint8_t *enrolled = (const uint8_t *)(head + 1);
	uint32_t pcrs = le32toh(head->pcrs), changed = 0;
	pcr_values now = { 0 };
	unsigned int pcr;

	if (tpm_pcr_read(tpm, pcrs, now))
		return 0;
	for (pcr = 0; pcr < TPM_PCRS; pcr++) {
		if (!(pcrs & (1U << pcr)))
			continue;
		if (memcmp(now[pcr], enrolled, TPM_DIGEST))
			changed |= 1U << pcr;
		enrolled += TPM_DIGEST;
	}
	return changed;
}

static int fail_pcrs(struct tpm *tpm, const struct pk_seal_tpm *head,
		     unsigned int slot)
{
	uint32_t changed = changed_pcrs(tpm, head);
	char text[TPM_PCRS_ROOM];

	if (data_flags(head) & PK_SEAL_TPM_ONCE &&
	    changed == 1U << le32toh(head->once_pcr))
		return fail(EXIT_REFUSED, "slot %u was opened without a person once since this machine started, and opens so only once: give a passphrase or PIN (--passphrase-file, --pin-file, or on a terminal), or restart",
			    slot);
	return fail(EXIT_REFUSED, "slot %u does not open: PCR %s changed since it was added (4, 8, 9: boot loader, kernel, its command line, initrd; 7: Secure Boot's keys; 0-3: firmware). If you did that, unlock by another slot, then add a new TPM slot and remove this one",
		    slot, changed ? tpm_pcrs_text(changed, text) : "values");
}

static TSS2_RC load(struct tpm *tpm, const struct pk_seal_tpm *head,
		    ESYS_TR *object)
{
	size_t public_size = le16toh(head->public_size), at = 0;
	const uint8_t *parts = (const uint8_t *)(head + 1) +
		(size_t)__builtin_popcount(le32toh(head->pcrs)) * TPM_DIGEST;
	TPM2B_PRIVATE private = { 0 };
	TPM2B_PUBLIC public = { 0 };
	ESYS_TR session;
	TSS2_RC rc;

	rc = Tss2_MU_TPM2B_PUBLIC_Unmarshal(parts, public_size, &at, &public);
	at = 0;
	if (!rc)
		rc = Tss2_MU_TPM2B_PRIVATE_Unmarshal(parts + public_size,
						     le16toh(head->private_size),
						     &at, &private);
	if (rc)
		return TPM2_RC_INTEGRITY;
	rc = tpm_session(tpm, TPM2_SE_HMAC, &session);
	if (!rc)
		rc = Esys_Load(tpm->esys, tpm->srk, session, ESYS_TR_NONE,
			       ESYS_TR_NONE, &private, &public, object);
	tpm_flush(tpm, &session);
	return rc;
}

static TSS2_RC unseal(struct tpm *tpm, const struct pk_seal_tpm *head,
		      ESYS_TR object, const TPM2B_AUTH *auth, __u8 *kek)
{
	TPM2B_SENSITIVE_DATA *secret = NULL;
	ESYS_TR session;
	TSS2_RC rc;

	rc = tpm_session(tpm, TPM2_SE_POLICY, &session);
	if (!rc)
		rc = apply_policy(tpm, session, le32toh(head->pcrs), NULL,
				  auth->size);
	if (!rc && auth->size)
		rc = Esys_TR_SetAuth(tpm->esys, object, auth);
	if (!rc)
		rc = Esys_Unseal(tpm->esys, object, session, ESYS_TR_NONE,
				 ESYS_TR_NONE, &secret);
	if (!rc && secret->size == PROTKEY_KEK_SIZE)
		memcpy(kek, secret->buffer, PROTKEY_KEK_SIZE);
	else if (!rc)
		rc = TPM2_RC_INTEGRITY;
	if (secret)
		protkey_secret_wipe(secret, sizeof(*secret));
	Esys_Free(secret);
	tpm_flush(tpm, &session);
	return rc;
}

bool seal_tpm_has_share(const void *data)
{
	return ((const struct pk_seal_tpm *)data)->share != 0;
}

static int take_pad_off(struct tpm *tpm, unsigned int slot,
			const struct pk_seal_tpm *head, __u8 *kek)
{
	uint8_t *share = protkey_secret_alloc(TPM_DIGEST);
	TSS2_RC rc;

	if (!share)
		return fail_errno(-errno, "locked memory");
	rc = tpm_share_read(tpm, le32toh(head->share), share);
	if (!rc)
		pad(kek, share);
	else
		protkey_secret_wipe(kek, PROTKEY_KEK_SIZE);
	protkey_secret_free(share, TPM_DIGEST);
	if (!rc)
		return EXIT_OK;
	return fail(EXIT_AUTH, "slot %u does not open: the TPM no longer has its share (0x%08x): the domain was zeroized, the slot removed, or the TPM cleared (error 0x%x)",
		    slot, le32toh(head->share), rc);
}

int seal_tpm_destroy(const void *data)
{
	const struct pk_seal_tpm *head = data;
	struct tpm tpm;
	TSS2_RC rc;
	int status;

	if (!seal_tpm_has_share(data))
		return EXIT_OK;
	status = tpm_open(&tpm);
	if (status)
		return status;
	rc = tpm_share_destroy(&tpm, le32toh(head->share));
	/* gone is gone */
	if (rc && tpm_code(rc) != TPM2_RC_HANDLE)
		status = tpm_fail(&tpm, rc, "destroy the TPM's share");
	/* there is no storage root key to be flushed */
	tpm.srk_handle = head->share;
	tpm_close(&tpm);
	return status;
}

/* From here on the KEK cannot be had again in this boot, or we give none. */
static int spend(struct tpm *tpm, const struct pk_seal_tpm *head, __u8 *kek)
{
	uint8_t event[TPM_DIGEST];
	TSS2_RC rc;

	if (!(data_flags(head) & PK_SEAL_TPM_ONCE))
		return EXIT_OK;
	once_digest(event);
	rc = tpm_pcr_extend(tpm, le32toh(head->once_pcr), event);
	if (!rc)
		return EXIT_OK;
	protkey_secret_wipe(kek, PROTKEY_KEK_SIZE);
	return tpm_fail(tpm, rc, "extend a PCR, without which the slot could be opened again");
}

static int open_object(struct tpm *tpm, unsigned int slot,
		       const struct pk_seal_tpm *head, const TPM2B_AUTH *auth,
		       __u8 *kek)
{
	ESYS_TR object = ESYS_TR_NONE;
	char doing[48];
	TSS2_RC rc;

	snprintf(doing, sizeof(doing), "open slot %u", slot);
	/* also whom we encrypt to: nobody on the bus can stand in for the TPM */
	if (memcmp(tpm->srk_name, head->parent_name, TPM_DIGEST))
		return tpm_fail(tpm, TPM2_RC_INTEGRITY, doing);
	rc = load(tpm, head, &object);
	if (!rc)
		rc = unseal(tpm, head, object, auth, kek);
	tpm_flush(tpm, &object);
	if (tpm_code(rc) == TPM2_RC_POLICY_FAIL ||
	    tpm_code(rc) == TPM2_RC_PCR_CHANGED)
		return fail_pcrs(tpm, head, slot);
	if (rc)
		return tpm_fail(tpm, rc, doing);
	if (seal_tpm_has_share(head) && take_pad_off(tpm, slot, head, kek))
		return EXIT_AUTH;
	return spend(tpm, head, kek);
}

int seal_tpm_open(unsigned int slot, const struct protkey_seal_params *params,
		  const void *data, const struct passphrase *pin, __u8 *kek)
{
	const struct pk_seal_tpm *head = data;
	TPM2B_AUTH auth = { 0 };
	struct tpm tpm;
	int status = tpm_open(&tpm);

	if (status)
		return status;
	status = tpm_srk_open(&tpm, le32toh(head->parent));
	if (!status && pin)
		pin_auth(params, pin, &auth);
	if (!status)
		status = open_object(&tpm, slot, head, &auth, kek);
	protkey_secret_wipe(&auth, sizeof(auth));
	tpm_close(&tpm);
	return status;
}

struct json_object *seal_tpm_json(const void *data)
{
	struct json_object *obj = json_object_new_object();
	const struct pk_seal_tpm *head = data;
	char text[TPM_PCRS_ROOM];

	json_add_text(obj, "pcrs", tpm_pcrs_text(le32toh(head->pcrs), text));
	json_add_bool(obj, "pin", seal_tpm_wants_pin(data));
	if (data_flags(data) & PK_SEAL_TPM_ONCE)
		json_add_number(obj, "once_pcr", le32toh(head->once_pcr));
	json_add_number(obj, "parent", le32toh(head->parent));
	json_add_number(obj, "share", le32toh(head->share));
	return obj;
}
