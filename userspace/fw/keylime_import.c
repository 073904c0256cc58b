// SPDX-License-Identifier: GPL-2.0-only
/* Keylime's measured boot policy, into a reference. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "keylime.h"

struct import {
	struct fw_reference *ref;
	size_t *added, *skipped;
};

/* To every entry of @class that takes values. */
static int accept(struct import *in, enum fw_class class,
		  const struct fw_digest *digest, const char *text)
{
	struct fw_digests digests = { 0 };
	bool placed = false;
	size_t i;
	int ret;

	digests.bank[FW_SHA256] = *digest;
	for (i = 0; i < in->ref->entry_count; i++) {
		struct fw_entry *entry = &in->ref->entries[i];

		if (!fw_entry_takes(entry, class))
			continue;
		placed = true;
		ret = fw_entry_accept(entry, &digests, text);
		if (ret && ret != -EEXIST)
			return ret;
		*in->added += !ret;
	}
	*in->skipped += !placed;
	return 0;
}

/* "0x" and the hex of @size bytes. */
static bool unhex(const char *text, void *bytes, size_t size)
{
	return !strncmp(text, "0x", 2) && fw_hex_decode(text + 2, bytes, size);
}

static int accept_hash(struct import *in, struct json_object *kernel,
		       const char *name, enum fw_class class)
{
	struct fw_digest digest = { .size = 32 };
	const char *text;
	int ret = fw_json_string(kernel, name, &text);

	if (ret)
		return ret == -ENOENT ? 0 : ret;
	if (!unhex(text, digest.bytes, digest.size))
		return -EBADMSG;
	return accept(in, class, &digest, name);
}

/*
 * What the pattern matches if it is none: all that is special is escaped.  A
 * pattern that matches more cannot be said in a reference.
 */
static bool unescape(const char *pattern, char *text)
{
	for (; *pattern; pattern++) {
		if (*pattern == '\\') {
			if (!*++pattern || isalnum((unsigned char)*pattern))
				return false;
		} else if (strchr("()[]{}?*+|^$.", *pattern)) {
			return false;
		}
		*text++ = *pattern;
	}
	*text = '\0';
	return true;
}

static int accept_cmdline(struct import *in, struct json_object *kernel)
{
	struct fw_digest digest;
	const char *pattern;
	char *text;
	int ret = fw_json_string(kernel, "kernel_cmdline", &pattern);

	if (ret)
		return ret == -ENOENT ? 0 : ret;
	text = malloc(strlen(pattern) + 1);
	if (!text)
		return -ENOMEM;
	if (unescape(pattern, text) && fw_text_ok(text, strlen(text))) {
		ret = fw_digest_of(FW_SHA256, text, strlen(text), &digest);
		if (!ret)
			ret = accept(in, FW_CLASS_CMDLINE, &digest, text);
	} else {
		++*in->skipped;
	}
	free(text);
	return ret;
}

static int import_kernel(struct import *in, struct json_object *kernel)
{
	static const struct {
		const char *name;
		enum fw_class class;
	} hashes[] = {
		{ "shim_authcode_sha256", FW_CLASS_LOADER },
		{ "grub_authcode_sha256", FW_CLASS_LOADER },
		{ "kernel_authcode_sha256", FW_CLASS_KERNEL },
		{ "vmlinuz_plain_sha256", FW_CLASS_KERNEL },
		{ "initrd_plain_sha256", FW_CLASS_INITRD },
	};
	size_t i;
	int ret = 0;

	if (!json_object_is_type(kernel, json_type_object))
		return -EBADMSG;
	for (i = 0; !ret && i < sizeof(hashes) / sizeof(hashes[0]); i++)
		ret = accept_hash(in, kernel, hashes[i].name, hashes[i].class);
	return ret ? ret : accept_cmdline(in, kernel);
}

/* As components name it: a hash, or the hash of a certificate. */
static int signature_of(const char *data, char text[80])
{
	size_t size = (strlen(data) - 2) / 2;
	uint8_t *bytes = malloc(size + 1);
	struct fw_digest digest = { .size = 32 };
	int ret = bytes ? -EBADMSG : -ENOMEM;

	if (bytes && unhex(data, bytes, size))
		ret = size == 32 ? 0 :
		      fw_digest_of(FW_SHA256, bytes, size, &digest);
	if (!ret) {
		strcpy(text, size == 32 ? "sha256:" : "x509:");
		fw_hex_encode(size == 32 ? bytes : digest.bytes, 32,
			      text + strlen(text));
	}
	free(bytes);
	return ret;
}

static int require(struct import *in, const char *signature)
{
	bool placed = false;
	size_t i;
	int ret;

	for (i = 0; i < in->ref->entry_count; i++) {
		struct fw_entry *entry = &in->ref->entries[i];
		const char *dot = strrchr(entry->name, '.');

		if (entry->rule != FW_RULE_SUPERSET || !dot ||
		    strcmp(dot, ".dbx"))
			continue;
		placed = true;
		ret = fw_entry_accept_signature(entry, signature);
		if (ret && ret != -EEXIST)
			return ret;
		*in->added += !ret;
	}
	*in->skipped += !placed;
	return 0;
}

static int import_dbx(struct import *in, struct json_object *one)
{
	const char *data;
	char text[80];
	int ret;

	if (!json_object_is_type(one, json_type_object) ||
	    fw_json_string(one, "SignatureData", &data) || strlen(data) < 2)
		return -EBADMSG;
	ret = signature_of(data, text);
	return ret ? ret : require(in, text);
}

static int each(struct import *in, struct json_object *policy, const char *name,
		int (*take)(struct import *in, struct json_object *one))
{
	struct json_object *array;
	int ret = fw_json_array(policy, name, &array);
	size_t i;

	for (i = 0; !ret && i < json_object_array_length(array); i++)
		ret = take(in, json_object_array_get_idx(array, i));
	return ret == -ENOENT ? 0 : ret;
}

static int skip(struct import *in, struct json_object *one)
{
	(void)one;
	++*in->skipped;
	return 0;
}

int fw_keylime_import(struct fw_reference *ref, const char *json, size_t size,
		      size_t *added, size_t *skipped, char why[FW_WHY])
{
	static const char *const others[] = { "scrtm_and_bios", "pk", "kek", "db",
		"mokdig", "mokxdig", "vendor_db" };
	struct import in = { ref, added, skipped };
	struct json_object *policy;
	const char *fault;
	unsigned int bank;
	size_t i;
	int ret;

	*added = *skipped = 0;
	for (bank = 0; bank < FW_BANKS; bank++)
		if (ref->bank[bank] != (bank == FW_SHA256))
			return fw_bad(why, "the policy has SHA-256, and the reference another bank too");
	policy = fw_json_parse(json, size, &fault);
	if (!policy)
		return fw_bad(why, "%s", fault);
	ret = each(&in, policy, "kernels", import_kernel);
	if (!ret)
		ret = each(&in, policy, "dbx", import_dbx);
	for (i = 0; !ret && i < sizeof(others) / sizeof(others[0]); i++)
		ret = each(&in, policy, others[i], skip);
	json_object_put(policy);
	return ret == -EBADMSG ? fw_bad(why, "it is no measured boot policy of Keylime") :
	       ret;
}
