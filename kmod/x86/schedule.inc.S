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

/*
 * Next AES-256 round key of both lanes: ymm0, ymm1 hold two consecutive ones,
 * \i is the number of the one to make; even ones replace ymm0, odd ones ymm1.
 * Scratch: ymm2, ymm3.
 */
.macro PK_YNEXT256 i
.if (\i) % 2 == 0
	PK_PREFIX %ymm0, %ymm2, %ymm3
	vpxor	.Lpk_rcon2+32*((\i)/2-1)(%rip), %ymm2, %ymm2
	vpshufb	.Lpk_rotword2(%rip), %ymm1, %ymm3
	vaesenclast %ymm2, %ymm3, %ymm0
.else
	PK_PREFIX %ymm1, %ymm2, %ymm3
	vpshufd	$0xff, %ymm0, %ymm3
	vaesenclast %ymm2, %ymm3, %ymm1
.endif
.endm

/* Next AES-128 round key of both lanes, \dst from \src; \i from 1. */
.macro PK_YNEXT128 i, src, dst
	PK_PREFIX \src, %ymm2, %ymm3
	vpxor	.Lpk_rcon2+32*((\i)-1)(%rip), %ymm2, %ymm2
	vpshufb	.Lpk_rotword2(%rip), \src, %ymm3
	vaesenclast %ymm2, %ymm3, \dst
.endm

/* Encrypt \states with the key in ymm0, ymm1 as its schedule rolls by. */
.macro PK_YROLL256 states:vararg
	PK_EACH	vpxor, %ymm0, \states
	PK_EACH	vaesenc, %ymm1, \states
.irp i, 2, 4, 6, 8, 10, 12
	PK_YNEXT256 \i
	PK_EACH	vaesenc, %ymm0, \states
	PK_YNEXT256 "(\i+1)"
	PK_EACH	vaesenc, %ymm1, \states
.endr
	PK_YNEXT256 14
	PK_EACH	vaesenclast, %ymm0, \states
.endm

/* Two low lanes to one register: an even round key low, the next one high. */
.macro PK_YPAIR even, odd, n
	vinserti128 $1, \odd, \even, %ymm\n
.endm

/*
 * The same, with the low lanes' round keys kept: two to a register in
 * ymm8-14, the last one in both lanes of ymm15.
 */
.macro PK_YPACK256 state
	vpxor	%ymm0, \state, \state
	vaesenc	%ymm1, \state, \state
	PK_YPAIR %ymm0, %xmm1, 8
	PK_YPACK256_PAIR 2, 9, \state
	PK_YPACK256_PAIR 4, 10, \state
	PK_YPACK256_PAIR 6, 11, \state
	PK_YPACK256_PAIR 8, 12, \state
	PK_YPACK256_PAIR 10, 13, \state
	PK_YPACK256_PAIR 12, 14, \state
	PK_YNEXT256 14
	vaesenclast %ymm0, \state, \state
	PK_YPAIR %ymm0, %xmm0, 15
.endm

.macro PK_YPACK256_PAIR i, n, state
	PK_YNEXT256 \i
	vaesenc	%ymm0, \state, \state
	PK_YNEXT256 "(\i+1)"
	vaesenc	%ymm1, \state, \state
	PK_YPAIR %ymm0, %xmm1, \n
.endm

/* AES-128, key in ymm0: pairs in ymm8-12, the last one in ymm13. */
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
