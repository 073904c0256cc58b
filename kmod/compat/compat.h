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

/* Completions of crypto requests get their data from 6.3 on. */
#ifdef PK_HAVE_COMPLETION_REQUEST
#define PK_COMPLETION_ARG	struct crypto_async_request
#define pk_completion_data(arg)	((arg)->data)
#else
#define PK_COMPLETION_ARG	void
#define pk_completion_data(arg)	(arg)
#endif

#endif /* PK_COMPAT_H */
