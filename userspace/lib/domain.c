// SPDX-License-Identifier: LGPL-2.1-or-later
/* Domains: the ioctls of the control node and of a domain's node. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "sealed.h"

/* A first guess that fits a new domain and some hundred volumes. */
#define STATE_ROOM	(64U * 1024)

PROTKEY_EXPORT int protkey_domain_name_valid(const char *name)
{
	return pk_name_valid(name);
}

static int domain_create_ioctl(int control, const char *name,
			       const struct protkey_seal_params *seal,
			       const __u8 *kek, struct protkey_state *state)
{
	struct protkey_domain_create *create;
	int ret;

	create = protkey_secret_alloc(sizeof(*create));
	if (!create)
		return -errno;
	memcpy(create->name, name, strlen(name));
	memcpy(create->kek, kek, sizeof(create->kek));
	create->seal = *seal;
	create->state_ptr = (uintptr_t)state->data;
	create->state_size = (__u32)state->size;
	ret = pk_device_ioctl(control, PROTKEY_IOC_DOMAIN_CREATE, create);
	state->size = create->state_size;
	protkey_secret_free(create, sizeof(*create));
	return ret;
}

PROTKEY_EXPORT int protkey_domain_create(int control, int store,
					 const char *name,
					 const struct protkey_seal_params *seal,
					 const __u8 *kek)
{
	struct protkey_state state = { .size = STATE_ROOM };
	int ret;

	ret = protkey_store_exists(store, name);
	if (ret)
		return ret < 0 ? ret : -EEXIST;
	state.data = calloc(1, state.size);
	if (!state.data)
		return -ENOMEM;
	ret = domain_create_ioctl(control, name, seal, kek, &state);
	if (ret)
		goto out_free;
	ret = protkey_store_save(store, name, &state, 1);
	if (ret)
		protkey_domain_forget(control, name);
out_free:
	protkey_state_free(&state);
	return ret;
}

PROTKEY_EXPORT int protkey_domain_unlock(int control,
					 const struct protkey_state *state,
					 unsigned int slot, const __u8 *kek,
					 unsigned int *prepared)
{
	struct protkey_domain_unlock *unlock;
	int ret;

	unlock = protkey_secret_alloc(sizeof(*unlock));
	if (!unlock)
		return -errno;
	unlock->state_ptr = (uintptr_t)state->data;
	unlock->state_size = (__u32)state->size;
	unlock->slot = slot;
	memcpy(unlock->kek, kek, sizeof(unlock->kek));
	ret = pk_device_ioctl(control, PROTKEY_IOC_DOMAIN_UNLOCK, unlock);
	if (!ret && prepared)
		*prepared = unlock->keys_prepared;
	protkey_secret_free(unlock, sizeof(*unlock));
	return ret;
}

PROTKEY_EXPORT int protkey_domain_lock(int domain, unsigned int flags)
{
	struct protkey_domain_lock lock = { .flags = flags };

	return pk_device_ioctl(domain, PROTKEY_IOC_DOMAIN_LOCK, &lock);
}

PROTKEY_EXPORT int protkey_domain_info(int domain,
				       struct protkey_domain_info *info)
{
	memset(info, 0, sizeof(*info));
	return pk_device_ioctl(domain, PROTKEY_IOC_DOMAIN_INFO, info);
}

PROTKEY_EXPORT int protkey_domain_at(int control, unsigned int index,
				     struct protkey_domain_info *info)
{
	struct protkey_domain_list list = { .index = index };
	int ret = pk_device_ioctl(control, PROTKEY_IOC_DOMAIN_LIST, &list);

	if (!ret)
		*info = list.info;
	return ret;
}

static int by_name(int control, unsigned long request, const char *name)
{
	struct protkey_domain_name arg = { 0 };

	if (!protkey_domain_name_valid(name))
		return -EINVAL;
	memcpy(arg.name, name, strlen(name));
	return pk_device_ioctl(control, request, &arg);
}

PROTKEY_EXPORT int protkey_domain_forget(int control, const char *name)
{
	return by_name(control, PROTKEY_IOC_DOMAIN_DELETE, name);
}

PROTKEY_EXPORT int protkey_domain_zeroize(int control, const char *name)
{
	return by_name(control, PROTKEY_IOC_DOMAIN_ZEROIZE, name);
}

PROTKEY_EXPORT int protkey_quota_set(int domain, const struct protkey_quota *quota)
{
	struct protkey_quota arg = *quota;

	return pk_device_ioctl(domain, PROTKEY_IOC_QUOTA_SET, &arg);
}

static int domain_get_state(int domain, struct protkey_state *state,
			    __u32 room, __u32 *needed)
{
	struct protkey_domain_get_state get = { .state_size = room };
	int ret;

	state->data = malloc(room);
	if (!state->data)
		return -ENOMEM;
	get.state_ptr = (uintptr_t)state->data;
	ret = pk_device_ioctl(domain, PROTKEY_IOC_DOMAIN_GET_STATE, &get);
	*needed = get.state_size;
	if (ret || get.state_size > room) {
		protkey_state_free(state);
		return ret ? ret : -EPROTO;
	}
	state->size = get.state_size;
	return 0;
}

PROTKEY_EXPORT int protkey_domain_state(int domain,
					struct protkey_state *state)
{
	__u32 needed, room = STATE_ROOM;
	int ret;

	memset(state, 0, sizeof(*state));
	ret = domain_get_state(domain, state, room, &needed);
	/* another process may let it grow between the two calls */
	while (ret == -ENOSPC && needed > room && needed <= PROTKEY_STATE_MAX) {
		room = needed;
		ret = domain_get_state(domain, state, room, &needed);
	}
	return ret;
}

PROTKEY_EXPORT int protkey_domain_save(int domain, int store, const char *name)
{
	struct protkey_state state;
	int ret = protkey_domain_state(domain, &state);

	if (ret)
		return ret;
	ret = protkey_store_save(store, name, &state, 0);
	protkey_state_free(&state);
	return ret;
}
