/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XTS-AES for CPUs with VAES and AVX2, without AVX-512: sixteen ymm registers,
 * two blocks in each, no key in memory.
 *
 *	int pk_xts_{enc,dec}{128,256}_vaes_avx2(wk, slot, tweak, src, dst, len_flags)
 *
 * Everything that xts-aesni.S says of a section holds here.
 *
 * Registers of the data loop, eight blocks at a time:
 *	ymm0-3	data		ymm4	a round key in both lanes, scratch
 *	ymm5, 6	tweaks 0 | 1, 2 | 3; 4 | 5 and 6 | 7 are made before the rounds and
 *		again after them
 *	ymm7	what the next four steps from ymm6 add, see XTS_FIELDS
 *	ymm8-15	round keys, two to a register, the last one in both lanes
 *		(AES-128: ymm8-13, and tweaks 4 | 5, 6 | 7 in ymm14, 15)
 * Not vpclmulqdq for the tweaks: on Zen 4 one of 256 bits takes the time of two
 * rounds of AES.
 */
#include "aes.inc.S"
#include "schedule.inc.S"

.section .rodata.pk_xts_vaes, "a", @progbits
.p2align 5
.Lctr02:			/* counters 0 | 2 of a nonce, 1 | 3, 0 | 1 */
	.octa	0, 0x02000000000000000000000000000000
.Lctr13:
	.octa	0x01000000000000000000000000000000, 0x03000000000000000000000000000000
.Lctr01:
	.octa	0, 0x01000000000000000000000000000000

/*
 * Four steps of V := V * x^2 in every lane, of the same V at first: the two bits
 * that leave a quadword in a step go to the other one, to the low one times
 * x^7 + x^2 + x + 1.  All four steps' bits are in the top byte of the first V.
 */
.Ltop:				/* that byte of the other quadword, times 2^8 */
.rept 2
	.byte	0x80, 15, 0x80, 15, 0x80, 15, 0x80, 15
	.byte	0x80, 7, 0x80, 7, 0x80, 7, 0x80, 7
.endr
.Lpairs:			/* the bits of the steps, last one first */
.rept 4
	.word	0x0300, 0x0c00, 0x3000, 0xc000
.endr
.Lmul_1_2_7:			/* bring them down, times x^7 + x^2 + 1 ... */
.rept 2
	.word	0x85 << 8, 0x85 << 6, 0x85 << 4, 0x85 << 2
	.word	1 << 8, 1 << 6, 1 << 4, 1 << 2
.endr
.Lmul_x:			/* ... and times x: of two bits neither carries */
.rept 2
	.word	2 << 8, 2 << 6, 2 << 4, 2 << 2, 0, 0, 0, 0
.endr
.Lshift01:
	.quad	0, 0, 1, 1
.Lshift23:
	.quad	2, 2, 3, 3
.Lgf2:				/* .Lpk_gf in both lanes */
	.octa	0x00000000000000010000000000000087
	.octa	0x00000000000000010000000000000087
.macro LFIELD at
.rept 2
	.byte	\at, \at+1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80
	.byte	\at+8, \at+9, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80
.endr
.endm
.Lfields:			/* what step 1, 2, 3 adds, as a quadword */
	LFIELD	4
	LFIELD	2
	LFIELD	0

.section .noinstr.text, "ax"

/* Rounds of the wrapping key: payload in ymm12 (and 13), check block in xmm14. */
.macro ROUND_UNWRAP256 i, k
.if \i == 0
	vpxor	%ymm\k, %ymm12, %ymm12
	vpxor	%ymm\k, %ymm13, %ymm13
	vmovdqa	%xmm\k, %xmm14
.elseif \i < 14
	vaesenc	%ymm\k, %ymm12, %ymm12
	vaesenc	%ymm\k, %ymm13, %ymm13
	vaesenc	%xmm\k, %xmm14, %xmm14
.else
	vaesenclast %xmm\k, %xmm14, %xmm7
	vmovdqu	PK_SLOT_CT(%rsi), %xmm0
	vmovdqu	PK_SLOT_CT+16(%rsi), %xmm1
	vinserti128 $1, PK_SLOT_CT+32(%rsi), %ymm0, %ymm0
	vinserti128 $1, PK_SLOT_CT+48(%rsi), %ymm1, %ymm1
	vpxor	%ymm\k, %ymm0, %ymm0
	vpxor	%ymm\k, %ymm1, %ymm1
	vaesenclast %ymm0, %ymm12, %ymm8
	vaesenclast %ymm1, %ymm13, %ymm14
.endif
.endm

.macro ROUND_UNWRAP128 i, k
.if \i == 0
	vpxor	%ymm\k, %ymm12, %ymm12
	vmovdqa	%xmm\k, %xmm14
.elseif \i < 14
	vaesenc	%ymm\k, %ymm12, %ymm12
	vaesenc	%xmm\k, %xmm14, %xmm14
.else
	vaesenclast %xmm\k, %xmm14, %xmm7
	vpxor	PK_SLOT_CT(%rsi), %ymm\k, %ymm0
	vaesenclast %ymm0, %ymm12, %ymm8
.endif
.endm

/* ymm8 (and 14) := data key | tweak key, in clear; xmm7 := check block. */
.macro XTS_UNWRAP256
	vbroadcasti128 PK_SLOT_NONCE(%rsi), %ymm13
	vpxor	.Lctr02(%rip), %ymm13, %ymm12
	vpxor	.Lctr13(%rip), %ymm13, %ymm13
	PK_PASS256 ymm, ROUND_UNWRAP256
.endm

.macro XTS_UNWRAP128
	vbroadcasti128 PK_SLOT_NONCE(%rsi), %ymm12
	vpxor	.Lctr01(%rip), %ymm12, %ymm12
	PK_PASS256 ymm, ROUND_UNWRAP128
.endm

/* For decryption; the first round key stays as it is, and the last. */
.macro XTS_INVERT256
	vpxor	%xmm0, %xmm0, %xmm0
	vmovdqa	%ymm8, %ymm1
	PK_YINVERT %ymm0, %ymm8, %ymm9, %ymm10, %ymm11, %ymm12, %ymm13, %ymm14
	vpblendd $0x0f, %ymm1, %ymm8, %ymm8
.endm

.macro XTS_INVERT128
	vpxor	%xmm0, %xmm0, %xmm0
	vmovdqa	%ymm8, %ymm1
	PK_YINVERT %ymm0, %ymm8, %ymm9, %ymm10, %ymm11, %ymm12
	vpblendd $0x0f, %ymm1, %ymm8, %ymm8
.endm

/* \e := what the next four steps from \v add.  \e may not be \v. */
.macro XTS_FIELDS v, e, t
	vpshufb	.Ltop(%rip), \v, \e
	vpand	.Lpairs(%rip), \e, \e
	vpmulhuw .Lmul_x(%rip), \e, \t
	vpmulhuw .Lmul_1_2_7(%rip), \e, \e
	vpxor	\t, \e, \e
.endm

/* \dst := \src * x^2, step \n of the four of \e; \t is scratch. */
.macro XTS_STEP n, e, src, dst, t
	vpsllq	$2, \src, \dst
.if \n == 0
	vpsrlq	$48, \e, \t
.else
	vpshufb	.Lfields+32*(\n-1)(%rip), \e, \t
.endif
	vpxor	\t, \dst, \dst
.endm

/*
 * Rounds on \states, whitened by round key 0 (decrypting: the last).  \gap is more
 * to do, after the first round; ymm4 is free there.
 */
.macro XTS_LOW n
	vinserti128 $1, %xmm\n, %ymm\n, %ymm4
.endm
.macro XTS_HIGH n
	vperm2i128 $0x11, %ymm\n, %ymm\n, %ymm4
.endm

.macro XTS_ENC last, pairs, gap, states:vararg
	XTS_HIGH 8
	PK_EACH	vaesenc, %ymm4, \states
	\gap
.irp n, 9, 10, 11, 12, 13, 14
.if \n < 9 + \pairs
	XTS_LOW	\n
	PK_EACH	vaesenc, %ymm4, \states
	XTS_HIGH \n
	PK_EACH	vaesenc, %ymm4, \states
.endif
.endr
	PK_EACH	vaesenclast, \last, \states
.endm

.macro XTS_DEC pairs, gap, states:vararg
.irp n, 14, 13, 12, 11, 10, 9
.if \n < 9 + \pairs
	XTS_HIGH \n
	PK_EACH	vaesdec, %ymm4, \states
.if \n == 8 + \pairs
	\gap
.endif
	XTS_LOW	\n
	PK_EACH	vaesdec, %ymm4, \states
.endif
.endr
	XTS_HIGH 8
	PK_EACH	vaesdec, %ymm4, \states
	XTS_LOW	8
	PK_EACH	vaesdeclast, %ymm4, \states
.endm

.macro XTS_CRYPT_enc256 gap, states:vararg
	XTS_LOW	8
	PK_EACH	vpxor, %ymm4, \states
	XTS_ENC	%ymm15, 6, \gap, \states
.endm
.macro XTS_CRYPT_enc128 gap, states:vararg
	XTS_LOW	8
	PK_EACH	vpxor, %ymm4, \states
	XTS_ENC	%ymm13, 4, \gap, \states
.endm
.macro XTS_CRYPT_dec256 gap, states:vararg
	PK_EACH	vpxor, %ymm15, \states
	XTS_DEC	6, \gap, \states
.endm
.macro XTS_CRYPT_dec128 gap, states:vararg
	PK_EACH	vpxor, %ymm13, \states
	XTS_DEC	4, \gap, \states
.endm

/* Four vectors. */
.macro XTS_PASS256 dir
	XTS_STEP 0, %ymm7, %ymm6, %ymm2, %ymm4
	XTS_STEP 1, %ymm7, %ymm2, %ymm3, %ymm4
	vpxor	(%rcx), %ymm5, %ymm0
	vpxor	32(%rcx), %ymm6, %ymm1
	vpxor	64(%rcx), %ymm2, %ymm2
	vpxor	96(%rcx), %ymm3, %ymm3
	XTS_CRYPT_\dir\()256 PK_NOTHING, %ymm0, %ymm1, %ymm2, %ymm3
	vpxor	%ymm5, %ymm0, %ymm0
	vmovdqu	%ymm0, (%r8)
	vpxor	%ymm6, %ymm1, %ymm1
	vmovdqu	%ymm1, 32(%r8)
	XTS_STEP 0, %ymm7, %ymm6, %ymm0, %ymm4
	vpxor	%ymm0, %ymm2, %ymm2
	vmovdqu	%ymm2, 64(%r8)
	XTS_STEP 1, %ymm7, %ymm0, %ymm1, %ymm4
	vpxor	%ymm1, %ymm3, %ymm3
	vmovdqu	%ymm3, 96(%r8)
	XTS_STEP 2, %ymm7, %ymm1, %ymm5, %ymm4
	XTS_STEP 3, %ymm7, %ymm5, %ymm6, %ymm4
	XTS_FIELDS %ymm6, %ymm7, %ymm4
.endm

/*
 * AES-128 leaves two registers: ymm14, 15 hold tweaks 4 | 5 and 6 | 7, and what
 * the next four steps add comes to ymm7 between the rounds.
 */
.macro XTS_START256
.endm
.macro XTS_START128
	XTS_STEP 0, %ymm7, %ymm6, %ymm14, %ymm4
	XTS_STEP 1, %ymm7, %ymm14, %ymm15, %ymm4
.endm

.macro XTS_AHEAD
	XTS_FIELDS %ymm15, %ymm7, %ymm4
.endm

.macro XTS_PASS128 dir
	vpxor	(%rcx), %ymm5, %ymm0
	vpxor	32(%rcx), %ymm6, %ymm1
	vpxor	64(%rcx), %ymm14, %ymm2
	vpxor	96(%rcx), %ymm15, %ymm3
	XTS_CRYPT_\dir\()128 XTS_AHEAD, %ymm0, %ymm1, %ymm2, %ymm3
	vpxor	%ymm5, %ymm0, %ymm0
	vmovdqu	%ymm0, (%r8)
	vpxor	%ymm6, %ymm1, %ymm1
	vmovdqu	%ymm1, 32(%r8)
	vpxor	%ymm14, %ymm2, %ymm2
	vmovdqu	%ymm2, 64(%r8)
	vpxor	%ymm15, %ymm3, %ymm3
	vmovdqu	%ymm3, 96(%r8)
	XTS_STEP 0, %ymm7, %ymm15, %ymm5, %ymm4
	XTS_STEP 1, %ymm7, %ymm5, %ymm6, %ymm4
	XTS_STEP 2, %ymm7, %ymm6, %ymm14, %ymm4
	XTS_STEP 3, %ymm7, %ymm14, %ymm15, %ymm4
.endm

/* The next vector's tweak to ymm5: three of them, and half a vector, can be left. */
.macro XTS_NEXT256
	vmovdqa	%ymm6, %ymm5
	XTS_STEP 0, %ymm7, %ymm5, %ymm6, %ymm0
	XTS_FIELDS %ymm6, %ymm7, %ymm0
.endm
.macro XTS_NEXT128
	vmovdqa	%ymm6, %ymm5
	vmovdqa	%ymm14, %ymm6
	vmovdqa	%ymm15, %ymm14
.endm

.macro XTS_FUNC dir, bits
SYM_FUNC_START(pk_xts_\dir\bits\()_vaes_avx2)
	mov	PK_SLOT_EPOCH(%rsi), %r10
	PK_LOAD_WK
	vinserti128 $1, %xmm0, %ymm0, %ymm8
	vinserti128 $1, %xmm1, %ymm1, %ymm9
	XTS_UNWRAP\bits
	PK_TEST_EPOCH .Lout_\dir\bits
	cmpl	$(2*\bits/8), PK_SLOT_HDR+12(%rsi)	/* size of the key */
	jne	.Lout_\dir\bits
	PK_TEST_CHECK %xmm7, .Lout_\dir\bits

	vbroadcasti128 (%rdx), %ymm15
	PK_YPACK\bits
	PK_BROKEN
	vperm2i128 $0x11, %ymm3, %ymm3, %ymm5
	bt	$PK_XTS_FIRST_BIT, %r9
	jc	.Ltweaked_\dir\bits
	vbroadcasti128 (%rdx), %ymm5
.Ltweaked_\dir\bits:
.ifc \dir, dec
	XTS_INVERT\bits
.endif
	/* tweaks 0 | 1, 2 | 3; their top bytes come from T by mere shifts */
	vpsllvq	.Lshift01(%rip), %ymm5, %ymm2
	XTS_FIELDS %ymm2, %ymm3, %ymm0
	vpsllvq	.Lshift23(%rip), %ymm5, %ymm2
	XTS_FIELDS %ymm2, %ymm7, %ymm0
	PK_DOUBLE %ymm5, %ymm0, %ymm1, .Lgf2
	vpblendd $0xf0, %ymm0, %ymm5, %ymm5
	XTS_STEP 0, %ymm3, %ymm5, %ymm6, %ymm0
	XTS_START\bits
	mov	%r9d, %eax
	sub	$128, %eax
	jb	.Ltail_\dir\bits

.p2align 5
.Lloop_\dir\bits:
	XTS_PASS\bits \dir
	sub	$-128, %rcx
	sub	$-128, %r8
	sub	$128, %eax
	jae	.Lloop_\dir\bits

.Ltail_\dir\bits:
	add	$128 - 32, %eax
	js	.Lblock_\dir\bits
.Lpair_\dir\bits:
	vpxor	(%rcx), %ymm5, %ymm0
	XTS_CRYPT_\dir\bits PK_NOTHING, %ymm0
	vpxor	%ymm5, %ymm0, %ymm0
	vmovdqu	%ymm0, (%r8)
	XTS_NEXT\bits
	add	$32, %rcx
	add	$32, %r8
	sub	$32, %eax
	jns	.Lpair_\dir\bits
.Lblock_\dir\bits:
	add	$32, %eax
	jz	.Ldone_\dir\bits
	vpxor	(%rcx), %xmm5, %xmm0
	XTS_CRYPT_\dir\bits PK_NOTHING, %ymm0
	vpxor	%xmm5, %xmm0, %xmm0
	vmovdqu	%xmm0, (%r8)
	vextracti128 $1, %ymm5, %xmm5

.Ldone_\dir\bits:
	bt	$PK_XTS_MORE_BIT, %r9
	jnc	.Lok_\dir\bits
	vmovdqu	%xmm5, (%rdx)
.Lok_\dir\bits:
	xor	%eax, %eax
.Lout_\dir\bits:
	vzeroall
	RET
SYM_FUNC_END(pk_xts_\dir\bits\()_vaes_avx2)
.endm

XTS_FUNC enc, 128
XTS_FUNC dec, 128
XTS_FUNC enc, 256
XTS_FUNC dec, 256
