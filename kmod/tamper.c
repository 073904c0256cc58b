// SPDX-License-Identifier: GPL-2.0-only
/* What the machine does to us: see tamper.h. */

#include <linux/bitops.h>
#include <linux/cc_platform.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/namei.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/reboot.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>

#include "audit.h"
#include "tamper.h"
#include "vault.h"

#define MSR_SEV_STATUS		0xc0010131
#define SEV_DEBUG_SWAP		(1ULL << 5)

static bool strict_kvm;
module_param(strict_kvm, bool, 0444);
MODULE_PARM_DESC(strict_kvm,
	"refuse to run beside KVM, whose guests may overwrite debug registers (default: accept, repair, count)");

static unsigned long kvm_seen;		/* bit per name of is_kvm() */

int pk_tamper_check_platform(void)
{
	u64 sev = 0;

	if (boot_cpu_has(X86_FEATURE_XENPV)) {
		pr_err("Xen PV guests have no debug registers of their own: protkey cannot run here\n");
		return -ENODEV;
	}
	if (!cc_platform_has(CC_ATTR_GUEST_STATE_ENCRYPT))
		return 0;
	if (rdmsrl_safe(MSR_SEV_STATUS, &sev) || !(sev & SEV_DEBUG_SWAP)) {
		pr_err("SEV-ES/SNP guest without DebugSwap: the host sees the debug registers, protkey cannot run here\n");
		return -ENODEV;
	}
	return 0;
}

/*
 * Other CPUs are stopped by now: their registers cannot be reached, but
 * without the share they are worth nothing.
 */
static int on_panic(struct notifier_block *nb, unsigned long action, void *data)
{
	pk_vault_wipe_now();
	return NOTIFY_DONE;
}

static struct notifier_block panic_nb = {
	.notifier_call = on_panic,
	.priority = INT_MAX,		/* before kmsg dumpers and the like */
};

static int on_reboot(struct notifier_block *nb, unsigned long action, void *data)
{
	pk_vault_wipe_now();
	return NOTIFY_DONE;
}

static struct notifier_block reboot_nb = {
	.notifier_call = on_reboot,
	.priority = INT_MIN,		/* last: others may still write to disk */
};

static const char * const kvm_names[] = { "kvm_amd", "kvm_intel" };

static int on_module(struct notifier_block *nb, unsigned long action, void *data)
{
	const struct module *mod = data;
	int i = match_string(kvm_names, ARRAY_SIZE(kvm_names), mod->name);

	if (i < 0)
		return NOTIFY_DONE;
	switch (action) {
	case MODULE_STATE_COMING:
		pk_audit(PROTKEY_AUDIT_HYPERVISOR, "", strict_kvm ? -EPERM : 0,
			 "%s", mod->name);
		if (strict_kvm) {
			pr_err("%s refused: protkey was loaded with strict_kvm=1\n",
			       mod->name);
			return notifier_from_errno(-EPERM);
		}
		pr_warn("%s loaded: a guest that uses debug registers makes this host repair its vault\n",
			mod->name);
		set_bit(i, &kvm_seen);
		break;
	case MODULE_STATE_GOING:
		clear_bit(i, &kvm_seen);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block module_nb = {
	.notifier_call = on_module,
};

bool pk_tamper_kvm_loaded(void)
{
	return READ_ONCE(kvm_seen);
}

/* Loaded before us.  find_module() is not exported; sysfs knows as well. */
static void kvm_look_in_sysfs(void)
{
	char name[40];
	struct path path;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kvm_names); i++) {
		snprintf(name, sizeof(name), "/sys/module/%s/holders",
			 kvm_names[i]);
		if (kern_path(name, 0, &path))
			continue;
		path_put(&path);
		set_bit(i, &kvm_seen);
	}
}

int pk_tamper_init(void)
{
	int ret;

	/* notifier first: nothing slips in between */
	ret = register_module_notifier(&module_nb);
	if (ret)
		return ret;
	kvm_look_in_sysfs();
	if (strict_kvm && kvm_seen) {
		pr_err("KVM is loaded and strict_kvm=1: rmmod kvm_amd kvm_intel, then load again\n");
		unregister_module_notifier(&module_nb);
		return -EPERM;
	}
	atomic_notifier_chain_register(&panic_notifier_list, &panic_nb);
	register_reboot_notifier(&reboot_nb);
	return 0;
}

void pk_tamper_exit(void)
{
	unregister_reboot_notifier(&reboot_nb);
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_nb);
	unregister_module_notifier(&module_nb);
}
