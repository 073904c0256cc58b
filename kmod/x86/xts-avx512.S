/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XTS-AES for CPUs with VAES and AVX-512: 32 registers, in two widths.
 *
 *	int pk_xts_{enc,dec}{128,256}_avx512_256(...)	ymm (AVX-512 F, VL, DQ)
 *	int pk_xts_{enc,dec}{128,256}_avx512(...)	zmm
 *
 * Arguments, flags and results as in xts-aesni.S.  What is different:
 *
 * - The schedules of the data and the tweak key run in the two lanes of one
 *   ymm (chain.inc.S), the encryption of the IV in lockstep with them.
 * - Round keys of decryption: aesenclast(0), aesdec(0) is InvMixColumns.
 * - The data runs in two groups of four vectors, half of the rounds apart.
 *
 * Registers while a schedule runs, beside those of chain.inc.S (ymm):
 *	15	the IV on its way	16-30	K
 *	31	zero
 * of the wrapping key, where only two K are alive:
 *	16, 17	K, by i mod 2		18, 19	payload
 *	20	check block
 * Registers of the data loop (ymm or zmm):
 *	0-3	data, group A		4-7	data, group B
 *	8-11	tweaks of A		12-15	tweaks of B
 *	16-30	round keys, in every lane (AES-128: 16-26)
 *	31	scratch
 *	k1	low quadwords, words 0 and 2	k2	words 0 and 1
 *	k3	the last blocks
 */
#include "aes.inc.S"
#include "chain.inc.S"

.section .rodata.pk_avx512, "a", @progbits
.p2align 6
.Lblock:			/* block n of a group has the tweak T * x^n */
.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	.quad	\n, \n
.endr
.Lreduce:			/* x^128 without its 1 */
.rept 4
	.quad	0x86, 0
.endr
.Lctr256:			/* [D0 | T0], [D1 | T1] */
	.quad	0, 0, 0, 0x02 << 56, 0, 0x01 << 56, 0, 0x03 << 56
.Lctr128:			/* [D | T] */
	.quad	0, 0, 0, 0x01 << 56
.L64:
	.quad	64

.section .noinstr.text, "ax"

/*
 * Rounds of the wrapping key: payload in ymm18 (and 19), check in 20.  The last
 * round key has the wrapped key in it.
 */
.macro ROUND_UNWRAP256 w, i, k
.if \i < 14
	UNWRAP_ROUND \i, \k
.else
	vmovdqu	PK_SLOT_CT(%rsi), %xmm0
	vmovdqu	PK_SLOT_CT+16(%rsi), %xmm1
	vinserti128 $1, PK_SLOT_CT+32(%rsi), %ymm0, %ymm0
	vinserti128 $1, PK_SLOT_CT+48(%rsi), %ymm1, %ymm1
	vpternlogd $0x96, %ymm14, %ymm\k, %ymm0
	vpternlogd $0x96, %ymm14, %ymm\k, %ymm1
	vpxord	%xmm14, %xmm\k, %xmm\k
	vaesenclast %xmm\k, %xmm20, %xmm20
	vaesenclast %ymm1, %ymm19, %ymm17
	vaesenclast %ymm0, %ymm18, %ymm16
.endif
.endm

.macro ROUND_UNWRAP128 w, i, k
.if \i == 0
	vpxord	%ymm\k, %ymm18, %ymm18
	vmovdqa32 %xmm\k, %xmm20
.elseif \i < 14
	vaesenc	%ymm\k, %ymm18, %ymm18
	vaesenc	%xmm\k, %xmm20, %xmm20
.else
	vmovdqu	PK_SLOT_CT(%rsi), %ymm0
	vpternlogd $0x96, %ymm14, %ymm\k, %ymm0
	vpxord	%xmm14, %xmm\k, %xmm\k
	vaesenclast %xmm\k, %xmm20, %xmm20
	vaesenclast %ymm0, %ymm18, %ymm16
.endif
.endm

/* ymm16 (and 17) := [D | T] in clear; xmm20 := check block. */
.macro XTS_UNWRAP256
	vbroadcasti32x4 PK_SLOT_NONCE(%rsi), %ymm19
	vpxord	.Lctr256(%rip), %ymm19, %ymm18
	vpxord	.Lctr256+32(%rip), %ymm19, %ymm19
	UNWRAP	ROUND_UNWRAP256
.endm

.macro XTS_UNWRAP128
	vbroadcasti32x4 PK_SLOT_NONCE(%rsi), %ymm18
	vpxord	.Lctr128(%rip), %ymm18, %ymm18
	UNWRAP	ROUND_UNWRAP128
.endm

/*
 * A round of the IV (upper lane of ymm15), then the data key's part of the round
 * key into every lane of the vector that the data loop uses.
 */
.macro ROUND_KEYS w, dir, rounds, i, k
.if \i == 0
	vpxord	%ymm\k, %ymm15, %ymm15
	vpxord	%xmm31, %xmm31, %xmm31
.elseif \i < \rounds
	vaesenc	%ymm\k, %ymm15, %ymm15
.ifc \dir, dec
	vaesenclast %ymm31, %ymm\k, %ymm\k
	vaesdec	%ymm31, %ymm\k, %ymm\k
.endif
.else
	vpxord	%ymm14, %ymm\k, %ymm\k
	vaesenclast %ymm\k, %ymm15, %ymm15
.endif
	vshufi32x4 $0, %\w\k, %\w\k, %\w\k
.endm

.macro XTS_SCHEDULE256 round
	SCHEDULE256 ymm, \round, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
.endm

.macro XTS_SCHEDULE128 round
	SCHEDULE128 ymm, \round, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26
.endm

.macro ROUND_ymm_enc256 chain, i, k
	ROUND_KEYS ymm, enc, 14, \i, \k
.endm
.macro ROUND_ymm_enc128 chain, i, k
	ROUND_KEYS ymm, enc, 10, \i, \k
.endm
.macro ROUND_ymm_dec256 chain, i, k
	ROUND_KEYS ymm, dec, 14, \i, \k
.endm
.macro ROUND_ymm_dec128 chain, i, k
	ROUND_KEYS ymm, dec, 10, \i, \k
.endm
.macro ROUND_zmm_enc256 chain, i, k
	ROUND_KEYS zmm, enc, 14, \i, \k
.endm
.macro ROUND_zmm_enc128 chain, i, k
	ROUND_KEYS zmm, enc, 10, \i, \k
.endm
.macro ROUND_zmm_dec256 chain, i, k
	ROUND_KEYS zmm, dec, 14, \i, \k
.endm
.macro ROUND_zmm_dec128 chain, i, k
	ROUND_KEYS zmm, dec, 10, \i, \k
.endm
/*
 * Operation \n of eight that make \dst := \src * x^\x in every lane, x < 57; both
 * may be the same.  Shifts and logic only, which leave the AES units alone.
 * Scratch: \a, 31.
 */
.macro TWEAK_OP w, n, x, src, dst, a
.if \n == 0
	vpsrlq	$(64-\x), %\w\src, %\w\a
.elseif \n == 1
	vpsllq	$\x, %\w\src, %\w\dst
.elseif \n == 2
	vpshufd	$0x4e, %\w\a, %\w\a
.elseif \n == 3
	vpsllq	$1, %\w\a, %\w\()31{%k1}{z}
.elseif \n == 4
	vpternlogd $0x96, %\w\a, %\w\()31, %\w\dst
.elseif \n == 5
	vpsllq	$2, %\w\a, %\w\()31{%k1}{z}
.elseif \n == 6
	vpsllq	$7, %\w\a, %\w\a{%k1}{z}
.else
	vpternlogd $0x96, %\w\a, %\w\()31, %\w\dst
.endif
.endm

.macro TWEAK w, x, src, dst, a
.irp n, 0, 1, 2, 3, 4, 5, 6, 7
	TWEAK_OP \w, \n, \x, \src, \dst, \a
.endr
.endm

/*
 * \dst := tweaks of the blocks at \block, from T in 15, its halves swapped in 14
 * and 64 in 13.  With a multiplication, as the AES units are idle then.
 */
.macro TWEAK_FIRST w, block, dst, a, b
	vmovdqa64 .Lblock+\block(%rip), %\w\dst
	vpsubq	%\w\dst, %\w\()13, %\w\a
	vpsllvq	%\w\dst, %\w\()15, %\w\dst
	vpsrlvq	%\w\a, %\w\()14, %\w\a
	vpclmulqdq $0, .Lreduce(%rip), %\w\a, %\w\b
	vpternlogd $0x96, %\w\a, %\w\b, %\w\dst
.endm

/* Vector \d := data at \off ^ tweak \t ^ first round key \k; and its way out. */
.macro VECTOR_IN w, off, d, t, k
	vmovdqu64 \off(%rcx), %\w\d
	vpternlogd $0x96, %\w\t, %\w\k, %\w\d
.endm

.macro VECTOR_OUT w, off, d, t
	vpxord	%\w\t, %\w\d, %\w\d
	vmovdqu64 %\w\d, \off(%r8)
.endm

/* The groups: data in, a round, data out, their next tweaks. */
.macro A_IN w, n, k
	VECTOR_IN \w, (0*\n), 0, 8, \k
	VECTOR_IN \w, (1*\n), 1, 9, \k
	VECTOR_IN \w, (2*\n), 2, 10, \k
	VECTOR_IN \w, (3*\n), 3, 11, \k
.endm

.macro B_IN w, n, k
	VECTOR_IN \w, (4*\n), 4, 12, \k
	VECTOR_IN \w, (5*\n), 5, 13, \k
	VECTOR_IN \w, (6*\n), 6, 14, \k
	VECTOR_IN \w, (7*\n), 7, 15, \k
.endm

.macro A_ROUND w, op, k
	PK_EACH	\op, %\w\k, %\w\()0, %\w\()1, %\w\()2, %\w\()3
.endm

/* The same beside the next four operations of making A's next tweaks in 12-15. */
.macro A_ROUND_TWEAK w, op, k
	A_ROUND	\w, \op, \k
.rept 4
.if pk_op < 8
	TWEAK_OP \w, pk_op%8, 16, 8, 12, 4
.elseif pk_op < 16
	TWEAK_OP \w, pk_op%8, 16, 9, 13, 5
.elseif pk_op < 24
	TWEAK_OP \w, pk_op%8, 16, 10, 14, 6
.elseif pk_op < 32
	TWEAK_OP \w, pk_op%8, 16, 11, 15, 7
.endif
	.set	pk_op, pk_op+1
.endr
.endm

.macro B_ROUND w, op, k
	PK_EACH	\op, %\w\k, %\w\()4, %\w\()5, %\w\()6, %\w\()7
.endm

.macro ONE_ROUND w, op, k
	\op	%\w\k, %\w\()0, %\w\()0
.endm

.macro NO_ROUND w, op, k
.endm

.macro A_OUT w, n
	VECTOR_OUT \w, (0*\n), 0, 8
	VECTOR_OUT \w, (1*\n), 1, 9
	VECTOR_OUT \w, (2*\n), 2, 10
	VECTOR_OUT \w, (3*\n), 3, 11
.endm

.macro B_OUT w, n
	VECTOR_OUT \w, (4*\n), 4, 12
	VECTOR_OUT \w, (5*\n), 5, 13
	VECTOR_OUT \w, (6*\n), 6, 14
	VECTOR_OUT \w, (7*\n), 7, 15
.endm

.macro A_TWEAKS w, n
	TWEAK	\w, (8*\n/16), 8, 8, 0
	TWEAK	\w, (8*\n/16), 9, 9, 1
	TWEAK	\w, (8*\n/16), 10, 10, 2
	TWEAK	\w, (8*\n/16), 11, 11, 3
.endm

.macro B_TWEAKS w, n
	TWEAK	\w, (8*\n/16), 12, 12, 4
	TWEAK	\w, (8*\n/16), 13, 13, 5
	TWEAK	\w, (8*\n/16), 14, 14, 6
	TWEAK	\w, (8*\n/16), 15, 15, 7
.endm

/* The second half of \late's rounds beside the first half of \early's. */
.macro HALVES256 late, early, w, op, last, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10, k11, k12, k13, k14
	\late	\w, \op, \k8
	\early	\w, \op, \k1
	\late	\w, \op, \k9
	\early	\w, \op, \k2
	\late	\w, \op, \k10
	\early	\w, \op, \k3
	\late	\w, \op, \k11
	\early	\w, \op, \k4
	\late	\w, \op, \k12
	\early	\w, \op, \k5
	\late	\w, \op, \k13
	\early	\w, \op, \k6
	\late	\w, \last, \k14
	\early	\w, \op, \k7
.endm

.macro HALVES128 late, early, w, op, last, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10
	\late	\w, \op, \k6
	\early	\w, \op, \k1
	\late	\w, \op, \k7
	\early	\w, \op, \k2
	\late	\w, \op, \k8
	\early	\w, \op, \k3
	\late	\w, \op, \k9
	\early	\w, \op, \k4
	\late	\w, \last, \k10
	\early	\w, \op, \k5
.endm

.macro ROUNDS_enc256 w, late, early
	HALVES256 \late, \early, \w, vaesenc, vaesenclast, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
.endm
.macro ROUNDS_dec256 w, late, early
	HALVES256 \late, \early, \w, vaesdec, vaesdeclast, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16
.endm
.macro ROUNDS_enc128 w, late, early
	HALVES128 \late, \early, \w, vaesenc, vaesenclast, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26
.endm
.macro ROUNDS_dec128 w, late, early
	HALVES128 \late, \early, \w, vaesdec, vaesdeclast, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16
.endm

/* Eight vectors, the first half of A's rounds: what the second half runs beside. */
.macro EIGHT_START w, n, dir, bits, first
	A_IN	\w, \n, \first
	ROUNDS_\dir\bits \w, NO_ROUND, A_ROUND
	TWEAK	\w, (4*\n/16), 8, 12, 4
	TWEAK	\w, (4*\n/16), 9, 13, 5
	TWEAK	\w, (4*\n/16), 10, 14, 6
	TWEAK	\w, (4*\n/16), 11, 15, 7
.endm

.macro EIGHT_MIDDLE w, n, dir, bits, first
	B_IN	\w, \n, \first
	ROUNDS_\dir\bits \w, A_ROUND, B_ROUND
	A_OUT	\w, \n
.endm

.macro EIGHT_END w, n, dir, bits
	ROUNDS_\dir\bits \w, B_ROUND, NO_ROUND
	B_OUT	\w, \n
	add	$(8*\n), %rcx
	add	$(8*\n), %r8
	TWEAK	\w, (8*\n/16), 8, 8, 0
.endm

/*
 * All of the data but a few vectors at its end.  eax is what is left less four
 * vectors, on the way in, where it is not negative, and on the way out.
 *
 * With ymm two groups, half of the rounds apart, keep the AES units busy.
 */
.macro XTS_DATA_ymm dir, bits, level, w, n, first
	sub	$(4*\n), %eax
	jb	.Lfew_\dir\bits\level
	EIGHT_START \w, \n, \dir, \bits, \first
.Lloop_\dir\bits\level:
	EIGHT_MIDDLE \w, \n, \dir, \bits, \first
	sub	$(8*\n), %eax
	jb	.Llast_\dir\bits\level
	add	$(8*\n), %rcx
	A_TWEAKS \w, \n
	A_IN	\w, \n, \first
	ROUNDS_\dir\bits \w, B_ROUND, A_ROUND
	B_OUT	\w, \n
	B_TWEAKS \w, \n
	add	$(8*\n), %r8
	jmp	.Lloop_\dir\bits\level
.Llast_\dir\bits\level:
	EIGHT_END \w, \n, \dir, \bits
.Lfew_\dir\bits\level:
	add	$(4*\n), %eax
.endm

/* With zmm one group does, its next tweaks beside it; a sector of 512 is eight. */
.macro XTS_DATA_zmm dir, bits, level, w, n, first
	cmp	$(4*\n), %eax
	jne	.Lloop_\dir\bits\level
	EIGHT_START \w, \n, \dir, \bits, \first
	EIGHT_MIDDLE \w, \n, \dir, \bits, \first
	EIGHT_END \w, \n, \dir, \bits
	sub	$(8*\n), %eax
	jmp	.Ltail_\dir\bits\level
.Lloop_\dir\bits\level:
	A_IN	\w, \n, \first
	.set	pk_op, 0
	ROUNDS_\dir\bits \w, NO_ROUND, A_ROUND_TWEAK
	ROUNDS_\dir\bits \w, A_ROUND_TWEAK, NO_ROUND
	A_OUT	\w, \n
	vmovdqa64 %\w\()12, %\w\()8
	vmovdqa64 %\w\()13, %\w\()9
	vmovdqa64 %\w\()14, %\w\()10
	vmovdqa64 %\w\()15, %\w\()11
	add	$(4*\n), %rcx
	add	$(4*\n), %r8
	sub	$(4*\n), %eax
	jae	.Lloop_\dir\bits\level
.endm
/* \w: register, \n: bytes in it, \hi: broadcasts lane 1; \first: round key. */
.macro XTS_BODY dir, bits, level, w, n, hi, first
SYM_FUNC_START(pk_xts_\dir\bits\()_\level)
	mov	PK_SLOT_EPOCH(%rsi), %r10
	PK_LOAD_WK
	CHAIN_MASKS
	vinserti32x4 $1, %xmm1, %ymm1, %ymm17
	vinserti32x4 $1, %xmm0, %ymm0, %ymm16
	XTS_UNWRAP\bits
	PK_TEST_EPOCH xts_avx512_leave
	cmpl	$(2*\bits/8), PK_SLOT_HDR+12(%rsi)	/* size of the key */
	jne	xts_avx512_leave
	vmovdqa32 %xmm20, %xmm15
	PK_TEST_CHECK %xmm15, xts_avx512_leave

	vbroadcasti32x4 (%rdx), %ymm15
	XTS_SCHEDULE\bits ROUND_\w\()_\dir\bits
	vshufi32x4 $\hi, %\w\()15, %\w\()15, %\w\()15
	bt	$PK_XTS_FIRST_BIT, %r9
	jc	.Ltweaked_\dir\bits\level
	vbroadcasti32x4 (%rdx), %\w\()15
.Ltweaked_\dir\bits\level:
	vpshufd	$0x4e, %\w\()15, %\w\()14
	vpbroadcastq .L64(%rip), %\w\()13
	TWEAK_FIRST \w, (0*\n), 8, 0, 4
	mov	%r9d, %eax
	sub	$(4*\n), %eax
	jb	.Ltail_\dir\bits\level
	TWEAK_FIRST \w, (1*\n), 9, 1, 5
	TWEAK_FIRST \w, (2*\n), 10, 2, 6
	TWEAK_FIRST \w, (3*\n), 11, 3, 7
	XTS_DATA_\w \dir, \bits, \level, \w, \n, \first

	/* few vectors: one by one, the last one masked */
.Ltail_\dir\bits\level:
	add	$(4*\n), %eax
	jz	.Ldone_\dir\bits\level
.Lvector_\dir\bits\level:
	mov	%eax, %r11d
	shr	$3, %r11d
	mov	$-1, %r10d
	bzhi	%r11d, %r10d, %r10d
	kmovd	%r10d, %k3
	vmovdqu64 (%rcx), %\w\()0{%k3}{z}
	vpternlogd $0x96, %\w\()8, %\w\first, %\w\()0
	ROUNDS_\dir\bits \w, NO_ROUND, ONE_ROUND
	ROUNDS_\dir\bits \w, ONE_ROUND, NO_ROUND
	vpxord	%\w\()8, %\w\()0, %\w\()0
	vmovdqu64 %\w\()0, (%r8){%k3}
	sub	$\n, %eax
	jb	.Lpart_\dir\bits\level
	TWEAK	\w, (\n/16), 8, 8, 1
	add	$\n, %rcx
	add	$\n, %r8
	test	%eax, %eax
	jnz	.Lvector_\dir\bits\level
	jmp	.Ldone_\dir\bits\level
.Lpart_\dir\bits\level:
	/* the next tweak is that of the first block left out */
	knotd	%k3, %k3
	vpcompressq %\w\()8, %\w\()8{%k3}{z}

.Ldone_\dir\bits\level:
	xor	%eax, %eax
	bt	$PK_XTS_MORE_BIT, %r9
	jnc	xts_avx512_leave
	vmovdqu	%xmm8, (%rdx)
	jmp	xts_avx512_leave
SYM_FUNC_END(pk_xts_\dir\bits\()_\level)
.endm

/* Every way out: vzeroall does not reach zmm16-31. */
SYM_FUNC_START_LOCAL(xts_avx512_leave)
.irp r, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	vpxord	%xmm\r, %xmm\r, %xmm\r
.endr
	vzeroall
	RET
SYM_FUNC_END(xts_avx512_leave)

.macro XTS_LEVEL level, w, n, hi
	XTS_BODY enc, 128, \level, \w, \n, \hi, 16
	XTS_BODY dec, 128, \level, \w, \n, \hi, 26
	XTS_BODY enc, 256, \level, \w, \n, \hi, 16
	XTS_BODY dec, 256, \level, \w, \n, \hi, 30
.endm

XTS_LEVEL avx512_256, ymm, 32, 3
XTS_LEVEL avx512, zmm, 64, 0x55
