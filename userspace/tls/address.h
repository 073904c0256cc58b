/* SPDX-License-Identifier: GPL-2.0-only */
/* Where to listen and whom to connect: "HOST:PORT", "[IPV6]:PORT", "unix:PATH". */
#ifndef TLSD_ADDRESS_H
#define TLSD_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct address {
	bool is_unix;
	char host[256];		/* or path; empty: any */
	char port[16];
};

/* -EINVAL */
int address_parse(struct address *a, const char *text);
bool address_equal(const struct address *a, const struct address *b);

/* A listening socket that does not block; -errno. */
int address_listen(const struct address *a);

/*
 * Connect until @deadline (deadline_in()). The socket does not block. TCP gets
 * the "tls" protocol at once if @tls. -errno; -EHOSTUNREACH unknown name.
 */
int address_connect(const struct address *a, int64_t deadline, bool tls);

/* What every TCP connection of ours gets; nothing for a Unix socket. */
void address_tune(int fd);

/* The peer of @fd as "HOST:PORT", "[IPV6]:PORT" or "unix". */
void address_peer(int fd, char *text, size_t room);

/* Milliseconds of the monotonic clock. */
int64_t deadline_in(unsigned int seconds);
int64_t deadline_now(void);
/* Wait until @fd is ready for @events; -ETIMEDOUT. */
int deadline_poll(int fd, short events, int64_t deadline);

#endif
