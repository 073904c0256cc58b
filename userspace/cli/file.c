// SPDX-License-Identifier: GPL-2.0-only
/* Small files. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

int file_put(const char *path, const char *text)
{
	int ret, fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	ret = fd_write(fd, text, strlen(text));
	close(fd);
	return ret;
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

/* To the end of @fd, which it closes, and to the disk; else @path goes. */
static int write_all(int fd, const char *path, const void *buf, size_t size)
{
	int ret = fd_write(fd, buf, size);

	if (!ret && fsync(fd))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	if (ret)
		unlink(path);
	return ret;
}

/* The rename is on the disk only when its directory is. */
static int sync_dir_of(const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd, ret;

	snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path) + 1 : 1,
		 slash ? path : ".");
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = fsync(fd) ? -errno : 0;
	close(fd);
	return ret;
}

int file_write_new(const char *path, const void *buf, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int ret = fd < 0 ? -errno : write_all(fd, path, buf, size);

	return ret ? ret : sync_dir_of(path);
}

int file_replace(const char *path, const void *buf, size_t size,
		 unsigned int mode)
{
	char temp[PATH_MAX];
	int fd, ret;

	if (snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >=
	    (int)sizeof(temp))
		return -ENAMETOOLONG;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	fchmod(fd, mode);
	ret = write_all(fd, temp, buf, size);
	if (ret)
		return ret;
	if (rename(temp, path)) {
		ret = -errno;
		unlink(temp);
		return ret;
	}
	return sync_dir_of(path);
}

/* @data grows as the file turns out to be longer; always room for a NUL. */
static int fd_load(int fd, size_t max, char **data, size_t *size)
{
	size_t room = 0;
	ssize_t got;

	for (*size = 0;; *size += (size_t)got) {
		if (*size == room) {
			char *more;

			if (room > max)
				return -EFBIG;
			room = room ? 2 * room : 4096;
			more = realloc(*data, room + 1);
			if (!more)
				return -ENOMEM;
			*data = more;
		}
		do
			got = read(fd, *data + *size, room - *size);
		while (got < 0 && errno == EINTR);
		if (got <= 0)
			return got ? -errno : *size > max ? -EFBIG : 0;
	}
}

int file_load(const char *path, size_t max, void **data, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *buf = NULL;
	int ret;

	if (fd < 0)
		return -errno;
	ret = fd_load(fd, max, &buf, size);
	close(fd);
	if (ret) {
		free(buf);
		return ret;
	}
	buf[*size] = '\0';
	*data = buf;
	return 0;
}
