/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AES-GCM for CPUs with AES-NI, AVX and PCLMULQDQ: sixteen registers, neither
 * key nor hash key in memory.
 *
 * One call is one section, as in xts-aesni.S.  The hash key and its powers are
 * made again in every section.  The running hash leaves it only under a mask
 * (see struct pk_gcm), made in the same pipeline as the clear key.
 *
 *	int pk_gcm_{enc,dec}{128,192,256}_aesni(wk, slot, g, src, dst, len_flags)
 *
 * Registers after the key schedule; general ones hold addresses, lengths and
 * counters, no secret:
 *
 *	rdi	wk		rsi	slot		rdx	g
 *	rcx	src		r8	dst		r9	len_flags
 *	r10	bytes left	r11d	counter		rax	scratch
 *	rdi	later		the row of pieces
 *
 *	xmm0-4	counter blocks, data, products
 *	xmm5	running hash, byte-reversed
 *	xmm6	what the result is masked with: E_K(IV || 1) or the mask
 *	ymm7	H | H^3			ymm15	H^2 | last round key
 *	ymm8-14	round keys, two to a register (AES-192: to 13, AES-128: to 12)
 *
 * Three blocks at a time: hashing them needs their ciphertext, three products,
 * a scratch register and the powers, which is all that fifteen round keys leave.
 * Out-of-order execution overlaps it with the next three blocks' rounds, which
 * do not depend on it.  Ciphertext is read once: what is authenticated is what
 * is decrypted, whoever else can write to the buffer.
 *
 * GHASH: Gueron and Kounavis, "Intel Carry-Less Multiplication Instruction and
 * its Usage for Computing the GCM Mode"; operands are byte-reversed and the
 * powers multiplied by x, so that a product needs no shift; reduction by two
 * multiplications with the polynomial's high half, once for three blocks.
 */
#include "aes.inc.S"
#include "gcm.inc.S"

.section .rodata.pk_gcm, "a", @progbits
.p2align 4
.Lgcm_bswap:
	.byte	15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0
.Lgcm_poly:			/* x^128 + x^127 + x^126 + x^121 + 1 */
	.octa	0xc2000000000000000000000000000001
.Lgcm_double:			/* the same, and the carry between the halves */
	.octa	0xc2000000000000010000000000000001
.Lgcm_mask:			/* inputs under WK: see slot.S */
	.byte	3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
.Lgcm_keep:			/* 16 - n bytes further: keeps n bytes */
	.octa	-1, 0

.section .noinstr.text, "ax"

/* \hi := (lo, mid, hi) reduced; \t is scratch. */
.macro GCM_REDUCE lo, mid, hi, t
	vpclmulqdq $0x10, .Lgcm_poly(%rip), \lo, \t
	vpshufd	$0x4e, \lo, \lo
	vpxor	\lo, \mid, \mid
	vpxor	\t, \mid, \mid
	vpclmulqdq $0x10, .Lgcm_poly(%rip), \mid, \t
	vpshufd	$0x4e, \mid, \mid
	vpxor	\mid, \hi, \hi
	vpxor	\t, \hi, \hi
.endm

/* \d := d * h, both may be the same.  Clobbers xmm1, xmm2, xmm4. */
.macro GCM_MUL d, h
	vpclmulqdq $0x00, \h, \d, %xmm1
	vpclmulqdq $0x01, \h, \d, %xmm2
	vpclmulqdq $0x10, \h, \d, %xmm4
	vpclmulqdq $0x11, \h, \d, \d
	vpxor	%xmm4, %xmm2, %xmm2
	GCM_REDUCE %xmm1, %xmm2, \d, %xmm4
.endm

/* Add xmm4 * h to the products xmm1, xmm2, xmm5.  Clobbers xmm3, xmm4. */
.macro GCM_ADD_PRODUCT h
	vpclmulqdq $0x00, \h, %xmm4, %xmm3
	vpxor	%xmm3, %xmm1, %xmm1
	vpclmulqdq $0x01, \h, %xmm4, %xmm3
	vpxor	%xmm3, %xmm2, %xmm2
	vpclmulqdq $0x10, \h, %xmm4, %xmm3
	vpxor	%xmm3, %xmm2, %xmm2
	vpclmulqdq $0x11, \h, %xmm4, %xmm4
	vpxor	%xmm4, %xmm5, %xmm5
.endm

/* Hash three blocks: xmm3, then the halves of ymm0.  Clobbers xmm0-4. */
.macro GCM_HASH3
	vextractf128 $1, %ymm7, %xmm4
	vpshufb	.Lgcm_bswap(%rip), %xmm3, %xmm3
	vpxor	%xmm5, %xmm3, %xmm3
	vpclmulqdq $0x00, %xmm4, %xmm3, %xmm1
	vpclmulqdq $0x01, %xmm4, %xmm3, %xmm2
	vpclmulqdq $0x11, %xmm4, %xmm3, %xmm5
	vpclmulqdq $0x10, %xmm4, %xmm3, %xmm3
	vpxor	%xmm3, %xmm2, %xmm2
	vpshufb	.Lgcm_bswap(%rip), %xmm0, %xmm4
	GCM_ADD_PRODUCT %xmm15
	vextractf128 $1, %ymm0, %xmm4
	vpshufb	.Lgcm_bswap(%rip), %xmm4, %xmm4
	GCM_ADD_PRODUCT %xmm7
	GCM_REDUCE %xmm1, %xmm2, %xmm5, %xmm3
.endm

/* Hash the block in xmm0.  Clobbers xmm0-4. */
SYM_FUNC_START_LOCAL(gcm_hash)
	vpshufb	.Lgcm_bswap(%rip), %xmm0, %xmm0
	vpxor	%xmm0, %xmm5, %xmm5
	GCM_MUL	%xmm5, %xmm7
	RET
SYM_FUNC_END(gcm_hash)

/* xmm0 := the eax bytes at r10, 1 to 15, and zeros.  Clobbers eax. */
SYM_FUNC_START_LOCAL(gcm_load)
	vpxor	%xmm0, %xmm0, %xmm0
1:	vpslldq	$1, %xmm0, %xmm0
	vpinsrb	$0, -1(%r10,%rax), %xmm0, %xmm0
	dec	%eax
	jnz	1b
	RET
SYM_FUNC_END(gcm_load)

/* Hash the eax bytes at r10, padded with zeros.  Clobbers rax, r10, xmm0-4. */
SYM_FUNC_START_LOCAL(gcm_hash_bytes)
1:	sub	$16, %eax
	jb	2f
	vmovdqu	(%r10), %xmm0
	add	$16, %r10
	call	gcm_hash
	jmp	1b
2:	add	$16, %eax
	jz	3f
	call	gcm_load
	call	gcm_hash
3:	RET
SYM_FUNC_END(gcm_hash_bytes)

/*
 * ymm7 := H | H^3, xmm15 := H^2, its high half the last round key, from E_K(0)
 * in xmm0 and that key in xmm15.  Clobbers xmm0-4.
 */
SYM_FUNC_START_LOCAL(gcm_powers)
	vpshufb	.Lgcm_bswap(%rip), %xmm0, %xmm0
	vpshufd	$0xd3, %xmm0, %xmm1		/* times x: top bit of each half */
	vpsrad	$31, %xmm1, %xmm1
	vpaddq	%xmm0, %xmm0, %xmm0
	vpand	.Lgcm_double(%rip), %xmm1, %xmm1
	vpxor	%xmm1, %xmm0, %xmm7
	vmovdqa	%xmm7, %xmm0
	GCM_MUL	%xmm0, %xmm0
	vinsertf128 $1, %xmm15, %ymm0, %ymm15
	GCM_MUL	%xmm0, %xmm7
	vinsertf128 $1, %xmm0, %ymm7, %ymm7
	RET
SYM_FUNC_END(gcm_powers)

/*
 * Key in clear: xmm4 and, if longer than 16 bytes, xmm5.  xmm8 the check block,
 * xmm6 and xmm7 the masks to put on and to take off.
 */
.macro GCM_UNWRAP bits
	vmovdqu	PK_SLOT_NONCE(%rsi), %xmm4
	vpxor	%xmm8, %xmm8, %xmm8
	vmovdqa	.Lgcm_mask(%rip), %xmm6
	vmovhps	PK_GCM_MASK_IN(%rdx), %xmm6, %xmm7
	vmovhps	PK_GCM_MASK_OUT(%rdx), %xmm6, %xmm6
.if \bits == 128
	PK_ROLL256 %xmm4, %xmm6, %xmm7, %xmm8
.else
	vpxor	.Lpk_ctr1(%rip), %xmm4, %xmm5
	PK_ROLL256 %xmm4, %xmm5, %xmm6, %xmm7, %xmm8
	vpxor	PK_SLOT_CT+16(%rsi), %xmm5, %xmm5
.endif
	vpxor	PK_SLOT_CT(%rsi), %xmm4, %xmm4
.endm

/* Round keys packed into ymm8 and up, the last one in xmm15.  Clobbers xmm0-5. */
.macro GCM_SCHEDULE bits
	vmovdqa	%xmm4, %xmm0
.if \bits == 128
	PK_PACK128
	vmovdqa	%xmm13, %xmm15
.elseif \bits == 192
	vmovdqa	%xmm5, %xmm1
	PK_PACK192
	vmovdqa	%xmm14, %xmm15
.else
	vmovdqa	%xmm5, %xmm1
	PK_PACK256
.endif
.endm

/* \states := counter blocks.  The counter is in its own byte order in r11d. */
.macro GCM_COUNT states:vararg
.irp s, \states
	mov	%r11d, %eax
	bswap	%eax
	vmovdqu	PK_GCM_COUNTER(%rdx), \s
	vpinsrd	$3, %eax, \s, \s
	inc	%r11d
.endr
.endm

/* \states := key stream.  Clobbers eax and xmm3. */
.macro GCM_STREAM bits, states:vararg
	GCM_COUNT \states
	PK_ROUNDS \bits, %xmm3, \states
	vextractf128 $1, %ymm15, %xmm3
	PK_EACH	vaesenclast, %xmm3, \states
.endm

.macro GCM_FUNC dir, bits
SYM_FUNC_START(pk_gcm_\dir\bits\()_aesni)
	mov	PK_SLOT_EPOCH(%rsi), %r10
	PK_LOAD_WK
	GCM_UNWRAP \bits
	PK_TEST_EPOCH .Lout_\dir\bits
	cmpl	$(\bits/8), PK_SLOT_HDR+12(%rsi)	/* size of the key */
	jne	.Lout_\dir\bits
	PK_TEST_CHECK %xmm8, .Lout_\dir\bits
	GCM_SCHEDULE \bits

	vpxor	%xmm5, %xmm5, %xmm5
	bt	$PK_GCM_FIRST_BIT, %r9
	jc	.Lstart_\dir\bits
	vpxor	PK_GCM_HASH(%rdx), %xmm7, %xmm5
	vpshufb	.Lgcm_bswap(%rip), %xmm5, %xmm5
.Lstart_\dir\bits:
	vpxor	%xmm0, %xmm0, %xmm0
	vmovdqu	PK_GCM_COUNTER(%rdx), %xmm1
	mov	$0x01000000, %eax		/* IV || 1 */
	vpinsrd	$3, %eax, %xmm1, %xmm1
	PK_ROUNDS \bits, %xmm2, %xmm0, %xmm1
	vaesenclast %xmm15, %xmm0, %xmm0
	bt	$PK_GCM_LAST_BIT, %r9
	jnc	.Lmask_\dir\bits
	vaesenclast %xmm15, %xmm1, %xmm6	/* what masks the tag */
.Lmask_\dir\bits:
	call	gcm_powers

	mov	PK_GCM_AAD(%rdx), %r10
	mov	PK_GCM_AAD_LEN(%rdx), %eax
	call	gcm_hash_bytes
	mov	PK_GCM_COUNTER+12(%rdx), %r11d
	bswap	%r11d
	bt	$PK_GCM_AAD_BIT, %r9
	jnc	.Ldata_\dir\bits
	mov	%rcx, %r10
	mov	%r9d, %eax
	call	gcm_hash_bytes
	jmp	.Ldone_\dir\bits

.Ldata_\dir\bits:
	GCM_FIRST_PIECE
.Lpiece_\dir\bits:
	sub	$48, %r10d
	jb	.Ltail_\dir\bits
.Lloop_\dir\bits:
	GCM_STREAM \bits, %xmm0, %xmm1, %xmm2
.ifc \dir, enc
	vpxor	(%rcx), %xmm0, %xmm3
	vpxor	16(%rcx), %xmm1, %xmm1
	vpxor	32(%rcx), %xmm2, %xmm2
	vmovdqu	%xmm3, (%r8)
	vmovdqu	%xmm1, 16(%r8)
	vmovdqu	%xmm2, 32(%r8)
	vinsertf128 $1, %xmm2, %ymm1, %ymm0
.else
	vmovdqu	(%rcx), %xmm3
	vpxor	%xmm3, %xmm0, %xmm0
	vmovdqu	%xmm0, (%r8)
	vmovdqu	16(%rcx), %xmm4
	vpxor	%xmm4, %xmm1, %xmm1
	vmovdqu	%xmm1, 16(%r8)
	vmovdqu	32(%rcx), %xmm0
	vpxor	%xmm0, %xmm2, %xmm2
	vmovdqu	%xmm2, 32(%r8)
	vinsertf128 $1, %xmm0, %ymm4, %ymm0
.endif
	GCM_HASH3
	add	$48, %rcx
	add	$48, %r8
	sub	$48, %r10d
	jae	.Lloop_\dir\bits

.Ltail_\dir\bits:
	add	$48-16, %r10d
	jl	.Lodd_\dir\bits
.Lblock_\dir\bits:
	GCM_STREAM \bits, %xmm0
	vmovdqu	(%rcx), %xmm1
	vpxor	%xmm1, %xmm0, %xmm0
	vmovdqu	%xmm0, (%r8)
.ifc \dir, dec
	vmovdqa	%xmm1, %xmm0
.endif
	call	gcm_hash
	add	$16, %rcx
	add	$16, %r8
	sub	$16, %r10d
	jae	.Lblock_\dir\bits
.Lodd_\dir\bits:
	add	$16, %r10d
	jnz	.Lbytes_\dir\bits
	test	%r9d, %r9d
	jz	.Lcounted_\dir\bits
	GCM_PIECE
	jmp	.Lpiece_\dir\bits

.Lbytes_\dir\bits:
	GCM_STREAM \bits, %xmm1
	lea	.Lgcm_keep+16(%rip), %rax
	sub	%r10, %rax
	vpand	(%rax), %xmm1, %xmm1		/* no key stream beyond the data */
	mov	%r10d, %eax
	mov	%rcx, %r10
	mov	%eax, %ecx
	call	gcm_load
	vpxor	%xmm0, %xmm1, %xmm1
.ifc \dir, enc
	vmovdqa	%xmm1, %xmm0
.endif
.Lbyte_\dir\bits:
	vpextrb	$0, %xmm1, (%r8)
	vpsrldq	$1, %xmm1, %xmm1
	inc	%r8
	dec	%ecx
	jnz	.Lbyte_\dir\bits
	call	gcm_hash

.Lcounted_\dir\bits:
	bswap	%r11d
	mov	%r11d, PK_GCM_COUNTER+12(%rdx)
.Ldone_\dir\bits:
	bt	$PK_GCM_LAST_BIT, %r9
	jc	.Ltag_\dir\bits
	vpshufb	.Lgcm_bswap(%rip), %xmm5, %xmm5
	vpxor	%xmm6, %xmm5, %xmm5
	vmovdqu	%xmm5, PK_GCM_HASH(%rdx)
	jmp	.Lok_\dir\bits
.Ltag_\dir\bits:
	vmovdqu	PK_GCM_LENGTHS(%rdx), %xmm0
	call	gcm_hash
	vpshufb	.Lgcm_bswap(%rip), %xmm5, %xmm5
	vpxor	%xmm6, %xmm5, %xmm5
	vmovdqu	%xmm5, PK_GCM_TAG(%rdx)
.Lok_\dir\bits:
	xor	%eax, %eax
.Lout_\dir\bits:
	vzeroall
	RET
SYM_FUNC_END(pk_gcm_\dir\bits\()_aesni)
.endm

GCM_FUNC enc, 128
GCM_FUNC dec, 128
GCM_FUNC enc, 192
GCM_FUNC dec, 192
GCM_FUNC enc, 256
GCM_FUNC dec, 256
