// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory vault: a stand-in for the debug registers where there are none,
 * User-Mode Linux.  It protects nothing.  Only for scripts/bench.
 *
 * Modules of User-Mode Linux load in no other kernel, and for no other kernel
 * does this compile.
 */

#ifndef CONFIG_UML
#error "the memory vault is for measurement in User-Mode Linux, nothing else"
#endif

#include <linux/printk.h>
#include <linux/string.h>

#include "vault.h"

/* Read by PK_LOAD_WK in x86/aes.inc.S. */
u64 pk_memory_half[4];

static int memory_init(void)
{
	pr_warn("MEASUREMENT BUILD: the wrapping key is in memory and protects nothing\n");
	return 0;
}

static void memory_exit(void)
{
	memzero_explicit(pk_memory_half, sizeof(pk_memory_half));
}

static int memory_reserve_cpu(unsigned int cpu)
{
	return 0;
}

static void memory_read(u64 *half)
{
	memcpy(half, pk_memory_half, sizeof(pk_memory_half));
}

static void memory_write(const u64 *half)
{
	memcpy(pk_memory_half, half, sizeof(pk_memory_half));
}

const struct pk_vault_ops pk_vault_memory = {
	.name = "memory",
	.init = memory_init,
	.exit = memory_exit,
	.reserve_cpu = memory_reserve_cpu,
	.read = memory_read,
	.write = memory_write,
};
