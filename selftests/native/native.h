/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The routines of kmod/x86 in a plain process: the same sources, with the memory
 * vault in place of the debug registers.
 */
#ifndef PK_NATIVE_H
#define PK_NATIVE_H

#include <stdio.h>

#include "level.h"

/* The vault of this process, ready after native_init(). */
extern struct pk_wk native_wk;
/* The half in place of DR0-DR3. */
extern u64 pk_memory_half[4];

/* PK_CPU_* of this CPU. */
unsigned int native_cpu(void);

void native_init(void);

/* Fill @slot with a protected key of @size bytes. */
void native_import(struct pk_slot *slot, const u8 *key, unsigned int size);

/* Does @fn give @want and leave data and IV as they are? */
int native_refused(pk_cipher_fn fn, const struct pk_wk *wk,
		   const struct pk_slot *slot, u64 flags, int want);

/* A buffer between two pages that fault. */
#define NATIVE_FENCED	(6 * 4096)
u8 *native_fenced(void);
/* Room for @len bytes in it: at its start, at its end, or at an odd address. */
u8 *native_place(u8 *buf, unsigned int len);

/* A whole HMAC; its length, or -1. */
int native_hmac(pk_hmac_fn fn, enum pk_hash which, const struct pk_slot *slot,
		const u8 *data, unsigned int len, u8 *mac);

/* KTAP. */
void native_result(int good, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int native_finish(void);

void native_random(void *buf, size_t len);

/* The tests: of one level. */
void native_test_xts(const struct pk_level *level);
void native_test_modes(const struct pk_level *level);
void native_test_gcm(const struct pk_level *level);
/* @zmm: this CPU has zmm0-31, not just ymm0-15. */
void native_test_clear(const struct pk_level *level, int zmm);
void native_test_hmac(const struct pk_level *level);
/* Of a file: see vectors.c. */
void native_test_vectors(const struct pk_level *level, const char *path);

#endif
