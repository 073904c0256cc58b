/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One line on standard error for each event: "service=NAME peer=ADDRESS text". Under
 * systemd with the journal's priority in front. What a peer says goes through
 * log_clean(); secrets go nowhere.
 */
#ifndef TLSD_LOG_H
#define TLSD_LOG_H

#include <stddef.h>
#include <syslog.h>

struct log_origin {
	char service[32];
	char peer[64];
};

void log_init(void);
/* @origin may be NULL. @priority is syslog's. */
void log_line(int priority, const struct log_origin *origin, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* @from, at most @size bytes, as printable text without quotes; cut to fit. */
const char *log_clean(char *to, size_t room, const void *from, size_t size);

#endif
