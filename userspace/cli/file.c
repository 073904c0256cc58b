// SPDX-License-Identifier: GPL-2.0-only
/* Small files. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

int fd_read(int fd, void *buf, size_t room, size_t *size)
{
	char *at = buf, more;
	ssize_t got;

	*size = 0;
	for (;;) {
		got = *size < room ? read(fd, at + *size, room - *size) :
		      read(fd, &more, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : 0;
		if (*size == room)
			return -EFBIG;
		*size += (size_t)got;
	}
}

int fd_write(int fd, const void *buf, size_t size)
{
	const char *at = buf;

	while (size) {
		ssize_t put = write(fd, at, size);

		if (put < 0 && errno != EINTR)
			return -errno;
		if (put > 0) {
			at += put;
			size -= (size_t)put;
		}
	}
	return 0;
}

int file_read(const char *path, void *buf, size_t room, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = fd_read(fd, buf, room, size);
	close(fd);
	return ret;
}

int file_write_new(const char *path, const void *buf, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int ret;

	if (fd < 0)
		return -errno;
	ret = fd_write(fd, buf, size);
	if (!ret && fsync(fd))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	if (ret)
		unlink(path);
	return ret;
}

/* Written, on the disk and closed. */
static int write_out(int fd, const void *buf, size_t size, unsigned int mode)
{
	int ret = fd_write(fd, buf, size);

	if (!ret && (fchmod(fd, mode) || fsync(fd)))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	return ret;
}

int file_replace(const char *path, const void *buf, size_t size, unsigned int mode)
{
	char *fresh;
	int fd, ret;

	if (asprintf(&fresh, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(fresh, O_CLOEXEC);
	ret = fd < 0 ? -errno : write_out(fd, buf, size, mode);
	if (!ret && rename(fresh, path))
		ret = -errno;
	if (ret && fd >= 0)
		unlink(fresh);
	free(fresh);
	return ret;
}
