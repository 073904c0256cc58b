// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "fault.h"

#define FAULTS_MAX	64

int fw_fault_add(struct fw_fault **faults, size_t *count, size_t event,
		 size_t offset, const char *fmt, ...)
{
	struct fw_fault *fault;
	va_list ap;

	if (*count >= FAULTS_MAX)
		return 0;
	fault = reallocarray(*faults, *count + 1, sizeof(*fault));
	if (!fault)
		return -ENOMEM;
	*faults = fault;
	fault += (*count)++;
	fault->event = event;
	fault->offset = offset;
	va_start(ap, fmt);
	vsnprintf(fault->what, sizeof(fault->what), fmt, ap);
	va_end(ap);
	return 0;
}
