// SPDX-License-Identifier: GPL-2.0-only
/* The parent's loop. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <protkey/protkey.h>
#include <systemd/sd-daemon.h>

#include "broker.h"
#include "listener.h"
#include "tls_context.h"

#define BROKERS		4096	/* at once, of all services */
#define OVERTIME_MS	5000	/* beyond the time that a broker gives itself */
#define TICK_MS		100	/* while something waits for room */
#define SLOW_TICK_MS	1000

struct listener {
	int fd;
	struct service *service;
	unsigned int slot;
	bool paused;		/* no room for its connections now */
};

struct broker_process {
	pid_t pid;
	unsigned int slot;
	int64_t overdue;
};

static struct {
	struct config *config;
	const char *path;
	int channel;
	pid_t forwarder;
	const struct forwarder_counts *counts;
	int epoll, signals;
	struct listener listeners[CONFIG_SERVICES];
	unsigned int count;
	struct broker_process brokers[BROKERS];
	unsigned int broker_count;
	unsigned int handshakes[CONFIG_SERVICES];	/* brokers, by slot */
	char slots[CONFIG_SERVICES][32];	/* names; they outlive a reload */
	bool ended;
	int status;
} parent;

bool listener_prepare(struct config *config)
{
	unsigned int i;

	for (i = 0; i < config->count; i++) {
		config->services[i]->tls = tls_context_new(config->services[i]);
		if (!config->services[i]->tls)
			return false;
	}
	return true;
}

/* ---- sockets ---- */

/* A service keeps its slot, so that its connections are counted on after a reload;
 * one that is gone gives it away when it has none left. */
static int find_slot(const struct config *config, const char *name)
{
	int i, free_slot = -1;

	for (i = 0; i < CONFIG_SERVICES; i++) {
		const char *owner = parent.slots[i];

		if (!strcmp(owner, name))
			return i;
		if (free_slot < 0 && (!owner[0] ||
				      (!config_find(config, owner) && !parent.handshakes[i] &&
				       !parent.counts->open[i])))
			free_slot = i;
	}
	if (free_slot >= 0)
		snprintf(parent.slots[free_slot], sizeof(parent.slots[0]), "%s", name);
	return free_slot;
}

/* The socket that systemd passed for this service, by FileDescriptorName=. */
static int systemd_socket(const char *name)
{
	static char **names;
	static int count = -1;
	int i;

	if (count < 0)
		count = sd_listen_fds_with_names(1, &names);
	for (i = 0; i < count; i++) {
		int fd = SD_LISTEN_FDS_START + i;

		if (strcmp(names[i], name))
			continue;
		return fcntl(fd, F_SETFL, O_NONBLOCK) ? -errno : fd;
	}
	return -ENOENT;
}

static const struct listener *same_socket(const struct service *s)
{
	unsigned int i;

	for (i = 0; i < parent.count; i++) {
		const struct service *old = parent.listeners[i].service;

		if (s->by_systemd ? old->by_systemd && !strcmp(old->name, s->name) :
		    !old->by_systemd && address_equal(&old->listen, &s->listen))
			return &parent.listeners[i];
	}
	return NULL;
}

static int open_socket(const struct service *s)
{
	const struct listener *old = same_socket(s);
	int fd;

	if (old)
		return old->fd;
	fd = s->by_systemd ? systemd_socket(s->name) : address_listen(&s->listen);
	if (fd < 0)
		log_line(LOG_ERR, NULL, "service=%s cannot listen: %s", s->name,
			 s->by_systemd ? "no socket of this name from systemd" :
			 strerror(-fd));
	return fd;
}

static bool is_in(const struct listener *list, unsigned int count, int fd)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (list[i].fd == fd)
			return true;
	return false;
}

/* Those of @list that are not in @keep. */
static void close_others(const struct listener *list, unsigned int count,
			 const struct listener *keep, unsigned int keep_count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (!is_in(keep, keep_count, list[i].fd))
			close(list[i].fd);
}

static bool add_epoll(int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return !epoll_ctl(parent.epoll, EPOLL_CTL_ADD, fd, &event) || errno == EEXIST;
}

/* All or nothing: with an error the old sockets and services stay. */
static bool listen_all(struct config *config)
{
	struct listener new[CONFIG_SERVICES];
	const struct listener *old;
	unsigned int i;
	int fd, slot;

	for (i = 0; i < config->count; i++) {
		fd = open_socket(config->services[i]);
		slot = find_slot(config, config->services[i]->name);
		if (fd < 0 || slot < 0 || is_in(new, i, fd) || !add_epoll(fd)) {
			if (fd >= 0)
				log_line(LOG_ERR, NULL, "service=%s cannot listen: %s",
					 config->services[i]->name,
					 slot < 0 ? "too many services" :
					 is_in(new, i, fd) ? "another service does" :
					 strerror(errno));
			if (fd >= 0 && !is_in(new, i, fd))
				new[i++].fd = fd;
			close_others(new, i, parent.listeners, parent.count);
			return false;
		}
		old = same_socket(config->services[i]);
		new[i] = (struct listener){ .fd = fd, .slot = (unsigned int)slot,
					    .service = config->services[i],
					    .paused = old && old->paused };
	}
	close_others(parent.listeners, parent.count, new, config->count);
	memcpy(parent.listeners, new, sizeof(new));
	parent.count = config->count;
	return true;
}

/* ---- brokers ---- */

static bool has_room(const struct listener *l)
{
	unsigned int handshakes = parent.handshakes[l->slot];
	unsigned int open = __atomic_load_n(&parent.counts->open[l->slot],
					    __ATOMIC_RELAXED);

	return handshakes < l->service->max_handshakes &&
	       handshakes + open < l->service->max_connections &&
	       parent.broker_count < BROKERS;
}

/* The broker must not keep a socket from being closed. */
static void close_parents(void)
{
	unsigned int i;

	for (i = 0; i < parent.count; i++)
		close(parent.listeners[i].fd);
	close(parent.signals);
	close(parent.epoll);
}

static void start_broker(const struct listener *l, int fd, const struct log_origin *origin)
{
	struct broker_process *b;
	pid_t pid = fork();

	if (!pid) {
		close_parents();
		broker_run(l->service, l->slot, fd, parent.channel, origin);
	}
	if (pid < 0) {
		log_line(LOG_ERR, origin, "no process for a broker: %s", strerror(errno));
		return;
	}
	b = &parent.brokers[parent.broker_count++];
	b->pid = pid;
	b->slot = l->slot;
	/* the application's part comes after the handshake's */
	b->overdue = deadline_in(2 * l->service->handshake_timeout) + OVERTIME_MS;
	parent.handshakes[l->slot]++;
}

/* True: there may be more. */
static bool accept_one(const struct listener *l)
{
	struct log_origin origin = { .peer = "" };
	int ret, fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno != EAGAIN && errno != ECONNABORTED)
			log_line(LOG_ERR, NULL, "service=%s accept: %s", l->service->name,
				 strerror(errno));
		return errno == ECONNABORTED;
	}
	snprintf(origin.service, sizeof(origin.service), "%s", l->service->name);
	address_peer(fd, origin.peer, sizeof(origin.peer));
	address_tune(fd);
	/* now: after the peer's FIN it would fail */
	ret = l->service->mode == MODE_SERVER ? protkey_tls_attach(fd) : 0;
	if (ret)
		log_line(LOG_ERR, &origin, "%s", ret == -ENOENT ?
			 "no kTLS in this kernel: modprobe tls" : strerror(-ret));
	else
		start_broker(l, fd, &origin);
	close(fd);
	return true;
}

static void pause_listener(struct listener *l, bool paused)
{
	struct epoll_event event = { .events = paused ? 0 : EPOLLIN, .data.fd = l->fd };

	if (paused == l->paused)
		return;
	l->paused = paused;
	epoll_ctl(parent.epoll, EPOLL_CTL_MOD, l->fd, &event);
	if (paused)
		log_line(LOG_WARNING, NULL, "service=%s at its limit of connections or "
			 "handshakes: new ones wait", l->service->name);
}

static void accept_some(struct listener *l)
{
	while (has_room(l))
		if (!accept_one(l))
			return;
	pause_listener(l, true);
}

static void reap(void)
{
	unsigned int i;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == parent.forwarder) {
			log_line(LOG_CRIT, NULL, "the forwarder died: all connections are "
				 "lost");
			parent.ended = true;
			parent.status = 1;
			continue;
		}
		for (i = 0; i < parent.broker_count; i++)
			if (parent.brokers[i].pid == pid)
				break;
		if (i == parent.broker_count)
			continue;
		if (WIFSIGNALED(status))
			log_line(LOG_ERR, NULL, "service=%s a broker died: signal %d",
				 parent.slots[parent.brokers[i].slot], WTERMSIG(status));
		parent.handshakes[parent.brokers[i].slot]--;
		parent.brokers[i] = parent.brokers[--parent.broker_count];
	}
}

/* ---- signals and time ---- */

static void reload(void)
{
	struct config *config;

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
		   (long long)deadline_now() * 1000);
	config = config_read(parent.path);
	if (config && listener_prepare(config) && listen_all(config)) {
		config_free(parent.config);
		parent.config = config;
		log_line(LOG_INFO, NULL, "reloaded: %u services", config->count);
	} else {
		config_free(config);
		log_line(LOG_ERR, NULL, "not reloaded: all stays as it was");
	}
	sd_notify(0, "READY=1");
}

/* Who waits in a socket of ours would be reset when it is closed. */
static void end(void)
{
	unsigned int i;

	sd_notify(0, "STOPPING=1");
	for (i = 0; i < parent.count; i++) {
		struct listener *l = &parent.listeners[i];

		while (!l->service->by_systemd && has_room(l) && accept_one(l))
			;
		close(l->fd);
	}
	log_line(LOG_INFO, NULL, "ends; open connections have time to end");
	parent.count = 0;
	parent.ended = true;
}

static void take_signals(void)
{
	struct signalfd_siginfo info;

	while (!parent.ended && read(parent.signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap();
		else if (info.ssi_signo == SIGHUP)
			reload();
		else
			end();
	}
}

static bool open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	parent.signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return parent.signals >= 0 && add_epoll(parent.signals);
}

static int tick(void)
{
	int64_t now = deadline_now();
	int timeout = parent.broker_count ? SLOW_TICK_MS : -1;
	unsigned int i;

	for (i = 0; i < parent.broker_count; i++)
		if (now >= parent.brokers[i].overdue)
			kill(parent.brokers[i].pid, SIGKILL);
	for (i = 0; i < parent.count; i++) {
		struct listener *l = &parent.listeners[i];

		if (l->paused && has_room(l))
			pause_listener(l, false);
		if (l->paused)
			timeout = TICK_MS;
	}
	return timeout;
}

static void handle(int fd)
{
	unsigned int i;

	if (fd == parent.signals) {
		take_signals();
		return;
	}
	for (i = 0; i < parent.count; i++)
		if (parent.listeners[i].fd == fd)
			accept_some(&parent.listeners[i]);
}

int listener_run(struct config *config, const char *path, int channel, pid_t forwarder,
		 const struct forwarder_counts *counts)
{
	struct epoll_event event;

	parent.config = config;
	parent.path = path;
	parent.channel = channel;
	parent.forwarder = forwarder;
	parent.counts = counts;
	parent.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (parent.epoll < 0 || !open_signals()) {
		log_line(LOG_ERR, NULL, "epoll: %s", strerror(errno));
		return 1;
	}
	if (!listen_all(config))
		return 1;
	log_line(LOG_INFO, NULL, "ready: %u services", config->count);
	sd_notify(0, "READY=1");
	while (!parent.ended)
		if (epoll_wait(parent.epoll, &event, 1, tick()) > 0)
			handle(event.data.fd);
	return parent.status;
}
