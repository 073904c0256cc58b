// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "aes.h"
#include "schedule.h"

static inline uint32_t word(const uint8_t *p, size_t index)
{
	uint32_t value;

	memcpy(&value, p + 4 * index, sizeof(value));
	return value;
}

/*
 * One linear relation of each schedule, true in either byte order:
 * w[i] = w[i-1] ^ w[i-Nk] where i is no multiple of Nk (nor of 4, for Nk = 8).
 * InvMixColumns is linear, so it holds among the words of a decryption
 * schedule too, whose round keys stand in reverse: word j of round key r is
 * word j of block Nr-r.
 */
static inline bool may_be(const uint8_t *p, size_t a, size_t b, size_t c)
{
	return word(p, a) == (word(p, b) ^ word(p, c)) && word(p, a);
}

static void swap_words(const uint8_t *in, uint8_t *out, size_t size)
{
	for (size_t i = 0; i < size; i++)
		out[i] = in[i ^ 3];
}

static bool is_encrypt(const uint8_t *data, size_t key_size, uint8_t *key)
{
	uint8_t expanded[AES_MAX_SCHEDULE];

	aes_expand(data, key_size, expanded);
	if (memcmp(expanded, data, aes_schedule_size(key_size)))
		return false;
	memcpy(key, data, key_size);
	return true;
}

static bool verify(const uint8_t *data, size_t size, size_t at, size_t key_size,
		   bool inverse, struct schedule *out)
{
	bool (*is_schedule)(const uint8_t *, size_t, uint8_t *) =
		inverse ? aes_key_of_inverse : is_encrypt;
	size_t length = aes_schedule_size(key_size);
	uint8_t swapped[AES_MAX_SCHEDULE];

	if (size - at < length)
		return false;
	*out = (struct schedule){ .at = at, .key_size = key_size, .inverse = inverse };
	if (is_schedule(data + at, key_size, out->key))
		return true;
	swap_words(data + at, swapped, length);
	out->swapped = true;
	return is_schedule(swapped, key_size, out->key);
}

bool schedule_at(const uint8_t *data, size_t size, size_t at, struct schedule *out)
{
	const uint8_t *p = data + at;

	if (size - at < 176)
		return false;
	return (may_be(p, 5, 4, 1) && may_be(p, 6, 5, 2) &&
		verify(data, size, at, 16, false, out)) ||
	       (may_be(p, 9, 8, 1) && may_be(p, 10, 9, 2) &&
		verify(data, size, at, 32, false, out)) ||
	       (may_be(p, 7, 6, 1) && may_be(p, 8, 7, 2) &&
		verify(data, size, at, 24, false, out)) ||
	       (may_be(p, 5, 4, 9) && may_be(p, 6, 5, 10) &&
		verify(data, size, at, 16, true, out)) ||
	       (may_be(p, 5, 4, 13) && may_be(p, 6, 5, 14) &&
		verify(data, size, at, 32, true, out)) ||
	       (may_be(p, 5, 4, 15) && may_be(p, 6, 5, 8) &&
		verify(data, size, at, 24, true, out));
}
