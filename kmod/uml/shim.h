/* SPDX-License-Identifier: GPL-2.0-only */
/* What protkey needs of x86 and the headers of User-Mode Linux lack. */
#ifndef PK_UML_SHIM_H
#define PK_UML_SHIM_H

#include <linux/cache.h>
#include <linux/types.h>

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
