// SPDX-License-Identifier: GPL-2.0-only
/* The device nodes: see control.h. */

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "compat/compat.h"
#include "control.h"
#include "domain.h"
#include "ktls.h"
#include "measured.h"

#define CONTROL_MINOR	0
#define MAX_MINORS	65536

static dev_t control_base;
static struct cdev control_cdev;
static DEFINE_IDR(control_minors);	/* written under domains_lock, read under RCU */

static char *control_devnode(PK_DEVNODE_ARG *dev, umode_t *mode)
{
	if (mode)
		*mode = 0600;
	return kasprintf(GFP_KERNEL, "protkey/%s", dev_name(dev));
}

static struct class control_class = {
	.name = "protkey",
	.devnode = control_devnode,
};

static struct pk_domain *find_minor(unsigned int minor)
{
	struct pk_domain *d;

	rcu_read_lock();
	d = pk_domain_get_live(idr_find(&control_minors, minor));
	rcu_read_unlock();
	return d;
}

static int control_open(struct inode *inode, struct file *file)
{
	struct pk_file *f = kzalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	file->private_data = f;
	if (iminor(inode) == CONTROL_MINOR)
		return 0;
	f->domain = find_minor(iminor(inode));
	if (f->domain)
		return 0;
	kfree(f);
	return -ENODEV;
}

static int control_release(struct inode *inode, struct file *file)
{
	struct pk_file *f = file->private_data;

	if (f->domain) {
		pk_ktls_release(f);
		if (f->session)
			pk_session_close(f->domain, f->session);
		pk_domain_put(f->domain);
	}
	put_pid(f->login.tgid);
	kfree_sensitive(f->unlock_login);
	kfree(f->challenge);
	kfree(f);
	return 0;
}

static long control_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	struct pk_file *f = file->private_data;
	unsigned int noio;
	long ret;

	/* at every call, not only at open: a passed descriptor opens nothing */
	if (file_permission(file, MAY_READ | MAY_WRITE))
		return -EACCES;
	/*
	 * The volumes of a domain are suspended while it is unlocked again:
	 * memory must not be had by waiting for them.
	 */
	noio = memalloc_noio_save();
	ret = f->domain ? pk_ioctl_domain(f, cmd, (void __user *)arg) :
			  pk_ioctl_control(f, cmd, (void __user *)arg);
	memalloc_noio_restore(noio);
	return ret;
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.open = control_open,
	.release = control_release,
	.unlocked_ioctl = control_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static int node_create(unsigned int minor, const char *name)
{
	struct device *dev;

	dev = device_create(&control_class, NULL,
			    MKDEV(MAJOR(control_base), minor), NULL, "%s", name);
	return PTR_ERR_OR_ZERO(dev);
}

static void node_destroy(unsigned int minor)
{
	device_destroy(&control_class, MKDEV(MAJOR(control_base), minor));
}

int pk_control_add(struct pk_domain *d)
{
	int minor, ret;

	/*
	 * Cyclic: a node that a container made itself for a domain that is gone
	 * must not open the next one.
	 */
	minor = idr_alloc_cyclic(&control_minors, d, CONTROL_MINOR + 1,
				 MAX_MINORS, GFP_KERNEL);
	if (minor < 0)
		return minor;
	ret = node_create(minor, d->name);
	if (ret)
		idr_remove(&control_minors, minor);
	else
		d->minor = minor;
	return ret;
}

void pk_control_remove(struct pk_domain *d)
{
	node_destroy(d->minor);
	idr_remove(&control_minors, d->minor);
}

int pk_control_init(void)
{
	int ret;

	ret = alloc_chrdev_region(&control_base, 0, MAX_MINORS, "protkey");
	if (ret)
		return ret;
	ret = class_register(&control_class);
	if (ret)
		goto unregister_region;
	cdev_init(&control_cdev, &control_fops);
	ret = cdev_add(&control_cdev, control_base, MAX_MINORS);
	if (ret)
		goto unregister_class;
	ret = node_create(CONTROL_MINOR, "control");
	if (ret)
		goto del_cdev;
	return 0;

del_cdev:
	cdev_del(&control_cdev);
unregister_class:
	class_unregister(&control_class);
unregister_region:
	unregister_chrdev_region(control_base, MAX_MINORS);
	return ret;
}

void pk_control_exit(void)
{
	node_destroy(CONTROL_MINOR);
	cdev_del(&control_cdev);
	class_unregister(&control_class);
	unregister_chrdev_region(control_base, MAX_MINORS);
	idr_destroy(&control_minors);
}
