// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reads and writes that are not cut short. */
#include <unistd.h>

#include "internal.h"

int pk_io_read_all(int fd, void *buf, size_t size)
{
	char *at = buf;

	while (size) {
		ssize_t got = read(fd, at, size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			return -EBADMSG;
		at += got;
		size -= (size_t)got;
	}
	return 0;
}

int pk_io_write_all(int fd, const void *buf, size_t size)
{
	const char *at = buf;

	while (size) {
		ssize_t put = write(fd, at, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		at += put;
		size -= (size_t)put;
	}
	return 0;
}
