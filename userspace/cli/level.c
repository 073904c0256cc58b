// SPDX-License-Identifier: GPL-2.0-only
/*
 * The protection level of this machine.  Each fact is read from where the
 * kernel shows it; what cannot be read counts as not there.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "level.h"

#define EFIVARS	"/sys/firmware/efi/efivars"
#define SECURE_BOOT EFIVARS "/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

static size_t read_some(const char *path, char *buf, size_t room)
{
	FILE *file = fopen(path, "re");
	size_t got = 0;

	if (file) {
		got = fread(buf, 1, room - 1, file);
		fclose(file);
	}
	buf[got] = '\0';
	return got;
}

static long read_number(const char *path, long otherwise)
{
	char text[32];

	return read_some(path, text, sizeof(text)) ? atol(text) : otherwise;
}

static void set(struct level_fact *fact, const char *name, const char *label,
		bool good, const char *value)
{
	fact->name = name;
	fact->label = label;
	fact->good = good;
	snprintf(fact->value, sizeof(fact->value), "%s", value);
}

static bool secure_boot(struct level_fact *fact)
{
	char var[8];
	size_t got = read_some(SECURE_BOOT, var, sizeof(var));
	bool on = got >= 5 && var[4] == 1;

	set(fact, "secure_boot", "Secure Boot", on,
	    on ? "on" : access("/sys/firmware/efi", F_OK) ?
	    "no (not booted by UEFI)" : got ? "off" : "off or not visible");
	return on;
}

/* "none [integrity] confidentiality": the word in brackets. */
static bool lockdown(struct level_fact *fact, bool *any)
{
	char text[96], word[32] = "none";
	char *open;

	read_some("/sys/kernel/security/lockdown", text, sizeof(text));
	open = strchr(text, '[');
	if (open)
		sscanf(open, "[%31[a-z]]", word);
	*any = strcmp(word, "none");
	set(fact, "lockdown", "kernel lockdown", *any, word);
	return !strcmp(word, "confidentiality");
}

static bool signatures(struct level_fact *fact, bool locked_down)
{
	char text[8];
	bool on;

	read_some("/sys/module/module/parameters/sig_enforce", text,
		  sizeof(text));
	on = text[0] == 'Y' || locked_down;
	set(fact, "module_signatures", "module signatures", on,
	    on ? "enforced" : "not enforced");
	return on;
}

static void hypervisor(struct level_fact *fact, bool guest)
{
	set(fact, "hypervisor", "hypervisor", !guest,
	    guest ? "guest: the host's RAM holds our registers" : "none");
}

static void kvm(struct level_fact *fact, const struct protkey_status *status)
{
	bool loaded = status->flags & PROTKEY_STATUS_KVM_LOADED ||
		      !access("/sys/module/kvm_intel", F_OK) ||
		      !access("/sys/module/kvm_amd", F_OK);

	set(fact, "kvm", "KVM on this host", !loaded,
	    loaded ? "loaded: guests may overwrite debug registers (repaired)" :
	    "not loaded");
}

static void iommu(struct level_fact *fact)
{
	DIR *dir = opendir("/sys/kernel/iommu_groups");
	struct dirent *entry;
	char text[48];
	int groups = 0;

	while (dir && (entry = readdir(dir)))
		groups += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	snprintf(text, sizeof(text), "on, %d groups", groups);
	set(fact, "iommu", "IOMMU", groups,
	    groups ? text : "none: devices can read and write memory");
}

/* Swap on dm-crypt or in compressed RAM stays ours; files and disks do not. */
static bool swap_is_safe(const char *path)
{
	char link[128], uuid[16];
	struct stat st;

	if (!strncmp(path, "/dev/zram", 9))
		return true;
	if (stat(path, &st) || !S_ISBLK(st.st_mode))
		return false;
	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u/dm/uuid",
		 major(st.st_rdev), minor(st.st_rdev));
	return read_some(link, uuid, sizeof(uuid)) &&
	       !strncmp(uuid, "CRYPT-", 6);
}

static void swap(struct level_fact *fact)
{
	char line[512], path[256];
	FILE *file = fopen("/proc/swaps", "re");
	int all = 0, open = 0;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "/%254s", path + 1) != 1)
			continue;
		path[0] = '/';
		all++;
		open += !swap_is_safe(path);
	}
	if (file)
		fclose(file);
	set(fact, "swap", "swap", !open, open ? "not encrypted" :
	    all ? "encrypted" : "none");
}

static void kexec(struct level_fact *fact)
{
	bool off = read_number("/proc/sys/kernel/kexec_load_disabled", 0) == 1;

	set(fact, "kexec_load_disabled", "kexec", off,
	    off ? "disabled" : "root may load another kernel");
}

static void perf(struct level_fact *fact)
{
	long paranoid = read_number("/proc/sys/kernel/perf_event_paranoid", 0);
	char text[64];

	snprintf(text, sizeof(text), "perf_event_paranoid %ld%s", paranoid,
		 paranoid < 2 ? ": users may sample the kernel" : "");
	set(fact, "perf_event_paranoid", "perf", paranoid >= 2, text);
}

/* The first reason that breaks the claim; all must hold. */
static const char *why_not(bool leaktest, bool boot, bool signing,
			   bool confidential, bool guest)
{
	if (leaktest)
		return "this is a test build that reports its secrets";
	if (!boot)
		return "Secure Boot is off, so root can boot another kernel";
	if (!signing)
		return "root can load an unsigned kernel module";
	if (!confidential)
		return "lockdown is not at confidentiality, so root can read the kernel's memory";
	if (guest)
		return "this is a virtual machine: who is root on its host reads our registers";
	return NULL;
}

void level_read(struct level *level, const struct protkey_status *status)
{
	bool guest = status->flags & PROTKEY_STATUS_HYPERVISOR;
	bool boot, signing, confidential, locked_down;
	struct level_fact *fact = level->facts;
	const char *why;

	hypervisor(fact++, guest);
	kvm(fact++, status);
	boot = secure_boot(fact++);
	confidential = lockdown(fact++, &locked_down);
	signing = signatures(fact++, locked_down);
	iommu(fact++);
	swap(fact++);
	kexec(fact++);
	perf(fact++);
	why = why_not(status->flags & PROTKEY_STATUS_LEAKTEST, boot, signing,
		      confidential, guest);
	level->root_stopped = !why;
	snprintf(level->why, sizeof(level->why), "%s",
		 why ? why : "Secure Boot, signed modules and lockdown=confidentiality are on");
}
