// SPDX-License-Identifier: GPL-2.0-only
/* Open LUKS2 devices, found by the UUID that device-mapper keeps for them. */
#include <errno.h>
#include <libdevmapper.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <uuid/uuid.h>

#include "cli.h"

/* cryptsetup writes CRYPT-LUKS2-<UUID without dashes>-<name>. */
#define DM_PREFIX	"CRYPT-LUKS2-"

static void quiet(int level, const char *file, int line, int dm_errno,
		  const char *fmt, ...)
{
	(void)level, (void)file, (void)line, (void)dm_errno, (void)fmt;
}

static int task_run(struct dm_task *task)
{
	if (dm_task_run(task))
		return 0;
	return dm_task_get_errno(task) ? -dm_task_get_errno(task) : -EIO;
}

static int task_simple(int type, const char *name)
{
	struct dm_task *task;
	int ret = -ENOMEM;

	dm_log_with_errno_init(quiet);
	task = dm_task_create(type);
	if (!task)
		return ret;
	if (dm_task_set_name(task, name))
		ret = task_run(task);
	dm_task_destroy(task);
	return ret;
}

int dm_suspend(const char *name)
{
	return task_simple(DM_DEVICE_SUSPEND, name);
}

int dm_resume(const char *name)
{
	return task_simple(DM_DEVICE_RESUME, name);
}

static bool parse_uuid(const char *dm_uuid, uint8_t uuid[16])
{
	unsigned int byte;
	int i;

	if (strncmp(dm_uuid, DM_PREFIX, strlen(DM_PREFIX)))
		return false;
	dm_uuid += strlen(DM_PREFIX);
	for (i = 0; i < 16; i++, dm_uuid += 2) {
		if (sscanf(dm_uuid, "%2x", &byte) != 1)
			return false;
		uuid[i] = (uint8_t)byte;
	}
	return *dm_uuid == '-';
}

/* Fills @volume if @name is an open LUKS2 device: 1, 0 or -errno. */
static int inspect(const char *name, struct dm_volume *volume)
{
	struct dm_task *task = dm_task_create(DM_DEVICE_INFO);
	struct dm_info info;
	const char *dm_uuid;
	int ret = 0;

	if (!task)
		return -ENOMEM;
	if (!dm_task_set_name(task, name) || task_run(task) ||
	    !dm_task_get_info(task, &info) || !info.exists)
		goto out;
	dm_uuid = dm_task_get_uuid(task);
	if (!dm_uuid || !parse_uuid(dm_uuid, volume->uuid))
		goto out;
	snprintf(volume->name, sizeof(volume->name), "%s", name);
	volume->dev = makedev(info.major, (unsigned int)info.minor);
	volume->suspended = info.suspended;
	ret = 1;
out:
	dm_task_destroy(task);
	return ret;
}

static int collect(struct dm_names *at, struct dm_volume **volumes,
		   size_t *count)
{
	for (;; at = (void *)((char *)at + at->next)) {
		struct dm_volume *more, volume = { 0 };
		int ret = inspect(at->name, &volume);

		if (ret < 0)
			return ret;
		if (ret) {
			more = reallocarray(*volumes, *count + 1, sizeof(*more));
			if (!more)
				return -ENOMEM;
			*volumes = more;
			more[(*count)++] = volume;
		}
		if (!at->next)
			return 0;
	}
}

int dm_volumes(struct dm_volume **volumes, size_t *count)
{
	struct dm_task *task;
	struct dm_names *names;
	int ret;

	*volumes = NULL;
	*count = 0;
	dm_log_with_errno_init(quiet);
	task = dm_task_create(DM_DEVICE_LIST);
	if (!task)
		return -ENOMEM;
	ret = task_run(task);
	/* no device-mapper in this kernel yet: nothing is open */
	if (ret == -ENXIO || ret == -ENODEV || ret == -ENOENT)
		ret = 0;
	else if (!ret) {
		names = dm_task_get_names(task);
		if (names && names->dev)
			ret = collect(names, volumes, count);
	}
	dm_task_destroy(task);
	return ret;
}

const struct dm_volume *dm_volume_find(const struct dm_volume *volumes,
				       size_t count, const uint8_t *uuid)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!memcmp(volumes[i].uuid, uuid, 16))
			return &volumes[i];
	return NULL;
}
