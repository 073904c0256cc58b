/* SPDX-License-Identifier: GPL-2.0-only */
/* Where protkey-ktls.ko hooks into protkey.ko: its ioctls on domains' nodes. */
#ifndef PK_KTLS_H
#define PK_KTLS_H

#include <linux/types.h>

struct pk_domain;

struct pk_ktls_ops {
	/* @file names the open file of @d's node that calls */
	long (*ioctl)(struct pk_domain *d, const void *file, unsigned int cmd,
		      void __user *arg);
	/* it is closed: what it has pending ends */
	void (*release)(const void *file);
};

/* -ENODEV this CPU has no GCM of ours. */
int pk_ktls_register(const struct pk_ktls_ops *ops);
/* On return no call is running and none will come. */
void pk_ktls_unregister(void);

/* -EOPNOTSUPP protkey-ktls.ko is not loaded. */
long pk_ktls_ioctl(struct pk_domain *d, const void *file, unsigned int cmd,
		   void __user *arg);
void pk_ktls_release(const void *file);

#endif /* PK_KTLS_H */
