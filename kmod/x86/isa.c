// SPDX-License-Identifier: GPL-2.0-only
/* Instruction levels, and the layouts that the assembly relies on. */

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <asm/cpufeature.h>
#include <asm/fpu/api.h>
#include <asm/fpu/xcr.h>

#include "isa.h"

struct pk_level pk_isa __ro_after_init;

static char *level;
module_param(level, charp, 0444);
MODULE_PARM_DESC(level, "highest instruction level to use: aesni, vaes-avx2, avx512-256, avx512");

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

static_assert(offsetof(struct pk_gcm, counter) == PK_GCM_COUNTER);
static_assert(offsetof(struct pk_gcm, hash) == PK_GCM_HASH);
static_assert(offsetof(struct pk_gcm, mask_in) == PK_GCM_MASK_IN);
static_assert(offsetof(struct pk_gcm, mask_out) == PK_GCM_MASK_OUT);
static_assert(offsetof(struct pk_gcm, aad) == PK_GCM_AAD);
static_assert(offsetof(struct pk_gcm, aad_len) == PK_GCM_AAD_LEN);
static_assert(offsetof(struct pk_gcm, lengths) == PK_GCM_LENGTHS);
static_assert(offsetof(struct pk_gcm, tag) == PK_GCM_TAG);
static_assert(offsetof(struct pk_gcm_piece, src) == PK_GCM_PIECE_SRC);
static_assert(offsetof(struct pk_gcm_piece, dst) == PK_GCM_PIECE_DST);
static_assert(offsetof(struct pk_gcm_piece, len) == PK_GCM_PIECE_LEN);
static_assert(sizeof(struct pk_gcm_piece) == PK_GCM_PIECE_SIZE);

static_assert(offsetof(struct pk_hmac, nonce) == PK_HMAC_NONCE);
static_assert(offsetof(struct pk_hmac, state) == PK_HMAC_STATE);
static_assert(offsetof(struct pk_hmac, mask_in) == PK_HMAC_MASK_IN);
static_assert(offsetof(struct pk_hmac, mask_out) == PK_HMAC_MASK_OUT);
static_assert(offsetof(struct pk_hmac, tail) == PK_HMAC_TAIL);
static_assert(offsetof(struct pk_hmac, tail_len) == PK_HMAC_TAIL_LEN);
static_assert(offsetof(struct pk_hmac, mac) == PK_HMAC_MAC);

unsigned int pk_isa_rng(void)
{
	unsigned int rng = 0;

	if (boot_cpu_has(X86_FEATURE_RDSEED))
		rng |= 1U << PK_RNG_RDSEED_BIT;
	if (boot_cpu_has(X86_FEATURE_RDRAND))
		rng |= 1U << PK_RNG_RDRAND_BIT;
	return rng;
}

static bool __init have_registers(u64 mask)
{
	return cpu_has_xfeatures(mask, NULL);
}

static bool __init have_avx512(void)
{
	return boot_cpu_has(X86_FEATURE_AVX512F) &&
	       boot_cpu_has(X86_FEATURE_AVX512BW) &&
	       boot_cpu_has(X86_FEATURE_AVX512VL) &&
	       boot_cpu_has(X86_FEATURE_AVX512DQ) &&
	       boot_cpu_has(X86_FEATURE_BMI2) &&
	       have_registers(XFEATURE_MASK_SSE | XFEATURE_MASK_YMM |
			      XFEATURE_MASK_AVX512);
}

/*
 * CPUs that lower their clock for 512-bit code: those for which Linux prefers
 * its 256-bit AES (zmm_exclusion_list in arch/x86/crypto/aesni-intel_glue.c).
 * By number, for the names differ between kernels.
 */
static bool __init zmm_costs_clock(void)
{
	static const u8 models[] __initconst = {
		0x55,			/* Skylake-X, Cascade Lake */
		0x6a, 0x6c,		/* Ice Lake servers */
		0x7d, 0x7e, 0x9d,	/* Ice Lake */
		0x8c, 0x8d,		/* Tiger Lake */
	};
	unsigned int i;

	if (boot_cpu_data.x86_vendor != X86_VENDOR_INTEL || boot_cpu_data.x86 != 6)
		return false;
	for (i = 0; i < ARRAY_SIZE(models); i++)
		if (boot_cpu_data.x86_model == models[i])
			return true;
	return false;
}

static unsigned int __init cpu_features(void)
{
	unsigned int cpu = 0;

	if (boot_cpu_has(X86_FEATURE_AES) && boot_cpu_has(X86_FEATURE_AVX) &&
	    have_registers(XFEATURE_MASK_SSE | XFEATURE_MASK_YMM))
		cpu |= PK_CPU_AESNI;
	if (boot_cpu_has(X86_FEATURE_PCLMULQDQ))
		cpu |= PK_CPU_PCLMUL;
	if (boot_cpu_has(X86_FEATURE_AVX2) &&
	    have_registers(XFEATURE_MASK_SSE | XFEATURE_MASK_YMM))
		cpu |= PK_CPU_AVX2;
	if (boot_cpu_has(X86_FEATURE_SHA_NI))
		cpu |= PK_CPU_SHANI;
	/*
	 * This level does without VPCLMULQDQ, which every CPU with VAES has; QEMU 7.2
	 * emulates VAES alone, and makes the upper lane from the lower one.
	 */
	if (boot_cpu_has(X86_FEATURE_VAES) && boot_cpu_has(X86_FEATURE_AVX2) &&
	    boot_cpu_has(X86_FEATURE_VPCLMULQDQ) &&
	    have_registers(XFEATURE_MASK_SSE | XFEATURE_MASK_YMM))
		cpu |= PK_CPU_VAES;
	if (have_avx512())
		cpu |= PK_CPU_AVX512 | (zmm_costs_clock() ? 0 : PK_CPU_ZMM);
	return cpu;
}

int __init pk_isa_init(void)
{
	int ret = pk_level_choose(&pk_isa, cpu_features(), level);

	if (ret == -ENODEV)
		pr_err("this CPU lacks AES-NI or AVX: protkey cannot run here\n");
	else if (ret)
		pr_err("no instruction level is called \"%s\": see modinfo -p protkey\n",
		       level);
	return ret;
}
