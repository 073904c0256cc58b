/* SPDX-License-Identifier: GPL-2.0-only */
/* What aesni-intel needs of x86 and the headers of User-Mode Linux lack. */
#ifndef BENCH_STOCK_SHIM_H
#define BENCH_STOCK_SHIM_H

#include <linux/module.h>
#include <linux/types.h>
#include <asm/cpufeature.h>
#include <asm/fpu/api.h>

#define X86_VENDOR_INTEL	0
#define XFEATURE_MASK_SSE	0x02
#define XFEATURE_MASK_YMM	0x04
#define XFEATURE_MASK_AVX512	0xe0

/* The flags come from the host's /proc/cpuinfo: there the host's kernel has
 * taken away what it has no registers enabled for. */
#define cpu_has_xfeatures(mask, name)	1

#endif /* BENCH_STOCK_SHIM_H */
