// SPDX-License-Identifier: GPL-2.0-only
/* The sealed state: see state.h, sealed.h and Documentation/domains.md. */

#include <crypto/algapi.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "derive.h"
#include "measured.h"
#include "mk.h"
#include "state.h"

/* Context of a seal slot's wrapping key. */
struct seal_context {
	u8 uuid[PROTKEY_UUID_SIZE];
	struct protkey_seal_params params;
};

void pk_state_scratch_done(struct pk_slot *slot)
{
	pk_slot_invalidate(slot);
	pk_slot_wipe(slot);
}

int pk_state_seal_key(struct pk_domain *d, const char *label, const u8 *kek,
		      const struct protkey_seal_params *params)
{
	struct seal_context context = { .params = *params };
	struct pk_slot *kek_slot = d->scratch[1];
	u8 clear[64] = { };
	int ret;

	BUILD_BUG_ON(sizeof(context) != 104);
	memcpy(context.uuid, d->uuid, sizeof(context.uuid));
	memcpy(clear, kek, PROTKEY_KEK_SIZE);
	pk_slot_set_header(kek_slot, PK_SLOT_KEK, PROTKEY_KEK_SIZE);
	ret = pk_op_import(kek_slot, clear);
	memzero_explicit(clear, sizeof(clear));
	if (!ret) {
		pk_slot_set_header(d->scratch[0], PK_SLOT_WRAPPING_KEY, 32);
		ret = pk_derive_key(kek_slot, label, &context, sizeof(context),
				    d->scratch[0]);
	}
	pk_state_scratch_done(kek_slot);
	return ret;
}

static int state_mac(struct pk_domain *d, const struct pk_sealed_header *header,
		     size_t len, u8 *mac)
{
	int ret;

	pk_slot_set_header(d->scratch[0], PK_SLOT_MAC_KEY, 32);
	ret = pk_derive_key(d->mk[PROTKEY_MK_CURRENT].slot, PK_LABEL_STATE_MAC,
			    d->uuid, sizeof(d->uuid), d->scratch[0]);
	if (!ret)
		ret = pk_derive_mac(d->scratch[0], header, len, mac);
	pk_state_scratch_done(d->scratch[0]);
	return ret;
}

/* Make @header the state: it is authentic. */
static void state_take(struct pk_domain *d, struct pk_sealed_header *header)
{
	kvfree(d->sealed);
	d->sealed = header;
	d->generation = le64_to_cpu(header->generation);
	pk_sealed_quota(header, &d->quota);
	WRITE_ONCE(d->persons, pk_sealed_persons(header, ~0U));
}

/*
 * Authenticate @header, with the patterns of the registers, and make it the
 * state.  On failure it is still the caller's.
 */
static int state_commit(struct pk_domain *d, struct pk_sealed_header *header)
{
	size_t len = le32_to_cpu(header->length) - PK_SEALED_MAC_SIZE;
	const struct pk_sealed_header *parsed;
	int ret;

	memcpy(header->pattern_current, d->mk[PROTKEY_MK_CURRENT].pattern,
	       sizeof(header->pattern_current));
	memcpy(header->pattern_old, d->mk[PROTKEY_MK_OLD].pattern,
	       sizeof(header->pattern_old));
	memcpy(header->pattern_new, d->mk[PROTKEY_MK_NEW].pattern,
	       sizeof(header->pattern_new));
	ret = state_mac(d, header, len, (u8 *)header + len);
	if (ret)
		return ret;
	/* what we could not read back must never be authenticated */
	if (pk_sealed_parse(header, len + PK_SEALED_MAC_SIZE, &parsed))
		return -EINVAL;
	state_take(d, header);
	return 0;
}

void pk_state_put_section(struct pk_section *s, unsigned int type, size_t len)
{
	s->type = cpu_to_le16(type);
	s->flags = cpu_to_le16(PK_SECTION_CRITICAL);
	s->length = cpu_to_le32(len);
}

struct pk_sealed_header *pk_state_draft(const struct pk_domain *d, size_t more)
{
	struct pk_sealed_header *draft;

	draft = kvzalloc(le32_to_cpu(d->sealed->length) + more, GFP_KERNEL);
	if (!draft)
		return ERR_PTR(-ENOMEM);
	*draft = *d->sealed;
	draft->length = cpu_to_le32(sizeof(*draft));
	draft->sections = 0;
	return draft;
}

void *pk_state_append(struct pk_sealed_header *draft, size_t len)
{
	void *at = (u8 *)draft + le32_to_cpu(draft->length);

	le32_add_cpu(&draft->length, len);
	le32_add_cpu(&draft->sections, 1);
	return at;
}

void pk_state_keep(struct pk_sealed_header *draft, const struct pk_section *s)
{
	size_t len = le32_to_cpu(s->length);

	memcpy(pk_state_append(draft, len), s, len);
}

int pk_state_finish(struct pk_domain *d, struct pk_sealed_header *draft)
{
	int ret = -ENOSPC;

	/* its room: that of the MAC before it */
	le32_add_cpu(&draft->length, PK_SEALED_MAC_SIZE);
	le64_add_cpu(&draft->generation, 1);
	if (le32_to_cpu(draft->length) <= PROTKEY_STATE_MAX)
		ret = state_commit(d, draft);
	if (ret)
		kvfree(draft);
	return ret;
}

int pk_state_create(struct pk_domain *d, const u8 *kek,
		    const struct protkey_seal_params *params)
{
	struct pk_mk *mk = &d->mk[PROTKEY_MK_CURRENT];
	struct pk_sealed_header *header;
	struct pk_section_seal *seal;
	int ret;

	header = kvzalloc(PK_STATE_NEW_SIZE, GFP_KERNEL);
	if (!header)
		return -ENOMEM;
	memcpy(header->magic, PK_SEALED_MAGIC, sizeof(header->magic));
	header->version = cpu_to_le16(PK_SEALED_VERSION);
	header->flags = cpu_to_le16(PROTKEY_DOMAIN_ONE_PERSON);
	header->length = cpu_to_le32(PK_STATE_NEW_SIZE);
	memcpy(header->uuid, d->uuid, sizeof(header->uuid));
	memcpy(header->name, d->name, sizeof(header->name));
	header->generation = cpu_to_le64(1);
	header->created = cpu_to_le64(ktime_get_real_seconds());
	header->sections = cpu_to_le32(1);

	seal = (struct pk_section_seal *)(header + 1);
	pk_state_put_section(&seal->section, PK_SECTION_SEAL, sizeof(*seal));
	seal->params = *params;	/* little-endian machine */
	ret = pk_state_seal_key(d, PK_LABEL_SEAL, kek, params);
	if (!ret)
		ret = pk_op_wrap(d->scratch[0], mk->slot, seal->wrapped);
	pk_state_scratch_done(d->scratch[0]);
	if (!ret)
		ret = state_commit(d, header);
	if (ret)
		kvfree(header);
	return ret;
}

static int open_mk(struct pk_domain *d, const struct pk_sealed_header *header,
		   const struct pk_section_seal *seal, const u8 *kek)
{
	struct pk_mk *mk = &d->mk[PROTKEY_MK_CURRENT];
	u8 pattern[PROTKEY_PATTERN_SIZE];
	int ret = pk_state_seal_key(d, PK_LABEL_SEAL, kek, &seal->params);

	if (!ret) {
		pk_slot_set_header(mk->slot, PK_SLOT_MASTER_KEY, 32);
		ret = pk_op_unwrap(d->scratch[0], mk->slot, seal->wrapped);
	}
	pk_state_scratch_done(d->scratch[0]);
	if (ret)
		return ret;
	ret = pk_derive_pattern(mk->slot, PK_LABEL_MK_PATTERN, NULL, 0, pattern);
	if (!ret && crypto_memneq(pattern, header->pattern_current,
				  sizeof(pattern)))
		ret = -EKEYREJECTED;
	return ret;
}

int pk_state_open(struct pk_domain *d, const struct pk_sealed_header *header,
		  unsigned int slot, const u8 *kek, struct pk_challenge *challenge)
{
	size_t len = le32_to_cpu(header->length);
	const struct pk_section_seal *seal = pk_sealed_find_seal(header, slot);
	struct pk_sealed_header *copy;
	u8 mac[PK_SEALED_MAC_SIZE];
	int ret;

	if (!seal)
		return -ENOENT;
	copy = kvmalloc(len, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, header, len);
	ret = open_mk(d, header, seal, kek);
	if (!ret)
		ret = state_mac(d, copy, len - sizeof(mac), mac);
	if (!ret && crypto_memneq(mac, (u8 *)copy + len - sizeof(mac),
				  sizeof(mac)))
		ret = -EKEYREJECTED;
	if (!ret)
		ret = pk_measured_judge(copy, challenge);
	if (!ret)
		ret = pk_mk_open(d, copy);
	if (ret) {
		pk_state_scratch_done(d->mk[PROTKEY_MK_CURRENT].slot);
		kvfree(copy);
		return ret;
	}
	memcpy(d->mk[PROTKEY_MK_CURRENT].pattern, copy->pattern_current,
	       sizeof(copy->pattern_current));
	state_take(d, copy);
	return 0;
}

void *pk_state_copy(struct pk_domain *d, u32 room, u32 *len)
{
	void *copy = ERR_PTR(-ENOSPC);

	mutex_lock(&d->lock);
	*len = d->sealed ? le32_to_cpu(d->sealed->length) : 0;
	if (*len && *len <= room) {
		copy = kvmalloc(*len, GFP_KERNEL);
		if (copy)
			memcpy(copy, d->sealed, *len);
		else
			copy = ERR_PTR(-ENOMEM);
	}
	mutex_unlock(&d->lock);
	return copy;
}

/* ---- pinned volumes ----------------------------------------------------- */

static bool pin_matches(const struct pk_section_volume *pin,
			const struct protkey_volume *v)
{
	return !crypto_memneq(pin->pattern, v->pattern, sizeof(v->pattern)) &&
	       !memcmp(pin->cipher, v->cipher, sizeof(v->cipher)) &&
	       le32_to_cpu(pin->sector_size) == v->sector_size &&
	       le32_to_cpu(pin->key_size) == v->key_size;
}

int pk_state_edit(struct pk_domain *d, const struct pk_section *add,
		  const struct pk_section *drop)
{
	const struct pk_section *s = NULL;
	struct pk_sealed_header *draft;

	draft = pk_state_draft(d, add ? le32_to_cpu(add->length) : 0);
	if (IS_ERR(draft))
		return PTR_ERR(draft);
	while ((s = pk_sealed_next(d->sealed, s)))
		if (s != drop)
			pk_state_keep(draft, s);
	if (add)
		pk_state_keep(draft, add);
	return pk_state_finish(d, draft);
}

int pk_state_pin(struct pk_domain *d, const struct protkey_volume *v)
{
	const struct pk_section_volume *pin;
	struct pk_section_volume new = {
		.sector_size = cpu_to_le32(v->sector_size),
		.key_size = cpu_to_le32(v->key_size),
		.pinned_at = cpu_to_le64(v->pinned_at),
	};

	pin = pk_sealed_find_volume(d->sealed, v->uuid);
	if (pin)
		return pin_matches(pin, v) ? 0 : -EEXIST;
	pk_state_put_section(&new.section, PK_SECTION_VOLUME, sizeof(new));
	memcpy(new.uuid, v->uuid, sizeof(new.uuid));
	memcpy(new.pattern, v->pattern, sizeof(new.pattern));
	memcpy(new.cipher, v->cipher, sizeof(new.cipher));
	memcpy(new.label, v->label, sizeof(new.label));
	return pk_state_edit(d, &new.section, NULL);
}

int pk_state_unpin(struct pk_domain *d, const u8 *uuid)
{
	const struct pk_section_volume *pin;

	pin = pk_sealed_find_volume(d->sealed, uuid);
	return pin ? pk_state_edit(d, NULL, &pin->section) : -ENOENT;
}

int pk_state_check(struct pk_domain *d, const struct protkey_volume *v)
{
	const struct pk_section_volume *pin;

	pin = pk_sealed_find_volume(d->sealed, v->uuid);
	if (!pin)
		return -ENOENT;
	return pin_matches(pin, v) ? 0 : -EKEYREJECTED;
}

/* ---- quotas --------------------------------------------------------------- */

int pk_state_set_quota(struct pk_domain *d, const struct protkey_quota *quota)
{
	const struct pk_section_quota *old = pk_sealed_find_quota(d->sealed);
	struct pk_section_quota new = {
		.keys = cpu_to_le32(quota->keys),
		.sessions = cpu_to_le32(quota->sessions),
		.tls_keys = cpu_to_le32(quota->tls_keys),
	};

	pk_state_put_section(&new.section, PK_SECTION_QUOTA, sizeof(new));
	return pk_state_edit(d, &new.section, old ? &old->section : NULL);
}

unsigned int pk_state_volumes(const struct pk_domain *d)
{
	const struct pk_section *s = NULL;
	unsigned int n = 0;

	if (!d->sealed)
		return 0;
	while ((s = pk_sealed_next(d->sealed, s)))
		n += le16_to_cpu(s->type) == PK_SECTION_VOLUME;
	return n;
}
