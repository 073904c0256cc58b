/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Building blocks of every routine: the wrapping key from its two halves, the
 * AES key schedule in registers, and the tests that must follow the loads.
 *
 * AVX encodings throughout (Sandy Bridge, Bulldozer and later), integer work
 * on xmm only, so that no AVX2 is needed.
 *
 * The key schedule uses aesenclast in place of aeskeygenassist: with the word
 * w broadcast to all four columns ShiftRows changes nothing, so
 * aesenclast(w, x) = SubWord(w) xor x in every column at once.
 */
#include <linux/linkage.h>
#include "asm.h"

#define PK_EFLAGS_IF	0x200	/* interrupts were on */

.section .rodata.pk_aes, "a", @progbits
.p2align 4
.Lpk_rcon:
.irp rc, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1b, 0x36
	.long	\rc, \rc, \rc, \rc
.endr
.Lpk_rotword:			/* RotWord(w3) in every column */
	.byte	13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12
.Lpk_gf:			/* reduction of a doubling in GF(2^128) */
	.octa	0x00000000000000010000000000000087
.Lpk_ctr1:			/* counter in the last byte */
	.byte	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
.Lpk_ctr2:
	.byte	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2
.Lpk_ctr3:
	.byte	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3

/*
 * PK_LOAD_HALF: xmm0, xmm1 := this CPU's half, from the debug registers.
 * PK_LOAD_WK: WK, with the share at (%rdi).
 *
 * Interrupts are off while eight bytes of the half pass through %rax, so that
 * no interrupt frame holds them.  Clobbers rax.
 *
 * PK_VAULT_MEMORY: the half is in memory.  Only for measuring where there are
 * no debug registers, User-Mode Linux and plain processes.
 */
#ifdef PK_VAULT_MEMORY
#if defined(__KERNEL__) && !defined(CONFIG_UML)
#error "the memory vault is for measurement in User-Mode Linux, nothing else"
#endif
.macro PK_CLI			/* faults in a process */
.endm
.macro PK_LOAD_HALF
	vmovdqu	pk_memory_half(%rip), %xmm0
	vmovdqu	pk_memory_half+16(%rip), %xmm1
.endm
#else
.macro PK_CLI
	cli
.endm
.macro PK_LOAD_HALF
	pushfq
	PK_CLI
	mov	%db0, %rax
	vmovq	%rax, %xmm0
	mov	%db1, %rax
	vpinsrq	$1, %rax, %xmm0, %xmm0
	mov	%db2, %rax
	vmovq	%rax, %xmm1
	mov	%db3, %rax
	vpinsrq	$1, %rax, %xmm1, %xmm1
	pop	%rax			/* in place of the half */
	test	$PK_EFLAGS_IF, %eax
	jz	.Lpk_no_irq_\@
	sti				/* popf takes longer */
.Lpk_no_irq_\@:
.endm
#endif

.macro PK_LOAD_WK
	PK_LOAD_HALF
	vpxor	PK_WK_SHARE(%rdi), %xmm0, %xmm0
	vpxor	PK_WK_SHARE+16(%rdi), %xmm1, %xmm1
.endm

/*
 * \dst := \src * x in GF(2^128), little-endian (XTS); \t is scratch.  In both
 * lanes of ymm with AVX2 and \gf in both lanes.
 */
.macro PK_DOUBLE src, dst, t, gf=.Lpk_gf
	vpshufd	$0x13, \src, \t
	vpaddq	\src, \src, \dst
	vpsrad	$31, \t, \t
	vpand	\gf(%rip), \t, \t
	vpxor	\t, \dst, \dst
.endm

/* \d := a ^ a<<32 ^ a<<64 ^ a<<96; \t is scratch. */
.macro PK_PREFIX a, d, t
	vpsllq	$32, \a, \d
	vpxor	\a, \d, \d
	vpshufd	$0x55, \d, \t
	vpxor	\d, \t, \t
	vpblendw $0xf0, \t, \d, \d
.endm

/*
 * Next AES-256 round key: \a, \b hold two consecutive ones, \i is the number of
 * the one to make; even ones replace \a, odd ones \b.  Scratch: xmm2, xmm3.
 */
.macro PK_NEXT256 i, a=%xmm0, b=%xmm1
.if (\i) % 2 == 0
	PK_PREFIX \a, %xmm2, %xmm3
	vpxor	.Lpk_rcon+16*((\i)/2-1)(%rip), %xmm2, %xmm2
	vpshufb	.Lpk_rotword(%rip), \b, %xmm3
	vaesenclast %xmm2, %xmm3, \a
.else
	PK_PREFIX \b, %xmm2, %xmm3
	vpshufd	$0xff, \a, %xmm3
	vaesenclast %xmm2, %xmm3, \b
.endif
.endm

/* Next AES-128 round key in \k; \i from 1. */
.macro PK_NEXT128 i, k=%xmm0
	PK_PREFIX \k, %xmm2, %xmm3
	vpxor	.Lpk_rcon+16*((\i)-1)(%rip), %xmm2, %xmm2
	vpshufb	.Lpk_rotword(%rip), \k, %xmm3
	vaesenclast %xmm2, %xmm3, \k
.endm

/* One AES operation on each of \states with the key register \k. */
.macro PK_EACH op, k, states:vararg
.irp s, \states
	\op	\k, \s, \s
.endr
.endm

/*
 * Encrypt \states (a list of xmm registers) while the schedule of the AES-256 key
 * in xmm0, xmm1 rolls by.  Clobbers xmm0-xmm3.
 */
.macro PK_ROLL256 states:vararg
	PK_EACH	vpxor, %xmm0, \states
	PK_EACH	vaesenc, %xmm1, \states
.irp i, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
	PK_NEXT256 \i
.if (\i) % 2 == 0
	PK_EACH	vaesenc, %xmm0, \states
.else
	PK_EACH	vaesenc, %xmm1, \states
.endif
.endr
	PK_NEXT256 14
	PK_EACH	vaesenclast, %xmm0, \states
.endm

/*
 * All round keys, two to a register: even ones in the low, odd ones in the
 * high half of ymm8+r/2.  From xmm0 (and xmm1); clobbers xmm0-xmm3.
 */
.macro PK_PAIR lo, hi, n
	vinsertf128 $1, \hi, \lo, %ymm\n
.endm

/* \also is told of each round, from 0, after its key: that is more to do in it. */
.macro PK_NOTHING i
.endm

.macro PK_PACK256 also=PK_NOTHING
	\also	0
	\also	1
	PK_PAIR	%ymm0, %xmm1, 8
	PK_PACK256_PAIR 2, 9, \also
	PK_PACK256_PAIR 4, 10, \also
	PK_PACK256_PAIR 6, 11, \also
	PK_PACK256_PAIR 8, 12, \also
	PK_PACK256_PAIR 10, 13, \also
	PK_PACK256_PAIR 12, 14, \also
	PK_NEXT256 14
	\also	14
	vmovdqa	%xmm0, %xmm15
.endm

.macro PK_PACK256_PAIR i, n, also
	PK_NEXT256 \i
	\also	\i
	PK_NEXT256 "(\i+1)"
	\also	"(\i+1)"
	PK_PAIR	%ymm0, %xmm1, \n
.endm

.macro PK_PACK128 also=PK_NOTHING
	\also	0
	vmovdqa	%xmm0, %xmm1
	PK_NEXT128 1
	\also	1
	PK_PAIR	%ymm1, %xmm0, 8
	PK_PACK128_PAIR 2, 9, \also
	PK_PACK128_PAIR 4, 10, \also
	PK_PACK128_PAIR 6, 11, \also
	PK_PACK128_PAIR 8, 12, \also
	PK_NEXT128 10
	\also	10
	vmovdqa	%xmm0, %xmm13
.endm

.macro PK_PACK128_PAIR i, n, also
	PK_NEXT128 \i
	\also	\i
	vmovdqa	%xmm0, %xmm1
	PK_NEXT128 "(\i+1)"
	\also	"(\i+1)"
	PK_PAIR	%ymm1, %xmm0, \n
.endm

/*
 * AES-192: xmm0 holds the first four words of a chunk of six, the upper half of
 * xmm1 the other two; \c is the number of the chunk to make, from 1.
 * Scratch: xmm2, xmm3.
 */
.macro PK_CHUNK192_LO c
	PK_PREFIX %xmm0, %xmm2, %xmm3
	vpxor	.Lpk_rcon+16*((\c)-1)(%rip), %xmm2, %xmm2
	vpshufb	.Lpk_rotword(%rip), %xmm1, %xmm3
	vaesenclast %xmm2, %xmm3, %xmm0
.endm

.macro PK_CHUNK192_HI
	vpsllq	$32, %xmm1, %xmm2
	vpxor	%xmm2, %xmm1, %xmm1
	vpshufd	$0xff, %xmm0, %xmm2
	vpxor	%xmm2, %xmm1, %xmm1
.endm

/* Four chunks are six round keys: three pairs.  Clobbers xmm2-xmm5. */
.macro PK_PACK192_HALF c, a, b, d
	vmovdqa	%xmm0, %xmm4
	PK_CHUNK192_LO "(\c)"
	vpalignr $8, %xmm1, %xmm0, %xmm5
	PK_PAIR	%ymm4, %xmm5, \a
	PK_CHUNK192_HI
	vpunpckhqdq %xmm1, %xmm0, %xmm4
	PK_CHUNK192_LO "(\c+1)"
	PK_PAIR	%ymm4, %xmm0, \b
	PK_CHUNK192_HI
	PK_CHUNK192_LO "(\c+2)"
	vpalignr $8, %xmm1, %xmm0, %xmm4
	PK_CHUNK192_HI
	vpunpckhqdq %xmm1, %xmm0, %xmm5
	PK_PAIR	%ymm4, %xmm5, \d
	PK_CHUNK192_LO "(\c+3)"
	PK_CHUNK192_HI
.endm

/* From the key in xmm0 and the lower half of xmm1; the last one is xmm14. */
.macro PK_PACK192
	vpslldq	$8, %xmm1, %xmm1
	PK_PACK192_HALF 1, 8, 9, 10
	PK_PACK192_HALF 5, 11, 12, 13
	vmovdqa	%xmm0, %xmm14
.endm

/*
 * Turn packed encryption keys into those of the equivalent inverse cipher:
 * InvMixColumns of all but the first and the last.  Clobbers xmm0, xmm1.
 */
.macro PK_INVERT_HIGH n
	vextractf128 $1, %ymm\n, %xmm0
	vaesimc	%xmm0, %xmm0
	vinsertf128 $1, %xmm0, %ymm\n, %ymm\n
.endm

.macro PK_INVERT_BOTH n
	vextractf128 $1, %ymm\n, %xmm0
	vaesimc	%xmm0, %xmm0
	vaesimc	%xmm\n, %xmm1
	vinsertf128 $1, %xmm0, %ymm1, %ymm\n
.endm

.macro PK_INVERT256
	PK_INVERT_HIGH 8
.irp n, 9, 10, 11, 12, 13, 14
	PK_INVERT_BOTH \n
.endr
.endm

.macro PK_INVERT192
	PK_INVERT_HIGH 8
.irp n, 9, 10, 11, 12, 13
	PK_INVERT_BOTH \n
.endr
.endm

.macro PK_INVERT128
	PK_INVERT_HIGH 8
.irp n, 9, 10, 11, 12
	PK_INVERT_BOTH \n
.endr
.endm

/*
 * All of an encryption with packed keys but its last round; \t is scratch.  \gap
 * is more to do while \t is free; it is told its number, from 9 (decrypting: 14).
 */
.macro PK_ROUNDS_GAP bits, gap, t, states:vararg
	PK_EACH	vpxor, %xmm8, \states
	vextractf128 $1, %ymm8, \t
	PK_EACH	vaesenc, \t, \states
.irp n, 9, 10, 11, 12, 13, 14
.if \n <= 10+\bits/64
	\gap	\n
	PK_EACH	vaesenc, %xmm\n, \states
	vextractf128 $1, %ymm\n, \t
	PK_EACH	vaesenc, \t, \states
.endif
.endr
.endm

/* All of a decryption but its first addition. */
.macro PK_INV_ROUNDS_GAP bits, gap, t, states:vararg
.irp n, 14, 13, 12, 11, 10, 9
.if \n <= 10+\bits/64
	vextractf128 $1, %ymm\n, \t
	PK_EACH	vaesdec, \t, \states
	\gap	\n
	PK_EACH	vaesdec, %xmm\n, \states
.endif
.endr
	vextractf128 $1, %ymm8, \t
	PK_EACH	vaesdec, \t, \states
	PK_EACH	vaesdeclast, %xmm8, \states
.endm

.macro PK_ROUNDS bits, t, states:vararg
	PK_ROUNDS_GAP \bits, PK_NOTHING, \t, \states
.endm

.macro PK_INV_ROUNDS bits, t, states:vararg
	PK_INV_ROUNDS_GAP \bits, PK_NOTHING, \t, \states
.endm

/* Encrypt or decrypt \states with packed keys; \t is scratch. */
.macro PK_ENC256 t, states:vararg
	PK_ROUNDS 256, \t, \states
	PK_EACH	vaesenclast, %xmm15, \states
.endm

.macro PK_DEC256 t, states:vararg
	PK_EACH	vpxor, %xmm15, \states
	PK_INV_ROUNDS 256, \t, \states
.endm

.macro PK_ENC192 t, states:vararg
	PK_ROUNDS 192, \t, \states
	PK_EACH	vaesenclast, %xmm14, \states
.endm

.macro PK_DEC192 t, states:vararg
	PK_EACH	vpxor, %xmm14, \states
	PK_INV_ROUNDS 192, \t, \states
.endm

.macro PK_ENC128 t, states:vararg
	PK_ROUNDS 128, \t, \states
	PK_EACH	vaesenclast, %xmm13, \states
.endm

.macro PK_DEC128 t, states:vararg
	PK_EACH	vpxor, %xmm13, \states
	PK_INV_ROUNDS 128, \t, \states
.endm

/* A defect on purpose, for the leak test to find: four round keys to the stack. */
.macro PK_BROKEN
#ifdef PK_BROKEN_SPILL
	sub	$64, %rsp
	vmovdqu	%ymm9, (%rsp)
	vmovdqu	%ymm10, 32(%rsp)
	add	$64, %rsp
#endif
.endm

/*
 * The tests of a section.  They come after every load of share, debug
 * registers and wrapped key: a test before the loads would race with a wipe.
 * %r10 is the slot's epoch read before the loads, xmm8 the encrypted check
 * block.  On failure eax is the result and \fail is the way out.
 */
.macro PK_TEST_EPOCH fail
	mov	$PK_X_STALE, %eax
	test	%r10, %r10
	jz	\fail
	cmp	PK_SLOT_EPOCH(%rsi), %r10
	jne	\fail
	cmp	PK_WK_EPOCH(%rdi), %r10
	jne	\fail
.endm

.macro PK_TEST_CHECK check, fail
	mov	$PK_X_MISMATCH, %eax
	vpxor	PK_WK_CHECK(%rdi), \check, \check
	vptest	\check, \check
	jnz	\fail
.endm
