// SPDX-License-Identifier: GPL-2.0-only
/*
 * Overwrite and compare the debug registers behind the vault's back.
 *
 *	dr_write	"CPU VALUE" or "all VALUE": DR0..DR3 become VALUE + 0..3
 *	dr_nonzero	"cpuN 1" if one of DR0..DR3 of that CPU is not zero
 *	dr_equal	"1" if DR0..DR3 are the same on all online CPUs
 *	dr_storm	"start MICROSECONDS any|all|CPU", "stop"; reads "hits skipped"
 *
 * The values themselves are shown nowhere and stored nowhere: CPUs are
 * compared by a keyed hash of their registers.
 */

#include <linux/cpu.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/seq_file.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <asm/debugreg.h>

#include "pktest.h"

enum { STORM_ANY = -1, STORM_ALL = -2 };

static siphash_key_t dr_hash_key;

static DEFINE_MUTEX(storm_lock);
static struct task_struct *storm_task;
static int storm_target;
static unsigned int storm_period_us;
static u64 storm_good;			/* hash of the registers at the start */
static atomic64_t storm_hits, storm_skipped;

static void dr_write_here(void *info)
{
	unsigned long value = *(unsigned long *)info;

	native_set_debugreg(0, value);
	native_set_debugreg(1, value ? value + 1 : 0);
	native_set_debugreg(2, value ? value + 2 : 0);
	native_set_debugreg(3, value ? value + 3 : 0);
}

static void dr_hash_here(void *info)
{
	*(u64 *)info = siphash_4u64(native_get_debugreg(0), native_get_debugreg(1),
				    native_get_debugreg(2), native_get_debugreg(3),
				    &dr_hash_key);
}

static void dr_nonzero_here(void *info)
{
	*(bool *)info = native_get_debugreg(0) | native_get_debugreg(1) |
			native_get_debugreg(2) | native_get_debugreg(3);
}

/* One of the ways in which registers really go wrong: reset, reuse, bit flip. */
static void dr_spoil_here(void *info)
{
	unsigned long value = get_random_u32();

	switch (value % 3) {
	case 0:
		value = 0;
		dr_write_here(&value);
		break;
	case 1:
		dr_write_here(&value);
		break;
	default:
		/*
		 * Not a fixed bit: flipped twice the register would be right
		 * again, and storm_survivor() count on it behind the back of a
		 * repair that has just seen it wrong.
		 */
		native_set_debugreg(2, native_get_debugreg(2) ^ (value | 1));
	}
}

static u64 dr_hash(int cpu)
{
	u64 hash = 0;

	smp_call_function_single(cpu, dr_hash_here, &hash, 1);
	return hash;
}

/* Whether a CPU other than @cpu still holds what all held at the start. */
static bool storm_survivor(int cpu)
{
	int other;

	for_each_online_cpu(other) {
		if (other != cpu && dr_hash(other) == storm_good)
			return true;
	}
	return false;
}

static int storm_pick(void)
{
	int target = storm_target;
	int steps;

	if (target != STORM_ANY)
		return target;
	target = cpumask_first(cpu_online_mask);
	for (steps = get_random_u32() % num_online_cpus(); steps; steps--)
		target = cpumask_next(target, cpu_online_mask);
	return target;
}

static void storm_once(void)
{
	int cpu;

	cpus_read_lock();
	cpu = storm_pick();
	if (cpu == STORM_ALL) {
		on_each_cpu(dr_spoil_here, NULL, 1);
		atomic64_inc(&storm_hits);
	} else if (cpu_online(cpu) && storm_survivor(cpu)) {
		/* only this thread spoils, so the survivor stays one */
		smp_call_function_single(cpu, dr_spoil_here, NULL, 1);
		atomic64_inc(&storm_hits);
	} else {
		atomic64_inc(&storm_skipped);
	}
	cpus_read_unlock();
}

static int storm_thread(void *unused)
{
	while (!kthread_should_stop()) {
		storm_once();
		usleep_range(storm_period_us, storm_period_us + storm_period_us / 2);
	}
	return 0;
}

static void storm_stop(void)
{
	if (storm_task)
		kthread_stop(storm_task);
	storm_task = NULL;
}

static int storm_start(unsigned int period_us, const char *target)
{
	struct task_struct *task;

	if (storm_task)
		return -EBUSY;
	if (!period_us)
		return -EINVAL;
	if (!strcmp(target, "any"))
		storm_target = STORM_ANY;
	else if (!strcmp(target, "all"))
		storm_target = STORM_ALL;
	else if (kstrtoint(target, 10, &storm_target) || storm_target < 0 ||
		 storm_target >= nr_cpu_ids)
		return -EINVAL;

	storm_period_us = period_us;
	cpus_read_lock();
	storm_good = dr_hash(cpumask_first(cpu_online_mask));
	cpus_read_unlock();
	atomic64_set(&storm_hits, 0);
	atomic64_set(&storm_skipped, 0);
	task = kthread_run(storm_thread, NULL, "pktest_storm");
	if (IS_ERR(task))
		return PTR_ERR(task);
	storm_task = task;
	return 0;
}

static ssize_t dr_storm_write(struct file *file, const char __user *ubuf,
			      size_t len, loff_t *ppos)
{
	unsigned int period_us = 0;
	char word[8], target[8];
	int got, err = 0;
	char *line;

	line = memdup_user_nul(ubuf, min_t(size_t, len, 64));
	if (IS_ERR(line))
		return PTR_ERR(line);
	got = sscanf(line, "%7s %u %7s", word, &period_us, target);
	kfree(line);

	mutex_lock(&storm_lock);
	if (got == 1 && !strcmp(word, "stop"))
		storm_stop();
	else if (got == 3 && !strcmp(word, "start"))
		err = storm_start(period_us, target);
	else
		err = -EINVAL;
	mutex_unlock(&storm_lock);
	return err ?: len;
}

static int dr_storm_show(struct seq_file *seq, void *unused)
{
	seq_printf(seq, "%lld %lld\n", atomic64_read(&storm_hits),
		   atomic64_read(&storm_skipped));
	return 0;
}

static int dr_storm_open(struct inode *inode, struct file *file)
{
	return single_open(file, dr_storm_show, NULL);
}

static const struct file_operations dr_storm_fops = {
	.owner = THIS_MODULE,
	.open = dr_storm_open,
	.read = seq_read,
	.write = dr_storm_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static ssize_t dr_write_write(struct file *file, const char __user *ubuf,
			      size_t len, loff_t *ppos)
{
	unsigned long value;
	int cpu, err = 0;
	char *line;

	line = memdup_user_nul(ubuf, min_t(size_t, len, 64));
	if (IS_ERR(line))
		return PTR_ERR(line);
	if (sscanf(line, "all %li", &value) == 1)
		on_each_cpu(dr_write_here, &value, 1);
	else if (sscanf(line, "%d %li", &cpu, &value) == 2)
		err = smp_call_function_single(cpu, dr_write_here, &value, 1);
	else
		err = -EINVAL;
	kfree(line);
	return err ?: len;
}

static const struct file_operations dr_write_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = dr_write_write,
};

static int dr_nonzero_show(struct seq_file *seq, void *unused)
{
	bool nonzero;
	int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu) {
		smp_call_function_single(cpu, dr_nonzero_here, &nonzero, 1);
		seq_printf(seq, "cpu%d %d\n", cpu, nonzero);
	}
	cpus_read_unlock();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(dr_nonzero);

static int dr_equal_show(struct seq_file *seq, void *unused)
{
	bool equal = true;
	u64 first;
	int cpu;

	cpus_read_lock();
	first = dr_hash(cpumask_first(cpu_online_mask));
	for_each_online_cpu(cpu)
		equal &= dr_hash(cpu) == first;
	cpus_read_unlock();
	seq_printf(seq, "%d\n", equal);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(dr_equal);

int pkt_debugreg_init(struct dentry *dir)
{
	get_random_bytes(&dr_hash_key, sizeof(dr_hash_key));
	debugfs_create_file("dr_write", 0200, dir, NULL, &dr_write_fops);
	debugfs_create_file("dr_nonzero", 0400, dir, NULL, &dr_nonzero_fops);
	debugfs_create_file("dr_equal", 0400, dir, NULL, &dr_equal_fops);
	debugfs_create_file("dr_storm", 0600, dir, NULL, &dr_storm_fops);
	return 0;
}

void pkt_debugreg_exit(void)
{
	storm_stop();
}
