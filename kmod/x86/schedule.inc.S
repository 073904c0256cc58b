/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Key schedules in whole ymm registers: the data key in the low lane and the
 * tweak key in the high lane of the same register grow in one chain, and the
 * first tweak is encrypted in the high lane as its round keys come by.
 *
 * As in aes.inc.S, which comes first: SubWord by aesenclast of a word that is
 * in all four columns, where ShiftRows changes nothing.
 */

.section .rodata.pk_schedule, "a", @progbits
.p2align 5
.Lpk_rcon2:
.irp rc, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1b, 0x36
	.long	\rc, \rc, \rc, \rc, \rc, \rc, \rc, \rc
.endr
.Lpk_rotword2:
.rept 8
	.byte	13, 14, 15, 12
.endr
.Lpk_rol:			/* words 0, 1, 2 rotated left by 1, 2, 3 bytes */
.rept 2
	.byte	3, 0, 1, 2, 6, 7, 4, 5, 9, 10, 11, 8, 12, 13, 14, 15
.endr
.Lpk_ror:			/* every word rotated right by 1, 2, 3 bytes */
.rept 2
	.byte	1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12
.endr
.rept 2
	.byte	2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13
.endr
.rept 2
	.byte	3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14
.endr
.Lpk_rcon_rol:			/* of round keys 2, 4, 6, 8 and 10, 12, 14 */
.rept 2
	.long	0x01 << 8, 0x02 << 16, 0x04 << 24, 0x08
.endr
.rept 2
	.long	0x10 << 8, 0x20 << 16, 0x40 << 24, 0
.endr

/*
 * AES-256's schedule as a chain of aesenclast and nothing else, four cycles a
 * step.  With d[i] the last word of round key i, the definition gives for i >= 2
 *
 *	d[i] = d[i-8] ^ g(d[i-1])
 *	K[i] = K[i-2] shifted by one, two and three words, added up, ^ d[i]
 *
 * where, of the words a, b, c, d of K[0], d[-6] = a^b^c^d, d[-4] = b^d, d[-2] =
 * c^d, d[0] = d, and the same of K[1] for the odd ones.  g is SubWord, for even i
 * with RotWord and rcon.  Keeping S[i] = rol(d[i], i/2 bytes) in all four
 * columns leaves S[i] = aesenclast(S[i-1], S[i-8]): four RotWords of the chain
 * between i-8 and i are no rotation at all.
 *
 * Both lanes at once; \e, \o hold S[i-8] of four even and four odd i, a word each.
 */
.macro PK_CHAIN_WORDS k, to, t, rcon
	vpsrldq	$8, %ymm\k, %ymm\t
	vpxor	%ymm\k, %ymm\t, %ymm\t
	vpsrlq	$32, %ymm\t, %ymm\to
	vpxor	%ymm\t, %ymm\to, %ymm\to
	vpshufb	.Lpk_rol(%rip), %ymm\to, %ymm\to
.ifnb \rcon
	vpxor	.Lpk_rcon_rol+\rcon(%rip), %ymm\to, %ymm\to
.endif
.endm

/* From K[0], K[1] in \k0, \k1: S[1] in \s, and \e, \o.  Scratch: \t. */
.macro PK_CHAIN_START k0, k1, s, e, o, t
	vpshufd	$0xff, %ymm\k1, %ymm\s
	PK_CHAIN_WORDS \k0, \e, \t, 0
	PK_CHAIN_WORDS \k1, \o, \t
.endm

/* S[i] from S[i-1] in \s, K[i] from K[i-2] in \k.  Scratch: \t, \u. */
.macro PK_CHAIN_LINK i, k, s, p, t, u
	vpshufd	$(0x55*(((\i)-2)/2%4)), %ymm\p, %ymm\u
	vaesenclast %ymm\u, %ymm\s, %ymm\s
	vpsrldq	$4, %ymm\k, %ymm\t
	vpsrldq	$8, %ymm\k, %ymm\u
	vpxor	%ymm\u, %ymm\t, %ymm\t
	vpsrldq	$12, %ymm\k, %ymm\u
	vpxor	%ymm\u, %ymm\t, %ymm\t
.if (\i)/2%4
	vpshufb	.Lpk_ror+32*((\i)/2%4-1)(%rip), %ymm\s, %ymm\u
	vpxor	%ymm\u, %ymm\t, %ymm\k
.else
	vpxor	%ymm\s, %ymm\t, %ymm\k
.endif
.endm

/* The next round key in \k0 for even \i, from 2, in \k1 for odd ones. */
.macro PK_CHAIN_STEP i, k0, k1, s, e, o, t, u
.if (\i) % 2 == 0
.if (\i) == 10
	PK_CHAIN_WORDS \k0, \e, \t, 32
.endif
	PK_CHAIN_LINK \i, \k0, \s, \e, \t, \u
.else
.if (\i) == 11
	PK_CHAIN_WORDS \k1, \o, \t
.endif
	PK_CHAIN_LINK \i, \k1, \s, \o, \t, \u
.endif
.endm

/* Next AES-128 round key of both lanes, \dst from \src; \i from 1. */
.macro PK_YNEXT128 i, src, dst
	PK_PREFIX \src, %ymm2, %ymm3
	vpxor	.Lpk_rcon2+32*((\i)-1)(%rip), %ymm2, %ymm2
	vpshufb	.Lpk_rotword2(%rip), \src, %ymm3
	vaesenclast %ymm2, %ymm3, \dst
.endm

/* Two low lanes to one register: an even round key low, the next one high. */
.macro PK_YPAIR even, odd, n
	vinserti128 $1, \odd, \even, %ymm\n
.endm

/*
 * Encrypt \state with the key in ymm0 as its schedule rolls by, and keep the low
 * lanes' round keys: two to a register in ymm8-12, the last one in both lanes of
 * ymm13.
 */
.macro PK_YPACK128 state
	vpxor	%ymm0, \state, \state
	PK_YNEXT128 1, %ymm0, %ymm1
	vaesenc	%ymm1, \state, \state
	PK_YPAIR %ymm0, %xmm1, 8
	PK_YPACK128_PAIR 2, 9, \state
	PK_YPACK128_PAIR 4, 10, \state
	PK_YPACK128_PAIR 6, 11, \state
	PK_YPACK128_PAIR 8, 12, \state
	PK_YNEXT128 10, %ymm1, %ymm0
	vaesenclast %ymm0, \state, \state
	PK_YPAIR %ymm0, %xmm0, 13
.endm

.macro PK_YPACK128_PAIR i, n, state
	PK_YNEXT128 \i, %ymm1, %ymm0
	vaesenc	%ymm0, \state, \state
	PK_YNEXT128 "(\i+1)", %ymm0, %ymm1
	vaesenc	%ymm1, \state, \state
	PK_YPAIR %ymm0, %xmm1, \n
.endm

/*
 * InvMixColumns of both lanes of \regs: aesenclast and aesdec with a zero key
 * undo each other's SubBytes and ShiftRows.  \zero is zero.
 */
.macro PK_YINVERT zero, regs:vararg
.irp r, \regs
	vaesenclast \zero, \r, \r
	vaesdec	\zero, \r, \r
.endr
.endm
