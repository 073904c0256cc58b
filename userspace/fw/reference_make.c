// SPDX-License-Identifier: GPL-2.0-only
/* References from boots that are known to be good. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference_make.h"

/* ---- is the boot one that a reference may be made from */

/*
 * A PCR behind 9 that nothing was measured into is still the system's to extend,
 * but shim's (14).
 */
#define EMPTY_TOO	0x43ffU

static uint32_t explained(const struct fw_reference *ref,
			  const struct fw_eventlog *log,
			  const struct fw_pcrs *quoted)
{
	uint32_t pcrs = ref->pcrs & EMPTY_TOO;
	struct fw_pcrs replayed;
	unsigned int bank, pcr;
	size_t i;

	for (i = 0; i < log->count; i++)
		if (log->events[i].pcr < FW_PCRS)
			pcrs |= ref->pcrs & 1U << log->events[i].pcr;
	fw_eventlog_replay(log, log->count, &replayed);
	for (bank = 0; bank < FW_BANKS; bank++) {
		for (pcr = 0; pcr < FW_PCRS; pcr++) {
			const struct fw_digest *value = &quoted->value[bank][pcr];

			/* also in banks that are there and not compared */
			if (ref->bank[bank] || (log->bank[bank] && value->size))
				if (!log->bank[bank] || !value->size ||
				    !fw_digest_equal(value,
						     &replayed.value[bank][pcr]))
					pcrs &= ~(1U << pcr);
		}
	}
	return pcrs;
}

int fw_reference_explained(const struct fw_reference *ref,
			   const struct fw_evidence *ev, uint32_t *pcrs,
			   char why[FW_WHY])
{
	struct fw_pcrs *quoted = calloc(1, sizeof(*quoted));
	struct fw_eventlog log;
	enum fw_quote quote;
	int ret = -ENOMEM;

	if (!quoted)
		return ret;
	quote = fw_quote_check(ev, NULL, 0, NULL, quoted, NULL, NULL);
	ret = fw_eventlog_parse(ev->event_log.data, ev->event_log.size, &log);
	if (quote != FW_QUOTE_GOOD) {
		if (!ret)
			fw_eventlog_free(&log);
		ret = fw_bad(why, "%s", fw_quote_text(quote));
	} else if (ret) {
		if (ret != -ENOMEM)
			ret = fw_bad(why, "its event log cannot be read");
	} else {
		if (log.fault_count)
			ret = fw_bad(why, "its event log, event %zu: %.100s",
				  log.faults[0].event, log.faults[0].what);
		*pcrs = explained(ref, &log, quoted);
		fw_eventlog_free(&log);
	}
	free(quoted);
	return ret;
}

int fw_reference_check_boot(const struct fw_reference *ref,
			    const struct fw_evidence *ev, char why[FW_WHY])
{
	uint32_t pcrs, missing;
	unsigned int pcr;
	int ret = fw_reference_explained(ref, ev, &pcrs, why);

	if (ret)
		return ret;
	missing = ref->pcrs & ~pcrs;
	for (pcr = 0; missing; pcr++, missing >>= 1)
		if (missing & 1)
			return fw_bad(why, "its event log does not lead to PCR %u in every bank",
				   pcr);
	return 0;
}

/* ---- entries */

/*
 * "gpt.2" is of the family "gpt.*": how many there are, and which number one
 * has, is nothing that a reference should hold.
 */
static void family_of(const char *name, char family[64])
{
	const char *dot = strrchr(name, '.');
	const char *at = dot ? dot + 1 : "";

	while (isxdigit((unsigned char)*at))
		at++;
	if (!dot || dot == name || at == dot + 1 || *at)
		snprintf(family, 64, "%s", name);
	else
		snprintf(family, 64, "%.*s.*", (int)(dot - name), name);
}

/* Of which bank entries hold digests is the reference's choice. */
static void pick(const struct fw_reference *ref, const struct fw_digests *from,
		 struct fw_digests *to)
{
	unsigned int bank;

	memset(to, 0, sizeof(*to));
	for (bank = 0; bank < FW_BANKS; bank++)
		if (ref->bank[bank])
			to->bank[bank] = from->bank[bank];
}

static enum fw_rule rule_for(const struct fw_component *component)
{
	static const char dbx[] = "dbx";
	size_t size = strlen(component->name);

	if (component->is_volatile)
		return FW_RULE_ANY;
	/* it grows with every update of the firmware's list */
	if (component->class == FW_CLASS_SECURE_BOOT && size >= 3 &&
	    !strcmp(component->name + size - 3, dbx) &&
	    component->data_measured)
		return FW_RULE_SUPERSET;
	/* SBAT's level: raised when shim is updated */
	if (component->class == FW_CLASS_SECURE_BOOT && component->version &&
	    *component->version && component->data_measured)
		return FW_RULE_AT_LEAST;
	return FW_RULE_EQUAL;
}

/* The floor, as a reference has it: lines ended by ";". */
static int set_version(struct fw_entry *entry, const char *version)
{
	char *copy = strdup(version), *at;

	if (!copy)
		return -ENOMEM;
	for (at = copy; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = ';';
	free(entry->version);
	entry->version = copy;
	return 0;
}

static int accept(struct fw_reference *ref, struct fw_entry *entry,
		  const struct fw_component *component)
{
	struct fw_digests digests;
	int ret = 0;
	size_t i;

	if (entry->rule == FW_RULE_EQUAL) {
		pick(ref, &component->digests, &digests);
		ret = fw_entry_accept(entry, &digests, component->text &&
				      *component->text ? component->text : NULL);
	} else if (entry->rule == FW_RULE_AT_LEAST) {
		ret = set_version(entry, component->version);
	} else if (entry->rule == FW_RULE_SUPERSET) {
		for (i = 0; !ret && i < component->signature_count; i++)
			ret = fw_entry_accept_signature(entry,
						component->signatures[i]);
	}
	return ret;
}

/* How many there are of these, and which number one has, is no matter. */
static bool is_member(const struct fw_component *component, enum fw_rule rule)
{
	static const char commands[] = "grub.command.";

	return rule == FW_RULE_ANY || component->class == FW_CLASS_CONFIG ||
	       !strncmp(component->name, commands, sizeof(commands) - 1);
}

static int begin(struct fw_reference *ref, const struct fw_component *component,
		 bool required)
{
	enum fw_rule rule = rule_for(component);
	bool family = is_member(component, rule);
	struct fw_entry *entry;
	char name[64];
	int ret;

	if (family)
		family_of(component->name, name);
	else
		snprintf(name, sizeof(name), "%s", component->name);
	entry = fw_reference_entry(ref, name);
	if (!entry) {
		entry = fw_reference_add(ref, name);
		if (!entry)
			return -ENOMEM;
		entry->class = component->class;
		entry->rule = rule;
		entry->required = required && !family;
	} else if (rule == FW_RULE_ANY && entry->rule == FW_RULE_EQUAL) {
		/* one of the family is volatile, this one is not */
		entry = fw_reference_add(ref, component->name);
		if (!entry)
			return -ENOMEM;
		entry->class = component->class;
		entry->rule = rule;
	}
	ret = accept(ref, entry, component);
	return ret == -EEXIST ? 0 : ret;
}

typedef int each_component(struct fw_reference *ref,
			   const struct fw_components *all, size_t at,
			   void *arg);

/* @each component of @ev whose PCR is one of the reference's. */
static int for_each(struct fw_reference *ref, const struct fw_evidence *ev,
		    each_component *each, void *arg)
{
	struct fw_components all = { 0 };
	struct fw_eventlog log;
	int ret = fw_eventlog_parse(ev->event_log.data, ev->event_log.size,
				    &log);
	size_t i;

	if (ret)
		return ret;
	ret = fw_components_of(&log, &all);
	for (i = 0; !ret && i < all.count; i++)
		if (all.list[i].pcr < FW_PCRS &&
		    ref->pcrs & 1U << all.list[i].pcr)
			ret = each(ref, &all, i, arg);
	fw_components_free(&all);
	fw_eventlog_free(&log);
	return ret;
}

static int start_one(struct fw_reference *ref, const struct fw_components *all,
		     size_t at, void *arg)
{
	(void)arg;
	return begin(ref, &all->list[at], true);
}

int fw_reference_start(struct fw_reference *ref, const struct fw_evidence *ev)
{
	return for_each(ref, ev, start_one, NULL);
}

/* ---- another boot */

static bool has(char *const *list, size_t count, const char *text)
{
	while (count)
		if (!strcmp(list[--count], text))
			return true;
	return false;
}

/* Require only what this boot's list has too; how many were dropped. */
static size_t intersect(struct fw_entry *entry,
			const struct fw_component *component)
{
	size_t i, kept = 0, before = entry->signature_count;

	for (i = 0; i < before; i++) {
		if (has(component->signatures, component->signature_count,
			entry->signatures[i]))
			entry->signatures[kept++] = entry->signatures[i];
		else
			free(entry->signatures[i]);
	}
	entry->signature_count = kept;
	return before - kept;
}

static int merge_one(struct fw_reference *ref, const struct fw_components *all,
		     size_t at, void *arg)
{
	const struct fw_component *component = &all->list[at];
	struct fw_entry *entry = fw_reference_find(ref, component->name);
	size_t *added = arg;
	int ret = 0;

	if (!entry) {
		++*added;
		return begin(ref, component, false);
	}
	if (entry->rule == FW_RULE_EQUAL)
		ret = accept(ref, entry, component);
	else if (entry->rule == FW_RULE_SUPERSET && component->data_measured)
		*added += intersect(entry, component);
	else if (entry->rule == FW_RULE_AT_LEAST && component->version &&
		 component->data_measured &&
		 !fw_version_at_least(component->version, entry->version))
		ret = set_version(entry, component->version);
	else
		return 0;
	if (ret == -EEXIST)
		return 0;
	*added += entry->rule != FW_RULE_SUPERSET;
	return ret;
}

struct presence {
	bool *there;
};

static int note_one(struct fw_reference *ref, const struct fw_components *all,
		    size_t at, void *arg)
{
	const struct presence *presence = arg;
	size_t i;

	for (i = 0; i < ref->entry_count; i++)
		if (fw_entry_covers(&ref->entries[i], all->list[at].name))
			presence->there[i] = true;
	return 0;
}

/* What this boot does without is not required. */
static int relax(struct fw_reference *ref, const struct fw_evidence *ev,
		 size_t *added)
{
	struct presence presence = {
		calloc(ref->entry_count + 1, sizeof(bool)) };
	int ret = presence.there ? for_each(ref, ev, note_one, &presence) :
		  -ENOMEM;
	size_t i;

	for (i = 0; !ret && i < ref->entry_count; i++) {
		if (!ref->entries[i].required || presence.there[i])
			continue;
		ref->entries[i].required = false;
		++*added;
	}
	free(presence.there);
	return ret;
}

int fw_reference_merge(struct fw_reference *ref, const struct fw_evidence *ev,
		       size_t *added)
{
	int ret;

	*added = 0;
	ret = relax(ref, ev, added);
	return ret ? ret : for_each(ref, ev, merge_one, added);
}

int fw_reference_accept_ima(struct fw_reference *ref,
			    const struct fw_evidence *ev, size_t *added)
{
	struct fw_ima ima;
	int ret = fw_ima_parse(ev->ima_log.data, ev->ima_log.size, &ima);
	size_t i;

	*added = 0;
	if (ret)
		return ret;
	for (i = 0; !ret && i < ima.count; i++) {
		const struct fw_ima_entry *entry = &ima.entries[i];

		if (entry->violation || !entry->consistent)
			continue;
		ret = fw_reference_accept_file(ref, entry->file_alg,
					       &entry->file_hash);
		*added += !ret;
		ret = ret == -EEXIST ? 0 : ret;
	}
	fw_ima_free(&ima);
	return ret;
}
