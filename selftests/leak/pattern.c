// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "aes.h"
#include "hmac.h"
#include "pattern.h"

#define MIN_DISTINCT	4	/* bytes in a window that is worth looking for */

static int add(struct patterns *patterns, size_t secret, enum form form,
	       const uint8_t *bytes, size_t size)
{
	struct pattern *pattern;

	if (patterns->count == patterns->room) {
		size_t room = patterns->room ? 2 * patterns->room : 256;

		pattern = reallocarray(patterns->list, room, sizeof(*pattern));
		if (!pattern)
			return -1;
		patterns->list = pattern;
		patterns->room = room;
	}
	pattern = &patterns->list[patterns->count];
	*pattern = (struct pattern){ .secret = secret, .form = form, .size = size };
	pattern->bytes = malloc(size);
	if (!pattern->bytes)
		return -1;
	memcpy(pattern->bytes, bytes, size);
	patterns->count++;
	return 0;
}

/* Words of @width bytes reversed; the last one may be shorter. */
static int add_reversed(struct patterns *patterns, size_t index,
			const struct secret *secret, size_t width)
{
	uint8_t reversed[SECRET_MAX];

	for (size_t word = 0; word < secret->size; word += width) {
		size_t size = secret->size - word;

		if (size > width)
			size = width;
		for (size_t i = 0; i < size; i++)
			reversed[word + i] = secret->bytes[word + size - 1 - i];
	}
	return add(patterns, index, FORM_REVERSED, reversed, secret->size);
}

/*
 * The schedule that protkey's own key expansion keeps in registers holds the
 * last word of each round key in all four columns, rotated or not.
 */
static int add_spread(struct patterns *patterns, size_t index, const uint8_t *round_key)
{
	uint8_t plain[AES_BLOCK], rotated[AES_BLOCK];

	for (int i = 0; i < AES_BLOCK; i++) {
		plain[i] = round_key[12 + i % 4];
		rotated[i] = round_key[12 + (i + 1) % 4];
	}
	return add(patterns, index, FORM_SPREAD, plain, AES_BLOCK) ||
	       add(patterns, index, FORM_SPREAD, rotated, AES_BLOCK) ? -1 : 0;
}

static int add_schedules(struct patterns *patterns, size_t index,
			 const uint8_t *key, size_t size)
{
	uint8_t enc[AES_MAX_SCHEDULE], dec[AES_MAX_SCHEDULE];
	size_t rounds = aes_round_keys(size);

	aes_expand(key, size, enc);
	aes_invert(enc, size, dec);
	for (size_t i = 0; i < rounds; i++) {
		const uint8_t *round_key = enc + i * AES_BLOCK;

		/* the first round keys are the key, the last dec one is the first */
		if (i * AES_BLOCK >= size &&
		    add(patterns, index, FORM_ENCRYPT, round_key, AES_BLOCK))
			return -1;
		if (i > 0 && i < rounds - 1 &&
		    add(patterns, index, FORM_DECRYPT, dec + i * AES_BLOCK, AES_BLOCK))
			return -1;
		if (add_spread(patterns, index, round_key))
			return -1;
	}
	return 0;
}

/* Each part of a key that may itself be an AES key: 16, 24 and 32 bytes. */
static int add_key_parts(struct patterns *patterns, size_t index,
			 const struct secret *secret)
{
	if (secret->size == 24)
		return add_schedules(patterns, index, secret->bytes, 24);
	for (size_t at = 0; at + 16 <= secret->size; at += 16)
		if (add_schedules(patterns, index, secret->bytes + at, 16))
			return -1;
	for (size_t at = 0; at + 32 <= secret->size; at += 32) {
		if (add_schedules(patterns, index, secret->bytes + at, 32))
			return -1;
		if (secret->size == 64 &&
		    add(patterns, index, FORM_PART, secret->bytes + at, 32))
			return -1;
	}
	return 0;
}

/* Words of @width bytes: in order, with their bytes reversed, as protkey has them. */
static int add_state(struct patterns *patterns, size_t index,
		     const uint8_t *state, size_t width)
{
	/* the order of hmac-sha256.S and of hmac-sha512.S */
	static const uint8_t order[2][8] = {
		{ 5, 4, 1, 0, 7, 6, 3, 2 }, { 4, 0, 5, 1, 6, 2, 7, 3 },
	};
	uint8_t swapped[HMAC_STATE_MAX], ours[HMAC_STATE_MAX];

	for (size_t i = 0; i < 8; i++) {
		memcpy(ours + i * width, state + order[width / 8][i] * width, width);
		for (size_t j = 0; j < width; j++)
			swapped[i * width + j] = state[(i + 1) * width - 1 - j];
	}
	return add(patterns, index, FORM_STATE, state, 8 * width) ||
	       add(patterns, index, FORM_STATE, swapped, 8 * width) ||
	       add(patterns, index, FORM_STATE, ours, 8 * width) ? -1 : 0;
}

static int add_states(struct patterns *patterns, size_t index,
		      const struct secret *secret)
{
	static const uint8_t pads[2] = { HMAC_IPAD, HMAC_OPAD };
	uint8_t state[HMAC_STATE_MAX];

	if (secret->size > 64)
		return 0;
	for (size_t width = 4; width <= 8; width += 4) {
		for (size_t i = 0; i < 2; i++) {
			hmac_state(secret->bytes, secret->size, pads[i], width, state);
			if (add_state(patterns, index, state, width))
				return -1;
		}
	}
	return 0;
}

static int add_secret(struct patterns *patterns, size_t index,
		      const struct secret *secret)
{
	if (add(patterns, index, FORM_WHOLE, secret->bytes, secret->size) ||
	    add_reversed(patterns, index, secret, secret->size) ||
	    add_reversed(patterns, index, secret, 8) ||
	    add_reversed(patterns, index, secret, 4))
		return -1;
	if (!secret->is_key)
		return 0;
	return add_key_parts(patterns, index, secret) ||
	       add_states(patterns, index, secret) ? -1 : 0;
}

static bool is_uniform(const uint8_t *bytes)
{
	int distinct = 0;

	for (int i = 0; i < WINDOW; i++) {
		int j = 0;

		while (j < i && bytes[j] != bytes[i])
			j++;
		distinct += j == i;
	}
	return distinct < MIN_DISTINCT;
}

/* These are found by their whole only: their windows are those of others. */
static bool whole_only(enum form form)
{
	return form == FORM_PART || form == FORM_SPREAD;
}

static void insert(struct patterns *patterns, size_t index, size_t offset)
{
	uint64_t value = window_at(patterns->list[index].bytes + offset);
	uint64_t hash = window_hash(value), bit = hash >> (64 - FILTER_BITS);
	size_t slot = hash & patterns->mask;

	while (patterns->table[slot].pattern)
		slot = (slot + 1) & patterns->mask;
	patterns->table[slot] = (struct window){
		.value = value,
		.pattern = (uint32_t)index + 1,
		.offset = (uint32_t)offset,
	};
	patterns->filter[bit / 64] |= 1ULL << (bit % 64);
	patterns->windows++;
}

static void insert_windows(struct patterns *patterns, size_t index)
{
	struct pattern *pattern = &patterns->list[index];
	bool anchored = false;

	for (size_t at = 0; at + WINDOW <= pattern->size; at++) {
		if (is_uniform(pattern->bytes + at)) {
			patterns->windows_skipped++;
			continue;
		}
		if (anchored && whole_only(pattern->form))
			break;
		if (!anchored)
			pattern->anchor = at;
		anchored = true;
		insert(patterns, index, at);
	}
	patterns->unsearchable += !anchored && pattern->form == FORM_WHOLE;
}

int patterns_build(struct patterns *patterns, const struct secrets *secrets)
{
	size_t size = 1024, windows = 0;

	for (size_t i = 0; i < secrets->count; i++)
		if (add_secret(patterns, i, &secrets->list[i]))
			return -1;
	for (size_t i = 0; i < patterns->count; i++)
		windows += patterns->list[i].size;
	while (size < 2 * windows)
		size *= 2;
	patterns->mask = size - 1;
	patterns->table = calloc(size, sizeof(*patterns->table));
	patterns->filter = calloc(1 << FILTER_BITS >> 6, sizeof(uint64_t));
	if (!patterns->table || !patterns->filter)
		return -1;
	for (size_t i = 0; i < patterns->count; i++)
		insert_windows(patterns, i);
	return 0;
}
