/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of what is wrong with a log. */
#ifndef PROTKEY_FW_FAULT_H
#define PROTKEY_FW_FAULT_H

#include "eventlog.h"

/* Adds to *@faults, up to a limit after which more say nothing more.  0 or -ENOMEM. */
int fw_fault_add(struct fw_fault **faults, size_t *count, size_t event,
		 size_t offset, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

#endif
