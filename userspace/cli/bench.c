// SPDX-License-Identifier: GPL-2.0-only
/* protkey bench */
#include <stdio.h>
#include <unistd.h>

#include "cli.h"

#define SAMPLES		2000

struct measurement {
	const char *name, *label;
	unsigned int what, size;
	struct protkey_bench result;
};

enum { REGISTERS, FPU, XTS_512, XTS_4096, MEASUREMENTS };

static const struct measurement plan[MEASUREMENTS] = {
	[REGISTERS] = { "debug_registers", "load the debug registers",
			PROTKEY_BENCH_DEBUG_REGISTERS, 0, { 0 } },
	[FPU] = { "fpu", "take and give back the FPU", PROTKEY_BENCH_FPU, 0, { 0 } },
	[XTS_512] = { "xts_256_512", "xts-256, 512 bytes",
		      PROTKEY_BENCH_XTS_256, 512, { 0 } },
	[XTS_4096] = { "xts_256_4096", "xts-256, 4096 bytes",
		       PROTKEY_BENCH_XTS_256, 4096, { 0 } },
};

static int measure(int control, struct measurement *m)
{
	int i, ret = 0;

	for (i = 0; i < MEASUREMENTS && !ret; i++) {
		m[i] = plan[i];
		m[i].result.what = m[i].what;
		m[i].result.size = m[i].size;
		m[i].result.samples = SAMPLES;
		ret = protkey_bench(control, &m[i].result);
	}
	return ret;
}

/* Of @m's median: what the debug registers are in it, in percent. */
static double share(const struct measurement *all, const struct measurement *m)
{
	if (!m->result.cycles_median)
		return 0;
	return 100.0 * all[REGISTERS].result.cycles_median /
	       m->result.cycles_median;
}

static int print_json(const struct measurement *m,
		      const struct protkey_status *status)
{
	struct json_object *obj = json_object_new_object();
	int i;

	json_add_number(obj, "samples", SAMPLES);
	json_add_number(obj, "tsc_khz", m[0].result.tsc_khz);
	json_add_bool(obj, "guest", status->flags & PROTKEY_STATUS_HYPERVISOR);
	for (i = 0; i < MEASUREMENTS; i++) {
		struct json_object *row = json_object_new_object();

		json_add_number(row, "min", m[i].result.cycles_min);
		json_add_number(row, "median", m[i].result.cycles_median);
		json_add_number(row, "p99", m[i].result.cycles_p99);
		json_object_object_add(obj, m[i].name, row);
	}
	return json_print(obj);
}

static int print_table(const struct measurement *m,
		       const struct protkey_status *status)
{
	int i;

	printf("%-26s %10s %10s %10s   %s\n", "cycles", "least", "median",
	       "99 %", "of it debug registers");
	for (i = 0; i < MEASUREMENTS; i++) {
		printf("%-26s %10u %10u %10u", m[i].label,
		       m[i].result.cycles_min, m[i].result.cycles_median,
		       m[i].result.cycles_p99);
		if (m[i].size)
			printf("   %.1f %%", share(m, &m[i]));
		putchar('\n');
	}
	printf("\nA section, at most 16 KiB, reads the four debug registers once.  Cycles are\n"
	       "those of the time stamp counter, %u.%03u MHz; interrupts fall into the 99 %%.\n",
	       m[0].result.tsc_khz / 1000, m[0].result.tsc_khz % 1000);
	if (status->flags & PROTKEY_STATUS_HYPERVISOR)
		printf("This is a guest: a hypervisor may step in when a debug register is read for the\n"
		       "first time after it ran; then the 99 %% is far above the median.\n");
	return EXIT_OK;
}

int cmd_bench(const struct command *cmd, int argc, char **argv)
{
	struct measurement m[MEASUREMENTS];
	struct protkey_status status;
	bool json = false;
	const struct opt opts[] = {
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	int control, ret;

	ret = args_parse(cmd, opts, &argc, argv, 0, 0);
	if (ret != ARGS_GO)
		return ret;
	ret = control_open(&control);
	if (ret)
		return ret;
	ret = protkey_status_get(control, &status);
	if (!ret)
		ret = measure(control, m);
	close(control);
	if (ret)
		return fail_errno(ret, "the module could not measure");
	return json ? print_json(m, &status) : print_table(m, &status);
}
