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
