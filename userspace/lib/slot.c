// SPDX-License-Identifier: LGPL-2.1-or-later
/* Seal slots of a domain: reading, adding, removing. */
#include <endian.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "internal.h"
#include "sealdata.h"

PROTKEY_EXPORT int protkey_state_seal_data(const struct protkey_state *state,
					   unsigned int slot,
					   const void **bytes, size_t *size)
{
	const struct pk_section_seal_data *data;
	const struct pk_sealed_header *header;
	int ret;

	if (!state->data)
		return -EBADMSG;
	ret = pk_sealed_parse(state->data, state->size, &header);
	if (ret)
		return ret;
	data = pk_sealed_find_data(header, slot);
	if (!data)
		return -ENOENT;
	*bytes = pk_seal_data_bytes(data);
	*size = le32toh(data->size);
	return 0;
}

PROTKEY_EXPORT int protkey_seal_init_random(struct protkey_seal_params *params,
					    unsigned int kind, __u8 *kek)
{
	memset(params, 0, sizeof(*params));
	params->kind = (__u16)kind;
	if (kind != PROTKEY_SEAL_TPM && kind != PROTKEY_SEAL_CLEVIS &&
	    kind != PROTKEY_SEAL_SHARES && kind != PROTKEY_SEAL_CMS &&
	    kind != PROTKEY_SEAL_FILE)
		return -EINVAL;
	if (getrandom(params->salt, sizeof(params->salt), 0) !=
	    (ssize_t)sizeof(params->salt) ||
	    getrandom(kek, PROTKEY_KEK_SIZE, 0) != PROTKEY_KEK_SIZE)
		return -EIO;
	return 0;
}

PROTKEY_EXPORT int protkey_slot_add(int domain, int store, const char *name,
				    const struct protkey_slot_new *slot,
				    unsigned int auth_slot,
				    const __u8 *auth_kek)
{
	struct protkey_seal_add *add = protkey_secret_alloc(sizeof(*add));
	struct protkey_seal_remove undo = { .slot = slot->params.slot };
	int ret;

	if (!add)
		return -errno;
	memcpy(add->auth_kek, auth_kek, sizeof(add->auth_kek));
	memcpy(add->kek, slot->kek, sizeof(add->kek));
	add->auth_slot = auth_slot;
	add->seal = slot->params;
	add->data_ptr = (uintptr_t)slot->data;
	add->data_size = (__u32)slot->data_size;
	ret = pk_device_ioctl(domain, PROTKEY_IOC_SEAL_ADD, add);
	protkey_secret_free(add, sizeof(*add));
	if (ret)
		return ret;
	ret = protkey_domain_save(domain, store, name);
	if (ret)
		pk_device_ioctl(domain, PROTKEY_IOC_SEAL_REMOVE, &undo);
	return ret;
}

PROTKEY_EXPORT int protkey_slot_remove(int domain, int store, const char *name,
				       unsigned int slot)
{
	struct protkey_seal_remove remove = { .slot = slot };
	int ret = pk_device_ioctl(domain, PROTKEY_IOC_SEAL_REMOVE, &remove);

	/* not taken back on failure: the file then still has the slot */
	return ret ? ret : protkey_domain_save(domain, store, name);
}
