// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's crypto API through AF_ALG sockets. */

#include <errno.h>
#include <linux/if_alg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "alg.h"
#include "util.h"

#ifndef SOL_ALG
#define SOL_ALG	279
#endif

int alg_bind(const char *name)
{
	struct sockaddr_alg address = {
		.salg_family = AF_ALG,
		.salg_type = "skcipher",
	};
	int sock = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (sock < 0)
		die_errno("AF_ALG");
	strncpy((char *)address.salg_name, name, sizeof(address.salg_name) - 1);
	if (bind(sock, (struct sockaddr *)&address, sizeof(address)))
		die_errno(name);
	return sock;
}

int alg_set_key(int sock, const void *key, size_t len)
{
	return setsockopt(sock, SOL_ALG, ALG_SET_KEY, key, len) ? errno : 0;
}

static struct cmsghdr *put_control(struct msghdr *msg, struct cmsghdr *at,
				   int type, size_t len)
{
	at = at ? CMSG_NXTHDR(msg, at) : CMSG_FIRSTHDR(msg);
	at->cmsg_level = SOL_ALG;
	at->cmsg_type = type;
	at->cmsg_len = CMSG_LEN(len);
	return at;
}

static int work(int op, bool encrypt, const void *iv16, void *data, size_t len)
{
	size_t iv_len = sizeof(struct af_alg_iv) + 16;
	_Alignas(struct cmsghdr) char control[128] = { 0 };
	struct iovec iov = { .iov_base = data, .iov_len = len };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = CMSG_SPACE(sizeof(__u32)) + CMSG_SPACE(iv_len),
	};
	__u32 what = encrypt ? ALG_OP_ENCRYPT : ALG_OP_DECRYPT;
	struct af_alg_iv *iv;
	struct cmsghdr *at;

	at = put_control(&msg, NULL, ALG_SET_OP, sizeof(what));
	memcpy(CMSG_DATA(at), &what, sizeof(what));
	at = put_control(&msg, at, ALG_SET_IV, iv_len);
	iv = (struct af_alg_iv *)CMSG_DATA(at);
	iv->ivlen = 16;
	memcpy(iv->iv, iv16, 16);

	if (sendmsg(op, &msg, 0) != (ssize_t)len)
		return errno;
	return read(op, data, len) == (ssize_t)len ? 0 : errno;
}

int alg_crypt(int sock, bool encrypt, const void *iv16, void *data, size_t len)
{
	int op = accept4(sock, NULL, 0, SOCK_CLOEXEC);
	int err;

	if (op < 0)
		return errno;
	err = work(op, encrypt, iv16, data, len);
	close(op);
	return err;
}
