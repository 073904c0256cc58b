// SPDX-License-Identifier: LGPL-2.1-or-later
/* Pins of volumes. */
#include "internal.h"

PROTKEY_EXPORT int protkey_volume_pin(int domain, int store, const char *name,
				      const struct protkey_volume *volume)
{
	struct protkey_volume pin = *volume;
	/* what was pinned before stays pinned, also if it cannot be saved now */
	int pinned = !pk_device_ioctl(domain, PROTKEY_IOC_VOLUME_CHECK, &pin);
	int ret = pk_device_ioctl(domain, PROTKEY_IOC_VOLUME_PIN, &pin);

	if (ret)
		return ret;
	ret = protkey_domain_save(domain, store, name);
	if (ret && !pinned)
		pk_device_ioctl(domain, PROTKEY_IOC_VOLUME_UNPIN, &pin);
	return ret;
}

PROTKEY_EXPORT int protkey_volume_unpin(int domain, int store, const char *name,
					const struct protkey_volume *volume)
{
	struct protkey_volume pin = *volume;
	int ret = pk_device_ioctl(domain, PROTKEY_IOC_VOLUME_UNPIN, &pin);

	/* not taken back on failure: the file then still has the pin */
	return ret ? ret : protkey_domain_save(domain, store, name);
}

PROTKEY_EXPORT int protkey_volume_check(int domain,
					const struct protkey_volume *volume)
{
	struct protkey_volume pin = *volume;

	return pk_device_ioctl(domain, PROTKEY_IOC_VOLUME_CHECK, &pin);
}
