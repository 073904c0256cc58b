// SPDX-License-Identifier: GPL-2.0-only
/* What every helper needs. */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

const char *errno_name(int err)
{
	const char *name = err ? strerrorname_np(err) : "0";

	return name ? name : "?";
}

void die_errno(const char *what)
{
	int err = errno;

	fprintf(stderr, "%s: %s: %s (%s)\n", program_invocation_short_name,
		what, errno_name(err), strerror(err));
	exit(1);
}

void die(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

size_t unhex(const char *hex, void *out, size_t room)
{
	unsigned char *bytes = out;
	size_t len = strlen(hex) / 2;
	size_t i;

	if (strlen(hex) % 2 || len > room)
		die("bad length of hex string");
	for (i = 0; i < len; i++) {
		if (sscanf(hex + 2 * i, "%2hhx", &bytes[i]) != 1)
			die("not hex: %s", hex);
	}
	return len;
}

void print_hex(const char *name, const void *bytes, size_t len)
{
	const unsigned char *byte = bytes;
	size_t i;

	printf("%s=", name);
	for (i = 0; i < len; i++)
		printf("%02x", byte[i]);
	putchar('\n');
}

size_t read_file(const char *path, void *buf, size_t room)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : 0;
	size_t len = 0;
	ssize_t got;

	if (fd < 0)
		die_errno(path);
	while ((got = read(fd, (char *)buf + len, room - len)) > 0)
		len += got;
	if (got < 0)
		die_errno(path);
	if (fd)
		close(fd);
	return len;
}

void write_file(const char *path, const void *buf, size_t len)
{
	int fd = strcmp(path, "-") ?
		 open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : 1;

	if (fd < 0)
		die_errno(path);
	if (write(fd, buf, len) != (ssize_t)len)
		die_errno(path);
	if (fd != 1 && close(fd))
		die_errno(path);
}
