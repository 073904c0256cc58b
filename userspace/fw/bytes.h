/* SPDX-License-Identifier: GPL-2.0-only */
/* Taking little-endian fields off the front of bytes that nobody vouches for. */
#ifndef PROTKEY_FW_BYTES_H
#define PROTKEY_FW_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
	const uint8_t *at;
	size_t left;
};

/* All: false, and nothing is taken, if there are not as many. */
static inline bool take(struct bytes *in, const uint8_t **field, size_t size)
{
	if (in->left < size)
		return false;
	*field = in->at;
	in->at += size;
	in->left -= size;
	return true;
}

static inline bool skip(struct bytes *in, size_t size)
{
	const uint8_t *unused;

	return take(in, &unused, size);
}

static inline bool take_u8(struct bytes *in, uint8_t *value)
{
	const uint8_t *field;

	if (!take(in, &field, 1))
		return false;
	*value = field[0];
	return true;
}

static inline bool take_le16(struct bytes *in, uint16_t *value)
{
	const uint8_t *field;

	if (!take(in, &field, 2))
		return false;
	*value = (uint16_t)(field[0] | field[1] << 8);
	return true;
}

static inline bool take_le32(struct bytes *in, uint32_t *value)
{
	uint16_t low, high;

	if (in->left < 4)
		return false;
	take_le16(in, &low);
	take_le16(in, &high);
	*value = (uint32_t)high << 16 | low;
	return true;
}

static inline bool take_le64(struct bytes *in, uint64_t *value)
{
	uint32_t low, high;

	if (in->left < 8)
		return false;
	take_le32(in, &low);
	take_le32(in, &high);
	*value = (uint64_t)high << 32 | low;
	return true;
}

#endif
