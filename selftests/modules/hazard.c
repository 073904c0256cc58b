// SPDX-License-Identifier: GPL-2.0-only
/*
 * What makes a kernel print its registers, and a rival for the breakpoints.
 *
 *	slot	"hold" reserves one breakpoint slot on every CPU, "release"
 *	provoke	"warn", "oops" (kills only a thread of ours), "panic"
 */

#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/hw_breakpoint.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/panic.h>
#include <linux/perf_event.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "pktest.h"

static DEFINE_MUTEX(slot_lock);
static struct perf_event * __percpu *slot_events;
static int slot_target;

static void slot_hit(struct perf_event *event, struct perf_sample_data *data,
		     struct pt_regs *regs)
{
}

static int slot_hold(void)
{
	struct perf_event * __percpu *events;
	struct perf_event_attr attr;

	if (slot_events)
		return -EBUSY;
	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)&slot_target;
	attr.bp_len = HW_BREAKPOINT_LEN_4;
	attr.bp_type = HW_BREAKPOINT_W;
	attr.disabled = 1;
	events = register_wide_hw_breakpoint(&attr, slot_hit, NULL);
	if (IS_ERR((void __force *)events))
		return PTR_ERR((void __force *)events);
	slot_events = events;
	return 0;
}

static int slot_release(void)
{
	if (!slot_events)
		return -ENOENT;
	unregister_wide_hw_breakpoint(slot_events);
	slot_events = NULL;
	return 0;
}

static int oops_thread(void *unused)
{
	*(int volatile *)8 = 1;
	return 0;
}

static int provoke_oops(void)
{
	return PTR_ERR_OR_ZERO(kthread_run(oops_thread, NULL, "pktest_oops"));
}

static ssize_t hazard_write(const char __user *ubuf, size_t len,
			    int (*act)(const char *word))
{
	char *word;
	int err;

	word = memdup_user_nul(ubuf, min_t(size_t, len, 16));
	if (IS_ERR(word))
		return PTR_ERR(word);
	err = act(strim(word));
	kfree(word);
	return err ?: len;
}

static int slot_act(const char *word)
{
	int err = -EINVAL;

	mutex_lock(&slot_lock);
	if (!strcmp(word, "hold"))
		err = slot_hold();
	else if (!strcmp(word, "release"))
		err = slot_release();
	mutex_unlock(&slot_lock);
	return err;
}

static int provoke_act(const char *word)
{
	if (!strcmp(word, "warn"))
		WARN(1, "protkey_test: a warning on purpose\n");
	else if (!strcmp(word, "oops"))
		return provoke_oops();
	else if (!strcmp(word, "panic"))
		panic("protkey_test: a panic on purpose\n");
	else
		return -EINVAL;
	return 0;
}

static ssize_t slot_write(struct file *file, const char __user *ubuf,
			  size_t len, loff_t *ppos)
{
	return hazard_write(ubuf, len, slot_act);
}

static ssize_t provoke_write(struct file *file, const char __user *ubuf,
			     size_t len, loff_t *ppos)
{
	return hazard_write(ubuf, len, provoke_act);
}

static const struct file_operations slot_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = slot_write,
};

static const struct file_operations provoke_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = provoke_write,
};

int pkt_hazard_init(struct dentry *dir)
{
	debugfs_create_file("slot", 0200, dir, NULL, &slot_fops);
	debugfs_create_file("provoke", 0200, dir, NULL, &provoke_fops);
	return 0;
}

void pkt_hazard_exit(void)
{
	slot_release();
}
