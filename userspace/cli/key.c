// SPDX-License-Identifier: GPL-2.0-only
/* protkey key: its table, and what its commands share. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "key.h"

const struct command key_commands[] = {
	{ "generate", "key generate", "",
	  "make a secure key in registers and write its blob",
	  cmd_key_generate, NULL },
	{ "import", "key import", "CLEAR-FILE",
	  "wrap a key that is in clear and write its blob",
	  cmd_key_import, NULL },
	{ "show", "key show", "BLOB-FILE", "what a key blob says of itself",
	  cmd_key_show, NULL },
	{ "verify", "key verify", "BLOB-FILE",
	  "open a key blob inside the module and check its pattern",
	  cmd_key_verify, NULL },
	{ "reencipher", "key reencipher", "BLOB-FILE",
	  "wrap a key under another master key of its domain",
	  cmd_key_reencipher, NULL },
	{ 0 }
};

int fail_key(int err, const char *path, const char *name)
{
	enum exit_code code = exit_code_of(err);

	switch (-err) {
	case EINVAL:
		return fail(code, "%s: not a key blob: a blob has %d bytes (a raw key, or cut off)",
			    path, PROTKEY_BLOB_SIZE);
	case EBADMSG:
		return fail(code, "%s: not a key blob, or damaged: use a backup",
			    path);
	case EOPNOTSUPP:
		return fail(code, "%s: a key blob of a newer protkey: update this one",
			    path);
	case EXDEV:
		return fail(code, "%s: this key is of another domain, not of '%s': `protkey key show` names it",
			    path, name);
	case ESTALE:
		return fail(code, "%s: this key is wrapped under a master key that domain '%s' no longer has",
			    path, name);
	case EKEYREJECTED:
		return fail(code, "%s: this key is not authentic: it was changed or damaged: use a backup",
			    path);
	case ENOKEY:
		return fail_domain(err, name, "use");
	default:
		return fail_errno(err, path);
	}
}

int key_load(const char *path, uint8_t blob[PROTKEY_BLOB_SIZE],
	     struct protkey_key_info *info)
{
	size_t size;
	int ret;

	ret = file_read(path, blob, PROTKEY_BLOB_SIZE, &size);
	if (ret && ret != -EFBIG)
		return fail_errno(ret, path);
	if (!ret)
		ret = protkey_key_parse(blob, size, info);
	else
		ret = -EINVAL;
	return ret ? fail_key(ret, path, "") : EXIT_OK;
}

static const char *usage_text(const struct protkey_key_info *info)
{
	if (info->type == PROTKEY_KEY_HMAC_256 ||
	    info->type == PROTKEY_KEY_HMAC_512)
		return "authenticate";
	switch (info->usage) {
	case PROTKEY_USAGE_ENCRYPT:
		return "encrypt";
	case PROTKEY_USAGE_DECRYPT:
		return "decrypt";
	default:
		return "encrypt,decrypt";
	}
}

struct json_object *key_json(const struct protkey_key_info *info)
{
	struct json_object *obj = json_object_new_object();

	json_add_text(obj, "type", protkey_key_type_name(info->type));
	json_add_number(obj, "key_size", info->key_size);
	json_add_uuid(obj, "key_id", info->key_id);
	json_add_uuid(obj, "domain_uuid", info->domain);
	json_add_hex(obj, "mk_pattern", info->mk_pattern,
		     sizeof(info->mk_pattern));
	json_add_hex(obj, "pattern", info->pattern, sizeof(info->pattern));
	json_add_uuid(obj, "volume_uuid", info->volume);
	json_add_text(obj, "usage", usage_text(info));
	json_add_bool(obj, "imported", info->flags & PROTKEY_KEY_IMPORTED);
	json_add_bool(obj, "exportable", info->flags & PROTKEY_KEY_EXPORTABLE);
	json_add_number(obj, "not_before", info->not_before);
	json_add_number(obj, "not_after", info->not_after);
	return obj;
}

void key_print(const struct protkey_key_info *info)
{
	char uuid[UUID_ROOM], hex[HEX_ROOM(16)], time[TIME_ROOM];

	printf("%-14s %s\n", "type", protkey_key_type_name(info->type));
	printf("%-14s %s\n", "key id", uuid_text(info->key_id, uuid));
	printf("%-14s %s\n", "domain", uuid_text(info->domain, uuid));
	printf("%-14s %s\n", "master key", hex_text(info->mk_pattern, 16, hex));
	printf("%-14s %s\n", "pattern", hex_text(info->pattern, 16, hex));
	printf("%-14s %s\n", "bound volume", all_zero(info->volume, 16) ? "none" :
	       uuid_text(info->volume, uuid));
	printf("%-14s %s\n", "usage", usage_text(info));
	printf("%-14s %s\n", "origin", info->flags & PROTKEY_KEY_IMPORTED ?
	       "imported (was once in clear)" : "generated in registers");
	printf("%-14s %s\n", "valid from", time_text(info->not_before, time));
	printf("%-14s %s\n", "valid to", time_text(info->not_after, time));
}
