// SPDX-License-Identifier: GPL-2.0-only
/* The vault: see vault.h. */

#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/fpu/api.h>

#include "audit.h"
#include "compat/compat.h"
#include "vault.h"
#include "x86/isa.h"

#define HALF_WORDS	4
#define REPAIR_TRIES	200	/* x 100 us: a CPU may be inside a section */
#define HOTPLUG_TRIES	1000	/* x 10 ms */
#define OP_TRIES	3

static const struct pk_vault_ops *const vault_ops =
	IS_ENABLED(CONFIG_UML) ? &pk_vault_memory : &pk_vault_debugreg;
static struct pk_slot *wk_slot;
struct pk_wk *pk_wk;

/* Serializes everything that writes registers, share or epoch. */
static DEFINE_MUTEX(vault_mutex);
static u64 vault_last_epoch;
static bool vault_lost, vault_suspended;
static bool vault_dead;		/* panic or reboot: never again */
/* A CPU that should have its half was found without. */
static bool vault_suspect;
static enum cpuhp_state vault_hp_state;
/* CPUs that were given their half: a mismatch elsewhere is no tamper. */
static cpumask_t vault_ready;

static atomic64_t stat_mismatches, stat_repairs, stat_losses;

/*
 * The one place where the half passes through memory, on its way to a CPU.
 * Under vault_mutex (or in the hotplug callback, which excludes the others by
 * the hotplug lock), wiped at once.
 */
static u64 half_transfer[HALF_WORDS];

const char *pk_vault_name(void)
{
	return vault_ops->name;
}

int pk_vault_errno(int x)
{
	switch (x) {
	case PK_X_OK:
		return 0;
	case PK_X_STALE:
		return -ENOKEY;
	case PK_X_BAD:
		return -EKEYREJECTED;
	case PK_X_EMPTY:
		return -EAGAIN;
	default:
		return -EIO;
	}
}

/* ---- one CPU, by function call ------------------------------------------ */

enum cpu_verdict { CPU_HAS_HALF, CPU_LOST_HALF, CPU_BUSY };

static void cpu_check(void *arg)
{
	enum cpu_verdict *verdict = arg;

	/* the interrupted context may be inside a section: ask again later */
	if (!irq_fpu_usable()) {
		*verdict = CPU_BUSY;
		return;
	}
	kernel_fpu_begin();
	*verdict = pk_x_check(pk_wk) ? CPU_LOST_HALF : CPU_HAS_HALF;
	kernel_fpu_end();
}

static void cpu_read_half(void *arg)
{
	vault_ops->read(half_transfer);
}

static void cpu_write_half(void *arg)
{
	vault_ops->write(half_transfer);
	cpumask_set_cpu(smp_processor_id(), &vault_ready);
}

static void cpu_clear_half(void *arg)
{
	static const u64 zero[HALF_WORDS];

	cpumask_clear_cpu(smp_processor_id(), &vault_ready);
	vault_ops->write(zero);
}

static enum cpu_verdict cpu_ask(unsigned int cpu)
{
	enum cpu_verdict verdict = CPU_BUSY;
	unsigned int i;

	for (i = 0; i < REPAIR_TRIES; i++) {
		if (smp_call_function_single(cpu, cpu_check, &verdict, 1))
			return CPU_LOST_HALF;	/* went offline */
		if (verdict != CPU_BUSY)
			break;
		usleep_range(50, 150);
	}
	return verdict;
}

/* A CPU that still has its half, or nr_cpu_ids.  Others go to @lost. */
static unsigned int find_donor(struct cpumask *lost, unsigned int except)
{
	unsigned int cpu, donor = nr_cpu_ids;

	for_each_online_cpu(cpu) {
		if (cpu == except)
			continue;
		switch (cpu_ask(cpu)) {
		case CPU_HAS_HALF:
			donor = cpu;
			break;
		case CPU_LOST_HALF:
			cpumask_set_cpu(cpu, lost);
			break;
		case CPU_BUSY:
			break;
		}
	}
	return donor;
}

/* ---- loss, wipe, renewal ------------------------------------------------ */

void pk_vault_wipe_now(void)
{
	if (!pk_wk)
		return;
	WRITE_ONCE(vault_dead, true);
	WRITE_ONCE(pk_wk->epoch, 0);
	/* sections test the epoch after they loaded the share */
	smp_wmb();
	memzero_explicit(pk_wk->share, sizeof(pk_wk->share));
}

/* Caller holds vault_mutex and the hotplug lock. */
static void wipe_locked(void)
{
	WRITE_ONCE(pk_wk->epoch, 0);
	synchronize_rcu();
	memzero_explicit(pk_wk->share, sizeof(pk_wk->share));
	memzero_explicit(pk_wk->check, sizeof(pk_wk->check));
	on_each_cpu(cpu_clear_half, NULL, 1);
}

void pk_vault_wipe(bool suspended)
{
	cpus_read_lock();
	mutex_lock(&vault_mutex);
	vault_suspended = suspended;
	wipe_locked();
	if (suspended)
		pk_arena_set_hidden(false);
	mutex_unlock(&vault_mutex);
	cpus_read_unlock();
}

/* Caller holds vault_mutex and the hotplug lock. */
static int renew_locked(void)
{
	int x;

	get_random_bytes(half_transfer, sizeof(half_transfer));
	kernel_fpu_begin();
	x = pk_x_dr_generate((u8 *)half_transfer, pk_isa_rng());
	kernel_fpu_end();
	if (x)
		goto out;
	get_random_bytes(pk_wk->share, sizeof(pk_wk->share));
	/*
	 * Written and used without preemption in between: a guest of KVM could
	 * leave its own values, and they would become the vault's.
	 */
	kernel_fpu_begin();
	cpu_write_half(NULL);
	x = pk_x_make_check(pk_wk);
	kernel_fpu_end();
	if (x)
		goto out;
	on_each_cpu(cpu_write_half, NULL, 1);
	vault_lost = false;
	smp_store_release(&pk_wk->epoch, ++vault_last_epoch);
	smp_mb();
	if (READ_ONCE(vault_dead))	/* a panic or reboot came meanwhile */
		pk_vault_wipe_now();
out:
	memzero_explicit(half_transfer, sizeof(half_transfer));
	return pk_vault_errno(x);
}

int pk_vault_renew(void)
{
	int ret = 0;

	cpus_read_lock();
	mutex_lock(&vault_mutex);
	if (!pk_wk->epoch)
		ret = vault_suspended || READ_ONCE(vault_dead) ?
		      -ENOKEY : renew_locked();
	mutex_unlock(&vault_mutex);
	cpus_read_unlock();
	return ret;
}

int pk_vault_resume(void)
{
	pk_arena_set_hidden(true);
	mutex_lock(&vault_mutex);
	vault_suspended = false;
	mutex_unlock(&vault_mutex);
	return pk_vault_renew();
}

/* ---- repair ------------------------------------------------------------- */

void pk_vault_note_mismatch(unsigned int cpu)
{
	if (!cpumask_test_cpu(cpu, &vault_ready))
		return;
	atomic64_inc(&stat_mismatches);
	WRITE_ONCE(vault_suspect, true);
	pk_audit_vault(false);
}

int pk_vault_repair_suspect(void)
{
	/* cleared first: a mismatch during the repair sets it again */
	int ret = xchg(&vault_suspect, false) ? pk_vault_repair() : 0;

	if (ret == -EBUSY || ret == -EAGAIN)
		WRITE_ONCE(vault_suspect, true);	/* next time */
	return ret;
}

/* Caller holds vault_mutex and the hotplug lock. */
static int repair_locked(void)
{
	static cpumask_t lost;
	unsigned int cpu, donor;

	cpumask_clear(&lost);
	donor = find_donor(&lost, nr_cpu_ids);
	if (donor >= nr_cpu_ids) {
		/* a busy CPU is inside a section and may yet be a donor */
		if (cpumask_weight(&lost) < num_online_cpus())
			return -EAGAIN;
		pr_crit("no CPU holds its half of the wrapping key any more: all domains are locked. Unlock them with `protkey domain unlock`\n");
		atomic64_inc(&stat_losses);
		pk_audit_vault(true);
		vault_lost = true;
		wipe_locked();
		return -ENOKEY;
	}
	if (cpumask_empty(&lost))
		return 0;
	if (smp_call_function_single(donor, cpu_read_half, NULL, 1))
		return -EAGAIN;
	for_each_cpu(cpu, &lost) {
		if (cpumask_test_cpu(cpu, &vault_ready)) {
			atomic64_inc(&stat_repairs);
			pk_audit_vault(false);
			pr_warn_ratelimited("CPU %u: debug registers were overwritten; repaired from CPU %u\n",
					    cpu, donor);
		}
		smp_call_function_single(cpu, cpu_write_half, NULL, 1);
	}
	memzero_explicit(half_transfer, sizeof(half_transfer));
	return 0;
}

int pk_vault_repair(void)
{
	int ret = -ENOKEY;

	/* never wait for hotplug: it may be waiting for our I/O */
	if (!cpus_read_trylock())
		return -EBUSY;
	mutex_lock(&vault_mutex);
	if (pk_wk->epoch)
		ret = repair_locked();
	mutex_unlock(&vault_mutex);
	cpus_read_unlock();
	return ret;
}

int pk_vault_repair_wait(void)
{
	unsigned int i;
	int ret;

	for (i = 0; i < HOTPLUG_TRIES; i++) {
		ret = pk_vault_repair();
		if (ret != -EBUSY)
			break;
		msleep(10);
	}
	return ret;
}

/* ---- CPU hotplug -------------------------------------------------------- */

/*
 * Runs on the new CPU, under the hotplug lock.  The donor may itself have been
 * overwritten a moment ago: the new CPU is then repaired like any other.
 */
static int hp_online(unsigned int cpu)
{
	static cpumask_t lost;
	unsigned int donor;
	int ret = vault_ops->reserve_cpu(cpu);

	if (ret)
		return ret;
	if (!pk_vault_epoch())
		return 0;
	donor = find_donor(&lost, cpu);
	if (donor >= nr_cpu_ids ||
	    smp_call_function_single(donor, cpu_read_half, NULL, 1))
		return 0;
	preempt_disable();
	cpu_write_half(NULL);
	preempt_enable();
	memzero_explicit(half_transfer, sizeof(half_transfer));
	return 0;
}

static int hp_offline(unsigned int cpu)
{
	preempt_disable();
	cpu_clear_half(NULL);
	preempt_enable();
	return 0;
}

/* ---- operations --------------------------------------------------------- */

/* One section; on a mismatch repair and try again. */
#define VAULT_OP(call) ({						\
	int __x, __try = 0;						\
									\
	for (;;) {							\
		unsigned int __cpu;					\
									\
		kernel_fpu_begin();					\
		__x = (call);						\
		__cpu = smp_processor_id();				\
		if (__x == PK_X_MISMATCH)				\
			pk_vault_note_mismatch(__cpu);			\
		kernel_fpu_end();					\
		if (__x != PK_X_MISMATCH || ++__try == OP_TRIES)	\
			break;						\
		if (pk_vault_repair_wait() == -ENOKEY) {		\
			__x = PK_X_STALE;	/* lost */		\
			break;						\
		}							\
	}								\
	pk_vault_errno(__x);						\
})

/*
 * The epoch is read before the section: if the vault changes in between, the
 * slot is published under an old epoch, which no section accepts.
 */
#define VAULT_FILL(dst, call) ({					\
	u64 __epoch = pk_vault_epoch();					\
	int __ret = __epoch ? VAULT_OP(call) : -ENOKEY;			\
									\
	if (!__ret)							\
		pk_slot_publish(dst, __epoch);				\
	__ret;								\
})

int pk_op_import(struct pk_slot *dst, const u8 *clear64)
{
	return VAULT_FILL(dst, pk_x_import(pk_wk, dst, clear64));
}

int pk_op_generate(struct pk_slot *dst, unsigned int size)
{
	u8 rnd[64], mask[64] = { };
	int ret;

	memset(mask, 0xff, min_t(unsigned int, size, sizeof(mask)));
	get_random_bytes(rnd, sizeof(rnd));
	ret = VAULT_FILL(dst, pk_x_generate(pk_wk, dst, rnd, mask,
					    pk_isa_rng()));
	memzero_explicit(rnd, sizeof(rnd));
	return ret;
}

int pk_op_xor(const struct pk_slot *a, const struct pk_slot *b,
	      struct pk_slot *dst)
{
	return VAULT_FILL(dst, pk_x_xor(pk_wk, a, b, dst));
}

int pk_op_derive(const struct pk_slot *key, struct pk_slot *dst, const u8 *msg,
		 unsigned int blocks, unsigned int flags)
{
	return VAULT_FILL(dst, pk_x_derive(pk_wk, key, dst, msg, blocks, flags));
}

int pk_op_unwrap(const struct pk_slot *key, struct pk_slot *dst, const u8 *in72)
{
	return VAULT_FILL(dst, pk_x_kwp_unwrap(pk_wk, key, dst, in72));
}

int pk_op_cmac(const struct pk_slot *key, const u8 *msg, unsigned int blocks,
	       unsigned int flags, u8 *out16)
{
	return VAULT_OP(pk_x_cmac(pk_wk, key, msg, blocks, flags, out16));
}

int pk_op_pattern(const struct pk_slot *key, const u8 *first16,
		  const u8 *last16, u8 *out16)
{
	return VAULT_OP(pk_x_pattern(pk_wk, key, first16, last16, out16));
}

int pk_op_halves(const struct pk_slot *key, unsigned int half)
{
	return VAULT_OP(pk_x_halves(pk_wk, key, half));
}

int pk_op_hmac(const struct pk_slot *key, enum pk_hash hash, const u8 *msg,
	       unsigned int len, u8 *mac)
{
	u64 flags = BIT_ULL(PK_HMAC_FIRST_BIT) | BIT_ULL(PK_HMAC_LAST_BIT);
	u8 block[64] = { };
	struct pk_hmac h = { .tail = block, .tail_len = sizeof(block) };
	int ret;

	/* both hashes have blocks of 64 bytes; that of the key is hashed before */
	if (WARN_ON_ONCE(len > 55 || hash == PK_HASH_SHA512))
		return -EINVAL;
	memcpy(block, msg, len);
	block[len] = 0x80;
	put_unaligned_be64((sizeof(block) + len) * 8, block + 56);
	memcpy(h.nonce, key->nonce, sizeof(h.nonce));
	ret = VAULT_OP(pk_isa.hmac[hash](pk_wk, key, &h, block, flags));
	memcpy(mac, h.mac, sizeof(h.mac));
	memzero_explicit(&h, sizeof(h));
	memzero_explicit(block, sizeof(block));
	return ret;
}

int pk_op_wrap(const struct pk_slot *key, const struct pk_slot *payload,
	       u8 *out72)
{
	return VAULT_OP(pk_x_kwp_wrap(pk_wk, key, payload, out72));
}

/* ---- life --------------------------------------------------------------- */

void pk_vault_stat(struct pk_vault_stat *stat)
{
	stat->lost = vault_lost;
	stat->suspended = vault_suspended;
	stat->cpus_ready = cpumask_weight(&vault_ready);
	stat->mismatches = atomic64_read(&stat_mismatches);
	stat->repairs = atomic64_read(&stat_repairs);
	stat->losses = atomic64_read(&stat_losses);
}

int pk_vault_init(void)
{
	int ret;

	wk_slot = pk_slot_alloc();
	if (!wk_slot)
		return -ENOMEM;
	memset(wk_slot, 0, sizeof(*wk_slot));
	pk_wk = (struct pk_wk *)wk_slot;
	ret = vault_ops->init();
	if (ret)
		goto free_slot;
	/* before the key exists, so that no CPU comes without its half */
	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "protkey:vault",
				hp_online, hp_offline);
	if (ret < 0)
		goto exit_ops;
	vault_hp_state = ret;
	ret = pk_vault_renew();
	if (ret)
		goto remove_hp;
	return 0;

remove_hp:
	cpuhp_remove_state(vault_hp_state);
exit_ops:
	vault_ops->exit();
free_slot:
	pk_slot_free(wk_slot);
	pk_wk = NULL;
	return ret;
}

void pk_vault_exit(void)
{
	pk_vault_wipe(false);
	cpuhp_remove_state(vault_hp_state);
	vault_ops->exit();
	pk_slot_free(wk_slot);
	pk_wk = NULL;
}
