// SPDX-License-Identifier: GPL-2.0-only
/* The CPU under us, and who else is on it. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host_read.h"

#define CPUS		"sys/devices/system/cpu"
#define OLD_MICROCODE	"old_microcode"

void host_read_hypervisor(const struct host *host, struct host_fact *fact)
{
	int guest = host_is_guest(host);

	if (guest < 0)
		return host_unread(fact, guest, "/proc/cpuinfo");
	host_say(fact, guest ? HOST_BAD : HOST_OK, "%s",
		 guest ? "guest: the host's RAM holds our registers" : "none");
}

void host_read_kvm(const struct host *host, struct host_fact *fact)
{
	static const char *const modules[] = {
		"kvm_intel", "kvm_amd", "vboxdrv", "vmmon", NULL
	};
	const char *const *module;
	int ret = host_exists(host, "sys/module");

	for (module = modules; ret == 1 && *module; module++) {
		ret = host_exists(host, "sys/module/%s", *module);
		if (ret == 1)
			return host_say(fact, HOST_BAD,
					"%s is loaded: guests may overwrite debug registers (repaired)",
					*module);
		if (!ret)
			ret = 1;
	}
	if (ret != 1)
		return host_unread(fact, ret ? ret : -ENOENT, "/sys/module");
	host_say(fact, HOST_OK, "not loaded");
}

struct holes {
	int count;
	char bad[128], unknown[128], no_microcode[128];
};

static void add_name(char list[128], const char *name)
{
	size_t len = strlen(list);

	snprintf(list + len, 128 - len, "%s%s", len ? ", " : "", name);
}

static bool begins(const char *text, const char *with)
{
	return !strncasecmp(text, with, strlen(with));
}

static int read_hole(const struct host *host, const char *name, void *arg)
{
	struct holes *holes = arg;
	char text[512];
	int ret;

	if (!strcmp(name, OLD_MICROCODE))
		return 0;
	ret = host_text(host, text, sizeof(text), CPUS "/vulnerabilities/%s",
			name);
	if (ret)
		return ret;
	holes->count++;
	if (strcasestr(text, "no microcode"))
		add_name(holes->no_microcode, name);
	if (strcasestr(text, "vulnerable"))
		add_name(holes->bad, name);
	else if (strcasestr(text, "unknown") ||
		 !(begins(text, "Not affected") || begins(text, "Mitigation") ||
		   begins(text, "KVM: Mitigation")))
		add_name(holes->unknown, name);
	return 0;
}

static int read_holes(const struct host *host, struct holes *holes)
{
	int ret = host_list(host, CPUS "/vulnerabilities", "", read_hole,
			    holes);

	return ret ? ret : holes->count ? 0 : -ENOENT;
}

void host_read_vulnerabilities(const struct host *host, struct host_fact *fact)
{
	struct holes holes = { 0 };
	int ret = read_holes(host, &holes);

	if (ret)
		return host_unread(fact, ret, "/" CPUS "/vulnerabilities");
	if (*holes.bad)
		return host_say(fact, HOST_BAD, "vulnerable: %s", holes.bad);
	if (*holes.unknown)
		return host_say(fact, HOST_UNKNOWN, "the kernel cannot tell: %s",
				holes.unknown);
	host_say(fact, HOST_OK, "mitigated, all %d that the kernel knows",
		 holes.count);
}

struct revisions {
	int cpus;
	long revision;
	bool differ;
};

static int read_revision(const struct host *host, const char *cpu, void *arg)
{
	struct revisions *revisions = arg;
	long revision;
	int ret;

	if (!isdigit((unsigned char)cpu[3]))
		return 0;
	ret = host_number(host, &revision, CPUS "/%s/microcode/version", cpu);
	if (ret)
		return ret == -ENOENT ? 0 : ret;	/* an offline one */
	if (revisions->cpus++ && revision != revisions->revision)
		revisions->differ = true;
	revisions->revision = revision;
	return 0;
}

/*
 * No machine knows the newest revision.  The kernel knows those that its
 * mitigations need, and from 6.16 on a list of old ones.
 */
void host_read_microcode(const struct host *host, struct host_fact *fact)
{
	struct revisions revisions = { 0 };
	struct holes holes = { 0 };
	char old[64] = "";
	int ret;

	if (host_says_guest(host, fact))
		return;
	ret = host_list(host, CPUS, "cpu", read_revision, &revisions);
	if (!ret && !revisions.cpus)
		ret = -ENOENT;
	if (!ret)
		ret = read_holes(host, &holes);
	if (ret)
		return host_unread(fact, ret, "the microcode's revision");
	ret = host_text(host, old, sizeof(old), CPUS "/vulnerabilities/"
			OLD_MICROCODE);
	if (ret && ret != -ENOENT)
		return host_unread(fact, ret, OLD_MICROCODE);
	if (revisions.differ)
		return host_say(fact, HOST_BAD, "not the same on all CPUs");
	if (*holes.no_microcode || begins(old, "Vulnerable"))
		return host_say(fact, HOST_BAD, "%#lx is too old%s%s",
				revisions.revision,
				*holes.no_microcode ? " for the mitigations of " : "",
				holes.no_microcode);
	if (*old && strcmp(old, "Not affected"))
		return host_say(fact, HOST_UNKNOWN,
				"%#lx; the kernel cannot tell its age",
				revisions.revision);
	host_say(fact, HOST_OK, "%#lx on all CPUs, enough for the kernel's mitigations",
		 revisions.revision);
}
