// SPDX-License-Identifier: GPL-2.0-only
/* Events of loaders: GRUB, shim, systemd's loader and stub, Linux's EFI stub. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"

#define ROOM	2048
#define TAG_INITRD	0x8f3b22ecU	/* Linux, drivers/firmware/efi/libstub */
#define TAG_OPTIONS	0x8f3b22edU
#define TAG_LOADER_CONF	0xf5bc582aU	/* systemd-boot */

static bool starts(const char *text, const char *with, const char **rest)
{
	size_t size = strlen(with);

	*rest = text + size;
	return !strncmp(text, with, size);
}

/* GRUB logs "prefix: text", NUL, and hashes the text alone. */
static void candidate_behind(struct description *d, size_t prefix)
{
	const struct fw_event *event = d->event;
	size_t size = event->size - prefix;

	describe_candidate(d, event->data + prefix, size);
	if (size && !event->data[event->size - 1])
		describe_candidate(d, event->data + prefix, size - 1);
	describe_candidate(d, event->data, event->size);
	d->of->data_must_measure = true;
}

static bool describe_grub(struct description *d, const char *text, int *ret)
{
	static const struct {
		const char *prefix;
		enum fw_class class;
		const char *name;
		const char *says;
	} kinds[] = {
		{ "kernel_cmdline: ", FW_CLASS_CMDLINE, "command-line.#",
		  "kernel command line" },
		{ "module_cmdline: ", FW_CLASS_CMDLINE, "module-command-line.#",
		  "command line of a module" },
		{ "grub_cmd: ", FW_CLASS_LOADER, "grub.command.#",
		  "GRUB ran" },
		{ "grub_cmd ", FW_CLASS_LOADER, "grub.command.#", "GRUB ran" },
		{ "grub_linuxefi ", FW_CLASS_LOADER, "grub.command.#",
		  "GRUB ran" },
	};
	const char *rest;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!starts(text, kinds[i].prefix, &rest))
			continue;
		describe_name(d, kinds[i].class, "%s", kinds[i].name);
		snprintf(d->loader, LOADER_ROOM, "grub");
		candidate_behind(d, strlen(kinds[i].prefix));
		*ret = describe_text(d, "%s: %s", kinds[i].says, rest);
		return true;
	}
	return false;
}

/* A file that a loader read, by its name. */
static int describe_file(struct description *d, const char *path)
{
	char slug[44];

	slug_text(base_name(path), slug, sizeof(slug));
	if (strstr(slug, "vmlinuz") || strstr(slug, "bzimage")) {
		describe_name(d, FW_CLASS_KERNEL, "kernel.file.#");
		return describe_text(d, "kernel, read from %s", path);
	}
	if (strstr(slug, "initrd") || strstr(slug, "initramfs")) {
		describe_name(d, FW_CLASS_INITRD, "initrd.#");
		return describe_text(d, "initrd, read from %s", path);
	}
	if (strstr(slug, "grub-cfg"))
		describe_name(d, FW_CLASS_LOADER, "grub.cfg.#");
	else
		describe_name(d, FW_CLASS_LOADER, "grub.file.%s", slug);
	/* GRUB's own notes: which entry failed, which one is next */
	d->of->is_volatile = !strcmp(slug, "grubenv");
	return describe_text(d, "read by the loader: %s", path);
}

/* The sections of a unified kernel image: first the name, then what it has. */
static int describe_section(struct description *d, const char *text)
{
	enum fw_class class = !strcmp(text, ".linux") ? FW_CLASS_KERNEL :
			      !strcmp(text, ".initrd") ? FW_CLASS_INITRD :
			      !strcmp(text, ".cmdline") ? FW_CLASS_CMDLINE :
							  FW_CLASS_LOADER;

	describe_name(d, class, "uki%.40s", text);
	describe_candidate(d, d->event->data, d->event->size);
	return describe_text(d, "section %s of a unified kernel image", text);
}

static int describe_string(struct description *d, const char *text)
{
	const struct fw_event *event = d->event;
	int ret;

	if (describe_grub(d, text, &ret))
		return ret;
	if (!strncmp(text, "Mok", 3) || !strcmp(text, "SbatLevel")) {
		describe_name(d, FW_CLASS_SECURE_BOOT, "secure-boot.%.40s",
			      text);
		return describe_text(d, "shim's list %s", text);
	}
	if (event->pcr == 11 && *text == '.')
		return describe_section(d, text);
	if (event->pcr == 9 || *text == '/' || *text == '(')
		return describe_file(d, text);
	describe_name(d, event->pcr == 4 ? FW_CLASS_LOADER : FW_CLASS_OTHER,
		      event->pcr == 4 ? "loader.#" : "loaded.%u.#",
		      event->pcr);
	return describe_text(d, "started or read: %s",
			     *text ? text : "(no words)");
}

/* systemd-boot's, of which older versions logged all but the last byte. */
static int describe_options(struct description *d)
{
	const struct fw_event *event = d->event;
	char text[ROOM];

	utf16_text(event->data, event->size, text, sizeof(text));
	describe_name(d, FW_CLASS_CMDLINE, "command-line.#");
	describe_candidate(d, event->data, event->size);
	describe_candidate(d, event->data, event->size - 2);
	d->copy = calloc(1, event->size + 1);
	if (!d->copy)
		return -ENOMEM;
	memcpy(d->copy, event->data, event->size);
	describe_candidate(d, d->copy, event->size + 1);
	d->of->data_must_measure = true;
	return describe_text(d, "kernel command line: %s", text);
}

static int describe_event_ipl(struct description *d)
{
	const struct fw_event *event = d->event;
	char text[ROOM];

	if (looks_utf16(event->data, event->size))
		return describe_options(d);
	ascii_text(event->data, event->size, text, sizeof(text));
	return describe_string(d, text);
}

static int describe_tag(struct description *d)
{
	struct bytes in = { d->event->data, d->event->size };
	uint32_t id = 0, size = 0;
	char text[ROOM];

	if (!take_le32(&in, &id) || !take_le32(&in, &size)) {
		describe_name(d, FW_CLASS_OTHER, "tagged.%u.#", d->event->pcr);
		return describe_text(d, "tagged event, cut off");
	}
	switch (id) {
	case TAG_INITRD:
		describe_name(d, FW_CLASS_INITRD, "initrd.#");
		return describe_text(d, "initrd, as the kernel loaded it");
	case TAG_OPTIONS:
		describe_name(d, FW_CLASS_CMDLINE, "command-line.digest.#");
		return describe_text(d, "kernel command line, its digest alone");
	case TAG_LOADER_CONF:
		describe_name(d, FW_CLASS_LOADER, "loader.config");
		describe_candidate(d, in.at, in.left);
		return describe_text(d, "configuration of systemd-boot");
	}
	describe_name(d, FW_CLASS_CONFIG, "tagged.%u.#", d->event->pcr);
	ascii_text(in.at, in.left, text, 64);
	return describe_text(d, "tagged event 0x%08x: %s", id, text);
}

int describe_ipl(struct description *d, bool *mine)
{
	*mine = true;
	switch (d->event->type) {
	case EV_IPL:
		return describe_event_ipl(d);
	case EV_IPL_PARTITION_DATA:
		describe_name(d, FW_CLASS_CONFIG, "partition-table");
		d->of->is_volatile = true;
		return describe_text(d, "partition table of the boot disk");
	case EV_EVENT_TAG:
		return describe_tag(d);
	default:
		*mine = false;
		return 0;
	}
}
