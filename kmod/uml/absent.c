// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a real machine has and User-Mode Linux has not: hypervisors, panic with
 * debug registers, suspend, administrators' certificates, a TPM.  In place of tamper.c,
 * power.c, bench.c, admin.c, ioctl_admin.c, ioctl_person.c, measured.c and
 * ioctl_measured.c, for scripts/bench.
 */

#include <linux/errno.h>
#include <linux/types.h>

#include "admin.h"
#include "bench.h"
#include "control.h"
#include "measured.h"
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

/* ---- a domain of the bench is one person's -------------------------------- */

void pk_act_make(struct pk_act *act, enum protkey_command command,
		 const u8 *pattern, unsigned int slot, u32 detail)
{
}

int pk_admin_may(struct pk_domain *d, const struct pk_act *act)
{
	return 0;
}

int pk_admin_begin(struct pk_domain *d, enum protkey_command command,
		   const u8 *pattern, unsigned int slot, u32 detail)
{
	return pk_domain_lock_unlocked(d);
}

void pk_admin_end(struct pk_domain *d, int ret)
{
	mutex_unlock(&d->lock);
}

unsigned int pk_admin_needed(const struct pk_domain *d,
			     enum protkey_command command)
{
	return 0;
}

unsigned int pk_admin_count(const struct pk_domain *d)
{
	return 0;
}

long pk_ioctl_person_set(struct pk_file *f, void __user *arg)
{
	return -EOPNOTSUPP;
}

long pk_ioctl_person_remove(struct pk_file *f, void __user *arg)
{
	return -EOPNOTSUPP;
}

long pk_ioctl_person_login(struct pk_file *f, void __user *arg)
{
	return -EOPNOTSUPP;
}

long pk_ioctl_person_agree(struct pk_file *f)
{
	return -EOPNOTSUPP;
}

long pk_ioctl_admin(struct pk_domain *d, unsigned int cmd, void __user *arg)
{
	return -EOPNOTSUPP;
}

/* ---- and no TPM has measured its boot -------------------------------------- */

int pk_measured_judge(const struct pk_sealed_header *header,
		      struct pk_challenge *challenge)
{
	return pk_sealed_find_measured(header) ? -EOPNOTSUPP : 0;
}

const char *pk_measured_words(const struct pk_challenge *challenge, long ret)
{
	return "";
}

struct pk_challenge *pk_challenge_take(struct pk_file *f)
{
	return NULL;
}

long pk_ioctl_nonce(struct pk_file *f, void __user *arg)
{
	return -EOPNOTSUPP;
}

long pk_ioctl_quote(struct pk_file *f, void __user *arg)
{
	return -EOPNOTSUPP;
}

long pk_ioctl_measured_set(struct pk_domain *d, void __user *arg)
{
	return -EOPNOTSUPP;
}
