// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reading a sealed state: what it says without any key. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "sealed.h"

static int state_header(const struct protkey_state *state,
			const struct pk_sealed_header **header)
{
	if (!state->data)
		return -EBADMSG;
	return pk_sealed_parse(state->data, state->size, header);
}

PROTKEY_EXPORT void protkey_state_free(struct protkey_state *state)
{
	free(state->data);
	state->data = NULL;
	state->size = 0;
}

PROTKEY_EXPORT int protkey_state_check(const struct protkey_state *state)
{
	const struct pk_sealed_header *header;

	return state_header(state, &header);
}

static unsigned int state_count(const struct pk_sealed_header *header,
				unsigned int type)
{
	const struct pk_section *at = NULL;
	unsigned int count = 0;

	while ((at = pk_sealed_next(header, at)))
		count += le16toh(at->type) == type;
	return count;
}

PROTKEY_EXPORT int protkey_state_info(const struct protkey_state *state,
				      struct protkey_domain_info *info)
{
	const struct pk_sealed_header *header;
	int ret = state_header(state, &header);

	if (ret)
		return ret;
	memset(info, 0, sizeof(*info));
	memcpy(info->name, header->name, sizeof(info->name));
	memcpy(info->uuid, header->uuid, sizeof(info->uuid));
	memcpy(info->pattern_current, header->pattern_current,
	       sizeof(info->pattern_current));
	memcpy(info->pattern_old, header->pattern_old,
	       sizeof(info->pattern_old));
	memcpy(info->pattern_new, header->pattern_new,
	       sizeof(info->pattern_new));
	info->state = PROTKEY_DOMAIN_LOCKED;
	info->flags = le16toh(header->flags) |
		      (pk_sealed_persons(header, ~0U) ? PROTKEY_DOMAIN_PERSONS : 0) |
		      (pk_sealed_find_measured(header) ? PROTKEY_DOMAIN_MEASURED : 0);
	info->generation = le64toh(header->generation);
	info->volumes = state_count(header, PK_SECTION_VOLUME);
	pk_sealed_quota(header, &info->quota);
	return 0;
}

void pk_seal_params_read(const struct protkey_seal_params *wire,
			 struct protkey_seal_params *params)
{
	*params = *wire;
	params->kind = le16toh(params->kind);
	params->slot = le16toh(params->slot);
	params->time_cost = le32toh(params->time_cost);
	params->memory_kib = le32toh(params->memory_kib);
	params->parallelism = le32toh(params->parallelism);
}

PROTKEY_EXPORT int protkey_state_seal(const struct protkey_state *state,
				      unsigned int slot,
				      struct protkey_seal_params *params)
{
	const struct pk_sealed_header *header;
	const struct pk_section_seal *seal;
	int ret = state_header(state, &header);

	if (ret)
		return ret;
	seal = pk_sealed_find_seal(header, slot);
	if (!seal)
		return -ENOENT;
	pk_seal_params_read(&seal->params, params);
	return 0;
}

static const struct pk_section_volume *
state_find_volume(const struct pk_sealed_header *header, unsigned int index)
{
	const struct pk_section *at = NULL;

	while ((at = pk_sealed_next(header, at)))
		if (le16toh(at->type) == PK_SECTION_VOLUME && !index--)
			return (const void *)at;
	return NULL;
}

PROTKEY_EXPORT int protkey_state_volume(const struct protkey_state *state,
					unsigned int index,
					struct protkey_volume *volume)
{
	const struct pk_sealed_header *header;
	const struct pk_section_volume *pin;
	int ret = state_header(state, &header);

	if (ret)
		return ret;
	pin = state_find_volume(header, index);
	if (!pin)
		return -ENOENT;
	memset(volume, 0, sizeof(*volume));
	memcpy(volume->uuid, pin->uuid, sizeof(volume->uuid));
	memcpy(volume->pattern, pin->pattern, sizeof(volume->pattern));
	memcpy(volume->cipher, pin->cipher, sizeof(volume->cipher));
	memcpy(volume->label, pin->label, sizeof(volume->label));
	volume->sector_size = le32toh(pin->sector_size);
	volume->key_size = le32toh(pin->key_size);
	volume->pinned_at = le64toh(pin->pinned_at);
	return 0;
}
