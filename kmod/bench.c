// SPDX-License-Identifier: GPL-2.0-only
/*
 * What reading the debug registers costs on this machine: no table of
 * instructions has it for a current CPU, and under a hypervisor it is the
 * hypervisor's affair.  Each sample is one run; what taking the time itself
 * costs is taken off.
 */

#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <asm/fpu/api.h>
#include <asm/msr.h>
#include <asm/tsc.h>

#include "bench.h"
#include "crypto/cipher.h"
#include "vault.h"

struct bench {
	enum protkey_bench_what what;
	unsigned int size;
	struct pk_slot *slot;		/* XTS: a key made for it */
	u8 *buf;
};

static int run_xts(struct bench *b, u64 *cycles)
{
	u8 iv[16] = { };
	u64 start;
	int ret;

	start = rdtsc_ordered();
	ret = pk_cipher_section(PK_MODE_XTS, b->slot, false, iv, b->buf, b->buf,
				b->size, 1ULL << PK_XTS_FIRST_BIT);
	*cycles = rdtsc_ordered() - start;
	/* this CPU's half is wrong: not what we measure */
	return ret == -EAGAIN ? -EIO : ret;
}

static u64 run_load(bool load)
{
	u64 start, end;

	kernel_fpu_begin();
	start = rdtsc_ordered();
	if (load)
		pk_x_dr_touch();
	end = rdtsc_ordered();
	kernel_fpu_end();
	return end - start;
}

static u64 run_fpu(void)
{
	u64 start, end;

	start = rdtsc_ordered();
	kernel_fpu_begin();
	kernel_fpu_end();
	end = rdtsc_ordered();
	return end - start;
}

static int run_once(struct bench *b, u64 *cycles)
{
	switch (b->what) {
	case PROTKEY_BENCH_DEBUG_REGISTERS:
		*cycles = run_load(true);
		return 0;
	case PROTKEY_BENCH_FPU:
		*cycles = run_fpu();
		return 0;
	case PROTKEY_BENCH_XTS_256:
		return run_xts(b, cycles);
	}
	return -EINVAL;
}

static int compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

/* What taking the time costs: the least of a few tries. */
static u64 cost_of_time(void)
{
	u64 least = U64_MAX;
	unsigned int i;

	for (i = 0; i < 64; i++)
		least = min(least, run_load(false));
	return least;
}

static int take_samples(struct bench *b, u32 *samples, unsigned int count)
{
	u64 empty = cost_of_time(), cycles;
	unsigned int i;
	int ret;

	/* the first run finds cold caches */
	ret = run_once(b, &cycles);
	for (i = 0; i < count && !ret; i++) {
		ret = run_once(b, &cycles);
		cycles -= min(cycles, empty);
		samples[i] = min_t(u64, cycles, U32_MAX);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return ret;
}

static int make_key(struct bench *b)
{
	b->slot = pk_slot_alloc();
	if (!b->slot)
		return -ENOMEM;
	pk_slot_set_header(b->slot, PROTKEY_KEY_XTS_256, 64);
	return pk_op_generate(b->slot, 64);
}

int pk_bench(struct protkey_bench *bench)
{
	unsigned int count = bench->samples;
	struct bench b = { .what = bench->what, .size = bench->size };
	u32 *samples;
	int ret = 0;

	samples = kmalloc_array(count, sizeof(*samples), GFP_KERNEL);
	b.buf = kzalloc(PK_SECTION_MAX, GFP_KERNEL);
	if (!samples || !b.buf)
		ret = -ENOMEM;
	if (!ret && b.what == PROTKEY_BENCH_XTS_256)
		ret = make_key(&b);
	if (!ret)
		ret = take_samples(&b, samples, count);
	if (!ret) {
		sort(samples, count, sizeof(*samples), compare, NULL);
		bench->cycles_min = samples[0];
		bench->cycles_median = samples[count / 2];
		bench->cycles_p99 = samples[count - 1 - count / 100];
		bench->tsc_khz = tsc_khz;
	}
	pk_slot_free(b.slot);
	kfree(b.buf);
	kfree(samples);
	return ret;
}
