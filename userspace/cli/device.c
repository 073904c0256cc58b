// SPDX-License-Identifier: GPL-2.0-only
/* Block devices: is it one, is it free, what is on it. */
#include <blkid/blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "volume.h"

#define LOOK_AT	(1024 * 1024)	/* bytes that must be zero on an empty one */

int device_check(const char *device, uint64_t *size)
{
	int ret, fd = open(device, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return fail_errno(-errno, device);
	ret = fstat(fd, &st) || !S_ISBLK(st.st_mode);
	if (!ret && size)
		ret = ioctl(fd, BLKGETSIZE64, size);
	close(fd);
	if (ret)
		return fail(EXIT_USAGE, "%s is not a block device (a file: make it one with losetup)",
			    device);
	return EXIT_OK;
}

int device_check_free(const char *device)
{
	int fd = open(device, O_RDWR | O_EXCL | O_CLOEXEC);

	if (fd < 0 && errno == EBUSY)
		return fail(EXIT_EXISTS, "%s is in use: it is mounted, or part of another device (lsblk shows which)",
			    device);
	if (fd < 0)
		return fail_errno(-errno, device);
	close(fd);
	return EXIT_OK;
}

static int not_blank(const char *device)
{
	int fd = open(device, O_RDONLY | O_CLOEXEC);
	static char buf[65536];
	size_t done = 0;
	ssize_t got;
	int found = 0;

	if (fd < 0)
		return -errno;
	while (!found && done < LOOK_AT && (got = read(fd, buf, sizeof(buf))) > 0) {
		found = !all_zero(buf, (size_t)got);
		done += (size_t)got;
	}
	close(fd);
	return found;
}

static void describe(blkid_probe probe, char *what, size_t room)
{
	const char *value;

	if (!blkid_probe_lookup_value(probe, "TYPE", &value, NULL))
		snprintf(what, room, "%s", value);
	else if (!blkid_probe_lookup_value(probe, "PTTYPE", &value, NULL))
		snprintf(what, room, "a partition table (%s)", value);
	else
		snprintf(what, room, "data of several kinds");
}

int device_holds(const char *device, char *what, size_t room)
{
	blkid_probe probe = blkid_new_probe_from_filename(device);
	int ret;

	what[0] = '\0';
	if (!probe)
		return -errno;
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_enable_partitions(probe, 1);
	ret = blkid_do_safeprobe(probe);
	if (ret == 0 || ret == -2)
		describe(probe, what, room);
	blkid_free_probe(probe);
	if (ret == -1)
		return -EIO;
	ret = *what ? 0 : not_blank(device);
	if (ret > 0)
		snprintf(what, room, "data of a kind that is not known");
	return ret < 0 ? ret : 0;
}

/* Old signatures would let the volume be taken for what was there before. */
int device_wipe_signatures(const char *device)
{
	int ret, fd = open(device, O_RDWR | O_EXCL | O_CLOEXEC);
	blkid_probe probe;

	if (fd < 0)
		return -errno;
	probe = blkid_new_probe();
	if (!probe || blkid_probe_set_device(probe, fd, 0, 0)) {
		ret = -EIO;
		goto out;
	}
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_MAGIC);
	blkid_probe_enable_partitions(probe, 1);
	blkid_probe_set_partitions_flags(probe, BLKID_PARTS_MAGIC);
	while ((ret = blkid_do_probe(probe)) == 0)
		if (blkid_do_wipe(probe, 0)) {
			ret = -EIO;
			goto out;
		}
	ret = ret < 0 || fsync(fd) ? -EIO : 0;
out:
	blkid_free_probe(probe);
	close(fd);
	return ret;
}
