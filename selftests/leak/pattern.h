/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every form in which a secret may lie in memory, as byte strings to look for,
 * and the table that finds any of their 8-byte windows at any alignment.
 */
#ifndef PK_LEAK_PATTERN_H
#define PK_LEAK_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "secrets.h"

#define WINDOW	8

enum form {
	FORM_WHOLE,	/* as it is */
	FORM_PART,	/* a 32-byte half of a 64-byte key */
	FORM_REVERSED,	/* byte-reversed, as a whole or per 4 or 8 bytes */
	FORM_ENCRYPT,	/* a round key */
	FORM_DECRYPT,	/* a round key of the inverse cipher */
	FORM_STATE,	/* the state of an HMAC after the block of its key */
	FORM_SPREAD,	/* one schedule word in all columns of a register */
	FORM_COUNT
};

struct pattern {
	size_t secret;		/* index into secrets.list */
	enum form form;
	size_t size;
	size_t anchor;		/* the window whose hit leads to a whole match */
	uint8_t *bytes;
};

struct window {
	uint64_t value;
	uint32_t pattern;	/* index + 1; 0: empty entry of the table */
	uint32_t offset;	/* of the window in the pattern */
};

struct patterns {
	struct pattern *list;
	size_t count, room;
	struct window *table;	/* open addressing, linear probing */
	size_t mask;
	uint64_t *filter;	/* one bit per hash: most positions stop here */
	size_t windows;
	size_t windows_skipped;	/* too uniform to tell from chance */
	size_t unsearchable;	/* secrets with no other windows */
};

#define FILTER_BITS	22

static inline uint64_t window_at(const uint8_t *p)
{
	uint64_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static inline uint64_t window_hash(uint64_t value)
{
	value *= 0x9e3779b97f4a7c15ULL;
	return value ^ value >> 32;
}

static inline bool window_maybe(const struct patterns *patterns, uint64_t hash)
{
	uint64_t bit = hash >> (64 - FILTER_BITS);

	return patterns->filter[bit / 64] >> (bit % 64) & 1;
}

/* 0, or -1 when memory runs out. */
int patterns_build(struct patterns *patterns, const struct secrets *secrets);

#endif
