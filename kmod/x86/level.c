// SPDX-License-Identifier: GPL-2.0-only
/* Instruction levels: see level.h. */

#include <linux/errno.h>
#include <linux/string.h>

#include "level.h"

#define DECLARE_CIPHER(name)						\
	asmlinkage int name(const struct pk_wk *wk,			\
			    const struct pk_slot *key, u8 *iv,		\
			    const u8 *src, u8 *dst, u64 len_flags)

#define DECLARE_XTS(level)						\
	DECLARE_CIPHER(pk_xts_enc128_##level);				\
	DECLARE_CIPHER(pk_xts_dec128_##level);				\
	DECLARE_CIPHER(pk_xts_enc256_##level);				\
	DECLARE_CIPHER(pk_xts_dec256_##level)

#define XTS(level) {							\
	{ pk_xts_enc128_##level, NULL, pk_xts_enc256_##level },		\
	{ pk_xts_dec128_##level, NULL, pk_xts_dec256_##level },		\
}

#define DECLARE_MODE(name)						\
	DECLARE_CIPHER(pk_##name##128_aesni);				\
	DECLARE_CIPHER(pk_##name##192_aesni);				\
	DECLARE_CIPHER(pk_##name##256_aesni)

#define MODE(name)							\
	{ pk_##name##128_aesni, pk_##name##192_aesni, pk_##name##256_aesni }

DECLARE_MODE(ctr);
DECLARE_MODE(cbc_enc);
DECLARE_MODE(cbc_dec);
DECLARE_MODE(ecb_enc);
DECLARE_MODE(ecb_dec);

#define DECLARE_GCM_FN(name)						\
	asmlinkage int name(const struct pk_wk *wk,			\
			    const struct pk_slot *key, struct pk_gcm *g, \
			    const u8 *src, u8 *dst, u64 len_flags)

#define DECLARE_GCM(level)						\
	DECLARE_GCM_FN(pk_gcm_enc128_##level);				\
	DECLARE_GCM_FN(pk_gcm_dec128_##level);				\
	DECLARE_GCM_FN(pk_gcm_enc192_##level);				\
	DECLARE_GCM_FN(pk_gcm_dec192_##level);				\
	DECLARE_GCM_FN(pk_gcm_enc256_##level);				\
	DECLARE_GCM_FN(pk_gcm_dec256_##level)

#define GCM(level) {							\
	{ pk_gcm_enc128_##level, pk_gcm_enc192_##level, pk_gcm_enc256_##level }, \
	{ pk_gcm_dec128_##level, pk_gcm_dec192_##level, pk_gcm_dec256_##level }, \
}

#define DECLARE_HMAC(name)						\
	asmlinkage int name(const struct pk_wk *wk,			\
			    const struct pk_slot *key, struct pk_hmac *h, \
			    const u8 *src, u64 len_flags)

DECLARE_HMAC(pk_hmac_sha1_aesni);
DECLARE_HMAC(pk_hmac_sha256_aesni);
DECLARE_HMAC(pk_hmac_sha256_shani);
DECLARE_HMAC(pk_hmac_sha512_aesni);
DECLARE_HMAC(pk_hmac_sha512_vaes_avx2);
DECLARE_HMAC(pk_hmac_sha512_avx512_256);
DECLARE_XTS(aesni);
DECLARE_XTS(aesni_avx2);
DECLARE_XTS(vaes_avx2);
DECLARE_GCM(aesni);
DECLARE_XTS(avx512_256);
DECLARE_GCM(avx512_256);
DECLARE_XTS(avx512);
DECLARE_GCM(avx512);

const struct pk_level pk_levels[PK_LEVELS] = {
	{
		.name = "aesni",
		.needs = PK_CPU_AESNI,
		.cipher = {
			[PK_MODE_XTS] = XTS(aesni),
			[PK_MODE_CTR] = { MODE(ctr), MODE(ctr) },
			[PK_MODE_CBC] = { MODE(cbc_enc), MODE(cbc_dec) },
			[PK_MODE_ECB] = { MODE(ecb_enc), MODE(ecb_dec) },
		},
		.gcm = GCM(aesni),
		.hmac = {
			[PK_HASH_SHA256] = pk_hmac_sha256_aesni,
			[PK_HASH_SHA512] = pk_hmac_sha512_aesni,
			[PK_HASH_SHA1] = pk_hmac_sha1_aesni,
		},
	},
	{
		.name = "vaes-avx2",
		.needs = PK_CPU_AESNI | PK_CPU_VAES,
		.cipher = {
			[PK_MODE_XTS] = XTS(vaes_avx2),
		},
		.hmac = {
			[PK_HASH_SHA512] = pk_hmac_sha512_vaes_avx2,
		},
	},
	{
		.name = "avx512-256",
		.needs = PK_CPU_AESNI | PK_CPU_VAES | PK_CPU_AVX512,
		.cipher = {
			[PK_MODE_XTS] = XTS(avx512_256),
		},
		.gcm = GCM(avx512_256),
		.hmac = {
			[PK_HASH_SHA512] = pk_hmac_sha512_avx512_256,
		},
	},
	{
		.name = "avx512",
		.needs = PK_CPU_AESNI | PK_CPU_VAES | PK_CPU_AVX512 | PK_CPU_ZMM,
		.cipher = {
			[PK_MODE_XTS] = XTS(avx512),
		},
		.gcm = GCM(avx512),
	},
};

/* In place of aesni's where there is AVX2. */
static const struct pk_level aesni_avx2 = {
	.cipher = {
		[PK_MODE_XTS] = XTS(aesni_avx2),
	},
};

static void take_ciphers(struct pk_level *level, const struct pk_level *from)
{
	unsigned int mode, decrypt, size;

	for (mode = 0; mode < PK_MODES; mode++)
		for (decrypt = 0; decrypt < 2; decrypt++)
			for (size = 0; size < PK_KEY_SIZES; size++)
				if (from->cipher[mode][decrypt][size])
					level->cipher[mode][decrypt][size] =
						from->cipher[mode][decrypt][size];
}

static void take_gcm(struct pk_level *level, const struct pk_level *from)
{
	unsigned int decrypt, size;

	for (decrypt = 0; decrypt < 2; decrypt++)
		for (size = 0; size < PK_KEY_SIZES; size++)
			if (from->gcm[decrypt][size])
				level->gcm[decrypt][size] =
					from->gcm[decrypt][size];
}

static void take_hmac(struct pk_level *level, const struct pk_level *from)
{
	unsigned int hash;

	for (hash = 0; hash < PK_HASHES; hash++)
		if (from->hmac[hash])
			level->hmac[hash] = from->hmac[hash];
}

int pk_level_choose(struct pk_level *level, unsigned int cpu, const char *cap)
{
	unsigned int i;

	memset(level, 0, sizeof(*level));
	for (i = 0; i < PK_LEVELS; i++) {
		const struct pk_level *next = &pk_levels[i];
		bool named = cap && !strcmp(cap, next->name);
		unsigned int lacks = next->needs & ~cpu;

		if (named)
			lacks &= ~PK_CPU_ZMM;
		if (!lacks) {
			level->name = next->name;
			level->needs = next->needs;
			take_ciphers(level, next);
			if (next->needs == PK_CPU_AESNI && cpu & PK_CPU_AVX2)
				take_ciphers(level, &aesni_avx2);
			take_hmac(level, next);
			if (cpu & PK_CPU_PCLMUL)
				take_gcm(level, next);
		}
		if (named)
			break;
	}
	/* neither part of a level nor dependent on one */
	if (level->name && cpu & PK_CPU_SHANI)
		level->hmac[PK_HASH_SHA256] = pk_hmac_sha256_shani;
	if (cap && i == PK_LEVELS)
		return -EINVAL;
	return level->name ? 0 : -ENODEV;
}
