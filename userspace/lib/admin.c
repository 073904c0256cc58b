// SPDX-License-Identifier: LGPL-2.1-or-later
/* Administrators: see admin.h. */
#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "internal.h"
#include "sealed.h"

static int header_of(const struct protkey_state *state,
		     const struct pk_sealed_header **header)
{
	return state->data ? pk_sealed_parse(state->data, state->size, header) :
			     -EBADMSG;
}

PROTKEY_EXPORT int protkey_state_admin(const struct protkey_state *state,
				       unsigned int index, const void **cert,
				       size_t *size)
{
	const struct pk_sealed_header *header;
	const struct pk_section_admin *admin;
	const struct pk_section *s = NULL;
	int ret = header_of(state, &header);

	if (ret)
		return ret;
	while ((s = pk_sealed_next(header, s))) {
		if (le16toh(s->type) != PK_SECTION_ADMIN || index--)
			continue;
		admin = (const void *)s;
		*cert = admin + 1;
		*size = le32toh(admin->size);
		return 0;
	}
	return -ENOENT;
}

PROTKEY_EXPORT int protkey_state_thresholds(const struct protkey_state *state,
					    __u8 *thresholds)
{
	const struct pk_section_thresholds *found;
	const struct pk_sealed_header *header;
	int ret = header_of(state, &header);

	if (ret)
		return ret;
	memset(thresholds, 0, PROTKEY_CLASSES);
	found = pk_sealed_find_thresholds(header);
	if (found)
		memcpy(thresholds, found->m, PROTKEY_CLASSES);
	return 0;
}

PROTKEY_EXPORT int protkey_admin_set(int domain,
				     const struct protkey_admin_list *list,
				     unsigned int slot, const __u8 *kek)
{
	struct protkey_admin_set *set = protkey_secret_alloc(sizeof(*set));
	int ret;

	if (!set)
		return -errno;
	set->list = *list;
	set->slot = slot;
	if (kek)
		memcpy(set->kek, kek, sizeof(set->kek));
	ret = pk_device_ioctl(domain, PROTKEY_IOC_ADMIN_SET, set);
	protkey_secret_free(set, sizeof(*set));
	return ret;
}

PROTKEY_EXPORT int protkey_admin_request(int domain,
					 struct protkey_admin_request *request,
					 char *text, size_t *size)
{
	int ret;

	request->text_ptr = (uintptr_t)text;
	request->text_size = PROTKEY_ADMIN_TEXT_MAX;
	ret = pk_device_ioctl(domain, PROTKEY_IOC_ADMIN_REQUEST, request);
	*size = ret ? 0 : request->text_size;
	return ret;
}

PROTKEY_EXPORT int protkey_admin_sign(int domain, const void *signature,
				      size_t size,
				      struct protkey_admin_sign *result)
{
	memset(result, 0, sizeof(*result));
	result->signature_ptr = (uintptr_t)signature;
	result->signature_size = (__u32)size;
	return pk_device_ioctl(domain, PROTKEY_IOC_ADMIN_SIGN, result);
}

PROTKEY_EXPORT int protkey_admin_status(int domain,
					struct protkey_admin_status *status)
{
	return pk_device_ioctl(domain, PROTKEY_IOC_ADMIN_STATUS, status);
}
