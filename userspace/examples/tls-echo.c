// SPDX-License-Identifier: GPL-2.0-only
/*
 * tls-echo DOMAIN PORT CERTIFICATE KEY FILE
 *
 * How a program does TLS with protected keys: OpenSSL does the handshake of TLS
 * 1.3, libprotkey hands both directions to the kernel, and from there on the
 * socket takes and gives plaintext. Lines that come are sent back; the line
 * "file" is answered with FILE, by sendfile. One connection after the other.
 *
 * What a real program does besides: the handshake in a process of its own that
 * ends after it, for OpenSSL keeps copies of what it knew (Documentation/ktls.md).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <protkey/protkey.h>

#define SOL_TLS		282
#define ALERT		21
#define HANDSHAKE	22
#define DATA		23
#define KEY_UPDATE	24	/* type of a handshake message */
#define RECORD		16384

/* Secrets on their way: in locked memory. */
struct secrets {
	struct protkey_tls_keylog log;
	struct protkey_tls_key tx, rx;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* ---- handshake ------------------------------------------------------------- */

/* OpenSSL 3.0 gives traffic secrets in no other way than as lines of a log. */
static void take_secret(const SSL *ssl, const char *line)
{
	struct secrets *s = SSL_get_app_data(ssl);
	struct protkey_ktls_import *import;

	if (protkey_tls_keylog_parse(line, &s->log))
		return;		/* not one that we need */
	import = s->log.label == PROTKEY_TLS_SERVER_SECRET ? &s->tx.import :
							     &s->rx.import;
	memcpy(import->secret, s->log.secret, s->log.size);
	import->secret_size = s->log.size;
	protkey_secret_wipe(&s->log, sizeof(s->log));
}

static SSL_CTX *make_context(const char *certificate, const char *key)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (!ctx || SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1) {
		ERR_print_errors_fp(stderr);
		exit(1);
	}
	SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	SSL_CTX_set_ciphersuites(ctx, "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256");
	/* nothing of OpenSSL's goes over the socket after the handshake */
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_keylog_callback(ctx, take_secret);
	return ctx;
}

static int install(int domain, int sock, struct protkey_tls_key *key, int direction,
		   int cipher)
{
	enum protkey_tls_step step;
	int ret;

	key->import.version = TLS_1_3_VERSION;
	key->import.cipher = cipher;
	key->import.direction = direction;
	key->import.kind = PROTKEY_KTLS_SECRET;
	ret = protkey_tls_install(domain, sock, key, &step);
	if (ret)
		fprintf(stderr, "tls-echo: %s: %s\n", protkey_tls_step_name(step),
			strerror(-ret));
	return ret;
}

/* After this the socket is the kernel's, or must be closed. */
static int handshake(SSL_CTX *ctx, int domain, int sock, struct secrets *s)
{
	SSL *ssl = SSL_new(ctx);
	int cipher, ret = -1;

	if (!ssl)
		return -1;
	SSL_set_app_data(ssl, s);
	if (protkey_tls_attach(sock) || SSL_set_fd(ssl, sock) != 1 ||
	    SSL_accept(ssl) != 1) {
		ERR_print_errors_fp(stderr);
		goto out;
	}
	cipher = SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(ssl)) == 0x1301 ?
		 TLS_CIPHER_AES_GCM_128 : TLS_CIPHER_AES_GCM_256;
	ret = install(domain, sock, &s->tx, TLS_TX, cipher);
	if (!ret)
		ret = install(domain, sock, &s->rx, TLS_RX, cipher);
out:
	SSL_free(ssl);		/* without a close_notify: it has nothing to say */
	protkey_secret_wipe(s, sizeof(*s));
	return ret;
}

/* ---- records ---------------------------------------------------------------- */

/* A record that is no data. */
static void send_record(int sock, unsigned char type, const void *data, size_t size)
{
	char control[CMSG_SPACE(1)] = { 0 };
	struct iovec iov = { .iov_base = (void *)data, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_TLS;
	cmsg->cmsg_type = TLS_SET_RECORD_TYPE;
	cmsg->cmsg_len = CMSG_LEN(1);
	*CMSG_DATA(cmsg) = type;
	if (sendmsg(sock, &msg, 0) != (ssize_t)size)
		perror("sendmsg");
}

/* A record or a part of one, and its type: read() would stop at a KeyUpdate. */
static ssize_t receive_record(int sock, unsigned char *data, size_t room, int *type)
{
	char control[CMSG_SPACE(1)];
	struct iovec iov = { .iov_base = data, .iov_len = room };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg;
	ssize_t size = recvmsg(sock, &msg, 0);

	*type = DATA;
	cmsg = size < 0 ? NULL : CMSG_FIRSTHDR(&msg);
	if (cmsg && cmsg->cmsg_level == SOL_TLS && cmsg->cmsg_type == TLS_GET_RECORD_TYPE)
		*type = *CMSG_DATA(cmsg);
	return size;
}

/* The module follows a KeyUpdate by itself; the peer may want one in return. */
static void on_handshake(int sock, const unsigned char *message, ssize_t size)
{
	static const unsigned char answer[] = { KEY_UPDATE, 0, 0, 1, 0 };

	if (size == sizeof(answer) && message[0] == KEY_UPDATE && message[4])
		send_record(sock, HANDSHAKE, answer, sizeof(answer));
}

/* ---- service ---------------------------------------------------------------- */

static int send_all(int sock, const unsigned char *data, ssize_t size)
{
	while (size > 0) {
		ssize_t sent = send(sock, data, size, 0);

		if (sent < 0)
			return -1;
		data += sent;
		size -= sent;
	}
	return 0;
}

/* The kernel encrypts right out of the page cache. */
static int send_file(int sock, int file)
{
	off_t at = 0;
	struct stat st;

	if (fstat(file, &st))
		return -1;
	while (at < st.st_size)
		if (sendfile(sock, file, &at, st.st_size - at) <= 0)
			return -1;
	return 0;
}

static void serve(int sock, int file)
{
	unsigned char data[RECORD];
	int type, ret = 0;

	while (!ret) {
		ssize_t size = receive_record(sock, data, sizeof(data), &type);

		if (size < 0)
			perror("recvmsg");
		if (size <= 0 || type == ALERT)
			break;
		if (type == HANDSHAKE)
			on_handshake(sock, data, size);
		else if (size == 5 && !memcmp(data, "file\n", 5))
			ret = send_file(sock, file);
		else
			ret = send_all(sock, data, size);
	}
	if (ret)
		perror("send");
	send_record(sock, ALERT, "\1\0", 2);	/* close_notify */
}

static int make_listener(const char *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(atoi(port)) };
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(sock, (struct sockaddr *)&address, sizeof(address)) || listen(sock, 8))
		die("listen");
	return sock;
}

int main(int argc, char **argv)
{
	struct secrets *secrets = protkey_secret_alloc(sizeof(*secrets));
	int domain, file, listener, sock;
	SSL_CTX *ctx;

	if (argc != 6)
		return fputs("usage: tls-echo DOMAIN PORT CERTIFICATE KEY FILE\n", stderr), 2;
	if (!secrets)
		die("locked memory");
	domain = protkey_domain_open(argv[1]);
	if (domain < 0) {
		errno = -domain;
		die(argv[1]);
	}
	file = open(argv[5], O_RDONLY | O_CLOEXEC);
	if (file < 0)
		die(argv[5]);
	ctx = make_context(argv[3], argv[4]);
	listener = make_listener(argv[2]);
	signal(SIGPIPE, SIG_IGN);
	puts("ready");
	fflush(stdout);
	while ((sock = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		if (!handshake(ctx, domain, sock, secrets))
			serve(sock, file);
		close(sock);
	}
	die("accept");
}
