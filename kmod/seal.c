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

/* A section that seals the master key under a new KEK. */
static int put_seal(struct pk_domain *d, const struct pk_slot *mk,
		    struct pk_section_seal *seal, const struct pk_seal_new *new)
{
	int ret;

	pk_state_put_section(&seal->section, PK_SECTION_SEAL, sizeof(*seal));
	seal->params = *new->params;	/* little-endian machine */
	ret = pk_state_seal_key(d, PK_LABEL_SEAL, new->kek, new->params);
	if (!ret)
		ret = pk_op_wrap(d->scratch[0], mk, seal->wrapped);
	pk_state_scratch_done(d->scratch[0]);
	return ret;
}

int pk_seal_add(struct pk_domain *d, unsigned int auth_slot, const u8 *auth_kek,
		const struct pk_seal_new *new)
{
	size_t more = data_length(new->data_size);
	const struct pk_section *s = NULL;
	struct pk_sealed_header *draft;
	struct pk_section_seal *seal;
	const struct pk_slot *mk;
	int ret;

	ret = current_mk(d, &mk);
	if (ret)
		return ret;
	if (pk_sealed_find_seal(d->sealed, new->params->slot))
		return -EEXIST;
	ret = pk_seal_authorise(d, auth_slot, auth_kek);
	if (ret)
		return ret;
	draft = pk_state_draft(d, sizeof(*seal) + more);
	if (IS_ERR(draft))
		return PTR_ERR(draft);
	while ((s = pk_sealed_next(d->sealed, s)))
		pk_state_keep(draft, s);
	ret = put_seal(d, mk, pk_state_append(draft, sizeof(*seal)), new);
	if (ret) {
		kvfree(draft);
		return ret;
	}
	if (more)
		put_data(pk_state_append(draft, more), new);
	return pk_state_finish(d, draft);
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
	const struct pk_section_seal *seal;
	const struct pk_section_seal_data *data;
	const struct pk_section *s = NULL;
	struct pk_sealed_header *draft;
	const struct pk_slot *mk;
	int ret;

	ret = current_mk(d, &mk);
	if (ret)
		return ret;
	seal = pk_sealed_find_seal(d->sealed, slot);
	if (!seal)
		return -ENOENT;
	if (count_seals(d->sealed) == 1)
		return -EBUSY;
	data = pk_sealed_find_data(d->sealed, slot);
	draft = pk_state_draft(d, 0);
	if (IS_ERR(draft))
		return PTR_ERR(draft);
	while ((s = pk_sealed_next(d->sealed, s)))
		if ((void *)s != seal && (void *)s != data)
			pk_state_keep(draft, s);
	return pk_state_finish(d, draft);
}
