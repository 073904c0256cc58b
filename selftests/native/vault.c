// SPDX-License-Identifier: GPL-2.0-only
/* The vault of a plain process: see native.h. */

#include <cpuid.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "native.h"

/* In place of DR0-DR3; read by the assembly. */
u64 pk_memory_half[4];

struct pk_wk native_wk;

/* GCC 12 knows no name for it. */
static int cpuid_has_sha(void)
{
	unsigned int a, b = 0, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & bit_SHA;
}

unsigned int native_cpu(void)
{
	unsigned int cpu = 0;

	if (__builtin_cpu_supports("aes") && __builtin_cpu_supports("avx"))
		cpu |= PK_CPU_AESNI;
	if (__builtin_cpu_supports("pclmul"))
		cpu |= PK_CPU_PCLMUL;
	if (__builtin_cpu_supports("avx2"))
		cpu |= PK_CPU_AVX2;
	if (cpuid_has_sha())
		cpu |= PK_CPU_SHANI;
	if (__builtin_cpu_supports("vaes") && __builtin_cpu_supports("avx2") &&
	    __builtin_cpu_supports("vpclmulqdq"))
		cpu |= PK_CPU_VAES;
	if (__builtin_cpu_supports("avx512f") &&
	    __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vl") &&
	    __builtin_cpu_supports("avx512dq") &&
	    __builtin_cpu_supports("bmi2"))
		cpu |= PK_CPU_AVX512 | PK_CPU_ZMM;
	return cpu;
}

void native_random(void *buf, size_t len)
{
	if (getrandom(buf, len, 0) != (ssize_t)len) {
		perror("getrandom");
		exit(1);
	}
}

void native_init(void)
{
	native_random(pk_memory_half, sizeof(pk_memory_half));
	native_random(native_wk.share, sizeof(native_wk.share));
	pk_x_make_check(&native_wk);
	native_wk.epoch = 1;
}

void native_import(struct pk_slot *slot, const u8 *key, unsigned int size)
{
	u8 clear[64] = { };
	static u64 id;

	memcpy(clear, key, size);
	memset(slot, 0, sizeof(*slot));
	slot->id = ++id;
	slot->size = size;
	if (pk_x_import(&native_wk, slot, clear)) {
		fprintf(stderr, "pk-native: import failed\n");
		exit(1);
	}
	slot->epoch = native_wk.epoch;
}

int native_refused(pk_cipher_fn fn, const struct pk_wk *wk,
		   const struct pk_slot *slot, u64 flags, int want)
{
	u8 iv[16] = { 1 }, same_iv[16] = { 1 };
	u8 buf[256], same[256];

	memset(buf, 0x5a, sizeof(buf));
	memcpy(same, buf, sizeof(buf));
	return fn(wk, slot, iv, buf, buf, sizeof(buf) | flags) == want &&
	       !memcmp(buf, same, sizeof(buf)) &&
	       !memcmp(iv, same_iv, sizeof(iv));
}
