/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vault: the wrapping key of this boot, and the operations under it.
 *
 * WK = (DR0-DR3 of every CPU) xor (share in the arena), in vector registers
 * only.  One epoch per WK; a slot is usable while its epoch is the vault's.
 */
#ifndef PK_VAULT_H
#define PK_VAULT_H

#include <linux/types.h>
#include "arena.h"
#include "x86/level.h"

/* Where the second half lives.  "debugreg" is the one vault there is; "memory"
 * stands in for it in the measurement build for User-Mode Linux. */
struct pk_vault_ops {
	const char *name;
	/* Take the registers on all CPUs, keep them out of the log. */
	int (*init)(void);
	void (*exit)(void);
	/* Take this CPU's registers if they are not yet taken. */
	int (*reserve_cpu)(unsigned int cpu);
	/* Raw access on this CPU. */
	void (*read)(u64 *half);
	void (*write)(const u64 *half);
};
extern const struct pk_vault_ops pk_vault_debugreg, pk_vault_memory;

/* The share, check value and epoch; what every section loads. */
extern struct pk_wk *pk_wk;

int pk_vault_init(void);
void pk_vault_exit(void);

const char *pk_vault_name(void);

/* Epoch of the wrapping key; 0: there is none. */
static inline u64 pk_vault_epoch(void)
{
	return READ_ONCE(pk_wk->epoch);
}

/*
 * Make a wrapping key if there is none: after a loss, after resume.
 * Caller may sleep.  0 or -EAGAIN (no hardware entropy), -ENOKEY (suspended).
 */
int pk_vault_renew(void);

/*
 * Give every CPU its half again from one that still has it.  If none has,
 * the vault is lost: epoch 0, everything locked.  May sleep; needs no memory.
 * 0; -ENOKEY lost; -EAGAIN a CPU was busy, try again; -EBUSY a CPU is coming or
 * going, which the second form waits for (10 s at most).
 */
int pk_vault_repair(void);
int pk_vault_repair_wait(void);

/* Repair if a mismatch was noted since the last time; else 0 at once. */
int pk_vault_repair_suspect(void);

/* A section on @cpu (preemption off) found a wrong WK: count it if the CPU had
 * its half, which is what tells tamper from "not loaded yet". */
void pk_vault_note_mismatch(unsigned int cpu);

/*
 * Destroy the wrapping key: at once and from any context (panic included), or
 * in order, with sections awaited and the registers cleared.
 */
void pk_vault_wipe_now(void);
void pk_vault_wipe(bool suspended);

/* End a suspension and make a new wrapping key.  Errors: pk_vault_renew(). */
int pk_vault_resume(void);

/* errno of a PK_X_* result. */
int pk_vault_errno(int x);

/*
 * Operations on slots: run one section, repair and try again on a mismatch.
 * Destination slots must be unpublished; they are published on success.
 * 0, -ENOKEY (vault or slot without key), -EKEYREJECTED (authentication),
 * -EAGAIN (no entropy), -EIO (mismatch that repair did not cure).
 */
int pk_op_import(struct pk_slot *dst, const u8 *clear64);
int pk_op_generate(struct pk_slot *dst, unsigned int size);
int pk_op_xor(const struct pk_slot *a, const struct pk_slot *b,
	      struct pk_slot *dst);
int pk_op_derive(const struct pk_slot *key, struct pk_slot *dst, const u8 *msg,
		 unsigned int blocks, unsigned int flags);
int pk_op_cmac(const struct pk_slot *key, const u8 *msg, unsigned int blocks,
	       unsigned int flags, u8 *out16);
int pk_op_pattern(const struct pk_slot *key, const u8 *first16,
		  const u8 *last16, u8 *out16);
int pk_op_halves(const struct pk_slot *key, unsigned int half);
/* Of at most 55 bytes; @mac has 64 bytes, of which the hash fills its size. */
int pk_op_hmac(const struct pk_slot *key, enum pk_hash hash, const u8 *msg,
	       unsigned int len, u8 *mac);
int pk_op_wrap(const struct pk_slot *key, const struct pk_slot *payload,
	       u8 *out72);
int pk_op_unwrap(const struct pk_slot *key, struct pk_slot *dst,
		 const u8 *in72);

struct pk_vault_stat {
	bool lost;
	bool suspended;
	u32 cpus_ready;
	u64 mismatches;
	u64 repairs;
	u64 losses;
};
void pk_vault_stat(struct pk_vault_stat *stat);

#endif /* PK_VAULT_H */
