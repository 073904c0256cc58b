/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What C and assembly share: layouts of the memory that the assembly touches,
 * and its entry points.  Offsets are asserted in x86/isa.c.
 */
#ifndef PK_X86_ASM_H
#define PK_X86_ASM_H

/* struct pk_wk */
#define PK_WK_SHARE	0
#define PK_WK_CHECK	32
#define PK_WK_EPOCH	48

/* struct pk_slot */
#define PK_SLOT_NONCE	0
#define PK_SLOT_EPOCH	16
#define PK_SLOT_HDR	32
#define PK_SLOT_CT	64
#define PK_SLOT_SIZE	128

/* struct pk_gcm */
#define PK_GCM_COUNTER	0
#define PK_GCM_HASH	16
#define PK_GCM_MASK_IN	32
#define PK_GCM_MASK_OUT	40
#define PK_GCM_AAD	48
#define PK_GCM_AAD_LEN	56
#define PK_GCM_LENGTHS	64
#define PK_GCM_TAG	80

/* struct pk_gcm_piece */
#define PK_GCM_PIECE_SRC	0
#define PK_GCM_PIECE_DST	8
#define PK_GCM_PIECE_LEN	16
#define PK_GCM_PIECE_SIZE	24

/* struct pk_hmac */
#define PK_HMAC_NONCE	0
#define PK_HMAC_STATE	16
#define PK_HMAC_MASK_IN	80
#define PK_HMAC_MASK_OUT 88
#define PK_HMAC_TAIL	96
#define PK_HMAC_TAIL_LEN 104
#define PK_HMAC_MAC	112

/* Results.  Whatever is not OK produced no output. */
#define PK_X_OK		0
#define PK_X_STALE	1	/* slot empty, or its epoch is not the vault's */
#define PK_X_MISMATCH	2	/* this CPU's half does not make the wrapping key */
#define PK_X_BAD	3	/* authentication failed */
#define PK_X_EMPTY	4	/* the hardware generator gave nothing */

/* Flags of the XTS routines, above the length in their last argument. */
#define PK_XTS_FIRST_BIT	32	/* *tweak holds the IV: encrypt it first */
#define PK_XTS_MORE_BIT		33	/* write the next tweak back to *tweak */

/* Flags of the GCM routines, above the length in their last argument. */
#define PK_GCM_FIRST_BIT	32	/* nothing hashed so far: hash, mask_in unused */
#define PK_GCM_LAST_BIT		33	/* hash the lengths, make the tag */
#define PK_GCM_AAD_BIT		34	/* src is associated data: dst unused */
#define PK_GCM_PIECES_BIT	35	/* src is a row of struct pk_gcm_piece */

/* The bytes that the widest GCM routine takes at a time. */
#define PK_GCM_GROUP		256

/* Flags of the HMAC routines, above the length in their last argument. */
#define PK_HMAC_FIRST_BIT	32	/* begin with the key: state, mask_in unused */
#define PK_HMAC_LAST_BIT	33	/* hash the tail, make the MAC */

/* Flags of pk_x_cmac and pk_x_derive. */
#define PK_CMAC_PADDED_BIT	0	/* last block was padded: second subkey */

/* Flags of the generating routines. */
#define PK_RNG_RDSEED_BIT	0
#define PK_RNG_RDRAND_BIT	1

#ifndef __ASSEMBLER__
#include <linux/linkage.h>
#include <linux/types.h>

/*
 * The wrapping key's second half.  WK = DR0-DR3 xor share exists in vector
 * registers only.  Lives in the arena.
 */
struct pk_wk {
	u8 share[32];
	u8 check[16];		/* AES-256(WK, 0): detects any other WK */
	u64 epoch;		/* 0: no wrapping key */
};

/*
 * A protected key: 64 bytes of key under AES-256-CTR(WK).  Lives in the arena.
 *
 * Publishing order: a reader reads epoch, then nonce and ct, then epoch again,
 * and uses the key only if both are the vault's.  So a writer sets epoch to 0,
 * waits for running sections unless the slot was never published, writes, and
 * sets epoch last.
 */
struct pk_slot {
	u8 nonce[16];		/* 02 || CMAC(header, key)[1..14] || 00 */
	u64 epoch;		/* 0: empty */
	u64 reserved0;
	u64 id;			/* header: authenticated with the key */
	u32 type;
	u32 size;
	u64 reserved1[2];
	u8 ct[64];
};

/*
 * All of these run inside kernel_fpu_begin()/end(), clear every vector
 * register before they return, store nothing derived from a key but what is
 * named here, and return PK_X_*.
 */

/* Does this CPU's half make the wrapping key? */
asmlinkage int pk_x_check(const struct pk_wk *wk);
/* Compute wk->check for a new wrapping key. */
asmlinkage int pk_x_make_check(struct pk_wk *wk);
/* Load this CPU's half as every section does, and forget it. */
asmlinkage void pk_x_dr_touch(void);
/* buf[32] := mix of buf (generator bytes) and the CPU's generator. */
asmlinkage int pk_x_dr_generate(u8 *buf, unsigned int rng);

/* Raw debug registers; no FPU needed. */
asmlinkage void pk_x_dr_read(u64 *dr4);
asmlinkage void pk_x_dr_write(const u64 *dr4);

/* Fill @dst (header set, unpublished): from clear bytes ... */
asmlinkage int pk_x_import(const struct pk_wk *wk, struct pk_slot *dst,
			   const u8 *clear64);
/* ... generated from rnd64 and the CPU's generator, and-ed with mask64 ... */
asmlinkage int pk_x_generate(const struct pk_wk *wk, struct pk_slot *dst,
			     const u8 *rnd64, const u8 *mask64, unsigned int rng);
/* ... derived: two CMACs of msg (16-byte blocks) with counter 1 and 2 ... */
asmlinkage int pk_x_derive(const struct pk_wk *wk, const struct pk_slot *key,
			   struct pk_slot *dst, const u8 *msg,
			   unsigned int blocks, unsigned int flags);
/* ... two 32-byte keys added ... */
asmlinkage int pk_x_xor(const struct pk_wk *wk, const struct pk_slot *a,
			const struct pk_slot *b, struct pk_slot *dst);
/* ... or unwrapped with AES-256-KWP. */
asmlinkage int pk_x_kwp_unwrap(const struct pk_wk *wk, const struct pk_slot *key,
			       struct pk_slot *dst, const u8 *in72);
asmlinkage int pk_x_kwp_wrap(const struct pk_wk *wk, const struct pk_slot *key,
			     const struct pk_slot *payload, u8 *out72);
/* AES-256-CMAC under the slot's first 32 bytes. */
asmlinkage int pk_x_cmac(const struct pk_wk *wk, const struct pk_slot *key,
			 const u8 *msg, unsigned int blocks, unsigned int flags,
			 u8 *out16);
/* CMAC under payload[0..31] of first16 || payload[32..63] || last16. */
asmlinkage int pk_x_pattern(const struct pk_wk *wk, const struct pk_slot *key,
			    const u8 *first16, const u8 *last16, u8 *out16);
/* PK_X_BAD if the two XTS halves of @half bytes (16 or 32) are equal. */
asmlinkage int pk_x_halves(const struct pk_wk *wk, const struct pk_slot *key,
			   unsigned int half);

/*
 * A cipher, one section: XTS, CTR, CBC or ECB of whole blocks.  @iv: the mode's
 * IV, counter or tweak; @len_flags: bytes, and the mode's flags above them.
 */
typedef int (*pk_cipher_fn)(const struct pk_wk *wk, const struct pk_slot *key,
			    u8 *iv, const u8 *src, u8 *dst, u64 len_flags);

/*
 * A GCM request between two sections.  The running hash is as good as the hash
 * key to who sees it and the data, so it is here only under a mask, the
 * wrapping key's block 03 || number; a number is used once an epoch.
 */
struct pk_gcm {
	u8 counter[16];		/* IV || counter of the next block, first 2 */
	u8 hash[16];		/* masked; not written with LAST */
	u64 mask_in;		/* number of the mask on hash */
	u64 mask_out;		/* number of the mask to put on it */
	const u8 *aad;		/* hashed before the data of this section, */
	u64 aad_len;		/* padded with zeros; 0..256 */
	u8 lengths[16];		/* LAST: bits of AAD and data, big-endian */
	u8 tag[16];		/* LAST: out */
	u64 epoch;		/* of the mask on hash; for the caller of these */
};

/*
 * Data of a section that are not in one place: with PIECES, @src is a row of these,
 * one at least, @dst is unused, and the length is that of all.  Each but the last
 * has whole groups (PK_GCM_GROUP), the last a byte or more.
 */
struct pk_gcm_piece {
	const u8 *src;
	u8 *dst;
	u64 len;
};

/*
 * AES-GCM, one section: g->aad, then 0..16400 bytes at @src.  Only the last
 * bytes of the associated data and of the data may be no whole block.  @src
 * and @dst may be equal.  A refused section writes nothing.
 */
typedef int (*pk_gcm_fn)(const struct pk_wk *wk, const struct pk_slot *key,
			 struct pk_gcm *g, const u8 *src, u8 *dst, u64 len_flags);

/*
 * An HMAC between two sections.  Who has the state of the hash can go on from it
 * to the MAC of any message that begins alike, without the key; so it is here
 * only under a mask: the wrapping key's blocks 04 || i || number, i from 0.  A
 * number is used once an epoch.
 */
struct pk_hmac {
	u8 nonce[16];		/* of the slot: another key's or epoch's is refused */
	u8 state[64];		/* masked; not written with LAST */
	u64 mask_in;		/* number of the mask on state */
	u64 mask_out;		/* number of the mask to put on it */
	const u8 *tail;		/* LAST: whole blocks to hash behind src, with */
	u64 tail_len;		/* the padding of the hash */
	u8 mac[64];		/* LAST: out */
};

/* HMAC, one section: 0..4096 bytes at @src, whole blocks of the hash. */
typedef int (*pk_hmac_fn)(const struct pk_wk *wk, const struct pk_slot *key,
			  struct pk_hmac *h, const u8 *src, u64 len_flags);
#endif /* __ASSEMBLER__ */
#endif /* PK_X86_ASM_H */
