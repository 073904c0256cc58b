// SPDX-License-Identifier: GPL-2.0-only
/* Instruction levels, and the layouts that the assembly relies on. */

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <asm/cpufeature.h>
#include <asm/fpu/api.h>
#include <asm/fpu/xcr.h>

#include "isa.h"

static const struct pk_isa isa_aesni = {
	.name = "aesni",
	.xts = {
		{ pk_xts_enc128_aesni, pk_xts_enc256_aesni },
		{ pk_xts_dec128_aesni, pk_xts_dec256_aesni },
	},
};

const struct pk_isa *pk_isa;

static_assert(offsetof(struct pk_wk, share) == PK_WK_SHARE);
static_assert(offsetof(struct pk_wk, check) == PK_WK_CHECK);
static_assert(offsetof(struct pk_wk, epoch) == PK_WK_EPOCH);
static_assert(sizeof(struct pk_wk) <= PK_SLOT_SIZE);
static_assert(offsetof(struct pk_slot, nonce) == PK_SLOT_NONCE);
static_assert(offsetof(struct pk_slot, epoch) == PK_SLOT_EPOCH);
static_assert(offsetof(struct pk_slot, id) == PK_SLOT_HDR);
static_assert(offsetof(struct pk_slot, reserved1) == PK_SLOT_HDR + 16);
static_assert(offsetof(struct pk_slot, ct) == PK_SLOT_CT);
static_assert(sizeof(struct pk_slot) == PK_SLOT_SIZE);

unsigned int pk_isa_rng(void)
{
	unsigned int rng = 0;

	if (boot_cpu_has(X86_FEATURE_RDSEED))
		rng |= 1U << PK_RNG_RDSEED_BIT;
	if (boot_cpu_has(X86_FEATURE_RDRAND))
		rng |= 1U << PK_RNG_RDRAND_BIT;
	return rng;
}

int pk_isa_init(void)
{
	if (!boot_cpu_has(X86_FEATURE_AES) || !boot_cpu_has(X86_FEATURE_AVX) ||
	    !cpu_has_xfeatures(XFEATURE_MASK_SSE | XFEATURE_MASK_YMM, NULL)) {
		pr_err("this CPU lacks AES-NI or AVX: protkey cannot run here\n");
		return -ENODEV;
	}
	pk_isa = &isa_aesni;
	return 0;
}
