// SPDX-License-Identifier: GPL-2.0-only
/* Secret sharing: see shamir.h. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "cli.h"
#include "shamir.h"

static uint8_t multiply(uint8_t a, uint8_t b)
{
	uint8_t product = 0;
	unsigned int i;

	for (i = 0; i < 8; i++) {
		product ^= (uint8_t)(-(b & 1) & a);
		a = (uint8_t)(a << 1 ^ (-(a >> 7) & 0x1b));
		b >>= 1;
	}
	return product;
}

/* a^254: 1/a, and 0 for 0. */
static uint8_t invert(uint8_t a)
{
	uint8_t power = a, result = 1;
	unsigned int i;

	for (i = 1; i < 8; i++) {
		power = multiply(power, power);
		result = multiply(result, power);
	}
	return result;
}

static void split(const uint8_t secret[SHAMIR_SECRET], unsigned int threshold,
		  uint8_t (*coefficients)[SHAMIR_SECRET], unsigned int count,
		  uint8_t shares[][SHAMIR_SECRET])
{
	unsigned int share, i, byte;
	uint8_t value;

	for (share = 0; share < count; share++) {
		for (byte = 0; byte < SHAMIR_SECRET; byte++) {
			value = 0;
			/* Horner, the highest power first */
			for (i = threshold - 1; i > 0; i--)
				value = multiply(value ^ coefficients[i - 1][byte],
						 (uint8_t)(share + 1));
			shares[share][byte] = value ^ secret[byte];
		}
	}
}

int shamir_split(const uint8_t secret[SHAMIR_SECRET], unsigned int threshold,
		 unsigned int count, uint8_t shares[][SHAMIR_SECRET])
{
	const size_t size = (threshold - 1) * SHAMIR_SECRET;
	uint8_t (*coefficients)[SHAMIR_SECRET] = protkey_secret_alloc(size);
	int ret = 0;

	if (!coefficients)
		return -errno;
	if (getrandom(coefficients, size, 0) == (ssize_t)size)
		split(secret, threshold, coefficients, count, shares);
	else
		ret = -EIO;
	protkey_secret_free(coefficients, size);
	return ret;
}

/* Lagrange's polynomial of share @i at 0; the numbers are public. */
static uint8_t weight(const uint8_t *numbers, unsigned int threshold,
		      unsigned int i)
{
	uint8_t result = 1;
	unsigned int j;

	for (j = 0; j < threshold; j++)
		if (j != i)
			result = multiply(result, multiply(numbers[j],
				invert(numbers[j] ^ numbers[i])));
	return result;
}

void shamir_combine(const uint8_t *numbers, const uint8_t *const *shares,
		    unsigned int threshold, uint8_t secret[SHAMIR_SECRET])
{
	unsigned int i, byte;
	uint8_t w;

	memset(secret, 0, SHAMIR_SECRET);
	for (i = 0; i < threshold; i++) {
		w = weight(numbers, threshold, i);
		for (byte = 0; byte < SHAMIR_SECRET; byte++)
			secret[byte] ^= multiply(w, shares[i][byte]);
	}
}
