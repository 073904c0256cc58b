/* SPDX-License-Identifier: GPL-2.0-only */
/* What was found, as a table for people or as JSON for scripts. */
#ifndef PK_LEAK_REPORT_H
#define PK_LEAK_REPORT_H

#include "search.h"

struct totals {
	size_t whole, parts, reversed, fragments, longest;
	size_t schedule, schedule_fragments, states, spread;
	size_t aes_schedules, aes_schedules_unknown;
	size_t hits;	/* all of a known secret */
};

struct report {
	bool json;
	size_t dumps;
	struct totals total;
};

void report_begin(struct report *report, const struct search *search);
void report_dump(struct report *report, const char *file, const struct search *search);
void report_end(struct report *report);

#endif
