/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TCG's Canonical Event Log (CEL 1.0) in JSON: one array with the records
 * of the boot's event log ("pcclient_std"), then those of IMA's list
 * ("ima_template").
 *
 * What it cannot say: digests of algorithms that we do not know, and the zeros
 * of a violation in IMA's list, which is written as what was extended: ones.
 */
#ifndef PROTKEY_FW_CEL_H
#define PROTKEY_FW_CEL_H

#include <json-c/json.h>

#include "evidence.h"

#define FW_CEL_MAX	(256U << 20)
#define FW_CEL_WHY	160

/* Either may be NULL.  NULL: out of memory. */
struct json_object *fw_cel_json(const struct fw_eventlog *log,
				const struct fw_ima *ima);

/*
 * Puts the logs back into their binary forms, for fw_eventlog_parse() and
 * fw_ima_parse(); size 0 and NULL where the file has no such records.  What is
 * in them is not judged here.  0, -EBADMSG and @why, -EFBIG, -ENOMEM.
 */
int fw_cel_parse(const char *json, size_t size, struct fw_buffer *event_log,
		 struct fw_buffer *ima_log, char why[FW_CEL_WHY]);

#endif
