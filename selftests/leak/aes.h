/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The AES key schedule, written from FIPS 197 and from nothing of the module's,
 * so that the scanner judges the module by another implementation.
 */
#ifndef PK_LEAK_AES_H
#define PK_LEAK_AES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AES_BLOCK	16
#define AES_MAX_KEY	32
#define AES_MAX_SCHEDULE	240

extern uint8_t aes_sbox[256];

/* Fills the S-box; to be called once, before all else. */
void aes_init(void);

/* 11, 13 or 15 for 16, 24 or 32 bytes of key. */
static inline size_t aes_round_keys(size_t key_size)
{
	return key_size / 4 + 7;
}

/* Bytes of a schedule: 176, 208 or 240. */
static inline size_t aes_schedule_size(size_t key_size)
{
	return aes_round_keys(key_size) * AES_BLOCK;
}

/* @out: aes_schedule_size() bytes, in the order of FIPS 197. */
void aes_expand(const uint8_t *key, size_t key_size, uint8_t *out);

/*
 * The schedule of the equivalent inverse cipher, which AES-NI's aesdec uses:
 * last round key first, all but the first and last through InvMixColumns.
 */
void aes_invert(const uint8_t *enc, size_t key_size, uint8_t *out);

/*
 * The reverse: whether @dec is the inverse schedule of a key; if so, the key
 * goes to @key.
 */
bool aes_key_of_inverse(const uint8_t *dec, size_t key_size, uint8_t *key);

#endif
