// SPDX-License-Identifier: GPL-2.0-only
/* Where memory goes: swap, the hibernation image, freed pages. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_read.h"

#define DISK_NAME	64
#define DEEPEST		8	/* volumes on volumes */

static int disk_encrypted(const struct host *host, const char *disk,
			  int depth);

/* dm-crypt's names for what encrypts: not VERITY, INTEGRITY or SUBDEV. */
static bool is_crypt(const char *uuid)
{
	static const char *const kinds[] = {
		"LUKS1-", "LUKS2-", "PLAIN-", "TCRYPT-", "LOOPAES-", "BITLK-",
		"FVAULT2-",
	};
	size_t i;

	if (strncmp(uuid, "CRYPT-", 6))
		return false;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(uuid + 6, kinds[i], strlen(kinds[i])))
			return true;
	return false;
}

struct slaves {
	int depth;
	int count;
};

/* Goes on as long as what is beneath is encrypted; "no" is -EIDRM here. */
static int slave_encrypted(const struct host *host, const char *name, void *arg)
{
	struct slaves *slaves = arg;
	int ret = disk_encrypted(host, name, slaves->depth + 1);

	slaves->count++;
	return ret > 0 ? 0 : ret ? ret : -EIDRM;
}

static int slaves_encrypted(const struct host *host, const char *disk,
			    int depth)
{
	struct slaves slaves = { .depth = depth };
	char dir[HOST_PATH];
	int ret;

	/* a partition's are those of its disk */
	ret = host_exists(host, "sys/class/block/%s/partition", disk);
	if (ret < 0)
		return ret;
	snprintf(dir, sizeof(dir), "sys/class/block/%s%s/slaves", disk,
		 ret ? "/.." : "");
	ret = host_list(host, dir, "", slave_encrypted, &slaves);
	if (ret == -EIDRM || ((!ret || ret == -ENOENT) && !slaves.count))
		return 0;
	return ret ? ret : 1;
}

/* Does it stay in memory, but for what it writes back to a disk. */
static int zram_encrypted(const struct host *host, const char *disk, int depth)
{
	char backing[128];
	int ret = host_text(host, backing, sizeof(backing),
			    "sys/class/block/%s/backing_dev", disk);

	if (ret == -ENOENT || (!ret && !strcmp(backing, "none")))
		return 1;
	if (ret)
		return ret;
	if (strncmp(backing, "/dev/", 5))
		return -EBADMSG;
	return disk_encrypted(host, backing + 5, depth + 1);
}

/* All that is written to @disk is encrypted by dm-crypt: 1, 0, or an error. */
static int disk_encrypted(const struct host *host, const char *disk, int depth)
{
	char uuid[160];
	int ret;

	if (depth > DEEPEST || strchr(disk, '/'))
		return -EBADMSG;
	ret = host_exists(host, "sys/class/block/%s", disk);
	if (ret <= 0)
		return ret ? ret : -ENOENT;
	if (!strncmp(disk, "zram", 4))
		return zram_encrypted(host, disk, depth);
	ret = host_text(host, uuid, sizeof(uuid), "sys/class/block/%s/dm/uuid",
			disk);
	if (!ret && is_crypt(uuid))
		return 1;
	if (ret && ret != -ENOENT)
		return ret;
	return slaves_encrypted(host, disk, depth);
}

struct mapped {
	const char *wanted;
	char disk[DISK_NAME];
};

static int take_mapped(const struct host *host, const char *disk, void *arg)
{
	struct mapped *mapped = arg;
	char name[128];

	if (host_text(host, name, sizeof(name), "sys/class/block/%s/dm/name",
		      disk) || strcmp(name, mapped->wanted))
		return 0;
	return snprintf(mapped->disk, DISK_NAME, "%s", disk) < DISK_NAME ?
	       1 : -EBADMSG;
}

/* A device by its path: sysfs has ! for /, and dm-N for mapper/NAME. */
static int device_encrypted(const struct host *host, const char *path)
{
	struct mapped mapped = { .wanted = path + strlen("/dev/mapper/") };
	char disk[DISK_NAME], *at;
	int ret;

	if (!strncmp(path, "/dev/mapper/", 12)) {
		ret = host_list(host, "sys/class/block", "dm-", take_mapped,
				&mapped);
		return ret <= 0 ? (ret ? ret : -ENOENT) :
		       disk_encrypted(host, mapped.disk, 0);
	}
	if (snprintf(disk, sizeof(disk), "%s", path + 5) >= DISK_NAME)
		return -EBADMSG;
	for (at = disk; (at = strchr(at, '/')); )
		*at = '!';
	return disk_encrypted(host, disk, 0);
}

/* The kernel writes spaces and the like as \ooo. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		unsigned int code;

		if (*text == '\\' && sscanf(text + 1, "%3o", &code) == 1 &&
		    code < 256 && strlen(text) > 3) {
			*to++ = (char)code;
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

struct mount {
	size_t len;		/* of the mount point that fits best */
	unsigned int major, minor;
	char source[128];
};

static bool is_below(const char *path, const char *dir, size_t len)
{
	return !strncmp(path, dir, len) &&
	       (path[len] == '/' || (len == 1 && dir[0] == '/'));
}

/* One line of mountinfo; later ones hide earlier ones. */
static int mount_line(char *line, const char *path, struct mount *best)
{
	char point[HOST_PATH], source[128], *dash = strstr(line, " - ");
	unsigned int major, minor;

	if (!dash || sscanf(line, "%*u %*u %u:%u %*s %255s", &major, &minor,
			    point) != 3 ||
	    sscanf(dash, " - %*s %127s", source) != 1)
		return -EBADMSG;
	unescape(point);
	if (!is_below(path, point, strlen(point)) || strlen(point) < best->len)
		return 0;
	best->len = strlen(point);
	best->major = major;
	best->minor = minor;
	snprintf(best->source, sizeof(best->source), "%s", source);
	return 0;
}

/* A swap file is where its file system is. */
static int file_encrypted(const struct host *host, const char *path)
{
	static char mounts[1U << 17];	/* of one thread */
	struct mount mount = { 0 };
	char disk[DISK_NAME], *line, *rest;
	int ret = host_text(host, mounts, sizeof(mounts), "proc/self/mountinfo");

	for (line = strtok_r(mounts, "\n", &rest); !ret && line;
	     line = strtok_r(NULL, "\n", &rest))
		ret = mount_line(line, path, &mount);
	if (!ret && !mount.len)
		ret = -ENOENT;
	if (ret)
		return ret;
	if (!mount.major)	/* btrfs has no device number of its own */
		return strncmp(mount.source, "/dev/", 5) ? -EBADMSG :
		       device_encrypted(host, mount.source);
	ret = host_link(host, disk, sizeof(disk), "sys/dev/block/%u:%u",
			mount.major, mount.minor);
	return ret ? ret : disk_encrypted(host, disk, 0);
}

struct swaps {
	int count;
	char open[HOST_PATH], unknown[HOST_PATH];
	int err;
};

static int swap_line(const struct host *host, char *line, struct swaps *swaps)
{
	char path[HOST_PATH], type[16];
	int ret;

	if (sscanf(line, "%255s %15s", path, type) != 2 || path[0] != '/')
		return -EBADMSG;
	unescape(path);
	swaps->count++;
	ret = strncmp(path, "/dev/", 5) || !strcmp(type, "file") ?
	      file_encrypted(host, path) : device_encrypted(host, path);
	if (!ret)
		strcpy(swaps->open, path);
	if (ret < 0) {
		strcpy(swaps->unknown, path);
		swaps->err = ret;
	}
	return 0;
}

void host_read_swap(const struct host *host, struct host_fact *fact)
{
	struct swaps swaps = { 0 };
	char text[8192], *line, *rest;
	int ret = host_text(host, text, sizeof(text), "proc/swaps");

	if (ret == -ENOENT && host_exists(host, "proc/cpuinfo") == 1)
		return host_say(fact, HOST_OK, "none (not in this kernel)");
	if (ret)
		return host_unread(fact, ret, "/proc/swaps");
	line = strtok_r(text, "\n", &rest);
	if (!line || strncmp(line, "Filename", 8))
		ret = -EBADMSG;
	while (!ret && (line = strtok_r(NULL, "\n", &rest)))
		ret = swap_line(host, line, &swaps);
	if (ret)
		return host_unread(fact, ret, "/proc/swaps");
	if (*swaps.open)
		return host_say(fact, HOST_BAD, "%s is not encrypted",
				swaps.open);
	if (*swaps.unknown)
		return host_say(fact, HOST_UNKNOWN,
				"what is beneath %s cannot be told: %s",
				swaps.unknown, strerror(-swaps.err));
	host_say(fact, HOST_OK, "%s", swaps.count ? "encrypted" : "none");
}

/* The image is written to swap, so it is as safe as that. */
void host_read_hibernation(const struct host *host, struct host_fact *fact)
{
	char text[128];
	int ret = host_text(host, text, sizeof(text), "sys/power/disk");

	if (ret == -ENOENT && host_exists(host, "sys/power") == 1)
		return host_say(fact, HOST_NA, "not in this kernel");
	if (!ret && !strchr(text, '['))
		ret = -EBADMSG;
	if (ret)
		return host_unread(fact, ret, "/sys/power/disk");
	if (strstr(text, "[disabled]"))
		return host_say(fact, HOST_OK, "disabled");
	host_read_swap(host, fact);
	switch (fact->state) {
	case HOST_OK:
		host_say(fact, HOST_OK, "possible; swap is %s",
			 strcmp(fact->value, "encrypted") ? "none" : "encrypted");
		break;
	case HOST_BAD:
		host_say(fact, HOST_BAD, "possible, to swap that is not encrypted");
		break;
	default:
		host_say(fact, HOST_UNKNOWN,
			 "possible, to swap of which nothing can be told");
	}
}

/* 1, 0, or -ENOENT: what the command line says, in the kernel's own words. */
static int cmdline_init(const struct host *host)
{
	static const char *const words[] = {
		"0", "n", "N", "off", "1", "y", "Y", "on"
	};
	char value[16];
	size_t i;
	int ret = host_cmdline(host, "init_on_free=", value);

	if (ret)
		return ret;
	for (i = 0; i < 8; i++)
		if (!strcmp(value, words[i]))
			return i >= 4;
	return -ENOENT;
}

/* The same of the kernel's configuration, where a distribution puts it. */
static int config_init(const struct host *host)
{
	static char config[1U << 19];	/* of one thread */
	char release[128];
	int ret = host_text(host, release, sizeof(release),
			    "proc/sys/kernel/osrelease");

	if (ret)
		return ret;
	if (!*release || strchr(release, '/'))
		return -EBADMSG;
	ret = host_text(host, config, sizeof(config), "boot/config-%s", release);
	if (ret == -ENOENT)
		ret = host_text(host, config, sizeof(config),
				"lib/modules/%s/config", release);
	if (ret)
		return ret;
	if (strstr(config, "\nCONFIG_INIT_ON_FREE_DEFAULT_ON=y"))
		return 1;
	return strstr(config, "\n# CONFIG_INIT_ON_FREE_DEFAULT_ON is not set") ?
	       0 : -EBADMSG;
}

void host_read_init_on_free(const struct host *host, struct host_fact *fact)
{
	const char *where = "on the command line";
	int on = cmdline_init(host);

	if (on == -ENOENT) {
		where = "the kernel's default";
		on = config_init(host);
	}
	if (on < 0)
		return host_unread(fact, on, "the command line or the configuration");
	host_say(fact, on ? HOST_OK : HOST_BAD, "%s (%s)", on ? "on" :
		 "off: freed pages keep what was in them", where);
}
