// SPDX-License-Identifier: LGPL-2.1-or-later
/* The module's audit log: see audit.h. */
#include <stdint.h>

#include "auditlog.h"
#include "internal.h"

PROTKEY_EXPORT int protkey_audit_read(int control, struct protkey_audit_read *read)
{
	return pk_device_ioctl(control, PROTKEY_IOC_AUDIT_READ, read);
}

PROTKEY_EXPORT int protkey_audit_note(int control, struct protkey_audit_note *note)
{
	return pk_device_ioctl(control, PROTKEY_IOC_AUDIT_NOTE, note);
}

PROTKEY_EXPORT int protkey_audit_verify(int domain,
					const struct protkey_audit_entry *entries,
					__u64 count, __u64 *verified)
{
	struct protkey_audit_verify req = {
		.entries_ptr = (uintptr_t)entries,
		.count = count,
	};
	int ret = pk_device_ioctl(domain, PROTKEY_IOC_AUDIT_VERIFY, &req);

	*verified = req.verified;
	return ret;
}

PROTKEY_EXPORT const char *protkey_audit_name(__u32 event)
{
	return pk_audit_name(event);
}
