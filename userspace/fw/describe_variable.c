// SPDX-License-Identifier: GPL-2.0-only
/* Events of UEFI variables: Secure Boot's, boot options, others. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"

#define NAME_ROOM	40
#define TEXT_ROOM	512
#define OWNER_SIZE	16

struct variable {
	const uint8_t *guid;
	char name[NAME_ROOM];
	struct bytes data;
};

/* Of boot variables: 8be4df61-93ca-11d2-aa0d-00e098032b8c. */
static const uint8_t efi_global[16] = {
	0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11,
	0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c,
};

/* UEFI_VARIABLE_DATA: GUID | u64 letters | u64 bytes | name | data */
static bool parse(struct bytes in, struct variable *v)
{
	uint64_t letters, size;
	const uint8_t *name;

	if (!take(&in, &v->guid, 16) || !take_le64(&in, &letters) ||
	    !take_le64(&in, &size) || letters > in.left / 2 ||
	    !take(&in, &name, 2 * (size_t)letters) || size > in.left)
		return false;
	utf16_text(name, 2 * (size_t)letters, v->name, sizeof(v->name));
	v->data = (struct bytes){ in.at, (size_t)size };
	return true;
}

static const char *secure_boot_name(const char *name)
{
	static const char *const names[][2] = {
		{ "SecureBoot", "state" }, { "PK", "PK" }, { "KEK", "KEK" },
		{ "db", "db" }, { "dbx", "dbx" }, { "dbt", "dbt" },
		{ "dbr", "dbr" }, { "SetupMode", "setup-mode" },
		{ "AuditMode", "audit-mode" },
		{ "DeployedMode", "deployed-mode" },
		{ "SbatLevel", "sbat-level" }, { "MokList", "MokList" },
		{ "MokListX", "MokListX" },
		{ "MokListTrusted", "MokListTrusted" },
		{ "MokSBState", "MokSBState" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i][0], name))
			return names[i][1];
	return NULL;
}

static int describe_sbat(struct description *d, struct bytes data)
{
	char text[TEXT_ROOM];
	char *at;

	describe_name(d, FW_CLASS_SECURE_BOOT, "secure-boot.sbat-level");
	ascii_text(data.at, data.left, text, sizeof(text));
	d->of->version = calloc(1, data.left + 1);
	if (!d->of->version)
		return -ENOMEM;
	/* its lines, whole, for who compares levels */
	memcpy(d->of->version, data.at, data.left);
	for (at = text; *at; at++)
		if (*at == '?')
			*at = ' ';
	return describe_text(d, "loaders older than this are refused: %s", text);
}

static int describe_switch(struct description *d, const struct variable *v)
{
	if (v->data.left != 1)
		return describe_text(d, "%s is not set", v->name);
	return describe_text(d, "%s is %s", v->name,
			     v->data.at[0] ? "on" : "off");
}

static int describe_keys(struct description *d, const struct variable *v)
{
	char text[TEXT_ROOM] = "";
	bool valid;
	int ret;

	ret = signature_lists(d->of, v->data, &valid, text, sizeof(text));
	if (ret)
		return ret;
	if (!valid)
		return describe_text(d, "%s, which is malformed", v->name);
	return describe_text(d, "%s: %s", v->name, text);
}

static int describe_secure_boot(struct description *d, const struct variable *v,
				const char *name)
{
	describe_name(d, FW_CLASS_SECURE_BOOT, "secure-boot.%s", name);
	if (!strcmp(v->name, "SbatLevel"))
		return describe_sbat(d, v->data);
	if (strstr(name, "state") || strstr(name, "mode") ||
	    !strcmp(name, "MokSBState"))
		return describe_switch(d, v);
	return describe_keys(d, v);
}

/* EFI_LOAD_OPTION: u32 attributes | u16 length of the path | name | path */
static int describe_boot_option(struct description *d, const struct variable *v)
{
	struct bytes in = v->data;
	char text[TEXT_ROOM];

	describe_name(d, FW_CLASS_CONFIG, "boot-option.%s", v->name + 4);
	d->of->is_volatile = true;
	if (!skip(&in, 6))
		return describe_text(d, "boot option %s", v->name);
	utf16_text(in.at, in.left, text, sizeof(text));
	return describe_text(d, "boot option %s: %s", v->name, text);
}

static int describe_boot_order(struct description *d, const struct variable *v)
{
	char text[TEXT_ROOM] = "";
	struct bytes in = v->data;
	uint16_t number;
	size_t n = 0;

	describe_name(d, FW_CLASS_CONFIG, "boot-order");
	d->of->is_volatile = true;
	while (take_le16(&in, &number) && n + 6 < sizeof(text))
		n += (size_t)sprintf(text + n, "%s%04X", n ? "," : "", number);
	return describe_text(d, "boot order %s", text);
}

static bool is_boot_option(const char *name)
{
	return !strncmp(name, "Boot", 4) && strlen(name) == 8 &&
	       strspn(name + 4, "0123456789ABCDEFabcdef") == 4;
}

static int describe_config(struct description *d, const struct variable *v)
{
	const char *secure = secure_boot_name(v->name);
	char slug[NAME_ROOM];

	if (secure)
		return describe_secure_boot(d, v, secure);
	if (!strcmp(v->name, "BootOrder"))
		return describe_boot_order(d, v);
	if (is_boot_option(v->name))
		return describe_boot_option(d, v);
	slug_text(v->name, slug, sizeof(slug));
	describe_name(d, FW_CLASS_CONFIG, "variable.%s", slug);
	return describe_text(d, "UEFI variable %s, %zu bytes", v->name,
			     v->data.left);
}

/* What allowed a program to start: the entry of the list, not the list. */
static int describe_authority(struct description *d, const struct variable *v)
{
	char subject[TEXT_ROOM];

	if (!strcmp(v->name, "SbatLevel"))
		return describe_sbat(d, v->data);
	describe_name(d, FW_CLASS_AUTHORITY, "authority.%s.#", v->name);
	/* shim before 15.3 left the last byte of its certificate out */
	if (!strcmp(v->name, "Shim"))
		describe_candidate(d, d->event->data, d->event->size - 1);
	if (v->data.left > OWNER_SIZE)
		certificate_text(v->data.at + OWNER_SIZE,
				 v->data.left - OWNER_SIZE, subject,
				 sizeof(subject));
	else
		subject[0] = '\0';
	if (!*subject)	/* shim's own is without an owner */
		certificate_text(v->data.at, v->data.left, subject,
				 sizeof(subject));
	if (*subject)
		return describe_text(d, "started what %s signed, by %s", subject,
				     v->name);
	return describe_text(d, "started by an entry of %s, %zu bytes", v->name,
			     v->data.left);
}

int describe_variable(struct description *d, bool *mine)
{
	const struct fw_event *event = d->event;
	struct variable v;

	switch (event->type) {
	case EV_EFI_VARIABLE_DRIVER_CONFIG:
	case EV_EFI_VARIABLE_BOOT:
	case EV_EFI_VARIABLE_BOOT2:
	case EV_EFI_VARIABLE_AUTHORITY:
	case EV_EFI_SPDM_DEVICE_POLICY:
	case EV_EFI_SPDM_DEVICE_AUTHORITY:
		break;
	default:
		return 0;
	}
	*mine = true;
	describe_candidate(d, event->data, event->size);
	d->of->data_must_measure = true;
	if (!parse((struct bytes){ event->data, event->size }, &v)) {
		describe_name(d, FW_CLASS_CONFIG, "variable.malformed.#");
		return describe_text(d, "a UEFI variable, malformed");
	}
	/* before profile 1.05 boot variables were hashed without their names */
	if (event->type == EV_EFI_VARIABLE_BOOT &&
	    !memcmp(v.guid, efi_global, sizeof(efi_global)))
		describe_candidate(d, v.data.at, v.data.left);
	if (event->type == EV_EFI_VARIABLE_AUTHORITY ||
	    event->type == EV_EFI_SPDM_DEVICE_AUTHORITY)
		return describe_authority(d, &v);
	return describe_config(d, &v);
}
