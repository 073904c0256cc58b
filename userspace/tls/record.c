// SPDX-License-Identifier: GPL-2.0-only
/* Records that are no data. */
#include <errno.h>
#include <linux/tls.h>
#include <sys/socket.h>

#include "record.h"

#ifndef SOL_TLS
#define SOL_TLS 282
#endif

ssize_t record_recv(int tls, void *data, size_t room, int *type)
{
	char control[CMSG_SPACE(1)] __attribute__((aligned(8))) = { 0 };
	struct iovec iov = { .iov_base = data, .iov_len = room };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg;
	ssize_t n = recvmsg(tls, &msg, MSG_DONTWAIT);

	*type = RECORD_NONE;
	cmsg = n < 0 ? NULL : CMSG_FIRSTHDR(&msg);
	if (cmsg && cmsg->cmsg_level == SOL_TLS && cmsg->cmsg_type == TLS_GET_RECORD_TYPE)
		*type = *CMSG_DATA(cmsg);
	return n;
}

int record_send(int tls, int type, const void *data, size_t size)
{
	char control[CMSG_SPACE(1)] __attribute__((aligned(8))) = { 0 };
	struct iovec iov = { .iov_base = (void *)data, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_TLS;
	cmsg->cmsg_type = TLS_SET_RECORD_TYPE;
	cmsg->cmsg_len = CMSG_LEN(1);
	*CMSG_DATA(cmsg) = (unsigned char)type;
	return sendmsg(tls, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int record_alert(int tls, int alert)
{
	unsigned char message[2] = { alert == ALERT_CLOSE_NOTIFY ? 1 : 2,
				     (unsigned char)alert };

	return record_send(tls, RECORD_ALERT, message, sizeof(message));
}
