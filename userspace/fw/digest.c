// SPDX-License-Identifier: GPL-2.0-only
/* Digests: see digest.h. */
#include <errno.h>
#include <string.h>

#include <openssl/evp.h>

#include "digest.h"

static const struct {
	const char *name;
	const char *openssl;
	uint16_t alg;		/* TPM_ALG_ID */
	uint8_t size;
} banks[FW_BANKS] = {
	[FW_SHA1] = { "sha1", "SHA1", 0x0004, 20 },
	[FW_SHA256] = { "sha256", "SHA256", 0x000b, 32 },
	[FW_SHA384] = { "sha384", "SHA384", 0x000c, 48 },
	[FW_SHA512] = { "sha512", "SHA512", 0x000d, 64 },
	[FW_SM3] = { "sm3_256", "SM3", 0x0012, 32 },
};

const char *fw_bank_name(enum fw_bank bank)
{
	return banks[bank].name;
}

bool fw_bank_find(const char *name, enum fw_bank *bank)
{
	unsigned int i;

	for (i = 0; i < FW_BANKS; i++) {
		if (!strcmp(banks[i].name, name)) {
			*bank = (enum fw_bank)i;
			return true;
		}
	}
	return false;
}

uint16_t fw_bank_alg(enum fw_bank bank)
{
	return banks[bank].alg;
}

bool fw_bank_of_alg(uint16_t alg, enum fw_bank *bank)
{
	unsigned int i;

	for (i = 0; i < FW_BANKS; i++) {
		if (banks[i].alg == alg) {
			*bank = (enum fw_bank)i;
			return true;
		}
	}
	return false;
}

size_t fw_bank_size(enum fw_bank bank)
{
	return banks[bank].size;
}

/* Fetched once: looking one up takes longer than hashing an event. */
static const EVP_MD *md_of(enum fw_bank bank)
{
	static EVP_MD *mds[FW_BANKS];

	if (!mds[bank])
		mds[bank] = EVP_MD_fetch(NULL, banks[bank].openssl, NULL);
	return mds[bank];
}

/* H(@a || @b) */
static int hash_two(enum fw_bank bank, const void *a, size_t a_size,
		    const void *b, size_t b_size, struct fw_digest *digest)
{
	static EVP_MD_CTX *ctx;
	const EVP_MD *md = md_of(bank);

	if (!md)
		return -EOPNOTSUPP;
	if (!ctx)
		ctx = EVP_MD_CTX_new();
	if (!ctx || !EVP_DigestInit_ex2(ctx, md, NULL) ||
	    !EVP_DigestUpdate(ctx, a, a_size) ||
	    !EVP_DigestUpdate(ctx, b, b_size) ||
	    !EVP_DigestFinal_ex(ctx, digest->bytes, NULL))
		return -EOPNOTSUPP;
	digest->size = banks[bank].size;
	return 0;
}

int fw_digest_of(enum fw_bank bank, const void *data, size_t size,
		 struct fw_digest *digest)
{
	return hash_two(bank, data, size, "", 0, digest);
}

int fw_digest_extend(enum fw_bank bank, struct fw_digest *value,
		     const struct fw_digest *digest)
{
	struct fw_digest before = *value;

	return hash_two(bank, before.bytes, banks[bank].size, digest->bytes,
			digest->size, value);
}

bool fw_digest_equal(const struct fw_digest *a, const struct fw_digest *b)
{
	return a->size == b->size && !memcmp(a->bytes, b->bytes, a->size);
}

/* ---- hex ---------------------------------------------------------------------- */

static int nibble(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool fw_hex_bytes(const char *hex, void *bytes, size_t size)
{
	uint8_t *byte = bytes;
	size_t i;

	for (i = 0; i < size; i++) {
		int high = nibble(hex[2 * i]), low = nibble(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		byte[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool fw_hex_decode(const char *text, void *bytes, size_t size)
{
	return strlen(text) == 2 * size && fw_hex_bytes(text, bytes, size);
}

void fw_hex_encode(const void *bytes, size_t size, char *text)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *byte = bytes;

	for (; size; size--, byte++) {
		*text++ = digits[*byte >> 4];
		*text++ = digits[*byte & 15];
	}
	*text = '\0';
}
