/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CTR, CBC and ECB for CPUs with AES-NI and AVX: no key in memory.
 *
 *	int pk_{ctr,cbc_enc,cbc_dec,ecb_enc,ecb_dec}{128,192,256}_aesni
 *		(wk, slot, iv, src, dst, len)
 *
 * One call is one section, as in xts-aesni.S.  len: bytes, a multiple of 16, at
 * least 16, at most 16384.  CTR: *iv is the counter of the first block, 128 bits
 * big-endian (SP 800-38A appendix B.1), and becomes that of the next.  CBC:
 * *iv becomes the last block of ciphertext.  Neither is secret.
 *
 * Registers of the data loops:
 *	xmm0-3	data		xmm4	round key from a high half
 *	xmm5	CBC: the block of ciphertext before
 *	ymm8-15	round keys, two to a register
 *	r10:r11	CTR: counter, high and low half
 */
#include "aes.inc.S"

.section .noinstr.text, "ax"

/* xmm0 (and xmm1) := the key in clear; all tests passed, or to \fail. */
.macro MODE_LOAD_KEY bits, fail
	mov	PK_SLOT_EPOCH(%rsi), %r10
	PK_LOAD_WK
	vmovdqu	PK_SLOT_NONCE(%rsi), %xmm4
	vpxor	%xmm8, %xmm8, %xmm8
.if \bits == 128
	PK_ROLL256 %xmm4, %xmm8
.else
	vpxor	.Lpk_ctr1(%rip), %xmm4, %xmm5
	PK_ROLL256 %xmm4, %xmm5, %xmm8
.endif
	vpxor	PK_SLOT_CT(%rsi), %xmm4, %xmm4
.if \bits != 128
	vpxor	PK_SLOT_CT+16(%rsi), %xmm5, %xmm5
.endif
	PK_TEST_EPOCH \fail
	cmpl	$(\bits/8), PK_SLOT_HDR+12(%rsi)	/* size of the key */
	jne	\fail
	PK_TEST_CHECK %xmm8, \fail
	vmovdqa	%xmm4, %xmm0
.if \bits != 128
	vmovdqa	%xmm5, %xmm1
.endif
.endm

/* \x := counter, which is then one more. */
.macro CTR_BLOCK x
	mov	%r10, %rax
	bswap	%rax
	vmovq	%rax, \x
	mov	%r11, %rax
	bswap	%rax
	vpinsrq	$1, %rax, \x, \x
	add	$1, %r11
	adc	$0, %r10
.endm

.macro CTR_FOUR bits
	CTR_BLOCK %xmm0
	CTR_BLOCK %xmm1
	CTR_BLOCK %xmm2
	CTR_BLOCK %xmm3
	PK_ENC\bits %xmm4, %xmm0, %xmm1, %xmm2, %xmm3
	vpxor	(%rcx), %xmm0, %xmm0
	vpxor	16(%rcx), %xmm1, %xmm1
	vpxor	32(%rcx), %xmm2, %xmm2
	vpxor	48(%rcx), %xmm3, %xmm3
.endm

.macro CTR_ONE bits
	CTR_BLOCK %xmm0
	PK_ENC\bits %xmm4, %xmm0
	vpxor	(%rcx), %xmm0, %xmm0
.endm

/* The loads come before the stores: source and destination may be one. */
.macro CBC_DEC_FOUR bits
	vmovdqu	(%rcx), %xmm0
	vmovdqu	16(%rcx), %xmm1
	vmovdqu	32(%rcx), %xmm2
	vmovdqu	48(%rcx), %xmm3
	PK_DEC\bits %xmm4, %xmm0, %xmm1, %xmm2, %xmm3
	vpxor	%xmm5, %xmm0, %xmm0
	vpxor	(%rcx), %xmm1, %xmm1
	vpxor	16(%rcx), %xmm2, %xmm2
	vpxor	32(%rcx), %xmm3, %xmm3
	vmovdqu	48(%rcx), %xmm5
.endm

.macro CBC_DEC_ONE bits
	vmovdqu	(%rcx), %xmm0
	PK_DEC\bits %xmm4, %xmm0
	vpxor	%xmm5, %xmm0, %xmm0
	vmovdqu	(%rcx), %xmm5
.endm

/* Each block waits for the one before. */
.macro CBC_ENC_ONE bits
	vpxor	(%rcx), %xmm5, %xmm0
	PK_ENC\bits %xmm4, %xmm0
	vmovdqa	%xmm0, %xmm5
.endm

.macro ECB_FOUR way, bits
	vmovdqu	(%rcx), %xmm0
	vmovdqu	16(%rcx), %xmm1
	vmovdqu	32(%rcx), %xmm2
	vmovdqu	48(%rcx), %xmm3
	PK_\way\bits %xmm4, %xmm0, %xmm1, %xmm2, %xmm3
.endm

.macro ECB_ONE way, bits
	vmovdqu	(%rcx), %xmm0
	PK_\way\bits %xmm4, %xmm0
.endm

.macro ECB_ENC_FOUR bits
	ECB_FOUR ENC, \bits
.endm
.macro ECB_ENC_ONE bits
	ECB_ONE	ENC, \bits
.endm
.macro ECB_DEC_FOUR bits
	ECB_FOUR DEC, \bits
.endm
.macro ECB_DEC_ONE bits
	ECB_ONE	DEC, \bits
.endm

/* What \iv is before and after the data: counter, block or nothing. */
.macro IV_IN kind
.ifc \kind, counter
	mov	(%rdx), %r10
	bswap	%r10
	mov	8(%rdx), %r11
	bswap	%r11
.endif
.ifc \kind, block
	vmovdqu	(%rdx), %xmm5
.endif
.endm

.macro IV_OUT kind
.ifc \kind, counter
	bswap	%r10
	mov	%r10, (%rdx)
	bswap	%r11
	mov	%r11, 8(%rdx)
.endif
.ifc \kind, block
	vmovdqu	%xmm5, (%rdx)
.endif
.endm

/*
 * \name: of the function; \step: of the macros above; \iv: see IV_IN; \four: 1
 * if four blocks go at a time; \inverse: 1 for the keys of the inverse cipher.
 */
.macro MODE_FUNC name, step, iv, four, inverse, bits
SYM_FUNC_START(pk_\name\bits\()_aesni)
	MODE_LOAD_KEY \bits, .Lout_\name\bits
	PK_PACK\bits
.if \inverse
	PK_INVERT\bits
.endif
	IV_IN	\iv
.if \four
	sub	$64, %r9d
	jb	.Ltail_\name\bits
.Lfour_\name\bits:
	\step\()_FOUR \bits
	vmovdqu	%xmm0, (%r8)
	vmovdqu	%xmm1, 16(%r8)
	vmovdqu	%xmm2, 32(%r8)
	vmovdqu	%xmm3, 48(%r8)
	add	$64, %rcx
	add	$64, %r8
	sub	$64, %r9d
	jae	.Lfour_\name\bits
.Ltail_\name\bits:
	add	$64, %r9d
	jz	.Ldone_\name\bits
.endif
.Lone_\name\bits:
	\step\()_ONE \bits
	vmovdqu	%xmm0, (%r8)
	add	$16, %rcx
	add	$16, %r8
	sub	$16, %r9d
	jnz	.Lone_\name\bits
.Ldone_\name\bits:
	IV_OUT	\iv
	xor	%eax, %eax
.Lout_\name\bits:
	vzeroall
	RET
SYM_FUNC_END(pk_\name\bits\()_aesni)
.endm

.irp bits, 128, 192, 256
MODE_FUNC ctr, CTR, counter, 1, 0, \bits
MODE_FUNC cbc_enc, CBC_ENC, block, 0, 0, \bits
MODE_FUNC cbc_dec, CBC_DEC, block, 1, 1, \bits
MODE_FUNC ecb_enc, ECB_ENC, none, 1, 0, \bits
MODE_FUNC ecb_dec, ECB_DEC, none, 1, 1, \bits
.endr
