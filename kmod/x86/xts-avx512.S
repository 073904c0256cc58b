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
 *   ymm, the encryption of the IV in lockstep with them.
 * - AES-256's schedule is a chain of aesenclast.  With d[i] the last word of
 *   round key i, the definition of the schedule gives, for i >= 2,
 *
 *	d[i] = d[i-8] ^ g(d[i-1])
 *	K[i] = (d[i]^d[i-2]^d[i-4]^d[i-6], d[i]^d[i-4], d[i]^d[i-2], d[i])
 *
 *   when d[-6..-1] are a^b^c^d, b^d and c^d of the words of K[0] and K[1].  g is
 *   SubWord, for even i with RotWord and rcon.  Keeping S[i] = rol(d[i], i/2
 *   bytes) in all four columns leaves S[i] = aesenclast(S[i-1], S[i-8]): four
 *   RotWords of the chain between i-8 and i are no rotation at all.  The rotation
 *   is undone, and K[i] put together with masked exclusive ors, beside the chain.
 * - Round keys of decryption: aesenclast(0), aesdec(0) is InvMixColumns.
 *
 * Registers while a schedule runs (ymm):
 *	0-7	S, by i mod 8		8-11	V[i] = d[i]^d[i-2], d[i], ..., by i mod 4
 *	12, 13	d[i], by i mod 2	14	scratch
 *	15	the IV on its way	16-30	K
 *	31	zero
 * of the wrapping key, where only two K are alive:
 *	16, 17	K, by i mod 2		18, 19	payload
 *	20	check block
 * Registers of the data loop (ymm or zmm):
 *	0-3	data			4-7, 31	scratch, or 4-7 data
 *	8-11	tweaks			12-15	next tweaks
 *	16-30	round keys, in every lane (AES-128: 16-26)
 *	k1	low quadwords, words 0 and 2	k2	words 0 and 1
 *	k3	the last blocks
 */
#include "aes.inc.S"

.section .rodata.pk_avx512, "a", @progbits
.p2align 6
.Lshl:				/* block n of a vector has the tweak T * x^n */
	.quad	0, 0, 1, 1, 2, 2, 3, 3
.Lshr:
	.quad	64, 64, 63, 63, 62, 62, 61, 61
.Lctr256:			/* [D0 | T0], [D1 | T1] */
	.quad	0, 0, 0, 0x02 << 56, 0, 0x01 << 56, 0, 0x03 << 56
.Lctr128:			/* [D | T] */
	.quad	0, 0, 0, 0x01 << 56
.Lrcon_rotated:			/* of round key 2n+2, rotated as S is */
	.long	0x01 << 8, 0x02 << 16, 0x04 << 24, 0x08
	.long	0x10 << 8, 0x20 << 16, 0x40 << 24

.section .noinstr.text, "ax"

/* S[-6..1], V[-2..1] and d[0..1] of the keys in ymm16, ymm17.  Scratch: 14. */
.macro CHAIN_HALF key, d, s6, s4, s2, v0, v2, rcon=
	vpshufd	$0x4e, %ymm\key, %ymm14
	vpxord	%ymm\key, %ymm14, %ymm14	/* a^c, b^d, a^c, b^d */
	vpshufd	$0xb1, %ymm14, %ymm\s6
	vpxord	%ymm14, %ymm\s6, %ymm\s6
	vprold	$8, %ymm\s6, %ymm\s6
	vpshufd	$0x55, %ymm14, %ymm\s4
	vprold	$16, %ymm\s4, %ymm\s4
	vpshufd	$0xff, %ymm\key, %ymm\d
	vpshufd	$0xaa, %ymm\key, %ymm\s2
	vpxord	%ymm\d, %ymm\s2, %ymm\s2
	vprold	$24, %ymm\s2, %ymm\s2
	vpshufd	$0xee, %ymm\key, %ymm\v0	/* c, d */
	vpshufd	$0x39, %ymm\key, %ymm\v2
	vpxord	%ymm\v0, %ymm\v2, %ymm\v2	/* b^c, c^d */
.ifnb \rcon
	vpxord	\rcon(%rip){1to8}, %ymm\s6, %ymm\s6
	vpxord	\rcon+4(%rip){1to8}, %ymm\s4, %ymm\s4
	vpxord	\rcon+8(%rip){1to8}, %ymm\s2, %ymm\s2
.endif
.endm

.macro CHAIN_START
	CHAIN_HALF 17, 13, 3, 5, 7, 9, 11
	vmovdqa	%ymm13, %ymm1
	CHAIN_HALF 16, 12, 2, 4, 6, 8, 10, .Lrcon_rotated
	vpxord	.Lrcon_rotated+12(%rip){1to8}, %ymm12, %ymm0
.endm

/*
 * K[i] into ymm\k.  \s, \p: S[i], S[i-1]; \v, \d: of V[i], d[i]; \rot: bits by
 * which S[i] is rotated; \rcon: what \p, no more needed as it is, takes for the
 * next time round.
 */
.macro CHAIN_STEP k, s, p, v, d, rot, rcon=
	vaesenclast %ymm\s, %ymm\p, %ymm\s
.ifnb \rcon
	vpxord	.Lrcon_rotated+\rcon(%rip){1to8}, %ymm\p, %ymm\p
.endif
.if \rot
	vprord	$\rot, %ymm\s, %ymm\k
.else
	vmovdqa32 %ymm\s, %ymm\k
.endif
	vmovdqa32 %ymm\k, %ymm14
	vpxord	%ymm\d, %ymm14, %ymm14{%k1}	/* V[i] */
	vmovdqa32 %ymm\k, %ymm\d
	vmovdqa32 %ymm14, %ymm\k
	vpxord	%ymm\v, %ymm\k, %ymm\k{%k2}
	vmovdqa32 %ymm14, %ymm\v
.endm

/* \round is told of each round key: number, register. */
.macro SCHEDULE256 round, k2, k3, k4, k5, k6, k7, k8, k9, k10, k11, k12, k13, k14
	CHAIN_START
	\round	0, 16
	\round	1, 17
	CHAIN_STEP \k2, 2, 1, 10, 12, 8
	\round	2, \k2
	CHAIN_STEP \k3, 3, 2, 11, 13, 8, 16
	\round	3, \k3
	CHAIN_STEP \k4, 4, 3, 8, 12, 16
	\round	4, \k4
	CHAIN_STEP \k5, 5, 4, 9, 13, 16, 20
	\round	5, \k5
	CHAIN_STEP \k6, 6, 5, 10, 12, 24
	\round	6, \k6
	CHAIN_STEP \k7, 7, 6, 11, 13, 24, 24
	\round	7, \k7
	CHAIN_STEP \k8, 0, 7, 8, 12, 0
	\round	8, \k8
	CHAIN_STEP \k9, 1, 0, 9, 13, 0
	\round	9, \k9
	CHAIN_STEP \k10, 2, 1, 10, 12, 8
	\round	10, \k10
	CHAIN_STEP \k11, 3, 2, 11, 13, 8
	\round	11, \k11
	CHAIN_STEP \k12, 4, 3, 8, 12, 16
	\round	12, \k12
	CHAIN_STEP \k13, 5, 4, 9, 13, 16
	\round	13, \k13
	CHAIN_STEP \k14, 6, 5, 10, 12, 24
	\round	14, \k14
.endm

/* AES-128: K[i] into ymm\k from ymm\p; ymm12: RotWord.  Scratch: 13, 14. */
.macro STEP128 i, k, p
	vpslldq	$4, %ymm\p, %ymm14
	vpxord	%ymm\p, %ymm14, %ymm14
	vpslldq	$8, %ymm14, %ymm13
	vpternlogd $0x96, .Lpk_rcon+16*(\i-1)(%rip){1to8}, %ymm13, %ymm14
	vpshufb	%ymm12, %ymm\p, %ymm13
	vaesenclast %ymm14, %ymm13, %ymm\k
.endm

/* \round may change the register, so it comes after the step that needs it. */
.macro SCHEDULE128 round
	vbroadcasti32x4 .Lpk_rotword(%rip), %ymm12
	STEP128	1, 17, 16
	\round	0, 16
	STEP128	2, 18, 17
	\round	1, 17
	STEP128	3, 19, 18
	\round	2, 18
	STEP128	4, 20, 19
	\round	3, 19
	STEP128	5, 21, 20
	\round	4, 20
	STEP128	6, 22, 21
	\round	5, 21
	STEP128	7, 23, 22
	\round	6, 22
	STEP128	8, 24, 23
	\round	7, 23
	STEP128	9, 25, 24
	\round	8, 24
	STEP128	10, 26, 25
	\round	9, 25
	\round	10, 26
.endm

/* Rounds of the wrapping key: payload in ymm18 (and 19), check in 20. */
.macro ROUND_UNWRAP256 i, k
.if \i == 0
	vpxord	%ymm\k, %ymm18, %ymm18
	vpxord	%ymm\k, %ymm19, %ymm19
	vmovdqa32 %xmm\k, %xmm20
.elseif \i < 14
	vaesenc	%ymm\k, %ymm18, %ymm18
	vaesenc	%ymm\k, %ymm19, %ymm19
	vaesenc	%xmm\k, %xmm20, %xmm20
.else
	vaesenclast %xmm\k, %xmm20, %xmm15
	vmovdqu	PK_SLOT_CT(%rsi), %xmm0
	vmovdqu	PK_SLOT_CT+16(%rsi), %xmm1
	vinserti128 $1, PK_SLOT_CT+32(%rsi), %ymm0, %ymm0
	vinserti128 $1, PK_SLOT_CT+48(%rsi), %ymm1, %ymm1
	vpxord	%ymm\k, %ymm0, %ymm0
	vpxord	%ymm\k, %ymm1, %ymm1
	vaesenclast %ymm0, %ymm18, %ymm16
	vaesenclast %ymm1, %ymm19, %ymm17
.endif
.endm

.macro ROUND_UNWRAP128 i, k
.if \i == 0
	vpxord	%ymm\k, %ymm18, %ymm18
	vmovdqa32 %xmm\k, %xmm20
.elseif \i < 14
	vaesenc	%ymm\k, %ymm18, %ymm18
	vaesenc	%xmm\k, %xmm20, %xmm20
.else
	vaesenclast %xmm\k, %xmm20, %xmm15
	vpxord	PK_SLOT_CT(%rsi), %ymm\k, %ymm0
	vaesenclast %ymm0, %ymm18, %ymm16
.endif
.endm

/* ymm16 (and 17) := [D | T] in clear; xmm15 := check block. */
.macro XTS_UNWRAP256
	vbroadcasti32x4 PK_SLOT_NONCE(%rsi), %ymm19
	vpxord	.Lctr256(%rip), %ymm19, %ymm18
	vpxord	.Lctr256+32(%rip), %ymm19, %ymm19
	SCHEDULE256 ROUND_UNWRAP256, 16, 17, 16, 17, 16, 17, 16, 17, 16, 17, 16, 17, 16
.endm

.macro XTS_UNWRAP128
	vbroadcasti32x4 PK_SLOT_NONCE(%rsi), %ymm18
	vpxord	.Lctr128(%rip), %ymm18, %ymm18
	SCHEDULE256 ROUND_UNWRAP128, 16, 17, 16, 17, 16, 17, 16, 17, 16, 17, 16, 17, 16
.endm

/*
 * A round of the IV (upper lane of ymm15), then the data key's part of the round
 * key into every lane of the vector that the data loop uses.
 */
.macro ROUND_KEYS w, dir, rounds, i, k
.if \i == 0
	vpxord	%ymm\k, %ymm15, %ymm15
.elseif \i < \rounds
	vaesenc	%ymm\k, %ymm15, %ymm15
.else
	vaesenclast %ymm\k, %ymm15, %ymm15
.endif
.ifc \dir, dec
.if \i > 0 && \i < \rounds
	vaesenclast %ymm31, %ymm\k, %ymm\k
	vaesdec	%ymm31, %ymm\k, %ymm\k
.endif
.endif
	vshufi32x4 $0, %\w\k, %\w\k, %\w\k
.endm

.macro XTS_SCHEDULE256 round
	SCHEDULE256 \round, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
.endm

.macro XTS_SCHEDULE128 round
	SCHEDULE128 \round
.endm

.macro ROUND_ymm_enc256 i, k
	ROUND_KEYS ymm, enc, 14, \i, \k
.endm
.macro ROUND_ymm_dec256 i, k
	ROUND_KEYS ymm, dec, 14, \i, \k
.endm
.macro ROUND_zmm_enc256 i, k
	ROUND_KEYS zmm, enc, 14, \i, \k
.endm
.macro ROUND_zmm_dec256 i, k
	ROUND_KEYS zmm, dec, 14, \i, \k
.endm
.macro ROUND_ymm_enc128 i, k
	ROUND_KEYS ymm, enc, 10, \i, \k
.endm
.macro ROUND_ymm_dec128 i, k
	ROUND_KEYS ymm, dec, 10, \i, \k
.endm
.macro ROUND_zmm_enc128 i, k
	ROUND_KEYS zmm, enc, 10, \i, \k
.endm
.macro ROUND_zmm_dec128 i, k
	ROUND_KEYS zmm, dec, 10, \i, \k
.endm

/*
 * Operation \n of eight that make \dst := \src * x^\x in every lane, x < 57:
 * shifts and logic only, which leave the AES units alone.  Scratch: \a, \b.
 */
.macro TWEAK_OP n, x, src, dst, a, b
.if \n == 0
	vpsrlq	$(64-\x), \src, \a
.elseif \n == 1
	vpsllq	$\x, \src, \dst
.elseif \n == 2
	vpshufd	$0x4e, \a, \a
.elseif \n == 3
	vpsllq	$1, \a, \b{%k1}{z}
.elseif \n == 4
	vpternlogd $0x96, \a, \b, \dst
.elseif \n == 5
	vpsllq	$2, \a, \b{%k1}{z}
.elseif \n == 6
	vpsllq	$7, \a, \a{%k1}{z}
.else
	vpternlogd $0x96, \a, \b, \dst
.endif
.endm

.macro TWEAK x, src, dst, a, b
.irp n, 0, 1, 2, 3, 4, 5, 6, 7
	TWEAK_OP \n, \x, \src, \dst, \a, \b
.endr
.endm

/* The next \n operations of advancing four vectors of tweaks to 12-15. */
.macro TWEAKS_MEANWHILE w, x, n
.rept \n
.if pk_op < 8
	TWEAK_OP pk_op%8, \x, %\w\()8, %\w\()12, %\w\()4, %\w\()31
.elseif pk_op < 16
	TWEAK_OP pk_op%8, \x, %\w\()9, %\w\()13, %\w\()5, %\w\()31
.elseif pk_op < 24
	TWEAK_OP pk_op%8, \x, %\w\()10, %\w\()14, %\w\()6, %\w\()31
.elseif pk_op < 32
	TWEAK_OP pk_op%8, \x, %\w\()11, %\w\()15, %\w\()7, %\w\()31
.endif
	.set	pk_op, pk_op+1
.endr
.endm

/*
 * All rounds but the first exclusive or; \meanwhile after each.  The lists are
 * the round keys' registers in the order of their use.
 */
.macro CRYPT256 w, dir, meanwhile, states:vararg
.ifc \dir, enc
.irp k, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
	PK_EACH	vaesenc, %\w\k, \states
	\meanwhile
.endr
	PK_EACH	vaesenclast, %\w\()30, \states
.else
.irp k, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17
	PK_EACH	vaesdec, %\w\k, \states
	\meanwhile
.endr
	PK_EACH	vaesdeclast, %\w\()16, \states
.endif
.endm

.macro CRYPT128 w, dir, meanwhile, states:vararg
.ifc \dir, enc
.irp k, 17, 18, 19, 20, 21, 22, 23, 24, 25
	PK_EACH	vaesenc, %\w\k, \states
	\meanwhile
.endr
	PK_EACH	vaesenclast, %\w\()26, \states
.else
.irp k, 25, 24, 23, 22, 21, 20, 19, 18, 17
	PK_EACH	vaesdec, %\w\k, \states
	\meanwhile
.endr
	PK_EACH	vaesdeclast, %\w\()16, \states
.endif
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

/* \w: register, \n: bytes in it, \hi: broadcasts lane 1; \first: round key. */
.macro XTS_BODY dir, bits, level, w, n, hi, first
SYM_FUNC_START(pk_xts_\dir\bits\()_\level)
	mov	PK_SLOT_EPOCH(%rsi), %r10
	PK_LOAD_WK
	mov	$0x5555, %eax
	kmovd	%eax, %k1
	mov	$0x3333, %eax
	kmovd	%eax, %k2
	vinserti32x4 $1, %xmm0, %ymm0, %ymm16
	vinserti32x4 $1, %xmm1, %ymm1, %ymm17
	XTS_UNWRAP\bits
	PK_TEST_EPOCH xts_avx512_leave
	cmpl	$(2*\bits/8), PK_SLOT_HDR+12(%rsi)	/* size of the key */
	jne	xts_avx512_leave
	PK_TEST_CHECK %xmm15, xts_avx512_leave

	vbroadcasti32x4 (%rdx), %ymm15
	vpxord	%xmm31, %xmm31, %xmm31
	XTS_SCHEDULE\bits ROUND_\w\()_\dir\bits
	vshufi32x4 $\hi, %\w\()15, %\w\()15, %\w\()15
	bt	$PK_XTS_FIRST_BIT, %r9
	jc	.Ltweaked_\dir\bits\level
	vbroadcasti32x4 (%rdx), %\w\()15
.Ltweaked_\dir\bits\level:
	/* blocks 0 .. n/16-1: as in TWEAK_OP, each lane by its own number */
	vpsrlvq	.Lshr(%rip), %\w\()15, %\w\()0
	vpsllvq	.Lshl(%rip), %\w\()15, %\w\()8
.irp op, 2, 3, 4, 5, 6, 7
	TWEAK_OP \op, 0, none, %\w\()8, %\w\()0, %\w\()1
.endr
	mov	%r9d, %eax
	sub	$(4*\n), %eax
	jb	.Ltail_\dir\bits\level
	TWEAK	(\n/16), %\w\()8, %\w\()9, %\w\()1, %\w\()31
	TWEAK	(2*\n/16), %\w\()8, %\w\()10, %\w\()2, %\w\()31
	TWEAK	(3*\n/16), %\w\()8, %\w\()11, %\w\()3, %\w\()31

.ifc \w, zmm
	cmp	$(4*\n), %eax
	jne	.Lloop_\dir\bits\level
	/* a sector of 512 bytes: eight vectors at once */
	TWEAK	(4*\n/16), %\w\()8, %\w\()12, %\w\()4, %\w\()31
	TWEAK	(5*\n/16), %\w\()8, %\w\()13, %\w\()5, %\w\()31
	TWEAK	(6*\n/16), %\w\()8, %\w\()14, %\w\()6, %\w\()31
	TWEAK	(7*\n/16), %\w\()8, %\w\()15, %\w\()7, %\w\()31
	VECTOR_IN \w, (0*\n), 0, 8, \first
	VECTOR_IN \w, (1*\n), 1, 9, \first
	VECTOR_IN \w, (2*\n), 2, 10, \first
	VECTOR_IN \w, (3*\n), 3, 11, \first
	VECTOR_IN \w, (4*\n), 4, 12, \first
	VECTOR_IN \w, (5*\n), 5, 13, \first
	VECTOR_IN \w, (6*\n), 6, 14, \first
	VECTOR_IN \w, (7*\n), 7, 15, \first
	CRYPT\bits \w, \dir, "", %zmm0, %zmm1, %zmm2, %zmm3, %zmm4, %zmm5, %zmm6, %zmm7
	VECTOR_OUT \w, (0*\n), 0, 8
	VECTOR_OUT \w, (1*\n), 1, 9
	VECTOR_OUT \w, (2*\n), 2, 10
	VECTOR_OUT \w, (3*\n), 3, 11
	VECTOR_OUT \w, (4*\n), 4, 12
	VECTOR_OUT \w, (5*\n), 5, 13
	VECTOR_OUT \w, (6*\n), 6, 14
	VECTOR_OUT \w, (7*\n), 7, 15
	TWEAK	(8*\n/16), %\w\()8, %\w\()8, %\w\()0, %\w\()31
	jmp	.Ldone_\dir\bits\level
.endif

.Lloop_\dir\bits\level:
	VECTOR_IN \w, (0*\n), 0, 8, \first
	VECTOR_IN \w, (1*\n), 1, 9, \first
	VECTOR_IN \w, (2*\n), 2, 10, \first
	VECTOR_IN \w, (3*\n), 3, 11, \first
	.set	pk_op, 0
	CRYPT\bits \w, \dir, "TWEAKS_MEANWHILE \w, (4*\n/16), 4", %\w\()0, %\w\()1, %\w\()2, %\w\()3
	VECTOR_OUT \w, (0*\n), 0, 8
	VECTOR_OUT \w, (1*\n), 1, 9
	VECTOR_OUT \w, (2*\n), 2, 10
	VECTOR_OUT \w, (3*\n), 3, 11
	vmovdqa64 %\w\()12, %\w\()8
	vmovdqa64 %\w\()13, %\w\()9
	vmovdqa64 %\w\()14, %\w\()10
	vmovdqa64 %\w\()15, %\w\()11
	add	$(4*\n), %rcx
	add	$(4*\n), %r8
	sub	$(4*\n), %eax
	jae	.Lloop_\dir\bits\level

	/* less than four vectors: one by one, the last one masked */
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
	CRYPT\bits \w, \dir, "", %\w\()0
	vpxord	%\w\()8, %\w\()0, %\w\()0
	vmovdqu64 %\w\()0, (%r8){%k3}
	sub	$\n, %eax
	jb	.Lpart_\dir\bits\level
	TWEAK	(\n/16), %\w\()8, %\w\()8, %\w\()1, %\w\()31
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
