// SPDX-License-Identifier: GPL-2.0-only
/* The hook of protkey-ktls.ko: see ktls.h. */

#include <linux/module.h>
#include <linux/srcu.h>

#include "ktls.h"
#include "x86/isa.h"

/* A call may sleep, and wait for user space as long as that likes. */
DEFINE_STATIC_SRCU(ktls_srcu);
static const struct pk_ktls_ops __rcu *ktls_ops;

int pk_ktls_register(const struct pk_ktls_ops *ops)
{
	if (!pk_isa.gcm[0][0])
		return -ENODEV;
	rcu_assign_pointer(ktls_ops, ops);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(pk_ktls_register, PROTKEY);

void pk_ktls_unregister(void)
{
	rcu_assign_pointer(ktls_ops, NULL);
	synchronize_srcu(&ktls_srcu);
}
EXPORT_SYMBOL_NS_GPL(pk_ktls_unregister, PROTKEY);

long pk_ktls_ioctl(struct pk_domain *d, const void *file, unsigned int cmd,
		   void __user *arg)
{
	int idx = srcu_read_lock(&ktls_srcu);
	const struct pk_ktls_ops *ops = srcu_dereference(ktls_ops, &ktls_srcu);
	long ret = ops ? ops->ioctl(d, file, cmd, arg) : -EOPNOTSUPP;

	srcu_read_unlock(&ktls_srcu, idx);
	return ret;
}

void pk_ktls_release(const void *file)
{
	int idx = srcu_read_lock(&ktls_srcu);
	const struct pk_ktls_ops *ops = srcu_dereference(ktls_ops, &ktls_srcu);

	if (ops)
		ops->release(file);
	srcu_read_unlock(&ktls_srcu, idx);
}
