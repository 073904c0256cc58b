// SPDX-License-Identifier: GPL-2.0-only
/* The forwarder. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "forwarder.h"
#include "relay.h"

#define EVENTS		64
#define TICK_MS		1000
#define LINGER_SECONDS	2
#define LINGERING	256

struct connection {
	struct log_origin origin;
	struct relay relay;
	uint32_t slot;
	int64_t idle_ms;	/* 0: for ever */
	int64_t begin, active;
	bool has_more;
	bool dead;
	struct connection *next, *prev;		/* by activity, the oldest first */
};

static struct {
	int epoll;
	int channel;
	struct forwarder_counts *counts;
	struct connection list;		/* its head */
	struct connection *dead;	/* until no event can name them any more */
	unsigned int count;
	unsigned int with_more;
	bool draining;
	int64_t drain_until;
	struct {
		int fd;
		int64_t until;
	} lingering[LINGERING];		/* a ring, the oldest first */
	unsigned int linger_first, linger_count;
} fw;

/* ---- hand-over ---- */

static int send_fds(int channel, const struct handover *handover,
		    const int fds[FORWARDER_FDS])
{
	char control[CMSG_SPACE(FORWARDER_FDS * sizeof(int))] __attribute__((aligned(8))) = { 0 };
	struct iovec iov = { .iov_base = (void *)handover, .iov_len = sizeof(*handover) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(FORWARDER_FDS * sizeof(int));
	memcpy(CMSG_DATA(cmsg), fds, FORWARDER_FDS * sizeof(int));
	return sendmsg(channel, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int forwarder_send(int channel, const struct handover *handover, int tls, int plain)
{
	int taken[2], ret;
	char none;

	if (pipe2(taken, O_CLOEXEC))
		return -errno;
	ret = send_fds(channel, handover, (int[FORWARDER_FDS]){ tls, plain, taken[1] });
	close(taken[1]);
	/* ends when the forwarder closes its end, or does not get it */
	while (!ret && read(taken[0], &none, 1) < 0 && errno == EINTR)
		;
	close(taken[0]);
	return ret;
}

/* 1: got one, 0: all brokers and the parent are gone, -errno. */
static int receive(struct handover *handover, int fds[FORWARDER_FDS])
{
	char control[CMSG_SPACE(FORWARDER_FDS * sizeof(int))] __attribute__((aligned(8))) = { 0 };
	struct iovec iov = { .iov_base = handover, .iov_len = sizeof(*handover) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg;
	ssize_t n = recvmsg(fw.channel, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	size_t count;

	if (n <= 0)
		return n ? -errno : 0;
	cmsg = CMSG_FIRSTHDR(&msg);
	count = cmsg ? (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;
	if (count)
		memcpy(fds, CMSG_DATA(cmsg), count * sizeof(int));
	if (n == (ssize_t)sizeof(*handover) && count == FORWARDER_FDS)
		return 1;
	while (count)			/* the others did not fit */
		close(fds[--count]);
	return -EMFILE;
}

/* ---- connections ---- */

static void list_remove(struct connection *c)
{
	c->prev->next = c->next;
	c->next->prev = c->prev;
}

static void list_append(struct connection *c)
{
	c->prev = fw.list.prev;
	c->next = &fw.list;
	c->prev->next = c;
	fw.list.prev = c;
}

static void close_lingering(int64_t now)
{
	while (fw.linger_count && fw.lingering[fw.linger_first].until <= now) {
		close(fw.lingering[fw.linger_first].fd);
		fw.linger_first = (fw.linger_first + 1) % LINGERING;
		fw.linger_count--;
	}
}

static void linger(int fd)
{
	unsigned int last;

	if (fd < 0)
		return;
	epoll_ctl(fw.epoll, EPOLL_CTL_DEL, fd, NULL);
	if (fw.linger_count == LINGERING)	/* the first has had its time */
		close_lingering(fw.lingering[fw.linger_first].until);
	last = (fw.linger_first + fw.linger_count++) % LINGERING;
	fw.lingering[last].fd = fd;
	fw.lingering[last].until = deadline_in(LINGER_SECONDS);
}

static void end(struct connection *c, bool failed)
{
	log_line(LOG_INFO, &c->origin, "%s received=%llu sent=%llu seconds=%lld",
		 failed ? "broken" : "closed", (unsigned long long)c->relay.in.moved,
		 (unsigned long long)c->relay.out.moved,
		 (long long)(deadline_now() - c->begin) / 1000);
	linger(relay_close(&c->relay, failed));
	fw.with_more -= c->has_more;
	c->has_more = false;
	list_remove(c);
	c->dead = true;
	c->prev = fw.dead;
	fw.dead = c;
	fw.count--;
	__atomic_fetch_sub(&fw.counts->open[c->slot], 1, __ATOMIC_RELAXED);
}

static void run(struct connection *c)
{
	enum relay_result result = relay_run(&c->relay);
	bool more = result == RELAY_HAS_MORE;

	if (result == RELAY_ENDED || result == RELAY_FAILED) {
		end(c, result == RELAY_FAILED);
		return;
	}
	fw.with_more += (unsigned int)more - (unsigned int)c->has_more;
	c->has_more = more;
	c->active = deadline_now();
	list_remove(c);
	list_append(c);
}

static bool watch(struct connection *c, int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET };

	/* which of the two it is, is in the lowest bit */
	event.data.u64 = (uintptr_t)c | (fd == c->relay.plain);
	return !epoll_ctl(fw.epoll, EPOLL_CTL_ADD, fd, &event);
}

static void add(const struct handover *handover, const int fds[FORWARDER_FDS])
{
	struct connection *c = calloc(1, sizeof(*c));

	if (!c || handover->slot >= CONFIG_SERVICES) {
		log_line(LOG_ERR, &handover->origin, "no memory for a connection");
		close(fds[0]);
		close(fds[1]);
		close(fds[2]);
		free(c);
		return;
	}
	c->origin = handover->origin;
	c->slot = handover->slot;
	c->idle_ms = (int64_t)handover->idle_timeout * 1000;
	c->begin = c->active = deadline_now();
	relay_init(&c->relay, fds[0], fds[1], &c->origin);
	list_append(c);
	fw.count++;
	__atomic_fetch_add(&fw.counts->open[c->slot], 1, __ATOMIC_RELAXED);
	close(fds[2]);		/* counted: its broker may end */
	if (watch(c, fds[0]) && watch(c, fds[1])) {
		run(c);
	} else {
		log_line(LOG_ERR, &c->origin, "epoll: %s", strerror(errno));
		end(c, true);
	}
}

static void take_all(unsigned int drain_timeout)
{
	struct handover handover;
	int fds[FORWARDER_FDS], ret;

	while ((ret = receive(&handover, fds)) > 0)
		add(&handover, fds);
	if (ret == -EAGAIN)
		return;
	if (ret) {
		log_line(LOG_ERR, NULL, "a connection was lost: %s", strerror(-ret));
		return;
	}
	fw.draining = true;
	fw.drain_until = deadline_in(drain_timeout);
	close(fw.channel);
}

static void note_event(struct connection *c, bool plain, uint32_t events)
{
	struct relay *r = &c->relay;
	bool error = events & (EPOLLERR | EPOLLHUP);

	if (error || events & (EPOLLIN | EPOLLRDHUP))
		(plain ? &r->out : &r->in)->from_ready = true;
	if (error || events & EPOLLOUT)
		(plain ? &r->in : &r->out)->to_ready = true;
}

/* ---- time ---- */

static void run_those_with_more(void)
{
	struct connection *c, *next, *last = fw.list.prev;

	for (c = fw.list.next; fw.with_more && c != &fw.list; c = next) {
		bool was_last = c == last;

		next = c->next;
		if (c->has_more)
			run(c);
		if (was_last)
			break;
	}
}

static void end_idle(void)
{
	int64_t now = deadline_now();
	struct connection *c, *next;

	for (c = fw.list.next; c != &fw.list; c = next) {
		next = c->next;
		if (!c->idle_ms || now - c->active < c->idle_ms)
			continue;
		log_line(LOG_NOTICE, &c->origin, "idle for too long");
		end(c, true);
	}
}

static void free_dead(void)
{
	struct connection *c;

	while ((c = fw.dead)) {
		fw.dead = c->prev;
		free(c);
	}
}

/* ---- the loop ---- */

static void handle(const struct epoll_event *event, unsigned int drain_timeout)
{
	struct connection *c = (void *)(uintptr_t)(event->data.u64 & ~(uint64_t)1);

	if (!c) {
		take_all(drain_timeout);
	} else if (!c->dead) {
		note_event(c, event->data.u64 & 1, event->events);
		run(c);
	}
}

static bool finished(void)
{
	if (!fw.draining)
		return false;
	if (fw.count && deadline_now() >= fw.drain_until) {
		log_line(LOG_NOTICE, NULL, "%u connections did not end in time", fw.count);
		return true;
	}
	return !fw.count;
}

int forwarder_run(int channel, struct forwarder_counts *counts,
		  unsigned int drain_timeout)
{
	struct epoll_event events[EVENTS], first = { .events = EPOLLIN };
	int i, n;
	int64_t swept = deadline_now();

	prctl(PR_SET_NAME, "tlsd-forwarder");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);	/* Ctrl-C: the parent ends, we drain */
	fw.channel = channel;
	fw.counts = counts;
	fw.list.next = fw.list.prev = &fw.list;
	fw.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (fw.epoll < 0 || epoll_ctl(fw.epoll, EPOLL_CTL_ADD, channel, &first)) {
		log_line(LOG_ERR, NULL, "epoll: %s", strerror(errno));
		return 1;
	}
	while (!finished()) {
		n = epoll_wait(fw.epoll, events, EVENTS, fw.with_more ? 0 : TICK_MS);
		for (i = 0; i < n; i++)
			handle(&events[i], drain_timeout);
		run_those_with_more();
		if (deadline_now() - swept >= TICK_MS) {
			end_idle();
			close_lingering(deadline_now());
			swept = deadline_now();
		}
		free_dead();
	}
	return 0;
}
