// SPDX-License-Identifier: GPL-2.0-only
/*
 * The debug-register vault: DR0-DR3 of every CPU hold one half of the wrapping
 * key.
 *
 * All four breakpoint slots are reserved with events that are never enabled:
 * then the kernel's breakpoint code refuses them to ptrace, perf and gdb
 * (ENOSPC) and itself never writes the registers.
 *
 * WARN, oops and sysrq print DR0-DR3 by __show_regs(): a permanent ftrace hook
 * makes it print the short form.  Permanent means that ftrace cannot be
 * switched off while it is there, unlike a kprobe.
 */

#include <linux/ftrace.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "vault.h"

#define DR_COUNT	4
#define SHOW_REGS_SHORT_MODE	0	/* enum show_regs_mode: SHOW_REGS_SHORT */

static struct perf_event * __percpu *dr_wide[DR_COUNT];
/* CPUs that came later have events of their own. */
static DEFINE_PER_CPU(struct perf_event *[DR_COUNT], dr_late);
static unsigned long dr_dummy;		/* an address for events never enabled */

static void notrace hook_show_regs(unsigned long ip, unsigned long parent_ip,
				   struct ftrace_ops *ops,
				   struct ftrace_regs *fregs)
{
	struct pt_regs *regs = ftrace_get_regs(fregs);

	/* __show_regs(regs, mode, log_lvl): the second argument */
	if (regs)
		regs->si = SHOW_REGS_SHORT_MODE;
}

static struct ftrace_ops hook_ops = {
	.func = hook_show_regs,
	.flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_PERMANENT,
};

static int hook_install(void)
{
	static char func[] = "__show_regs";
	int ret;

	ret = ftrace_set_filter(&hook_ops, func, strlen(func), 1);
	if (!ret)
		ret = register_ftrace_function(&hook_ops);
	if (ret == -EBUSY)
		pr_err("ftrace is switched off, so registers could be printed to the log: echo 1 > /proc/sys/kernel/ftrace_enabled, then load again\n");
	else if (ret)
		pr_err("cannot keep debug registers out of the log (ftrace on __show_regs: %d): the kernel needs CONFIG_DYNAMIC_FTRACE_WITH_REGS\n",
		       ret);
	if (ret)
		ftrace_free_filter(&hook_ops);
	return ret;
}

static void hook_remove(void)
{
	unregister_ftrace_function(&hook_ops);
	ftrace_free_filter(&hook_ops);
}

static void dr_triggered(struct perf_event *event, struct perf_sample_data *data,
			 struct pt_regs *regs)
{
	/* never enabled */
}

static void dr_attr(struct perf_event_attr *attr)
{
	hw_breakpoint_init(attr);
	attr->bp_addr = (unsigned long)&dr_dummy;
	attr->bp_len = HW_BREAKPOINT_LEN_8;
	attr->bp_type = HW_BREAKPOINT_W;
	attr->disabled = 1;
}

static void dr_release_wide(unsigned int n)
{
	while (n--) {
		unregister_wide_hw_breakpoint(dr_wide[n]);
		dr_wide[n] = NULL;
	}
}

static int dr_reserve_wide(void)
{
	struct perf_event_attr attr;
	unsigned int i;
	int ret;

	dr_attr(&attr);
	for (i = 0; i < DR_COUNT; i++) {
		dr_wide[i] = register_wide_hw_breakpoint(&attr, dr_triggered, NULL);
		if (IS_ERR((void __force *)dr_wide[i])) {
			ret = PTR_ERR((void __force *)dr_wide[i]);
			dr_wide[i] = NULL;
			dr_release_wide(i);
			return ret;
		}
	}
	return 0;
}

static int dr_init(void)
{
	int ret = hook_install();

	if (ret)
		return ret;
	ret = dr_reserve_wide();
	if (ret) {
		pr_err("a debug register is in use (%d of 4 needed): end gdb watchpoints, perf mem: events and kgdb, then load again\n",
		       DR_COUNT);
		hook_remove();
	}
	return ret;
}

static void dr_exit(void)
{
	unsigned int cpu, i;

	for_each_possible_cpu(cpu) {
		for (i = 0; i < DR_COUNT; i++) {
			struct perf_event *event = per_cpu(dr_late[i], cpu);

			if (event)
				perf_event_release_kernel(event);
			per_cpu(dr_late[i], cpu) = NULL;
		}
	}
	dr_release_wide(DR_COUNT);
	hook_remove();
}

static int dr_reserve_cpu(unsigned int cpu)
{
	struct perf_event_attr attr;
	unsigned int i;

	dr_attr(&attr);
	for (i = 0; i < DR_COUNT; i++) {
		struct perf_event *event;

		/* events outlive their CPU's going offline */
		if (*per_cpu_ptr(dr_wide[i], cpu) || per_cpu(dr_late[i], cpu))
			continue;
		event = perf_event_create_kernel_counter(&attr, cpu, NULL,
							 dr_triggered, NULL);
		if (IS_ERR(event)) {
			pr_err("CPU %u: a debug register is in use; it stays offline\n",
			       cpu);
			return PTR_ERR(event);
		}
		per_cpu(dr_late[i], cpu) = event;
	}
	return 0;
}

const struct pk_vault_ops pk_vault_debugreg = {
	.name = "debugreg",
	.init = dr_init,
	.exit = dr_exit,
	.reserve_cpu = dr_reserve_cpu,
	.read = pk_x_dr_read,
	.write = pk_x_dr_write,
};
