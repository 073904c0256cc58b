// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who uses a volume: the block devices that belong to it, and the processes that
 * have one of them or a file on it open.
 *
 * No file is asked for anything that its file system would have to ask of a
 * server: that may be a process which is frozen (AT_STATX_DONT_SYNC).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "inuse.h"

#define MAPS_MAX	(64 * 1024 * 1024)

static bool devices_have(const struct devices *set, dev_t dev)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (set->devs[i] == dev)
			return true;
	return false;
}

void devices_free(struct devices *set)
{
	free(set->devs);
	memset(set, 0, sizeof(*set));
}

static int devices_insert(struct devices *set, dev_t dev)
{
	dev_t *devs = reallocarray(set->devs, set->count + 1, sizeof(*devs));

	if (!devs)
		return -ENOMEM;
	set->devs = devs;
	devs[set->count++] = dev;
	return 0;
}

static int read_dev(const char *path, dev_t *dev)
{
	unsigned int major, minor;
	char text[32];
	size_t size;
	int ret = file_read(path, text, sizeof(text) - 1, &size);

	if (ret)
		return ret;
	text[size] = '\0';
	if (sscanf(text, "%u:%u", &major, &minor) != 2)
		return -EBADMSG;
	*dev = makedev(major, minor);
	return 0;
}

int devices_add(struct devices *set, dev_t dev)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;
	int ret;

	if (devices_have(set, dev))
		return 0;
	ret = devices_insert(set, dev);
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/holders",
		 major(dev), minor(dev));
	dir = ret ? NULL : opendir(path);
	if (!dir)
		return ret;
	while (!ret && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/class/block/%s/dev",
			 entry->d_name);
		ret = read_dev(path, &dev);
		if (!ret)
			ret = devices_add(set, dev);
	}
	closedir(dir);
	return ret;
}

/* @path is one of the devices, or lies on one. */
static bool path_on(const struct devices *set, const char *path)
{
	struct statx st;

	if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_TYPE, &st))
		return false;
	if (devices_have(set, makedev(st.stx_dev_major, st.stx_dev_minor)))
		return true;
	return S_ISBLK(st.stx_mode) &&
	       devices_have(set, makedev(st.stx_rdev_major, st.stx_rdev_minor));
}

/* btrfs gives its files device numbers of their own. */
int devices_add_mounts(struct devices *set)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *mount;
	struct statx st;
	int ret = 0;

	if (!mounts)
		return -errno;
	while (!ret && (mount = getmntent(mounts))) {
		if (!path_on(set, mount->mnt_fsname) ||
		    statx(AT_FDCWD, mount->mnt_dir, AT_STATX_DONT_SYNC,
			  STATX_TYPE, &st))
			continue;
		ret = devices_insert(set, makedev(st.stx_dev_major,
						  st.stx_dev_minor));
	}
	endmntent(mounts);
	return ret;
}

static void sync_mount(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	syncfs(fd);
	close(fd);
}

/* sync(2) would wait for those that are suspended. */
void sync_but(const struct devices *suspended)
{
	struct mntent *mount;
	FILE *mounts;

	if (!suspended->count) {
		sync();
		return;
	}
	mounts = setmntent("/proc/self/mounts", "re");
	if (!mounts)
		return;
	while ((mount = getmntent(mounts)))
		if (!strncmp(mount->mnt_fsname, "/dev/", 5) &&
		    !path_on(suspended, mount->mnt_fsname))
			sync_mount(mount->mnt_dir);
	endmntent(mounts);
}

bool swap_on(const struct devices *set)
{
	FILE *swaps = fopen("/proc/swaps", "re");
	char line[PATH_MAX + 64];
	bool found = false;

	while (swaps && !found && fgets(line, sizeof(line), swaps)) {
		line[strcspn(line, " \t\n")] = '\0';
		found = path_on(set, line);
	}
	if (swaps)
		fclose(swaps);
	return found;
}

static bool files_on(pid_t pid, const struct devices *set)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%s", pid,
			 entry->d_name);
		found = entry->d_name[0] != '.' && path_on(set, path);
	}
	if (dir)
		closedir(dir);
	return found;
}

static bool maps_on(pid_t pid, const struct devices *set)
{
	unsigned int major, minor;
	char path[64], *line, *rest;
	bool found = false;
	void *maps;
	size_t size;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	if (file_load(path, MAPS_MAX, &maps, &size))
		return false;
	for (rest = maps; !found && (line = strsep(&rest, "\n"));)
		found = sscanf(line, "%*s %*s %*s %x:%x", &major,
			       &minor) == 2 &&
			devices_have(set, makedev(major, minor));
	free(maps);
	return found;
}

bool process_uses(pid_t pid, const struct devices *set)
{
	char cwd[64], root[64];

	snprintf(cwd, sizeof(cwd), "/proc/%d/cwd", pid);
	snprintf(root, sizeof(root), "/proc/%d/root", pid);
	return path_on(set, cwd) || path_on(set, root) || files_on(pid, set) ||
	       maps_on(pid, set);
}
