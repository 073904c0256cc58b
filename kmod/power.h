/* SPDX-License-Identifier: GPL-2.0-only */
/* Suspend and hibernation: vetoed with open volumes, else the vault is wiped. */
#ifndef PK_POWER_H
#define PK_POWER_H

int pk_power_init(void);
void pk_power_exit(void);

#endif /* PK_POWER_H */
