// SPDX-License-Identifier: GPL-2.0-only
/* Why a log does not lead to a PCR's value: see diagnose.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose.h"
#include "eventtype.h"

#define SEARCH_MAX	600	/* events of a PCR; the search is quadratic */
#define NONE		((size_t)-1)

struct chain {
	enum fw_bank bank;
	struct fw_digest start;
	const struct fw_event **events;
	size_t count;
};

static struct fw_digest extend_all(const struct chain *c, size_t count,
				   size_t without, size_t swapped)
{
	struct fw_digest value = c->start;
	size_t i;

	for (i = 0; i < count; i++) {
		size_t at = i == swapped ? i + 1 :
			    swapped != NONE && i == swapped + 1 ? i - 1 : i;

		if (i != without)
			fw_digest_extend(c->bank, &value,
					 &c->events[at]->digests.bank[c->bank]);
	}
	return value;
}

static bool leads_to(const struct chain *c, size_t count, size_t without,
		     size_t swapped, const struct fw_digest *value)
{
	struct fw_digest is = extend_all(c, count, without, swapped);

	return fw_digest_equal(&is, value);
}

static bool look_for_change(const struct chain *c, const struct fw_digest *value,
			    char why[FW_DIAGNOSIS])
{
	size_t i;

	for (i = 0; i < c->count; i++) {
		if (leads_to(c, i, NONE, NONE, value)) {
			snprintf(why, FW_DIAGNOSIS, "the log has %zu events more, from event %zu on",
				 c->count - i, c->events[i]->number);
			return true;
		}
		if (leads_to(c, c->count, i, NONE, value)) {
			snprintf(why, FW_DIAGNOSIS, "event %zu of the log was not measured",
				 c->events[i]->number);
			return true;
		}
		if (i + 1 < c->count && leads_to(c, c->count, NONE, i, value)) {
			snprintf(why, FW_DIAGNOSIS, "events %zu and %zu are in the wrong order",
				 c->events[i]->number, c->events[i + 1]->number);
			return true;
		}
	}
	return false;
}

static bool diagnose(const struct chain *c, const struct fw_digest *value,
		     char why[FW_DIAGNOSIS])
{
	if (leads_to(c, c->count, NONE, NONE, value))
		return true;
	if (c->count <= SEARCH_MAX && look_for_change(c, value, why))
		return false;
	snprintf(why, FW_DIAGNOSIS, "%s", c->count ?
		 "events are missing in the log, or were changed" :
		 "the log has no event of it");
	return false;
}

bool fw_diagnose(const struct fw_eventlog *log, enum fw_bank bank,
		 unsigned int pcr, const struct fw_digest *value,
		 char why[FW_DIAGNOSIS])
{
	struct chain c = { .bank = bank };
	struct fw_pcrs start;
	bool good;
	size_t i;

	c.events = calloc(log->count ? log->count : 1, sizeof(*c.events));
	if (!c.events) {
		snprintf(why, FW_DIAGNOSIS, "no memory to look for the reason");
		return false;
	}
	fw_eventlog_replay(log, 0, &start);
	c.start = start.value[bank][pcr];
	for (i = 0; i < log->count; i++) {
		const struct fw_event *event = &log->events[i];

		if (event->pcr == pcr && event->type != EV_NO_ACTION &&
		    event->digests.bank[bank].size)
			c.events[c.count++] = event;
	}
	why[0] = '\0';
	good = diagnose(&c, value, why);
	free(c.events);
	return good;
}
