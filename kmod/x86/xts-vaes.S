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
 *	ymm0-3	data, blocks n and n + 4	ymm4	a round key in both lanes,
 *		scratch
 *	ymm5-7	tweaks of n = 0, 1, 2; those of 3 are made twice.  With blocks n
 *		and n + 4 in a register the next tweaks are a plain doubling, half
 *		of what the step from n, n + 1 to n + 2, n + 3 takes
 *	ymm8-15	round keys, two to a register, the last one in both lanes
 *		(AES-128: ymm8-13)
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
.Lleft:				/* by what the first tweaks are shifted */
	.quad	0, 0, 4, 4
.Lright:
	.quad	64, 64, 60, 60
.Llow:				/* the low quadword of each lane */
	.quad	-1, 0, -1, 0
.Lgf2:				/* reduction of a doubling in GF(2^128) */
	.quad	0x87, 1, 0x87, 1

.section .noinstr.text, "ax"

/* Encrypt \states with the wrapping key in ymm0, ymm1.  Clobbers 0-3, 6, 7, 9. */
.macro XTS_ROLL_WK states:vararg
	PK_CHAIN_START 0, 1, 2, 3, 6, 7
	PK_EACH	vpxor, %ymm0, \states
	PK_EACH	vaesenc, %ymm1, \states
.irp i, 2, 4, 6, 8, 10, 12
	PK_CHAIN_STEP \i, 0, 1, 2, 3, 6, 7, 9
	PK_EACH	vaesenc, %ymm0, \states
	PK_CHAIN_STEP "(\i+1)", 0, 1, 2, 3, 6, 7, 9
	PK_EACH	vaesenc, %ymm1, \states
.endr
	PK_CHAIN_STEP 14, 0, 1, 2, 3, 6, 7, 9
	PK_EACH	vaesenclast, %ymm0, \states
.endm

/* Keys in clear, data | tweak: 256: ymm4, ymm5; 128: ymm4.  Check: xmm8. */
.macro XTS_UNWRAP256
	vbroadcasti128 PK_SLOT_NONCE(%rsi), %ymm5
	vpxor	.Lctr02(%rip), %ymm5, %ymm4
	vpxor	.Lctr13(%rip), %ymm5, %ymm5
	vpxor	%xmm8, %xmm8, %xmm8
	XTS_ROLL_WK %ymm4, %ymm5, %ymm8
	vmovdqu	PK_SLOT_CT(%rsi), %xmm2
	vinserti128 $1, PK_SLOT_CT+32(%rsi), %ymm2, %ymm2
	vmovdqu	PK_SLOT_CT+16(%rsi), %xmm3
	vinserti128 $1, PK_SLOT_CT+48(%rsi), %ymm3, %ymm3
	vpxor	%ymm2, %ymm4, %ymm4
	vpxor	%ymm3, %ymm5, %ymm5
.endm

.macro XTS_UNWRAP128
	vbroadcasti128 PK_SLOT_NONCE(%rsi), %ymm4
	vpxor	.Lctr01(%rip), %ymm4, %ymm4
	vpxor	%xmm8, %xmm8, %xmm8
	XTS_ROLL_WK %ymm4, %ymm8
	vpxor	PK_SLOT_CT(%rsi), %ymm4, %ymm4
.endm

/* Round keys from the key in clear; \state's high lane is encrypted. */
.macro XTS_SCHEDULE256 state
	PK_CHAIN_START 4, 5, 0, 1, 2, 3
	vpxor	%ymm4, \state, \state
	vaesenc	%ymm5, \state, \state
	PK_YPAIR %ymm4, %xmm5, 8
	XTS_PAIR256 2, 9, \state
	XTS_PAIR256 4, 10, \state
	XTS_PAIR256 6, 11, \state
	XTS_PAIR256 8, 12, \state
	XTS_PAIR256 10, 13, \state
	XTS_PAIR256 12, 14, \state
	PK_CHAIN_STEP 14, 4, 5, 0, 1, 2, 3, 6
	vaesenclast %ymm4, \state, \state
	PK_YPAIR %ymm4, %xmm4, 15
.endm

.macro XTS_PAIR256 i, n, state
	PK_CHAIN_STEP \i, 4, 5, 0, 1, 2, 3, 6
	vaesenc	%ymm4, \state, \state
	PK_CHAIN_STEP "(\i+1)", 4, 5, 0, 1, 2, 3, 6
	vaesenc	%ymm5, \state, \state
	PK_YPAIR %ymm4, %xmm5, \n
.endm

.macro XTS_SCHEDULE128 state
	vmovdqa	%ymm4, %ymm0
	PK_YPACK128 \state
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

/* \dst := \src * x in each lane; \t is scratch. */
.macro XTS_DOUBLE src, dst, t
	vpshufd	$0x13, \src, \t
	vpaddq	\src, \src, \dst
	vpsrad	$31, \t, \t
	vpand	.Lgf2(%rip), \t, \t
	vpxor	\t, \dst, \dst
.endm

/* \dst ^= \c * (x + x^2 + x^7), \c a polynomial of the low quadword.  \t: scratch. */
.macro XTS_REDUCE c, dst, t
	vpsllq	$1, \c, \t
	vpxor	\t, \dst, \dst
	vpsllq	$2, \c, \t
	vpxor	\t, \dst, \dst
	vpsllq	$7, \c, \t
	vpxor	\t, \dst, \dst
.endm

/* Block n and n + 4 in, and out. */
.macro XTS_IN n, data
	vmovdqu	16*\n(%rcx), %xmm\data
	vinserti128 $1, 16*\n+64(%rcx), %ymm\data, %ymm\data
.endm
.macro XTS_OUT n, tweak
	vpxor	%ymm\tweak, %ymm\n, %ymm\n
	vmovdqu	%xmm\n, 16*\n(%r8)
	vextracti128 $1, %ymm\n, 16*\n+64(%r8)
.endm

/* Rounds on \states, whitened by round key 0 (decrypting: the last). */
.macro XTS_LOW n
	vinserti128 $1, %xmm\n, %ymm\n, %ymm4
.endm
.macro XTS_HIGH n
	vperm2i128 $0x11, %ymm\n, %ymm\n, %ymm4
.endm

.macro XTS_ENC last, pairs, states:vararg
	XTS_HIGH 8
	PK_EACH	vaesenc, %ymm4, \states
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

.macro XTS_DEC pairs, states:vararg
.irp n, 14, 13, 12, 11, 10, 9
.if \n < 9 + \pairs
	XTS_HIGH \n
	PK_EACH	vaesdec, %ymm4, \states
	XTS_LOW	\n
	PK_EACH	vaesdec, %ymm4, \states
.endif
.endr
	XTS_HIGH 8
	PK_EACH	vaesdec, %ymm4, \states
	XTS_LOW	8
	PK_EACH	vaesdeclast, %ymm4, \states
.endm

.macro XTS_CRYPT_enc256 states:vararg
	XTS_LOW	8
	PK_EACH	vpxor, %ymm4, \states
	XTS_ENC	%ymm15, 6, \states
.endm
.macro XTS_CRYPT_enc128 states:vararg
	XTS_LOW	8
	PK_EACH	vpxor, %ymm4, \states
	XTS_ENC	%ymm13, 4, \states
.endm
.macro XTS_CRYPT_dec256 states:vararg
	PK_EACH	vpxor, %ymm15, \states
	XTS_DEC	6, \states
.endm
.macro XTS_CRYPT_dec128 states:vararg
	PK_EACH	vpxor, %ymm13, \states
	XTS_DEC	4, \states
.endm

.macro XTS_FUNC dir, bits
SYM_FUNC_START(pk_xts_\dir\bits\()_vaes_avx2)
	mov	PK_SLOT_EPOCH(%rsi), %r10
	PK_LOAD_WK
	vinserti128 $1, %xmm0, %ymm0, %ymm0
	vinserti128 $1, %xmm1, %ymm1, %ymm1
	XTS_UNWRAP\bits
	PK_TEST_EPOCH .Lout_\dir\bits
	cmpl	$(2*\bits/8), PK_SLOT_HDR+12(%rsi)	/* size of the key */
	jne	.Lout_\dir\bits
	PK_TEST_CHECK %xmm8, .Lout_\dir\bits

	vbroadcasti128 (%rdx), %ymm7
	XTS_SCHEDULE\bits %ymm7
	vperm2i128 $0x11, %ymm7, %ymm7, %ymm5
	bt	$PK_XTS_FIRST_BIT, %r9
	jc	.Ltweaked_\dir\bits
	vbroadcasti128 (%rdx), %ymm5
.Ltweaked_\dir\bits:
.ifc \dir, dec
	XTS_INVERT\bits
.endif
	/* what leaves a quadword goes to the other one, to the low one reduced */
	vpsrlvq	.Lright(%rip), %ymm5, %ymm0
	vpsllvq	.Lleft(%rip), %ymm5, %ymm5
	vpshufd	$0x4e, %ymm0, %ymm0
	vpxor	%ymm0, %ymm5, %ymm5
	vpand	.Llow(%rip), %ymm0, %ymm0
	XTS_REDUCE %ymm0, %ymm5, %ymm1
	mov	%r9d, %eax
	sub	$128, %eax
	jb	.Ltail_\dir\bits

.p2align 5
.Lloop_\dir\bits:
	XTS_IN	0, 0
	vpxor	%ymm5, %ymm0, %ymm0
	XTS_DOUBLE %ymm5, %ymm6, %ymm4
	XTS_IN	1, 1
	vpxor	%ymm6, %ymm1, %ymm1
	XTS_DOUBLE %ymm6, %ymm7, %ymm4
	XTS_IN	2, 2
	vpxor	%ymm7, %ymm2, %ymm2
	XTS_DOUBLE %ymm7, %ymm3, %ymm4
	XTS_IN	3, 4
	vpxor	%ymm4, %ymm3, %ymm3
	XTS_CRYPT_\dir\bits %ymm0, %ymm1, %ymm2, %ymm3
	XTS_OUT	0, 5
	/* x^8: the byte that leaves is a polynomial of degree 7 */
	vpsrldq	$15, %ymm5, %ymm0
	vpslldq	$1, %ymm5, %ymm5
	vpxor	%ymm0, %ymm5, %ymm5
	XTS_REDUCE %ymm0, %ymm5, %ymm4
	XTS_OUT	1, 6
	XTS_OUT	2, 7
	XTS_DOUBLE %ymm7, %ymm7, %ymm4
	XTS_OUT	3, 7
	sub	$-128, %rcx
	sub	$-128, %r8
	sub	$128, %eax
	jae	.Lloop_\dir\bits

.Ltail_\dir\bits:
	add	$128, %eax
	jz	.Ldone_\dir\bits
.Lblock_\dir\bits:
	vpxor	(%rcx), %xmm5, %xmm0
	XTS_CRYPT_\dir\bits %ymm0
	vpxor	%xmm5, %xmm0, %xmm0
	vmovdqu	%xmm0, (%r8)
	XTS_DOUBLE %xmm5, %xmm5, %xmm4
	add	$16, %rcx
	add	$16, %r8
	sub	$16, %eax
	jnz	.Lblock_\dir\bits

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
