/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Secret sharing (A. Shamir, How to Share a Secret, CACM 22(11), 1979), byte by byte
 * over GF(2^8) with the polynomial of AES.  Fewer shares than the threshold say
 * nothing of the secret.  No branch and no address depends on a secret.
 */
#ifndef PROTKEY_CLI_SHAMIR_H
#define PROTKEY_CLI_SHAMIR_H

#include <stdint.h>

#define SHAMIR_SECRET	32
#define SHAMIR_MAX	16

/* @shares: @count of them, of the numbers 1..@count.  0, or -errno: no random bytes,
 * no locked memory. */
int shamir_split(const uint8_t secret[SHAMIR_SECRET], unsigned int threshold,
		 unsigned int count, uint8_t shares[][SHAMIR_SECRET]);

/*
 * Of the shares with these @numbers, as many as the threshold and all different:
 * with others it gives some other bytes.
 */
void shamir_combine(const uint8_t *numbers, const uint8_t *const *shares,
		    unsigned int threshold, uint8_t secret[SHAMIR_SECRET]);

#endif
