// SPDX-License-Identifier: GPL-2.0-only
/* The broker: one handshake. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <protkey/protkey.h>

#include "broker.h"
#include "forwarder.h"
#include "proxy.h"
#include "secretmem.h"
#include "tls_context.h"
#include "traffic.h"

#define LINGER_MS	1000
#define LINGER_BYTES	65536

struct broker {
	const struct service *service;
	struct log_origin origin;
	int net;
	int plain;
	int64_t deadline;
	/* the handshake's result */
	bool done;
	struct session session;
};

static void say(const struct broker *b, int priority, const char *what, const char *why)
{
	log_line(priority, &b->origin, "%s%s%s", what, why ? ": " : "", why ? why : "");
}

/* ---- on the secret stack ---- */

static void note_session(struct broker *b, SSL *ssl)
{
	struct session *to = &b->session;
	const unsigned char *alpn;
	unsigned int size;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	X509 *cert = SSL_get1_peer_certificate(ssl);
	char text[sizeof(to->common_name)];
	int n;

	snprintf(to->version, sizeof(to->version), "%s", SSL_get_version(ssl));
	snprintf(to->cipher, sizeof(to->cipher), "%s", SSL_get_cipher_name(ssl));
	SSL_get0_alpn_selected(ssl, &alpn, &size);
	log_clean(to->alpn, sizeof(to->alpn), alpn, alpn ? size : 0);
	if (name)
		log_clean(to->server_name, sizeof(to->server_name), name, strlen(name));
	to->has_cert = cert && SSL_get_verify_result(ssl) == X509_V_OK;
	if (to->has_cert) {
		n = X509_NAME_get_text_by_NID(X509_get_subject_name(cert),
					      NID_commonName, text, sizeof(text));
		log_clean(to->common_name, sizeof(to->common_name), text,
			  n > 0 ? (size_t)n : 0);
	}
	X509_free(cert);
}

static void explain(const struct broker *b, SSL *ssl, const struct tls_peer *peer, int ret)
{
	unsigned long err = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(err);
	long verify = SSL_get_verify_result(ssl);

	if (ret == -ETIMEDOUT)
		say(b, LOG_NOTICE, "handshake took too long", NULL);
	else if (peer->wrong[0])
		say(b, LOG_ERR, "handshake failed", peer->wrong);
	else if (verify != X509_V_OK && err)
		say(b, LOG_NOTICE, "peer's certificate refused",
		    X509_verify_cert_error_string(verify));
	else
		say(b, LOG_NOTICE, "handshake failed", reason ? reason :
		    "the peer ended the connection");
}

/* Until it is done, with registers that hold no key whenever it waits. */
static int handshake(struct broker *b, SSL *ssl)
{
	int ret, want;

	for (;;) {
		ERR_clear_error();
		ret = SSL_do_handshake(ssl);
		if (ret == 1)
			return 0;
		want = SSL_get_error(ssl, ret);
		if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE)
			return -EPROTO;
		secretmem_wipe_registers();
		ret = deadline_poll(b->net, want == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT,
				    b->deadline);
		if (ret)
			return ret;
	}
}

/* The node stays open until both tokens are used: see ktls.md. */
static int open_domain(const struct broker *b)
{
	int node = protkey_domain_open(b->service->domain);

	if (node < 0) {
		log_line(LOG_ERR, &b->origin, "domain %s: %s", b->service->domain,
			 node == -ENODEV ? "protkey.ko is not loaded" :
			 node == -ENOENT ? "unknown: protkey domain unlock" :
			 strerror(-node));
		return node;
	}
	if (ioctl(node, PROTKEY_IOC_SESSION_OPEN) && errno != EALREADY) {
		log_line(LOG_ERR, &b->origin, "domain %s: %s", b->service->domain,
			 errno == ENOKEY ? "locked: protkey domain unlock" :
			 strerror(errno));
		close(node);
		return -ENOKEY;
	}
	return node;
}

static void secure(struct broker *b, int node, SSL *ssl, struct tls_peer *peer)
{
	bool server = b->service->mode == MODE_SERVER;
	int ret = handshake(b, ssl);

	if (ret) {
		explain(b, ssl, peer, ret);
		return;
	}
	ret = traffic_install(peer->traffic, ssl, node, b->net, server);
	if (ret) {
		log_line(LOG_ERR, &b->origin, "no protected keys, connection refused: %s: %s",
			 protkey_tls_step_name(peer->traffic->step), traffic_error(ret));
		return;
	}
	note_session(b, ssl);
	b->done = true;
}

static void run_handshake(void *arg)
{
	struct broker *b = arg;
	struct traffic traffic = { .step = PROTKEY_TLS_DONE };
	struct tls_peer peer = { .service = b->service, .traffic = &traffic };
	int node = open_domain(b);
	SSL *ssl = node < 0 ? NULL : tls_context_ssl(&peer);

	if (ssl && SSL_set_fd(ssl, b->net) == 1)
		secure(b, node, ssl, &peer);
	else if (node >= 0)
		say(b, LOG_ERR, "no handshake", peer.wrong[0] ? peer.wrong : "no memory");
	SSL_free(ssl);
	explicit_bzero(&traffic, sizeof(traffic));
	if (node >= 0)
		close(node);
}

/* ---- before and after ---- */

/* Let the peer read our alert: a close with unread data would be a reset. */
static void linger(int fd)
{
	int64_t deadline = deadline_now() + LINGER_MS;
	size_t left = LINGER_BYTES;
	char waste[4096];
	ssize_t n = 1;

	if (shutdown(fd, SHUT_WR))
		return;
	while (n > 0 && left > sizeof(waste) && !deadline_poll(fd, POLLIN, deadline)) {
		n = read(fd, waste, sizeof(waste));
		left -= n > 0 ? (size_t)n : 0;
	}
}

static bool connect_peer(struct broker *b)
{
	const struct service *s = b->service;
	bool server = s->mode == MODE_SERVER;
	int fd = address_connect(&s->connect, b->deadline, !server);

	if (fd < 0) {
		say(b, LOG_ERR, server ? "cannot reach the application" :
		    fd == -ENOENT ? "no kTLS in this kernel: modprobe tls" :
		    "cannot connect", strerror(-fd));
		return false;
	}
	if (server) {
		b->plain = fd;
	} else {
		b->net = fd;
		address_peer(fd, b->origin.peer, sizeof(b->origin.peer));
	}
	return true;
}

static bool send_proxy(struct broker *b)
{
	unsigned char header[PROXY_HEADER_MAX];
	size_t size = proxy_header(header, b->net, &b->session);

	/* the first bytes of a new connection: there is room for them */
	if (write(b->plain, header, size) == (ssize_t)size)
		return true;
	say(b, LOG_ERR, "cannot reach the application", "PROXY header not sent");
	return false;
}

static bool hand_over(struct broker *b, unsigned int slot, int forwarder)
{
	struct handover h = { .origin = b->origin, .slot = slot,
			      .idle_timeout = b->service->idle_timeout };
	const struct session *s = &b->session;
	int ret;

	log_line(LOG_INFO, &b->origin, "open version=%s cipher=%s alpn=%s sni=%s cn=\"%s\"",
		 s->version, s->cipher, s->alpn[0] ? s->alpn : "-",
		 s->server_name[0] ? s->server_name : "-", s->common_name);
	ret = forwarder_send(forwarder, &h, b->net, b->plain);
	if (ret)
		say(b, LOG_ERR, "cannot hand over", strerror(-ret));
	return !ret;
}

static void restore_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGHUP, SIG_IGN);	/* for the parent */
}

void broker_run(const struct service *s, unsigned int slot, int fd, int forwarder,
		const struct log_origin *origin)
{
	struct broker b = { .service = s, .origin = *origin, .net = -1, .plain = -1,
			    .deadline = deadline_in(s->handshake_timeout) };
	bool server = s->mode == MODE_SERVER;
	int ret;

	restore_signals();
	prctl(PR_SET_NAME, "tlsd-broker");
	*(server ? &b.net : &b.plain) = fd;
	if (!server && !connect_peer(&b))
		_exit(1);
	ret = secretmem_run(run_handshake, &b);
	if (ret)
		say(&b, LOG_ERR, "no memory for secrets", strerror(-ret));
	if (!b.done) {
		linger(b.net);
		_exit(1);
	}
	b.deadline = deadline_in(s->handshake_timeout);
	if (server && (!connect_peer(&b) || (s->proxy && !send_proxy(&b))))
		_exit(1);
	_exit(hand_over(&b, slot, forwarder) ? 0 : 1);
}
