// SPDX-License-Identifier: GPL-2.0-only
/* A demanded boot: what is demanded, and the TPM's answer; see measured.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "fw_quote.h"
#include "measured.h"
#include "tpm.h"
#include "../fw/digest.h"

#define PCRS_DEFAULT	"4,7,8,9"
#define EVIDENCE_MAX	(64U << 20)

bool measured_given(const struct measured_options *options)
{
	return options->demand || options->add || options->none;
}

/* ---- digests of boots ------------------------------------------------------- */

/* pcrDigest of a quote over @pcrs; false if one of them is not among the values. */
static bool digest_of(const struct fw_pcrs *values, uint32_t pcrs, uint8_t digest[32])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	unsigned int pcr;

	for (pcr = 0; good && pcr < TPM_PCRS; pcr++) {
		const struct fw_digest *value = &values->value[FW_SHA256][pcr];

		if (pcrs >> pcr & 1)
			good = value->size == TPM_DIGEST &&
			       EVP_DigestUpdate(ctx, value->bytes, value->size);
	}
	good = good && EVP_DigestFinal_ex(ctx, digest, NULL);
	EVP_MD_CTX_free(ctx);
	return good;
}

static int accept(struct protkey_measured *m, const uint8_t digest[32])
{
	unsigned int i;

	for (i = 0; i < m->count; i++)
		if (!memcmp(m->accepted[i], digest, sizeof(m->accepted[i])))
			return EXIT_OK;
	if (m->count == PROTKEY_ACCEPTED_MAX)
		return fail(EXIT_USAGE, "at most %d boots can be accepted: --demand begins anew",
			    PROTKEY_ACCEPTED_MAX);
	memcpy(m->accepted[m->count++], digest, sizeof(m->accepted[0]));
	return EXIT_OK;
}

/* Of another machine, or of this one earlier: only what a TPM has signed counts. */
static int accept_evidence(struct protkey_measured *m, const char *path)
{
	struct fw_evidence ev = { 0 };
	struct fw_pcrs quoted;
	uint8_t digest[32];
	char why[160];
	enum fw_quote quote;
	void *text;
	size_t size;
	int status, ret = file_load(path, EVIDENCE_MAX, &text, &size);

	if (ret)
		return fail_errno(ret, path);
	ret = fw_evidence_parse(text, size, &ev, why);
	free(text);
	if (ret)
		return fail(EXIT_DAMAGED, "%s: neither a digest of %d hex digits nor evidence of `protkey fw measure`: %s",
			    path, 2 * TPM_DIGEST, why);
	quote = fw_quote_check(&ev, NULL, 0, NULL, &quoted, NULL, NULL);
	if (quote != FW_QUOTE_GOOD)
		status = fail(EXIT_FW_EVIDENCE, "%s: the quote: %s", path,
			      fw_quote_text(quote));
	else if (!digest_of(&quoted, m->pcrs, digest))
		status = fail(EXIT_FW_EVIDENCE, "%s: has not all of the PCRs in its quote",
			      path);
	else
		status = accept(m, digest);
	fw_evidence_free(&ev);
	return status;
}

static int accept_value(struct protkey_measured *m, const char *value)
{
	uint8_t digest[TPM_DIGEST];

	if (strlen(value) == 2 * TPM_DIGEST &&
	    fw_hex_decode(value, digest, sizeof(digest)))
		return accept(m, digest);
	return accept_evidence(m, value);
}

/* ---- what is demanded ---------------------------------------------------------- */

static void warn_empty(const struct fw_pcrs *pcrs, uint32_t selected)
{
	char text[TPM_PCRS_ROOM];
	uint32_t empty = 0;
	unsigned int pcr;

	for (pcr = 0; pcr < TPM_PCRS; pcr++)
		if (selected >> pcr & 1 &&
		    all_zero(pcrs->value[FW_SHA256][pcr].bytes, TPM_DIGEST))
			empty |= 1U << pcr;
	if (empty)
		warn("nothing was measured into PCR %s on this machine: what it stands for is not demanded",
		     tpm_pcrs_text(empty, text));
}

/* Debian's 6.1 has no ECDSA: the module could not verify with such a key. */
static bool kernel_has_ecdsa(void)
{
	FILE *file = fopen("/proc/crypto", "re");
	char line[128];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = !strncmp(line, "name ", 5) && strstr(line, ": ecdsa-nist-p256\n");
	if (file)
		fclose(file);
	return found;
}

/* TPMT_PUBLIC begins with its algorithm. */
static bool is_rsa(const struct protkey_measured *m)
{
	return m->key[0] == TPM2_ALG_RSA >> 8 && m->key[1] == (TPM2_ALG_RSA & 0xff);
}

/* What is learnt here is checked at every unlock: any nonce will do. */
static int any_nonce(void *arg, uint8_t nonce[FW_NONCE_SIZE])
{
	(void)arg;
	memset(nonce, 0, FW_NONCE_SIZE);
	return EXIT_OK;
}

/* This TPM's key and this boot. */
static int demand_this(const char *pcrs, struct protkey_measured *m)
{
	struct fw_ask ask = { .rsa = !kernel_has_ecdsa(), .nonce = any_nonce };
	struct fw_evidence ev = { 0 };
	uint8_t digest[TPM_DIGEST];
	int status;

	if (!tpm_pcrs_parse(pcrs, &m->pcrs) || !m->pcrs ||
	    m->pcrs & PROTKEY_PCRS_NEVER)
		return fail(EXIT_USAGE, "--pcrs wants a list of 0 to 23, as 4,7,8,9, without 16 and 23, which anybody can reset");
	ask.pcrs = m->pcrs;
	status = fw_quote_ask(&ev, &ask);
	/* without the size that TPM2B_PUBLIC has before it */
	if (!status && (ev.key.size < 2 || ev.key.size - 2 > sizeof(m->key) ||
			!digest_of(&ev.pcrs, m->pcrs, digest)))
		status = fail(EXIT_FW_EVIDENCE, "the TPM has no SHA-256 bank with these PCRs");
	if (!status) {
		m->key_size = (__u16)(ev.key.size - 2);
		memcpy(m->key, ev.key.data + 2, m->key_size);
		warn_empty(&ev.pcrs, m->pcrs);
		status = accept(m, digest);
	}
	fw_evidence_free(&ev);
	return status;
}

static int begin(const struct measured_options *options,
		 const struct protkey_state *state, struct protkey_measured *m)
{
	int ret;

	memset(m, 0, sizeof(*m));
	if (options->demand)
		return demand_this(options->pcrs ? options->pcrs : PCRS_DEFAULT, m);
	ret = protkey_state_measured(state, m);
	if (ret == -ENOENT)
		return fail(EXIT_NOT_FOUND, "the domain demands no measured boot: --demand first");
	return ret ? fail_errno(ret, "sealed state") : EXIT_OK;
}

int measured_fill(const struct measured_options *options, char **values, int count,
		  const struct protkey_state *state,
		  struct protkey_measured *measured)
{
	int i, status;

	if (options->demand + options->add + options->none != 1 ||
	    (options->pcrs && !options->demand) || (options->none && count) ||
	    (options->add && !count))
		return fail(EXIT_USAGE, "one of --demand (with --pcrs and VALUE... if wanted), --add VALUE... and --none");
	if (options->none) {
		memset(measured, 0, sizeof(*measured));
		return EXIT_OK;
	}
	status = begin(options, state, measured);
	for (i = 0; !status && i < count; i++)
		status = accept_value(measured, values[i]);
	return status;
}

/* ---- the TPM's answer ----------------------------------------------------------- */

static int module_nonce(void *arg, uint8_t nonce[FW_NONCE_SIZE])
{
	int ret = protkey_nonce(*(int *)arg, nonce);

	return ret ? fail_errno(ret, "a nonce from the module") : EXIT_OK;
}

int measured_answer(int control, const struct protkey_state *state)
{
	struct fw_ask ask = { .nonce = module_nonce, .arg = &control };
	struct fw_evidence ev = { 0 };
	struct protkey_measured m;
	int ret, status;

	if (protkey_state_measured(state, &m))
		return EXIT_OK;
	ask.pcrs = m.pcrs;
	ask.rsa = is_rsa(&m);
	progress_start("asking the TPM what booted");
	status = fw_quote_ask(&ev, &ask);
	progress_stop();
	ret = status ? 0 : protkey_quote(control, ev.attest.data, ev.attest.size,
					 ev.signature.data, ev.signature.size);
	fw_evidence_free(&ev);
	return ret ? fail_errno(ret, "the TPM's quote") : status;
}

int fail_measured(int err, const char *name, const char *doing)
{
	switch (-err) {
	case ENODATA:
		return fail(EXIT_REFUSED, "cannot %s domain '%s': it demands a measured boot, and got no quote of a TPM",
			    doing, name);
	case ETIMEDOUT:
		return fail(EXIT_REFUSED, "cannot %s domain '%s': the TPM took longer for its quote than %d seconds: try again",
			    doing, name, PROTKEY_NONCE_SECONDS);
	case EREMOTEIO:
		return fail(EXIT_REFUSED, "cannot %s domain '%s': the quote is not by the attestation key that it demands: another TPM, or one that was cleared, or whose endorsement hierarchy got a password (`protkey domain measured %s` shows the key, `protkey fw measure` this machine's)",
			    doing, name, name);
	case EREMCHG:
		return fail(EXIT_REFUSED, "cannot %s domain '%s': this machine did not boot what it demands: `protkey fw check` says what changed; start what it demands, and accept an update there before it is installed (`protkey domain measured %s --add`)",
			    doing, name, name);
	case ENOPKG:
		return fail(EXIT_REFUSED, "cannot %s domain '%s': this kernel cannot verify the TPM's signature (ECDSA on P-256: modprobe ecdsa_generic, or start a kernel that has it)",
			    doing, name);
	default:
		return fail_domain(err, name, doing);
	}
}
