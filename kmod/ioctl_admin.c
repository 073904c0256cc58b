// SPDX-License-Identifier: GPL-2.0-only
/* A domain's node: its administrators, and what they sign. */

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "admin.h"
#include "audit.h"
#include "control.h"
#include "person.h"
#include "measured.h"
#include "seal.h"
#include "state.h"

#define SIGNATURE_MAX	16384

/* ---- lists of administrators ---------------------------------------------- */

static void admins_free(struct pk_admins *admins)
{
	unsigned int i;

	for (i = 0; i < admins->count; i++)
		kfree(admins->cert[i]);
}

static int admins_get(const struct protkey_admin_list *list,
		      struct pk_admins *admins)
{
	struct protkey_admin_cert certs[PROTKEY_ADMINS_MAX];
	void *cert;

	memset(admins, 0, sizeof(*admins));
	if (!list->count || list->count > PROTKEY_ADMINS_MAX)
		return -EINVAL;
	memcpy(admins->thresholds, list->thresholds, sizeof(admins->thresholds));
	if (copy_from_user(certs, u64_to_user_ptr(list->certs_ptr),
			   list->count * sizeof(certs[0])))
		return -EFAULT;
	for (; admins->count < list->count; admins->count++) {
		const struct protkey_admin_cert *from = &certs[admins->count];

		if (from->reserved || !from->size ||
		    from->size > PROTKEY_ADMIN_CERT_MAX)
			return -EINVAL;
		cert = memdup_user(u64_to_user_ptr(from->ptr), from->size);
		if (IS_ERR(cert))
			return PTR_ERR(cert);
		admins->cert[admins->count] = cert;
		admins->size[admins->count] = from->size;
	}
	return pk_admins_check(admins);
}

/* ---- requests ------------------------------------------------------------- */

static int fill_act(const struct protkey_admin_request *req, struct pk_act *act)
{
	struct pk_admins admins;
	int ret;

	if (!pk_command_known(req->command))
		return -EINVAL;
	if (req->command == PROTKEY_COMMAND_MEASURED)
		return req->flags ? -EINVAL :
		       pk_ioctl_measured_act(act, req->measured_ptr);
	if (req->measured_ptr)
		return -EINVAL;
	if (req->flags & ~(req->command == PROTKEY_COMMAND_MK_SET ?
			   PROTKEY_MK_DROP_SEALS : 0U))
		return -EINVAL;
	if (req->command == PROTKEY_COMMAND_QUOTA) {
		if (!pk_quota_valid(&req->quota))
			return -EINVAL;
		pk_act_quota(act, &req->quota);
		return 0;
	}
	if (req->command == PROTKEY_COMMAND_PERSON) {
		if (!pk_person_act_valid(&req->person) ||
		    req->person.flags & PROTKEY_PERSON_OWN)
			return -EINVAL;
		pk_act_person(act, &req->person);
		return 0;
	}
	if (req->command != PROTKEY_COMMAND_ADMINISTRATORS) {
		pk_act_make(act, req->command, req->pattern, req->slot,
			    req->command == PROTKEY_COMMAND_MK_SET ?
			    req->flags : req->kind);
		return 0;
	}
	ret = admins_get(&req->list, &admins);
	if (!ret)
		ret = pk_act_admins(act, &admins);
	admins_free(&admins);
	return ret;
}

/* Make the request; a copy of its text, so that no user page is touched under the lock. */
static char *request(struct pk_domain *d, const struct pk_act *act, size_t *size)
{
	const char *text;
	char *copy;
	int ret = pk_domain_lock_unlocked(d);

	if (ret)
		return ERR_PTR(ret);
	ret = pk_admin_request(d, act);
	text = ret ? NULL : pk_admin_text(d, size);
	copy = text ? kmemdup(text, *size, GFP_KERNEL) : ERR_PTR(ret);
	mutex_unlock(&d->lock);
	return copy ?: ERR_PTR(-ENOMEM);
}

static long ioctl_request(struct pk_domain *d, void __user *arg)
{
	struct protkey_admin_request req;
	struct pk_act *act;
	size_t size = 0;
	char *text;
	long ret;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	act = kmalloc(sizeof(*act), GFP_KERNEL);
	if (!act)
		return -ENOMEM;
	ret = fill_act(&req, act);
	text = ret ? ERR_PTR(ret) : request(d, act, &size);
	kfree(act);
	pk_audit(PROTKEY_AUDIT_REQUEST, d->name, PTR_ERR_OR_ZERO(text),
		 "command %u", req.command);
	if (IS_ERR(text))
		return PTR_ERR(text);
	ret = size > req.text_size ? -ENOSPC : 0;
	if (!ret && (copy_to_user(u64_to_user_ptr(req.text_ptr), text, size) ||
		     put_user((u32)size, &((struct protkey_admin_request __user *)arg)->text_size)))
		ret = -EFAULT;
	kfree(text);
	return ret;
}

static long ioctl_sign(struct pk_domain *d, void __user *arg)
{
	struct protkey_admin_status status;
	struct protkey_admin_sign req;
	void *signature;
	long ret;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.reserved || !req.signature_size ||
	    req.signature_size > SIGNATURE_MAX)
		return -EINVAL;
	signature = memdup_user(u64_to_user_ptr(req.signature_ptr),
				req.signature_size);
	if (IS_ERR(signature))
		return PTR_ERR(signature);
	ret = pk_domain_lock_unlocked(d);
	if (!ret) {
		ret = pk_admin_sign(d, signature, req.signature_size,
				    req.fingerprint);
		pk_admin_status(d, &status);
		mutex_unlock(&d->lock);
	}
	kfree(signature);
	pk_audit(PROTKEY_AUDIT_SIGN, d->name, ret, "administrator %*phN",
		 ret ? 0 : PROTKEY_FINGERPRINT_SIZE, req.fingerprint);
	if (ret)
		return ret;
	req.signatures = status.signatures;
	req.needed = status.needed;
	return copy_to_user(arg, &req, sizeof(req)) ? -EFAULT : 0;
}

static long ioctl_status(struct pk_domain *d, void __user *arg)
{
	struct protkey_admin_status status;

	mutex_lock(&d->lock);
	pk_admin_status(d, &status);
	mutex_unlock(&d->lock);
	return copy_to_user(arg, &status, sizeof(status)) ? -EFAULT : 0;
}

/* ---- the administrators --------------------------------------------------- */

static int set(struct pk_domain *d, const struct protkey_admin_set *req,
	       struct pk_act *act)
{
	struct pk_admins admins;
	int ret = admins_get(&req->list, &admins);

	if (!ret)
		ret = pk_act_admins(act, &admins);
	if (!ret)
		ret = pk_domain_lock_unlocked(d);
	if (!ret) {
		ret = pk_admin_may_or_kek(d, act, req->slot, req->kek) ?:
		      pk_admins_set(d, &admins);
		if (!ret)
			pk_admin_spent(d);
		mutex_unlock(&d->lock);
	}
	admins_free(&admins);
	return ret;
}

static long ioctl_set(struct pk_domain *d, void __user *arg)
{
	struct protkey_admin_set req;
	struct pk_act *act;
	long ret;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	act = kmalloc(sizeof(*act), GFP_KERNEL);
	ret = act ? 0 : -ENOMEM;
	if (!ret)
		ret = req.reserved ? -EINVAL : set(d, &req, act);
	kfree(act);
	memzero_explicit(req.kek, sizeof(req.kek));
	pk_wipe_user(arg + offsetof(typeof(req), kek), sizeof(req.kek));
	return pk_audit(PROTKEY_AUDIT_ADMINISTRATORS, d->name, ret,
			"%u administrators", req.list.count);
}

/* ---- quotas --------------------------------------------------------------- */

static int quota_set(struct pk_domain *d, const struct protkey_quota *quota,
		     struct pk_act *act)
{
	int ret;

	if (!pk_may_administer())
		return -EACCES;
	if (!pk_quota_valid(quota))
		return -EINVAL;
	ret = pk_domain_lock_unlocked(d);
	if (ret)
		return ret;
	pk_act_quota(act, quota);
	ret = pk_admin_may(d, act) ?: pk_state_set_quota(d, quota);
	pk_admin_end(d, ret);
	return ret;
}

static long ioctl_quota(struct pk_domain *d, void __user *arg)
{
	struct protkey_quota quota;
	struct pk_act *act;
	long ret;

	if (copy_from_user(&quota, arg, sizeof(quota)))
		return -EFAULT;
	act = kmalloc(sizeof(*act), GFP_KERNEL);
	ret = act ? quota_set(d, &quota, act) : -ENOMEM;
	kfree(act);
	return pk_audit(PROTKEY_AUDIT_QUOTA, d->name, ret,
			"%u keys, %u sessions, %u TLS keys", quota.keys,
			quota.sessions, quota.tls_keys);
}

long pk_ioctl_admin(struct pk_domain *d, unsigned int cmd, void __user *arg)
{
	switch (cmd) {
	case PROTKEY_IOC_ADMIN_SET:
		return ioctl_set(d, arg);
	case PROTKEY_IOC_ADMIN_REQUEST:
		return ioctl_request(d, arg);
	case PROTKEY_IOC_ADMIN_SIGN:
		return ioctl_sign(d, arg);
	case PROTKEY_IOC_ADMIN_STATUS:
		return ioctl_status(d, arg);
	case PROTKEY_IOC_QUOTA_SET:
		return ioctl_quota(d, arg);
	default:
		return -ENOTTY;
	}
}
