/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AES-GCM for CPUs with VAES, VPCLMULQDQ and AVX-512: 32 registers, in two
 * widths.
 *
 *	int pk_gcm_{enc,dec}{128,192,256}_avx512_256(...)	ymm
 *	int pk_gcm_{enc,dec}{128,192,256}_avx512(...)		zmm
 *
 * Arguments, flags, results and what memory gets to see: as in gcm-aesni.S,
 * which also has the source of GHASH's arithmetic.  What is different:
 *
 * - The schedules are those of chain.inc.S.
 * - Four vectors at a time, a group, are hashed beside the rounds of the next
 *   group's key stream; the powers of the hash key are made beside those of the
 *   first one.  What is to overlap is interleaved here: the schedulers of a CPU see
 *   some sixty instructions, less than these chains have.
 * - A group that is not full is one with masks.  It needs the lower powers: the row
 *   of all of them, moved up.
 * - One body serves every size of key: the last ten round keys are always in 21-30.
 *
 * Registers, beside those of a schedule (chain.inc.S):
 *
 *	rdx	g		rcx	src		r8	dst
 *	r9	len_flags	r10	bytes left	r11	bytes of the key
 *	rax		scratch		rsi	counter of the next group; scratch
 *	rdi		scratch, then the row of pieces
 *
 *	0-3	counter blocks, data	4-7	ciphertext to hash
 *	8	running hash, byte-reversed, in lane 0; the others are zero
 *	9	counters, byte-reversed	10, 11	scratch
 *	12-15	powers of H: with zmm 16-13, 12-9, 8-5, 4-1, with ymm 8-7, ..., 2-1
 *	16-30	round keys: the first one, then the others up to 30
 *	31	what the result is masked with, in lane 0
 *	k1, k2	as in chain.inc.S	k3-k6	bytes of a group's vectors
 *	k7	scratch
 */
#include "aes.inc.S"
#include "chain.inc.S"
#include "gcm.inc.S"

.section .rodata.pk_gcm512, "a", @progbits
.p2align 6
.Lgcm_bswap:
.rept 4
	.byte	15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0
.endr
.Lgcm_poly:			/* x^128 + x^127 + x^126 + x^121 + 1 */
.rept 4
	.octa	0xc2000000000000000000000000000001
.endr
.Lgcm_lanes:			/* the counters of a vector */
	.octa	0, 1, 2, 3
.Lgcm_next_zmm:			/* those of the next one */
	.octa	4, 4, 4, 4
.Lgcm_next_ymm:
	.octa	2, 2
.Lgcm_next4_zmm:		/* those of the next group */
	.octa	16, 16, 16, 16
.Lgcm_next4_ymm:
	.octa	8, 8
.Lgcm_big_zmm:			/* of the next vector, in their own byte order */
.rept 4
	.long	0, 0, 0, 4 << 24
.endr
.Lgcm_big_ymm:
.rept 2
	.long	0, 0, 0, 2 << 24
.endr
.Lgcm_rotword:			/* as .Lpk_rotword, in both lanes */
.rept 8
	.byte	13, 14, 15, 12
.endr
.Lgcm_quads:
	.quad	0, 1, 2, 3, 4, 5, 6, 7
.Lgcm_double:			/* the polynomial, and the carry between the halves */
	.octa	0xc2000000000000010000000000000001
.Lgcm_ctr:			/* [first half | second half of the key] */
	.quad	0, 0, 0, 0x01 << 56
.Lgcm_mask:			/* inputs under WK: see slot.S */
	.octa	3

.section .noinstr.text, "ax"

/* Half of a reduction: the lowest of three parts into the one above it. */
.macro REDUCE w, lo, hi, t
	vpclmulqdq $0x10, .Lgcm_poly(%rip), %\w\lo, %\w\t
	vpshufd	$0x4e, %\w\lo, %\w\lo
	vpternlogd $0x96, %\w\t, %\w\lo, %\w\hi
.endm

/* Parts of \d := \a * \b, lane by lane, \d neither of them.  Scratch: \lo, \mid, 11. */
.macro PRODUCTS w, a, b, d, lo, mid
	vpclmulqdq $0x00, %\w\a, %\w\b, %\w\lo
	vpclmulqdq $0x01, %\w\a, %\w\b, %\w\mid
	vpclmulqdq $0x10, %\w\a, %\w\b, %\w\()11
	vpclmulqdq $0x11, %\w\a, %\w\b, %\w\d
	vpxord	%\w\()11, %\w\mid, %\w\mid
.endm

.macro MULTIPLY w, a, b, d, lo, mid
	PRODUCTS \w, \a, \b, \d, \lo, \mid
	REDUCE	\w, \lo, \mid, 11
	REDUCE	\w, \mid, \d, 11
.endm

/* xmm8 := the sum of the lanes of \r, the others zero.  Clobbers 10. */
.macro SUM_LANES w, r
.ifc \w, zmm
	vextracti64x4 $1, %zmm\r, %ymm10
	vpxor	%ymm10, %ymm\r, %ymm\r
.endif
	vextracti128 $1, %ymm\r, %xmm10
	vpxor	%xmm10, %xmm\r, %xmm8
.endm

/* \to := \to ^ a part of \p * \g.  Clobbers 11. */
.macro HASH_PRODUCT w, op, p, g, to
	vpclmulqdq $\op, %\w\p, %\w\g, %\w\()11
	vpxord	%\w\()11, %\w\to, %\w\to
.endm

/*
 * Step \i of ten that hash the group in 4-7 with the powers \pa to \pd.  The three
 * parts of the sum are in 8, 10 and 4; a vector that is done with makes room for
 * scratch.  Clobbers 4-7, 10, 11.
 */
.macro HASH_STEP w, i, pa, pb, pc, pd
.if \i == 0
	vpshufb	.Lgcm_bswap(%rip), %\w\()4, %\w\()4
	vpshufb	.Lgcm_bswap(%rip), %\w\()5, %\w\()5
	vpxord	%\w\()8, %\w\()4, %\w\()4
	vpshufb	.Lgcm_bswap(%rip), %\w\()6, %\w\()6
	vpshufb	.Lgcm_bswap(%rip), %\w\()7, %\w\()7
.elseif \i == 1
	vpclmulqdq $0x00, %\w\pa, %\w\()4, %\w\()8
	vpclmulqdq $0x01, %\w\pa, %\w\()4, %\w\()10
	HASH_PRODUCT \w, 0x10, \pa, 4, 10
.elseif \i == 2
	vpclmulqdq $0x11, %\w\pa, %\w\()4, %\w\()4
	HASH_PRODUCT \w, 0x00, \pb, 5, 8
.elseif \i == 3
	HASH_PRODUCT \w, 0x01, \pb, 5, 10
	HASH_PRODUCT \w, 0x10, \pb, 5, 10
.elseif \i == 4
	vpclmulqdq $0x11, %\w\pb, %\w\()5, %\w\()5
	vpxord	%\w\()5, %\w\()4, %\w\()4
	vpclmulqdq $0x01, %\w\pc, %\w\()6, %\w\()11
	vpclmulqdq $0x10, %\w\pc, %\w\()6, %\w\()5
	vpternlogd $0x96, %\w\()5, %\w\()11, %\w\()10
.elseif \i == 5
	vpclmulqdq $0x00, %\w\pc, %\w\()6, %\w\()11
	vpclmulqdq $0x00, %\w\pd, %\w\()7, %\w\()5
	vpternlogd $0x96, %\w\()5, %\w\()11, %\w\()8
	vpclmulqdq $0x11, %\w\pc, %\w\()6, %\w\()6
.elseif \i == 6
	vpclmulqdq $0x01, %\w\pd, %\w\()7, %\w\()11
	vpclmulqdq $0x10, %\w\pd, %\w\()7, %\w\()5
	vpternlogd $0x96, %\w\()5, %\w\()11, %\w\()10
	vpclmulqdq $0x11, %\w\pd, %\w\()7, %\w\()7
.elseif \i == 7
	REDUCE	\w, 8, 10, 11
	vpternlogd $0x96, %\w\()6, %\w\()7, %\w\()4
.elseif \i == 8
	REDUCE	\w, 10, 4, 11
.else
	SUM_LANES \w, 4
.endif
.endm

/* The masks of a group of r10d bytes, less than a full one.  Clobbers rax, rsi. */
.macro GROUP_MASKS w, n
	mov	%r10d, %esi
.irp k, 3, 4, 5, 6
	mov	$-1, %rax
.ifc \w, zmm
	bzhi	%rsi, %rax, %rax
	kmovq	%rax, %k\k
.else
	bzhi	%esi, %eax, %eax
	kmovd	%eax, %k\k
.endif
.if \k < 6
	xor	%eax, %eax
	sub	$\n, %esi
	cmovb	%eax, %esi
.endif
.endr
.endm

/*
 * Hash the first eax blocks, 1 to 4*\n/16, of 4-7: not more than a vector of them
 * by themselves.  Clobbers 4-7, 10, 11, rax, rsi, k7, for more 0-3 as well.
 */
.macro HASH_FUNC level, w, n
SYM_FUNC_START_LOCAL(gcm_hash_\level)
	cmp	$(\n/16), %eax
	ja	.Lhash_many_\level
	/* the last powers, moved to the front */
	add	%eax, %eax
	neg	%eax
	add	$(\n/8), %eax
	mov	$((1<<(\n/8))-1), %esi
	shlx	%eax, %esi, %esi
	kmovd	%esi, %k7
	vpcompressq %\w\()15, %\w\()5{%k7}{z}
	vpshufb	.Lgcm_bswap(%rip), %\w\()4, %\w\()4
	vpxord	%\w\()8, %\w\()4, %\w\()4
	MULTIPLY \w, 4, 5, 7, 6, 10
	SUM_LANES \w, 7
	RET
.Lhash_many_\level:
	vmovdqa64 %\w\()12, %\w\()0
	vmovdqa64 %\w\()13, %\w\()1
	vmovdqa64 %\w\()14, %\w\()2
	vmovdqa64 %\w\()15, %\w\()3
	neg	%eax
	add	$(4*\n/16), %eax
	jz	.Lhash_moved_\level
.Lhash_move_\level:
	sub	$(\n/16), %eax
	jb	.Lhash_lanes_\level
	vmovdqa64 %\w\()1, %\w\()0
	vmovdqa64 %\w\()2, %\w\()1
	vmovdqa64 %\w\()3, %\w\()2
	vpxord	%xmm3, %xmm3, %xmm3
	jmp	.Lhash_move_\level
.Lhash_lanes_\level:
	add	$(\n/16), %eax
	jz	.Lhash_moved_\level
	add	%eax, %eax
	vpbroadcastq %rax, %\w\()10
	vpaddq	.Lgcm_quads(%rip), %\w\()10, %\w\()10
	vpxord	%xmm11, %xmm11, %xmm11
	vpermt2q %\w\()1, %\w\()10, %\w\()0
	vpermt2q %\w\()2, %\w\()10, %\w\()1
	vpermt2q %\w\()3, %\w\()10, %\w\()2
	vpermt2q %\w\()11, %\w\()10, %\w\()3
.Lhash_moved_\level:
.irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
	HASH_STEP \w, \i, 0, 1, 2, 3
.endr
	RET
SYM_FUNC_END(gcm_hash_\level)
.endm

/*
 * xmm\d := IV || eax.  In pieces, as it was written: a load of the whole would
 * wait until they are in the cache.
 */
.macro LOAD_IV d
	vmovq	PK_GCM_COUNTER(%rdx), %xmm\d
	vpinsrd	$2, PK_GCM_COUNTER+8(%rdx), %xmm\d, %xmm\d
	vpinsrd	$3, %eax, %xmm\d, %xmm\d
.endm

/* 9 := the first counters of the section.  Clobbers eax. */
.macro COUNTERS w
	mov	PK_GCM_COUNTER+12(%rdx), %eax
	LOAD_IV	9
	vpshufb	.Lgcm_bswap(%rip), %xmm9, %xmm9
	vshufi32x4 $0, %\w\()9, %\w\()9, %\w\()9
	vpaddd	.Lgcm_lanes(%rip), %\w\()9, %\w\()9
.endm

/* 0-3 := the next counter blocks. */
.macro COUNT w
.irp v, 0, 1, 2, 3
	vpshufb	.Lgcm_bswap(%rip), %\w\()9, %\w\v
	vpaddd	.Lgcm_next_\w\()(%rip), %\w\()9, %\w\()9
.endr
.endm

/*
 * The same where no last byte of theirs overflows: only the first vector is to be
 * reversed.
 */
.macro COUNT_BYTES w
	vpshufb	.Lgcm_bswap(%rip), %\w\()9, %\w\()0
	vpaddd	.Lgcm_next4_\w\()(%rip), %\w\()9, %\w\()9
	vpaddd	.Lgcm_big_\w\()(%rip), %\w\()0, %\w\()1
	vpaddd	.Lgcm_big_\w\()(%rip), %\w\()1, %\w\()2
	vpaddd	.Lgcm_big_\w\()(%rip), %\w\()2, %\w\()3
.endm

.macro ROUND0 w
	PK_EACH	vpxord, %\w\()16, %\w\()0, %\w\()1, %\w\()2, %\w\()3
.endm

.macro ROUND4 w, k
	PK_EACH	vaesenc, %\w\k, %\w\()0, %\w\()1, %\w\()2, %\w\()3
.endm

/*
 * The same, and of hashing a group step \i; with zmm, which take an AES unit for
 * twice as long, two steps further on.
 */
.macro ROUND4_HASH w, k, i
	ROUND4	\w, \k
.ifc \w, ymm
	HASH_STEP \w, \i, 12, 13, 14, 15
.elseif \i < 8
	HASH_STEP \w, (\i+2), 12, 13, 14, 15
.endif
.endm

/* The rounds that not every size of key has. */
.macro EXTRA_ROUNDS w, id
	cmp	$24, %r11d
	jb	.Lten_\id
	je	.Ltwelve_\id
	ROUND4	\w, 17
	ROUND4	\w, 18
.Ltwelve_\id:
	ROUND4	\w, 19
	ROUND4	\w, 20
.Lten_\id:
.endm

/*
 * 12-15 := powers of the hash key in xmm15, beside the first group's key stream
 * (gcm_stream).  Clobbers 4-7, 10, 11 and as there.
 */
.macro START_FUNC level, w
SYM_FUNC_START_LOCAL(gcm_start_\level)
	PRODUCTS xmm, 15, 15, 14, 4, 10
	COUNTERS \w
	COUNT	\w
	ROUND0	\w
	REDUCE	xmm, 4, 10, 11
	EXTRA_ROUNDS \w, start_\level
	ROUND4	\w, 21
	REDUCE	xmm, 10, 14, 11
	vinserti128 $1, %xmm15, %ymm14, %ymm15	/* 2, 1 */
	vinserti128 $1, %xmm14, %ymm14, %ymm13
	ROUND4	\w, 22
.ifc \w, zmm
	PRODUCTS ymm, 15, 13, 14, 4, 10
	ROUND4	\w, 23
	REDUCE	ymm, 4, 10, 11
	ROUND4	\w, 24
	REDUCE	ymm, 10, 14, 11
	vinserti64x4 $1, %ymm15, %zmm14, %zmm15	/* 4, 3, 2, 1 */
	vshufi64x2 $0, %zmm14, %zmm14, %zmm13
.else
	ROUND4	\w, 23
	ROUND4	\w, 24
.endif
	PRODUCTS \w, 15, 13, 14, 4, 10
	ROUND4	\w, 25
	REDUCE	\w, 4, 10, 11
	ROUND4	\w, 26
	REDUCE	\w, 10, 14, 11
.ifc \w, zmm
	vshufi64x2 $0, %zmm14, %zmm14, %zmm7
.else
	vinserti128 $1, %xmm14, %ymm14, %ymm7
.endif
	ROUND4	\w, 27
	PRODUCTS \w, 15, 7, 13, 4, 10
	PRODUCTS \w, 14, 7, 12, 5, 6
	ROUND4	\w, 28
	REDUCE	\w, 4, 10, 11
	REDUCE	\w, 5, 6, 11
	ROUND4	\w, 29
	REDUCE	\w, 10, 13, 11
	REDUCE	\w, 6, 12, 11
	RET
SYM_FUNC_END(gcm_start_\level)
.endm

/* 0-3 := the first group's key stream, but for the last round. */
.macro STREAM_FUNC level, w
SYM_FUNC_START_LOCAL(gcm_stream_\level)
	COUNTERS \w
	COUNT	\w
	ROUND0	\w
	EXTRA_ROUNDS \w, stream_\level
.irp k, 21, 22, 23, 24, 25, 26, 27, 28, 29
	ROUND4	\w, \k
.endr
	RET
SYM_FUNC_END(gcm_stream_\level)
.endm

/* Hash the r10d bytes at rdi, padded with zeros.  Clobbers rdi, r10 and as above. */
.macro HASH_BYTES_FUNC level, w, n
SYM_FUNC_START_LOCAL(gcm_hash_bytes_\level)
	test	%r10d, %r10d
	jz	.Lbytes_out_\level
.Lbytes_\level:
	kxnorq	%k3, %k3, %k3
	kxnorq	%k4, %k4, %k4
	kxnorq	%k5, %k5, %k5
	kxnorq	%k6, %k6, %k6
	mov	$(4*\n), %eax
	cmp	%eax, %r10d
	jae	.Lbytes_full_\level
	GROUP_MASKS \w, \n
	mov	%r10d, %eax
.Lbytes_full_\level:
	vmovdqu8 (%rdi), %\w\()4{%k3}{z}
	vmovdqu8 \n(%rdi), %\w\()5{%k4}{z}
	vmovdqu8 2*\n(%rdi), %\w\()6{%k5}{z}
	vmovdqu8 3*\n(%rdi), %\w\()7{%k6}{z}
	add	$15, %eax
	shr	$4, %eax
	call	gcm_hash_\level
	add	$(4*\n), %rdi
	sub	$(4*\n), %r10d
	ja	.Lbytes_\level
.Lbytes_out_\level:
	RET
SYM_FUNC_END(gcm_hash_bytes_\level)
.endm

/* The last round and the data; 4-7 := ciphertext. */
.macro VECTOR_OUT dir, w, off, v, g
.ifc \dir, enc
	vpxord	\off(%rcx), %\w\()30, %\w\()10
	vaesenclast %\w\()10, %\w\v, %\w\g
	vmovdqu64 %\w\g, \off(%r8)
.else
	vmovdqu64 \off(%rcx), %\w\g
	vpxord	%\w\g, %\w\()30, %\w\()10
	vaesenclast %\w\()10, %\w\v, %\w\v
	vmovdqu64 %\w\v, \off(%r8)
.endif
.endm

.macro GROUP_OUT dir, w, n
	VECTOR_OUT \dir, \w, (0*\n), 0, 4
	VECTOR_OUT \dir, \w, (1*\n), 1, 5
	VECTOR_OUT \dir, \w, (2*\n), 2, 6
	VECTOR_OUT \dir, \w, (3*\n), 3, 7
	add	$(4*\n), %rcx
	add	$(4*\n), %r8
.endm

/* The same with masks: no key stream beyond the data. */
.macro VECTOR_OUT_MASKED dir, w, off, v, g, k
	vmovdqu8 \off(%rcx), %\w\g{%k\k}{z}
	vpxord	%\w\g, %\w\()30, %\w\()10
	vaesenclast %\w\()10, %\w\v, %\w\v
	vmovdqu8 %\w\v, \off(%r8){%k\k}
.ifc \dir, enc
	vmovdqu8 %\w\v, %\w\g{%k\k}{z}
.endif
.endm

/*
 * Everything behind the key schedule: round keys, [E_K(0) | E_K(IV || 1)] in ymm15,
 * [mask to take off | mask to put on] in ymm31, bytes of the key in r11d.
 */
.macro BODY_FUNC dir, level, w, n
SYM_FUNC_START_LOCAL(gcm_\dir\()_\level)
	vpxor	%xmm8, %xmm8, %xmm8
	bt	$PK_GCM_FIRST_BIT, %r9
	jc	.Lfirst_\dir\()_\level
	vpxord	PK_GCM_HASH(%rdx), %xmm31, %xmm8
	vpshufb	.Lgcm_bswap(%rip), %xmm8, %xmm8
.Lfirst_\dir\()_\level:
	vextracti32x4 $1, %ymm31, %xmm31
	bt	$PK_GCM_LAST_BIT, %r9
	jnc	.Lmask_\dir\()_\level
	vextracti32x4 $1, %ymm15, %xmm31
.Lmask_\dir\()_\level:
	vpshufb	.Lgcm_bswap(%rip), %xmm15, %xmm15
	vpshufd	$0xd3, %xmm15, %xmm4		/* times x: top bit of each half */
	vpsrad	$31, %xmm4, %xmm4
	vpaddq	%xmm15, %xmm15, %xmm15
	vpand	.Lgcm_double(%rip), %xmm4, %xmm4
	vpxor	%xmm4, %xmm15, %xmm15

	/* what most requests have, a block that is hashed, needs no power */
	mov	PK_GCM_AAD_LEN(%rdx), %r10d
	mov	PK_GCM_AAD(%rdx), %rdi
	lea	-1(%r10), %eax
	cmp	$16, %eax
	jae	.Lstart_\dir\()_\level
	mov	$-1, %eax
	bzhi	%r10d, %eax, %eax
	kmovd	%eax, %k3
	vmovdqu8 (%rdi), %xmm4{%k3}{z}
	vpshufb	.Lgcm_bswap(%rip), %xmm4, %xmm4
	vpxor	%xmm8, %xmm4, %xmm4
	MULTIPLY xmm, 15, 4, 8, 5, 10
	xor	%r10d, %r10d
.Lstart_\dir\()_\level:
	call	gcm_start_\level
	bt	$PK_GCM_AAD_BIT, %r9
	jc	.Laad_\dir\()_\level
	test	%r10d, %r10d
	jnz	.Laad_\dir\()_\level
.Ldata_\dir\()_\level:
	mov	%r9d, %r10d
	mov	PK_GCM_COUNTER+12(%rdx), %eax
	lea	15(%r10), %edi
	shr	$4, %edi
	bswap	%eax
	lea	(4*\n/16)(%rax), %esi			/* of the next group */
	add	%edi, %eax
	bswap	%eax
	mov	%eax, PK_GCM_COUNTER+12(%rdx)
	GCM_FIRST_PIECE
	sub	$(4*\n), %r10d
	jb	.Ltail_\dir\()_\level
.Lgroup_\dir\()_\level:
	GROUP_OUT \dir, \w, \n
	test	%r10d, %r10d
	jz	.Lpiece_\dir\()_\level
.Lnext_\dir\()_\level:
	cmp	$(256-4*\n/16), %sil
	ja	.Lcarry_\dir\()_\level
	COUNT_BYTES \w
.Lcounted_\dir\()_\level:
	add	$(4*\n/16), %esi
	ROUND0	\w
	HASH_STEP \w, 0, 12, 13, 14, 15
.ifc \w, zmm
	HASH_STEP \w, 1, 12, 13, 14, 15
.endif
	EXTRA_ROUNDS \w, group_\dir\()_\level
.ifc \w, zmm
	HASH_STEP \w, 2, 12, 13, 14, 15
.endif
	ROUND4_HASH \w, 21, 1
	ROUND4_HASH \w, 22, 2
	ROUND4_HASH \w, 23, 3
	ROUND4_HASH \w, 24, 4
	ROUND4_HASH \w, 25, 5
	ROUND4_HASH \w, 26, 6
	ROUND4_HASH \w, 27, 7
	ROUND4_HASH \w, 28, 8
	ROUND4_HASH \w, 29, 9
	sub	$(4*\n), %r10d
	jae	.Lgroup_\dir\()_\level

.Ltail_\dir\()_\level:
	add	$(4*\n), %r10d
	jz	.Ldone_\dir\()_\level			/* no data at all */
	GROUP_MASKS \w, \n
	VECTOR_OUT_MASKED \dir, \w, (0*\n), 0, 4, 3
	VECTOR_OUT_MASKED \dir, \w, (1*\n), 1, 5, 4
	VECTOR_OUT_MASKED \dir, \w, (2*\n), 2, 6, 5
	VECTOR_OUT_MASKED \dir, \w, (3*\n), 3, 7, 6
	lea	15(%r10), %eax
	shr	$4, %eax
	call	gcm_hash_\level
	jmp	.Ldone_\dir\()_\level
.Lpiece_\dir\()_\level:
	test	%r9d, %r9d
	jz	.Llast_\dir\()_\level
	GCM_PIECE
	jmp	.Lnext_\dir\()_\level
.Llast_\dir\()_\level:
	mov	$(4*\n/16), %eax
	call	gcm_hash_\level
	jmp	.Ldone_\dir\()_\level

.Lcarry_\dir\()_\level:
	COUNT	\w
	jmp	.Lcounted_\dir\()_\level

.Laad_\dir\()_\level:
	call	gcm_hash_bytes_\level
	bt	$PK_GCM_AAD_BIT, %r9
	jc	.Laad_only_\dir\()_\level
	call	gcm_stream_\level
	jmp	.Ldata_\dir\()_\level
.Laad_only_\dir\()_\level:
	mov	%rcx, %rdi
	mov	%r9d, %r10d
	call	gcm_hash_bytes_\level

.Ldone_\dir\()_\level:
	bt	$PK_GCM_LAST_BIT, %r9
	jc	.Ltag_\dir\()_\level
	vpshufb	.Lgcm_bswap(%rip), %xmm8, %xmm8
	vpxord	%xmm31, %xmm8, %xmm8
	vmovdqu	%xmm8, PK_GCM_HASH(%rdx)
	jmp	.Lok_\dir\()_\level
.Ltag_\dir\()_\level:
	vmovdqu	PK_GCM_LENGTHS(%rdx), %xmm4
	vpshufb	.Lgcm_bswap(%rip), %xmm4, %xmm4
	vpxor	%xmm8, %xmm4, %xmm4
	vextracti32x4 $(\n/16-1), %\w\()15, %xmm5	/* H */
	MULTIPLY xmm, 4, 5, 8, 6, 10
	vpshufb	.Lgcm_bswap(%rip), %xmm8, %xmm8
	vpxord	%xmm31, %xmm8, %xmm8
	vmovdqu	%xmm8, PK_GCM_TAG(%rdx)
.Lok_\dir\()_\level:
	xor	%eax, %eax
	jmp	gcm_avx512_leave
SYM_FUNC_END(gcm_\dir\()_\level)
.endm

/* Rounds of the wrapping key: the key in 18, masks in 19, check in 20. */
.macro ROUND_UNWRAP w, i, k
.if \i < 14
	UNWRAP_ROUND \i, \k
.else
	vmovdqu	PK_SLOT_CT(%rsi), %ymm0
	vpternlogd $0x96, %ymm14, %ymm\k, %ymm0
	vpxord	%ymm14, %ymm\k, %ymm\k
	vaesenclast %ymm0, %ymm18, %ymm18
	vaesenclast %ymm\k, %ymm19, %ymm31
	vaesenclast %xmm\k, %xmm20, %xmm15
.endif
.endm

/*
 * A round of [0 | IV || 1] in ymm15, then the round key into every lane of the
 * vector that the data uses.
 */
.macro ROUND_STATE w, rounds, i, k
.if \i == 0
	vpxord	%ymm\k, %ymm15, %ymm15
.elseif \i < \rounds
	vaesenc	%ymm\k, %ymm15, %ymm15
.else
	vaesenclast %ymm\k, %ymm15, %ymm15
.endif
.ifc \w, zmm
	vshufi64x2 $0, %zmm\k, %zmm\k, %zmm\k
.endif
.endm

/*
 * AES-192 as PK_PACK192: 0 holds four words of a chunk of six, the upper half of 1
 * the other two.  Scratch: 2, 3.
 */
.macro CHUNK192_LO c
	vpslldq	$4, %ymm0, %ymm2
	vpxord	%ymm0, %ymm2, %ymm2
	vpslldq	$8, %ymm2, %ymm3
	vpxord	%ymm3, %ymm2, %ymm2
	vbroadcasti32x4 .Lpk_rcon+16*(\c-1)(%rip), %ymm3
	vpxord	%ymm3, %ymm2, %ymm2
	vpshufb	.Lgcm_rotword(%rip), %ymm1, %ymm3
	vaesenclast %ymm2, %ymm3, %ymm0
.endm

.macro CHUNK192_HI
	vpsllq	$32, %ymm1, %ymm2
	vpxord	%ymm2, %ymm1, %ymm1
	vpshufd	$0xff, %ymm0, %ymm2
	vpxord	%ymm2, %ymm1, %ymm1
.endm

/* Two chunks: three round keys. */
.macro CHUNKS192 w, c, i, k1, k2, k3
	CHUNK192_LO \c
	vpalignr $8, %ymm1, %ymm0, %ymm\k1
	CHUNK192_HI
	vpunpckhqdq %ymm1, %ymm0, %ymm\k2
	CHUNK192_LO (\c+1)
	vmovdqa64 %ymm0, %ymm\k3
	CHUNK192_HI
	ROUND_STATE \w, 12, \i, \k1
	ROUND_STATE \w, 12, (\i+1), \k2
	ROUND_STATE \w, 12, (\i+2), \k3
.endm

.macro ROUND_ymm128 chain, i, k
.if \i == 10
	vpxord	%ymm14, %ymm\k, %ymm\k
.endif
	ROUND_STATE ymm, 10, \i, \k
.endm
.macro ROUND_ymm256 chain, i, k
.if \i == 14
	vpxord	%ymm14, %ymm\k, %ymm\k
.endif
	ROUND_STATE ymm, 14, \i, \k
.endm
.macro ROUND_zmm128 chain, i, k
.if \i == 10
	vpxord	%ymm14, %ymm\k, %ymm\k
.endif
	ROUND_STATE zmm, 10, \i, \k
.endm
.macro ROUND_zmm256 chain, i, k
.if \i == 14
	vpxord	%ymm14, %ymm\k, %ymm\k
.endif
	ROUND_STATE zmm, 14, \i, \k
.endm

.macro GCM_SCHEDULE128 w
	SCHEDULE128 ymm, ROUND_\w\()128, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
.endm

.macro GCM_SCHEDULE192 w
	vpslldq	$8, %ymm17, %ymm1
	vmovdqa32 %ymm16, %ymm0
	ROUND_STATE \w, 12, 0, 16
	CHUNKS192 \w, 1, 1, 19, 20, 21
	CHUNKS192 \w, 3, 4, 22, 23, 24
	CHUNKS192 \w, 5, 7, 25, 26, 27
	CHUNKS192 \w, 7, 10, 28, 29, 30
.endm

.macro GCM_SCHEDULE256 w
	SCHEDULE256 ymm, ROUND_\w\()256, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
.endm

.macro GCM_FUNC dir, bits, level, w
SYM_FUNC_START(pk_gcm_\dir\bits\()_\level)
	mov	PK_SLOT_EPOCH(%rsi), %r10
	PK_LOAD_WK
	CHAIN_MASKS
	vinserti32x4 $1, %xmm1, %ymm1, %ymm17
	vinserti32x4 $1, %xmm0, %ymm0, %ymm16
	vbroadcasti32x4 PK_SLOT_NONCE(%rsi), %ymm18
	vpxord	.Lgcm_ctr(%rip), %ymm18, %ymm18
	vmovdqa	.Lgcm_mask(%rip), %xmm14
	vmovhps	PK_GCM_MASK_IN(%rdx), %xmm14, %xmm15
	vmovhps	PK_GCM_MASK_OUT(%rdx), %xmm14, %xmm14
	vinserti32x4 $1, %xmm14, %ymm15, %ymm19
	UNWRAP	ROUND_UNWRAP
	PK_TEST_EPOCH gcm_avx512_leave
	mov	$(\bits/8), %r11d
	cmp	PK_SLOT_HDR+12(%rsi), %r11d		/* size of the key */
	jne	gcm_avx512_leave
	PK_TEST_CHECK %xmm15, gcm_avx512_leave

	vshufi32x4 $0, %ymm18, %ymm18, %ymm16
.if \bits > 128
	vshufi32x4 $3, %ymm18, %ymm18, %ymm17
.endif
	mov	$0x01000000, %eax			/* IV || 1 */
	LOAD_IV	15
	vpxor	%xmm14, %xmm14, %xmm14
	vinserti128 $1, %xmm15, %ymm14, %ymm15
	GCM_SCHEDULE\bits \w
	jmp	gcm_\dir\()_\level
SYM_FUNC_END(pk_gcm_\dir\bits\()_\level)
.endm

/* Every way out: vzeroall does not reach zmm16-31. */
SYM_FUNC_START_LOCAL(gcm_avx512_leave)
.irp r, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	vpxord	%xmm\r, %xmm\r, %xmm\r
.endr
	vzeroall
	RET
SYM_FUNC_END(gcm_avx512_leave)

.macro GCM_LEVEL level, w, n
	HASH_FUNC \level, \w, \n
	START_FUNC \level, \w
	STREAM_FUNC \level, \w
	HASH_BYTES_FUNC \level, \w, \n
	BODY_FUNC enc, \level, \w, \n
	BODY_FUNC dec, \level, \w, \n
.irp bits, 128, 192, 256
	GCM_FUNC enc, \bits, \level, \w
	GCM_FUNC dec, \bits, \level, \w
.endr
.endm

GCM_LEVEL avx512_256, ymm, 32
GCM_LEVEL avx512, zmm, 64
