// SPDX-License-Identifier: GPL-2.0-only
/*
 * Evidence from another machine over TLS 1.3, both sides with certificates.  What
 * is said is little: a nonce in hex and a line feed there, evidence back, and an
 * end that the peer has signed off (close_notify), since anybody on the network
 * can cut a stream.  The answer proves itself: TLS keeps others from asking the
 * machine, and from reading what it answers.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "../fw/field.h"
#include "../tls/address.h"
#include "fw_check.h"

#define ANSWER_MAX	(64U << 20)
#define STEP		(64U << 10)
#define WAIT		60	/* seconds: a TPM is slow */

struct peer {
	const char *name;	/* HOST:PORT */
	int fd;
	SSL *ssl;
	int64_t deadline;
};

/* In OpenSSL's words, if it has some. */
static int refuse(const struct peer *p, const char *doing)
{
	long verdict = p->ssl ? SSL_get_verify_result(p->ssl) : X509_V_OK;
	unsigned long err = ERR_get_error();
	const char *reason = verdict != X509_V_OK ?
			     X509_verify_cert_error_string(verdict) :
			     ERR_reason_error_string(err);

	ERR_clear_error();
	return fail(EXIT_FW_EVIDENCE, "%s: %s: %s", p->name, doing,
		    reason ? reason : "the connection was cut");
}

/* 0: try again, or a status.  @ret is of an SSL function that failed. */
static int wait_for(const struct peer *p, int ret, const char *doing)
{
	int error = SSL_get_error(p->ssl, ret);
	short events = error == SSL_ERROR_WANT_READ ? POLLIN :
		       error == SSL_ERROR_WANT_WRITE ? POLLOUT : 0;

	if (!events)
		return refuse(p, doing);
	if (!deadline_poll(p->fd, events, p->deadline))
		return 0;
	return fail(EXIT_FW_EVIDENCE, "%s: %s: it took too long (--timeout)",
		    p->name, doing);
}

static int handshake(const struct peer *p)
{
	int ret, status = 0;

	while (!status && (ret = SSL_connect(p->ssl)) != 1)
		status = wait_for(p, ret, "the TLS handshake failed");
	return status;
}

static int ask(const struct peer *p, const uint8_t nonce[FW_NONCE_SIZE])
{
	char text[2 * FW_NONCE_SIZE + 2];
	int ret, status = 0;

	fw_hex_encode(nonce, FW_NONCE_SIZE, text);
	strcat(text, "\n");
	while (!status && (ret = SSL_write(p->ssl, text, (int)strlen(text))) <= 0)
		status = wait_for(p, ret, "it could not be asked");
	return status;
}

/* To its end; @to is the caller's to free. */
static int read_answer(const struct peer *p, struct fw_buffer *to)
{
	size_t room = 0;
	int status = 0;

	while (!status) {
		int ret;

		if (room - to->size < STEP) {
			uint8_t *more;

			room = 2 * room + STEP;
			more = realloc(to->data, room);
			if (!more)
				return fail_errno(-ENOMEM, p->name);
			to->data = more;
		}
		ret = SSL_read(p->ssl, to->data + to->size, STEP);
		if (ret > 0) {
			to->size += (size_t)ret;
			if (to->size > ANSWER_MAX)
				return fail(EXIT_FW_EVIDENCE, "%s: its answer is longer than %u MiB",
					    p->name, ANSWER_MAX >> 20);
		} else if (SSL_get_error(p->ssl, ret) == SSL_ERROR_ZERO_RETURN) {
			return EXIT_OK;
		} else {
			status = wait_for(p, ret, "its answer was cut off");
		}
	}
	return status;
}

/* Whom we talk to must have a certificate for the name that we called. */
static int expect(struct peer *p, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(p->ssl);

	if (X509_VERIFY_PARAM_set1_ip_asc(param, host))
		return EXIT_OK;
	ERR_clear_error();
	if (SSL_set1_host(p->ssl, host) &&
	    SSL_set_tlsext_host_name(p->ssl, host))
		return EXIT_OK;
	return refuse(p, "this name cannot be checked");
}

static int talk(struct peer *p, SSL_CTX *ctx, const char *host,
		const uint8_t nonce[FW_NONCE_SIZE], struct fw_buffer *answer)
{
	int status;

	p->ssl = SSL_new(ctx);
	if (!p->ssl || !SSL_set_fd(p->ssl, p->fd))
		return fail_errno(-ENOMEM, p->name);
	status = expect(p, host);
	if (!status)
		status = handshake(p);
	if (!status)
		status = ask(p, nonce);
	if (!status)
		status = read_answer(p, answer);
	SSL_free(p->ssl);
	p->ssl = NULL;
	return status;
}

static int set_up(const struct fw_connect *how, SSL_CTX *ctx)
{
	const char *file = how->ca;

	if (!SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) ||
	    SSL_CTX_load_verify_locations(ctx, file, NULL) != 1)
		goto bad;
	file = how->cert;
	if (SSL_CTX_use_certificate_chain_file(ctx, file) != 1)
		goto bad;
	file = how->key;
	if (SSL_CTX_use_PrivateKey_file(ctx, file, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(ctx) != 1)
		goto bad;
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	return EXIT_OK;
bad:
	ERR_clear_error();
	return fail(EXIT_USAGE, "%s: %s", file, file == how->key ?
		    "no private key in PEM, or not that of the certificate" :
		    "no certificate in PEM");
}

int fw_connect_open(struct fw_connect *how)
{
	if (!how->ca || !how->cert || !how->key)
		return fail(EXIT_USAGE, "--connect wants --ca, --cert and --key: who may answer, and who asks");
	if (!how->timeout)
		how->timeout = WAIT;
	how->ctx = SSL_CTX_new(TLS_client_method());
	if (!how->ctx)
		return fail_errno(-ENOMEM, "TLS");
	/* a peer that is gone is an error of writing, not our end */
	signal(SIGPIPE, SIG_IGN);
	return set_up(how, how->ctx);
}

void fw_connect_close(struct fw_connect *how)
{
	SSL_CTX_free(how->ctx);
	how->ctx = NULL;
}

int fw_connect_ask(const struct fw_connect *how, const char *name,
		   const uint8_t nonce[FW_NONCE_SIZE], struct fw_evidence *ev)
{
	struct peer p = { .name = name, .deadline = deadline_in(how->timeout) };
	struct fw_buffer answer = { 0 };
	struct address to;
	int status;

	if (address_parse(&to, name) || to.is_unix || !to.host[0])
		return fail(EXIT_USAGE, "%s: no HOST:PORT, or [IPV6]:PORT", name);
	p.fd = address_connect(&to, p.deadline, false);
	if (p.fd < 0)
		return fail(EXIT_FW_EVIDENCE, "%s: %s", name, strerror(-p.fd));
	status = talk(&p, how->ctx, how->name ? how->name : to.host, nonce,
		      &answer);
	close(p.fd);
	if (!status)
		status = fw_evidence_read(name, &answer, ev);
	free(answer.data);
	return status;
}
