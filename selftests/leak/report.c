// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "report.h"

static const char *const form_names[FORM_COUNT] = {
	[FORM_WHOLE] = "whole",
	[FORM_PART] = "half",
	[FORM_REVERSED] = "reversed",
	[FORM_ENCRYPT] = "round-key",
	[FORM_DECRYPT] = "inverse-round-key",
	[FORM_STATE] = "hmac-state",
	[FORM_SPREAD] = "spread-word",
};

static void print_hex(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		printf("%02x", bytes[i]);
}

/* File names come from the user: keep the JSON well-formed whatever they are. */
static void print_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static struct totals totals_of(const struct finding *finding)
{
	return (struct totals){
		.whole = finding->whole[FORM_WHOLE],
		.parts = finding->whole[FORM_PART],
		.reversed = finding->whole[FORM_REVERSED],
		.fragments = finding->fragments,
		.longest = finding->longest,
		.schedule = finding->whole[FORM_ENCRYPT] + finding->whole[FORM_DECRYPT],
		.schedule_fragments = finding->schedule_fragments,
		.states = finding->whole[FORM_STATE],
		.spread = finding->whole[FORM_SPREAD],
		.hits = finding_total(finding),
	};
}

static void add_totals(struct totals *sum, const struct totals *totals)
{
	sum->whole += totals->whole;
	sum->parts += totals->parts;
	sum->reversed += totals->reversed;
	sum->fragments += totals->fragments;
	if (totals->longest > sum->longest)
		sum->longest = totals->longest;
	sum->schedule += totals->schedule;
	sum->schedule_fragments += totals->schedule_fragments;
	sum->states += totals->states;
	sum->spread += totals->spread;
	sum->aes_schedules += totals->aes_schedules;
	sum->aes_schedules_unknown += totals->aes_schedules_unknown;
	sum->hits += totals->hits;
}

static void json_totals(const struct totals *totals)
{
	printf("\"hits\":%zu,\"whole\":%zu,\"parts\":%zu,\"reversed\":%zu,"
	       "\"fragments\":%zu,\"longest_fragment\":%zu,\"schedule\":%zu,"
	       "\"schedule_fragments\":%zu,\"states\":%zu,\"spread_words\":%zu",
	       totals->hits, totals->whole, totals->parts, totals->reversed,
	       totals->fragments, totals->longest, totals->schedule,
	       totals->schedule_fragments, totals->states, totals->spread);
}

static void json_finding(const struct secret *secret, const struct finding *finding)
{
	struct totals totals = totals_of(finding);

	printf("{\"name\":");
	print_string(secret->name);
	printf(",\"size\":%zu,", secret->size);
	json_totals(&totals);
	printf(",\"at\":[");
	for (size_t i = 0; i < finding->listed; i++) {
		const struct hit *hit = &finding->hits[i];

		printf("%s{\"offset\":%zu,\"bytes\":%zu,\"form\":\"%s\",\"fragment\":%s}",
		       i ? "," : "", hit->at, hit->size, form_names[hit->form],
		       hit->fragment ? "true" : "false");
	}
	printf("]}");
}

static void json_schedule(const struct search *search, const struct schedule *schedule)
{
	const struct secret *owner = search_owner(search, schedule);

	printf("{\"offset\":%zu,\"bits\":%zu,\"order\":\"%s\",\"swapped\":%s,\"key\":\"",
	       schedule->at, schedule->key_size * 8,
	       schedule->inverse ? "decrypt" : "encrypt",
	       schedule->swapped ? "true" : "false");
	print_hex(schedule->key, schedule->key_size);
	printf("\",\"secret\":");
	if (owner)
		print_string(owner->name);
	else
		printf("null");
	putchar('}');
}

static void json_dump(size_t index, const char *file, const struct search *search)
{
	const char *comma = "";

	printf("%s\n{\"file\":", index ? "," : "");
	print_string(file);
	printf(",\"bytes\":%zu,\"found\":[", search->size);
	for (size_t i = 0; i < search->secrets->count; i++) {
		if (!finding_total(&search->findings[i]))
			continue;
		printf("%s\n ", comma);
		json_finding(&search->secrets->list[i], &search->findings[i]);
		comma = ",";
	}
	printf("],\"aes\":[");
	for (size_t i = 0; i < search->schedule_count; i++) {
		printf("%s\n ", i ? "," : "");
		json_schedule(search, &search->schedules[i]);
	}
	printf("]}");
}

static void table_finding(const struct secret *secret, const struct finding *finding)
{
	struct totals totals = totals_of(finding);

	printf("  %-28s %5zu %5zu %8zu %9zu %9zu %9zu\n", secret->name, totals.whole,
	       totals.parts, totals.reversed, totals.fragments,
	       totals.schedule + totals.states + totals.spread, totals.schedule_fragments);
	for (size_t i = 0; i < finding->listed; i++) {
		const struct hit *hit = &finding->hits[i];

		printf("    at 0x%zx: %zu bytes, %s%s\n", hit->at, hit->size,
		       hit->fragment ? "part of " : "", form_names[hit->form]);
	}
}

static void table_schedule(const struct search *search, const struct schedule *schedule)
{
	const struct secret *owner = search_owner(search, schedule);

	printf("  AES-%zu %s schedule at 0x%zx%s, key ", schedule->key_size * 8,
	       schedule->inverse ? "decryption" : "encryption", schedule->at,
	       schedule->swapped ? ", words swapped" : "");
	print_hex(schedule->key, schedule->key_size);
	printf(" (%s)\n", owner ? owner->name : "not one of the secrets");
}

static void table_dump(const char *file, const struct search *search,
		       const struct totals *totals)
{
	printf("%s: %zu MiB, ", file, search->size >> 20);
	if (!totals->hits && !search->schedule_count) {
		printf("nothing found\n");
		return;
	}
	printf("%zu hits, %zu AES schedules\n", totals->hits, search->schedule_count);
	if (totals->hits)
		printf("  %-28s %5s %5s %8s %9s %9s %9s\n", "secret", "whole", "half",
		       "reversed", "fragments", "roundkeys", "rk-parts");
	for (size_t i = 0; i < search->secrets->count; i++)
		if (finding_total(&search->findings[i]))
			table_finding(&search->secrets->list[i], &search->findings[i]);
	for (size_t i = 0; i < search->schedule_count; i++)
		table_schedule(search, &search->schedules[i]);
}

void report_begin(struct report *report, const struct search *search)
{
	const struct patterns *patterns = search->patterns;

	if (report->json)
		printf("{\"secrets\":%zu,\"duplicates\":%zu,\"public\":%zu,"
		       "\"patterns\":%zu,\"windows\":%zu,\"windows_skipped\":%zu,\"dumps\":[",
		       search->secrets->count, search->secrets->duplicates,
		       search->secrets->public, patterns->count, patterns->windows,
		       patterns->windows_skipped);
	else
		printf("%zu secrets (and %zu repeated, %zu public), %zu windows of %d bytes, %zu too uniform\n",
		       search->secrets->count, search->secrets->duplicates,
		       search->secrets->public, patterns->windows, WINDOW,
		       patterns->windows_skipped);
}

void report_dump(struct report *report, const char *file, const struct search *search)
{
	struct totals totals = { 0 };

	for (size_t i = 0; i < search->secrets->count; i++) {
		struct totals one = totals_of(&search->findings[i]);

		add_totals(&totals, &one);
	}
	totals.aes_schedules = search->schedule_count;
	for (size_t i = 0; i < search->schedule_count; i++)
		totals.aes_schedules_unknown +=
			!search_owner(search, &search->schedules[i]);
	if (report->json)
		json_dump(report->dumps, file, search);
	else
		table_dump(file, search, &totals);
	add_totals(&report->total, &totals);
	report->dumps++;
}

void report_end(struct report *report)
{
	const struct totals *total = &report->total;

	if (report->json) {
		printf("],\n\"total\":{");
		json_totals(total);
		printf(",\"aes_schedules\":%zu,\"aes_schedules_unknown\":%zu}}\n",
		       total->aes_schedules, total->aes_schedules_unknown);
	} else {
		printf("total: %zu hits in %zu dumps, %zu AES schedules, %zu of unknown keys\n",
		       total->hits, report->dumps, total->aes_schedules,
		       total->aes_schedules_unknown);
	}
}
