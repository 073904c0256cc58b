/* SPDX-License-Identifier: GPL-2.0-only */
/* What reading the debug registers costs on this machine. */
#ifndef PK_BENCH_H
#define PK_BENCH_H

#include "uapi/protkey.h"

/* Measure what @bench asks for, on one CPU.  May sleep between samples. */
int pk_bench(struct protkey_bench *bench);

#endif /* PK_BENCH_H */
