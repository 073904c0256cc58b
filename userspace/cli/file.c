// SPDX-License-Identifier: GPL-2.0-only
/* Small files. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli.h"

int file_read(const char *path, void *buf, size_t room, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *at = buf, more;
	ssize_t got;
	int ret = 0;

	if (fd < 0)
		return -errno;
	*size = 0;
	while (*size < room) {
		got = read(fd, at + *size, room - *size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			goto out;
		*size += (size_t)got;
	}
	got = read(fd, &more, 1);
	if (got > 0)
		ret = -EFBIG;
out:
	if (got < 0)
		ret = -errno;
	close(fd);
	return ret;
}

int file_write_new(const char *path, const void *buf, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	const char *at = buf;
	int ret = 0;

	if (fd < 0)
		return -errno;
	while (size && !ret) {
		ssize_t put = write(fd, at, size);

		if (put < 0 && errno != EINTR)
			ret = -errno;
		if (put > 0) {
			at += put;
			size -= (size_t)put;
		}
	}
	if (!ret && fsync(fd))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	if (ret)
		unlink(path);
	return ret;
}
