// SPDX-License-Identifier: GPL-2.0-only
/*
 * The firmware's flash and the ways around the CPU.  AMD's security processor
 * answers through its driver (ccp), Intel's chipset in its PCI configuration.
 */
#include <errno.h>
#include <string.h>

#include "host_read.h"

#define PCI		"sys/bus/pci/devices/"
#define INTEL		0x8086
#define SPI_CLASS	0x0c80
#define LPC_CLASS	0x0601

#define BIOS_CONTROL	0xdc
#define WRITE_ENABLE	0x01
#define LOCK_ENABLE	0x02
#define SMM_ONLY	0x20

#define MTD_WRITEABLE	0x400

#define MSR_DEBUG	0xc80
#define DEBUG_ENABLED	(1U << 0)
#define DEBUG_LOCKED	(1U << 30)
#define DEBUG_OCCURRED	(1U << 31)

struct attribute {
	const char *name;
	int lowest;		/* of all devices that have it */
	bool any;
};

static int read_attribute(const struct host *host, const char *device,
			  void *arg)
{
	struct attribute *attribute = arg;
	long value;
	int ret = host_number(host, &value, PCI "%s/%s", device,
			      attribute->name);

	if (ret == -ENOENT)
		return 0;
	if (!ret && value != 0 && value != 1)
		ret = -EBADMSG;
	if (ret)
		return ret;
	if (!attribute->any || value < attribute->lowest)
		attribute->lowest = (int)value;
	attribute->any = true;
	return 0;
}

/*
 * A yes or no that a driver adds to its PCI device: 1 if all devices that have
 * it say so, 0 if one does not, -ENOENT if there is none, or another error.
 */
static int pci_attribute(const struct host *host, const char *name)
{
	struct attribute attribute = { .name = name };
	int ret = host_list(host, PCI, "", read_attribute, &attribute);

	if (ret)
		return ret;
	return attribute.any ? attribute.lowest : -ENOENT;
}

static int open_mtd(const struct host *host, const char *name, void *arg)
{
	char type[16];
	long flags;

	(void)arg;
	if (host_text(host, type, sizeof(type), "sys/class/mtd/%s/type", name) ||
	    strcmp(type, "nor"))
		return 0;
	return !host_number(host, &flags, "sys/class/mtd/%s/flags", name) &&
	       flags & MTD_WRITEABLE;
}

/* Intel's BIOS_CONTROL, or -ENOENT. */
static int bios_control(const struct host *host)
{
	static const struct {
		const char *device;
		unsigned int class;
	} places[] = {
		{ "0000:00:1f.5", SPI_CLASS }, { "0000:00:1f.0", LPC_CLASS },
	};
	uint8_t config[256];
	ssize_t got;
	size_t i;

	for (i = 0; i < 2; i++) {
		got = host_bytes(host, config, sizeof(config), 0,
				 PCI "%s/config", places[i].device);
		if (got == -ENOENT)
			continue;
		if (got < 0)
			return (int)got;
		if (got < 64)
			return -EBADMSG;
		if ((config[0] | config[1] << 8) != INTEL ||
		    (unsigned int)(config[10] | config[11] << 8) !=
		    places[i].class)
			continue;
		if (got <= BIOS_CONTROL)	/* what users other than root get */
			return -EACCES;
		return config[BIOS_CONTROL] == 0xff ? -EBADMSG :
		       config[BIOS_CONTROL];
	}
	return -ENOENT;
}

static void say_bios_control(struct host_fact *fact, int control)
{
	bool good = !(control & WRITE_ENABLE) && control & LOCK_ENABLE &&
		    control & SMM_ONLY;

	host_say(fact, good ? HOST_OK : HOST_BAD, "%s",
		 good ? "only the firmware itself can write it (BIOS_CONTROL)" :
		 control & WRITE_ENABLE ? "open for writing (BIOSWE is set)" :
		 !(control & LOCK_ENABLE) ? "root can open it for writing (BLE is not set)" :
		 "root can win a race to write it (SMM_BWP is not set)");
}

static void say_attribute(struct host_fact *fact, int value, const char *name,
			  const char *good, const char *bad)
{
	if (value < 0)
		host_unread(fact, value, name);
	else
		host_say(fact, value ? HOST_OK : HOST_BAD, "%s (%s)",
			 value ? good : bad, name);
}

void host_read_flash(const struct host *host, struct host_fact *fact)
{
	int ret;

	if (host_says_guest(host, fact))
		return;
	ret = host_list(host, "sys/class/mtd", "mtd", open_mtd, NULL);
	if (ret > 0)
		return host_say(fact, HOST_BAD,
				"open for writing (an MTD device)");
	ret = pci_attribute(host, "rom_armor_enforced");
	if (ret != -ENOENT)
		return say_attribute(fact, ret, "rom_armor_enforced",
				     "only the firmware itself can write it",
				     "root can write it");
	ret = pci_attribute(host, "intel_spi_bios_locked");
	if (!ret)
		return say_attribute(fact, ret, "intel_spi_bios_locked", "",
				     "open for writing");
	ret = bios_control(host);
	if (ret == -ENOENT)
		return host_say(fact, HOST_UNKNOWN,
				"this platform does not show it");
	if (ret < 0)
		return host_unread(fact, ret, "BIOS_CONTROL");
	say_bios_control(fact, ret);
}

void host_read_rollback(const struct host *host, struct host_fact *fact)
{
	int ret;

	if (host_says_guest(host, fact))
		return;
	ret = pci_attribute(host, "anti_rollback_status");
	if (ret == -ENOENT)
		return host_say(fact, HOST_UNKNOWN,
				"this platform does not show it");
	say_attribute(fact, ret, "anti_rollback_status",
		      "old firmware is refused", "old firmware is accepted");
}

static void say_intel_debug(const struct host *host, struct host_fact *fact)
{
	uint64_t msr;
	int ret = host_cpu_flag(host, "sdbg");

	if (!ret)
		return host_say(fact, HOST_UNKNOWN,
				"this platform does not show it");
	ret = ret < 0 ? ret : host_msr(host, MSR_DEBUG, &msr);
	if (ret)
		return host_unread(fact, ret, "/dev/cpu/0/msr");
	if (msr & DEBUG_ENABLED || !(msr & DEBUG_LOCKED))
		return host_say(fact, HOST_BAD, "%s", msr & DEBUG_ENABLED ?
				"hardware debugging is enabled" :
				"hardware debugging is off, but not locked");
	if (msr & DEBUG_OCCURRED)
		return host_say(fact, HOST_BAD,
				"locked now, but this CPU was debugged since its reset");
	host_say(fact, HOST_OK, "off and locked");
}

void host_read_debug(const struct host *host, struct host_fact *fact)
{
	int locked, fused;

	if (host_says_guest(host, fact))
		return;
	locked = pci_attribute(host, "debug_lock_on");
	if (locked == -ENOENT)
		return say_intel_debug(host, fact);
	fused = pci_attribute(host, "fused_part");
	if (locked == 1 && !fused)
		return host_say(fact, HOST_BAD,
				"locked, but not a production part (fused_part)");
	if (locked == 1 && fused < 0)
		return host_unread(fact, fused, "fused_part");
	say_attribute(fact, locked, "debug_lock_on", "locked",
		      "hardware debugging is not locked");
}
