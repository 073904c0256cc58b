/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HMAC-SHA-1 for CPUs with AES-NI and AVX, for codes of RFC 6238: one short message
 * at a log-in, so this is small and not fast.  See hmac.inc.S.
 *
 *	xmm1, 2	running state between blocks: a b c d, e in the low word
 *	xmm4-7	sixteen words of the message schedule, the next four in xmm4
 *
 *	ymm13	state before this block
 *	ymm14-15 kept key, mask or inner hash
 *	xmm0-3, 8  a, b, c, d, e, each in all four words
 *	xmm9-12	scratch
 */
#include "hmac.inc.S"

.section .rodata.pk_sha1, "a", @progbits
.p2align 4
.Lsha1_k:
	.fill	4, 4, 0x5a827999
	.fill	4, 4, 0x6ed9eba1
	.fill	4, 4, 0x8f1bbcdc
	.fill	4, 4, 0xca62c1d6
.Lsha1_iv:
	.long	0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476
	.long	0xc3d2e1f0, 0, 0, 0
.Lsha1_swap:
	.byte	3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12
.Lsha1_pad:			/* behind the inner hash: 64 + 20 bytes */
	.long	0, 0x80000000, 0, 0
	.long	0, 0, 0, 672

.section .noinstr.text, "ax"

/* xmm10 := the function of b, c, d. */
.macro SHA1_CH b, c, d
	vpxor	\c, \d, %xmm10
	vpand	\b, %xmm10, %xmm10
	vpxor	\d, %xmm10, %xmm10
.endm

.macro SHA1_PARITY b, c, d
	vpxor	\b, \c, %xmm10
	vpxor	\d, %xmm10, %xmm10
.endm

.macro SHA1_MAJ b, c, d
	vpor	\b, \c, %xmm10
	vpand	\d, %xmm10, %xmm10
	vpand	\b, \c, %xmm11
	vpor	%xmm11, %xmm10, %xmm10
.endm

.macro SHA1_ROTATE by, x, scratch
	vpslld	$\by, \x, \scratch
	vpsrld	$(32 - \by), \x, \x
	vpor	\scratch, \x, \x
.endm

/* \e becomes the new a.  xmm9: words and constants. */
.macro SHA1_ROUND i, f, a, b, c, d, e
	\f	\b, \c, \d
	vpaddd	%xmm10, \e, \e
	vpshufd	$(0x55 * \i), %xmm9, %xmm10
	vpaddd	%xmm10, \e, \e
	vmovdqa	\a, %xmm10
	SHA1_ROTATE 5, %xmm10, %xmm11
	vpaddd	%xmm10, \e, \e
	SHA1_ROTATE 30, \b, %xmm11
.endm

/* Sixteen words, moved on by four. */
.macro SHA1_SCHEDULE
	vpalignr $8, %xmm4, %xmm5, %xmm9
	vpsrldq	$4, %xmm7, %xmm10
	vpxor	%xmm4, %xmm9, %xmm9
	vpxor	%xmm6, %xmm9, %xmm9
	vpxor	%xmm10, %xmm9, %xmm9
	SHA1_ROTATE 1, %xmm9, %xmm10
	vpslldq	$12, %xmm9, %xmm10	/* the last needs the first */
	SHA1_ROTATE 1, %xmm10, %xmm11
	vmovdqa	%xmm5, %xmm4
	vmovdqa	%xmm6, %xmm5
	vmovdqa	%xmm7, %xmm6
	vpxor	%xmm10, %xmm9, %xmm7
.endm

/* Twenty rounds. */
.macro SHA1_ROUNDS number, f
	mov	$5, %eax
.Lsha1_rounds_\number:
	vpaddd	.Lsha1_k+16*\number(%rip), %xmm4, %xmm9
	SHA1_ROUND 0, \f, %xmm0, %xmm1, %xmm2, %xmm3, %xmm8
	SHA1_ROUND 1, \f, %xmm8, %xmm0, %xmm1, %xmm2, %xmm3
	SHA1_ROUND 2, \f, %xmm3, %xmm8, %xmm0, %xmm1, %xmm2
	SHA1_ROUND 3, \f, %xmm2, %xmm3, %xmm8, %xmm0, %xmm1
	/* they stand one register further on */
	vmovdqa	%xmm0, %xmm9
	vmovdqa	%xmm1, %xmm0
	vmovdqa	%xmm2, %xmm1
	vmovdqa	%xmm3, %xmm2
	vmovdqa	%xmm8, %xmm3
	vmovdqa	%xmm9, %xmm8
	SHA1_SCHEDULE
	dec	%eax
	jnz	.Lsha1_rounds_\number
.endm

/* Hash the block whose words are xmm4-7. */
SYM_FUNC_START_LOCAL(SHA1_block_avx)
	vinsertf128 $1, %xmm2, %ymm1, %ymm13
	vpshufd	$0x00, %xmm2, %xmm8
	vpshufd	$0x00, %xmm1, %xmm0
	vpshufd	$0xff, %xmm1, %xmm3
	vpshufd	$0xaa, %xmm1, %xmm2
	vpshufd	$0x55, %xmm1, %xmm1
	SHA1_ROUNDS 0, SHA1_CH
	SHA1_ROUNDS 1, SHA1_PARITY
	SHA1_ROUNDS 2, SHA1_MAJ
	SHA1_ROUNDS 3, SHA1_PARITY
	vpunpckldq %xmm1, %xmm0, %xmm0
	vpunpckldq %xmm3, %xmm2, %xmm2
	vpunpcklqdq %xmm2, %xmm0, %xmm1
	vextractf128 $1, %ymm13, %xmm2
	vpaddd	%xmm13, %xmm1, %xmm1
	vpaddd	%xmm8, %xmm2, %xmm2
	vpslldq	$12, %xmm2, %xmm2
	vpsrldq	$12, %xmm2, %xmm2
	RET
SYM_FUNC_END(SHA1_block_avx)

.macro SHA1_SWAP
.irp x, %xmm4, %xmm5, %xmm6, %xmm7
	vpshufb	.Lsha1_swap(%rip), \x, \x
.endr
.endm

SYM_FUNC_START_LOCAL(SHA1_blocks_avx)
	sub	$64, %r9d
	jb	.Lsha1_none
.Lsha1_next:
	vmovdqu	(%rcx), %xmm4
	vmovdqu	16(%rcx), %xmm5
	vmovdqu	32(%rcx), %xmm6
	vmovdqu	48(%rcx), %xmm7
	SHA1_SWAP
	call	SHA1_block_avx
	add	$64, %rcx
	sub	$64, %r9d
	jae	.Lsha1_next
.Lsha1_none:
	RET
SYM_FUNC_END(SHA1_blocks_avx)

/* Begin with the block of the key in xmm4-7 xor \pad. */
.macro SHA1_KEY_BLOCK pad
.irp x, %xmm4, %xmm5, %xmm6, %xmm7
	vpxor	\pad(%rip), \x, \x
.endr
	SHA1_SWAP
	vmovdqa	.Lsha1_iv(%rip), %xmm1
	vmovdqa	.Lsha1_iv+16(%rip), %xmm2
	call	SHA1_block_avx
.endm

.macro SHA1_KEEP form
	HMAC_KEEP_AVX
.endm

.macro SHA1_BEGIN form
	SHA1_KEY_BLOCK .Lhmac_ipad
.endm

.macro SHA1_RESUME
	vmovdqa	%xmm4, %xmm1
	vmovdqa	%xmm5, %xmm2
.endm

.macro SHA1_MASK form
	HMAC_KEPT_AVX %xmm4, %xmm5, %xmm6, %xmm7
	vpxor	%xmm4, %xmm1, %xmm1
	vpxor	%xmm5, %xmm2, %xmm2
	vmovdqu	%xmm1, PK_HMAC_STATE(%rdx)
	vmovdqu	%xmm2, PK_HMAC_STATE+16(%rdx)
.endm

.macro SHA1_FINISH form
	HMAC_KEPT_AVX %xmm4, %xmm5, %xmm6, %xmm7
	vmovdqa	%xmm1, %xmm12
	vmovdqa	%xmm2, %xmm13
	SHA1_KEEP
	SHA1_KEY_BLOCK .Lhmac_opad
	HMAC_KEPT_AVX %xmm4, %xmm5, %xmm6, %xmm7
	vmovdqa	.Lsha1_pad(%rip), %xmm8
	vpblendw $0x03, %xmm5, %xmm8, %xmm5
	vpxor	%xmm6, %xmm6, %xmm6
	vmovdqa	.Lsha1_pad+16(%rip), %xmm7
	call	SHA1_block_avx
	vpshufb	.Lsha1_swap(%rip), %xmm1, %xmm1
	vpshufb	.Lsha1_swap(%rip), %xmm2, %xmm2
	vmovdqu	%xmm1, PK_HMAC_MAC(%rdx)
	vmovdqu	%xmm2, PK_HMAC_MAC+16(%rdx)
.endm

HMAC_FUNC pk_hmac_sha1_aesni, SHA1, avx
