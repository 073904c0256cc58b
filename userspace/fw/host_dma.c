// SPDX-License-Identifier: GPL-2.0-only
/* Who else reads memory: devices, and who takes the modules out. */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host_read.h"

#define ACPI_LENGTH	4	/* where a table says its size */
#define ACPI_ROOM	64	/* what we look at */
#define DMAR_FLAGS	37
#define DMAR_OPT_IN	0x04	/* DMA_CTRL_PLATFORM_OPT_IN_FLAG */
#define IVRS_INFO	36
#define IVRS_REMAP	0x02	/* DMA remapping before the system starts */

#define MSR_TME		0x982
#define TME_ENABLED	(1U << 1)
#define TME_BYPASS	(1U << 31)

struct groups {
	unsigned int count, passing;
};

static int read_group(const struct host *host, const char *name, void *arg)
{
	struct groups *groups = arg;
	char type[32];
	int ret = host_text(host, type, sizeof(type),
			    "sys/kernel/iommu_groups/%s/type", name);

	if (ret)
		return ret;
	groups->count++;
	if (!strcmp(type, "identity"))
		groups->passing++;
	else if (strncmp(type, "DMA", 3) && strcmp(type, "blocked") &&
		 strcmp(type, "unmanaged"))
		return -EBADMSG;
	return 0;
}

void host_read_iommu(const struct host *host, struct host_fact *fact)
{
	struct groups groups = { 0 };
	int ret = host_list(host, "sys/kernel/iommu_groups", "", read_group,
			    &groups);

	if (ret == -ENOENT && !groups.count &&
	    host_exists(host, "sys/kernel") == 1)
		ret = 0;
	if (ret)
		return host_unread(fact, ret, "/sys/kernel/iommu_groups");
	if (!groups.count)
		return host_say(fact, HOST_BAD,
				"none: devices can read and write memory");
	if (groups.passing)
		return host_say(fact, HOST_BAD,
				"passes through %u of %u groups: these devices can read and write memory",
				groups.passing, groups.count);
	host_say(fact, HOST_OK, "on, %u group%s", groups.count,
		 groups.count == 1 ? "" : "s");
}

/* Is @bit set at @offset of an ACPI table: 1, 0, or an error. */
static int acpi_bit(const struct host *host, const char *table,
		    unsigned int offset, uint8_t bit)
{
	uint8_t head[ACPI_ROOM] = { 0 };
	ssize_t got = host_bytes(host, head, sizeof(head), 0,
				 "sys/firmware/acpi/tables/%s", table);
	uint32_t length;

	if (got < 0)
		return (int)got;
	memcpy(&length, head + ACPI_LENGTH, sizeof(length));
	if ((size_t)got <= offset || memcmp(head, table, 4) ||
	    le32toh(length) < (size_t)got)
		return -EBADMSG;
	return !!(head[offset] & bit);
}

void host_read_preboot_dma(const struct host *host, struct host_fact *fact)
{
	const char *table = "DMAR";
	int ret;

	if (host_says_guest(host, fact))
		return;
	ret = acpi_bit(host, table, DMAR_FLAGS, DMAR_OPT_IN);
	if (ret == -ENOENT) {
		table = "IVRS";
		ret = acpi_bit(host, table, IVRS_INFO, IVRS_REMAP);
	}
	if (ret == -ENOENT && host_exists(host, "sys/firmware/acpi/tables") == 1)
		return host_say(fact, HOST_BAD,
				"the firmware knows of no IOMMU");
	if (ret < 0)
		return host_unread(fact, ret, table);
	host_say(fact, ret ? HOST_OK : HOST_BAD, "%s (%s)", ret ?
		 "the firmware keeps devices out until the kernel does" :
		 "devices can read and write memory until the kernel starts",
		 table);
}

struct domains {
	unsigned int count;
	bool open;
};

static int read_domain(const struct host *host, const char *name, void *arg)
{
	struct domains *domains = arg;
	long protect;
	int ret = host_number(host, &protect,
			      "sys/bus/thunderbolt/devices/%s/iommu_dma_protection",
			      name);

	if (ret)
		return ret;
	if (protect != 0 && protect != 1)
		return -EBADMSG;
	domains->count++;
	domains->open |= !protect;
	return 0;
}

void host_read_thunderbolt(const struct host *host, struct host_fact *fact)
{
	struct domains domains = { 0 };
	int ret = host_list(host, "sys/bus/thunderbolt/devices", "domain",
			    read_domain, &domains);

	if (ret == -ENOENT && !host_exists(host, "sys/bus/thunderbolt") &&
	    host_exists(host, "sys/bus") == 1)
		ret = 0;
	if (ret)
		return host_unread(fact, ret, "iommu_dma_protection");
	if (!domains.count)
		return host_say(fact, HOST_NA, "none, or no driver for it");
	host_say(fact, domains.open ? HOST_BAD : HOST_OK, "%s", domains.open ?
		 "what is plugged in can read and write memory" :
		 "the IOMMU keeps plugged devices out");
}

static int ccp_tsme(const struct host *host, const char *device, void *arg)
{
	long *status = arg;
	int ret = host_number(host, status,
			      "sys/bus/pci/devices/%s/tsme_status", device);

	return ret == -ENOENT ? 0 : ret ? ret :
	       *status == 0 || *status == 1 ? 1 : -EBADMSG;
}

static void say_intel(const struct host *host, struct host_fact *fact)
{
	uint64_t msr;
	int ret = host_msr(host, MSR_TME, &msr);

	if (ret)
		return host_unread(fact, ret, "/dev/cpu/0/msr");
	if (!(msr & TME_ENABLED))
		return host_say(fact, HOST_BAD, "TME is not enabled");
	if (msr & TME_BYPASS)
		return host_say(fact, HOST_BAD,
				"TME is enabled, but bypassed for the kernel's memory");
	host_say(fact, HOST_OK, "TME");
}

/* The kernel shows "sme" only if the firmware has enabled it. */
static void say_amd(const struct host *host, struct host_fact *fact)
{
	char mode[16];
	long tsme = 0;
	int found = host_list(host, "sys/bus/pci/devices", "", ccp_tsme, &tsme);
	int ret;

	if (found > 0 && tsme)
		return host_say(fact, HOST_OK, "TSME");
	ret = host_cmdline(host, "mem_encrypt=", mode);
	if (ret && ret != -ENOENT)
		return host_unread(fact, ret, "/proc/cmdline");
	if (!ret && !strcmp(mode, "on"))
		return host_say(fact, HOST_OK, "SME");
	if (found > 0)
		return host_say(fact, HOST_BAD, "neither TSME nor SME is in use");
	host_say(fact, HOST_UNKNOWN, "SME is not in use; TSME is not shown");
}

static void say_guest(const struct host *host, struct host_fact *fact)
{
	if (host_cpu_flag(host, "tdx_guest") == 1)
		host_say(fact, HOST_OK, "TDX guest");
	else if (host_exists(host, "dev/sev-guest") == 1)
		host_say(fact, HOST_OK, "SEV-SNP guest");
	else
		host_say(fact, HOST_UNKNOWN, "a guest does not see what its host encrypts");
}

void host_read_encryption(const struct host *host, struct host_fact *fact)
{
	int guest = host_is_guest(host);

	if (guest < 0)
		return host_unread(fact, guest, "/proc/cpuinfo");
	if (guest)
		return say_guest(host, fact);
	if (host_cpu_flag(host, "tme") == 1)
		return say_intel(host, fact);
	if (host_cpu_flag(host, "sme") == 1)
		return say_amd(host, fact);
	host_say(fact, HOST_BAD, "none: this CPU has none, or its firmware keeps it off");
}
