/* SPDX-License-Identifier: GPL-2.0-only */
/* Records of a kTLS socket that are no data. */
#ifndef TLSD_RECORD_H
#define TLSD_RECORD_H

#include <stddef.h>
#include <sys/types.h>

#define RECORD_MAX	16640

enum { RECORD_NONE, RECORD_ALERT = 21, RECORD_HANDSHAKE = 22, RECORD_DATA = 23 };

enum {
	ALERT_CLOSE_NOTIFY = 0,
	ALERT_UNEXPECTED_MESSAGE = 10,
	ALERT_BAD_RECORD_MAC = 20,
	ALERT_RECORD_OVERFLOW = 22,
	ALERT_INTERNAL_ERROR = 80,
	ALERT_USER_CANCELED = 90,
};

/* One record of any type, without waiting; 0 and RECORD_NONE at the end; -1 with
 * errno. */
ssize_t record_recv(int tls, void *data, size_t room, int *type);
/* -errno */
int record_send(int tls, int type, const void *data, size_t size);
int record_alert(int tls, int alert);

#endif
