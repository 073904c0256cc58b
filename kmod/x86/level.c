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

DECLARE_XTS(aesni);
DECLARE_MODE(ctr);
DECLARE_MODE(cbc_enc);
DECLARE_MODE(cbc_dec);
DECLARE_MODE(ecb_enc);
DECLARE_MODE(ecb_dec);

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

int pk_level_choose(struct pk_level *level, unsigned int cpu, const char *cap)
{
	unsigned int i;

	memset(level, 0, sizeof(*level));
	for (i = 0; i < PK_LEVELS; i++) {
		const struct pk_level *next = &pk_levels[i];

		if (!(next->needs & ~cpu)) {
			level->name = next->name;
			level->needs = next->needs;
			take_ciphers(level, next);
		}
		if (cap && !strcmp(cap, next->name))
			break;
	}
	if (cap && i == PK_LEVELS)
		return -EINVAL;
	return level->name ? 0 : -ENODEV;
}
