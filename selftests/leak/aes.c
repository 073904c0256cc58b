// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "aes.h"

uint8_t aes_sbox[256];

static uint8_t xtime(uint8_t a)
{
	return (uint8_t)(a << 1 ^ (a & 0x80 ? 0x1b : 0));
}

static uint8_t multiply(uint8_t a, uint8_t b)
{
	uint8_t product = 0;

	for (; b; b >>= 1, a = xtime(a))
		if (b & 1)
			product ^= a;
	return product;
}

static uint8_t rotate(uint8_t a, int by)
{
	return (uint8_t)(a << by | a >> (8 - by));
}

void aes_init(void)
{
	uint8_t p = 1, q = 1;

	/* p runs through all non-zero elements, q through their inverses. */
	do {
		p = p ^ xtime(p);
		q = multiply(q, 0xf6);
		aes_sbox[p] = q ^ rotate(q, 1) ^ rotate(q, 2) ^ rotate(q, 3) ^
			      rotate(q, 4) ^ 0x63;
	} while (p != 1);
	aes_sbox[0] = 0x63;
}

void aes_expand(const uint8_t *key, size_t key_size, uint8_t *out)
{
	size_t words = key_size / 4, total = aes_schedule_size(key_size) / 4;
	uint8_t rcon = 1;

	memcpy(out, key, key_size);
	for (size_t i = words; i < total; i++) {
		const uint8_t *last = out + 4 * (i - 1);
		uint8_t t[4] = { last[0], last[1], last[2], last[3] };

		if (i % words == 0) {
			t[0] = aes_sbox[last[1]] ^ rcon;
			t[1] = aes_sbox[last[2]];
			t[2] = aes_sbox[last[3]];
			t[3] = aes_sbox[last[0]];
			rcon = xtime(rcon);
		} else if (words == 8 && i % 8 == 4) {
			for (int j = 0; j < 4; j++)
				t[j] = aes_sbox[last[j]];
		}
		for (int j = 0; j < 4; j++)
			out[4 * i + j] = out[4 * (i - words) + j] ^ t[j];
	}
}

/* One circulant matrix over four columns: MixColumns or its inverse. */
static void mix(const uint8_t *in, uint8_t *out, const uint8_t row[4])
{
	for (int column = 0; column < AES_BLOCK; column += 4)
		for (int i = 0; i < 4; i++) {
			uint8_t sum = 0;

			for (int j = 0; j < 4; j++)
				sum ^= multiply(in[column + j], row[(j - i + 4) % 4]);
			out[column + i] = sum;
		}
}

static const uint8_t forward_row[4] = { 2, 3, 1, 1 };
static const uint8_t inverse_row[4] = { 14, 11, 13, 9 };

void aes_invert(const uint8_t *enc, size_t key_size, uint8_t *out)
{
	size_t last = aes_round_keys(key_size) - 1;

	memcpy(out, enc + last * AES_BLOCK, AES_BLOCK);
	for (size_t i = 1; i < last; i++)
		mix(enc + (last - i) * AES_BLOCK, out + i * AES_BLOCK, inverse_row);
	memcpy(out + last * AES_BLOCK, enc, AES_BLOCK);
}

bool aes_key_of_inverse(const uint8_t *dec, size_t key_size, uint8_t *key)
{
	uint8_t enc[AES_MAX_SCHEDULE], again[AES_MAX_SCHEDULE], second[AES_BLOCK];
	size_t last = aes_round_keys(key_size) - 1;

	mix(dec + (last - 1) * AES_BLOCK, second, forward_row);
	memcpy(key, dec + last * AES_BLOCK, AES_BLOCK);
	memcpy(key + AES_BLOCK, second, key_size - AES_BLOCK);
	aes_expand(key, key_size, enc);
	aes_invert(enc, key_size, again);
	return !memcmp(again, dec, aes_schedule_size(key_size));
}
