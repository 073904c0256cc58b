// SPDX-License-Identifier: GPL-2.0-only
/*
 * protkey-tlsd: ends and begins TLS for programs that have none, with traffic keys
 * that are protected keys. protkey-tlsd(8), Documentation/tlsd.md.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <protkey/protkey.h>

#include "config.h"
#include "forwarder.h"
#include "listener.h"
#include "log.h"
#include "seal.h"
#include "secretmem.h"
#include "tls_context.h"

#define DEFAULT_CONFIG	"/etc/protkey/tlsd.conf"

static void help(FILE *to)
{
	fputs("usage: protkey-tlsd [--config FILE] [--check]\n"
	      "       protkey-tlsd seal-key ...\n"
	      "\n"
	      "Ends and begins TLS for programs that have none; traffic keys are protected\n"
	      "keys of a domain.\n"
	      "\n"
	      "  -c, --config FILE  default " DEFAULT_CONFIG "\n"
	      "      --check        say what is wrong with configuration, certificates and\n"
	      "                     keys, and end\n"
	      "  -h, --help\n"
	      "      --version\n"
	      "\n"
	      "SIGHUP reads all files again; SIGTERM ends, open connections have time to\n"
	      "end. See protkey-tlsd(8), protkey-tlsd.conf(5).\n", to);
}

/* Brokers inherit it. */
static void harden(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

/* The forwarder has two or more for each connection. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* ---- --check ---- */

struct check {
	const struct config *config;
	bool bad;
};

/* The keys of a locked domain cannot be looked at. */
static bool domain_usable(const struct service *s)
{
	int node = protkey_domain_open(s->domain);
	bool ok = node >= 0 && (!ioctl(node, PROTKEY_IOC_SESSION_OPEN) || errno == EALREADY);

	if (!ok)
		log_line(LOG_WARNING, NULL, "service=%s domain %s is not unlocked: its keys "
			 "were not checked", s->name, s->domain);
	return ok;	/* the node stays open as long as its session is needed */
}

static void check_keys(void *arg)
{
	struct check *check = arg;
	unsigned int i, k;

	for (i = 0; i < check->config->count; i++) {
		const struct service *s = check->config->services[i];

		if (!s->cert_count || !domain_usable(s))
			continue;
		for (k = 0; k < s->cert_count; k++)
			check->bad |= !tls_context_check_key(s, k);
	}
}

static int check_all(const struct config *config)
{
	struct check check = { .config = config };

	if (secretmem_run(check_keys, &check))
		return 1;
	if (!check.bad)
		puts("configuration is good");
	return check.bad;
}

/* ---- the daemon ---- */

static void warn_of_memory(void)
{
	if (!secretmem_is_hidden())
		log_line(LOG_WARNING, NULL, "no memfd_secret (Linux 6.1: boot with "
			 "secretmem.enable=1): a broker that is killed in a handshake leaves "
			 "secrets in freed memory, unless init_on_free=1");
}

static int run(struct config *config, const char *path)
{
	struct forwarder_counts *counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
					       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int channel[2];
	pid_t forwarder;

	if (counts == MAP_FAILED ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel)) {
		log_line(LOG_ERR, NULL, "cannot start: %s", strerror(errno));
		return 1;
	}
	warn_of_memory();
	raise_descriptor_limit();
	forwarder = fork();
	if (!forwarder) {
		close(channel[1]);
		_exit(forwarder_run(channel[0], counts, config->drain_timeout));
	}
	close(channel[0]);
	if (forwarder < 0) {
		log_line(LOG_ERR, NULL, "cannot fork: %s", strerror(errno));
		return 1;
	}
	return listener_run(config, path, channel[1], forwarder, counts);
}

static int start(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	const char *path = DEFAULT_CONFIG;
	bool check = false;
	struct config *config;
	int c;

	if (argc > 1 && !strcmp(argv[1], "seal-key"))
		return seal_key(argc - 1, argv + 1);
	while ((c = getopt_long(argc, argv, "c:h", options, NULL)) >= 0) {
		switch (c) {
		case 'c': path = optarg; break;
		case 'k': check = true; break;
		case 'h': help(stdout); return 0;
		case 'v': puts("protkey-tlsd " PROTKEY_VERSION); return 0;
		default: help(stderr); return 2;
		}
	}
	if (optind != argc) {
		help(stderr);
		return 2;
	}
	config = config_read(path);
	if (!config || !listener_prepare(config)) {
		config_free(config);
		return 1;
	}
	return check ? check_all(config) : run(config, path);
}

int main(int argc, char **argv)
{
	int status;

	log_init();
	harden();
	if (secretmem_init()) {
		log_line(LOG_ERR, NULL, "OpenSSL does not take our memory");
		return 1;
	}
	status = start(argc, argv);
	fflush(stdout);
	/* OpenSSL's own end would look for what was in memory that is wiped */
	_exit(status);
}
