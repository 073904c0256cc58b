/* SPDX-License-Identifier: GPL-2.0-only */
/* What kmod/x86 needs of <linux/linkage.h>, in a plain process. */
#ifndef PK_NATIVE_LINKAGE_H
#define PK_NATIVE_LINKAGE_H

#ifdef __ASSEMBLER__
#define SYM_FUNC_START(name) \
	.globl name; .type name, @function; .p2align 6; name:
#define SYM_FUNC_START_LOCAL(name) \
	.type name, @function; .p2align 4; name:
#define SYM_FUNC_END(name) .size name, . - name
#define RET ret
.pushsection .note.GNU-stack, "", @progbits
.popsection
#else
#define asmlinkage
#endif

#endif
