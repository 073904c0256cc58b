/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel's own arch/x86/crypto needs, in a plain process. */
#ifndef PK_NATIVE_CFI_TYPES_H
#define PK_NATIVE_CFI_TYPES_H

#include <linux/linkage.h>

#ifdef __ASSEMBLER__
#define SYM_TYPED_FUNC_START(name) SYM_FUNC_START(name)
#endif

#endif
