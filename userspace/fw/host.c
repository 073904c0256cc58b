// SPDX-License-Identifier: GPL-2.0-only
/* The table of host checks. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "host_read.h"

/* Lines of Documentation/threat-model.md; a test looks for each. */
#define RING0		"loads his own kernel code, writes kernel memory"
#define HYPERVISOR	"The hypervisor under a VM"
#define KVM_GUEST	"a KVM guest that uses debug registers"
#define EVIL_MAID	"changed firmware, kernel, initrd, command line"
#define SMM_JTAG	"SMM, JTAG"
#define DEVICES		"DMA without an IOMMU"
#define COLD_BOOT	"cold boot of the RAM"
#define FREED		"freed pages, slab, stacks"
#define SWAP		"swap"
#define IMAGE		"hibernation image"
#define CPU_BUGS	"CPU bugs that leak vector registers or debug registers"
#define PERF		"perf register samples"

const struct host_check host_checks[] = {
	/* ---- what is beneath the system */
	{ "hypervisor", "hypervisor", HYPERVISOR,
	  "/proc/cpuinfo: hypervisor",
	  "run protkey on the machine itself, or trust the host", true,
	  host_read_hypervisor },
	{ "kvm", "KVM on this host", KVM_GUEST,
	  "/sys/module: kvm_intel, kvm_amd, vboxdrv, vmmon",
	  "do without guests here, or load protkey with strict_kvm=1", true,
	  host_read_kvm },
	{ "tpm", "TPM", EVIL_MAID,
	  "/sys/class/tpm/*/tpm_version_major",
	  "switch the TPM 2.0 (fTPM, PTT) on in the firmware's setup", false,
	  host_read_tpm },
	{ "pcrs", "PCR 0-7", EVIL_MAID,
	  "/sys/class/tpm/*/pcr-*/0..7",
	  "switch off the TPM's bank that the firmware does not use, or update the firmware",
	  false, host_read_pcrs },
	/* ---- what boots */
	{ "secure_boot", "Secure Boot", RING0,
	  "efivarfs: SecureBoot, MokSBStateRT",
	  "switch it on in the firmware's setup; mokutil --enable-validation",
	  true, host_read_secure_boot },
	{ "setup_mode", "setup mode", EVIL_MAID,
	  "efivarfs: SetupMode",
	  "enrol the platform key: the firmware's setup restores the maker's",
	  false, host_read_setup_mode },
	{ "secure_boot_keys", "Secure Boot keys", EVIL_MAID,
	  "efivarfs: PK, KEK, db",
	  "enrol keys of your own or of the maker; update the firmware if its PK is for tests",
	  false, host_read_keys },
	{ "dbx", "revoked loaders", EVIL_MAID,
	  "efivarfs: dbx",
	  "install the list of revoked boot loaders: fwupdmgr update", false,
	  host_read_dbx },
	{ "flash", "firmware flash", EVIL_MAID,
	  "PCI: rom_armor_enforced, intel_spi_bios_locked, BIOS_CONTROL; /sys/class/mtd",
	  "update the firmware, look for write protection in its setup, ask the maker",
	  false, host_read_flash },
	{ "rollback", "firmware rollback", EVIL_MAID,
	  "PCI: anti_rollback_status",
	  "look for rollback protection in the firmware's setup, ask the maker",
	  false, host_read_rollback },
	{ "debug", "debug lock", SMM_JTAG,
	  "PCI: debug_lock_on, fused_part; MSR 0xc80 (modprobe msr)",
	  "switch hardware debugging (DCI, JTAG) off in the firmware's setup",
	  false, host_read_debug },
	/* ---- what root may do */
	{ "lockdown", "kernel lockdown", RING0,
	  "/sys/kernel/security/lockdown",
	  "boot with lockdown=confidentiality", true, host_read_lockdown },
	{ "module_signatures", "module signatures", RING0,
	  "/sys/module/module/parameters/sig_enforce, modules_disabled, lockdown",
	  "boot with module.sig_enforce=1, with protkey's modules signed", true,
	  host_read_signatures },
	{ "taint", "loaded modules", RING0,
	  "/proc/sys/kernel/tainted",
	  "sign the modules that dkms builds, and reboot", false,
	  host_read_taint },
	{ "kexec", "kexec", RING0,
	  "/proc/sys/kernel/kexec_load_disabled, lockdown",
	  "sysctl kernel.kexec_load_disabled=1, after a crash kernel is loaded",
	  true, host_read_kexec },
	{ "perf", "perf", PERF,
	  "/proc/sys/kernel/perf_event_paranoid",
	  "sysctl kernel.perf_event_paranoid=3", true, host_read_perf },
	/* ---- who else reads memory */
	{ "iommu", "IOMMU", DEVICES,
	  "/sys/kernel/iommu_groups/*/type",
	  "switch VT-d or AMD-Vi on in the firmware's setup; boot with intel_iommu=on iommu.passthrough=0",
	  true, host_read_iommu },
	{ "preboot_dma", "DMA before boot", DEVICES,
	  "ACPI tables DMAR, IVRS",
	  "switch kernel (pre-boot) DMA protection on in the firmware's setup",
	  false, host_read_preboot_dma },
	{ "thunderbolt", "Thunderbolt", DEVICES,
	  "/sys/bus/thunderbolt/devices/domain*/iommu_dma_protection",
	  "switch kernel DMA protection on in the firmware's setup, or Thunderbolt off",
	  false, host_read_thunderbolt },
	{ "memory_encryption", "memory encryption", COLD_BOOT,
	  "/proc/cpuinfo: sme, tme, tdx_guest; PCI: tsme_status; mem_encrypt=; MSR 0x982 (modprobe msr); /dev/sev-guest",
	  "switch TSME or TME on in the firmware's setup", false,
	  host_read_encryption },
	{ "init_on_free", "freed memory", FREED,
	  "/proc/cmdline, the kernel's configuration in /boot",
	  "boot with init_on_free=1", false, host_read_init_on_free },
	{ "swap", "swap", SWAP,
	  "/proc/swaps, /sys/class/block/*/dm/uuid",
	  "put swap on dm-crypt (a random key at each boot will do), on zram, or switch it off",
	  true, host_read_swap },
	{ "hibernation", "hibernation", IMAGE,
	  "/sys/power/disk, and as swap",
	  "encrypt swap, or boot with nohibernate", false,
	  host_read_hibernation },
	/* ---- the CPU */
	{ "microcode", "microcode", CPU_BUGS,
	  "/sys/devices/system/cpu/cpu*/microcode/version, vulnerabilities",
	  "install intel-microcode or amd64-microcode, and reboot", false,
	  host_read_microcode },
	{ "cpu_vulnerabilities", "CPU bugs", CPU_BUGS,
	  "/sys/devices/system/cpu/vulnerabilities",
	  "update kernel and microcode; where SMT is named, boot with mitigations=auto,nosmt",
	  false, host_read_vulnerabilities },
	{ 0 }
};

int host_open(struct host *host, const char *root)
{
	host->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return host->root < 0 ? -errno : 0;
}

void host_close(struct host *host)
{
	close(host->root);
	host->root = -1;
}

const struct host_check *host_find(const char *name)
{
	const struct host_check *check;

	for (check = host_checks; check->name; check++)
		if (!strcmp(check->name, name))
			return check;
	return NULL;
}

const char *host_state_name(enum host_state state)
{
	static const char *const names[HOST_STATES] = {
		[HOST_OK] = "ok",
		[HOST_BAD] = "bad",
		[HOST_UNKNOWN] = "unknown",
		[HOST_NA] = "not applicable",
	};

	return state < HOST_STATES ? names[state] : "unknown";
}

/* All of these must hold; the first that does not is the reason. */
void host_root_read(const struct host *host, struct host_root *root)
{
	static const struct {
		host_reader *read;
		const char *why_not;
	} needs[] = {
		{ host_read_secure_boot,
		  "without Secure Boot root can boot another kernel" },
		{ host_read_keys,
		  "Secure Boot's keys do not keep root from booting another kernel" },
		{ host_read_signatures,
		  "without enforced signatures root can load any kernel module" },
		{ host_read_lockdown,
		  "without lockdown=confidentiality root can read the kernel's memory" },
		{ host_read_hypervisor,
		  "this is a virtual machine: who is root on its host reads our registers" },
	};
	struct host_fact fact;
	size_t i;

	root->stopped = false;
	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		needs[i].read(host, &fact);
		root->why = needs[i].why_not;
		if (fact.state != HOST_OK)
			return;
	}
	root->stopped = true;
	root->why = "Secure Boot, signed modules and lockdown=confidentiality are on";
}
