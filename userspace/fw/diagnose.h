/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a log does not lead to a PCR's value. */
#ifndef PROTKEY_FW_DIAGNOSE_H
#define PROTKEY_FW_DIAGNOSE_H

#include "eventlog.h"

#define FW_DIAGNOSIS	160

/*
 * Does the log lead to @value of @pcr?  If not, @why says what would: events at
 * the end that the PCR does not have, one too many, two exchanged; or that
 * nothing so simple does.
 */
bool fw_diagnose(const struct fw_eventlog *log, enum fw_bank bank,
		 unsigned int pcr, const struct fw_digest *value,
		 char why[FW_DIAGNOSIS]);

#endif
