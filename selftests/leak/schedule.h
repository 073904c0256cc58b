/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds AES key schedules of keys that nobody told us, at any alignment, by
 * the relations between their words: in encryption and in decryption order,
 * bytes as they are or swapped in each 32-bit word.
 */
#ifndef PK_LEAK_SCHEDULE_H
#define PK_LEAK_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schedule {
	size_t at;
	size_t key_size;
	bool inverse;
	bool swapped;
	uint8_t key[32];
};

/*
 * Whether a schedule starts at @data + @at; @size bytes are there in all.
 * Most positions are settled by a few comparisons.
 */
bool schedule_at(const uint8_t *data, size_t size, size_t at, struct schedule *out);

#endif
