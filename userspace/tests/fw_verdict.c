// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is thought of evidence whose event log was damaged on its way.
 *
 *	fw_verdict EVIDENCE REFERENCE STEP
 *
 * The log is cut off at every STEPth byte, and every STEPth bit of it is flipped;
 * each time there is a verdict.  Trusted it may only be where the bit is of what
 * nobody measured: the log's header, an event's type, a description beside a
 * digest, an old boot variable's name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eventtype.h"
#include "verdict.h"

#define ROOM	(4U << 20)

static struct fw_evidence ev;
static struct fw_reference ref;
static struct fw_demand demand = { .any_key = true };
/* By byte of the log: is it in a description that no digest speaks of? */
static bool *unmeasured;

static char *slurp(const char *path, size_t *size)
{
	char *text = malloc(ROOM);
	FILE *file = fopen(path, "rb");

	if (!text || !file)
		exit(2);
	*size = fread(text, 1, ROOM, file);
	fclose(file);
	return text;
}

static void load(const char *evidence, const char *reference)
{
	char why[FW_WHY > 160 ? FW_WHY : 160];
	size_t size;
	char *text = slurp(evidence, &size);

	if (fw_evidence_parse(text, size, &ev, why)) {
		printf("# %s\n", why);
		exit(2);
	}
	free(text);
	text = slurp(reference, &size);
	if (fw_reference_parse(text, size, &ref, why)) {
		printf("# %s\n", why);
		exit(2);
	}
	free(text);
	demand.nonce = ev.nonce.data;
	demand.nonce_size = ev.nonce.size;
}

/* Of a log of exactly that size, so that reading behind it is seen. */
static enum fw_verdict judge(const uint8_t *log, size_t size)
{
	struct fw_buffer good = ev.event_log;
	struct fw_judgement of;
	enum fw_verdict verdict;

	ev.event_log.data = malloc(size ? size : 1);
	if (!ev.event_log.data)
		exit(2);
	memcpy(ev.event_log.data, log, size);
	ev.event_log.size = size;
	if (fw_judge(&ev, &ref, &demand, &of))
		exit(2);
	verdict = of.verdict;
	fw_judgement_free(&of);
	free(ev.event_log.data);
	ev.event_log = good;
	return verdict;
}

static void mark(size_t from, size_t size)
{
	memset(unmeasured + from, true, size);
}

/*
 * Before profile 1.05 firmware hashed the value of a boot variable alone: its
 * name, behind GUID and lengths, is a claim.
 */
static void mark_name(const struct fw_event *event)
{
	size_t at = (size_t)(event->data - ev.event_log.data);
	const uint8_t *letters = event->data + 16;

	if (event->size >= 32 && 32 + 2U * letters[0] <= event->size)
		mark(at + 32, 2U * letters[0]);
}

static void find_unmeasured(void)
{
	const struct fw_buffer *raw = &ev.event_log;
	struct fw_components components;
	struct fw_eventlog log;
	size_t i;

	unmeasured = calloc(raw->size + 1, 1);
	if (!unmeasured || fw_eventlog_parse(raw->data, raw->size, &log) ||
	    fw_components_of(&log, &components))
		exit(2);
	for (i = 0; i < log.count; i++) {
		const struct fw_event *event = &log.events[i];

		/* two types may be one thing: drivers for boot or run time */
		mark(event->offset + 4, 4);
		if (event->type == EV_EFI_VARIABLE_BOOT)
			mark_name(event);
		if (event->type == EV_NO_ACTION)
			mark(event->offset, (size_t)(event->data - raw->data) +
			     event->size - event->offset);
	}
	for (i = 0; i < components.count; i++) {
		const struct fw_component *one = &components.list[i];
		const struct fw_event *event = &log.events[one->event];

		if (!one->data_must_measure)
			mark((size_t)(event->data - raw->data), event->size);
	}
	fw_components_free(&components);
	fw_eventlog_free(&log);
}

static unsigned int cut(size_t step)
{
	unsigned int wrong = 0, count = 0;
	size_t i;

	for (i = 0; i < ev.event_log.size; i += step, count++) {
		if (judge(ev.event_log.data, i) == FW_TRUSTED) {
			printf("# trusted: cut off at %zu\n", i);
			wrong++;
		}
	}
	printf("# cut off: %u times\n", count);
	return wrong;
}

static unsigned int flip(size_t step)
{
	unsigned int count[FW_VERDICTS] = { 0 }, wrong = 0;
	size_t bits = 8 * ev.event_log.size, i;
	uint8_t *data = ev.event_log.data;
	enum fw_verdict verdict;

	for (i = 0; i < bits; i += step) {
		data[i / 8] ^= (uint8_t)(1U << i % 8);
		verdict = judge(data, ev.event_log.size);
		data[i / 8] ^= (uint8_t)(1U << i % 8);
		count[verdict]++;
		if (verdict == FW_TRUSTED && !unmeasured[i / 8]) {
			printf("# trusted: bit %zu of byte %zu\n", i % 8, i / 8);
			wrong++;
		}
	}
	printf("# flipped:");
	for (i = 0; i < FW_VERDICTS; i++)
		printf(" %u %s%s", count[i],
		       fw_verdict_name((enum fw_verdict)i),
		       i == FW_TRUSTED ? " (none of it measured);" : ",");
	printf("\n");
	return wrong;
}

int main(int argc, char **argv)
{
	unsigned int wrong;
	size_t step;

	if (argc != 4)
		return 2;
	load(argv[1], argv[2]);
	step = strtoul(argv[3], NULL, 0);
	if (judge(ev.event_log.data, ev.event_log.size) != FW_TRUSTED) {
		printf("# the log itself is not trusted\n");
		return 2;
	}
	find_unmeasured();
	wrong = cut(step) + flip(step);
	free(unmeasured);
	fw_reference_free(&ref);
	fw_evidence_free(&ev);
	return wrong != 0;
}
