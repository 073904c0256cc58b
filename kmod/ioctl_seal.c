// SPDX-License-Identifier: GPL-2.0-only
/* A domain's node: seal slots. */

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "admin.h"
#include "audit.h"
#include "control.h"
#include "seal.h"
#include "sealdata.h"

static int check_add(const struct protkey_seal_add *req)
{
	bool wants_data = pk_seal_has_data(req->seal.kind);

	if (req->seal.kind > PROTKEY_SEAL_SHARES)
		return -EOPNOTSUPP;
	if (!req->seal.kind || !pk_seal_params_valid(&req->seal) ||
	    !req->data_size == wants_data)
		return -EINVAL;
	return req->data_size > PROTKEY_SEAL_DATA_MAX ? -EBADMSG : 0;
}

static long seal_add(struct pk_domain *d, const struct protkey_seal_add *req)
{
	struct pk_seal_new new = {
		.params = &req->seal,
		.kek = req->kek,
		.data_size = req->data_size,
	};
	void *data = NULL;
	long ret = check_add(req);

	if (ret)
		return ret;
	if (req->data_size) {
		data = memdup_user(u64_to_user_ptr(req->data_ptr),
				   req->data_size);
		if (IS_ERR(data))
			return PTR_ERR(data);
		ret = pk_seal_data_check(req->seal.kind, data, req->data_size);
	}
	new.data = data;
	if (!ret)
		ret = pk_admin_begin(d, PROTKEY_COMMAND_SEAL_ADD, NULL,
				     req->seal.slot, req->seal.kind);
	if (!ret) {
		ret = pk_seal_add(d, req->auth_slot, req->auth_kek, &new);
		pk_admin_end(d, ret);
	}
	kfree(data);
	return ret;
}

long pk_ioctl_seal_add(struct pk_domain *d, void __user *arg)
{
	struct protkey_seal_add *req;
	long ret;

	if (!pk_may_administer())
		return pk_audit(PROTKEY_AUDIT_SEAL_ADD, d->name, -EACCES, "%s", "");
	req = memdup_user(arg, sizeof(*req));
	if (IS_ERR(req))
		return PTR_ERR(req);
	ret = seal_add(d, req);
	pk_audit(PROTKEY_AUDIT_SEAL_ADD, d->name, ret, "slot %u, kind %u, by slot %u",
		 req->seal.slot, req->seal.kind, req->auth_slot);
	kfree_sensitive(req);
	pk_wipe_user(arg, 2 * PROTKEY_KEK_SIZE);
	return ret;
}

static long seal_remove(struct pk_domain *d, const struct protkey_seal_remove *req)
{
	long ret;

	if (!pk_may_administer())
		return -EACCES;
	if (req->reserved)
		return -EINVAL;
	ret = pk_admin_begin(d, PROTKEY_COMMAND_SEAL_REMOVE, NULL, req->slot, 0);
	if (ret)
		return ret;
	ret = pk_seal_remove(d, req->slot);
	pk_admin_end(d, ret);
	return ret;
}

long pk_ioctl_seal_remove(struct pk_domain *d, void __user *arg)
{
	struct protkey_seal_remove req;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	return pk_audit(PROTKEY_AUDIT_SEAL_REMOVE, d->name, seal_remove(d, &req),
			"slot %u", req.slot);
}
