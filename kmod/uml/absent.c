// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a real machine has and User-Mode Linux has not: hypervisors, panic with
 * debug registers, suspend.  In place of tamper.c, power.c and bench.c, for scripts/bench.
 */

#include <linux/errno.h>
#include <linux/types.h>

#include "bench.h"
#include "power.h"
#include "tamper.h"

int pk_tamper_check_platform(void)
{
	return 0;
}

int pk_tamper_init(void)
{
	return 0;
}

void pk_tamper_exit(void)
{
}

bool pk_tamper_kvm_loaded(void)
{
	return false;
}

int pk_power_init(void)
{
	return 0;
}

void pk_power_exit(void)
{
}

int pk_bench(struct protkey_bench *bench)
{
	return -EOPNOTSUPP;
}
