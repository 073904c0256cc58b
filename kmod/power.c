// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suspend and hibernation: see power.h.
 *
 * S3 zeroes the debug registers.  Locking a domain under writeback would abort
 * journals, and dm_suspend() is not exported: so a domain with open volumes
 * vetoes, and the sleep hook of user space suspends the volumes and locks
 * first.  After resume there is a new wrapping key; domains wait for unlock.
 */

#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/suspend.h>

#include "audit.h"
#include "domain.h"
#include "power.h"
#include "vault.h"

static int power_prepare(void)
{
	int ret = pk_domains_lock_all();

	if (ret) {
		pr_err("suspend refused: an unlocked domain has open volumes. See protkey-sleep(1)\n");
		return pk_audit(PROTKEY_AUDIT_SUSPEND, "", ret, "open volumes");
	}
	pk_audit(PROTKEY_AUDIT_SUSPEND, "", 0, "all domains are locked");
	pk_vault_wipe(true);
	return 0;
}

static int on_power(struct notifier_block *nb, unsigned long action, void *data)
{
	switch (action) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		return notifier_from_errno(power_prepare());
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		if (pk_audit(PROTKEY_AUDIT_RESUME, "", pk_vault_resume(), "%s", ""))
			pr_err("no wrapping key after resume; `protkey domain unlock` tries again\n");
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block power_nb = {
	.notifier_call = on_power,
};

int pk_power_init(void)
{
	return register_pm_notifier(&power_nb);
}

void pk_power_exit(void)
{
	unregister_pm_notifier(&power_nb);
}
