/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XTS-AES for CPUs with AES-NI and AVX: sixteen registers, no key in memory.
 *
 * One call is one section: the wrapping key from its halves, the wrapped key
 * to clear in registers with the check block in the same pipeline, the tests,
 * the key schedules, at most 16 KiB of data, everything cleared.
 *
 *	int pk_xts_{enc,dec}{128,256}_aesni(wk, slot, tweak, src, dst, len_flags)
 *
 * len_flags: bytes, a multiple of 16, at least 16, in the low half;
 * PK_XTS_FIRST_BIT: *tweak is the IV and is encrypted under the tweak key,
 * else it is the tweak of the first block; PK_XTS_MORE_BIT: the tweak after
 * the last block is written to *tweak, for a request in several sections.
 * A tweak is an output of AES, not key; it shows nothing of either key.
 *
 *	int pk_xts_{enc,dec}{128,256}_aesni_avx2(...)
 *
 * The same with the tweaks two to a ymm, which AVX2 takes.
 *
 * Registers of the data loop, five blocks at a time:
 *	xmm0-4	data		xmm5	round key from a high half, scratch
 *	ymm6	tweaks 0 | 1	ymm7	tweaks 2 | 3; tweak 4 stays in the high half of
 *		ymm15, or with AES-128 in xmm15.  A fifth block is worth the lane
 *		moves that keep its tweak: four leave the AES units half idle
 *	ymm8-15	round keys, two to a register (AES-128: ymm8-13)
 * and with AVX2, four blocks at a time:
 *	xmm0-3	data		ymm4	round key from a high half, scratch
 *	ymm5, 6	tweaks 0 | 2, 1 | 3
 *	ymm7	the next 0 | 2, made between the rounds: made after them, all at once,
 *		they would keep AES waiting
 */
#include "aes.inc.S"

.section .rodata.pk_xts_aesni, "a", @progbits
.p2align 5
.Lgf2:				/* .Lpk_gf in both lanes */
	.octa	0x00000000000000010000000000000087
	.octa	0x00000000000000010000000000000087

.section .noinstr.text, "ax"

/* Keys in clear: 256: data xmm0, 1, tweak xmm4, 5; 128: data xmm0, tweak xmm4. */
.macro XTS_UNWRAP256
	vmovdqu	PK_SLOT_NONCE(%rsi), %xmm4
	vpxor	.Lpk_ctr1(%rip), %xmm4, %xmm5
	vpxor	.Lpk_ctr2(%rip), %xmm4, %xmm6
	vpxor	.Lpk_ctr3(%rip), %xmm4, %xmm7
	vpxor	%xmm8, %xmm8, %xmm8
	PK_ROLL256 %xmm6, %xmm7, %xmm4, %xmm5, %xmm8
	vpxor	PK_SLOT_CT(%rsi), %xmm4, %xmm0
	vpxor	PK_SLOT_CT+16(%rsi), %xmm5, %xmm1
	vpxor	PK_SLOT_CT+32(%rsi), %xmm6, %xmm4
	vpxor	PK_SLOT_CT+48(%rsi), %xmm7, %xmm5
.endm

.macro XTS_UNWRAP128
	vmovdqu	PK_SLOT_NONCE(%rsi), %xmm4
	vpxor	.Lpk_ctr1(%rip), %xmm4, %xmm5
	vpxor	%xmm8, %xmm8, %xmm8
	PK_ROLL256 %xmm5, %xmm4, %xmm8
	vpxor	PK_SLOT_CT(%rsi), %xmm4, %xmm0
	vpxor	PK_SLOT_CT+16(%rsi), %xmm5, %xmm4
.endm

/* A round of the IV in xmm7: the tweak key's schedule in step with the data key's. */
.macro XTS_TWEAK256 i
.if \i == 0
	vpxor	%xmm4, %xmm7, %xmm7
.else
.if \i > 1
	PK_NEXT256 \i, %xmm4, %xmm5
.endif
.if \i == 14
	vaesenclast %xmm4, %xmm7, %xmm7
.elseif \i % 2
	vaesenc	%xmm5, %xmm7, %xmm7
.else
	vaesenc	%xmm4, %xmm7, %xmm7
.endif
.endif
.endm

.macro XTS_TWEAK128 i
.if \i == 0
	vpxor	%xmm4, %xmm7, %xmm7
.else
	PK_NEXT128 \i, %xmm4
.if \i == 10
	vaesenclast %xmm4, %xmm7, %xmm7
.else
	vaesenc	%xmm4, %xmm7, %xmm7
.endif
.endif
.endm

/* \gap: see aes.inc.S. */
.macro XTS_CRYPT dir, bits, gap, t, states:vararg
.if \bits == 256
	XTS_CRYPT_LAST \dir, \bits, \gap, %xmm15, \t, \states
.else
	XTS_CRYPT_LAST \dir, \bits, \gap, %xmm13, \t, \states
.endif
.endm

.macro XTS_CRYPT_LAST dir, bits, gap, last, t, states:vararg
.ifc \dir, enc
	PK_ROUNDS_GAP \bits, \gap, \t, \states
	PK_EACH	vaesenclast, \last, \states
.else
	PK_EACH	vpxor, \last, \states
	PK_INV_ROUNDS_GAP \bits, \gap, \t, \states
.endif
.endm

/* Five blocks; the first one's tweak is in xmm6, from xmm7 at first. */
.macro XTS_START_aesni
	vmovdqa	%xmm7, %xmm6
.endm

/* Tweak 4 through the rounds, where sixteen registers are taken. */
.macro XTS_KEEP256
	vinsertf128 $1, %xmm4, %ymm15, %ymm15
.endm
.macro XTS_KEPT256 to
	vextractf128 $1, %ymm15, \to
.endm
.macro XTS_KEEP128
	vmovdqa	%xmm4, %xmm15
.endm
.macro XTS_KEPT128 to
	vmovdqa	%xmm15, \to
.endm

.macro XTS_PASS_aesni dir, bits
	vpxor	(%rcx), %xmm6, %xmm0
	PK_DOUBLE %xmm6, %xmm7, %xmm5
	vpxor	16(%rcx), %xmm7, %xmm1
	vinsertf128 $1, %xmm7, %ymm6, %ymm6	/* tweaks 0 | 1 */
	PK_DOUBLE %xmm7, %xmm7, %xmm5
	vpxor	32(%rcx), %xmm7, %xmm2
	PK_DOUBLE %xmm7, %xmm4, %xmm5
	vpxor	48(%rcx), %xmm4, %xmm3
	vinsertf128 $1, %xmm4, %ymm7, %ymm7	/* 2 | 3 */
	PK_DOUBLE %xmm4, %xmm4, %xmm5
	XTS_KEEP\bits
	vpxor	64(%rcx), %xmm4, %xmm4
	XTS_CRYPT \dir, \bits, PK_NOTHING, %xmm5, %xmm0, %xmm1, %xmm2, %xmm3, %xmm4
	vpxor	%xmm6, %xmm0, %xmm0
	vmovdqu	%xmm0, (%r8)
	XTS_KEPT\bits %xmm0
	vpxor	%xmm0, %xmm4, %xmm4
	vmovdqu	%xmm4, 64(%r8)
	vextractf128 $1, %ymm6, %xmm5
	PK_DOUBLE %xmm0, %xmm6, %xmm4		/* the next 0 */
	vpxor	%xmm5, %xmm1, %xmm1
	vmovdqu	%xmm1, 16(%r8)
	vpxor	%xmm7, %xmm2, %xmm2
	vmovdqu	%xmm2, 32(%r8)
	vextractf128 $1, %ymm7, %xmm5
	vpxor	%xmm5, %xmm3, %xmm3
	vmovdqu	%xmm3, 48(%r8)
.endm

.macro XTS_REST_aesni
.endm

/* ymm7 := T4 | T6, from T1 | T3 in three gaps. */
.macro XTS_GAP_enc n
.if \n == 9
	PK_DOUBLE %ymm6, %ymm7, %ymm4, .Lgf2
.elseif \n < 12
	PK_DOUBLE %ymm7, %ymm7, %ymm4, .Lgf2
.endif
.endm

.macro XTS_GAP_dec n
.if \n == 11
	PK_DOUBLE %ymm6, %ymm7, %ymm4, .Lgf2
.elseif \n < 11
	PK_DOUBLE %ymm7, %ymm7, %ymm4, .Lgf2
.endif
.endm

/* Four blocks, with AVX2. */
.macro XTS_START_aesni_avx2
	PK_DOUBLE %xmm7, %xmm1, %xmm0
	PK_DOUBLE %xmm1, %xmm2, %xmm0
	vinserti128 $1, %xmm2, %ymm7, %ymm5
	PK_DOUBLE %ymm5, %ymm6, %ymm0, .Lgf2
.endm

.macro XTS_PASS_aesni_avx2 dir, bits
	vextracti128 $1, %ymm5, %xmm2
	vextracti128 $1, %ymm6, %xmm3
	vpxor	(%rcx), %xmm5, %xmm0
	vpxor	16(%rcx), %xmm6, %xmm1
	vpxor	32(%rcx), %xmm2, %xmm2
	vpxor	48(%rcx), %xmm3, %xmm3
	XTS_CRYPT \dir, \bits, XTS_GAP_\dir, %xmm4, %xmm0, %xmm1, %xmm2, %xmm3
	vpxor	%xmm5, %xmm0, %xmm0
	vmovdqu	%xmm0, (%r8)
	vpxor	%xmm6, %xmm1, %xmm1
	vmovdqu	%xmm1, 16(%r8)
	vextracti128 $1, %ymm5, %xmm4
	vpxor	%xmm4, %xmm2, %xmm2
	vmovdqu	%xmm2, 32(%r8)
	vextracti128 $1, %ymm6, %xmm4
	vpxor	%xmm4, %xmm3, %xmm3
	vmovdqu	%xmm3, 48(%r8)
	vmovdqa	%ymm7, %ymm5
	PK_DOUBLE %ymm7, %ymm6, %ymm4, .Lgf2
.endm

.macro XTS_REST_aesni_avx2
	vmovdqa	%xmm5, %xmm6
.endm

/* \n: bytes of a pass. */
.macro XTS_FUNC dir, bits, level, n
SYM_FUNC_START(pk_xts_\dir\bits\()_\level)
	mov	PK_SLOT_EPOCH(%rsi), %r10
	PK_LOAD_WK
	XTS_UNWRAP\bits
	PK_TEST_EPOCH .Lout_\dir\bits\level
	cmpl	$(2*\bits/8), PK_SLOT_HDR+12(%rsi)	/* size of the key */
	jne	.Lout_\dir\bits\level
	PK_TEST_CHECK %xmm8, .Lout_\dir\bits\level

	vmovdqu	(%rdx), %xmm7
	PK_PACK\bits XTS_TWEAK\bits
	bt	$PK_XTS_FIRST_BIT, %r9
	jc	.Ltweaked_\dir\bits\level
	vmovdqu	(%rdx), %xmm7
.Ltweaked_\dir\bits\level:
	PK_BROKEN
.ifc \dir, dec
	PK_INVERT\bits
.endif
	XTS_START_\level
	mov	%r9d, %eax
	sub	$\n, %eax
	jb	.Ltail_\dir\bits\level

.p2align 5
.Lloop_\dir\bits\level:
	XTS_PASS_\level \dir, \bits
	add	$\n, %rcx
	add	$\n, %r8
	sub	$\n, %eax
	jae	.Lloop_\dir\bits\level

.Ltail_\dir\bits\level:
	XTS_REST_\level
	add	$\n, %eax
	jz	.Ldone_\dir\bits\level
.Lblock_\dir\bits\level:
	vpxor	(%rcx), %xmm6, %xmm0
	XTS_CRYPT \dir, \bits, PK_NOTHING, %xmm4, %xmm0
	vpxor	%xmm6, %xmm0, %xmm0
	vmovdqu	%xmm0, (%r8)
	PK_DOUBLE %xmm6, %xmm6, %xmm4
	add	$16, %rcx
	add	$16, %r8
	sub	$16, %eax
	jnz	.Lblock_\dir\bits\level

.Ldone_\dir\bits\level:
	bt	$PK_XTS_MORE_BIT, %r9
	jnc	.Lok_\dir\bits\level
	vmovdqu	%xmm6, (%rdx)
.Lok_\dir\bits\level:
	xor	%eax, %eax
.Lout_\dir\bits\level:
	vzeroall
	RET
SYM_FUNC_END(pk_xts_\dir\bits\()_\level)
.endm

.macro XTS_LEVEL level, n
	XTS_FUNC enc, 128, \level, \n
	XTS_FUNC dec, 128, \level, \n
	XTS_FUNC enc, 256, \level, \n
	XTS_FUNC dec, 256, \level, \n
.endm

XTS_LEVEL aesni, 80
XTS_LEVEL aesni_avx2, 64
