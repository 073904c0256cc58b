// SPDX-License-Identifier: GPL-2.0-only
/* Findings: each kind's verdict, what it means, what to do. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verdict.h"

#define REBOOT_FROM_MEDIA \
	"switch the machine off, look for the cause with a system from other media, and do not enter secrets before"
#define ALLOW_IT \
	"if it was changed on purpose: allow it (`protkey fw reference allow`, or `add --from` a boot that you trust) and sign; else treat the machine as broken into"
#define AGAIN \
	"measure again (`protkey fw measure`) with a nonce of `protkey fw challenge`"

static const struct {
	const char *word;
	enum fw_verdict verdict;
	const char *meaning, *advice;
} kinds[FW_KINDS] = {
	[FW_FINE] = { "fine", FW_TRUSTED, NULL, NULL },
	[FW_NOT_JUDGED] = { "not-judged", FW_TRUSTED,
		"the reference leaves this PCR out", NULL },
	[FW_QUOTE_MISSING] = { "quote-missing", FW_NO_EVIDENCE,
		"no TPM vouches for these values: anybody can have written them",
		"see that a TPM 2.0 is there and enabled in the firmware's setup, and that /dev/tpmrm0 can be opened" },
	[FW_QUOTE_UNREADABLE] = { "quote-unreadable", FW_NO_EVIDENCE,
		"the TPM's statement is damaged", AGAIN },
	[FW_QUOTE_FORGED] = { "quote-forged", FW_TAMPERED,
		"the TPM did not sign this: the evidence was changed or made up",
		AGAIN "; if it stays so, treat the machine as broken into" },
	[FW_QUOTE_REPLAYED] = { "quote-replayed", FW_TAMPERED,
		"it answers another question: old evidence, shown again",
		AGAIN "; if it stays so, treat the machine as broken into" },
	[FW_QUOTE_STALE] = { "quote-stale", FW_NO_EVIDENCE,
		"whether it is new cannot be told: a good boot of last year looks the same",
		"give the nonce that was asked with (--nonce, --state)" },
	[FW_OTHER_TPM] = { "other-tpm", FW_TAMPERED,
		"another TPM, or another key, speaks for this machine",
		"if the board was changed or the TPM cleared on purpose, enrol the new key (`protkey fw reference enrol`); else this machine is not the one that it says" },
	[FW_KEY_UNKNOWN] = { "key-unknown", FW_NO_EVIDENCE,
		"the reference names no machine, so any program could have made the key",
		"enrol the machine's key, taken from it in person: `protkey fw reference enrol`" },
	[FW_PCR_UNQUOTED] = { "pcr-unquoted", FW_NO_EVIDENCE,
		"the TPM says nothing of a PCR that the reference wants",
		"enable the PCR bank in the firmware's setup, or make the reference for the banks that there are" },
	[FW_PCR_DIFFERS] = { "pcr-differs", FW_TAMPERED,
		"the log does not tell what the TPM saw: an event is missing, added, moved or changed",
		REBOOT_FROM_MEDIA },
	[FW_TPM_RESET] = { "tpm-reset", FW_TAMPERED,
		"the TPM was started again while the system went on: its PCRs can have been filled with anything since",
		REBOOT_FROM_MEDIA },
	[FW_LOG_MISSING] = { "log-missing", FW_NO_EVIDENCE,
		"without the firmware's log nobody knows what the PCRs are made of",
		"see that securityfs is mounted (/sys/kernel/security/tpm0/binary_bios_measurements) and that you are root" },
	[FW_LOG_UNREADABLE] = { "log-unreadable", FW_LOG_FAULT,
		"the log breaks the format: a fault of the firmware, or somebody cut it",
		"if it is so at each boot: update the firmware, and tell its maker; if it is new, treat it as tampering" },
	[FW_TEXT_FORGED] = { "text-forged", FW_TAMPERED,
		"the log says something else than what was measured: it was edited",
		REBOOT_FROM_MEDIA },
	[FW_CHANGED] = { "changed", FW_TAMPERED,
		"it is none of the values that the reference accepts", ALLOW_IT },
	[FW_WEAKENED] = { "weakened", FW_TAMPERED,
		"it allows more, or is older, than the reference wants",
		"put the newer version or the full list back; " ALLOW_IT },
	[FW_FORBIDDEN] = { "forbidden", FW_TAMPERED,
		"the reference says that this must not be there", ALLOW_IT },
	[FW_GONE] = { "gone", FW_TAMPERED,
		"what the reference requires was not measured: it was skipped",
		ALLOW_IT },
	[FW_STRANGE] = { "strange", FW_UNKNOWN_COMPONENT,
		"something took part in the boot that no reference speaks of",
		"find out what it is (a new device, an update); " ALLOW_IT },
	[FW_IMA_MISSING] = { "ima-missing", FW_NO_EVIDENCE,
		"the reference wants IMA's list of files, and there is none",
		"boot with ima_policy=tcb, and measure as root" },
	[FW_IMA_UNREADABLE] = { "ima-unreadable", FW_LOG_FAULT,
		"IMA's list breaks the format", AGAIN },
	[FW_IMA_FORGED] = { "ima-forged", FW_TAMPERED,
		"IMA's list does not tell what the TPM saw: it was edited",
		REBOOT_FROM_MEDIA },
	[FW_IMA_VIOLATED] = { "ima-violated", FW_TAMPERED,
		"a file was written while it was measured: what ran is not known",
		"find out who wrote it; restart the machine" },
	[FW_IMA_STRANGE] = { "ima-strange", FW_UNKNOWN_COMPONENT,
		"a file ran that no reference speaks of", ALLOW_IT },
	[FW_HOST_BAD] = { "host-bad", FW_TAMPERED,
		"a setting that the reference demands is not in force",
		"`protkey fw host NAME` says what to do" },
	[FW_HOST_UNREAD] = { "host-unread", FW_NO_EVIDENCE,
		"a setting that the reference demands could not be read",
		"measure as root; `protkey fw host NAME` says where it is read" },
};

static const struct {
	const char *name, *word;
} verdicts[FW_VERDICTS] = {
	[FW_TRUSTED] = { "trusted", "trusted" },
	[FW_UNKNOWN_COMPONENT] = { "unknown component", "unknown-component" },
	[FW_NO_EVIDENCE] = { "no evidence", "no-evidence" },
	[FW_LOG_FAULT] = { "log unreadable or firmware fault", "log-fault" },
	[FW_TAMPERED] = { "tampered", "tampered" },
};

const char *fw_verdict_name(enum fw_verdict verdict)
{
	return verdicts[verdict].name;
}

const char *fw_verdict_word(enum fw_verdict verdict)
{
	return verdicts[verdict].word;
}

enum fw_verdict fw_kind_verdict(enum fw_kind kind)
{
	return kinds[kind].verdict;
}

const char *fw_kind_word(enum fw_kind kind)
{
	return kinds[kind].word;
}

const char *fw_kind_meaning(enum fw_kind kind)
{
	return kinds[kind].meaning;
}

const char *fw_kind_advice(enum fw_kind kind)
{
	return kinds[kind].advice;
}

/* Logs and evidence are written by others: ASCII alone reaches a terminal. */
void fw_tame(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = *text == '\n' ? ';' : '?';
}

int fw_judgement_add(struct fw_judgement *of, enum fw_kind kind,
		     const char *subject, const char *fmt, ...)
{
	enum fw_verdict verdict = kinds[kind].verdict;
	struct fw_finding *more = reallocarray(of->list, of->count + 1,
					       sizeof(*more));
	va_list ap;

	/* it counts also when there is no room to say it */
	of->of[verdict]++;
	if (verdict > of->verdict)
		of->verdict = verdict;
	if (!more)
		return -ENOMEM;
	of->list = more;
	more = &of->list[of->count++];
	more->kind = kind;
	snprintf(more->subject, sizeof(more->subject), "%s", subject);
	va_start(ap, fmt);
	vsnprintf(more->what, sizeof(more->what), fmt, ap);
	va_end(ap);
	fw_tame(more->subject);
	fw_tame(more->what);
	return 0;
}

void fw_judgement_free(struct fw_judgement *of)
{
	free(of->list);
	memset(of, 0, sizeof(*of));
}
