/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libprotkey: the module's audit log. */
#ifndef PROTKEY_AUDIT_H
#define PROTKEY_AUDIT_H

#include <stddef.h>
#include <protkey/uapi.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * protkey_audit_read() - entries that the module still has
 * @control: from protkey_control_open()
 * @read: @after, @entries_ptr and @room set, else zero; the rest is filled in
 *
 * Return: 0; -errno of the node.
 */
int protkey_audit_read(int control, struct protkey_audit_read *read);

/**
 * protkey_audit_note() - an entry of one's own
 * @control: from protkey_control_open()
 * @note: @event (PROTKEY_AUDIT_CHECKPOINT or _NOTE) and @text set, else zero; the
 *	rest is filled in
 *
 * Return: 0; -EACCES no CAP_SYS_ADMIN, -EINVAL the text has other than printable
 * ASCII, or a quotation mark.
 */
int protkey_audit_note(int control, struct protkey_audit_note *note);

/**
 * protkey_audit_verify() - have the module verify the tags of entries
 * @domain: from protkey_domain_open(); unlocked
 * @entries: entries that follow on one another, the first with PROTKEY_AUDIT_KEY and
 *	of this domain
 * @count: how many
 * @verified: set to how many are what the module wrote, up to one without tag
 *
 * Return: 0; -EBADMSG entry @verified is not, -EKEYREJECTED its key is wrapped under
 * another master key or was changed, -ENOKEY domain locked, -EINVAL no such entries.
 */
int protkey_audit_verify(int domain, const struct protkey_audit_entry *entries,
			 __u64 count, __u64 *verified);

/**
 * protkey_audit_name() - name of an event
 * @event: enum protkey_audit_event
 *
 * Return: such as "unlock"; "unknown" of one that this version does not know.
 */
const char *protkey_audit_name(__u32 event);

#ifdef __cplusplus
}
#endif

#endif /* PROTKEY_AUDIT_H */
