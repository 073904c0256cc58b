// SPDX-License-Identifier: GPL-2.0-only
/* From secure key to protected key: see protkey.h. */

#include <crypto/algapi.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "derive.h"
#include "domain.h"
#include "protkey.h"

int pk_key_init(struct pk_key *key)
{
	memset(key, 0, sizeof(*key));
	INIT_LIST_HEAD(&key->list);
	key->slot = pk_slot_alloc();
	return key->slot ? 0 : -ENOMEM;
}

/* Forget the key: no section uses it on return. */
static void key_clear(struct pk_key *key)
{
	struct pk_domain *d = key->domain;
	bool live;

	if (!d)
		return;
	mutex_lock(&d->lock);
	/* a lock of the domain has waited for the sections, and wiped */
	live = pk_slot_epoch(key->slot);
	pk_key_invalidate(key);
	list_del_init(&key->list);
	d->key_count--;
	d->volume_count -= key->volume;
	mutex_unlock(&d->lock);
	if (live)
		synchronize_rcu();
	pk_slot_wipe(key->slot);
	key->domain = NULL;
	pk_domain_put(d);
}

void pk_key_exit(struct pk_key *key)
{
	key_clear(key);
	pk_slot_free(key->slot);
	key->slot = NULL;
}

static int check_halves(const struct pk_slot *slot, unsigned int type)
{
	if (!pk_blob_type_is_xts(type))
		return 0;
	return pk_op_halves(slot, pk_blob_key_size(type) / 2);
}

int pk_key_open_blob(const struct pk_blob *blob, const struct pk_slot *mk,
		     struct pk_slot *scratch, struct pk_slot *dst)
{
	u16 type = le16_to_cpu(blob->type), size = le16_to_cpu(blob->key_size);
	u8 pattern[PROTKEY_PATTERN_SIZE];
	int ret;

	pk_slot_set_header(scratch, PK_SLOT_WRAPPING_KEY, 32);
	ret = pk_derive_key(mk, PK_LABEL_BLOB, blob, PK_BLOB_HEADER_SIZE,
			    scratch);
	if (ret)
		goto out;
	pk_slot_set_header(dst, type, size);
	ret = pk_op_unwrap(scratch, dst, blob->wrapped);
	if (ret)
		goto out;
	ret = pk_derive_key_pattern(dst, type, size, pattern);
	if (!ret && crypto_memneq(pattern, blob->pattern, sizeof(pattern)))
		ret = -EKEYREJECTED;
	if (!ret)
		ret = check_halves(dst, type);
	if (ret) {
		pk_slot_invalidate(dst);
		pk_slot_wipe(dst);
	}
out:
	pk_slot_invalidate(scratch);
	pk_slot_wipe(scratch);
	return ret;
}

int pk_key_make_blob(struct pk_blob *blob, const struct pk_slot *mk,
		     struct pk_slot *scratch, const struct pk_slot *payload)
{
	u16 type = le16_to_cpu(blob->type), size = le16_to_cpu(blob->key_size);
	int ret;

	ret = check_halves(payload, type);
	if (ret)
		return ret;
	ret = pk_derive_key_pattern(payload, type, size, blob->pattern);
	if (ret)
		return ret;
	pk_slot_set_header(scratch, PK_SLOT_WRAPPING_KEY, 32);
	ret = pk_derive_key(mk, PK_LABEL_BLOB, blob, PK_BLOB_HEADER_SIZE,
			    scratch);
	if (!ret)
		ret = pk_op_wrap(scratch, payload, blob->wrapped);
	pk_slot_invalidate(scratch);
	pk_slot_wipe(scratch);
	return ret;
}

int pk_key_reencipher(struct pk_domain *d, struct pk_blob *blob, u32 to,
		      struct pk_slot *scratch, struct pk_slot *key, u32 *from)
{
	struct pk_blob copy = *blob;
	const struct pk_slot *mk;
	int ret;

	ret = pk_domain_mk(d, blob->mk_pattern, &mk, from);
	if (ret)
		return ret;
	if (*from == to)
		return -EALREADY;
	ret = pk_key_open_blob(blob, mk, scratch, key);
	if (ret)
		return ret;
	memcpy(copy.mk_pattern, d->mk[to].pattern, sizeof(copy.mk_pattern));
	ret = pk_key_make_blob(&copy, d->mk[to].slot, scratch, key);
	pk_slot_invalidate(key);
	pk_slot_wipe(key);
	if (!ret)
		*blob = copy;
	return ret;
}

/*
 * The blob is opened twice: into a scratch slot to be checked, then into the
 * handle's, so that no request can meet a key that was not checked.
 */
int pk_key_prepare(struct pk_key *key)
{
	struct pk_domain *d = key->domain;
	const struct pk_slot *mk;
	int ret;

	lockdep_assert_held(&d->lock);
	ret = pk_domain_mk(d, key->blob.mk_pattern, &mk, NULL);
	if (ret)
		return ret;
	ret = pk_key_open_blob(&key->blob, mk, d->scratch[0], d->scratch[1]);
	if (ret)
		return ret;
	pk_slot_invalidate(d->scratch[1]);
	pk_slot_wipe(d->scratch[1]);
	key->usage = le32_to_cpu(key->blob.usage);
	return pk_key_open_blob(&key->blob, mk, d->scratch[0], key->slot);
}

int pk_key_set(struct pk_key *key, const u8 *buf, unsigned int len,
	       bool (*type_ok)(unsigned int type))
{
	const struct pk_blob *blob;
	struct pk_domain *d;
	bool volume;
	int ret;

	key_clear(key);
	ret = pk_blob_parse(buf, len, &blob);
	if (ret)
		return ret;
	if (!type_ok(le16_to_cpu(blob->type)))
		return -EINVAL;
	d = pk_domain_get_for_use(blob->domain, &volume);
	if (IS_ERR(d))
		return PTR_ERR(d);

	key->blob = *blob;
	key->domain = d;
	key->volume = volume;
	mutex_lock(&d->lock);
	ret = d->key_count < d->quota.keys ? pk_key_prepare(key) : -EDQUOT;
	if (!ret) {
		list_add(&key->list, &d->keys);
		d->key_count++;
		d->volume_count += key->volume;
	}
	mutex_unlock(&d->lock);
	if (ret) {
		key->domain = NULL;
		pk_domain_put(d);
	}
	return ret;
}
