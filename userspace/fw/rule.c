// SPDX-License-Identifier: GPL-2.0-only
/* One component against its entry in the reference. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verdict.h"

#define PARTING_SHOWN	40
/* An SBAT level has a line for each component, ended by ";" in a reference. */
#define LINE_ENDS	"\n;"
#define VERSION_LINE	128

/* What a person sees of a component: its text, or else a digest's beginning. */
static const char *said(const struct fw_component *component, char text[200])
{
	const struct fw_digest *digest = NULL;
	unsigned int bank;
	int at;

	if (component->text && *component->text) {
		snprintf(text, 200, "%s", component->text);
		return text;
	}
	for (bank = 0; bank < FW_BANKS && !(digest && digest->size); bank++)
		digest = &component->digests.bank[bank == FW_SHA1 ? FW_SHA256 :
						  bank == FW_SHA256 ? FW_SHA1 :
						  bank];
	if (!digest || !digest->size) {
		strcpy(text, "no digest");
		return text;
	}
	at = sprintf(text, "digest ");
	fw_hex_encode(digest->bytes, 8, text + at);
	strcat(text, "...");
	return text;
}

/*
 * Does @value stand for @component, in every bank of the reference?  A value
 * that is only text counts where the text was measured.
 */
static bool value_is(const struct fw_value *value,
		     const struct fw_component *component,
		     const struct fw_reference *ref)
{
	bool compared = false;
	unsigned int bank;

	for (bank = 0; bank < FW_BANKS; bank++) {
		if (!ref->bank[bank] || !value->digests.bank[bank].size)
			continue;
		if (!fw_digest_equal(&value->digests.bank[bank],
				     &component->digests.bank[bank]))
			return false;
		compared = true;
	}
	if (compared)
		return true;
	return component->data_measured && component->text && value->text &&
	       !strcmp(component->text, value->text);
}

/*
 * Where two texts part, with some words before: command lines are long, and what
 * was added to them is at their end.
 */
static size_t parting(const char *a, const char *b)
{
	size_t at = 0;

	while (a[at] && a[at] == b[at])
		at++;
	return at > PARTING_SHOWN ? at - PARTING_SHOWN : 0;
}

static int judge_changed(struct fw_judgement *of,
			 const struct fw_component *component,
			 const char *accepted)
{
	size_t at = parting(component->text, accepted);
	const char *dots = at ? "..." : "";

	return fw_judgement_add(of, FW_CHANGED, component->name,
				"%s%.105s (accepted: %s%.105s)", dots,
				component->text + at, dots, accepted + at);
}

static int judge_equal(struct fw_judgement *of,
		       const struct fw_component *component,
		       const struct fw_entry *entry,
		       const struct fw_reference *ref)
{
	char text[200];
	size_t i;

	for (i = 0; i < entry->value_count; i++)
		if (value_is(&entry->values[i], component, ref))
			return fw_judgement_add(of, FW_FINE, component->name,
						"%s", said(component, text));
	if (entry->value_count == 1 && entry->values[0].text &&
	    component->text && strcmp(entry->values[0].text, component->text))
		return judge_changed(of, component, entry->values[0].text);
	return fw_judgement_add(of, FW_CHANGED, component->name,
				"%s is none of the %zu accepted",
				said(component, text), entry->value_count);
}

static bool listed(char **list, size_t count, const char *text)
{
	while (count)
		if (!strcmp(list[--count], text))
			return true;
	return false;
}

/* How many of @a are not in @b, and the first. */
static size_t lacking(char **a, size_t a_count, char **b, size_t b_count,
		      const char **first)
{
	size_t i, count = 0;

	for (i = 0; i < a_count; i++) {
		if (listed(b, b_count, a[i]))
			continue;
		if (!count++)
			*first = a[i];
	}
	return count;
}

static int judge_list(struct fw_judgement *of,
		      const struct fw_component *component,
		      const struct fw_entry *entry)
{
	bool superset = entry->rule == FW_RULE_SUPERSET;
	const char *first = NULL;
	size_t count;

	if (!component->data_measured)
		return fw_judgement_add(of, FW_TEXT_FORGED, component->name,
					"its list is not what was measured");
	if (superset)
		count = lacking(entry->signatures, entry->signature_count,
				component->signatures,
				component->signature_count, &first);
	else
		count = lacking(component->signatures,
				component->signature_count, entry->signatures,
				entry->signature_count, &first);
	if (!count)
		return fw_judgement_add(of, FW_FINE, component->name,
					"%zu entries",
					component->signature_count);
	return fw_judgement_add(of, superset ? FW_WEAKENED : FW_CHANGED,
				component->name, superset ?
				"%zu required entries are not in it, as %.90s" :
				"%zu entries that are not accepted, as %.90s",
				count, first);
}

/* The next run of digits or of others in @at, and how long it is. */
static size_t run_of(const char *at, bool digits)
{
	size_t size = 0;

	while (at[size] && !!isdigit((unsigned char)at[size]) == digits)
		size++;
	return size;
}

static int compare_digits(const char *a, size_t a_size, const char *b,
			  size_t b_size)
{
	for (; a_size && *a == '0'; a_size--)
		a++;
	for (; b_size && *b == '0'; b_size--)
		b++;
	return a_size != b_size ? (a_size < b_size ? -1 : 1) :
	       memcmp(a, b, a_size);
}

/*
 * Is @have of the same name as @floor and not older?  Numbers count as numbers;
 * what is between them must be the same, or no order is known.  Numbers behind
 * the floor's last are a later version.
 */
static bool line_at_least(const char *have, const char *floor)
{
	bool digits = false;

	while (*floor) {
		size_t a = run_of(have, digits), b = run_of(floor, digits);
		int order;

		if (digits) {
			order = a && b ? compare_digits(have, a, floor, b) : -1;
			if (order)
				return order > 0;
		} else if (a < b || (a > b && floor[b]) ||
			   strncmp(have, floor, b)) {
			return false;
		}
		have += a;
		floor += b;
		digits = !digits;
	}
	return true;
}

/* The next line of @*at, which it moves behind it; false at the end. */
static bool next_line(const char **at, char line[VERSION_LINE])
{
	size_t size;

	*at += strspn(*at, LINE_ENDS);
	size = strcspn(*at, LINE_ENDS);
	if (!size)
		return false;
	snprintf(line, VERSION_LINE, "%.*s", (int)size, *at);
	*at += size;
	return true;
}

bool fw_version_at_least(const char *have, const char *floor)
{
	char wanted[VERSION_LINE], line[VERSION_LINE];
	const char *at;
	bool found;

	while (next_line(&floor, wanted)) {
		found = false;
		for (at = have; !found && next_line(&at, line);)
			found = line_at_least(line, wanted);
		if (!found)
			return false;
	}
	return true;
}

static int judge_version(struct fw_judgement *of,
			 const struct fw_component *component,
			 const struct fw_entry *entry)
{
	if (!component->data_measured)
		return fw_judgement_add(of, FW_TEXT_FORGED, component->name,
					"its version is not what was measured");
	if (!component->version)
		return fw_judgement_add(of, FW_WEAKENED, component->name,
					"has no version; %.90s or later is wanted",
					entry->version);
	return fw_judgement_add(of, fw_version_at_least(component->version,
							entry->version) ? FW_FINE :
				FW_WEAKENED, component->name,
				"%.100s (%.100s or later is wanted)",
				component->version, entry->version);
}

int fw_judge_component(struct fw_judgement *of,
		       const struct fw_component *component,
		       const struct fw_entry *entry,
		       const struct fw_reference *ref)
{
	char text[200];

	if (component->data_must_measure && !component->data_measured)
		return fw_judgement_add(of, FW_TEXT_FORGED, component->name,
					"the log says %.180s, which is not what was measured",
					said(component, text));
	if (!entry)
		return fw_judgement_add(of, FW_STRANGE, component->name,
					"PCR %u: %s", component->pcr,
					said(component, text));
	switch (entry->rule) {
	case FW_RULE_EQUAL:
		return judge_equal(of, component, entry, ref);
	case FW_RULE_SUPERSET:
	case FW_RULE_SUBSET:
		return judge_list(of, component, entry);
	case FW_RULE_AT_LEAST:
		return judge_version(of, component, entry);
	case FW_RULE_ANY:
		return fw_judgement_add(of, FW_FINE, component->name,
					"volatile: %s", said(component, text));
	default:
		return fw_judgement_add(of, FW_FORBIDDEN, component->name,
					"%s", said(component, text));
	}
}
