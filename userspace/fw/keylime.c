// SPDX-License-Identifier: GPL-2.0-only
/* Keylime's measured boot policy, out of an event log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "keylime.h"

#define EV_S_CRTM_VERSION	0x8U
#define EV_IPL			0xdU
#define EV_VARIABLE_CONFIG	0x80000001U
#define EV_APPLICATION		0x80000003U
#define EV_FIRMWARE_BLOB	0x80000008U
#define EV_FIRMWARE_BLOB2	0x8000000aU

#define VARIABLE_HEAD	32	/* GUID, characters of the name, bytes of data */
#define LIST_HEAD	28	/* type, sizes of list, header, signature */
#define OWNER		16
#define IMAGE_HEAD	32	/* address, length, link, length of the path */

static uint64_t le(const uint8_t *at, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

static struct json_object *hex(const uint8_t *bytes, size_t size)
{
	char *text = malloc(2 * size + 3);
	struct json_object *obj = NULL;

	if (text) {
		strcpy(text, "0x");
		fw_hex_encode(bytes, size, text + 2);
		obj = json_object_new_string(text);
		free(text);
	}
	return obj;
}

static struct json_object *digest_hex(const struct fw_event *event)
{
	const struct fw_digest *digest = &event->digests.bank[FW_SHA256];

	return hex(digest->bytes, digest->size);
}

static struct json_object *digest_json(const struct fw_event *event)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "sha256", digest_hex(event));
	return obj;
}

/* ---- Secure Boot's variables */

static void add_signature(struct json_object *array, const uint8_t *at,
			  size_t size)
{
	struct json_object *obj = json_object_new_object();
	char owner[37];

	snprintf(owner, sizeof(owner),
		 "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 (unsigned int)le(at, 4), (unsigned int)le(at + 4, 2),
		 (unsigned int)le(at + 6, 2), at[8], at[9], at[10], at[11],
		 at[12], at[13], at[14], at[15]);
	json_object_object_add(obj, "SignatureOwner",
			       json_object_new_string(owner));
	json_object_object_add(obj, "SignatureData", hex(at + OWNER, size - OWNER));
	json_object_array_add(array, obj);
}

/* EFI_SIGNATURE_LISTs; stops where they are damaged. */
static struct json_object *lists_json(const uint8_t *at, size_t size)
{
	struct json_object *array = json_object_new_array();

	while (size >= LIST_HEAD) {
		uint64_t list = le(at + 16, 4), head = le(at + 20, 4);
		uint64_t one = le(at + 24, 4), from;

		if (list > size || head > list || LIST_HEAD + head > list ||
		    one <= OWNER)
			break;
		for (from = LIST_HEAD + head; from + one <= list; from += one)
			add_signature(array, at + from, (size_t)one);
		at += list;
		size -= list;
	}
	return array;
}

/* Is @event the variable of this name?  Then @data is what it holds. */
static bool variable(const struct fw_event *event, const char *name,
		     const uint8_t **data, size_t *size)
{
	size_t length = strlen(name), i;
	uint64_t bytes;

	if (event->size < VARIABLE_HEAD || le(event->data + 16, 8) != length ||
	    event->size - VARIABLE_HEAD < 2 * length)
		return false;
	for (i = 0; i < length; i++)
		if (le(event->data + VARIABLE_HEAD + 2 * i, 2) !=
		    (unsigned char)name[i])
			return false;
	bytes = le(event->data + 24, 8);
	*data = event->data + VARIABLE_HEAD + 2 * length;
	*size = event->size - VARIABLE_HEAD - 2 * length;
	if (bytes < *size)
		*size = (size_t)bytes;
	return true;
}

static bool add_keys(struct json_object *to, const struct fw_eventlog *log)
{
	static const char *const names[][2] = {
		{ "PK", "pk" }, { "KEK", "kek" }, { "db", "db" }, { "dbx", "dbx" },
	};
	bool secure_boot = false;
	const uint8_t *data;
	size_t i, n, size;

	for (n = 0; n < 4; n++)
		json_object_object_add(to, names[n][1], json_object_new_array());
	for (i = 0; i < log->count; i++) {
		const struct fw_event *event = &log->events[i];

		if (event->type != EV_VARIABLE_CONFIG)
			continue;
		for (n = 0; n < 4; n++)
			if (variable(event, names[n][0], &data, &size))
				json_object_object_add(to, names[n][1],
						       lists_json(data, size));
		if (variable(event, "SecureBoot", &data, &size))
			secure_boot = size == 1 && *data == 1;
	}
	json_object_object_add(to, "has_secureboot",
			       json_object_new_boolean(secure_boot));
	return secure_boot;
}

/* ---- firmware, Mok */

static void add_firmware(struct json_object *to, const struct fw_eventlog *log)
{
	struct json_object *all = json_object_new_array();
	struct json_object *one = json_object_new_object();
	struct json_object *blobs = json_object_new_array();
	size_t i;

	for (i = 0; i < log->count; i++) {
		const struct fw_event *event = &log->events[i];

		if (event->type == EV_S_CRTM_VERSION)
			json_object_object_add(one, "scrtm", digest_json(event));
		if (event->type == EV_FIRMWARE_BLOB ||
		    event->type == EV_FIRMWARE_BLOB2)
			json_object_array_add(blobs, digest_json(event));
	}
	json_object_object_add(one, "platform_firmware", blobs);
	json_object_array_add(all, one);
	json_object_object_add(to, "scrtm_and_bios", all);
}

/* The text of an EV_IPL event, without its zero; how long. */
static size_t text_of(const struct fw_event *event, const char **text)
{
	size_t size = event->type == EV_IPL ? event->size : 0;

	*text = (const char *)event->data;
	while (size && !(*text)[size - 1])
		size--;
	return size;
}

static void add_mok(struct json_object *to, const struct fw_eventlog *log)
{
	struct json_object *mok = json_object_new_array();
	struct json_object *mokx = json_object_new_array();
	const char *text;
	size_t i, size;

	for (i = 0; i < log->count; i++) {
		size = text_of(&log->events[i], &text);
		if (size == 7 && !memcmp(text, "MokList", 7))
			json_object_array_add(mok, digest_json(&log->events[i]));
		if (size == 8 && !memcmp(text, "MokListX", 8))
			json_object_array_add(mokx, digest_json(&log->events[i]));
	}
	json_object_object_add(to, "mokdig", mok);
	json_object_object_add(to, "mokxdig", mokx);
}

/* ---- shim, grub, kernel */

/* Out of the firmware's own volume: its setup, and the like. */
static bool is_firmwares(const struct fw_event *event)
{
	return event->size > IMAGE_HEAD + 2 && event->data[IMAGE_HEAD] == 4 &&
	       event->data[IMAGE_HEAD + 1] == 7;
}

static const struct fw_event *find_text(const struct fw_eventlog *log,
					uint32_t pcr, const char *word,
					const char *other)
{
	const char *text;
	size_t i, size;

	for (i = 0; i < log->count; i++) {
		const struct fw_event *event = &log->events[i];

		size = event->pcr == pcr ? text_of(event, &text) : 0;
		if (size && (memmem(text, size, word, strlen(word)) ||
			     (other && memmem(text, size, other, strlen(other)))))
			return event;
	}
	return NULL;
}

/* As a regular expression of Python that matches just this. */
static struct json_object *escaped(const char *text, size_t size)
{
	static const char special[] = "()[]{}?*+-|^$\\.&~# \t\n\r\v\f";
	char *out = size < 1 << 20 ? malloc(2 * size + 1) : NULL, *at = out;
	struct json_object *obj;

	if (!out)
		return NULL;
	for (; size; size--, text++) {
		if (memchr(special, *text, sizeof(special) - 1))
			*at++ = '\\';
		*at++ = *text;
	}
	obj = json_object_new_string_len(out, (int)(at - out));
	free(out);
	return obj;
}

static bool add_kernel(struct json_object *to, const struct fw_eventlog *log,
		       bool secure_boot, char why[FW_WHY])
{
	static const char *const names[] = { "shim_authcode_sha256",
		"grub_authcode_sha256", "kernel_authcode_sha256" };
	static const char prefix[] = "kernel_cmdline: ";
	struct json_object *all = json_object_new_array();
	struct json_object *one = json_object_new_object();
	const struct fw_event *initrd, *kernel, *cmdline;
	size_t i, size, programs = 0;
	const char *text;

	for (i = 0; i < log->count; i++)
		if (log->events[i].type == EV_APPLICATION &&
		    !is_firmwares(&log->events[i]) && programs < 3)
			json_object_object_add(one, names[programs++],
					       digest_hex(&log->events[i]));
	initrd = find_text(log, 9, "initrd", "initramfs");
	kernel = find_text(log, 9, "vmlinuz", NULL);
	cmdline = find_text(log, 8, prefix, NULL);
	json_object_array_add(all, one);
	json_object_object_add(to, "kernels", all);
	if (programs != (secure_boot ? 3 : 2) || !initrd || !cmdline ||
	    (!secure_boot && !kernel)) {
		fw_bad(why, "it is no boot by shim and grub that Keylime's example engine knows (%zu EFI programs, %s, %s)",
		       programs, initrd ? "an initrd" : "no initrd",
		       cmdline ? "a command line" : "no command line");
		return false;
	}
	json_object_object_add(one, "initrd_plain_sha256", digest_hex(initrd));
	if (!secure_boot)
		json_object_object_add(one, "vmlinuz_plain_sha256",
				       digest_hex(kernel));
	size = text_of(cmdline, &text);
	if (strncmp(text, prefix, sizeof(prefix) - 1)) {
		fw_bad(why, "its command line is not one of grub's");
		return false;
	}
	json_object_object_add(one, "kernel_cmdline",
			       escaped(text + sizeof(prefix) - 1,
				       size - (sizeof(prefix) - 1)));
	return true;
}

struct json_object *fw_keylime_export(const struct fw_eventlog *log,
				      char why[FW_WHY])
{
	struct json_object *obj = json_object_new_object();
	bool secure_boot;

	if (!log->bank[FW_SHA256] || log->fault_count) {
		fw_bad(why, "%s", log->fault_count ? log->faults[0].what :
		       "the log has no digests of bank sha256");
		json_object_put(obj);
		return NULL;
	}
	secure_boot = add_keys(obj, log);
	add_firmware(obj, log);
	add_mok(obj, log);
	if (!add_kernel(obj, log, secure_boot, why)) {
		json_object_put(obj);
		return NULL;
	}
	return obj;
}
