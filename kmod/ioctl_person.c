// SPDX-License-Identifier: GPL-2.0-only
/* Persons: who they are, log-in, and agreement of operators. */

#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "admin.h"
#include "audit.h"
#include "control.h"
#include "person.h"
#include "seal.h"

/* A name from outside, for the log. */
static const char *name_of(const char *name)
{
	return pk_name_valid(name) ? name : "?";
}

/* ---- log-in ---------------------------------------------------------------- */

static int login(struct pk_file *f, struct protkey_person_login *req, bool *service)
{
	struct pk_login as = { };
	int ret = pk_domain_lock_unlocked(f->domain);

	if (ret)
		return ret;
	ret = pk_person_verify(f->domain, req, &as);
	if (!ret) {
		*service = as.service;
		as.tgid = get_pid(task_tgid(current));
		put_pid(f->login.tgid);
		f->login = as;
	}
	mutex_unlock(&f->domain->lock);
	return ret;
}

/* For the next unlock, which looks at it. */
static int login_keep(struct pk_file *f, const struct protkey_person_login *req)
{
	struct protkey_person_login *kept = kmemdup(req, sizeof(*req), GFP_KERNEL);

	if (!kept)
		return -ENOMEM;
	kfree_sensitive(xchg(&f->unlock_login, kept));
	return 0;
}

long pk_ioctl_person_login(struct pk_file *f, void __user *arg)
{
	struct protkey_person_login req;
	bool service = false;
	long ret;

	if (copy_from_user(&req, arg, sizeof(req))) {
		memzero_explicit(&req, sizeof(req));
		return -EFAULT;
	}
	req.roles = 0;
	req.wait = 0;
	if (req.reserved || !pk_name_valid(req.name))
		ret = -EINVAL;
	else
		ret = f->domain ? login(f, &req, &service) : login_keep(f, &req);
	memzero_explicit(req.credential, sizeof(req.credential));
	req.reserved = 0;
	/* a service logs in wherever it opens the node: that is no news */
	if (f->domain && (ret || !service))
		pk_audit(PROTKEY_AUDIT_LOGIN, f->domain->name, ret, "person %s",
			 name_of(req.name));
	if (copy_to_user(arg, &req, sizeof(req)) && !ret)
		ret = -EFAULT;
	memzero_explicit(&req, sizeof(req));
	return ret;
}

/* ---- who there is ----------------------------------------------------------- */

/* Who administers persons: see PROTKEY_IOC_PERSON_SET.  Caller holds d->lock. */
static int may_change(struct pk_file *f, const struct protkey_person_act *person,
		      unsigned int slot, const u8 *kek)
{
	struct pk_domain *d = f->domain;
	struct pk_act *act;
	int ret;

	if (d->persons &&
	    !(pk_person_roles(d, &f->login) & PROTKEY_ROLE_ADMINISTRATOR))
		return -EACCES;
	act = kmalloc(sizeof(*act), GFP_KERNEL);
	if (!act)
		return -ENOMEM;
	pk_act_person(act, person);
	ret = pk_admin_may_or_kek(d, act, slot, kek);
	kfree(act);
	return ret;
}

/* What he is by others' word stays: his roles, and that he has a second factor. */
static bool own(const struct pk_file *f, const struct protkey_person_act *act)
{
	const struct pk_section_person *person;

	person = pk_sealed_find_person(f->domain->sealed, act->name);
	return person && !person->factor == !act->factor &&
	       act->flags & PROTKEY_PERSON_OWN &&
	       pk_person_roles(f->domain, &f->login) == act->roles &&
	       !strcmp(f->login.name, act->name);
}

static int check_enrol(const struct protkey_person_set *req)
{
	u32 size = req->secret_size;

	/* zeros: of a caller whose copy was wiped by a call before */
	if (!pk_person_factor_valid(req->act.factor, req->digits) ||
	    !pk_person_params_valid(&req->params) ||
	    !memchr_inv(req->credential, 0, sizeof(req->credential)))
		return -EINVAL;
	if (!req->act.factor)
		return size ? -EINVAL : 0;
	return size < PROTKEY_FACTOR_SECRET_MIN || size > PROTKEY_FACTOR_SECRET_MAX ||
	       memchr_inv(req->secret + size, 0, sizeof(req->secret) - size) ?
	       -EINVAL : 0;
}

static int check_set(const struct protkey_person_set *req)
{
	u16 flags = req->act.flags;

	if (!pk_person_act_valid(&req->act) || !req->act.roles || req->reserved0 ||
	    req->reserved1)
		return -EINVAL;
	return flags & PROTKEY_PERSON_KEEP ? 0 : check_enrol(req);
}

/* Caller holds d->lock. */
static int person_set(struct pk_file *f, const struct protkey_person_set *req)
{
	struct pk_person_new new = {
		.act = &req->act,
		.params = &req->params,
		.credential = req->credential,
		.secret = req->secret,
		.digits = req->digits,
	};
	struct pk_domain *d = f->domain;
	bool there = pk_sealed_find_person(d->sealed, req->act.name);
	int ret;

	if (req->act.flags & PROTKEY_PERSON_OWN)
		return own(f, &req->act) ? pk_person_enrol(d, &new) : -EACCES;
	ret = may_change(f, &req->act, req->slot, req->kek);
	if (ret)
		return ret;
	if (there != !!(req->act.flags & PROTKEY_PERSON_KEEP))
		ret = there ? -EEXIST : -ENOENT;
	else
		ret = there ? pk_person_change(d, req->act.name, req->act.roles) :
			      pk_person_enrol(d, &new);
	if (!ret)
		pk_admin_spent(d);
	return ret;
}

long pk_ioctl_person_set(struct pk_file *f, void __user *arg)
{
	struct protkey_person_set *req = memdup_user(arg, sizeof(*req));
	long ret;

	if (IS_ERR(req))
		return PTR_ERR(req);
	ret = check_set(req) ?: pk_domain_lock_unlocked(f->domain);
	if (!ret) {
		ret = person_set(f, req);
		mutex_unlock(&f->domain->lock);
	}
	pk_audit(PROTKEY_AUDIT_PERSON_SET, f->domain->name, ret,
		 "person %s, roles 0x%x, factor %u%s", name_of(req->act.name),
		 req->act.roles, req->act.factor,
		 req->act.flags & PROTKEY_PERSON_OWN ? ", by himself" : "");
	kfree_sensitive(req);
	pk_wipe_user(arg + offsetof(typeof(*req), secret),
		  offsetof(typeof(*req), params) - offsetof(typeof(*req), secret));
	return ret;
}

static int person_remove(struct pk_file *f, const struct protkey_person_remove *req)
{
	struct protkey_person_act act = { };
	int ret = pk_domain_lock_unlocked(f->domain);

	if (ret)
		return ret;
	memcpy(act.name, req->name, sizeof(act.name));
	ret = may_change(f, &act, req->slot, req->kek) ?:
	      pk_person_change(f->domain, req->name, 0);
	if (!ret)
		pk_admin_spent(f->domain);
	mutex_unlock(&f->domain->lock);
	return ret;
}

long pk_ioctl_person_remove(struct pk_file *f, void __user *arg)
{
	struct protkey_person_remove req;
	long ret;

	if (copy_from_user(&req, arg, sizeof(req))) {
		memzero_explicit(&req, sizeof(req));
		return -EFAULT;
	}
	ret = req.reserved || !pk_name_valid(req.name) ? -EINVAL :
	      person_remove(f, &req);
	memzero_explicit(req.kek, sizeof(req.kek));
	pk_wipe_user(arg + offsetof(typeof(req), kek), sizeof(req.kek));
	return pk_audit(PROTKEY_AUDIT_PERSON_REMOVE, f->domain->name, ret,
			"person %s", name_of(req.name));
}

long pk_ioctl_person_agree(struct pk_file *f)
{
	int ret = pk_domain_lock_unlocked(f->domain);

	if (!ret) {
		if (pk_person_roles(f->domain, &f->login) & PROTKEY_ROLE_OPERATOR)
			pk_person_agree(f->domain, &f->login);
		else
			ret = -EACCES;
		mutex_unlock(&f->domain->lock);
	}
	return pk_audit(PROTKEY_AUDIT_AGREE, f->domain->name, ret,
			"that the domain be destroyed");
}
