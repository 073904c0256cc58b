// SPDX-License-Identifier: GPL-2.0-only
/* The control node: status, create, unlock, list, delete. */

#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>

#include "admin.h"
#include "audit.h"
#include "bench.h"
#include "control.h"
#include "domain.h"
#include "person.h"
#include "measured.h"
#include "queue.h"
#include "state.h"
#include "tamper.h"
#include "x86/isa.h"

bool pk_may_administer(void)
{
	return ns_capable(&init_user_ns, CAP_SYS_ADMIN);
}

void pk_wipe_user(void __user *at, size_t size)
{
	if (clear_user(at, size))
		pr_debug("the caller's secrets could not be wiped\n");
}

static bool terminated(const char *name)
{
	return strnlen(name, PROTKEY_NAME_SIZE) < PROTKEY_NAME_SIZE;
}

static u32 status_flags(const struct pk_vault_stat *vault)
{
	u32 flags = 0;

	if (pk_vault_epoch())
		flags |= PROTKEY_STATUS_VAULT_READY;
	if (vault->lost)
		flags |= PROTKEY_STATUS_VAULT_LOST;
	if (vault->suspended)
		flags |= PROTKEY_STATUS_SUSPENDED;
	if (boot_cpu_has(X86_FEATURE_HYPERVISOR))
		flags |= PROTKEY_STATUS_HYPERVISOR;
	if (pk_tamper_kvm_loaded())
		flags |= PROTKEY_STATUS_KVM_LOADED;
	if (IS_ENABLED(PK_LEAKTEST))
		flags |= PROTKEY_STATUS_LEAKTEST;
	return flags;
}

static long ioctl_status(void __user *arg)
{
	struct protkey_status status = { .abi = PROTKEY_ABI_VERSION };
	struct pk_domains_stat domains;
	struct pk_arena_stat arena;
	struct pk_vault_stat vault;

	pk_vault_stat(&vault);
	pk_domains_stat(&domains);
	pk_arena_stat(&arena);
	status.flags = status_flags(&vault);
	status.epoch = pk_vault_epoch();
	status.domains = domains.domains;
	status.domains_unlocked = domains.unlocked;
	status.keys = domains.keys;
	status.requests_queued = pk_queue_count();
	status.mismatches = vault.mismatches;
	status.repairs = vault.repairs;
	status.losses = vault.losses;
	status.slots_used = arena.used;
	status.slots_total = arena.total;
	status.cpus_ready = vault.cpus_ready;
	strscpy(status.level, pk_isa.name, sizeof(status.level));
	strscpy(status.vault, pk_vault_name(), sizeof(status.vault));
	return copy_to_user(arg, &status, sizeof(status)) ? -EFAULT : 0;
}

/* Our copy and, whatever the outcome, the caller's. */
static void wipe_kek(u8 *kek, void __user *arg, size_t offset)
{
	memzero_explicit(kek, PROTKEY_KEK_SIZE);
	pk_wipe_user(arg + offset, PROTKEY_KEK_SIZE);
}

static long domain_create(struct protkey_domain_create *req)
{
	struct pk_domain *d;
	void *state;
	long ret;

	if (req->reserved || !terminated(req->name))
		return -EINVAL;
	/* the first slot is one that a person opens on any machine */
	if (req->seal.kind != PROTKEY_SEAL_PASSPHRASE ||
	    !pk_seal_params_valid(&req->seal))
		return -EINVAL;
	if (req->state_size < PK_STATE_NEW_SIZE) {
		req->state_size = PK_STATE_NEW_SIZE;
		return -ENOSPC;
	}
	d = pk_domain_create(req->name, req->kek, &req->seal);
	if (IS_ERR(d))
		return PTR_ERR(d);
	mutex_lock(&d->lock);
	memcpy(req->uuid, d->uuid, sizeof(req->uuid));
	memcpy(req->pattern, d->mk[PROTKEY_MK_CURRENT].pattern,
	       sizeof(req->pattern));
	mutex_unlock(&d->lock);
	state = pk_state_copy(d, req->state_size, &req->state_size);
	if (IS_ERR(state))
		ret = PTR_ERR(state);
	else if (copy_to_user(u64_to_user_ptr(req->state_ptr), state,
			      req->state_size))
		ret = -EFAULT;
	if (!IS_ERR(state))
		kvfree(state);
	/* a master key that nobody can ever open again is of no use */
	if (ret)
		pk_domain_delete(d, false);
	else
		pk_audit_unlocked(PROTKEY_AUDIT_CREATE, d);
	pk_domain_put(d);
	return ret;
}

static long ioctl_domain_create(void __user *arg)
{
	struct protkey_domain_create *req;
	long ret;

	if (!pk_may_administer())
		return pk_audit(PROTKEY_AUDIT_CREATE, "", -EACCES, "%s", "");
	req = memdup_user(arg, sizeof(*req));
	if (IS_ERR(req))
		return PTR_ERR(req);
	ret = domain_create(req);
	if (ret)
		pk_audit(PROTKEY_AUDIT_CREATE, "", ret, "%.*s",
			 pk_name_valid(req->name) ? PROTKEY_NAME_SIZE : 0,
			 req->name);
	wipe_kek(req->kek, arg, offsetof(typeof(*req), kek));
	if ((!ret || ret == -ENOSPC) && copy_to_user(arg, req, sizeof(*req)))
		ret = -EFAULT;
	kfree_sensitive(req);
	return ret;
}

/* The name is the state's own word: nobody has vouched for it. */
static void note_unlock_refused(const void *state, size_t size, unsigned int slot,
				const struct pk_unlock *by, long ret)
{
	const char *words = pk_measured_words(by->challenge, ret);
	const struct pk_sealed_header *header;
	bool named = !pk_sealed_parse(state, size, &header);

	pk_audit(PROTKEY_AUDIT_UNLOCK, named ? (const char *)header->name : "", ret,
		 "slot %u%s%s%s%s", slot, *words ? ", measured boot: " : "", words,
		 by->login && by->login->reserved ? ", person " : "",
		 by->login && by->login->reserved ? by->login->name : "");
}

static long domain_unlock(struct protkey_domain_unlock *req, struct pk_unlock *by)
{
	struct pk_domain *d;
	void *state;

	if (req->reserved)
		return -EINVAL;
	if (req->state_size > PROTKEY_STATE_MAX)
		return -EBADMSG;
	state = vmemdup_user(u64_to_user_ptr(req->state_ptr), req->state_size);
	if (IS_ERR(state))
		return PTR_ERR(state);
	d = pk_domain_unlock(state, req->state_size, req->slot, req->kek, by,
			     &req->keys_prepared);
	if (IS_ERR(d))
		note_unlock_refused(state, req->state_size, req->slot, by,
				    PTR_ERR(d));
	kvfree(state);
	if (IS_ERR(d))
		return PTR_ERR(d);
	memcpy(req->name, d->name, sizeof(req->name));
	memcpy(req->uuid, d->uuid, sizeof(req->uuid));
	pk_audit_unlocked(PROTKEY_AUDIT_UNLOCK, d);
	if (by->login && by->login->reserved)
		pk_audit(PROTKEY_AUDIT_LOGIN, d->name, 0, "person %s, to unlock",
			 by->login->name);
	pk_domain_put(d);
	return 0;
}

static long ioctl_domain_unlock(struct pk_file *f, void __user *arg)
{
	struct protkey_domain_unlock *req;
	struct pk_unlock by;
	long ret;

	if (!pk_may_administer())
		return pk_audit(PROTKEY_AUDIT_UNLOCK, "", -EACCES, "%s", "");
	req = memdup_user(arg, sizeof(*req));
	if (IS_ERR(req))
		return PTR_ERR(req);
	/* taken once, but not by a KEK that opens nothing */
	by.login = xchg(&f->unlock_login, NULL);
	/* a nonce is good for one try, whatever comes of it */
	by.challenge = pk_challenge_take(f);
	ret = domain_unlock(req, &by);
	if (!by.login || by.login->reserved ||
	    cmpxchg(&f->unlock_login, NULL, by.login))
		kfree_sensitive(by.login);
	kfree(by.challenge);
	wipe_kek(req->kek, arg, offsetof(typeof(*req), kek));
	if (!ret && copy_to_user(arg, req, sizeof(*req)))
		ret = -EFAULT;
	kfree_sensitive(req);
	return ret;
}

static long ioctl_domain_list(void __user *arg)
{
	struct protkey_domain_list req;
	struct pk_domain *d;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.reserved)
		return -EINVAL;
	d = pk_domain_nth(req.index);
	if (!d)
		return -ENOENT;
	pk_domain_info(d, &req.info);
	pk_domain_put(d);
	return copy_to_user(arg, &req, sizeof(req)) ? -EFAULT : 0;
}

/* By its administrators, or by two operators. */
static int may_destroy_locked(struct pk_domain *d, const struct pk_act *act)
{
	if (d->persons && pk_person_agreed(d))
		return 0;
	if (d->persons && !(pk_admin_count(d) && pk_admin_needed(d, act->command)))
		return -EPERM;
	return pk_admin_may(d, act);
}

/* Also of a domain that is locked: its administrators are those it had then. */
static int may_destroy(struct pk_domain *d)
{
	struct pk_act *act = kmalloc(sizeof(*act), GFP_KERNEL);
	int ret;

	if (!act)
		return -ENOMEM;
	pk_act_make(act, PROTKEY_COMMAND_DESTROY, NULL, 0, 0);
	mutex_lock(&d->lock);
	ret = may_destroy_locked(d, act);
	mutex_unlock(&d->lock);
	kfree(act);
	return ret;
}

static long domain_delete(void __user *arg, struct protkey_domain_name *req,
			  bool force)
{
	struct pk_domain *d;
	long ret;

	if (!pk_may_administer())
		return -EACCES;
	if (copy_from_user(req, arg, sizeof(*req)))
		return -EFAULT;
	if (!terminated(req->name))
		return -EINVAL;
	d = pk_domain_find(req->name);
	if (!d)
		return -ENOENT;
	ret = may_destroy(d) ?: pk_domain_delete(d, force);
	pk_domain_put(d);
	return ret;
}

static long ioctl_domain_delete(void __user *arg, bool force)
{
	struct protkey_domain_name req = { };
	long ret = domain_delete(arg, &req, force);

	return pk_audit(force ? PROTKEY_AUDIT_ZEROIZE : PROTKEY_AUDIT_DELETE,
			pk_name_valid(req.name) ? req.name : "", ret, "%s", "");
}

static long ioctl_bench(void __user *arg)
{
	struct protkey_bench req;
	bool sized;
	long ret;

	if (!pk_may_administer())
		return -EACCES;
	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	sized = req.what == PROTKEY_BENCH_XTS_256;
	if (req.what > PROTKEY_BENCH_XTS_256 || req.reserved0 ||
	    memchr_inv(req.reserved, 0, sizeof(req.reserved)) ||
	    !req.samples || req.samples > PROTKEY_BENCH_SAMPLES_MAX ||
	    !sized != !req.size || req.size % 16 || req.size > 4096)
		return -EINVAL;
	ret = pk_bench(&req);
	if (!ret && copy_to_user(arg, &req, sizeof(req)))
		ret = -EFAULT;
	return ret;
}

long pk_ioctl_control(struct pk_file *f, unsigned int cmd, void __user *arg)
{
	switch (cmd) {
	case PROTKEY_IOC_STATUS:
		return ioctl_status(arg);
	case PROTKEY_IOC_DOMAIN_CREATE:
		return ioctl_domain_create(arg);
	case PROTKEY_IOC_DOMAIN_UNLOCK:
		return ioctl_domain_unlock(f, arg);
	case PROTKEY_IOC_DOMAIN_LIST:
		return ioctl_domain_list(arg);
	case PROTKEY_IOC_DOMAIN_DELETE:
		return ioctl_domain_delete(arg, false);
	case PROTKEY_IOC_DOMAIN_ZEROIZE:
		return ioctl_domain_delete(arg, true);
	case PROTKEY_IOC_BENCH:
		return ioctl_bench(arg);
	case PROTKEY_IOC_PERSON_LOGIN:
		return pk_ioctl_person_login(f, arg);
	case PROTKEY_IOC_NONCE:
		return pk_ioctl_nonce(f, arg);
	case PROTKEY_IOC_QUOTE:
		return pk_ioctl_quote(f, arg);
	case PROTKEY_IOC_AUDIT_READ:
		return pk_ioctl_audit_read(NULL, arg);
	case PROTKEY_IOC_AUDIT_NOTE:
		return pk_ioctl_audit_note(arg);
	default:
		return -ENOTTY;
	}
}
