// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a domain demands of the boot: see measured.h. */
#include <stdint.h>
#include <string.h>

#include "internal.h"
#include "sealed.h"

PROTKEY_EXPORT int protkey_state_measured(const struct protkey_state *state,
					  struct protkey_measured *measured)
{
	const struct pk_sealed_header *header;
	int ret = state->data ?
		  pk_sealed_parse(state->data, state->size, &header) : -EBADMSG;

	if (ret)
		return ret;
	return pk_sealed_measured(header, measured) ? 0 : -ENOENT;
}

PROTKEY_EXPORT int protkey_measured_set(int domain,
					const struct protkey_measured *measured,
					unsigned int slot, const __u8 *kek)
{
	struct protkey_measured_set *set = protkey_secret_alloc(sizeof(*set));
	int ret;

	if (!set)
		return -errno;
	set->measured = *measured;
	set->slot = slot;
	if (kek)
		memcpy(set->kek, kek, sizeof(set->kek));
	ret = pk_device_ioctl(domain, PROTKEY_IOC_MEASURED_SET, set);
	protkey_secret_free(set, sizeof(*set));
	return ret;
}

PROTKEY_EXPORT int protkey_nonce(int control, __u8 *nonce)
{
	struct protkey_nonce arg;
	int ret = pk_device_ioctl(control, PROTKEY_IOC_NONCE, &arg);

	if (!ret)
		memcpy(nonce, arg.nonce, sizeof(arg.nonce));
	return ret;
}

PROTKEY_EXPORT int protkey_quote(int control, const void *attest,
				 size_t attest_size, const void *signature,
				 size_t signature_size)
{
	struct protkey_quote arg = {
		.attest_ptr = (uintptr_t)attest,
		.signature_ptr = (uintptr_t)signature,
		.attest_size = (__u32)attest_size,
		.signature_size = (__u32)signature_size,
	};

	if (attest_size > PROTKEY_QUOTE_MAX || signature_size > PROTKEY_QUOTE_MAX)
		return -EINVAL;
	return pk_device_ioctl(control, PROTKEY_IOC_QUOTE, &arg);
}
