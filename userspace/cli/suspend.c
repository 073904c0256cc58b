// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open volumes of a domain that is about to be locked are suspended first, so
 * that what is written is flushed, later writers wait, and no journal aborts.
 * A mark in /run says which ones we suspended: only these are resumed after
 * the domain was unlocked, not those that somebody else suspended.
 *
 * Plain device-mapper is enough: for wrapped keys cryptsetup's own suspend
 * leaves the (wrapped) key in place, and the module prepares it again when the
 * domain is unlocked.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inuse.h"

#define MARKS	"/run/protkey/suspended"

static void mark_path(const char *volume, char path[256])
{
	snprintf(path, 256, MARKS "/%s", volume);
}

static int mark_make(const struct dm_volume *volume)
{
	char path[256];
	int fd;

	mkdir("/run/protkey", 0700);
	mkdir(MARKS, 0700);
	mark_path(volume->name, path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static bool mark_there(const struct dm_volume *volume)
{
	char path[256];

	mark_path(volume->name, path);
	return !access(path, F_OK);
}

void suspend_forget(const char *volume)
{
	char path[256];

	mark_path(volume, path);
	unlink(path);
}

static bool is_pinned(const struct protkey_state *state, const uint8_t *uuid)
{
	struct protkey_volume pin;
	unsigned int i;

	for (i = 0; !protkey_state_volume(state, i, &pin); i++)
		if (!memcmp(pin.uuid, uuid, sizeof(pin.uuid)))
			return true;
	return false;
}

/* The open volumes that are pinned in the domain. */
static int domain_volumes(int domain, struct dm_volume **volumes,
			  size_t *count)
{
	struct protkey_state state;
	size_t i, kept = 0;
	int ret = protkey_domain_state(domain, &state);

	if (ret)
		return ret;
	ret = dm_volumes(volumes, count);
	for (i = 0; !ret && i < *count; i++)
		if (is_pinned(&state, (*volumes)[i].uuid))
			(*volumes)[kept++] = (*volumes)[i];
	*count = kept;
	protkey_state_free(&state);
	return ret;
}

int suspend_devices(int domain, struct devices *devices)
{
	struct dm_volume *volumes = NULL;
	size_t i, count = 0;
	int ret = domain_volumes(domain, &volumes, &count);

	for (i = 0; !ret && i < count; i++)
		ret = devices_add(devices, volumes[i].dev);
	free(volumes);
	return ret;
}

int suspended_devices(struct devices *devices)
{
	struct dm_volume *volumes = NULL;
	size_t i, count = 0;
	int ret = dm_volumes(&volumes, &count);

	for (i = 0; !ret && i < count; i++)
		if (volumes[i].suspended)
			ret = devices_add(devices, volumes[i].dev);
	free(volumes);
	return ret;
}

static int suspend_one(struct dm_volume *volume)
{
	int ret;

	if (volume->suspended)
		return 0;
	ret = mark_make(volume);
	if (ret)
		return ret;
	ret = dm_suspend(volume->name);
	if (ret)
		suspend_forget(volume->name);
	return ret;
}

/* All marked ones; goes on after an error and returns the first. */
static int resume_marked(const struct dm_volume *volumes, size_t count,
			 unsigned int *resumed)
{
	int ret, first = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!mark_there(&volumes[i]))
			continue;
		ret = dm_resume(volumes[i].name);
		if (ret) {
			warn("volume %s could not be resumed: %s",
			     volumes[i].name, strerror(-ret));
			first = first ? first : ret;
			continue;
		}
		suspend_forget(volumes[i].name);
		(*resumed)++;
	}
	return first;
}

int suspend_domain(int domain, const char *name, unsigned int *open)
{
	struct dm_volume *volumes = NULL;
	size_t i, count = 0;
	unsigned int undone = 0;
	int ret;

	*open = 0;
	ret = domain_volumes(domain, &volumes, &count);
	for (i = 0; !ret && i < count; i++) {
		ret = suspend_one(&volumes[i]);
		if (ret)
			warn("volume %s of domain '%s' could not be suspended: %s",
			     volumes[i].name, name, strerror(-ret));
	}
	if (ret)
		resume_marked(volumes, i, &undone);
	else
		*open = (unsigned int)count;
	free(volumes);
	return ret;
}

int suspend_undo(int domain, const char *name, unsigned int *resumed)
{
	struct dm_volume *volumes = NULL;
	size_t count = 0;
	int ret;

	(void)name;
	*resumed = 0;
	ret = domain_volumes(domain, &volumes, &count);
	if (!ret)
		ret = resume_marked(volumes, count, resumed);
	free(volumes);
	return ret;
}
