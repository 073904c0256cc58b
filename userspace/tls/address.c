// SPDX-License-Identifier: GPL-2.0-only
/* Addresses and sockets. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <protkey/protkey.h>

#include "address.h"

int64_t deadline_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t deadline_in(unsigned int seconds)
{
	return deadline_now() + (int64_t)seconds * 1000;
}

int deadline_poll(int fd, short events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left;
	int ret;

	do {
		left = deadline - deadline_now();
		if (left <= 0)
			return -ETIMEDOUT;
		ret = poll(&p, 1, (int)left);
	} while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : ret ? 0 : -ETIMEDOUT;
}

static bool port_valid(const char *port)
{
	char *end;
	unsigned long n = strtoul(port, &end, 10);

	return *port >= '0' && *port <= '9' && !*end && n >= 1 && n <= 65535;
}

int address_parse(struct address *a, const char *text)
{
	const char *colon = strrchr(text, ':');
	size_t size;

	memset(a, 0, sizeof(*a));
	if (!strncmp(text, "unix:", 5)) {
		a->is_unix = true;
		if (text[5] != '/' ||
		    strlen(text + 5) >= sizeof(((struct sockaddr_un *)0)->sun_path))
			return -EINVAL;
		strcpy(a->host, text + 5);
		return 0;
	}
	if (!colon || !port_valid(colon + 1) || strlen(colon + 1) >= sizeof(a->port))
		return -EINVAL;
	size = (size_t)(colon - text);
	if (*text == '[') {
		if (size < 2 || text[size - 1] != ']')
			return -EINVAL;
		text++;
		size -= 2;
	} else if (memchr(text, ':', size)) {
		return -EINVAL;		/* IPv6 without brackets */
	}
	if (size >= sizeof(a->host))
		return -EINVAL;
	if (size != 1 || *text != '*')
		memcpy(a->host, text, size);
	strcpy(a->port, colon + 1);
	return 0;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->is_unix == b->is_unix && !strcmp(a->host, b->host) &&
	       !strcmp(a->port, b->port);
}

static int unix_address(const struct address *a, struct sockaddr_un *to)
{
	memset(to, 0, sizeof(*to));
	to->sun_family = AF_UNIX;
	strcpy(to->sun_path, a->host);	/* the parser saw that it fits */
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int listen_unix(const struct address *a)
{
	struct sockaddr_un name;
	int fd = unix_address(a, &name);
	struct stat st;
	mode_t mask;
	int err = 0;

	if (fd < 0)
		return -errno;
	/* of an instance before */
	if (!lstat(a->host, &st) && S_ISSOCK(st.st_mode))
		unlink(a->host);
	mask = umask(0177);
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)) || listen(fd, SOMAXCONN))
		err = -errno;
	umask(mask);
	if (err)
		close(fd);
	return err ? err : fd;
}

static int lookup(const struct address *a, int flags, struct addrinfo **list)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = flags };

	return getaddrinfo(a->host[0] ? a->host : NULL, a->port, &hints, list) ?
		-EHOSTUNREACH : 0;
}

static int listen_one(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, zero = 0, err;

	if (fd < 0)
		return -errno;
	/* REUSEPORT: the next instance listens before this one has ended */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) ||
	    (ai->ai_family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero))) ||
	    bind(fd, ai->ai_addr, ai->ai_addrlen) || listen(fd, SOMAXCONN)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int address_listen(const struct address *a)
{
	struct addrinfo *list, *ai;
	int ret;

	if (a->is_unix)
		return listen_unix(a);
	ret = lookup(a, AI_PASSIVE, &list);
	if (ret)
		return ret;
	/* any address: by IPv6, which takes IPv4 too, where there is IPv6 */
	ret = -EAFNOSUPPORT;
	for (ai = list; ai && ret < 0; ai = ai->ai_next)
		if (a->host[0] || ai->ai_family == AF_INET6)
			ret = listen_one(ai);
	for (ai = list; ai && ret < 0; ai = ai->ai_next)
		ret = listen_one(ai);
	freeaddrinfo(list);
	return ret;
}

static int wait_connected(int fd, int64_t deadline)
{
	int err = 0, ret = deadline_poll(fd, POLLOUT, deadline);
	socklen_t size = sizeof(err);

	if (ret)
		return ret;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size))
		return -errno;
	return -err;
}

static int connect_one(const struct sockaddr *to, socklen_t size, int fd,
		       int64_t deadline)
{
	int ret;

	if (!connect(fd, to, size))
		return 0;
	ret = -errno;
	return ret == -EINPROGRESS ? wait_connected(fd, deadline) : ret;
}

static int connect_unix(const struct address *a, int64_t deadline)
{
	struct sockaddr_un name;
	int fd = unix_address(a, &name), ret;

	if (fd < 0)
		return -errno;
	/* EAGAIN: its queue is full */
	do {
		ret = connect_one((struct sockaddr *)&name, sizeof(name), fd, deadline);
	} while (ret == -EAGAIN && deadline_now() < deadline && !usleep(20000));
	if (ret)
		close(fd);
	return ret ? ret : fd;
}

void address_tune(int fd)
{
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
}

int address_connect(const struct address *a, int64_t deadline, bool tls)
{
	struct addrinfo *list, *ai;
	int fd = -1, ret;

	if (a->is_unix)
		return connect_unix(a, deadline);
	ret = lookup(a, AI_ADDRCONFIG, &list);
	if (ret)
		return ret;
	for (ai = list; ai; ai = ai->ai_next) {
		fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		ret = fd < 0 ? -errno :
		      connect_one(ai->ai_addr, ai->ai_addrlen, fd, deadline);
		if (!ret && tls)
			ret = protkey_tls_attach(fd);
		if (!ret)
			break;
		if (fd >= 0)
			close(fd);
	}
	freeaddrinfo(list);
	if (ret)
		return ret;
	address_tune(fd);
	return fd;
}

void address_peer(int fd, char *text, size_t room)
{
	struct sockaddr_storage name;
	socklen_t size = sizeof(name);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	snprintf(text, room, "unix");
	if (getpeername(fd, (struct sockaddr *)&name, &size) ||
	    name.ss_family == AF_UNIX ||
	    getnameinfo((struct sockaddr *)&name, size, host, sizeof(host), port,
			sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV))
		return;
	snprintf(text, room, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}
