// SPDX-License-Identifier: GPL-2.0-only
/* IMA's list of what ran, against a reference. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "verdict.h"

#define IMA_PCR		10
#define SHOWN		8	/* of a kind; the rest is counted */

/* Up to SHOWN findings of one kind. */
struct tally {
	struct fw_judgement *of;
	enum fw_kind kind;
	const char *what;
	size_t count;
};

static int tally_add(struct tally *tally, const struct fw_ima_entry *entry,
		     size_t number)
{
	int size = entry->path_size > 150 ? 150 : (int)entry->path_size;

	if (tally->count++ >= SHOWN)
		return 0;
	return fw_judgement_add(tally->of, tally->kind, "ima",
				"entry %zu, %.*s: %s", number, size,
				entry->path ? entry->path : "", tally->what);
}

static int tally_end(const struct tally *tally)
{
	if (tally->count <= SHOWN)
		return 0;
	return fw_judgement_add(tally->of, tally->kind, "ima",
				"and %zu more: %s", tally->count - SHOWN,
				tally->what);
}

/* The first entry is a hash of PCRs, and another one on each boot. */
static bool is_aggregate(const struct fw_ima_entry *entry)
{
	static const char name[] = "boot_aggregate";

	return entry->path_size == sizeof(name) - 1 &&
	       !memcmp(entry->path, name, sizeof(name) - 1);
}

static int judge_entries(struct fw_judgement *of, const struct fw_ima *ima,
			 const struct fw_reference *ref)
{
	struct tally forged = { of, FW_IMA_FORGED,
		"its fields are not what was measured", 0 };
	struct tally violated = { of, FW_IMA_VIOLATED,
		"was open for writing", 0 };
	struct tally strange = { of, FW_IMA_STRANGE,
		"no hash of it is accepted", 0 };
	int ret = 0;
	size_t i;

	for (i = 0; !ret && i < ima->count; i++) {
		const struct fw_ima_entry *entry = &ima->entries[i];

		if (entry->violation)
			ret = tally_add(&violated, entry, i);
		else if (!entry->consistent)
			ret = tally_add(&forged, entry, i);
		else if (ref->ima == FW_IMA_LISTED &&
			 !(i == 0 && is_aggregate(entry)) &&
			 !fw_reference_has_file(ref, entry->file_alg,
						&entry->file_hash))
			ret = tally_add(&strange, entry, i);
	}
	if (!ret)
		ret = tally_end(&forged);
	if (!ret)
		ret = tally_end(&violated);
	return ret ? ret : tally_end(&strange);
}

static int judge_replay(struct fw_judgement *of, const struct fw_ima *ima,
			const struct fw_reference *ref,
			const struct fw_pcrs *quoted)
{
	unsigned int bank;
	int ret = 0;

	for (bank = 0; !ret && bank < FW_BANKS; bank++) {
		const struct fw_digest *value = &quoted->value[bank][IMA_PCR];
		long entries;

		if (!ref->bank[bank])
			continue;
		entries = value->size ? fw_ima_replay(ima, bank, value) : -1;
		if (!value->size)
			ret = fw_judgement_add(of, FW_PCR_UNQUOTED, "pcr.10",
					       "bank %s: not in the quote",
					       fw_bank_name(bank));
		else if (entries < 0 || (!entries && ima->count))
			/* none of them: not measured, or the TPM was reset */
			ret = fw_judgement_add(of, FW_IMA_FORGED, "pcr.10",
					       "bank %s: the list does not lead to the value that the TPM has",
					       fw_bank_name(bank));
		else
			ret = fw_judgement_add(of, FW_FINE, "pcr.10",
					       "bank %s: as %ld of %zu entries say",
					       fw_bank_name(bank), entries,
					       ima->count);
	}
	return ret;
}

int fw_judge_ima(struct fw_judgement *of, const struct fw_evidence *ev,
		 const struct fw_reference *ref, const struct fw_pcrs *quoted)
{
	struct fw_ima ima;
	int ret;

	if (ref->ima == FW_IMA_IGNORE)
		return 0;
	if (!ev->ima_log.size)
		return fw_judgement_add(of, FW_IMA_MISSING, "ima",
					"the machine gave no list");
	ret = fw_ima_parse(ev->ima_log.data, ev->ima_log.size, &ima);
	if (ret)
		return ret == -ENOMEM ? ret :
		       fw_judgement_add(of, FW_IMA_UNREADABLE, "ima",
					"nothing of it can be read");
	if (ima.fault_count)
		ret = fw_judgement_add(of, FW_IMA_UNREADABLE, "ima",
				       "entry %zu, byte %zu: %s",
				       ima.faults[0].event, ima.faults[0].offset,
				       ima.faults[0].what);
	if (!ret && quoted)
		ret = judge_replay(of, &ima, ref, quoted);
	if (!ret)
		ret = judge_entries(of, &ima, ref);
	fw_ima_free(&ima);
	return ret;
}
