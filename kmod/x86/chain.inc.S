/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Key schedules for CPUs with AVX-512, as a chain of aesenclast: what the
 * routines of that level have in common.  Comes after aes.inc.S.
 *
 * With d[i] the last word of round key i, the definition of AES-256's schedule
 * gives, for i >= 2,
 *
 *	d[i] = d[i-8] ^ g(d[i-1])
 *	K[i] = (d[i]^d[i-2]^d[i-4]^d[i-6], d[i]^d[i-4], d[i]^d[i-2], d[i])
 *
 * when d[-6], d[-4], d[-2], d[0] are a^b^c^d, b^d, c^d and d of the words of K[0],
 * and the odd ones those of K[1].  g is SubWord, for even i with RotWord and
 * rcon.  AES-128 is the same with every distance halved: d[i-4]; d[i-1], d[i-2],
 * d[i-3]; and a rotation in every step.
 *
 * Keeping S[i], which is d[i] rotated left by as many bytes as there were
 * RotWords, in all four columns leaves S[i] = aesenclast(S[i-1], S[i-8]): four
 * RotWords between i-8 and i are no rotation at all.  Beside the chain the
 * rotation is undone and the round key put together:
 *
 *	E[i] = (d[i], 0, d[i], 0)	W[i] = (d[i]^d[i-2], d[i], 0, 0)
 *	K[i] = d[i] ^ E[i-2] ^ W[i-4]
 *
 * The lanes of a register are schedules of their own.  While one runs:
 *	0-7	S, by i mod 8		(AES-128: 0-3, by i mod 4)
 *	8-11	W, by i mod 4		(AES-128: 8, 10, by i mod 2)
 *	12, 13	E, by i mod 2		(AES-128: 12)
 *	14	scratch
 *	k1	words 0 and 2 of four	k2	words 0 and 1
 */

.section .rodata.pk_chain, "a", @progbits
.p2align 6
.Lchain_w0_rol8:		/* word 0, rotated left by 8, in every column */
.rept 16
	.byte	3, 0, 1, 2
.endr
.Lchain_w1_rol8:
.rept 16
	.byte	7, 4, 5, 6
.endr
.Lchain_w1_rol16:
.rept 16
	.byte	6, 7, 4, 5
.endr
.Lchain_w1_rol24:
.rept 16
	.byte	5, 6, 7, 4
.endr
.Lchain_rcon1:
.rept 16
	.long	0x01 << 8
.endr
.Lchain_rcon:			/* rotated as its S is */
	.long	0x01 << 8, 0x02 << 16, 0x04 << 24, 0x08
	.long	0x10 << 8, 0x20 << 16, 0x40 << 24, 0x80
	.long	0x1b << 8, 0x36 << 16

/* An embedded broadcast as wide as \w. */
.macro XOR_RCON w, i, reg
.ifc \w, zmm
	vpxord	.Lchain_rcon+4*(\i)(%rip){1to16}, %zmm\reg, %zmm\reg
.else
	vpxord	.Lchain_rcon+4*(\i)(%rip){1to8}, %ymm\reg, %ymm\reg
.endif
.endm

.macro CHAIN_MASKS
	mov	$0x5555, %eax
	kmovd	%eax, %k1
	mov	$0x3333, %eax
	kmovd	%eax, %k2
.endm

/*
 * The start of a schedule from \key, in the order of need: first S[-6], as \s6 ^
 * reg 14, with half of the sums in \s2.
 */
.macro CHAIN_SUM w, key, s6, s2
	vpshufd	$0x4e, %\w\key, %\w\s2
	vpxord	%\w\key, %\w\s2, %\w\s2			/* a^c, b^d, ... */
	vpshufb	.Lchain_w0_rol8(%rip), %\w\s2, %\w\s6
	vpshufb	.Lchain_w1_rol8(%rip), %\w\s2, %\w\()14
.endm

/* Then S[-4], E[0], W[0], W[-2] and S[-2], in \s2.  \s0: S[0]. */
.macro CHAIN_HALF w, key, s0, s2, s4, e, w0, w2
	vmovdqa32 %\w\s0, %\w\e{%k1}{z}
	vpshufd	$0x0e, %\w\key, %\w\w0{%k2}{z}		/* c, d */
	vpshufd	$0x09, %\w\key, %\w\w2{%k2}{z}
	vpshufb	.Lchain_w1_rol16(%rip), %\w\s2, %\w\s4
	vpxord	%\w\w0, %\w\w2, %\w\w2			/* b^c, c^d */
	vpshufb	.Lchain_w1_rol24(%rip), %\w\w2, %\w\s2
.endm

/* S[i] in \s, from S[i-1] in \p. */
.macro CHAIN_NEXT w, s, p
	vaesenclast %\w\s, %\w\p, %\w\s
.endm

/* All but d[i] of K[i] into \k, d[i] into reg 14.  \s: S[i]; \e, \wi: of E[i], W[i]. */
.macro CHAIN_WORDS w, k, s, e, wi, rot
	vpxord	%\w\e, %\w\wi, %\w\k
.if \rot
	vprord	$\rot, %\w\s, %\w\()14
.else
	vmovdqa32 %\w\s, %\w\()14
.endif
.endm

/* K[i] into \k, and what later ones need. */
.macro CHAIN_KEY w, k, s, e, wi, rot
	CHAIN_WORDS \w, \k, \s, \e, \wi, \rot
	vpxord	%\w\()14, %\w\k, %\w\k
	vpxord	%\w\()14, %\w\e, %\w\wi{%k2}{z}
	vmovdqa32 %\w\()14, %\w\e{%k1}{z}
.endm

/*
 * AES-256 from K[0], K[1] in 16 and 17 into \k2 to \k14.  \round is told of each:
 * width, number, register.  The last one is in two parts, \k14 ^ reg 14.
 * The chain is a step ahead, so that it does not queue for an AES unit.
 */
.macro SCHEDULE256 w, round, k2, k3, k4, k5, k6, k7, k8, k9, k10, k11, k12, k13, k14
	vpshufd	$0xff, %\w\()17, %\w\()1
	CHAIN_SUM \w, 16, 2, 6
	vaesenclast .Lchain_rcon1(%rip), %\w\()1, %\w\()0
	vpternlogd $0x96, %\w\()0, %\w\()14, %\w\()2
	CHAIN_SUM \w, 17, 3, 7
	vpshufd	$0xff, %\w\()16, %\w\()0
	vpxord	%\w\()14, %\w\()3, %\w\()3
	CHAIN_HALF \w, 16, 0, 6, 4, 12, 8, 10
	CHAIN_HALF \w, 17, 1, 7, 5, 13, 9, 11
	XOR_RCON \w, 1, 4
	XOR_RCON \w, 2, 6
	CHAIN_NEXT \w, 3, 2
	XOR_RCON \w, 3, 0
	\round	\w, 0, 16
	\round	\w, 1, 17
	CHAIN_KEY \w, \k2, 2, 12, 10, 8
	XOR_RCON \w, 4, 2
	\round	\w, 2, \k2
	CHAIN_NEXT \w, 4, 3
	CHAIN_KEY \w, \k3, 3, 13, 11, 8
	\round	\w, 3, \k3
	CHAIN_NEXT \w, 5, 4
	CHAIN_KEY \w, \k4, 4, 12, 8, 16
	XOR_RCON \w, 5, 4
	\round	\w, 4, \k4
	CHAIN_NEXT \w, 6, 5
	CHAIN_KEY \w, \k5, 5, 13, 9, 16
	\round	\w, 5, \k5
	CHAIN_NEXT \w, 7, 6
	CHAIN_KEY \w, \k6, 6, 12, 10, 24
	XOR_RCON \w, 6, 6
	\round	\w, 6, \k6
	CHAIN_NEXT \w, 0, 7
	CHAIN_KEY \w, \k7, 7, 13, 11, 24
	\round	\w, 7, \k7
	CHAIN_NEXT \w, 1, 0
	CHAIN_KEY \w, \k8, 0, 12, 8, 0
	\round	\w, 8, \k8
	CHAIN_NEXT \w, 2, 1
	CHAIN_KEY \w, \k9, 1, 13, 9, 0
	\round	\w, 9, \k9
	CHAIN_NEXT \w, 3, 2
	CHAIN_KEY \w, \k10, 2, 12, 10, 8
	\round	\w, 10, \k10
	CHAIN_NEXT \w, 4, 3
	CHAIN_KEY \w, \k11, 3, 13, 11, 8
	\round	\w, 11, \k11
	CHAIN_NEXT \w, 5, 4
	CHAIN_KEY \w, \k12, 4, 12, 8, 16
	\round	\w, 12, \k12
	CHAIN_NEXT \w, 6, 5
	CHAIN_KEY \w, \k13, 5, 13, 9, 16
	\round	\w, 13, \k13
	CHAIN_WORDS \w, \k14, 6, 12, 10, 24
	\round	\w, 14, \k14
.endm

/*
 * Encryption under the wrapping key, whose K are by turns in 16 and 17; \round
 * does the last round.  Two vectors in 18 and 19, the check block, zero, in 20.
 */
.macro UNWRAP round
	SCHEDULE256 ymm, \round, 16, 17, 16, 17, 16, 17, 16, 17, 16, 17, 16, 17, 16
.endm

.macro UNWRAP_ROUND i, k
.if \i == 0
	vpxord	%ymm\k, %ymm18, %ymm18
	vpxord	%ymm\k, %ymm19, %ymm19
	vmovdqa32 %xmm\k, %xmm20
.else
	vaesenc	%ymm\k, %ymm18, %ymm18
	vaesenc	%ymm\k, %ymm19, %ymm19
	vaesenc	%xmm\k, %xmm20, %xmm20
.endif
.endm

/* AES-128 from K[0] in 16, likewise. */
.macro SCHEDULE128 w, round, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10
	vpshufd	$0xff, %\w\()16, %\w\()0
	CHAIN_SUM \w, 16, 1, 3
	vaesenclast .Lchain_rcon1(%rip), %\w\()0, %\w\()2
	vpternlogd $0x96, %\w\()2, %\w\()14, %\w\()1
	CHAIN_HALF \w, 16, 0, 3, 2, 12, 8, 10
	XOR_RCON \w, 1, 2
	XOR_RCON \w, 2, 3
	XOR_RCON \w, 3, 0
	\round	\w, 0, 16
	CHAIN_NEXT \w, 2, 1
	CHAIN_KEY \w, \k1, 1, 12, 10, 8
	XOR_RCON \w, 4, 1
	\round	\w, 1, \k1
	CHAIN_NEXT \w, 3, 2
	CHAIN_KEY \w, \k2, 2, 12, 8, 16
	XOR_RCON \w, 5, 2
	\round	\w, 2, \k2
	CHAIN_NEXT \w, 0, 3
	CHAIN_KEY \w, \k3, 3, 12, 10, 24
	XOR_RCON \w, 6, 3
	\round	\w, 3, \k3
	CHAIN_NEXT \w, 1, 0
	CHAIN_KEY \w, \k4, 0, 12, 8, 0
	XOR_RCON \w, 7, 0
	\round	\w, 4, \k4
	CHAIN_NEXT \w, 2, 1
	CHAIN_KEY \w, \k5, 1, 12, 10, 8
	XOR_RCON \w, 8, 1
	\round	\w, 5, \k5
	CHAIN_NEXT \w, 3, 2
	CHAIN_KEY \w, \k6, 2, 12, 8, 16
	XOR_RCON \w, 9, 2
	\round	\w, 6, \k6
	CHAIN_NEXT \w, 0, 3
	CHAIN_KEY \w, \k7, 3, 12, 10, 24
	\round	\w, 7, \k7
	CHAIN_NEXT \w, 1, 0
	CHAIN_KEY \w, \k8, 0, 12, 8, 0
	\round	\w, 8, \k8
	CHAIN_NEXT \w, 2, 1
	CHAIN_KEY \w, \k9, 1, 12, 10, 8
	\round	\w, 9, \k9
	CHAIN_WORDS \w, \k10, 2, 12, 8, 16
	\round	\w, 10, \k10
.endm
