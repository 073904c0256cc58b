/* SPDX-License-Identifier: GPL-2.0-only */
/* What the GCM routines of all levels share. */

/*
 * The next piece of the data, whose row goes on at rdi: rcx, r8 and r10d.  Low half
 * of r9: bytes of those behind it.
 */
.macro GCM_PIECE
	mov	PK_GCM_PIECE_SRC(%rdi), %rcx
	mov	PK_GCM_PIECE_DST(%rdi), %r8
	mov	PK_GCM_PIECE_LEN(%rdi), %r10d
	add	$PK_GCM_PIECE_SIZE, %rdi
	sub	%r10, %r9
.endm

/*
 * The first piece, from the row at rcx, or all of the data, where they are not in
 * pieces.
 */
.macro GCM_FIRST_PIECE
	bt	$PK_GCM_PIECES_BIT, %r9
	jnc	.Lone\@
	mov	%rcx, %rdi
	GCM_PIECE
	jmp	.Lpiece\@
.Lone\@:
	mov	%r9d, %r10d
	sub	%r10, %r9
.Lpiece\@:
.endm
