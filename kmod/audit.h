/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The audit log: every administrative act, every refusal of one, and what befell
 * the vault, in one chain of this load of the module.
 *
 * An entry holds the SHA-256 of the one before, so that none can be changed, removed
 * or moved without all that follow.  From the first unlock on an entry also has a tag
 * under a key that is thrown away after each entry for one derived from it
 * (Schneier, Kelsey: Secure Audit Logs to Support Computer Forensics, 1999): who
 * takes the machine later, and no domain of then, cannot make other entries of before.
 * Each unlock puts the key of its entry into it, wrapped for the domain; so its holder
 * can verify.
 */
#ifndef PK_AUDIT_H
#define PK_AUDIT_H

#include "auditlog.h"

struct pk_domain;

int pk_audit_init(void);
void pk_audit_exit(void);

/*
 * Note that @event of the domain named @domain ("": of none) ended with @result, 0
 * or -errno, which is given back.  The text is printable ASCII of ours.  May sleep;
 * caller holds no lock of a domain and none of the vault.
 */
__printf(4, 5)
long pk_audit(enum protkey_audit_event event, const char *domain, long result,
	      const char *fmt, ...);

/* The same of a domain that was unlocked just now; with the key, for its holders. */
void pk_audit_unlocked(enum protkey_audit_event event, struct pk_domain *d);

/* Something befell the vault: noted in a minute, with what comes till then; a loss
 * of it at once.  From any context. */
void pk_audit_vault(bool lost);

/* Errors: PROTKEY_IOC_AUDIT_*.  @domain: only its entries; NULL: all. */
long pk_ioctl_audit_read(const char *domain, void __user *arg);
long pk_ioctl_audit_note(void __user *arg);
long pk_ioctl_audit_verify(struct pk_domain *d, void __user *arg);

#endif /* PK_AUDIT_H */
