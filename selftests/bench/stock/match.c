// SPDX-License-Identifier: GPL-2.0-only
/* x86_match_cpu() for User-Mode Linux, which knows features but no models. */

#include <linux/module.h>
#include <asm/cpu_device_id.h>
#include <asm/cpufeature.h>

/*
 * Entries that name a model never match: so the list of CPUs whose 512-bit
 * registers cost clock is taken for empty.
 */
const struct x86_cpu_id *x86_match_cpu(const struct x86_cpu_id *match)
{
	for (; match->vendor | match->family | match->model | match->steppings |
	       match->feature; match++) {
		if (match->feature && boot_cpu_has(match->feature))
			return match;
	}
	return NULL;
}
