/* SPDX-License-Identifier: GPL-2.0-only */
/* Evidence against a reference: what is to be thought of a boot, and why. */
#ifndef PROTKEY_FW_VERDICT_H
#define PROTKEY_FW_VERDICT_H

#include "evidence.h"
#include "reference.h"

/* The worst of all findings is the verdict of the whole: the last of these. */
enum fw_verdict {
	FW_TRUSTED,
	FW_UNKNOWN_COMPONENT,	/* something that no reference speaks of */
	FW_NO_EVIDENCE,		/* nothing that a TPM vouches for */
	FW_LOG_FAULT,		/* the log cannot be followed */
	FW_TAMPERED,		/* it contradicts the TPM or the reference */
	FW_VERDICTS
};

enum fw_kind {
	FW_FINE,
	FW_NOT_JUDGED,		/* its PCR is none of the reference's */
	FW_QUOTE_MISSING, FW_QUOTE_UNREADABLE, FW_QUOTE_FORGED,
	FW_QUOTE_REPLAYED, FW_QUOTE_STALE, FW_OTHER_TPM, FW_KEY_UNKNOWN,
	FW_PCR_UNQUOTED, FW_PCR_DIFFERS, FW_TPM_RESET,
	FW_LOG_MISSING, FW_LOG_UNREADABLE, FW_TEXT_FORGED,
	FW_CHANGED, FW_WEAKENED, FW_FORBIDDEN, FW_GONE, FW_STRANGE,
	FW_IMA_MISSING, FW_IMA_UNREADABLE, FW_IMA_FORGED, FW_IMA_VIOLATED,
	FW_IMA_STRANGE,
	FW_HOST_BAD, FW_HOST_UNREAD,
	FW_KINDS
};

struct fw_finding {
	enum fw_kind kind;
	char subject[80];	/* a component's name, "quote", "pcr.4" ... */
	char what[256];		/* what was found, in words */
};

struct fw_judgement {
	enum fw_verdict verdict;
	struct fw_finding *list;	/* components in the log's order, the rest */
	size_t count;
	size_t of[FW_VERDICTS];		/* how many of each */
	bool quote_good;
	uint32_t reset_count, restart_count;	/* if so */
	const struct fw_machine *machine;	/* whose key it is; may be NULL */
};

/* Of whom and when the evidence has to be. */
struct fw_demand {
	const uint8_t *nonce;	/* NULL: none is known, so it may be old */
	size_t nonce_size;
	bool any_age;		/* old or not does not matter */
	bool any_key;		/* the key need not be one of the reference */
};

/* 0 or -ENOMEM; @ref has to outlive @of. */
int fw_judge(const struct fw_evidence *ev, const struct fw_reference *ref,
	     const struct fw_demand *demand, struct fw_judgement *of);
void fw_judgement_free(struct fw_judgement *of);

/* For what another than fw_judge() finds.  0 or -ENOMEM. */
int fw_judgement_add(struct fw_judgement *of, enum fw_kind kind,
		     const char *subject, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* What is no printable ASCII becomes "?". */
void fw_tame(char *text);

const char *fw_verdict_name(enum fw_verdict verdict);	/* for people */
const char *fw_verdict_word(enum fw_verdict verdict);	/* for scripts */
enum fw_verdict fw_kind_verdict(enum fw_kind kind);
const char *fw_kind_word(enum fw_kind kind);
/* What it means and what to do about it; NULL when there is nothing to say. */
const char *fw_kind_meaning(enum fw_kind kind);
const char *fw_kind_advice(enum fw_kind kind);

/* ---- parts of fw_judge() */

/* What @component is by @entry, NULL if there is none (rule.c). */
int fw_judge_component(struct fw_judgement *of,
		       const struct fw_component *component,
		       const struct fw_entry *entry,
		       const struct fw_reference *ref);
/* IMA's list, @quoted NULL if there are no PCRs to believe (verdict_ima.c). */
int fw_judge_ima(struct fw_judgement *of, const struct fw_evidence *ev,
		 const struct fw_reference *ref, const struct fw_pcrs *quoted);

#endif
