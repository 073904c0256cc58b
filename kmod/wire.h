/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * What the parsers shared by the module and user space need from either side.
 * Included by their .c files only.
 */
#ifndef PK_WIRE_H
#define PK_WIRE_H

#ifdef __KERNEL__

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#else

#include <endian.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#define le16_to_cpu(x)	le16toh(x)
#define le32_to_cpu(x)	le32toh(x)
#define le64_to_cpu(x)	le64toh(x)
#ifndef __force
#define __force	/* for sparse, in the kernel */
#endif
#ifndef static_assert
#define static_assert	_Static_assert
#endif

/* The first byte of @mem that is not @c, or NULL: the kernel's function. */
static inline const void *memchr_inv(const void *mem, int c, size_t size)
{
	const unsigned char *byte = mem;

	for (; size; byte++, size--)
		if (*byte != (unsigned char)c)
			return byte;
	return NULL;
}

#endif

#endif /* PK_WIRE_H */
