/* SPDX-License-Identifier: GPL-2.0-only */
/* What HMAC makes of a key: who has it needs the key no more. */
#ifndef PK_LEAK_HMAC_H
#define PK_LEAK_HMAC_H

#include <stddef.h>
#include <stdint.h>

#define HMAC_IPAD	0x36
#define HMAC_OPAD	0x5c
#define HMAC_STATE_MAX	64

/*
 * The eight words of SHA-256's (@width 4) or SHA-512's (8) state after the block
 * of @key xor @pad, as the machine has them in memory.
 */
void hmac_state(const uint8_t *key, size_t size, uint8_t pad, size_t width,
		uint8_t *state);

#endif
