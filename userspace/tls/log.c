// SPDX-License-Identifier: GPL-2.0-only
/* The log. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

static bool journal;

void log_init(void)
{
	journal = getenv("JOURNAL_STREAM");
}

static const char *priority_name(int priority)
{
	return priority <= LOG_ERR ? "error: " :
	       priority <= LOG_WARNING ? "warning: " : "";
}

/* In one write: parent, forwarder and brokers share the file. */
void log_line(int priority, const struct log_origin *origin, const char *fmt, ...)
{
	char line[1024];
	size_t at = 0;
	va_list ap;

#define ADD(...) do { \
	if (at < sizeof(line)) \
		at += (size_t)snprintf(line + at, sizeof(line) - at, __VA_ARGS__); \
} while (0)
	if (journal)
		ADD("<%d>", priority);
	else
		ADD("protkey-tlsd: ");
	if (origin && origin->service[0])
		ADD("service=%s ", origin->service);
	if (origin && origin->peer[0])
		ADD("peer=%s ", origin->peer);
	if (!journal)
		ADD("%s", priority_name(priority));
#undef ADD
	va_start(ap, fmt);
	if (at < sizeof(line))
		at += (size_t)vsnprintf(line + at, sizeof(line) - at, fmt, ap);
	va_end(ap);
	if (at > sizeof(line) - 1)
		at = sizeof(line) - 1;
	line[at++] = '\n';
	if (write(STDERR_FILENO, line, at) < 0)
		return;		/* nobody is left to be told */
}

const char *log_clean(char *to, size_t room, const void *from, size_t size)
{
	const unsigned char *in = from;
	size_t i, n = size < room - 1 ? size : room - 1;

	for (i = 0; i < n && in[i]; i++)
		to[i] = in[i] < ' ' || in[i] > '~' || in[i] == '"' || in[i] == '\\' ?
			'?' : (char)in[i];
	to[i] = '\0';
	return to;
}
