/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Key schedules as chains of aesenclast, in sixteen registers.  With \w = ymm the
 * two lanes have a key each, or the same key.
 *
 * As in aes.inc.S, which comes first: SubWord by aesenclast of a word that is
 * in all four columns, where ShiftRows changes nothing.
 *
 * With d[i] the last word of round key i, the definition of the schedules gives
 *
 *	AES-256: d[i] = d[i-8] ^ g(d[i-1])	AES-128: d[i] = d[i-4] ^ g(d[i-1])
 *
 * where of the words a, b, c, d of K[0] d[-2] is c^d, d[-4] b^d, d[-6] a^b^c^d,
 * and d[-1], d[-3], d[-5] are the same of K[1]; for AES-128 d[-1], d[-2], d[-3] of
 * K[0].  g is SubWord, in even rounds of AES-256 and in all of AES-128 with
 * RotWord and rcon.  Keeping S[i] = d[i], rotated left by i/2 bytes (AES-128: i),
 * in all four columns leaves S[i] = aesenclast(S[i-1], S[i-8]): four RotWords of
 * the chain between i-8 and i are no rotation at all.  The rotation is undone,
 * and K[i] put together, beside the chain.
 */

.section .rodata.pk_schedule, "a", @progbits
.p2align 5
/* Column \col in all four, rotated left by \rol bytes. */
.macro PK_COLUMN col, rol
.rept 8
	.byte	4*\col+(4-\rol)%4, 4*\col+(5-\rol)%4
	.byte	4*\col+(6-\rol)%4, 4*\col+(7-\rol)%4
.endr
.endm
.Lpk_column01:	PK_COLUMN 0, 1
.Lpk_column11:	PK_COLUMN 1, 1
.Lpk_column12:	PK_COLUMN 1, 2
.Lpk_column23:	PK_COLUMN 2, 3
.Lpk_column02:	PK_COLUMN 0, 2
.Lpk_column03:	PK_COLUMN 0, 3
.Lpk_rotated:			/* rcon n, from 1, rotated as S is */
.irp rc, 0x01<<8, 0x02<<16, 0x04<<24, 0x08, 0x10<<8, 0x20<<16, 0x40<<24, \
	0x80, 0x1b<<8, 0x36<<16
	.long	\rc, \rc, \rc, \rc, \rc, \rc, \rc, \rc
.endr

/* \s6, \s4, \s2, \s0 := S[-6], S[-4], S[-2], S[0] of K[0], without rcon. */
.macro PK_CHAIN_HALF w, k, s6, s4, s2, s0
	vpshufd	$0x4e, %\w\k, %\w\s4
	vpxor	%\w\k, %\w\s4, %\w\s4		/* a^c, b^d, a^c, b^d */
	vpshufb	.Lpk_column01(%rip), %\w\s4, %\w\s6
	vpshufb	.Lpk_column11(%rip), %\w\s4, %\w\s2
	vpxor	%\w\s2, %\w\s6, %\w\s6
	vpshufb	.Lpk_column12(%rip), %\w\s4, %\w\s4
	vpsrlq	$32, %\w\k, %\w\s2
	vpxor	%\w\k, %\w\s2, %\w\s2		/* -, -, c^d, - */
	vpshufb	.Lpk_column23(%rip), %\w\s2, %\w\s2
	vpshufd	$0xff, %\w\k, %\w\s0
.endm

.macro PK_CHAIN_RCON w, s, rcon
	vpxor	.Lpk_rotated+32*(\rcon-1)(%rip), %\w\s, %\w\s
.endm

/* \dst := \s, of round \i, rotated back. */
.macro PK_CHAIN_BACK w, i, s, dst
.if \i % 4 == 1
	vpshufb	.Lpk_column03(%rip), %\w\s, %\w\dst
.elseif \i % 4 == 2
	vpshufb	.Lpk_column02(%rip), %\w\s, %\w\dst
.elseif \i % 4 == 3
	vpshufb	.Lpk_column01(%rip), %\w\s, %\w\dst
.else
	vmovdqa	%\w\s, %\w\dst
.endif
.endm

/* S[i] := i mod 8 for i = -6 .. 1, from K[0] in \k0 and K[1] in \k1. */
.macro PK_CHAIN256 w, k0, k1
	PK_CHAIN_HALF \w, \k1, 3, 5, 7, 1
	PK_CHAIN_HALF \w, \k0, 2, 4, 6, 0
	PK_CHAIN_RCON \w, 4, 2
	PK_CHAIN_RCON \w, 6, 3
	PK_CHAIN_RCON \w, 0, 4
.endm

/*
 * K[i] in \k from K[i-2] in \p, which may be the same register; \s, \q: S[i],
 * S[i-1].  K[i] is d[i] in every word, ^ (b^c^d, c^d, d, 0) of K[i-2].
 */
.macro PK_STEP256 w, i, s, q, k, p, t, u
.if \i == 2
	/* S[1] is there long before S[-6] */
	vaesenclast .Lpk_rotated(%rip), %\w\q, %\w\t
	vpxor	%\w\t, %\w\s, %\w\s
.else
	vaesenclast %\w\s, %\w\q, %\w\s
.endif
.if \i == 3 || \i == 5 || \i == 7
	PK_CHAIN_RCON \w, \q, (\i+7)/2
.endif
	vpsrlq	$32, %\w\p, %\w\t
	vpxor	%\w\p, %\w\t, %\w\u
	vpshufd	$0xaa, %\w\u, %\w\u
	vpxor	%\w\t, %\w\u, %\w\u
	vpblendw $0xf0, %\w\t, %\w\u, %\w\t
	PK_CHAIN_BACK \w, (\i/2), \s, \k
	vpxor	%\w\t, %\w\k, %\w\k
.endm

/*
 * AES-256 with no more than two round keys alive, in 8 and 9; they come in there.
 * \round is told of each: number, register.  Clobbers 0-7, 10, 11.
 */
.macro PK_PASS256 w, round
	PK_CHAIN256 \w, 8, 9
	\round	0, 8
	\round	1, 9
	PK_STEP256 \w, 2, 2, 1, 8, 8, 10, 11
	\round	2, 8
	PK_STEP256 \w, 3, 3, 2, 9, 9, 10, 11
	\round	3, 9
	PK_STEP256 \w, 4, 4, 3, 8, 8, 10, 11
	\round	4, 8
	PK_STEP256 \w, 5, 5, 4, 9, 9, 10, 11
	\round	5, 9
	PK_STEP256 \w, 6, 6, 5, 8, 8, 10, 11
	\round	6, 8
	PK_STEP256 \w, 7, 7, 6, 9, 9, 10, 11
	\round	7, 9
	PK_STEP256 \w, 8, 0, 7, 8, 8, 10, 11
	\round	8, 8
	PK_STEP256 \w, 9, 1, 0, 9, 9, 10, 11
	\round	9, 9
	PK_STEP256 \w, 10, 2, 1, 8, 8, 10, 11
	\round	10, 8
	PK_STEP256 \w, 11, 3, 2, 9, 9, 10, 11
	\round	11, 9
	PK_STEP256 \w, 12, 4, 3, 8, 8, 10, 11
	\round	12, 8
	PK_STEP256 \w, 13, 5, 4, 9, 9, 10, 11
	\round	13, 9
	PK_STEP256 \w, 14, 6, 5, 8, 8, 10, 11
	\round	14, 8
.endm

/* Two low lanes to one register: an even round key low, the next one high. */
.macro PK_YPAIR even, odd
	vinserti128 $1, %xmm\odd, %ymm\even, %ymm\even
.endm

/*
 * AES-256 of the keys in ymm8 and ymm14, the low lanes' round keys kept: two to a
 * register in ymm8-14, the last one in both lanes of ymm15.  The block in ymm15
 * is encrypted to ymm3.  S[i] for i > 6 is used once, which makes room in time.
 */
.macro PK_YPACK256
	PK_CHAIN256 ymm, 8, 14
	vpxor	%ymm8, %ymm15, %ymm15
	vaesenc	%ymm14, %ymm15, %ymm15
	PK_STEP256 ymm, 2, 2, 1, 9, 8, 12, 13
	vaesenc	%ymm9, %ymm15, %ymm15
	PK_YPAIR 8, 14
	PK_STEP256 ymm, 3, 3, 2, 14, 14, 12, 13
	vaesenc	%ymm14, %ymm15, %ymm15
	PK_STEP256 ymm, 4, 4, 3, 10, 9, 12, 13
	vaesenc	%ymm10, %ymm15, %ymm15
	PK_YPAIR 9, 14
	PK_STEP256 ymm, 5, 5, 4, 14, 14, 12, 13
	vaesenc	%ymm14, %ymm15, %ymm15
	PK_STEP256 ymm, 6, 6, 5, 11, 10, 12, 13
	vaesenc	%ymm11, %ymm15, %ymm15
	PK_YPAIR 10, 14
	PK_STEP256 ymm, 7, 7, 6, 14, 14, 12, 13
	vaesenc	%ymm14, %ymm15, %ymm15
	PK_STEP256 ymm, 8, 0, 7, 12, 11, 7, 13
	vaesenc	%ymm12, %ymm15, %ymm15
	PK_YPAIR 11, 14
	PK_STEP256 ymm, 9, 1, 0, 14, 14, 7, 13
	vaesenc	%ymm14, %ymm15, %ymm15
	PK_STEP256 ymm, 10, 2, 1, 13, 12, 7, 0
	vaesenc	%ymm13, %ymm15, %ymm15
	PK_YPAIR 12, 14
	PK_STEP256 ymm, 11, 3, 2, 1, 14, 7, 0
	vaesenc	%ymm1, %ymm15, %ymm15
	PK_STEP256 ymm, 12, 4, 3, 14, 13, 7, 0
	vaesenc	%ymm14, %ymm15, %ymm15
	PK_YPAIR 13, 1
	PK_STEP256 ymm, 13, 5, 4, 1, 1, 7, 0
	vaesenc	%ymm1, %ymm15, %ymm3
	PK_STEP256 ymm, 14, 6, 5, 15, 14, 7, 0
	vaesenclast %ymm15, %ymm3, %ymm3
	PK_YPAIR 14, 1
	PK_YPAIR 15, 15
.endm

/*
 * AES-128: K[i] in \k; \s, \q: S[i], S[i-1]; \v, \x: V[i-2], which becomes V[i],
 * and V[i-1].  V[i] is d[i]^d[i-1], d[i], d[i]^d[i-1], d[i]; K[i] the same,
 * ^ V[i-2] in the first two words.
 */
.macro PK_STEP128 w, i, s, q, k, v, x, t
	vaesenclast %\w\s, %\w\q, %\w\s
.if \i <= 7
	PK_CHAIN_RCON \w, \q, (\i+3)
.endif
	PK_CHAIN_BACK \w, \i, \s, \k
	vpsrlq	$32, %\w\x, %\w\t
	vpxor	%\w\k, %\w\t, %\w\t
	vpxor	%\w\v, %\w\t, %\w\k
	vpblendw $0xf0, %\w\t, %\w\k, %\w\k
	vmovdqa	%\w\t, %\w\v
.endm

/* S[i] := i mod 4, V[i] := 4 + i mod 2 for i = -3 .. 0, from K[0] in \k. */
.macro PK_CHAIN128 w, k
	PK_CHAIN_HALF \w, \k, 1, 2, 3, 0
	PK_CHAIN_RCON \w, 1, 1
	PK_CHAIN_RCON \w, 2, 2
	PK_CHAIN_RCON \w, 3, 3
	vpshufd	$0xee, %\w\k, %\w\()4
	vpshufd	$0x99, %\w\k, %\w\()5
	vpxor	%\w\()4, %\w\()5, %\w\()5
.endm

/* AES-128 of the key in ymm8: pairs in ymm8-12, the last one in ymm13; ymm15 as above. */
.macro PK_YPACK128
	PK_CHAIN128 ymm, 8
	vpxor	%ymm8, %ymm15, %ymm15
	PK_STEP128 ymm, 1, 1, 0, 14, 5, 4, 6
	vaesenc	%ymm14, %ymm15, %ymm15
	PK_YPAIR 8, 14
	PK_YPACK128_STEPS 2, 2, 1, 3, 2, 9
	PK_YPACK128_STEPS 4, 0, 3, 1, 0, 10
	PK_YPACK128_STEPS 6, 2, 1, 3, 2, 11
	PK_YPACK128_STEPS 8, 0, 3, 1, 0, 12
	PK_STEP128 ymm, 10, 2, 1, 13, 4, 5, 6
	vaesenclast %ymm13, %ymm15, %ymm3
	PK_YPAIR 13, 13
.endm

.macro PK_YPACK128_STEPS i, s, q, s1, q1, k
	PK_STEP128 ymm, \i, \s, \q, \k, 4, 5, 6
	vaesenc	%ymm\k, %ymm15, %ymm15
	PK_STEP128 ymm, "(\i+1)", \s1, \q1, 14, 5, 4, 6
	vaesenc	%ymm14, %ymm15, %ymm15
	PK_YPAIR \k, 14
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
