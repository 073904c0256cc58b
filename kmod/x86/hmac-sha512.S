/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HMAC-SHA-512 for CPUs with AES-NI and AVX, with AVX2 and with AVX-512 (forms
 * "avx", "avx2", "avx512").  See hmac.inc.S.
 *
 *	xmm0-3	running state: e a, f b, g c, h d, the low word first
 *	ymm4-7	sixteen words of the message schedule
 *	xmm8-11	scratch
 *	ymm12-13 state before this block
 *	ymm14-15 kept key, mask or inner hash
 *
 * Both halves of a round at once, as in hmac-sha256.S.  AVX has no arithmetic of
 * integers on ymm: they are two xmm each, to keep things in.  What AVX2 adds is
 * shifts by another number in each half, AVX-512 rotations and any function of
 * three operands.
 */
#include "hmac.inc.S"

.section .rodata.pk_sha512, "a", @progbits
.p2align 4
.Lsha512_k:
	.quad	0x428a2f98d728ae22, 0x7137449123ef65cd
	.quad	0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc
	.quad	0x3956c25bf348b538, 0x59f111f1b605d019
	.quad	0x923f82a4af194f9b, 0xab1c5ed5da6d8118
	.quad	0xd807aa98a3030242, 0x12835b0145706fbe
	.quad	0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2
	.quad	0x72be5d74f27b896f, 0x80deb1fe3b1696b1
	.quad	0x9bdc06a725c71235, 0xc19bf174cf692694
	.quad	0xe49b69c19ef14ad2, 0xefbe4786384f25e3
	.quad	0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65
	.quad	0x2de92c6f592b0275, 0x4a7484aa6ea6e483
	.quad	0x5cb0a9dcbd41fbd4, 0x76f988da831153b5
	.quad	0x983e5152ee66dfab, 0xa831c66d2db43210
	.quad	0xb00327c898fb213f, 0xbf597fc7beef0ee4
	.quad	0xc6e00bf33da88fc2, 0xd5a79147930aa725
	.quad	0x06ca6351e003826f, 0x142929670a0e6e70
	.quad	0x27b70a8546d22ffc, 0x2e1b21385c26c926
	.quad	0x4d2c6dfc5ac42aed, 0x53380d139d95b3df
	.quad	0x650a73548baf63de, 0x766a0abb3c77b2a8
	.quad	0x81c2c92e47edaee6, 0x92722c851482353b
	.quad	0xa2bfe8a14cf10364, 0xa81a664bbc423001
	.quad	0xc24b8b70d0f89791, 0xc76c51a30654be30
	.quad	0xd192e819d6ef5218, 0xd69906245565a910
	.quad	0xf40e35855771202a, 0x106aa07032bbd1b8
	.quad	0x19a4c116b8d2d0c8, 0x1e376c085141ab53
	.quad	0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8
	.quad	0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb
	.quad	0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3
	.quad	0x748f82ee5defb2fc, 0x78a5636f43172f60
	.quad	0x84c87814a1f0ab72, 0x8cc702081a6439ec
	.quad	0x90befffa23631e28, 0xa4506cebde82bde9
	.quad	0xbef9a3f7b2c67915, 0xc67178f2e372532b
	.quad	0xca273eceea26619c, 0xd186b8c721c0c207
	.quad	0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178
	.quad	0x06f067aa72176fba, 0x0a637dc5a2c898a6
	.quad	0x113f9804bef90dae, 0x1b710b35131c471b
	.quad	0x28db77f523047d84, 0x32caab7b40c72493
	.quad	0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c
	.quad	0x4cc5d4becb3e42b6, 0x597f299cfc657e2a
	.quad	0x5fcb6fab3ad6faec, 0x6c44198c4a475817
.Lsha512_iv:
	.quad	0x510e527fade682d1, 0x6a09e667f3bcc908
	.quad	0x9b05688c2b3e6c1f, 0xbb67ae8584caa73b
	.quad	0x1f83d9abfb41bd6b, 0x3c6ef372fe94f82b
	.quad	0x5be0cd19137e2179, 0xa54ff53a5f1d36f1
.Lsha512_swap:
	.byte	7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8
.Lsha512_pad:			/* behind the inner hash: 128 + 64 bytes */
	.quad	0x8000000000000000, 0, 0, 1536

.Lsha512_right:			/* of e and of a: 14, 18, 41 and 28, 34, 39 */
	.quad	14, 28, 18, 34, 41, 39
.Lsha512_left:
	.quad	50, 36, 46, 30, 23, 25

.section .noinstr.text, "ax"

/* ---- avx ---------------------------------------------------------------- */

/* \d := \x rotated right by each of the numbers, xored.  \t is scratch. */
.macro SHA512_ROTATE x, d, t, first, numbers:vararg
	vpsrlq	$\first, \x, \d
	vpsllq	$64-\first, \x, \t
	vpxor	\t, \d, \d
.irp n, \numbers
	vpsrlq	$\n, \x, \t
	vpxor	\t, \d, \d
	vpsllq	$64-\n, \x, \t
	vpxor	\t, \d, \d
.endr
.endm

/* xmm8 := S1(e) | S0(a).  Clobbers xmm9, xmm10. */
.macro SHA512_SUMS_avx ea
	SHA512_ROTATE \ea, %xmm8, %xmm10, 14, 18, 41
	SHA512_ROTATE \ea, %xmm9, %xmm10, 28, 34, 39
	vpblendw $0xf0, %xmm9, %xmm8, %xmm8
.endm

/* xmm9 := Ch(e, f, g) | Maj(a, b, c).  Clobbers xmm10. */
.macro SHA512_CHOICE_avx ea, fb, gc
	vpxor	\fb, \gc, %xmm9
	vpxor	\ea, \fb, %xmm10
	vpblendw $0xf0, %xmm10, \ea, %xmm10	/* e | a xor b */
	vpand	%xmm10, %xmm9, %xmm9
	vpblendw $0xf0, \fb, \gc, %xmm10	/* g | b */
	vpxor	%xmm10, %xmm9, %xmm9
.endm

/* xmm10 := s0 or s1 of xmm9.  Clobbers xmm9, xmm11. */
.macro SHA512_SMALL_avx first, second, shift
	SHA512_ROTATE %xmm9, %xmm10, %xmm11, \first, \second
	vpsrlq	$\shift, %xmm9, %xmm9
	vpxor	%xmm9, %xmm10, %xmm10
.endm

/* ---- avx2 --------------------------------------------------------------- */

.macro SHA512_SUMS_avx2 ea
	vpsrlvq	.Lsha512_right(%rip), \ea, %xmm8
.irp at, 16, 32
	vpsrlvq	.Lsha512_right+\at(%rip), \ea, %xmm10
	vpxor	%xmm10, %xmm8, %xmm8
.endr
.irp at, 0, 16, 32
	vpsllvq	.Lsha512_left+\at(%rip), \ea, %xmm10
	vpxor	%xmm10, %xmm8, %xmm8
.endr
.endm

.macro SHA512_CHOICE_avx2 ea, fb, gc
	SHA512_CHOICE_avx \ea, \fb, \gc
.endm

.macro SHA512_SMALL_avx2 first, second, shift
	SHA512_SMALL_avx \first, \second, \shift
.endm

/* ---- avx512 ------------------------------------------------------------- */

#define PK_XOR3		0x96	/* of the three operands */
#define PK_CH		0xca
#define PK_MAJ		0xe8

.macro SHA512_SUMS_avx512 ea
	vprorvq	.Lsha512_right(%rip), \ea, %xmm8
	vprorvq	.Lsha512_right+16(%rip), \ea, %xmm9
	vprorvq	.Lsha512_right+32(%rip), \ea, %xmm10
	vpternlogq $PK_XOR3, %xmm10, %xmm9, %xmm8
.endm

.macro SHA512_CHOICE_avx512 ea, fb, gc
	vmovdqa	\ea, %xmm9
	vpternlogq $PK_CH, \gc, \fb, %xmm9
	vmovdqa	\ea, %xmm10
	vpternlogq $PK_MAJ, \gc, \fb, %xmm10
	vpblendw $0xf0, %xmm10, %xmm9, %xmm9
.endm

.macro SHA512_SMALL_avx512 first, second, shift
	vprorq	$\first, %xmm9, %xmm10
	vprorq	$\second, %xmm9, %xmm11
	vpsrlq	$\shift, %xmm9, %xmm9
	vpternlogq $PK_XOR3, %xmm11, %xmm9, %xmm10
.endm

/* ---- all ---------------------------------------------------------------- */

/* The words of \hd make place for the new ones.  xmm11: words and constants. */
.macro SHA512_ROUND form, i, ea, fb, gc, hd
.if \i == 0
	vmovq	%xmm11, %xmm8
.else
	vpsrldq	$8, %xmm11, %xmm8
.endif
	vpaddq	%xmm8, \hd, \hd
	SHA512_SUMS_\form \ea
	SHA512_CHOICE_\form \ea, \fb, \gc
	vpaddq	%xmm9, %xmm8, %xmm8
	vpaddq	%xmm8, \hd, %xmm9
	vpunpcklqdq %xmm9, %xmm9, %xmm9		/* T1 */
	vpunpckhqdq %xmm8, \hd, %xmm8		/* d | T2 */
	vpaddq	%xmm9, %xmm8, \hd
.endm

/* \d := two words of the schedule, half \half of ymm\n. */
.macro SHA512_GET half, n, d
.if \half
	vextractf128 $1, %ymm\n, \d
.else
	vmovdqa	%xmm\n, \d
.endif
.endm

/* Half \half of ymm\a := the words that follow the sixteen from there on. */
.macro SHA512_SCHEDULE form, half, a, b, c, d
	SHA512_GET \half, \a, %xmm8
.if \half
	SHA512_GET 0, \b, %xmm9
.else
	SHA512_GET 1, \a, %xmm9
.endif
	vpalignr $8, %xmm8, %xmm9, %xmm9
	SHA512_SMALL_\form 1, 8, 7
	vpaddq	%xmm10, %xmm8, %xmm8
	SHA512_GET \half, \c, %xmm9
.if \half
	SHA512_GET 0, \d, %xmm10
.else
	SHA512_GET 1, \c, %xmm10
.endif
	vpalignr $8, %xmm9, %xmm10, %xmm9
	vpaddq	%xmm9, %xmm8, %xmm8
.if \half
	SHA512_GET 0, \a, %xmm9
.else
	SHA512_GET 1, \d, %xmm9
.endif
	SHA512_SMALL_\form 19, 61, 6
	vpaddq	%xmm10, %xmm8, %xmm8
	vinsertf128 $\half, %xmm8, %ymm\a, %ymm\a
.endm

/* Two rounds; the words that they used become those of sixteen rounds later. */
.macro SHA512_STEP form, half, at, a, b, c, d
	SHA512_GET \half, \a, %xmm11
	vpaddq	\at(%r11), %xmm11, %xmm11
.if \half
	SHA512_ROUND \form, 0, %xmm2, %xmm3, %xmm0, %xmm1
	SHA512_ROUND \form, 1, %xmm1, %xmm2, %xmm3, %xmm0
.else
	SHA512_ROUND \form, 0, %xmm0, %xmm1, %xmm2, %xmm3
	SHA512_ROUND \form, 1, %xmm3, %xmm0, %xmm1, %xmm2
.endif
	cmp	$1, %eax
	je	.Lsha512_last_\@
	SHA512_SCHEDULE \form, \half, \a, \b, \c, \d
.Lsha512_last_\@:
.endm

/* ymm\n := the four words at \at, or those in xmm\n and \hi. */
.macro SHA512_LOAD at, n
	vmovdqu	\at(%rcx), %xmm\n
	vmovdqu	\at+16(%rcx), %xmm8
	SHA512_PAIR \n, %xmm8
.endm

.macro SHA512_PAIR n, hi
	vpshufb	.Lsha512_swap(%rip), %xmm\n, %xmm\n
	vpshufb	.Lsha512_swap(%rip), \hi, \hi
	vinsertf128 $1, \hi, %ymm\n, %ymm\n
.endm

.macro SHA512_ROUTINES form
/* Hash the block whose words are ymm4-7. */
SYM_FUNC_START_LOCAL(SHA512_block_\form)
	vinsertf128 $1, %xmm1, %ymm0, %ymm12
	vinsertf128 $1, %xmm3, %ymm2, %ymm13
	lea	.Lsha512_k(%rip), %r11
	mov	$5, %eax
.Lsha512_rounds_\form:
	SHA512_STEP \form, 0, 0, 4, 5, 6, 7
	SHA512_STEP \form, 1, 16, 4, 5, 6, 7
	SHA512_STEP \form, 0, 32, 5, 6, 7, 4
	SHA512_STEP \form, 1, 48, 5, 6, 7, 4
	SHA512_STEP \form, 0, 64, 6, 7, 4, 5
	SHA512_STEP \form, 1, 80, 6, 7, 4, 5
	SHA512_STEP \form, 0, 96, 7, 4, 5, 6
	SHA512_STEP \form, 1, 112, 7, 4, 5, 6
	sub	$-128, %r11
	dec	%eax
	jnz	.Lsha512_rounds_\form
	vextractf128 $1, %ymm12, %xmm8
	vextractf128 $1, %ymm13, %xmm9
	vpaddq	%xmm12, %xmm0, %xmm0
	vpaddq	%xmm8, %xmm1, %xmm1
	vpaddq	%xmm13, %xmm2, %xmm2
	vpaddq	%xmm9, %xmm3, %xmm3
	RET
SYM_FUNC_END(SHA512_block_\form)

SYM_FUNC_START_LOCAL(SHA512_blocks_\form)
	sub	$128, %r9d
	jb	.Lsha512_none_\form
.Lsha512_next_\form:
	SHA512_LOAD 0, 4
	SHA512_LOAD 32, 5
	SHA512_LOAD 64, 6
	SHA512_LOAD 96, 7
	call	SHA512_block_\form
	sub	$-128, %rcx
	sub	$128, %r9d
	jae	.Lsha512_next_\form
.Lsha512_none_\form:
	RET
SYM_FUNC_END(SHA512_blocks_\form)
.endm

/* Begin with the block of the key in xmm4-7 and 64 zeros, xor \pad. */
.macro SHA512_KEY_BLOCK form, pad
	vmovdqa	\pad(%rip), %xmm8
.irp n, 4, 5, 6, 7
	vpxor	%xmm8, %xmm\n, %xmm\n
.endr
	SHA512_PAIR 4, %xmm5
	SHA512_PAIR 6, %xmm7
	vmovdqa	%ymm6, %ymm5
	vinsertf128 $1, %xmm8, %ymm8, %ymm6
	vmovdqa	%ymm6, %ymm7
.irp n, 0, 1, 2, 3
	vmovdqa	.Lsha512_iv+16*\n(%rip), %xmm\n
.endr
	call	SHA512_block_\form
.endm

/* ymm8, ymm9 := the words of the state in order. */
.macro SHA512_WORDS
	vpunpckhqdq %xmm1, %xmm0, %xmm8
	vpunpckhqdq %xmm3, %xmm2, %xmm10
	vinsertf128 $1, %xmm10, %ymm8, %ymm8
	vpunpcklqdq %xmm1, %xmm0, %xmm9
	vpunpcklqdq %xmm3, %xmm2, %xmm10
	vinsertf128 $1, %xmm10, %ymm9, %ymm9
.endm

.macro SHA512_KEEP form
	vinsertf128 $1, %xmm15, %ymm14, %ymm15
	vinsertf128 $1, %xmm13, %ymm12, %ymm14
.endm

.macro SHA512_KEPT
	vmovdqa	%xmm14, %xmm4
	vextractf128 $1, %ymm14, %xmm5
	vmovdqa	%xmm15, %xmm6
	vextractf128 $1, %ymm15, %xmm7
.endm

.macro SHA512_BEGIN form
	SHA512_KEY_BLOCK \form, .Lhmac_ipad
.endm

.macro SHA512_RESUME
	vmovdqa	%xmm4, %xmm0
	vmovdqa	%xmm5, %xmm1
	vmovdqa	%xmm6, %xmm2
	vmovdqa	%xmm7, %xmm3
.endm

.macro SHA512_MASK form
	SHA512_KEPT
	vpxor	%xmm4, %xmm0, %xmm0
	vpxor	%xmm5, %xmm1, %xmm1
	vpxor	%xmm6, %xmm2, %xmm2
	vpxor	%xmm7, %xmm3, %xmm3
.irp n, 0, 1, 2, 3
	vmovdqu	%xmm\n, PK_HMAC_STATE+16*\n(%rdx)
.endr
.endm

.macro SHA512_FINISH form
	SHA512_KEPT
	SHA512_WORDS
	vmovdqa	%ymm8, %ymm14
	vmovdqa	%ymm9, %ymm15
	SHA512_KEY_BLOCK \form, .Lhmac_opad
	vmovdqa	%ymm14, %ymm4
	vmovdqa	%ymm15, %ymm5
	vmovdqa	.Lsha512_pad(%rip), %xmm6
	vmovdqa	.Lsha512_pad+16(%rip), %xmm8
	vpxor	%xmm7, %xmm7, %xmm7
	vinsertf128 $1, %xmm8, %ymm7, %ymm7
	call	SHA512_block_\form
	SHA512_WORDS
.irp n, 8, 9
	vextractf128 $1, %ymm\n, %xmm10
	vpshufb	.Lsha512_swap(%rip), %xmm\n, %xmm\n
	vpshufb	.Lsha512_swap(%rip), %xmm10, %xmm10
	vmovdqu	%xmm\n, PK_HMAC_MAC+32*(\n-8)(%rdx)
	vmovdqu	%xmm10, PK_HMAC_MAC+32*(\n-8)+16(%rdx)
.endr
.endm

SHA512_ROUTINES avx
SHA512_ROUTINES avx2
SHA512_ROUTINES avx512

HMAC_FUNC pk_hmac_sha512_aesni, SHA512, avx
HMAC_FUNC pk_hmac_sha512_vaes_avx2, SHA512, avx2
HMAC_FUNC pk_hmac_sha512_avx512_256, SHA512, avx512
