// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event logs that are damaged.
 *
 *	fw_log LOG		every truncation and every flip of a bit
 *	fw_log LOG mutate N	N random changes of several places
 *
 * No crash; and nothing passes in silence: a changed log has a fault, or leads
 * to other PCR values, or shows text that it does not claim to be measured.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "component.h"

#define LOG_MAX	(1U << 20)

struct seen {
	struct fw_eventlog log;
	struct fw_components components;
	struct fw_pcrs pcrs;
};

static struct seen good;

/* false: refused, or a fault. */
static bool look(const uint8_t *data, size_t size, struct seen *seen)
{
	if (fw_eventlog_parse(data, size, &seen->log))
		return false;
	if (fw_components_of(&seen->log, &seen->components))
		abort();
	fw_eventlog_replay(&seen->log, seen->log.count, &seen->pcrs);
	return !seen->log.fault_count;
}

static void forget(struct seen *seen)
{
	fw_components_free(&seen->components);
	fw_eventlog_free(&seen->log);
}

static bool same_pcrs(const struct seen *seen)
{
	unsigned int bank, pcr;

	for (bank = 0; bank < FW_BANKS; bank++) {
		if (!good.pcrs.known[bank])
			continue;
		if (!seen->pcrs.known[bank])
			return false;
		for (pcr = 0; pcr < FW_PCRS; pcr++)
			if (!fw_digest_equal(&good.pcrs.value[bank][pcr],
					     &seen->pcrs.value[bank][pcr]))
				return false;
	}
	return true;
}

/*
 * Whether a text is another one, and said to be measured.  An event's type is
 * not measured: with another one it has another name, which no reference knows.
 */
static bool lies(const struct seen *seen)
{
	size_t i;

	if (seen->components.count != good.components.count)
		return true;
	for (i = 0; i < good.components.count; i++) {
		const struct fw_component *is = &seen->components.list[i];
		const struct fw_component *was = &good.components.list[i];

		if (strcmp(is->name, was->name))
			continue;
		if (is->data_measured && strcmp(is->text, was->text))
			return true;
		/* of another kind, so that nobody asks whether it was measured */
		if (was->data_must_measure && !is->data_must_measure)
			return true;
	}
	return false;
}

/* A copy of exactly this size, so that reading behind it is seen. */
static bool passes_in_silence(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	struct seen seen = { 0 };
	bool silent;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	silent = look(copy, size, &seen) && same_pcrs(&seen) && lies(&seen);
	forget(&seen);
	free(copy);
	return silent;
}

static unsigned int damage(uint8_t *data, size_t size)
{
	unsigned int silent = 0;
	size_t i;

	for (i = 0; i < size; i++) {
		if (passes_in_silence(data, i)) {
			printf("# cut off at %zu\n", i);
			silent++;
		}
	}
	for (i = 0; i < 8 * size; i++) {
		data[i / 8] ^= (uint8_t)(1U << i % 8);
		if (passes_in_silence(data, size)) {
			printf("# bit %zu\n", i);
			silent++;
		}
		data[i / 8] ^= (uint8_t)(1U << i % 8);
	}
	return silent;
}

static uint32_t any(uint32_t below)
{
	static uint64_t state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 33) % below;
}

/* Several changes may undo each other's notice: only crashes are looked for. */
static void mutate(const uint8_t *data, size_t size, unsigned long rounds)
{
	uint8_t *copy = malloc(size);

	if (!copy)
		abort();
	for (; rounds; rounds--) {
		unsigned int times = 1 + any(6);

		memcpy(copy, data, size);
		for (; times; times--) {
			size_t at = any((uint32_t)size);

			if (any(2))
				copy[at] = (uint8_t)any(256);
			else
				memset(copy + at, any(2) ? 0xff : 0,
				       size - at < 4 ? size - at : 4);
		}
		passes_in_silence(copy, size - any(16) % size);
	}
	free(copy);
}

int main(int argc, char **argv)
{
	static uint8_t data[LOG_MAX];
	FILE *file = argc > 1 ? fopen(argv[1], "rb") : NULL;
	unsigned int silent = 0;
	size_t size;

	if (!file)
		return 2;
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	if (!look(data, size, &good)) {
		printf("# the log itself is not good\n");
		return 2;
	}
	if (argc > 3)
		mutate(data, size, strtoul(argv[3], NULL, 0));
	else
		silent = damage(data, size);
	forget(&good);
	return silent != 0;
}
