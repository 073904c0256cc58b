/* SPDX-License-Identifier: GPL-2.0-only */
/* What protkey needs of x86 and the headers of User-Mode Linux lack. */
#ifndef PK_UML_SHIM_H
#define PK_UML_SHIM_H

#include <linux/cache.h>
#include <linux/types.h>
#include <asm/cpufeature.h>

#define X86_VENDOR_INTEL	0
#define X86_VENDOR_UNKNOWN	0xff

struct pk_uml_cpu {
	u8 x86_vendor;
	u8 x86;			/* family */
	u8 x86_model;
};

static inline void pk_uml_cpuid(u32 leaf, u32 *a, u32 *b)
{
	u32 c = 0, d;

	asm volatile("cpuid" : "=a" (*a), "=b" (*b), "+c" (c), "=d" (d) : "0" (leaf));
}

/* UML's boot_cpu_data has the flags, but neither vendor nor model. */
static inline struct pk_uml_cpu pk_uml_cpu(void)
{
	struct pk_uml_cpu cpu;
	u32 a, b;

	pk_uml_cpuid(0, &a, &b);
	/* "Genu" */
	cpu.x86_vendor = b == 0x756e6547 ? X86_VENDOR_INTEL : X86_VENDOR_UNKNOWN;
	pk_uml_cpuid(1, &a, &b);
	cpu.x86 = a >> 8 & 0xf;
	cpu.x86_model = (a >> 4 & 0xf) | (a >> 12 & 0xf0);
	return cpu;
}

static inline bool pk_uml_cpu_has(unsigned int feature)
{
	return boot_cpu_has(feature);
}

#undef boot_cpu_has
#define boot_cpu_has	pk_uml_cpu_has
#define boot_cpu_data	pk_uml_cpu()

#define XFEATURE_MASK_SSE	0x02
#define XFEATURE_MASK_YMM	0x04
#define XFEATURE_MASK_AVX512	0xe0

/* The real one answers from a table made at boot. */
static inline int cpu_has_xfeatures(u64 mask, const char **name)
{
	u32 low, high;

	asm volatile("xgetbv" : "=a" (low), "=d" (high) : "c" (0));
	return (((u64)high << 32 | low) & mask) == mask;
}

#endif /* PK_UML_SHIM_H */
