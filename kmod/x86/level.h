/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instruction levels: which routines a CPU runs.  Pure data, shared by the
 * module and the native tests and measurements (selftests/native).
 */
#ifndef PK_X86_LEVEL_H
#define PK_X86_LEVEL_H

#include "asm.h"

/* What a level needs of a CPU (and of the kernel: the registers enabled). */
#define PK_CPU_AESNI	(1U << 0)	/* AES, AVX */
#define PK_CPU_PCLMUL	(1U << 1)
#define PK_CPU_VAES	(1U << 2)	/* VAES, VPCLMULQDQ, AVX2 */
#define PK_CPU_AVX512	(1U << 3)	/* F, BW, VL, DQ; BMI2 */
#define PK_CPU_ZMM	(1U << 4)	/* and 512-bit code does not cost clock */
#define PK_CPU_SHANI	(1U << 5)
#define PK_CPU_AVX2	(1U << 6)

enum pk_mode {
	PK_MODE_XTS,
	PK_MODE_CTR,
	PK_MODE_CBC,
	PK_MODE_ECB,
	PK_MODES
};

enum pk_hash {
	PK_HASH_SHA256,
	PK_HASH_SHA512,
	PK_HASH_SHA1,	/* codes of RFC 6238, nothing else */
	PK_HASHES
};

/* Key sizes as indices: 128, 192, 256 bits. */
#define PK_KEY_SIZES	3

static inline unsigned int pk_key_size_index(unsigned int bytes)
{
	return bytes == 16 ? 0 : bytes == 24 ? 1 : 2;
}

struct pk_level {
	const char *name;
	unsigned int needs;		/* PK_CPU_* */
	/* [mode][decrypt][key size]; NULL: as the level below, or there is none */
	pk_cipher_fn cipher[PK_MODES][2][PK_KEY_SIZES];
	/* [decrypt][key size]; NULL as above, or for want of PCLMULQDQ */
	pk_gcm_fn gcm[2][PK_KEY_SIZES];
	/* NULL: as the level below */
	pk_hmac_fn hmac[PK_HASHES];
};

#define PK_LEVELS	4
/* The weakest first; each contains those before it. */
extern const struct pk_level pk_levels[PK_LEVELS];

/*
 * @level := the best level whose needs @cpu has, up to the one called @cap
 * (NULL: all), completed from the levels below and with SHA-NI's routine on any.
 * PK_CPU_ZMM is a preference, so a level called by its name does without it.  With
 * PK_CPU_AVX2 the level aesni has a faster XTS.  0; -EINVAL no level is called
 * @cap; -ENODEV the CPU has not even the first.
 */
int pk_level_choose(struct pk_level *level, unsigned int cpu, const char *cap);

#endif /* PK_X86_LEVEL_H */
