// SPDX-License-Identifier: LGPL-2.1-or-later
/* Master key registers: see mk.h. */
#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "internal.h"
#include "sealed.h"

PROTKEY_EXPORT int protkey_state_register(const struct protkey_state *state,
					  unsigned int which,
					  struct protkey_register *reg)
{
	const struct pk_section_register *section;
	const struct pk_sealed_header *header;
	const __u8 *pattern;
	int ret;

	if (!state->data)
		return -EBADMSG;
	ret = pk_sealed_parse(state->data, state->size, &header);
	if (ret)
		return ret;
	memset(reg, 0, sizeof(*reg));
	if (which == PROTKEY_MK_CURRENT)
		pattern = header->pattern_current;
	else if (which == PROTKEY_MK_OLD)
		pattern = header->pattern_old;
	else if (which == PROTKEY_MK_NEW)
		pattern = header->pattern_new;
	else
		return -EINVAL;
	memcpy(reg->pattern, pattern, sizeof(reg->pattern));
	section = which == PROTKEY_MK_NEW ?
		  pk_sealed_find_register(header, which) : NULL;
	if (!section)
		return 0;
	reg->loaded = le16toh(section->loaded);
	reg->wanted = le16toh(section->wanted);
	reg->committed = !!(le32toh(section->flags) & PK_REGISTER_COMMITTED);
	memcpy(reg->parts, section->parts, sizeof(reg->parts));
	return 0;
}

PROTKEY_EXPORT int protkey_mk_load(int domain, struct protkey_mk_load *load)
{
	return pk_device_ioctl(domain, PROTKEY_IOC_MK_LOAD, load);
}

static int by_pattern(int domain, unsigned long request, const __u8 *pattern,
		      unsigned int slot, const __u8 *kek)
{
	struct protkey_mk_pattern *req = protkey_secret_alloc(sizeof(*req));
	int ret;

	if (!req)
		return -errno;
	memcpy(req->pattern, pattern, sizeof(req->pattern));
	memcpy(req->kek, kek, sizeof(req->kek));
	req->slot = slot;
	ret = pk_device_ioctl(domain, request, req);
	protkey_secret_free(req, sizeof(*req));
	return ret;
}

PROTKEY_EXPORT int protkey_mk_commit(int domain, const __u8 *pattern,
				     unsigned int slot, const __u8 *kek)
{
	return by_pattern(domain, PROTKEY_IOC_MK_COMMIT, pattern, slot, kek);
}

PROTKEY_EXPORT int protkey_mk_clear(int domain, const __u8 *pattern,
				    unsigned int slot, const __u8 *kek)
{
	return by_pattern(domain, PROTKEY_IOC_MK_CLEAR, pattern, slot, kek);
}

PROTKEY_EXPORT int protkey_mk_set(int domain, struct protkey_seal_kek *keks,
				  unsigned int count, unsigned int flags)
{
	struct protkey_mk_set set = {
		.keks_ptr = (uintptr_t)keks,
		.keks = count,
		.flags = flags,
	};

	return pk_device_ioctl(domain, PROTKEY_IOC_MK_SET, &set);
}

PROTKEY_EXPORT int protkey_mk_abort(int domain)
{
	return pk_device_ioctl(domain, PROTKEY_IOC_MK_ABORT, NULL);
}

PROTKEY_EXPORT int protkey_key_reencipher(int domain, void *blob,
					  unsigned int to, unsigned int *from)
{
	struct protkey_key_reencipher req = { .to = to };
	int ret;

	memcpy(req.blob, blob, sizeof(req.blob));
	ret = pk_device_ioctl(domain, PROTKEY_IOC_KEY_REENCIPHER, &req);
	if (ret)
		return ret;
	memcpy(blob, req.blob, sizeof(req.blob));
	if (from)
		*from = req.from;
	return 0;
}
