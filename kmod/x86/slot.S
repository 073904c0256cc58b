/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The slow operations of the vault: fill a slot, derive, wrap, unwrap.
 *
 * They run at setkey, unlock and administration, never per request; they are
 * written for smallness.  Register map of the whole file:
 *
 *	rdi	struct pk_wk		rsi	struct pk_slot that is loaded
 *	r10	epoch of that slot	rax	result, scratch
 *
 *	xmm0-3	key being scheduled and scratch
 *	xmm4-7	payload: 64 bytes of key in clear
 *	xmm8	check block, scratch
 *	xmm9,10	MAC key (of slots) while a slot is loaded or stored
 *	xmm11	CMAC state	xmm12	CMAC subkey
 *	xmm13-15 kept by load_slot and store_slot
 *	ymm8-15	packed round keys once no slot is being loaded or stored
 *
 * In .noinstr.text, so that no kprobe or tracer can be put between a debug
 * register and the vector register it goes to.
 */
#include "aes.inc.S"

.section .rodata.pk_slot, "a", @progbits
.p2align 4
.Lmac_block0:			/* inputs under WK: 00 check, 01 MAC key, 02 counter, 03 and 04 masks */
	.byte	1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
.Lmac_block1:
	.byte	1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
.Lnonce_mask:
	.byte	0, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0
.Lnonce_domain:
	.byte	2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
.Lbswap:
	.byte	15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0
.Lcounter_flip:			/* KDF counter 1 -> 2, big-endian */
	.byte	0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
.Lkwp_aiv:			/* RFC 5649: A65959A6 || 64 */
	.byte	0xa6, 0x59, 0x59, 0xa6, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0
.Lkwp_one:			/* step counter: byte 7 of the first half */
	.byte	0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0
.Lkwp_steps:
	.byte	0, 0, 0, 0, 0, 0, 0, 48, 0, 0, 0, 0, 0, 0, 0, 0

.section .noinstr.text, "ax"

/* Every way out: nothing stays in a vector register. */
.macro PK_LEAVE
	vzeroall
	RET
.endm

#ifdef PK_LEAKTEST
/*
 * TEST BUILD ONLY: tell the emulator's debug port the true secrets, for the
 * memory scanner to look for.  By way of rax only, interrupts off.
 */
.macro PK_TELL_BYTE value
	mov	\value, %al
	out	%al, %dx
.endm
.macro PK_TELL_QWORD
.rept 8
	out	%al, %dx
	shr	$8, %rax
.endr
.endm
.macro PK_TELL tag, len, regs:vararg
	pushfq
	cli
	push	%rax
	push	%rdx
	mov	$0xe9, %edx
	PK_TELL_BYTE $0xa5
	PK_TELL_BYTE $\tag
	PK_TELL_BYTE $\len
.irp r, \regs
	vmovq	\r, %rax
	PK_TELL_QWORD
	vpextrq	$1, \r, %rax
	PK_TELL_QWORD
.endr
	pop	%rdx
	pop	%rax
	popfq
.endm
#else
.macro PK_TELL tag, len, regs:vararg
.endm
#endif

/* xmm11 := AES-256 of xmm11 under xmm9, xmm10.  Clobbers xmm0-3. */
SYM_FUNC_START_LOCAL(mac_encrypt)
	vmovdqa	%xmm9, %xmm0
	vmovdqa	%xmm10, %xmm1
	PK_ROLL256 %xmm11
	RET
SYM_FUNC_END(mac_encrypt)

/*
 * \k := first CMAC subkey from \l = AES(0), SP 800-38B; doubled once more it
 * is the second.  \t is scratch.
 */
.macro PK_CMAC_SUBKEY l, k, t
	vpshufb	.Lbswap(%rip), \l, \l
	PK_DOUBLE \l, \k, \t
	vpshufb	.Lbswap(%rip), \k, \k
.endm

.macro PK_CMAC_SUBKEY2 k, t
	vpshufb	.Lbswap(%rip), \k, \k
	PK_DOUBLE \k, \k, \t
	vpshufb	.Lbswap(%rip), \k, \k
.endm

/*
 * xmm11 := nonce of (header at (%rax), payload xmm4-7) by the MAC key xmm9,
 * xmm10.  Clobbers xmm0-3, xmm12.
 */
SYM_FUNC_START_LOCAL(slot_nonce)
	vpxor	%xmm11, %xmm11, %xmm11
	call	mac_encrypt
	PK_CMAC_SUBKEY %xmm11, %xmm12, %xmm0
	vmovdqu	(%rax), %xmm11
	call	mac_encrypt
	vpxor	%xmm4, %xmm11, %xmm11
	call	mac_encrypt
	vpxor	%xmm5, %xmm11, %xmm11
	call	mac_encrypt
	vpxor	%xmm6, %xmm11, %xmm11
	call	mac_encrypt
	vpxor	%xmm7, %xmm11, %xmm11
	vpxor	%xmm12, %xmm11, %xmm11
	call	mac_encrypt
	vpand	.Lnonce_mask(%rip), %xmm11, %xmm11
	vpor	.Lnonce_domain(%rip), %xmm11, %xmm11
	RET
SYM_FUNC_END(slot_nonce)

/*
 * xmm4-7 := payload of the slot at rsi, tested: epoch, check block, nonce.
 * eax = PK_X_*.  Keeps xmm13-15.
 */
SYM_FUNC_START_LOCAL(load_slot)
	mov	PK_SLOT_EPOCH(%rsi), %r10
	PK_LOAD_WK
	vmovdqu	PK_SLOT_NONCE(%rsi), %xmm4
	vpxor	.Lpk_ctr1(%rip), %xmm4, %xmm5
	vpxor	.Lpk_ctr2(%rip), %xmm4, %xmm6
	vpxor	.Lpk_ctr3(%rip), %xmm4, %xmm7
	vpxor	%xmm8, %xmm8, %xmm8
	vmovdqa	.Lmac_block0(%rip), %xmm9
	vmovdqa	.Lmac_block1(%rip), %xmm10
	PK_ROLL256 %xmm4, %xmm5, %xmm6, %xmm7, %xmm8, %xmm9, %xmm10
	vpxor	PK_SLOT_CT(%rsi), %xmm4, %xmm4
	vpxor	PK_SLOT_CT+16(%rsi), %xmm5, %xmm5
	vpxor	PK_SLOT_CT+32(%rsi), %xmm6, %xmm6
	vpxor	PK_SLOT_CT+48(%rsi), %xmm7, %xmm7
	PK_TEST_EPOCH .Lload_out
	PK_TEST_CHECK %xmm8, .Lload_out
	lea	PK_SLOT_HDR(%rsi), %rax
	call	slot_nonce
	mov	$PK_X_BAD, %eax
	vpxor	PK_SLOT_NONCE(%rsi), %xmm11, %xmm11
	vptest	%xmm11, %xmm11
	jnz	.Lload_out
	xor	%eax, %eax
.Lload_out:
	RET
SYM_FUNC_END(load_slot)

/*
 * Wrap the payload xmm4-7 into the slot at rdx, whose header is set and whose
 * epoch the caller publishes.  eax = PK_X_*.  Keeps xmm13-15.
 */
SYM_FUNC_START_LOCAL(store_slot)
	PK_TELL	'P', 64, %xmm4, %xmm5, %xmm6, %xmm7
	PK_LOAD_WK
	vpxor	%xmm8, %xmm8, %xmm8
	vmovdqa	.Lmac_block0(%rip), %xmm9
	vmovdqa	.Lmac_block1(%rip), %xmm10
	PK_ROLL256 %xmm8, %xmm9, %xmm10
	PK_TEST_CHECK %xmm8, .Lstore_out
	PK_TELL	'M', 32, %xmm9, %xmm10
	lea	PK_SLOT_HDR(%rdx), %rax
	call	slot_nonce
	/* the MAC key is done with: its registers take the key stream */
	vmovdqu	%xmm11, PK_SLOT_NONCE(%rdx)
	vpxor	.Lpk_ctr1(%rip), %xmm11, %xmm9
	vpxor	.Lpk_ctr2(%rip), %xmm11, %xmm10
	vpxor	.Lpk_ctr3(%rip), %xmm11, %xmm12
	vpxor	%xmm8, %xmm8, %xmm8
	PK_LOAD_WK
	PK_ROLL256 %xmm8, %xmm9, %xmm10, %xmm11, %xmm12
	PK_TEST_CHECK %xmm8, .Lstore_out
	vpxor	%xmm4, %xmm11, %xmm11
	vpxor	%xmm5, %xmm9, %xmm9
	vpxor	%xmm6, %xmm10, %xmm10
	vpxor	%xmm7, %xmm12, %xmm12
	vmovdqu	%xmm11, PK_SLOT_CT(%rdx)
	vmovdqu	%xmm9, PK_SLOT_CT+16(%rdx)
	vmovdqu	%xmm10, PK_SLOT_CT+32(%rdx)
	vmovdqu	%xmm12, PK_SLOT_CT+48(%rdx)
	xor	%eax, %eax
.Lstore_out:
	RET
SYM_FUNC_END(store_slot)

/* xmm2 := AES-256 (or its inverse) of xmm2 with packed keys. */
SYM_FUNC_START_LOCAL(packed_encrypt)
	PK_ENC256 %xmm0, %xmm2
	RET
SYM_FUNC_END(packed_encrypt)

SYM_FUNC_START_LOCAL(packed_decrypt)
	PK_DEC256 %xmm0, %xmm2
	RET
SYM_FUNC_END(packed_decrypt)

/*
 * CMAC of r8d blocks at rcx, the first one xor xmm6, under the packed key;
 * bit 0 of r9d: the last block is a padded one.  Result in xmm2.
 * Clobbers rax, r11, xmm0, xmm1, xmm3.
 */
SYM_FUNC_START_LOCAL(packed_cmac)
	vpxor	%xmm2, %xmm2, %xmm2
	call	packed_encrypt
	PK_CMAC_SUBKEY %xmm2, %xmm3, %xmm0
	bt	$PK_CMAC_PADDED_BIT, %r9d
	jnc	1f
	PK_CMAC_SUBKEY2 %xmm3, %xmm0
1:	vmovdqa	%xmm6, %xmm2
	mov	%rcx, %r11
	mov	%r8d, %eax
2:	vpxor	(%r11), %xmm2, %xmm2
	add	$16, %r11
	dec	%eax
	jnz	3f
	vpxor	%xmm3, %xmm2, %xmm2
	call	packed_encrypt
	RET
3:	call	packed_encrypt
	jmp	2b
SYM_FUNC_END(packed_cmac)

/* int pk_x_check(wk) */
SYM_FUNC_START(pk_x_check)
	PK_LOAD_WK
	vpxor	%xmm8, %xmm8, %xmm8
	PK_ROLL256 %xmm8
	PK_TEST_CHECK %xmm8, .Lcheck_out
	xor	%eax, %eax
.Lcheck_out:
	PK_LEAVE
SYM_FUNC_END(pk_x_check)

/* int pk_x_make_check(wk) */
SYM_FUNC_START(pk_x_make_check)
	PK_LOAD_WK
	PK_TELL	'W', 32, %xmm0, %xmm1
	vpxor	%xmm8, %xmm8, %xmm8
	PK_ROLL256 %xmm8
	vmovdqu	%xmm8, PK_WK_CHECK(%rdi)
	xor	%eax, %eax
	PK_LEAVE
SYM_FUNC_END(pk_x_make_check)

/*
 * xmm0, xmm1 := 32 bytes of the CPU's generator, RDSEED before RDRAND, zero
 * if it has neither.  \flags: PK_RNG_*.  eax = 0, or PK_X_EMPTY: jump to \fail.
 * Interrupts are off while bytes pass through rax.  Clobbers r10d, r11d.
 */
.macro PK_HW_QWORD flags, reg, lane, fail
	mov	$1000, %r10d
1:	pushfq
	PK_CLI
	bt	$PK_RNG_RDSEED_BIT, \flags
	jnc	2f
	rdseed	%rax
	jc	4f
2:	bt	$PK_RNG_RDRAND_BIT, \flags
	jnc	3f
	rdrand	%rax
	jc	4f
3:	xor	%eax, %eax
	popfq
	pause
	test	\flags, \flags
	jz	5f			/* no generator at all: zero */
	dec	%r10d
	jnz	1b
	mov	$PK_X_EMPTY, %eax
	jmp	\fail
4:
.if \lane == 0
	vmovq	%rax, \reg
.else
	vpinsrq	$1, %rax, \reg, \reg
.endif
	xor	%eax, %eax
	popfq
	jmp	6f
5:
.if \lane == 0
	vpxor	\reg, \reg, \reg
.endif
6:
.endm

.macro PK_HW_KEY flags, fail
	PK_HW_QWORD \flags, %xmm0, 0, \fail
	PK_HW_QWORD \flags, %xmm0, 1, \fail
	PK_HW_QWORD \flags, %xmm1, 0, \fail
	PK_HW_QWORD \flags, %xmm1, 1, \fail
.endm

/*
 * \r := AES-256(hardware bytes, r) xor r: uniform and secret if either source
 * is, and no secret of one lets the other cancel it.
 */

/* int pk_x_dr_generate(buf32, rng) */
SYM_FUNC_START(pk_x_dr_generate)
	PK_HW_KEY %esi, .Ldr_out
	vmovdqu	(%rdi), %xmm4
	vmovdqu	16(%rdi), %xmm5
	PK_ROLL256 %xmm4, %xmm5
	vpxor	(%rdi), %xmm4, %xmm4
	vpxor	16(%rdi), %xmm5, %xmm5
	PK_TELL	'D', 32, %xmm4, %xmm5
	vmovdqu	%xmm4, (%rdi)
	vmovdqu	%xmm5, 16(%rdi)
	xor	%eax, %eax
.Ldr_out:
	PK_LEAVE
SYM_FUNC_END(pk_x_dr_generate)

/* void pk_x_dr_read(dr4) */
SYM_FUNC_START(pk_x_dr_read)
	pushfq
	cli
	mov	%db0, %rax
	mov	%rax, (%rdi)
	mov	%db1, %rax
	mov	%rax, 8(%rdi)
	mov	%db2, %rax
	mov	%rax, 16(%rdi)
	mov	%db3, %rax
	mov	%rax, 24(%rdi)
	xor	%eax, %eax
	popfq
	RET
SYM_FUNC_END(pk_x_dr_read)

/* void pk_x_dr_touch(void) */
SYM_FUNC_START(pk_x_dr_touch)
	PK_LOAD_HALF
	vzeroall
	RET
SYM_FUNC_END(pk_x_dr_touch)

/* void pk_x_dr_write(dr4) */
SYM_FUNC_START(pk_x_dr_write)
	pushfq
	cli
	mov	(%rdi), %rax
	mov	%rax, %db0
	mov	8(%rdi), %rax
	mov	%rax, %db1
	mov	16(%rdi), %rax
	mov	%rax, %db2
	mov	24(%rdi), %rax
	mov	%rax, %db3
	xor	%eax, %eax
	popfq
	RET
SYM_FUNC_END(pk_x_dr_write)

/* int pk_x_import(wk, dst, clear64) */
SYM_FUNC_START(pk_x_import)
	vmovdqu	(%rdx), %xmm4
	vmovdqu	16(%rdx), %xmm5
	vmovdqu	32(%rdx), %xmm6
	vmovdqu	48(%rdx), %xmm7
	mov	%rsi, %rdx
	call	store_slot
	PK_LEAVE
SYM_FUNC_END(pk_x_import)

/* int pk_x_generate(wk, dst, rnd64, mask64, rng) */
SYM_FUNC_START(pk_x_generate)
	PK_HW_KEY %r8d, .Lgen_out
	vmovdqu	(%rdx), %xmm4
	vmovdqu	16(%rdx), %xmm5
	vmovdqu	32(%rdx), %xmm6
	vmovdqu	48(%rdx), %xmm7
	PK_ROLL256 %xmm4, %xmm5, %xmm6, %xmm7
	vpxor	(%rdx), %xmm4, %xmm4
	vpxor	16(%rdx), %xmm5, %xmm5
	vpxor	32(%rdx), %xmm6, %xmm6
	vpxor	48(%rdx), %xmm7, %xmm7
	vpand	(%rcx), %xmm4, %xmm4
	vpand	16(%rcx), %xmm5, %xmm5
	vpand	32(%rcx), %xmm6, %xmm6
	vpand	48(%rcx), %xmm7, %xmm7
	mov	%rsi, %rdx
	call	store_slot
.Lgen_out:
	PK_LEAVE
SYM_FUNC_END(pk_x_generate)

/* int pk_x_xor(wk, a, b, dst): the first 32 bytes */
SYM_FUNC_START(pk_x_xor)
	call	load_slot
	test	%eax, %eax
	jnz	.Lxor_out
	vmovdqa	%xmm4, %xmm13
	vmovdqa	%xmm5, %xmm14
	mov	%rdx, %rsi
	call	load_slot
	test	%eax, %eax
	jnz	.Lxor_out
	vpxor	%xmm13, %xmm4, %xmm4
	vpxor	%xmm14, %xmm5, %xmm5
	vpxor	%xmm6, %xmm6, %xmm6
	vpxor	%xmm7, %xmm7, %xmm7
	mov	%rcx, %rdx
	call	store_slot
.Lxor_out:
	PK_LEAVE
SYM_FUNC_END(pk_x_xor)

/* Load the slot at rsi and pack its first 32 bytes; leave on failure. */
.macro PK_LOAD_PACKED fail
	call	load_slot
	test	%eax, %eax
	jnz	\fail
	vmovdqa	%xmm4, %xmm0
	vmovdqa	%xmm5, %xmm1
	PK_PACK256
.endm

/* int pk_x_cmac(wk, key, msg, blocks, flags, out16) */
SYM_FUNC_START(pk_x_cmac)
	PK_LOAD_PACKED .Lcmac_out
	mov	%r9, %r10
	mov	%r8d, %r9d
	mov	%ecx, %r8d
	mov	%rdx, %rcx
	vpxor	%xmm6, %xmm6, %xmm6
	call	packed_cmac
	vmovdqu	%xmm2, (%r10)
	xor	%eax, %eax
.Lcmac_out:
	PK_LEAVE
SYM_FUNC_END(pk_x_cmac)

/* int pk_x_derive(wk, key, dst, msg, blocks, flags) */
SYM_FUNC_START(pk_x_derive)
	PK_LOAD_PACKED .Lderive_out
	vpxor	%xmm6, %xmm6, %xmm6
	call	packed_cmac
	vmovdqa	%xmm2, %xmm4
	vmovdqa	.Lcounter_flip(%rip), %xmm6
	call	packed_cmac
	vmovdqa	%xmm2, %xmm5
	vpxor	%xmm6, %xmm6, %xmm6
	vpxor	%xmm7, %xmm7, %xmm7
	call	store_slot
.Lderive_out:
	PK_LEAVE
SYM_FUNC_END(pk_x_derive)

/* int pk_x_pattern(wk, key, first16, last16, out16) */
SYM_FUNC_START(pk_x_pattern)
	PK_LOAD_PACKED .Lpattern_out
	vpxor	%xmm2, %xmm2, %xmm2
	call	packed_encrypt
	PK_CMAC_SUBKEY %xmm2, %xmm3, %xmm0
	vmovdqu	(%rdx), %xmm2
	call	packed_encrypt
	vpxor	%xmm6, %xmm2, %xmm2
	call	packed_encrypt
	vpxor	%xmm7, %xmm2, %xmm2
	call	packed_encrypt
	vpxor	(%rcx), %xmm2, %xmm2
	vpxor	%xmm3, %xmm2, %xmm2
	call	packed_encrypt
	vmovdqu	%xmm2, (%r8)
	xor	%eax, %eax
.Lpattern_out:
	PK_LEAVE
SYM_FUNC_END(pk_x_pattern)

/* int pk_x_halves(wk, key, half) */
SYM_FUNC_START(pk_x_halves)
	call	load_slot
	test	%eax, %eax
	jnz	.Lhalves_out
	vpxor	%xmm4, %xmm5, %xmm0
	cmp	$16, %edx
	je	1f
	vpxor	%xmm4, %xmm6, %xmm0
	vpxor	%xmm5, %xmm7, %xmm1
	vpor	%xmm1, %xmm0, %xmm0
1:	mov	$PK_X_BAD, %eax
	vptest	%xmm0, %xmm0
	jz	.Lhalves_out
	xor	%eax, %eax
.Lhalves_out:
	PK_LEAVE
SYM_FUNC_END(pk_x_halves)

/*
 * AES-256-KWP of 64 bytes, SP 800-38F with RFC 5649's integrity value: eight
 * half-blocks rotate through xmm4-7, xmm2 holds A || R, xmm3 the step number.
 */

/* int pk_x_kwp_wrap(wk, key, payload, out72) */
SYM_FUNC_START(pk_x_kwp_wrap)
	call	load_slot
	test	%eax, %eax
	jnz	.Lwrap_out
	vmovdqa	%xmm4, %xmm13
	vmovdqa	%xmm5, %xmm14
	mov	%rdx, %rsi
	call	load_slot
	test	%eax, %eax
	jnz	.Lwrap_out
	vmovdqa	%xmm13, %xmm0
	vmovdqa	%xmm14, %xmm1
	PK_PACK256
	vmovdqa	.Lkwp_aiv(%rip), %xmm2
	vpxor	%xmm3, %xmm3, %xmm3
	mov	$48, %eax
1:	vpunpcklqdq %xmm4, %xmm2, %xmm2
	call	packed_encrypt
	vpalignr $8, %xmm4, %xmm5, %xmm4
	vpalignr $8, %xmm5, %xmm6, %xmm5
	vpalignr $8, %xmm6, %xmm7, %xmm6
	vpunpckhqdq %xmm2, %xmm7, %xmm7
	vpaddb	.Lkwp_one(%rip), %xmm3, %xmm3
	vpxor	%xmm3, %xmm2, %xmm2
	dec	%eax
	jnz	1b
	vmovq	%xmm2, (%rcx)
	vmovdqu	%xmm4, 8(%rcx)
	vmovdqu	%xmm5, 24(%rcx)
	vmovdqu	%xmm6, 40(%rcx)
	vmovdqu	%xmm7, 56(%rcx)
	xor	%eax, %eax
.Lwrap_out:
	PK_LEAVE
SYM_FUNC_END(pk_x_kwp_wrap)

/* int pk_x_kwp_unwrap(wk, key, dst, in72) */
SYM_FUNC_START(pk_x_kwp_unwrap)
	PK_LOAD_PACKED .Lunwrap_out
	PK_INVERT256
	vmovq	(%rcx), %xmm2
	vmovdqu	8(%rcx), %xmm4
	vmovdqu	24(%rcx), %xmm5
	vmovdqu	40(%rcx), %xmm6
	vmovdqu	56(%rcx), %xmm7
	vmovdqa	.Lkwp_steps(%rip), %xmm3
	mov	$48, %eax
1:	vpxor	%xmm3, %xmm2, %xmm2
	vpsubb	.Lkwp_one(%rip), %xmm3, %xmm3
	vpblendw $0xf0, %xmm7, %xmm2, %xmm2
	call	packed_decrypt
	vpalignr $8, %xmm6, %xmm7, %xmm7
	vpalignr $8, %xmm5, %xmm6, %xmm6
	vpalignr $8, %xmm4, %xmm5, %xmm5
	vpalignr $8, %xmm2, %xmm4, %xmm4
	dec	%eax
	jnz	1b
	vmovq	%xmm2, %xmm2
	mov	$PK_X_BAD, %eax
	vpxor	.Lkwp_aiv(%rip), %xmm2, %xmm2
	vptest	%xmm2, %xmm2
	jnz	.Lunwrap_out
	call	store_slot
.Lunwrap_out:
	PK_LEAVE
SYM_FUNC_END(pk_x_kwp_unwrap)
