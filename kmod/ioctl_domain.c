// SPDX-License-Identifier: GPL-2.0-only
/* A domain's node: info, lock, state, keys, session, volumes. */

#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "audit.h"
#include "control.h"
#include "domain.h"
#include "keyblob.h"
#include "ktls.h"
#include "person.h"
#include "measured.h"
#include "protkey.h"
#include "state.h"

static long ioctl_info(struct pk_domain *d, void __user *arg)
{
	struct protkey_domain_info info;

	pk_domain_info(d, &info);
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

static long ioctl_lock(struct pk_domain *d, void __user *arg)
{
	struct protkey_domain_lock req;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.reserved || req.flags & ~PROTKEY_LOCK_FORCE)
		return -EINVAL;
	return pk_audit(PROTKEY_AUDIT_LOCK, d->name,
			pk_domain_lock(d, req.flags & PROTKEY_LOCK_FORCE), "%s",
			req.flags & PROTKEY_LOCK_FORCE ? "forced" : "");
}

static long ioctl_get_state(struct pk_domain *d, void __user *arg)
{
	struct protkey_domain_get_state req;
	void *copy;
	long ret = 0;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.reserved)
		return -EINVAL;
	copy = pk_state_copy(d, req.state_size, &req.state_size);
	if (IS_ERR(copy)) {
		ret = PTR_ERR(copy);
	} else {
		if (copy_to_user(u64_to_user_ptr(req.state_ptr), copy,
				 req.state_size))
			ret = -EFAULT;
		kvfree(copy);
	}
	if ((!ret || ret == -ENOSPC) && copy_to_user(arg, &req, sizeof(req)))
		ret = -EFAULT;
	return ret;
}

/* ---- keys --------------------------------------------------------------- */

/* Slots for the length of one ioctl, outside the domain's own. */
struct work_slots {
	struct pk_slot *scratch, *key;
};

static int work_slots_get(struct work_slots *w)
{
	w->scratch = pk_slot_alloc();
	w->key = pk_slot_alloc();
	if (w->scratch && w->key)
		return 0;
	pk_slot_free(w->scratch);
	pk_slot_free(w->key);
	return -ENOMEM;
}

static void work_slots_put(struct work_slots *w)
{
	pk_slot_free(w->scratch);
	pk_slot_free(w->key);
}

static int fill_key(struct protkey_key_make *req, struct pk_slot *slot,
		    bool import)
{
	unsigned int size = pk_blob_key_size(req->type);
	u8 clear[64] = { };
	int ret;

	pk_slot_set_header(slot, req->type, size);
	if (!import)
		return pk_op_generate(slot, size);
	if (copy_from_user(clear, u64_to_user_ptr(req->clear_ptr), size))
		ret = -EFAULT;
	else
		ret = pk_op_import(slot, clear);
	memzero_explicit(clear, sizeof(clear));
	return ret;
}

static void blob_header(struct pk_blob *blob, const struct protkey_key_make *req,
			const struct pk_domain *d, bool import)
{
	u32 flags = req->flags | (import ? PROTKEY_KEY_IMPORTED : 0);

	memset(blob, 0, sizeof(*blob));
	memcpy(blob->magic, PK_BLOB_MAGIC, sizeof(blob->magic));
	blob->version = cpu_to_le16(PK_BLOB_VERSION);
	blob->type = cpu_to_le16(req->type);
	blob->length = cpu_to_le32(PROTKEY_BLOB_SIZE);
	get_random_bytes(blob->key_id, sizeof(blob->key_id));
	memcpy(blob->domain, d->uuid, sizeof(blob->domain));
	memcpy(blob->mk_pattern, d->mk[PROTKEY_MK_CURRENT].pattern,
	       sizeof(blob->mk_pattern));
	memcpy(blob->volume, req->volume, sizeof(blob->volume));
	blob->not_before = cpu_to_le64(req->not_before);
	blob->not_after = cpu_to_le64(req->not_after);
	blob->usage = cpu_to_le32(req->usage);
	blob->flags = cpu_to_le32(flags);
	blob->key_size = cpu_to_le16(pk_blob_key_size(req->type));
}

static int check_make(const struct protkey_key_make *req, bool import)
{
	unsigned int size = pk_blob_key_size(req->type);

	if (!size || req->reserved0 || req->flags ||
	    req->usage & ~pk_blob_usage_mask(req->type))
		return -EINVAL;
	if (req->clear_size != (import ? size : 0))
		return -EINVAL;
	if (req->not_after && req->not_after < req->not_before)
		return -EINVAL;
	return 0;
}

static int key_make(struct pk_domain *d, struct protkey_key_make *req,
		    bool import)
{
	struct pk_blob *blob = (struct pk_blob *)req->blob;
	const struct pk_slot *mk;
	struct work_slots w;
	int ret;

	ret = check_make(req, import) ?: work_slots_get(&w);
	if (ret)
		return ret;
	ret = fill_key(req, w.key, import);
	if (ret)
		goto out;
	mutex_lock(&d->lock);
	blob_header(blob, req, d, import);
	ret = pk_domain_mk(d, blob->mk_pattern, &mk, NULL);
	if (!ret)
		ret = pk_key_make_blob(blob, mk, w.scratch, w.key);
	mutex_unlock(&d->lock);
	memcpy(req->pattern, blob->pattern, sizeof(req->pattern));
out:
	work_slots_put(&w);
	return ret;
}

static long ioctl_key_make(struct pk_domain *d, void __user *arg, bool import)
{
	struct protkey_key_make *req = memdup_user(arg, sizeof(*req));
	long ret;

	BUILD_BUG_ON(sizeof(struct pk_blob) != PROTKEY_BLOB_SIZE);
	if (IS_ERR(req))
		return PTR_ERR(req);
	ret = key_make(d, req, import);
	if (!ret && copy_to_user(arg, req, sizeof(*req)))
		ret = -EFAULT;
	kfree(req);
	return ret;
}

static int key_verify(struct pk_domain *d, struct protkey_key_verify *req)
{
	const struct pk_blob *blob;
	const struct pk_slot *mk;
	struct work_slots w;
	int ret;

	ret = pk_blob_parse(req->blob, sizeof(req->blob), &blob);
	if (ret)
		return ret;
	if (memcmp(blob->domain, d->uuid, sizeof(d->uuid)))
		return -EXDEV;
	ret = work_slots_get(&w);
	if (ret)
		return ret;
	mutex_lock(&d->lock);
	ret = pk_domain_mk(d, blob->mk_pattern, &mk, &req->mk_register);
	if (!ret)
		ret = pk_key_open_blob(blob, mk, w.scratch, w.key);
	mutex_unlock(&d->lock);
	memcpy(req->pattern, blob->pattern, sizeof(req->pattern));
	req->valid_now = pk_blob_valid_at(blob, ktime_get_real_seconds());
	work_slots_put(&w);
	return ret;
}

static long ioctl_key_verify(struct pk_domain *d, void __user *arg)
{
	struct protkey_key_verify *req = memdup_user(arg, sizeof(*req));
	long ret;

	if (IS_ERR(req))
		return PTR_ERR(req);
	ret = key_verify(d, req);
	if (!ret && copy_to_user(arg, req, sizeof(*req)))
		ret = -EFAULT;
	kfree(req);
	return ret;
}

/* ---- sessions and volumes ----------------------------------------------- */

static long ioctl_session_open(struct pk_file *f)
{
	struct pk_session *session;
	struct pk_login login;
	long ret;

	mutex_lock(&f->domain->lock);
	login = f->login;
	mutex_unlock(&f->domain->lock);
	ret = pk_session_open(f->domain, &login, &session);

	if (ret)
		return ret;
	/* a file has one session; two threads may race for it */
	if (cmpxchg(&f->session, NULL, session)) {
		pk_session_close(f->domain, session);
		return -EALREADY;
	}
	return 0;
}

static int check_volume(const struct protkey_volume *v)
{
	if (strnlen(v->cipher, sizeof(v->cipher)) == sizeof(v->cipher) ||
	    strnlen(v->label, sizeof(v->label)) == sizeof(v->label) ||
	    v->sector_size < 512 || v->sector_size > 4096 ||
	    v->sector_size & (v->sector_size - 1) ||
	    v->key_size != PROTKEY_BLOB_SIZE)
		return -EINVAL;
	return 0;
}

static long volume(struct pk_domain *d, const struct protkey_volume *v,
		   unsigned int cmd)
{
	const struct pk_slot *mk;
	long ret;

	if (cmd != PROTKEY_IOC_VOLUME_UNPIN) {
		ret = check_volume(v);
		if (ret)
			return ret;
	}
	mutex_lock(&d->lock);
	/* only an unlocked domain's state is known to be authentic */
	ret = pk_domain_mk(d, d->mk[PROTKEY_MK_CURRENT].pattern, &mk, NULL);
	if (ret)
		goto unlock;
	switch (cmd) {
	case PROTKEY_IOC_VOLUME_PIN:
		ret = pk_state_pin(d, v);
		break;
	case PROTKEY_IOC_VOLUME_UNPIN:
		ret = pk_state_unpin(d, v->uuid);
		break;
	default:
		ret = pk_state_check(d, v);
	}
unlock:
	mutex_unlock(&d->lock);
	return ret;
}

static long ioctl_volume(struct pk_domain *d, void __user *arg,
			 unsigned int cmd)
{
	enum protkey_audit_event event = PROTKEY_AUDIT_VOLUME_CHECK;
	struct protkey_volume v;
	long ret;

	if (copy_from_user(&v, arg, sizeof(v)))
		return -EFAULT;
	ret = volume(d, &v, cmd);
	if (cmd == PROTKEY_IOC_VOLUME_PIN)
		event = PROTKEY_AUDIT_VOLUME_PIN;
	else if (cmd == PROTKEY_IOC_VOLUME_UNPIN)
		event = PROTKEY_AUDIT_VOLUME_UNPIN;
	else if (!ret)
		return 0;	/* at every opening */
	return pk_audit(event, d->name, ret, "volume %pUb", v.uuid);
}

long pk_ioctl_domain(struct pk_file *f, unsigned int cmd, void __user *arg)
{
	struct pk_domain *d = f->domain;
	long ret;

	if (READ_ONCE(d->deleted))
		return -ENODEV;
	ret = pk_person_may(f, cmd);
	if (ret)
		return ret;
	switch (cmd) {
	case PROTKEY_IOC_DOMAIN_INFO:
		return ioctl_info(d, arg);
	case PROTKEY_IOC_DOMAIN_LOCK:
		return ioctl_lock(d, arg);
	case PROTKEY_IOC_DOMAIN_GET_STATE:
		return ioctl_get_state(d, arg);
	case PROTKEY_IOC_KEY_GENERATE:
		return ioctl_key_make(d, arg, false);
	case PROTKEY_IOC_KEY_IMPORT:
		return ioctl_key_make(d, arg, true);
	case PROTKEY_IOC_KEY_VERIFY:
		return ioctl_key_verify(d, arg);
	case PROTKEY_IOC_SESSION_OPEN:
		return ioctl_session_open(f);
	case PROTKEY_IOC_VOLUME_PIN:
	case PROTKEY_IOC_VOLUME_UNPIN:
	case PROTKEY_IOC_VOLUME_CHECK:
		return ioctl_volume(d, arg, cmd);
	case PROTKEY_IOC_PERSON_SET:
		return pk_ioctl_person_set(f, arg);
	case PROTKEY_IOC_PERSON_REMOVE:
		return pk_ioctl_person_remove(f, arg);
	case PROTKEY_IOC_PERSON_LOGIN:
		return pk_ioctl_person_login(f, arg);
	case PROTKEY_IOC_PERSON_AGREE:
		return pk_ioctl_person_agree(f);
	case PROTKEY_IOC_AUDIT_READ:
		return pk_ioctl_audit_read(d->name, arg);
	case PROTKEY_IOC_AUDIT_VERIFY:
		return pk_ioctl_audit_verify(d, arg);
	case PROTKEY_IOC_MEASURED_SET:
		return pk_ioctl_measured_set(d, arg);
	case PROTKEY_IOC_SEAL_ADD:
		return pk_ioctl_seal_add(d, arg);
	case PROTKEY_IOC_SEAL_REMOVE:
		return pk_ioctl_seal_remove(d, arg);
	case PROTKEY_IOC_KTLS_IMPORT:
	case PROTKEY_IOC_KTLS_CONFIRM:
	case PROTKEY_IOC_KTLS_STATUS:
	case PROTKEY_IOC_KTLS_LIST:
		return pk_ktls_ioctl(d, f, cmd, arg);
	default:
		return pk_ioctl_mk(f, cmd, arg);
	}
}
