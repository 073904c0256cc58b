/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HMAC under a protected key: what the hashes have in common.
 *
 * One call is one section, as in xts-aesni.S.  The key, the states after the
 * blocks of key xor ipad and key xor opad, and the running state give every MAC
 * of the key away: they are in vector registers, and between two sections only
 * under masks (see struct pk_hmac).  General registers hold addresses, lengths
 * and counters, no word of a state: an interrupt would store them.
 *
 *	int pk_hmac_{sha256,sha512}_{aesni,shani}(wk, slot, h, src, len_flags)
 *
 *	rdi	wk		rsi	slot		rdx	h
 *	rcx	data		r8	len_flags	r9d	bytes of data left
 *	r10	epoch		r11	round constants	rax	scratch, result
 *
 *	xmm4-7	what the section begins with: key or running state
 *	xmm12-15 what it ends with: key or mask
 *
 * A hash gives these macros, each with the name of its form:
 *
 *	KEEP		move xmm12-15 out of the way
 *	BEGIN		hash the block of key xor ipad, the key in xmm4-7
 *	RESUME		running state := xmm4-7
 *	MASK		store the running state under the mask that was kept
 *	FINISH		hash the kept key xor opad and the inner hash, store
 *			the MAC
 *
 * and a routine hash_blocks_form: hash r9d bytes at rcx, whole blocks.
 */
#include "aes.inc.S"

.section .rodata.pk_hmac, "a", @progbits
.p2align 4
.Lhmac_masks:			/* inputs under WK: see slot.S */
.irp i, 0, 1, 2, 3
	.byte	4, \i, 0, 0, 0, 0, 0, 0
.endr
.Lhmac_ipad:
	.fill	16, 1, 0x36
.Lhmac_opad:
	.fill	16, 1, 0x5c

/*
 * Inputs under WK: with \flag the counter blocks of the key, else those of mask
 * number \number.
 */
.macro HMAC_INPUTS flag, number, a, b, c, d
	bt	$\flag, %r8
	jc	.Lhmac_key_\@
	vmovq	.Lhmac_masks(%rip), \a
	vmovq	.Lhmac_masks+8(%rip), \b
	vmovq	.Lhmac_masks+16(%rip), \c
	vmovq	.Lhmac_masks+24(%rip), \d
.irp r, \a, \b, \c, \d
	vmovhps	\number(%rdx), \r, \r
.endr
	jmp	.Lhmac_inputs_\@
.Lhmac_key_\@:
	vmovdqu	PK_SLOT_NONCE(%rsi), \a
	vpxor	.Lpk_ctr1(%rip), \a, \b
	vpxor	.Lpk_ctr2(%rip), \a, \c
	vpxor	.Lpk_ctr3(%rip), \a, \d
.Lhmac_inputs_\@:
.endm

.macro HMAC_XOR at, a, b, c, d
	vpxor	(\at), \a, \a
	vpxor	16(\at), \b, \b
	vpxor	32(\at), \c, \c
	vpxor	48(\at), \d, \d
.endm

/* xmm12-15 in two registers, and back: for hashes that need the others. */
.macro HMAC_KEEP_AVX
	vinsertf128 $1, %xmm15, %ymm14, %ymm15
	vinsertf128 $1, %xmm13, %ymm12, %ymm14
.endm

.macro HMAC_KEPT_AVX a, b, c, d
	vmovdqa	%xmm14, \a
	vextractf128 $1, %ymm14, \b
	vmovdqa	%xmm15, \c
	vextractf128 $1, %ymm15, \d
.endm

/* xmm4-7 and xmm12-15 as above, tested.  WK is in xmm0, xmm1. */
.macro HMAC_OPEN fail
	HMAC_INPUTS PK_HMAC_FIRST_BIT, PK_HMAC_MASK_IN, %xmm4, %xmm5, %xmm6, %xmm7
	HMAC_INPUTS PK_HMAC_LAST_BIT, PK_HMAC_MASK_OUT, %xmm12, %xmm13, %xmm14, %xmm15
	vpxor	%xmm8, %xmm8, %xmm8
	PK_ROLL256 %xmm4, %xmm5, %xmm6, %xmm7, %xmm8, %xmm12, %xmm13, %xmm14, %xmm15
	lea	PK_SLOT_CT(%rsi), %r11
	lea	PK_HMAC_STATE(%rdx), %rax
	bt	$PK_HMAC_FIRST_BIT, %r8
	cmovc	%r11, %rax
	HMAC_XOR %rax, %xmm4, %xmm5, %xmm6, %xmm7
	bt	$PK_HMAC_LAST_BIT, %r8
	jnc	.Lhmac_open_\@
	HMAC_XOR %r11, %xmm12, %xmm13, %xmm14, %xmm15
.Lhmac_open_\@:
	PK_TEST_EPOCH \fail
	/* another key, or masked under another wrapping key */
	vmovdqu	PK_SLOT_NONCE(%rsi), %xmm0
	vpxor	PK_HMAC_NONCE(%rdx), %xmm0, %xmm0
	vptest	%xmm0, %xmm0
	jnz	\fail
	PK_TEST_CHECK %xmm8, \fail
.endm

.macro HMAC_FUNC name, hash, form
SYM_FUNC_START(\name)
	vzeroupper			/* SHA-NI has no VEX encoding */
	mov	PK_SLOT_EPOCH(%rsi), %r10
	PK_LOAD_WK
	HMAC_OPEN .Lout_\name
	\hash\()_KEEP \form
	bt	$PK_HMAC_FIRST_BIT, %r8
	jnc	.Lresume_\name
	\hash\()_BEGIN \form
	jmp	.Ldata_\name
.Lresume_\name:
	\hash\()_RESUME
.Ldata_\name:
	mov	%r8d, %r9d
	call	\hash\()_blocks_\form
	bt	$PK_HMAC_LAST_BIT, %r8
	jc	.Llast_\name
	\hash\()_MASK \form
	jmp	.Lok_\name
.Llast_\name:
	mov	PK_HMAC_TAIL(%rdx), %rcx
	mov	PK_HMAC_TAIL_LEN(%rdx), %r9d
	call	\hash\()_blocks_\form
	\hash\()_FINISH \form
.Lok_\name:
	xor	%eax, %eax
.Lout_\name:
	vzeroall
	RET
SYM_FUNC_END(\name)
.endm
