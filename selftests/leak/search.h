/* SPDX-License-Identifier: GPL-2.0-only */
/* One pass over a memory dump and what it found. */
#ifndef PK_LEAK_SEARCH_H
#define PK_LEAK_SEARCH_H

#include "pattern.h"
#include "schedule.h"

#define MAX_LISTED	10

struct hit {
	size_t at;
	size_t size;
	enum form form;
	bool fragment;
};

/* What one dump holds of one secret. */
struct finding {
	size_t whole[FORM_COUNT];
	size_t fragments;	/* runs of bytes of the secret, in any order */
	size_t schedule_fragments;	/* runs of bytes of its round keys */
	size_t longest;		/* fragment, in bytes */
	struct hit hits[MAX_LISTED];
	size_t listed;
};

struct search {
	const struct secrets *secrets;
	const struct patterns *patterns;
	/* what this dump gave */
	size_t size;
	struct finding *findings;	/* one per secret */
	struct schedule *schedules;
	size_t schedule_count;
};

/* 0 or a negative errno; the caller frees with search_free(). */
int search_file(struct search *search, const char *file);
void search_free(struct search *search);

static inline size_t finding_total(const struct finding *finding)
{
	size_t total = finding->fragments + finding->schedule_fragments;

	for (int form = 0; form < FORM_COUNT; form++)
		total += finding->whole[form];
	return total;
}

/*
 * The secret that a schedule's key is part of; NULL if it is none of them.
 */
const struct secret *search_owner(const struct search *search,
				  const struct schedule *schedule);

#endif
