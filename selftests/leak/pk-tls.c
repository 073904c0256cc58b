// SPDX-License-Identifier: GPL-2.0-only
/*
 * pk-tls DOMAIN CONTROL
 *
 * For the leak test of kTLS: connections over loopback with random keys, which
 * are protkey's on both ends, and data that flows through them without end. One
 * more has a stock key, which is written to the file CONTROL: the scanner must
 * find it. It stops itself (SIGSTOP) right after the last import, so that the
 * kernel's stack can be looked at. A line on standard output says that all are
 * up; SIGUSR1 closes protkey's. Traffic secrets are told to the emulator's debug port as the
 * module's leak-test build tells the keys.
 *
 * Whoever touches a key here uses no vector registers, of which the kernel would
 * keep a copy, and one locked page, which is wiped.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protkey.h"

#define DEBUG_PORT	0xe9
#define PAGE		4096
#define RECORD		16384
#define KEY_CODE	__attribute__((target("general-regs-only"), noinline))

/* What is secret; in the locked page. */
struct secrets {
	unsigned char bytes[64];
	struct protkey_ktls_import import;
	struct tls12_crypto_info_aes_gcm_256 stock;
	char hex[65];
};

struct connection {
	const char *name;
	unsigned short version, cipher, kind;	/* kind 0: stock */
	unsigned int size;			/* of key or secret */
	int tx, rx;
};

/* The stock one first: while there are tokens it would get our driver. */
static struct connection connections[] = {
	{ .name = "stock", .version = TLS_1_3_VERSION,
	  .cipher = TLS_CIPHER_AES_GCM_256, .size = 32 },
	{ .name = "key-128", .version = TLS_1_2_VERSION,
	  .cipher = TLS_CIPHER_AES_GCM_128, .kind = PROTKEY_KTLS_KEY, .size = 16 },
	{ .name = "key-256", .version = TLS_1_3_VERSION,
	  .cipher = TLS_CIPHER_AES_GCM_256, .kind = PROTKEY_KTLS_KEY, .size = 32 },
	{ .name = "secret-128", .version = TLS_1_3_VERSION,
	  .cipher = TLS_CIPHER_AES_GCM_128, .kind = PROTKEY_KTLS_SECRET, .size = 32 },
	{ .name = "secret-256", .version = TLS_1_3_VERSION,
	  .cipher = TLS_CIPHER_AES_GCM_256, .kind = PROTKEY_KTLS_SECRET, .size = 48 },
};
#define COUNT	(sizeof(connections) / sizeof(connections[0]))

static volatile sig_atomic_t told_to_close;

static void die(const char *what)
{
	fprintf(stderr, "pk-tls: %s: %s\n", what, strerror(errno));
	exit(1);
}

KEY_CODE static void copy(volatile unsigned char *to,
			  const volatile unsigned char *from, size_t n)
{
	while (n--)
		*to++ = *from++;
}

KEY_CODE static void wipe(volatile void *at, size_t n)
{
	volatile unsigned char *byte = at;

	while (n--)
		*byte++ = 0;
}

/* As kmod/x86/slot.S: mark, tag, length, bytes. */
KEY_CODE static void tell(const volatile unsigned char *bytes, unsigned int n)
{
	outb(0xa5, DEBUG_PORT);
	outb('T', DEBUG_PORT);
	outb(n, DEBUG_PORT);
	while (n--)
		outb(*bytes++, DEBUG_PORT);
}

static void connect_pair(struct connection *c)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->tx = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, len) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&address, &len) ||
	    connect(c->tx, (struct sockaddr *)&address, len))
		die("loopback");
	c->rx = accept(listener, NULL, NULL);
	close(listener);
	if (setsockopt(c->tx, SOL_TCP, TCP_ULP, "tls", 4) ||
	    setsockopt(c->rx, SOL_TCP, TCP_ULP, "tls", 4))
		die("TCP_ULP");
}

/* What stands for the key, and no IV: the module has its own, or none matters. */
static void set_token(int sock, int direction, const struct connection *c,
		      const unsigned char *token)
{
	struct tls12_crypto_info_aes_gcm_128 short_info = { 0 };
	struct tls12_crypto_info_aes_gcm_256 long_info = { 0 };
	int ret;

	if (c->cipher == TLS_CIPHER_AES_GCM_128) {
		short_info.info.version = c->version;
		short_info.info.cipher_type = c->cipher;
		memcpy(short_info.key, token, 16);
		ret = setsockopt(sock, SOL_TLS, direction, &short_info,
				 sizeof(short_info));
	} else {
		long_info.info.version = c->version;
		long_info.info.cipher_type = c->cipher;
		memcpy(long_info.key, token, 32);
		ret = setsockopt(sock, SOL_TLS, direction, &long_info,
				 sizeof(long_info));
	}
	if (ret)
		die("setsockopt");
}

static void protect(int node, struct secrets *s, const struct connection *c,
		    int sock, int direction)
{
	struct protkey_ktls_confirm confirm = { .socket = sock };

	wipe(&s->import, sizeof(s->import));
	s->import.version = c->version;
	s->import.cipher = c->cipher;
	s->import.direction = direction;
	s->import.kind = c->kind;
	s->import.secret_size = c->size;
	copy(s->import.secret, s->bytes, c->size);
	if (ioctl(node, PROTKEY_IOC_KTLS_IMPORT, &s->import))
		die("import");
	if (c == &connections[COUNT - 1] && direction == TLS_RX) {
		wipe(s->bytes, sizeof(s->bytes));
		raise(SIGSTOP);
	}
	set_token(sock, direction, c, s->import.token);
	memcpy(confirm.token, s->import.token, sizeof(confirm.token));
	if (ioctl(node, PROTKEY_IOC_KTLS_CONFIRM, &confirm))
		die("confirm");
}

KEY_CODE static void print_hex(struct secrets *s, unsigned int n)
{
	volatile char *to = s->hex;
	unsigned int i, digit;

	for (i = 0; i < 2 * n; i++) {
		digit = s->bytes[i / 2] >> (i % 2 ? 0 : 4) & 15;
		*to++ = digit < 10 ? '0' + digit : 'a' + digit - 10;
	}
	*to++ = '\n';
}

static void set_stock(struct secrets *s, const struct connection *c,
		      const char *control)
{
	int fd = open(control, O_WRONLY | O_CREAT | O_APPEND, 0600);

	print_hex(s, c->size);
	if (fd < 0 || write(fd, "stock-tls-key ", 14) != 14 ||
	    write(fd, s->hex, 65) != 65)
		die(control);
	close(fd);
	s->stock.info.version = c->version;
	s->stock.info.cipher_type = c->cipher;
	copy(s->stock.key, s->bytes, c->size);
	if (setsockopt(c->tx, SOL_TLS, TLS_TX, &s->stock, sizeof(s->stock)) ||
	    setsockopt(c->rx, SOL_TLS, TLS_RX, &s->stock, sizeof(s->stock)))
		die("setsockopt");
}

static void open_all(int node, const char *control)
{
	struct secrets *s = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED || mlock(s, PAGE) || ioperm(DEBUG_PORT, 1, 1))
		die("locked page");
	for (size_t i = 0; i < COUNT; i++) {
		struct connection *c = &connections[i];

		connect_pair(c);
		if (getrandom(s->bytes, c->size, 0) != (ssize_t)c->size)
			die("getrandom");
		if (c->kind == PROTKEY_KTLS_SECRET)
			tell(s->bytes, c->size);
		if (c->kind) {
			protect(node, s, c, c->tx, TLS_TX);
			protect(node, s, c, c->rx, TLS_RX);
		} else {
			set_stock(s, c, control);
		}
		wipe(s, sizeof(*s));
	}
	munmap(s, PAGE);
}

static void pass_record(const struct connection *c)
{
	static char out[RECORD], in[RECORD];
	size_t got = 0;
	ssize_t n;

	if (send(c->tx, out, RECORD, 0) != RECORD)
		die(c->name);
	while (got < RECORD) {
		n = recv(c->rx, in + got, RECORD - got, 0);
		if (n <= 0)
			die(c->name);
		got += n;
	}
}

/* A KeyUpdate record, sent and taken out. */
static void update(const struct connection *c)
{
	static const unsigned char message[] = { 24, 0, 0, 1, 0 };
	char control[CMSG_SPACE(1)] = { 0 }, in[16];
	struct iovec iov = { .iov_base = (void *)message, .iov_len = sizeof(message) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_TLS;
	cmsg->cmsg_type = TLS_SET_RECORD_TYPE;
	cmsg->cmsg_len = CMSG_LEN(1);
	*CMSG_DATA(cmsg) = 22;
	if (sendmsg(c->tx, &msg, 0) != sizeof(message))
		die("KeyUpdate");
	iov.iov_base = in;
	iov.iov_len = sizeof(in);
	msg.msg_controllen = sizeof(control);
	if (recvmsg(c->rx, &msg, 0) != sizeof(message))
		die("KeyUpdate");
}

static void on_signal(int number)
{
	(void)number;
	told_to_close = 1;
}

int main(int argc, char **argv)
{
	char path[128];
	int node;

	if (argc != 3)
		return fputs("usage: pk-tls DOMAIN CONTROL\n", stderr), 2;
	snprintf(path, sizeof(path), "/dev/protkey/%s", argv[1]);
	node = open(path, O_RDWR | O_CLOEXEC);
	if (node < 0)
		die(path);
	open_all(node, argv[2]);
	close(node);
	signal(SIGUSR1, on_signal);
	for (size_t i = 0; i < COUNT; i++) {
		pass_record(&connections[i]);
		if (connections[i].kind == PROTKEY_KTLS_SECRET)
			update(&connections[i]);
	}
	puts("up");
	fflush(stdout);
	while (!told_to_close) {
		for (size_t i = 0; i < COUNT; i++)
			pass_record(&connections[i]);
		usleep(20000);
	}
	for (size_t i = 0; i < COUNT; i++) {
		if (!connections[i].kind)
			continue;
		close(connections[i].tx);
		close(connections[i].rx);
	}
	puts("closed");
	fflush(stdout);
	for (;;) {
		pass_record(&connections[0]);
		usleep(100000);
	}
}
