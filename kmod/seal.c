// SPDX-License-Identifier: GPL-2.0-only
/* Seal slots: see seal.h and Documentation/domains.md. */

#include <crypto/algapi.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "derive.h"
#include "seal.h"
#include "sealdata.h"
#include "state.h"

/* The domain's CURRENT register, if it is unlocked. */
static int current_mk(struct pk_domain *d, const struct pk_slot **mk)
{
	return pk_domain_mk(d, d->mk[PROTKEY_MK_CURRENT].pattern, mk, NULL);
}

/*
 * Does @kek open slot @slot?  Without this, whoever may speak to the node of an
 * unlocked domain could have its master key wrapped under a KEK of his choice,
 * and unwrap it outside.  The key opened here is thrown away.
 */
int pk_seal_authorise(struct pk_domain *d, unsigned int slot, const u8 *kek)
{
	const struct pk_section_seal *seal = pk_sealed_find_seal(d->sealed, slot);
	u8 pattern[PROTKEY_PATTERN_SIZE];
	struct pk_slot *opened;
	int ret;

	if (!seal)
		return -ENOENT;
	opened = pk_slot_alloc();
	if (!opened)
		return -ENOMEM;
	ret = pk_state_seal_key(d, PK_LABEL_SEAL, kek, &seal->params);
	if (!ret) {
		pk_slot_set_header(opened, PK_SLOT_MASTER_KEY, 32);
		ret = pk_op_unwrap(d->scratch[0], opened, seal->wrapped);
	}
	pk_state_scratch_done(d->scratch[0]);
	if (!ret)
		ret = pk_derive_pattern(opened, PK_LABEL_MK_PATTERN, NULL, 0,
					pattern);
	if (!ret && crypto_memneq(pattern, d->mk[PROTKEY_MK_CURRENT].pattern,
				  sizeof(pattern)))
		ret = -EKEYREJECTED;
	pk_state_scratch_done(opened);
	pk_slot_free(opened);
	return ret;
}

/* ---- states with sections more or less ---------------------------------- */

/* The next generation, with @extra bytes of zeros instead of the MAC. */
static struct pk_sealed_header *next_state(struct pk_domain *d, size_t extra)
{
	size_t body = le32_to_cpu(d->sealed->length) - PK_SEALED_MAC_SIZE;
	struct pk_sealed_header *next;

	if (body + extra + PK_SEALED_MAC_SIZE > PROTKEY_STATE_MAX)
		return ERR_PTR(-ENOSPC);
	next = kvzalloc(body + extra + PK_SEALED_MAC_SIZE, GFP_KERNEL);
	if (!next)
		return ERR_PTR(-ENOMEM);
	memcpy(next, d->sealed, body);
	next->length = cpu_to_le32(body + extra + PK_SEALED_MAC_SIZE);
	le64_add_cpu(&next->generation, 1);
	return next;
}

static int commit(struct pk_domain *d, struct pk_sealed_header *next)
{
	int ret = pk_state_commit(d, next);

	if (ret)
		kvfree(next);
	return ret;
}

/* Of a section's bytes in @next, which is larger than @section's state. */
static void drop_section(struct pk_sealed_header *next,
			 struct pk_section *section)
{
	size_t size = le32_to_cpu(section->length);
	size_t length = le32_to_cpu(next->length);
	u8 *at = (u8 *)section;

	memmove(at, at + size, (u8 *)next + length - (at + size));
	next->length = cpu_to_le32(length - size);
	le32_add_cpu(&next->sections, -1);
}

static size_t data_length(u32 size)
{
	return size ? sizeof(struct pk_section_seal_data) + round_up(size, 8) : 0;
}

static void put_data(struct pk_section_seal_data *data,
		     const struct pk_seal_new *new)
{
	pk_state_put_section(&data->section, PK_SECTION_SEAL_DATA,
			     data_length(new->data_size));
	data->slot = cpu_to_le16(new->params->slot);
	data->kind = cpu_to_le16(new->params->kind);
	data->size = cpu_to_le32(new->data_size);
	memcpy(data + 1, new->data, new->data_size);
}

int pk_seal_add(struct pk_domain *d, unsigned int auth_slot, const u8 *auth_kek,
		const struct pk_seal_new *new)
{
	size_t extra = sizeof(struct pk_section_seal) +
		       data_length(new->data_size);
	struct pk_sealed_header *next;
	struct pk_section_seal *seal;
	const struct pk_slot *mk;
	size_t end;
	int ret;

	ret = current_mk(d, &mk);
	if (ret)
		return ret;
	if (pk_sealed_find_seal(d->sealed, new->params->slot))
		return -EEXIST;
	ret = pk_seal_authorise(d, auth_slot, auth_kek);
	if (ret)
		return ret;
	next = next_state(d, extra);
	if (IS_ERR(next))
		return PTR_ERR(next);

	end = le32_to_cpu(next->length) - PK_SEALED_MAC_SIZE - extra;
	seal = (void *)next + end;
	pk_state_put_section(&seal->section, PK_SECTION_SEAL, sizeof(*seal));
	seal->params = *new->params;	/* little-endian machine */
	le32_add_cpu(&next->sections, 1);
	if (new->data_size) {
		put_data((void *)(seal + 1), new);
		le32_add_cpu(&next->sections, 1);
	}
	ret = pk_state_seal_key(d, PK_LABEL_SEAL, new->kek, new->params);
	if (!ret)
		ret = pk_op_wrap(d->scratch[0], mk, seal->wrapped);
	pk_state_scratch_done(d->scratch[0]);
	if (ret) {
		kvfree(next);
		return ret;
	}
	return commit(d, next);
}

static unsigned int count_seals(const struct pk_sealed_header *header)
{
	unsigned int slot, count = 0;

	for (slot = 0; slot < PK_SEALED_SLOTS; slot++)
		count += pk_sealed_find_seal(header, slot) != NULL;
	return count;
}

int pk_seal_remove(struct pk_domain *d, unsigned int slot)
{
	const struct pk_section_seal_data *data;
	struct pk_sealed_header *next;
	const struct pk_slot *mk;
	int ret;

	ret = current_mk(d, &mk);
	if (ret)
		return ret;
	if (!pk_sealed_find_seal(d->sealed, slot))
		return -ENOENT;
	if (count_seals(d->sealed) == 1)
		return -EBUSY;
	next = next_state(d, 0);
	if (IS_ERR(next))
		return PTR_ERR(next);
	drop_section(next, (void *)pk_sealed_find_seal(next, slot));
	data = pk_sealed_find_data(next, slot);
	if (data)
		drop_section(next, (void *)data);
	return commit(d, next);
}
