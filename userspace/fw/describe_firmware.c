// SPDX-License-Identifier: GPL-2.0-only
/* Events of the firmware itself: its code, tables, actions, separators. */
#include <stdio.h>
#include <string.h>

#include "describe.h"

#define ROOM	256

/* A version: UTF-16, ASCII or a GUID. */
static int describe_version(struct description *d)
{
	const struct fw_event *event = d->event;
	char text[ROOM], hex[2 * 16 + 1];

	describe_name(d, FW_CLASS_FIRMWARE, "firmware.version");
	describe_candidate(d, event->data, event->size);
	d->of->data_must_measure = true;
	if (looks_utf16(event->data, event->size)) {
		utf16_text(event->data, event->size, text, sizeof(text));
		return describe_text(d, "firmware version %s", text);
	}
	fw_hex_encode(event->data, event->size < 16 ? event->size : 16, hex);
	return describe_text(d, "firmware version %s",
			     strspn(hex, "0") < strlen(hex) ? hex : "(none)");
}

/* UEFI_PLATFORM_FIRMWARE_BLOB, the second form with a description before. */
static int describe_blob(struct description *d)
{
	struct bytes in = { d->event->data, d->event->size };
	uint64_t base, size;
	const uint8_t *said = (const uint8_t *)"";
	char text[ROOM];
	uint8_t length = 0;

	describe_name(d, FW_CLASS_FIRMWARE, d->event->pcr == 2 ?
		      "firmware.option-rom.#" : "firmware.volume.#");
	if (d->event->type == EV_EFI_PLATFORM_FIRMWARE_BLOB2 &&
	    (!take_u8(&in, &length) || !take(&in, &said, length)))
		return describe_text(d, "firmware code, description cut off");
	ascii_text(said, length, text, sizeof(text));
	if (!take_le64(&in, &base) || !take_le64(&in, &size))
		return describe_text(d, "firmware code %s", text);
	return describe_text(d, "firmware code%s%s, %llu bytes at 0x%llx",
			     *text ? " " : "", text, (unsigned long long)size,
			     (unsigned long long)base);
}

/* Code of the firmware, named by a word or by where it was. */
static int describe_post_code(struct description *d)
{
	const struct fw_event *event = d->event;
	char text[ROOM];

	describe_name(d, FW_CLASS_FIRMWARE, "firmware.code.#");
	if (event->size == 16)	/* base and length */
		return describe_blob(d);
	ascii_text(event->data, event->size, text, sizeof(text));
	return describe_text(d, "firmware code %s", text);
}

static int describe_tables(struct description *d)
{
	struct bytes in = { d->event->data, d->event->size };
	const uint8_t *said = (const uint8_t *)"";
	char text[ROOM];
	uint8_t length = 0;

	/* SMBIOS has serial numbers, and what was plugged in */
	describe_name(d, FW_CLASS_CONFIG, "tables.#");
	d->of->is_volatile = true;
	if (d->event->type == EV_EFI_HANDOFF_TABLES2 &&
	    (!take_u8(&in, &length) || !take(&in, &said, length)))
		return describe_text(d, "tables of the firmware, cut off");
	ascii_text(said, length, text, sizeof(text));
	return describe_text(d, "tables of the firmware%s%s",
			     *text ? ": " : "", text);
}

static int describe_separator(struct description *d)
{
	static const uint8_t zeros[4], ones[4] = { 0xff, 0xff, 0xff, 0xff };
	const struct fw_event *event = d->event;
	bool fine = event->size == 4 && (!memcmp(event->data, zeros, 4) ||
					 !memcmp(event->data, ones, 4));

	describe_name(d, FW_CLASS_ACTION, "separator.%u", event->pcr);
	describe_candidate(d, event->data, event->size);
	d->of->data_must_measure = true;
	return describe_text(d, fine ? "the firmware hands over" :
				       "the firmware reports an ERROR");
}

static int describe_action(struct description *d)
{
	const struct fw_event *event = d->event;
	char text[ROOM], slug[40];

	ascii_text(event->data, event->size, text, sizeof(text));
	slug_text(text, slug, sizeof(slug));
	describe_name(d, FW_CLASS_ACTION, "action.%u.%s", event->pcr, slug);
	describe_candidate(d, event->data, event->size);
	if (event->size && !event->data[event->size - 1])
		describe_candidate(d, event->data, event->size - 1);
	d->of->data_must_measure = true;
	return describe_text(d, "%s", text);
}

static int describe_gpt(struct description *d)
{
	describe_name(d, FW_CLASS_CONFIG, "gpt");
	describe_candidate(d, d->event->data, d->event->size);
	d->of->is_volatile = true;
	d->of->data_must_measure = d->event->type == EV_EFI_GPT_EVENT;
	return describe_text(d, "partition table of the boot disk");
}

/* What has only a name and a digest. */
static int describe_plain(struct description *d, enum fw_class class,
			  const char *name, bool is_volatile, const char *text)
{
	char said[ROOM];

	describe_name(d, class, "%s", name);
	d->of->is_volatile = is_volatile;
	ascii_text(d->event->data, d->event->size, said, sizeof(said));
	return describe_text(d, "%s%s%s", text, *said ? ": " : "", said);
}

int describe_firmware(struct description *d, bool *mine)
{
	char other[sizeof(d->of->name)];

	snprintf(other, sizeof(other), "other.%u.#", d->event->pcr);
	*mine = true;
	switch (d->event->type) {
	case EV_S_CRTM_VERSION:
		return describe_version(d);
	case EV_S_CRTM_CONTENTS:
	case EV_EFI_HCRTM_EVENT:
		return describe_plain(d, FW_CLASS_FIRMWARE, "firmware.crtm.#", false,
				      "code that measures first");
	case EV_EFI_PLATFORM_FIRMWARE_BLOB:
	case EV_EFI_PLATFORM_FIRMWARE_BLOB2:
		return describe_blob(d);
	case EV_POST_CODE:
	case EV_POST_CODE2:
		return describe_post_code(d);
	case EV_CPU_MICROCODE:
		return describe_plain(d, FW_CLASS_FIRMWARE, "microcode.#", false,
				      "microcode");
	case EV_EFI_HANDOFF_TABLES:
	case EV_EFI_HANDOFF_TABLES2:
		return describe_tables(d);
	case EV_PLATFORM_CONFIG_FLAGS:
		return describe_plain(d, FW_CLASS_CONFIG, "platform.#", true,
				      "configuration of the platform");
	case EV_TABLE_OF_DEVICES:
		return describe_plain(d, FW_CLASS_CONFIG, "devices.#", true,
				      "devices");
	case EV_NONHOST_CODE:
	case EV_NONHOST_CONFIG:
	case EV_NONHOST_INFO:
		return describe_plain(d, FW_CLASS_FIRMWARE, "nonhost.#", false,
				      "code beside the host's CPU");
	case EV_EFI_SPDM_FIRMWARE_BLOB:
	case EV_EFI_SPDM_FIRMWARE_CONFIG:
		return describe_plain(d, FW_CLASS_FIRMWARE, "device.#", false,
				      "firmware of a device, by SPDM");
	case EV_SEPARATOR:
		return describe_separator(d);
	case EV_ACTION:
	case EV_EFI_ACTION:
		return describe_action(d);
	case EV_EFI_GPT_EVENT:
	case EV_EFI_GPT_EVENT2:
		return describe_gpt(d);
	case EV_COMPACT_HASH:
		return describe_plain(d, FW_CLASS_OTHER, other, false,
				      "a value of the platform's maker");
	case EV_OMIT_BOOT_DEVICE_EVENTS:
		return describe_plain(d, FW_CLASS_OTHER, other, false,
				      "boot attempts are not logged");
	case EV_PREBOOT_CERT:
		return describe_plain(d, FW_CLASS_OTHER, other, false,
				      "certificate of the platform");
	default:
		*mine = false;
		return 0;
	}
}
