/* SPDX-License-Identifier: GPL-2.0-only */
/* What this CPU is, and the level in use on it. */
#ifndef PK_X86_ISA_H
#define PK_X86_ISA_H

#include "level.h"

/* Set by pk_isa_init(), constant after. */
extern struct pk_level pk_isa;

/* PK_RNG_* that this CPU has. */
unsigned int pk_isa_rng(void);

/* -ENODEV, -EINVAL (parameter "level"), with a message. */
int pk_isa_init(void);

#endif /* PK_X86_ISA_H */
