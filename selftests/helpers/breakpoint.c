// SPDX-License-Identifier: GPL-2.0-only
/*
 * pk-breakpoint: try to get a hardware breakpoint in every way that a program
 * can. A line "WAY ERRNO" for each, ERRNO 0 where it was given.
 *
 * It is also the program that a test debugs with gdb: see target.
 */

#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util.h"

static volatile int target;

static void result(const char *way, int number, long ret)
{
	printf("%s-%d %s\n", way, number, errno_name(ret < 0 ? errno : 0));
}

static long poke(pid_t child, int reg, unsigned long value)
{
	return ptrace(PTRACE_POKEUSER, child,
		      offsetof(struct user, u_debugreg) + reg * sizeof(long),
		      value);
}

static void try_ptrace(void)
{
	/* write watch of 4 bytes, enabled, by register n */
	const unsigned long watch = 0xd;
	pid_t child = fork();
	int reg;

	if (child < 0)
		die_errno("fork");
	if (!child) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	for (reg = 0; reg < 4; reg++)
		result("ptrace-address", reg,
		       poke(child, reg, (unsigned long)&target));
	for (reg = 0; reg < 4; reg++)
		result("ptrace-enable", reg,
		       poke(child, 7, 1UL << 2 * reg | watch << (16 + 4 * reg)));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void try_perf(const char *way, pid_t pid, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT,
		.size = sizeof(attr),
		.bp_type = HW_BREAKPOINT_W,
		.bp_addr = (unsigned long)&target,
		.bp_len = HW_BREAKPOINT_LEN_4,
	};
	long fd = syscall(SYS_perf_event_open, &attr, pid, cpu, -1, 0);

	result(way, cpu < 0 ? 0 : cpu, fd);
	if (fd >= 0)
		close(fd);
}

int main(void)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int cpu;

	target = 1;
	try_ptrace();
	try_perf("perf-task", 0, -1);
	for (cpu = 0; cpu < cpus; cpu++)
		try_perf("perf-cpu", -1, cpu);
	target = 2;
	return 0;
}
