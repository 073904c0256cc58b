// SPDX-License-Identifier: GPL-2.0-only
/* Evidence against a reference. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose.h"
#include "verdict.h"

#define FAULTS_SHOWN	4

static int add(struct fw_judgement *of, enum fw_kind kind, const char *subject,
	       const char *what)
{
	return fw_judgement_add(of, kind, subject, "%s", what);
}

/* ---- the quote */

static const enum fw_kind quote_kinds[FW_QUOTES] = {
	[FW_QUOTE_GOOD] = FW_FINE,
	[FW_QUOTE_NONE] = FW_QUOTE_MISSING,
	[FW_QUOTE_MALFORMED] = FW_QUOTE_UNREADABLE,
	[FW_QUOTE_SIGNATURE] = FW_QUOTE_FORGED,
	[FW_QUOTE_NONCE] = FW_QUOTE_REPLAYED,
	[FW_QUOTE_KEY] = FW_OTHER_TPM,
	[FW_QUOTE_PCRS] = FW_QUOTE_FORGED,
	[FW_QUOTE_RESTRICTED] = FW_QUOTE_FORGED,
};

/* Whose key has signed has to be known, and that it signed now. */
static int judge_origin(struct fw_judgement *of, const struct fw_reference *ref,
			const struct fw_demand *demand)
{
	int ret = 0;

	if (ref->machine_count && !of->machine)
		ret = add(of, FW_OTHER_TPM, "key",
			  "the key that signed is of none of the reference's machines");
	else if (!ref->machine_count && !demand->any_key)
		ret = add(of, FW_KEY_UNKNOWN, "key",
			  "the reference names no machine's key");
	if (!ret && !demand->nonce && !demand->any_age)
		ret = add(of, FW_QUOTE_STALE, "quote",
			  "it was not asked for with a nonce that is known here");
	return ret;
}

static int judge_quote(struct fw_judgement *of, const struct fw_evidence *ev,
		       const struct fw_reference *ref,
		       const struct fw_demand *demand, struct fw_pcrs *quoted)
{
	enum fw_quote quote;

	of->machine = fw_reference_machine(ref, ev->key_name);
	quote = fw_quote_check(ev, demand->nonce, demand->nonce_size,
			       of->machine ? of->machine->key_name : NULL,
			       quoted, &of->reset_count, &of->restart_count);
	if (quote == FW_QUOTE_NONE)
		return fw_judgement_add(of, FW_QUOTE_MISSING, "quote", "%s%s%s",
					fw_quote_text(quote),
					*ev->missing ? ": " : "", ev->missing);
	if (add(of, quote_kinds[quote], "quote", fw_quote_text(quote)))
		return -ENOMEM;
	of->quote_good = quote == FW_QUOTE_GOOD;
	return of->quote_good ? judge_origin(of, ref, demand) : 0;
}

/* ---- PCRs */

static int judge_pcr(struct fw_judgement *of, const struct fw_eventlog *log,
		     unsigned int bank, unsigned int pcr,
		     const struct fw_pcrs *replayed,
		     const struct fw_pcrs *quoted)
{
	const struct fw_digest *value = &quoted->value[bank][pcr];
	char subject[16], why[FW_DIAGNOSIS];

	snprintf(subject, sizeof(subject), "pcr.%u", pcr);
	if (!value->size)
		return fw_judgement_add(of, FW_PCR_UNQUOTED, subject,
					"bank %s: not in the quote",
					fw_bank_name(bank));
	if (!fw_digest_equal(value, &replayed->value[bank][pcr])) {
		fw_diagnose(log, (enum fw_bank)bank, pcr, value, why);
		return fw_judgement_add(of, FW_PCR_DIFFERS, subject,
					"bank %s: the log does not lead to the value that the TPM has: %s",
					fw_bank_name(bank), why);
	}
	return fw_judgement_add(of, FW_FINE, subject,
				"bank %s: as the log says", fw_bank_name(bank));
}

/*
 * A bank that the reference does not compare, but that both log and quote have:
 * a log that is wrong there was changed as well.
 */
static int judge_other_bank(struct fw_judgement *of,
			    const struct fw_eventlog *log, unsigned int bank,
			    const struct fw_reference *ref,
			    const struct fw_pcrs *replayed,
			    const struct fw_pcrs *quoted)
{
	unsigned int pcr;
	int ret = 0;

	for (pcr = 0; !ret && pcr < FW_PCRS; pcr++)
		if (ref->pcrs & 1U << pcr && quoted->value[bank][pcr].size &&
		    !fw_digest_equal(&quoted->value[bank][pcr],
				     &replayed->value[bank][pcr]))
			ret = judge_pcr(of, log, bank, pcr, replayed, quoted);
	return ret;
}

static int judge_pcrs(struct fw_judgement *of, const struct fw_eventlog *log,
		      const struct fw_reference *ref,
		      const struct fw_pcrs *quoted)
{
	struct fw_pcrs replayed;
	unsigned int bank, pcr;
	int ret = 0;

	fw_eventlog_replay(log, log->count, &replayed);
	for (bank = 0; !ret && bank < FW_BANKS; bank++) {
		if (!ref->bank[bank]) {
			if (log->bank[bank])
				ret = judge_other_bank(of, log, bank, ref,
						       &replayed, quoted);
			continue;
		}
		if (!log->bank[bank]) {
			ret = fw_judgement_add(of, FW_LOG_UNREADABLE, "event-log",
					       "it has no digests of bank %s",
					       fw_bank_name(bank));
			continue;
		}
		for (pcr = 0; !ret && pcr < FW_PCRS; pcr++)
			if (ref->pcrs & 1U << pcr)
				ret = judge_pcr(of, log, bank, pcr, &replayed,
						quoted);
	}
	return ret;
}

/* ---- components */

/* Is its PCR one that the log has to account for? */
static bool counts(const struct fw_reference *ref,
		   const struct fw_component *component)
{
	return component->pcr < FW_PCRS && ref->pcrs & 1U << component->pcr;
}

static int judge_missing(struct fw_judgement *of,
			 const struct fw_components *components,
			 const struct fw_reference *ref)
{
	size_t i, c;
	int ret = 0;

	for (i = 0; !ret && i < ref->entry_count; i++) {
		const struct fw_entry *entry = &ref->entries[i];
		bool there = false;

		for (c = 0; !there && c < components->count; c++)
			there = counts(ref, &components->list[c]) &&
				fw_entry_covers(entry,
						components->list[c].name);
		if (entry->required && !there)
			ret = fw_judgement_add(of, FW_GONE, entry->name,
					       "was not measured%s%s",
					       entry->value_count &&
					       entry->values[0].text ? ": " : "",
					       entry->value_count &&
					       entry->values[0].text ?
					       entry->values[0].text : "");
	}
	return ret;
}

static int judge_components(struct fw_judgement *of,
			    const struct fw_components *components,
			    const struct fw_reference *ref)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < components->count; i++) {
		const struct fw_component *one = &components->list[i];

		if (counts(ref, one))
			ret = fw_judge_component(of, one,
						 fw_reference_find(ref, one->name),
						 ref);
		else
			ret = fw_judgement_add(of, FW_NOT_JUDGED, one->name,
					       "PCR %u is left out", one->pcr);
	}
	return ret ? ret : judge_missing(of, components, ref);
}

static int judge_faults(struct fw_judgement *of, const struct fw_eventlog *log)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < log->fault_count && i < FAULTS_SHOWN; i++)
		ret = fw_judgement_add(of, FW_LOG_UNREADABLE, "event-log",
				       "event %zu, byte %zu: %s",
				       log->faults[i].event,
				       log->faults[i].offset,
				       log->faults[i].what);
	if (!ret && log->fault_count > FAULTS_SHOWN)
		ret = fw_judgement_add(of, FW_LOG_UNREADABLE, "event-log",
				       "and %zu more",
				       log->fault_count - FAULTS_SHOWN);
	return ret;
}

static int judge_log(struct fw_judgement *of, const struct fw_evidence *ev,
		     const struct fw_reference *ref,
		     const struct fw_pcrs *quoted)
{
	struct fw_components components = { 0 };
	struct fw_eventlog log;
	int ret;

	if (!ev->event_log.size)
		return add(of, FW_LOG_MISSING, "event-log", *ev->missing ?
			   ev->missing : "the machine gave none");
	ret = fw_eventlog_parse(ev->event_log.data, ev->event_log.size, &log);
	if (ret)
		return ret == -ENOMEM ? ret :
		       add(of, FW_LOG_UNREADABLE, "event-log",
			   "not even its header can be read");
	ret = judge_faults(of, &log);
	if (!ret && of->quote_good)
		ret = judge_pcrs(of, &log, ref, quoted);
	if (!ret)
		ret = fw_components_of(&log, &components);
	if (!ret)
		ret = judge_components(of, &components, ref);
	fw_components_free(&components);
	fw_eventlog_free(&log);
	return ret;
}

/* ---- the host */

static int judge_host(struct fw_judgement *of, const struct fw_evidence *ev,
		      const char *name)
{
	struct json_object *check = NULL, *state = NULL, *value = NULL;
	const char *word = "not in the evidence", *text = "";
	char subject[64];

	snprintf(subject, sizeof(subject), "host.%s", name);
	if (json_object_is_type(ev->host_checks, json_type_object) &&
	    json_object_object_get_ex(ev->host_checks, name, &check) &&
	    json_object_object_get_ex(check, "state", &state) &&
	    json_object_is_type(state, json_type_string))
		word = json_object_get_string(state);
	if (check && json_object_object_get_ex(check, "value", &value) &&
	    json_object_is_type(value, json_type_string))
		text = json_object_get_string(value);
	return fw_judgement_add(of, !strcmp(word, "ok") ? FW_FINE :
				!strcmp(word, "bad") ? FW_HOST_BAD :
				FW_HOST_UNREAD, subject, "%.40s%s%s", word,
				*text ? ": " : "", text);
}

int fw_judge(const struct fw_evidence *ev, const struct fw_reference *ref,
	     const struct fw_demand *demand, struct fw_judgement *of)
{
	struct fw_pcrs *quoted = calloc(1, sizeof(*quoted));
	size_t i;
	int ret;

	memset(of, 0, sizeof(*of));
	if (!quoted)
		return -ENOMEM;
	ret = judge_quote(of, ev, ref, demand, quoted);
	if (!ret)
		ret = judge_log(of, ev, ref, quoted);
	if (!ret)
		ret = fw_judge_ima(of, ev, ref, of->quote_good ? quoted : NULL);
	for (i = 0; !ret && i < ref->host_count; i++)
		ret = judge_host(of, ev, ref->host[i]);
	free(quoted);
	if (ret)
		fw_judgement_free(of);
	return ret;
}
