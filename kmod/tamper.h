/* SPDX-License-Identifier: GPL-2.0-only */
/* What the machine does to us: panic, reboot, kexec, hypervisors loaded here. */
#ifndef PK_TAMPER_H
#define PK_TAMPER_H

#include <linux/types.h>

/*
 * -ENODEV, with a message, where debug registers cannot be trusted at all:
 * Xen PV, and SEV-ES/SNP guests without DebugSwap.
 */
int pk_tamper_check_platform(void);

int pk_tamper_init(void);
void pk_tamper_exit(void);

/* KVM is loaded: its guests may overwrite the debug registers. */
bool pk_tamper_kvm_loaded(void);

#endif /* PK_TAMPER_H */
