/* SPDX-License-Identifier: GPL-2.0-only */
/* The device nodes: /dev/protkey/control and one per domain. */
#ifndef PK_CONTROL_H
#define PK_CONTROL_H

#include <linux/types.h>

#include "domain.h"

struct pk_challenge;
struct file;

/* An open file of a node. */
struct pk_file {
	struct pk_domain *domain;	/* NULL: the control node */
	struct pk_session *session;
	struct pk_login login;		/* under the domain's lock */
	/* control: of who unlocks next, or NULL; kmalloc */
	struct protkey_person_login *unlock_login;
	struct pk_challenge *challenge;	/* control node; see measured.h */
};

int pk_control_init(void);
void pk_control_exit(void);

/* The node of a domain; under domains_lock. */
int pk_control_add(struct pk_domain *d);
void pk_control_remove(struct pk_domain *d);

/* Numbers 0x30-0x3f of a domain's node: master key registers; 0x60-: administration. */
long pk_ioctl_admin(struct pk_domain *d, unsigned int cmd, void __user *arg);
long pk_ioctl_mk(struct pk_file *f, unsigned int cmd, void __user *arg);

long pk_ioctl_control(struct pk_file *f, unsigned int cmd, void __user *arg);
long pk_ioctl_domain(struct pk_file *f, unsigned int cmd, void __user *arg);
long pk_ioctl_seal_add(struct pk_domain *d, void __user *arg);
long pk_ioctl_seal_remove(struct pk_domain *d, void __user *arg);
long pk_ioctl_person_set(struct pk_file *f, void __user *arg);
long pk_ioctl_person_remove(struct pk_file *f, void __user *arg);
long pk_ioctl_person_login(struct pk_file *f, void __user *arg);
long pk_ioctl_person_agree(struct pk_file *f);

/* CAP_SYS_ADMIN in the initial user namespace. */
bool pk_may_administer(void);
/* The caller's secrets, whatever the outcome of his call. */
void pk_wipe_user(void __user *at, size_t size);

#endif /* PK_CONTROL_H */
