/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * The names of audit events: one table for the module, which gives them to the
 * kernel's audit system, and for libprotkey.
 */
#ifndef PK_AUDITLOG_H
#define PK_AUDITLOG_H

#include "uapi/protkey.h"

static const char *const pk_audit_names[] = {
	[PROTKEY_AUDIT_START] = "start",
	[PROTKEY_AUDIT_STOP] = "stop",
	[PROTKEY_AUDIT_CREATE] = "create",
	[PROTKEY_AUDIT_UNLOCK] = "unlock",
	[PROTKEY_AUDIT_LOCK] = "lock",
	[PROTKEY_AUDIT_DELETE] = "delete",
	[PROTKEY_AUDIT_ZEROIZE] = "zeroize",
	[PROTKEY_AUDIT_MK_PART] = "mk-part",
	[PROTKEY_AUDIT_MK_COMMIT] = "mk-commit",
	[PROTKEY_AUDIT_MK_SET] = "mk-set",
	[PROTKEY_AUDIT_MK_ABORT] = "mk-abort",
	[PROTKEY_AUDIT_MK_CLEAR] = "mk-clear",
	[PROTKEY_AUDIT_SEAL_ADD] = "seal-add",
	[PROTKEY_AUDIT_SEAL_REMOVE] = "seal-remove",
	[PROTKEY_AUDIT_ADMINISTRATORS] = "administrators",
	[PROTKEY_AUDIT_REQUEST] = "request",
	[PROTKEY_AUDIT_SIGN] = "sign",
	[PROTKEY_AUDIT_VOLUME_PIN] = "volume-pin",
	[PROTKEY_AUDIT_VOLUME_UNPIN] = "volume-unpin",
	[PROTKEY_AUDIT_VOLUME_CHECK] = "volume-check",
	[PROTKEY_AUDIT_VAULT] = "vault",
	[PROTKEY_AUDIT_SUSPEND] = "suspend",
	[PROTKEY_AUDIT_RESUME] = "resume",
	[PROTKEY_AUDIT_HYPERVISOR] = "hypervisor",
	[PROTKEY_AUDIT_CHECKPOINT] = "checkpoint",
	[PROTKEY_AUDIT_NOTE] = "note",
	[PROTKEY_AUDIT_QUOTA] = "quota",
	[PROTKEY_AUDIT_PERSON_SET] = "person-set",
	[PROTKEY_AUDIT_PERSON_REMOVE] = "person-remove",
	[PROTKEY_AUDIT_LOGIN] = "login",
	[PROTKEY_AUDIT_ROLE] = "role",
	[PROTKEY_AUDIT_AGREE] = "agree",
	[PROTKEY_AUDIT_MEASURED] = "measured",
};

#define PK_AUDIT_EVENTS	(sizeof(pk_audit_names) / sizeof(pk_audit_names[0]))

static inline const char *pk_audit_name(__u32 event)
{
	return event < PK_AUDIT_EVENTS && pk_audit_names[event] ?
	       pk_audit_names[event] : "unknown";
}

#endif /* PK_AUDITLOG_H */
