// SPDX-License-Identifier: GPL-2.0-only
/* The hook of protkey-ktls.ko: see ktls.h. */

#include <linux/module.h>
#include <linux/rwsem.h>

#include "ktls.h"
#include "x86/isa.h"

/* Held for reading while a call runs, which may sleep. */
static DECLARE_RWSEM(ktls_rwsem);
static const struct pk_ktls_ops *ktls_ops;

int pk_ktls_register(const struct pk_ktls_ops *ops)
{
	int ret = -EBUSY;

	if (!pk_isa.gcm[0][0])
		return -ENODEV;
	down_write(&ktls_rwsem);
	if (!ktls_ops) {
		ktls_ops = ops;
		ret = 0;
	}
	up_write(&ktls_rwsem);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(pk_ktls_register, PROTKEY);

void pk_ktls_unregister(const struct pk_ktls_ops *ops)
{
	down_write(&ktls_rwsem);
	if (ktls_ops == ops)
		ktls_ops = NULL;
	up_write(&ktls_rwsem);
}
EXPORT_SYMBOL_NS_GPL(pk_ktls_unregister, PROTKEY);

long pk_ktls_ioctl(struct pk_domain *d, const void *file, unsigned int cmd,
		   void __user *arg)
{
	long ret = -EOPNOTSUPP;

	down_read(&ktls_rwsem);
	if (ktls_ops)
		ret = ktls_ops->ioctl(d, file, cmd, arg);
	up_read(&ktls_rwsem);
	return ret;
}

void pk_ktls_release(const void *file)
{
	down_read(&ktls_rwsem);
	if (ktls_ops)
		ktls_ops->release(file);
	up_read(&ktls_rwsem);
}
