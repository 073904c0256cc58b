// SPDX-License-Identifier: GPL-2.0-only
/* What unlocking wants of a boot: nonce and quote, and the demand itself. */

#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "audit.h"
#include "control.h"
#include "measured.h"
#include "seal.h"

/* ---- nonce and quote: of the control node --------------------------------- */

struct pk_challenge *pk_challenge_take(struct pk_file *f)
{
	return xchg(&f->challenge, NULL);
}

/* In place of one that another thread brought meanwhile. */
static void put_challenge(struct pk_file *f, struct pk_challenge *challenge)
{
	kfree(xchg(&f->challenge, challenge));
}

long pk_ioctl_nonce(struct pk_file *f, void __user *arg)
{
	struct pk_challenge *challenge;

	if (!pk_may_administer())
		return -EACCES;
	challenge = kzalloc(sizeof(*challenge), GFP_KERNEL);
	if (!challenge)
		return -ENOMEM;
	get_random_bytes(challenge->nonce, sizeof(challenge->nonce));
	challenge->until = ktime_get_boottime_seconds() + PROTKEY_NONCE_SECONDS;
	if (copy_to_user(arg, challenge->nonce, sizeof(challenge->nonce))) {
		kfree(challenge);
		return -EFAULT;
	}
	put_challenge(f, challenge);
	return 0;
}

static bool size_ok(u32 size)
{
	return size && size <= PROTKEY_QUOTE_MAX;
}

static int get_quote(struct pk_challenge *challenge, const struct protkey_quote *req)
{
	if (copy_from_user(challenge->attest, u64_to_user_ptr(req->attest_ptr),
			   req->attest_size) ||
	    copy_from_user(challenge->signature, u64_to_user_ptr(req->signature_ptr),
			   req->signature_size))
		return -EFAULT;
	challenge->attest_size = req->attest_size;
	challenge->signature_size = req->signature_size;
	return 0;
}

long pk_ioctl_quote(struct pk_file *f, void __user *arg)
{
	struct pk_challenge *challenge;
	struct protkey_quote req;
	long ret;

	if (!pk_may_administer())
		return -EACCES;
	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (!size_ok(req.attest_size) || !size_ok(req.signature_size))
		return -EINVAL;
	challenge = pk_challenge_take(f);
	if (!challenge)
		return -ENODATA;
	ret = get_quote(challenge, &req);
	if (ret) {
		kfree(challenge);
		return ret;
	}
	/* what is missing is told by the unlock that wants it */
	pk_measured_prepare(challenge);
	put_challenge(f, challenge);
	return 0;
}

/* ---- the demand: of a domain's node --------------------------------------- */

int pk_ioctl_measured_act(struct pk_act *act, u64 measured_ptr)
{
	struct protkey_measured *m;
	int ret;

	m = memdup_user(u64_to_user_ptr(measured_ptr), sizeof(*m));
	if (IS_ERR(m))
		return PTR_ERR(m);
	ret = pk_measured_valid(m);
	if (!ret)
		ret = pk_act_measured(act, m);
	kfree(m);
	return ret;
}

static int set(struct pk_domain *d, const struct protkey_measured_set *req,
	       struct pk_act *act)
{
	int ret;

	if (!pk_may_administer())
		return -EACCES;
	if (req->reserved)
		return -EINVAL;
	ret = pk_measured_valid(&req->measured) ?:
	      pk_act_measured(act, &req->measured) ?: pk_domain_lock_unlocked(d);
	if (ret)
		return ret;
	ret = pk_admin_may_or_kek(d, act, req->slot, req->kek) ?:
	      pk_measured_set(d, &req->measured);
	pk_admin_end(d, ret);
	return ret;
}

long pk_ioctl_measured_set(struct pk_domain *d, void __user *arg)
{
	struct protkey_measured_set *req;
	struct pk_act *act;
	long ret;

	req = memdup_user(arg, sizeof(*req));
	if (IS_ERR(req))
		return PTR_ERR(req);
	act = kmalloc(sizeof(*act), GFP_KERNEL);
	ret = act ? set(d, req, act) : -ENOMEM;
	kfree(act);
	pk_audit(PROTKEY_AUDIT_MEASURED, d->name, ret, "PCRs 0x%x, %u accepted",
		 req->measured.pcrs, req->measured.count);
	kfree_sensitive(req);
	pk_wipe_user(arg + offsetof(typeof(*req), kek), PROTKEY_KEK_SIZE);
	return ret;
}
