// SPDX-License-Identifier: GPL-2.0-only
/* Events of programs that EFI started: drivers, loaders, kernels. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"

#define ROOM	512

static void set_loader(struct description *d, const char *loader)
{
	snprintf(d->loader, LOADER_ROOM, "%s", loader);
}

static bool contains(const char *lower, const char *word)
{
	return strstr(lower, word) != NULL;
}

static int set_version(struct description *d, const char *base)
{
	const char *dash = strchr(base, '-');

	if (!dash || !isdigit((unsigned char)dash[1]))
		return 0;
	d->of->version = strdup(dash + 1);
	return d->of->version ? 0 : -ENOMEM;
}

/* By its file's name, which is not measured: the digest is what counts. */
static int name_application(struct description *d, const char *file)
{
	const char *base = base_name(file);
	char slug[40];

	slug_text(base, slug, sizeof(slug));
	if (contains(slug, "vmlinuz") || contains(slug, "linux") ||
	    contains(slug, "bzimage")) {
		describe_name(d, FW_CLASS_KERNEL, "kernel");
		return set_version(d, base);
	}
	if (contains(slug, "shim")) {
		describe_name(d, FW_CLASS_LOADER, "loader.shim");
		set_loader(d, "shim");
	} else if (contains(slug, "grub")) {
		describe_name(d, FW_CLASS_LOADER, "loader.grub");
		set_loader(d, "grub");
	} else if (*slug) {
		char *end = strstr(slug, "-efi");

		if (end && !end[4])
			*end = '\0';
		describe_name(d, FW_CLASS_LOADER, "loader.%s", slug);
		set_loader(d, "other");
	} else if (!strcmp(d->loader, "grub")) {
		/* what shim verified for GRUB has no path */
		describe_name(d, FW_CLASS_KERNEL, "kernel");
	} else {
		describe_name(d, FW_CLASS_LOADER, "loader.#");
		set_loader(d, "other");
	}
	return 0;
}

/* UEFI_IMAGE_LOAD_EVENT: u64 address, size, link address, path's length | path */
static bool parse(struct bytes in, uint64_t *size, struct bytes *path)
{
	uint64_t length;

	if (!skip(&in, 8) || !take_le64(&in, size) || !skip(&in, 8) ||
	    !take_le64(&in, &length) || length > in.left)
		return false;
	*path = (struct bytes){ in.at, (size_t)length };
	return true;
}

int describe_image(struct description *d, bool *mine)
{
	const struct fw_event *event = d->event;
	struct bytes path = { NULL, 0 };
	char text[ROOM], file[ROOM];
	const char *what = "driver";
	uint64_t size = 0;
	int ret = 0;

	if (event->type != EV_EFI_BOOT_SERVICES_APPLICATION &&
	    event->type != EV_EFI_BOOT_SERVICES_DRIVER &&
	    event->type != EV_EFI_RUNTIME_SERVICES_DRIVER)
		return 0;
	*mine = true;
	parse((struct bytes){ event->data, event->size }, &size, &path);
	device_path_text(path, text, sizeof(text), file, sizeof(file));
	if (event->type == EV_EFI_BOOT_SERVICES_APPLICATION && event->pcr == 4) {
		what = "program";
		ret = name_application(d, file);
	} else {
		describe_name(d, FW_CLASS_FIRMWARE, "driver.#");
	}
	if (!ret)
		ret = describe_text(d, "%s %s, %llu bytes", what,
				    *text ? text : "without a path",
				    (unsigned long long)size);
	return ret;
}
