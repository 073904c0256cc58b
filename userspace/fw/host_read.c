// SPDX-License-Identifier: GPL-2.0-only
/* Reading below a root directory. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host_read.h"

static int path_make(char path[HOST_PATH], const char *fmt, va_list ap)
{
	int len = vsnprintf(path, HOST_PATH, fmt, ap);

	return len < 0 || len >= HOST_PATH ? -ENAMETOOLONG : 0;
}

/* Nothing that is read here may make us wait: no FIFO, no terminal. */
static ssize_t bytes_at(const struct host *host, void *buf, size_t room,
			off_t offset, const char *path)
{
	int fd = openat(host->root, path,
			O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t got = 0;
	size_t size = 0;

	if (fd < 0)
		return -errno;
	if (offset && lseek(fd, offset, SEEK_SET) < 0)
		got = -1;
	while (got >= 0 && size < room) {
		got = read(fd, (char *)buf + size, room - size);
		if (got < 0 && errno == EINTR)
			got = 0;
		else if (got <= 0)
			break;
		size += (size_t)got;
	}
	if (got < 0)
		got = -errno;
	close(fd);
	return got < 0 ? got : (ssize_t)size;
}

ssize_t host_bytes(const struct host *host, void *buf, size_t room,
		   off_t offset, const char *fmt, ...)
{
	char path[HOST_PATH];
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = path_make(path, fmt, ap);
	va_end(ap);
	return ret ? ret : bytes_at(host, buf, room, offset, path);
}

static int text_at(const struct host *host, char *buf, size_t room,
		   const char *path)
{
	ssize_t got = bytes_at(host, buf, room - 1, 0, path);

	if (got < 0)
		return (int)got;
	if (memchr(buf, '\0', (size_t)got))
		return -EBADMSG;
	if (got && buf[got - 1] == '\n')
		got--;
	buf[got] = '\0';
	return 0;
}

int host_text(const struct host *host, char *buf, size_t room,
	      const char *fmt, ...)
{
	char path[HOST_PATH];
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = path_make(path, fmt, ap);
	va_end(ap);
	return ret ? ret : text_at(host, buf, room, path);
}

int host_number(const struct host *host, long *number, const char *fmt, ...)
{
	char path[HOST_PATH], text[32], *end;
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = path_make(path, fmt, ap);
	va_end(ap);
	if (!ret)
		ret = text_at(host, text, sizeof(text), path);
	if (ret)
		return ret;
	errno = 0;
	*number = strtol(text, &end, 0);
	return errno || end == text || *end ? -EBADMSG : 0;
}

int host_exists(const struct host *host, const char *fmt, ...)
{
	char path[HOST_PATH];
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = path_make(path, fmt, ap);
	va_end(ap);
	if (ret)
		return ret;
	if (!faccessat(host->root, path, F_OK, 0))
		return 1;
	return errno == ENOENT ? 0 : -errno;
}

int host_link(const struct host *host, char *buf, size_t room,
	      const char *fmt, ...)
{
	char path[HOST_PATH], target[4096];
	const char *last;
	va_list ap;
	ssize_t len;
	int ret;

	va_start(ap, fmt);
	ret = path_make(path, fmt, ap);
	va_end(ap);
	if (ret)
		return ret;
	len = readlinkat(host->root, path, target, sizeof(target) - 1);
	if (len < 0)
		return -errno;
	target[len] = '\0';
	last = strrchr(target, '/');
	len = snprintf(buf, room, "%s", last ? last + 1 : target);
	return len <= 0 || (size_t)len >= room ? -EBADMSG : 0;
}

int host_list(const struct host *host, const char *path, const char *prefix,
	      host_each *each, void *arg)
{
	int fd = openat(host->root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	int ret = 0;
	DIR *dir;

	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		ret = -errno;
		if (fd >= 0)
			close(fd);
		return ret;
	}
	while (!ret && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' &&
		    !strncmp(entry->d_name, prefix, strlen(prefix)))
			ret = each(host, entry->d_name, arg);
	closedir(dir);
	return ret == -ENOENT ? -ENODATA : ret;
}

static bool has_word(const char *line, const char *word)
{
	size_t len = strlen(word);
	const char *at = line;

	while ((at = strstr(at, word))) {
		if ((at == line || at[-1] == ' ') &&
		    (at[len] == ' ' || !at[len]))
			return true;
		at += len;
	}
	return false;
}

int host_cpu_flag(const struct host *host, const char *flag)
{
	char text[8192], *line, *end;
	ssize_t got = host_bytes(host, text, sizeof(text) - 1, 0,
				 "proc/cpuinfo");

	if (got < 0)
		return (int)got;
	text[got] = '\0';
	line = strstr(text, "\nflags\t");
	line = line ? strchr(line, ':') : NULL;
	end = line ? strchr(line, '\n') : NULL;
	if (!end)
		return -EBADMSG;
	*end = '\0';
	return has_word(line + 1, flag);
}

int host_is_guest(const struct host *host)
{
	return host_cpu_flag(host, "hypervisor");
}

int host_msr(const struct host *host, uint32_t msr, uint64_t *value)
{
	ssize_t got = host_bytes(host, value, sizeof(*value), (off_t)msr,
				 "dev/cpu/0/msr");

	if (got < 0)
		return (int)got;
	return got == sizeof(*value) ? 0 : -EBADMSG;
}

int host_cmdline(const struct host *host, const char *name, char value[16])
{
	char text[4096], *word, *rest;
	int ret = host_text(host, text, sizeof(text), "proc/cmdline");
	bool found = false;

	if (ret == -ENOENT)
		ret = -ENODATA;
	if (ret)
		return ret;
	for (word = strtok_r(text, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		if (strncmp(word, name, strlen(name)))
			continue;
		snprintf(value, 16, "%s", word + strlen(name));
		found = true;
	}
	return found ? 0 : -ENOENT;
}

/* "none [integrity] confidentiality": the word in brackets. */
int host_lockdown(const struct host *host, char word[32])
{
	char text[96], *open;
	int ret = host_text(host, text, sizeof(text),
			    "sys/kernel/security/lockdown");

	if (ret)
		return ret;
	open = strchr(text, '[');
	if (!open || sscanf(open, "[%31[a-z]]", word) != 1)
		return -EBADMSG;
	return strcmp(word, "none") && strcmp(word, "integrity") &&
	       strcmp(word, "confidentiality") ? -EBADMSG : 0;
}

void host_say(struct host_fact *fact, enum host_state state, const char *fmt,
	      ...)
{
	va_list ap;
	char *at;

	fact->state = state;
	va_start(ap, fmt);
	vsnprintf(fact->value, sizeof(fact->value), fmt, ap);
	va_end(ap);
	/* what comes from files must not steer a terminal */
	for (at = fact->value; *at; at++)
		if ((unsigned char)*at < ' ' || (unsigned char)*at > '~')
			*at = '?';
}

void host_unread(struct host_fact *fact, int err, const char *what)
{
	switch (-err) {
	case ENOENT:
	case ENODATA:
	case ENOTDIR:
	case ENXIO:
		host_say(fact, HOST_UNKNOWN, "%s is not there", what);
		break;
	case EACCES:
	case EPERM:
		host_say(fact, HOST_UNKNOWN, "%s: only root may read it", what);
		break;
	case EBADMSG:
		host_say(fact, HOST_UNKNOWN, "%s has something unexpected in it",
			 what);
		break;
	default:
		host_say(fact, HOST_UNKNOWN, "%s: %s", what, strerror(-err));
	}
}

bool host_says_guest(const struct host *host, struct host_fact *fact)
{
	int guest = host_is_guest(host);

	if (!guest)
		return false;
	if (guest < 0)
		host_unread(fact, guest, "/proc/cpuinfo");
	else
		host_say(fact, HOST_NA, "a guest cannot see it: a matter of its host");
	return true;
}
