/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HMAC-SHA-256 for CPUs with AES-NI and AVX (form "avx") and for those that have
 * SHA-NI too (form "ni").  See hmac.inc.S.
 *
 *	xmm1, 2	running state between blocks, as SHA-NI has it, from the low
 *		word on: f e b a, h g d c
 *	xmm4-7	sixteen words of the message schedule
 *
 *		avx				ni
 *	ymm13	state before this block		xmm9, 10
 *	ymm14-15 kept key, mask or inner hash	xmm12-15
 *	xmm0-3	e e a a, f f b b, g g c c, h h d d
 *	xmm8-12	scratch				xmm0, 8
 *
 * The avx form computes both halves of a round at once, e's in the low and a's
 * in the high half of a register.  A word stands there twice, so that a 64-bit
 * shift leaves the rotated word in the lower 32 bits.
 */
#include "hmac.inc.S"

.section .rodata.pk_sha256, "a", @progbits
.p2align 4
.Lsha256_k:
	.long	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5
	.long	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5
	.long	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3
	.long	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174
	.long	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc
	.long	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da
	.long	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7
	.long	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967
	.long	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13
	.long	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85
	.long	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3
	.long	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070
	.long	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5
	.long	0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3
	.long	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208
	.long	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
.Lsha256_iv:
	.long	0x9b05688c, 0x510e527f, 0xbb67ae85, 0x6a09e667
	.long	0x5be0cd19, 0x1f83d9ab, 0xa54ff53a, 0x3c6ef372
.Lsha256_swap:
	.byte	3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12
.Lsha256_pad:			/* behind the inner hash: 64 + 32 bytes */
	.long	0x80000000, 0, 0, 0
	.long	0, 0, 0, 768

.section .noinstr.text, "ax"

/* ---- avx ---------------------------------------------------------------- */

/* The words of \hd make place for the new ones.  xmm8: words and constants. */
.macro SHA256_ROUND i, ea, fb, gc, hd
	vpshufd	$\i, %xmm8, %xmm12
	vpaddd	\hd, %xmm12, %xmm12
	vpsrlq	$6, \ea, %xmm9
	vpsrlq	$11, \ea, %xmm10
	vpxor	%xmm10, %xmm9, %xmm9
	vpsrlq	$25, \ea, %xmm10
	vpxor	%xmm10, %xmm9, %xmm9
	vpsrlq	$2, \ea, %xmm10
	vpsrlq	$13, \ea, %xmm11
	vpxor	%xmm11, %xmm10, %xmm10
	vpsrlq	$22, \ea, %xmm11
	vpxor	%xmm11, %xmm10, %xmm10
	vpblendw $0xf0, %xmm10, %xmm9, %xmm9	/* S1(e) | S0(a) */
	vpxor	\fb, \gc, %xmm10
	vpxor	\ea, \fb, %xmm11
	vpblendw $0xf0, %xmm11, \ea, %xmm11	/* e | a xor b */
	vpand	%xmm11, %xmm10, %xmm10
	vpblendw $0xf0, \fb, \gc, %xmm11	/* g | b */
	vpxor	%xmm11, %xmm10, %xmm10		/* Ch | Maj */
	vpaddd	%xmm10, %xmm9, %xmm9
	vpaddd	%xmm9, %xmm12, %xmm12
	vpshufd	$0x00, %xmm12, %xmm12		/* T1 */
	vpshufd	$0xaa, %xmm9, %xmm9		/* T2 */
	vpunpckhqdq %xmm9, \hd, %xmm9		/* d | T2 */
	vpaddd	%xmm12, %xmm9, \hd
.endm

.macro SHA256_FOUR_avx x, at
	vpaddd	\at(%r11), \x, %xmm8
	SHA256_ROUND 0, %xmm0, %xmm1, %xmm2, %xmm3
	SHA256_ROUND 1, %xmm3, %xmm0, %xmm1, %xmm2
	SHA256_ROUND 2, %xmm2, %xmm3, %xmm0, %xmm1
	SHA256_ROUND 3, %xmm1, %xmm2, %xmm3, %xmm0
.endm

/* xmm9 := s1 of the words that stand twice in xmm9, in its first two words. */
.macro SHA256_S1
	vpsrlq	$17, %xmm9, %xmm10
	vpsrlq	$19, %xmm9, %xmm11
	vpxor	%xmm11, %xmm10, %xmm10
	vpsrld	$10, %xmm9, %xmm9
	vpxor	%xmm10, %xmm9, %xmm9
	vpshufd	$0x88, %xmm9, %xmm9
.endm

/* \a := the four words that follow \a, \b, \c, \d. */
.macro SHA256_SCHEDULE_avx a, b, c, d
	vpalignr $4, \a, \b, %xmm9
	vpsrld	$7, %xmm9, %xmm10
	vpslld	$25, %xmm9, %xmm11
	vpxor	%xmm11, %xmm10, %xmm10
	vpsrld	$18, %xmm9, %xmm11
	vpxor	%xmm11, %xmm10, %xmm10
	vpslld	$14, %xmm9, %xmm11
	vpxor	%xmm11, %xmm10, %xmm10
	vpsrld	$3, %xmm9, %xmm9
	vpxor	%xmm10, %xmm9, %xmm9		/* s0 */
	vpaddd	%xmm9, \a, \a
	vpalignr $4, \c, \d, %xmm9
	vpaddd	%xmm9, \a, \a
	vpshufd	$0xfa, \d, %xmm9
	SHA256_S1
	vmovq	%xmm9, %xmm9
	vpaddd	%xmm9, \a, \a
	vpshufd	$0x50, \a, %xmm9		/* the two new ones */
	SHA256_S1
	vpslldq	$8, %xmm9, %xmm9
	vpaddd	%xmm9, \a, \a
.endm

.macro SHA256_ENTER_avx
	vinsertf128 $1, %xmm2, %ymm1, %ymm13
	vpshufd	$0xf5, %xmm1, %xmm0
	vpshufd	$0xa0, %xmm2, %xmm3
	vpshufd	$0xa0, %xmm1, %xmm1
	vpshufd	$0xf5, %xmm2, %xmm2
.endm

.macro SHA256_ADD_avx
	vpblendw $0xcc, %xmm0, %xmm1, %xmm1
	vpblendw $0xcc, %xmm2, %xmm3, %xmm2
	vextractf128 $1, %ymm13, %xmm8
	vpaddd	%xmm13, %xmm1, %xmm1
	vpaddd	%xmm8, %xmm2, %xmm2
.endm

.macro SHA256_KEEP_avx
	HMAC_KEEP_AVX
.endm

.macro SHA256_KEPT_avx a, b, c, d
	HMAC_KEPT_AVX \a, \b, \c, \d
.endm

/* ---- ni ----------------------------------------------------------------- */

.macro SHA256_FOUR_ni x, at
	vpaddd	\at(%r11), \x, %xmm0
	sha256rnds2 %xmm0, %xmm1, %xmm2
	vpshufd	$0x0e, %xmm0, %xmm0
	sha256rnds2 %xmm0, %xmm2, %xmm1
.endm

.macro SHA256_SCHEDULE_ni a, b, c, d
	sha256msg1 \b, \a
	vpalignr $4, \c, \d, %xmm8
	vpaddd	%xmm8, \a, \a
	sha256msg2 \d, \a
.endm

.macro SHA256_ENTER_ni
	vmovdqa	%xmm1, %xmm9
	vmovdqa	%xmm2, %xmm10
.endm

.macro SHA256_ADD_ni
	vpaddd	%xmm9, %xmm1, %xmm1
	vpaddd	%xmm10, %xmm2, %xmm2
.endm

.macro SHA256_KEEP_ni
.endm

.macro SHA256_KEPT_ni a, b, c, d
	vmovdqa	%xmm12, \a
	vmovdqa	%xmm13, \b
	vmovdqa	%xmm14, \c
	vmovdqa	%xmm15, \d
.endm

/* ---- both --------------------------------------------------------------- */

/* Four rounds; the words that they used become those of sixteen rounds later. */
.macro SHA256_STEP form, at, a, b, c, d
	SHA256_FOUR_\form \a, \at
	cmp	$1, %eax
	je	.Lsha256_last_\@
	SHA256_SCHEDULE_\form \a, \b, \c, \d
.Lsha256_last_\@:
.endm

.macro SHA256_ROUTINES form
/* Hash the block whose words are xmm4-7. */
SYM_FUNC_START_LOCAL(SHA256_block_\form)
	SHA256_ENTER_\form
	lea	.Lsha256_k(%rip), %r11
	mov	$4, %eax
.Lsha256_rounds_\form:
	SHA256_STEP \form, 0, %xmm4, %xmm5, %xmm6, %xmm7
	SHA256_STEP \form, 16, %xmm5, %xmm6, %xmm7, %xmm4
	SHA256_STEP \form, 32, %xmm6, %xmm7, %xmm4, %xmm5
	SHA256_STEP \form, 48, %xmm7, %xmm4, %xmm5, %xmm6
	add	$64, %r11
	dec	%eax
	jnz	.Lsha256_rounds_\form
	SHA256_ADD_\form
	RET
SYM_FUNC_END(SHA256_block_\form)

SYM_FUNC_START_LOCAL(SHA256_blocks_\form)
	sub	$64, %r9d
	jb	.Lsha256_none_\form
.Lsha256_next_\form:
	vmovdqu	(%rcx), %xmm4
	vmovdqu	16(%rcx), %xmm5
	vmovdqu	32(%rcx), %xmm6
	vmovdqu	48(%rcx), %xmm7
	SHA256_SWAP
	call	SHA256_block_\form
	add	$64, %rcx
	sub	$64, %r9d
	jae	.Lsha256_next_\form
.Lsha256_none_\form:
	RET
SYM_FUNC_END(SHA256_blocks_\form)
.endm

.macro SHA256_SWAP
.irp x, %xmm4, %xmm5, %xmm6, %xmm7
	vpshufb	.Lsha256_swap(%rip), \x, \x
.endr
.endm

/* Begin with the block of the key in xmm4-7 xor \pad. */
.macro SHA256_KEY_BLOCK form, pad
.irp x, %xmm4, %xmm5, %xmm6, %xmm7
	vpxor	\pad(%rip), \x, \x
.endr
	SHA256_SWAP
	vmovdqa	.Lsha256_iv(%rip), %xmm1
	vmovdqa	.Lsha256_iv+16(%rip), %xmm2
	call	SHA256_block_\form
.endm

/* \lo, \hi := the words of the state in order.  Clobbers xmm1, xmm2. */
.macro SHA256_WORDS lo, hi
	vpshufd	$0x1b, %xmm1, %xmm1
	vpshufd	$0x1b, %xmm2, %xmm2
	vpunpcklqdq %xmm2, %xmm1, \lo
	vpunpckhqdq %xmm2, %xmm1, \hi
.endm

.macro SHA256_KEEP form
	SHA256_KEEP_\form
.endm

.macro SHA256_BEGIN form
	SHA256_KEY_BLOCK \form, .Lhmac_ipad
.endm

.macro SHA256_RESUME
	vmovdqa	%xmm4, %xmm1
	vmovdqa	%xmm5, %xmm2
.endm

.macro SHA256_MASK form
	SHA256_KEPT_\form %xmm4, %xmm5, %xmm6, %xmm7
	vpxor	%xmm4, %xmm1, %xmm1
	vpxor	%xmm5, %xmm2, %xmm2
	vmovdqu	%xmm1, PK_HMAC_STATE(%rdx)
	vmovdqu	%xmm2, PK_HMAC_STATE+16(%rdx)
.endm

.macro SHA256_FINISH form
	SHA256_KEPT_\form %xmm4, %xmm5, %xmm6, %xmm7
	SHA256_WORDS %xmm12, %xmm13
	SHA256_KEEP_\form
	SHA256_KEY_BLOCK \form, .Lhmac_opad
	SHA256_KEPT_\form %xmm4, %xmm5, %xmm6, %xmm7
	vmovdqa	.Lsha256_pad(%rip), %xmm6
	vmovdqa	.Lsha256_pad+16(%rip), %xmm7
	call	SHA256_block_\form
	SHA256_WORDS %xmm4, %xmm5
	SHA256_SWAP
	vmovdqu	%xmm4, PK_HMAC_MAC(%rdx)
	vmovdqu	%xmm5, PK_HMAC_MAC+16(%rdx)
.endm

SHA256_ROUTINES avx
SHA256_ROUTINES ni

HMAC_FUNC pk_hmac_sha256_aesni, SHA256, avx
HMAC_FUNC pk_hmac_sha256_shani, SHA256, ni
