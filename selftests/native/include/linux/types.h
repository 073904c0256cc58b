/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's short names of types, in a plain process. */
#ifndef PK_NATIVE_TYPES_H
#define PK_NATIVE_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#ifndef __ASSEMBLER__
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef unsigned long u64;
#endif

#endif
