// SPDX-License-Identifier: GPL-2.0-only
/* A domain's node: its master key registers, and moving keys between them. */

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "admin.h"
#include "audit.h"
#include "control.h"
#include "keyblob.h"
#include "mk.h"
#include "person.h"
#include "protkey.h"
#include "seal.h"
#include "state.h"

static int check_load(const struct protkey_mk_load *req)
{
	if (req->source < PROTKEY_MK_GENERATE ||
	    req->source > PROTKEY_MK_SEALED || req->loaded ||
	    req->wanted < PROTKEY_MK_PARTS_MIN ||
	    req->wanted > PROTKEY_MK_PARTS_MAX)
		return -EINVAL;
	if (req->source != PROTKEY_MK_CLEAR &&
	    ((req->seal.kind != PROTKEY_SEAL_PASSPHRASE &&
	      req->seal.kind != PROTKEY_SEAL_CMS) ||
	     !pk_seal_params_valid(&req->seal)))
		return -EINVAL;
	return 0;
}

/*
 * The number of the key officer, -1 in a domain without persons.  Caller holds the
 * domain's lock: another may have logged in on the file since the call began.
 */
static int officer_of(const struct pk_file *f)
{
	if (!f->domain->persons)
		return -1;
	return pk_person_roles(f->domain, &f->login) & PROTKEY_ROLE_KEY_OFFICER ?
	       f->login.number : -EACCES;
}

static long ioctl_load(struct pk_file *f, void __user *arg)
{
	struct pk_domain *d = f->domain;
	struct protkey_mk_load *req = memdup_user(arg, sizeof(*req));
	int officer;
	long ret;

	if (IS_ERR(req))
		return PTR_ERR(req);
	ret = check_load(req) ?: pk_domain_lock_unlocked(d);
	if (!ret) {
		officer = officer_of(f);
		ret = officer == -EACCES ? -EACCES : pk_mk_load(d, req, officer);
		mutex_unlock(&d->lock);
	}
	pk_audit(PROTKEY_AUDIT_MK_PART, d->name, ret, "part %*phN, %u of %u",
		 ret ? 0 : PROTKEY_PATTERN_SIZE, req->pattern_part, req->loaded,
		 req->wanted);
	memzero_explicit(req->clear, sizeof(req->clear));
	memzero_explicit(req->kek, sizeof(req->kek));
	pk_wipe_user(arg + offsetof(typeof(*req), clear), sizeof(req->clear));
	pk_wipe_user(arg + offsetof(typeof(*req), kek), sizeof(req->kek));
	if (!ret && copy_to_user(arg, req, sizeof(*req)))
		ret = -EFAULT;
	kfree_sensitive(req);
	return ret;
}

static long ioctl_pattern(struct pk_domain *d, void __user *arg,
			  enum protkey_command command,
			  enum protkey_audit_event event,
			  int (*act)(struct pk_domain *d, const u8 *pattern))
{
	struct protkey_mk_pattern req;
	long ret;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	ret = req.reserved ? -EINVAL : pk_admin_begin(d, command, req.pattern, 0, 0);
	if (!ret) {
		ret = pk_seal_authorise(d, req.slot, req.kek) ?:
		      act(d, req.pattern);
		pk_admin_end(d, ret);
	}
	memzero_explicit(req.kek, sizeof(req.kek));
	pk_wipe_user(arg + offsetof(typeof(req), kek), sizeof(req.kek));
	return pk_audit(event, d->name, ret, "master key %*phN",
			PROTKEY_PATTERN_SIZE, req.pattern);
}

static int try_keks(struct pk_domain *d, const struct protkey_seal_kek *keks,
		    unsigned int count)
{
	int ret = pk_domain_lock_unlocked(d);
	unsigned int i;

	if (ret)
		return ret;
	for (i = 0; !ret && i < count; i++)
		ret = pk_seal_authorise(d, keks[i].slot, keks[i].kek);
	mutex_unlock(&d->lock);
	return ret;
}

static long set(struct pk_domain *d, const struct protkey_seal_kek *keks,
		const struct protkey_mk_set *req)
{
	unsigned int i;
	long ret;

	for (i = 0; i < req->keks; i++)
		if (keks[i].reserved)
			return -EINVAL;
	if (req->flags & PROTKEY_MK_TRY)
		return try_keks(d, keks, req->keks);
	ret = pk_admin_begin(d, PROTKEY_COMMAND_MK_SET, NULL, 0, req->flags);
	if (ret)
		return ret;
	ret = pk_mk_set(d, keks, req->keks, req->flags);
	pk_admin_end(d, ret);
	return ret;
}

static long ioctl_set(struct pk_domain *d, void __user *arg)
{
	struct protkey_seal_kek *keks;
	struct protkey_mk_set req;
	size_t size;
	long ret;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (!req.keks || req.keks > PK_SEALED_SLOTS ||
	    req.flags & ~(PROTKEY_MK_DROP_SEALS | PROTKEY_MK_TRY))
		return -EINVAL;
	size = req.keks * sizeof(*keks);
	keks = memdup_user(u64_to_user_ptr(req.keks_ptr), size);
	if (IS_ERR(keks))
		return PTR_ERR(keks);
	ret = set(d, keks, &req);
	kfree_sensitive(keks);
	pk_wipe_user(u64_to_user_ptr(req.keks_ptr), size);
	if (!ret && req.flags & PROTKEY_MK_TRY)
		return 0;
	return pk_audit(PROTKEY_AUDIT_MK_SET, d->name, ret, "%u seal slots%s%s",
			req.keks, req.flags & PROTKEY_MK_DROP_SEALS ?
			", others removed" : "",
			req.flags & PROTKEY_MK_TRY ? ", only tried" : "");
}

static long ioctl_abort(struct pk_domain *d)
{
	long ret = pk_admin_begin(d, PROTKEY_COMMAND_MK_ABORT, NULL, 0, 0);

	if (!ret) {
		ret = pk_mk_abort(d);
		pk_admin_end(d, ret);
	}
	return pk_audit(PROTKEY_AUDIT_MK_ABORT, d->name, ret, "%s", "");
}

static int reencipher(struct pk_domain *d, struct protkey_key_reencipher *req)
{
	const struct pk_blob *blob;
	int ret;

	if (req->to != PROTKEY_MK_CURRENT && req->to != PROTKEY_MK_NEW)
		return -EINVAL;
	ret = pk_blob_parse(req->blob, sizeof(req->blob), &blob);
	if (ret)
		return ret;
	if (memcmp(blob->domain, d->uuid, sizeof(d->uuid)))
		return -EXDEV;
	ret = pk_domain_lock_unlocked(d);
	if (ret)
		return ret;
	if (req->to == PROTKEY_MK_NEW)
		ret = pk_mk_new_ready(d);
	if (!ret)
		ret = pk_key_reencipher(d, (struct pk_blob *)req->blob, req->to,
					d->scratch[0], d->scratch[1],
					&req->from);
	mutex_unlock(&d->lock);
	return ret;
}

static long ioctl_reencipher(struct pk_domain *d, void __user *arg)
{
	struct protkey_key_reencipher *req = memdup_user(arg, sizeof(*req));
	long ret;

	if (IS_ERR(req))
		return PTR_ERR(req);
	ret = reencipher(d, req);
	if (!ret && copy_to_user(arg, req, sizeof(*req)))
		ret = -EFAULT;
	kfree(req);
	return ret;
}

long pk_ioctl_mk(struct pk_file *f, unsigned int cmd, void __user *arg)
{
	struct pk_domain *d = f->domain;

	switch (cmd) {
	case PROTKEY_IOC_MK_LOAD:
		return ioctl_load(f, arg);
	case PROTKEY_IOC_MK_COMMIT:
		return ioctl_pattern(d, arg, PROTKEY_COMMAND_MK_COMMIT,
				     PROTKEY_AUDIT_MK_COMMIT, pk_mk_commit);
	case PROTKEY_IOC_MK_CLEAR:
		return ioctl_pattern(d, arg, PROTKEY_COMMAND_MK_CLEAR,
				     PROTKEY_AUDIT_MK_CLEAR, pk_mk_clear_old);
	case PROTKEY_IOC_MK_SET:
		return ioctl_set(d, arg);
	case PROTKEY_IOC_MK_ABORT:
		return ioctl_abort(d);
	case PROTKEY_IOC_KEY_REENCIPHER:
		return ioctl_reencipher(d, arg);
	default:
		return pk_ioctl_admin(d, cmd, arg);
	}
}
