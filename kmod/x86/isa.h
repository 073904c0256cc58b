/* SPDX-License-Identifier: GPL-2.0-only */
/* Instruction levels: which routines this CPU runs. */
#ifndef PK_X86_ISA_H
#define PK_X86_ISA_H

#include "asm.h"

struct pk_isa {
	const char *name;
	/* [decrypt][0: 128-bit keys, 1: 256-bit keys] */
	pk_xts_fn xts[2][2];
};

/* The level in use; set by pk_isa_init(), constant after. */
extern const struct pk_isa *pk_isa;

/* PK_RNG_* that this CPU has. */
unsigned int pk_isa_rng(void);

/* -ENODEV, with a message, on a CPU without AES-NI and AVX. */
int pk_isa_init(void);

#endif /* PK_X86_ISA_H */
