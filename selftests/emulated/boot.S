/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Boot sector of the emulated test: reads what follows it on the disk to
 * 0x10000, enters long mode with AVX-512's registers enabled, calls main().
 */
#define BASE	0x10000
#define STACK	0x90000
#define TABLES	0x1000		/* four pages: PML4, PDPT, PD */

	.section .boot, "ax"
	.code16
	cli
	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$0x7c00, %sp
	cld
	ljmp	$0, $1f
1:	movw	$image_chunks, %bp
2:	mov	$packet, %si
	mov	$0x42, %ah
	mov	$0x80, %dl
	int	$0x13
	jc	.
	addw	$32, lba
	addw	$0x400, segment
	dec	%bp
	jnz	2b

	in	$0x92, %al		/* A20 */
	or	$2, %al
	and	$0xfe, %al
	out	%al, $0x92
	/* the first gigabyte, identically, in pages of 2 MiB */
	mov	$TABLES, %edi
	mov	%edi, %cr3
	xor	%eax, %eax
	mov	$0xc00, %ecx
	rep stosl
	movl	$TABLES+0x1003, TABLES
	movl	$TABLES+0x2003, TABLES+0x1000
	mov	$TABLES+0x2000, %edi
	mov	$0x83, %eax
3:	mov	%eax, (%di)
	add	$0x200000, %eax
	add	$8, %di
	cmp	$TABLES+0x3000, %di
	jne	3b
	mov	$0x40620, %eax		/* OSXSAVE, OSXMMEXCPT, OSFXSR, PAE */
	mov	%eax, %cr4
	mov	$0xc0000080, %ecx
	rdmsr
	or	$0x100, %eax		/* LME */
	wrmsr
	lgdt	gdt_pointer
	mov	$0x80000013, %eax	/* PG, ET, MP, PE */
	mov	%eax, %cr0
	ljmp	$8, $long_mode

	.p2align 2
packet:	.byte	16, 0
	.word	32, 0
segment: .word	BASE >> 4
lba:	.quad	1
gdt:	.quad	0, 0x00af9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
	.word	gdt_pointer - gdt - 1
	.long	gdt

	.code64
long_mode:
	mov	$16, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$STACK, %esp
	xor	%ecx, %ecx
	xor	%edx, %edx
	mov	$0xe7, %eax		/* x87, SSE, AVX, AVX-512 */
	xsetbv
	mov	$bss_start, %edi
	mov	$bss_end, %ecx
	sub	%edi, %ecx
	xor	%eax, %eax
	rep stosb
	call	main
	jmp	.

	.section .note.GNU-stack, "", @progbits
