/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between the kernels we build for, probed by feature. */
#ifndef PK_COMPAT_H
#define PK_COMPAT_H

#ifdef PK_HAVE_LINUX_UNALIGNED
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* struct class::devnode takes a const device from 6.2 on. */
#ifdef PK_HAVE_DEVNODE_CONST
#define PK_DEVNODE_ARG	const struct device
#else
#define PK_DEVNODE_ARG	struct device
#endif

#endif /* PK_COMPAT_H */
