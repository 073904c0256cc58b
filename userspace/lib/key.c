// SPDX-License-Identifier: LGPL-2.1-or-later
/* Secure keys. */
#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "internal.h"
#include "keyblob.h"

/* Type numbers are small and dense; the parser owns the table. */
#define KEY_TYPES	16

PROTKEY_EXPORT const char *protkey_key_type_name(unsigned int type)
{
	return pk_blob_type_name(type);
}

PROTKEY_EXPORT unsigned int protkey_key_type_size(unsigned int type)
{
	return pk_blob_key_size(type);
}

PROTKEY_EXPORT int protkey_key_type_find(const char *name)
{
	int type;

	for (type = 1; type < KEY_TYPES; type++) {
		const char *known = pk_blob_type_name((unsigned int)type);

		if (known && !strcmp(known, name))
			return type;
	}
	return -EINVAL;
}

PROTKEY_EXPORT int protkey_key_parse(const void *blob, size_t size,
				     struct protkey_key_info *info)
{
	const struct pk_blob *b;
	int ret = pk_blob_parse(blob, size, &b);

	if (ret)
		return ret;
	memset(info, 0, sizeof(*info));
	info->type = le16toh(b->type);
	info->key_size = le16toh(b->key_size);
	info->usage = le32toh(b->usage);
	info->flags = le32toh(b->flags);
	memcpy(info->key_id, b->key_id, sizeof(info->key_id));
	memcpy(info->domain, b->domain, sizeof(info->domain));
	memcpy(info->mk_pattern, b->mk_pattern, sizeof(info->mk_pattern));
	memcpy(info->pattern, b->pattern, sizeof(info->pattern));
	memcpy(info->volume, b->volume, sizeof(info->volume));
	info->not_before = le64toh(b->not_before);
	info->not_after = le64toh(b->not_after);
	return 0;
}

PROTKEY_EXPORT int protkey_key_generate(int domain,
					struct protkey_key_make *make)
{
	make->clear_ptr = 0;
	make->clear_size = 0;
	return pk_device_ioctl(domain, PROTKEY_IOC_KEY_GENERATE, make);
}

PROTKEY_EXPORT int protkey_key_import(int domain, struct protkey_key_make *make,
				      const void *clear, size_t size)
{
	int ret;

	if (size > PROTKEY_BLOB_SIZE)
		return -EINVAL;
	make->clear_ptr = (uintptr_t)clear;
	make->clear_size = (__u32)size;
	ret = pk_device_ioctl(domain, PROTKEY_IOC_KEY_IMPORT, make);
	make->clear_ptr = 0;
	make->clear_size = 0;
	return ret;
}

PROTKEY_EXPORT int protkey_key_verify(int domain, const void *blob, size_t size,
				      struct protkey_key_verify *result)
{
	if (size != PROTKEY_BLOB_SIZE)
		return -EINVAL;
	memset(result, 0, sizeof(*result));
	memcpy(result->blob, blob, size);
	return pk_device_ioctl(domain, PROTKEY_IOC_KEY_VERIFY, result);
}
