// SPDX-License-Identifier: GPL-2.0-only
#define OPENSSL_SUPPRESS_DEPRECATED	/* its hashes show their state */
#include <openssl/sha.h>
#include <string.h>

#include "hmac.h"

#define BLOCK_MAX	128

void hmac_state(const uint8_t *key, size_t size, uint8_t pad, size_t width,
		uint8_t *state)
{
	uint8_t block[BLOCK_MAX];
	SHA256_CTX sha256;
	SHA512_CTX sha512;

	memset(block, pad, sizeof(block));
	for (size_t i = 0; i < size; i++)
		block[i] ^= key[i];
	if (width == 4) {
		SHA256_Init(&sha256);
		SHA256_Update(&sha256, block, SHA256_CBLOCK);
		memcpy(state, sha256.h, 8 * width);
	} else {
		SHA512_Init(&sha512);
		SHA512_Update(&sha512, block, SHA512_CBLOCK);
		memcpy(state, sha512.h, 8 * width);
	}
}
