/* SPDX-License-Identifier: GPL-2.0-only */
/* Keylime's measured boot policy ("refstate"), as its example engine reads it. */
#ifndef PROTKEY_FW_KEYLIME_H
#define PROTKEY_FW_KEYLIME_H

#include <json-c/json.h>

#include "eventlog.h"
#include "reference.h"

/*
 * The policy of the boot that @log tells of, as `keylime-policy create
 * measured-boot` makes it.  NULL and why if it is no boot that the policy can
 * describe: it wants shim and grub, SHA-256, one kernel.
 */
struct json_object *fw_keylime_export(const struct fw_eventlog *log,
				      char why[FW_WHY]);

/*
 * Accept in @ref what the policy accepts: loaders, kernels, initrds, command
 * lines that are no patterns, and as required what it has in dbx.  The rest of
 * the policy is left alone.  @added, and in @skipped how many of its values
 * have no place.  0, -EBADMSG and @why, -ENOMEM.
 */
int fw_keylime_import(struct fw_reference *ref, const char *json, size_t size,
		      size_t *added, size_t *skipped, char why[FW_WHY]);

#endif
