// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file of a sealed master-key part, JSON.  It holds nothing secret: the part
 * is wrapped under a KEK that the officer's passphrase gives, or that is encrypted to
 * his certificate (derivation 7 of Documentation/keyblob.md).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "mk.h"
#include "../fw/field.h"

#define PART_KIND	"master key part"
#define PART_VERSION	1
#define PART_FILE_MAX	MK_PART_FILE_MAX

static bool number_of(struct json_object *obj, const char *key, uint32_t *value)
{
	uint64_t number;

	if (fw_json_number(obj, key, &number) || number > UINT32_MAX)
		return false;
	*value = (uint32_t)number;
	return true;
}

static bool hex_of(struct json_object *obj, const char *key, void *bytes,
		   size_t size)
{
	const char *text;

	return !fw_json_string(obj, key, &text) &&
	       fw_hex_decode(text, bytes, size);
}

static bool says(struct json_object *obj, const char *key, const char *what)
{
	const char *text;

	return !fw_json_string(obj, key, &text) && !strcmp(text, what);
}

static bool parse_kek(struct json_object *obj, struct mk_part *part)
{
	struct protkey_seal_params *seal = &part->seal;

	if (says(obj, "kdf", "cms")) {
		seal->kind = PROTKEY_SEAL_CMS;
		return !fw_json_text(obj, "cms", part->cms, sizeof(part->cms));
	}
	seal->kind = PROTKEY_SEAL_PASSPHRASE;
	return says(obj, "kdf", "argon2id") &&
	       number_of(obj, "time", &seal->time_cost) &&
	       number_of(obj, "memory_kib", &seal->memory_kib) &&
	       number_of(obj, "lanes", &seal->parallelism);
}

static bool parse(struct json_object *obj, struct mk_part *part)
{
	struct protkey_seal_params *seal = &part->seal;
	const char *uuid;

	memset(part, 0, sizeof(*part));
	return parse_kek(obj, part) &&
	       !fw_json_text(obj, "domain", part->domain,
			     sizeof(part->domain)) &&
	       !fw_json_text(obj, "officer", part->officer,
			     sizeof(part->officer)) &&
	       !fw_json_string(obj, "domain_uuid", &uuid) &&
	       !uuid_parse(uuid, part->domain_uuid) &&
	       hex_of(obj, "pattern", part->pattern, sizeof(part->pattern)) &&
	       hex_of(obj, "salt", seal->salt, sizeof(seal->salt)) &&
	       hex_of(obj, "wrapped", part->wrapped, sizeof(part->wrapped));
}

int mk_part_load(const char *path, struct mk_part *part)
{
	struct json_object *obj = NULL;
	uint32_t version = 0;
	int status = EXIT_OK;
	const char *why;
	size_t size;
	void *data;
	int ret;

	ret = file_load(path, PART_FILE_MAX, &data, &size);
	if (ret && ret != -EFBIG)
		return fail_errno(ret, path);
	if (!ret) {
		obj = fw_json_parse(data, size, &why);
		free(data);
	}
	if (!obj || !says(obj, "protkey", PART_KIND) ||
	    !number_of(obj, "version", &version))
		status = fail(EXIT_DAMAGED, "%s is no file of a master-key part",
			      path);
	else if (version > PART_VERSION)
		status = fail(EXIT_DAMAGED, "%s was written by a newer protkey: update this one",
			      path);
	else if (!parse(obj, part))
		status = fail(EXIT_DAMAGED, "%s is damaged: use another copy of it",
			      path);
	json_object_put(obj);
	return status;
}

static struct json_object *part_json(const struct mk_part *part)
{
	char salt[HEX_ROOM(sizeof(part->seal.salt))];
	char wrapped[HEX_ROOM(MK_WRAPPED_SIZE)];
	struct json_object *obj = json_object_new_object();

	json_add_text(obj, "protkey", PART_KIND);
	json_add_number(obj, "version", PART_VERSION);
	json_add_text(obj, "domain", part->domain);
	json_add_uuid(obj, "domain_uuid", part->domain_uuid);
	json_add_text(obj, "officer", part->officer);
	json_add_hex(obj, "pattern", part->pattern, sizeof(part->pattern));
	json_add_text(obj, "salt", hex_text(part->seal.salt,
					    sizeof(part->seal.salt), salt));
	if (part->seal.kind == PROTKEY_SEAL_CMS) {
		json_add_text(obj, "kdf", "cms");
		json_add_text(obj, "cms", part->cms);
	} else {
		json_add_text(obj, "kdf", "argon2id");
		json_add_number(obj, "time", part->seal.time_cost);
		json_add_number(obj, "memory_kib", part->seal.memory_kib);
		json_add_number(obj, "lanes", part->seal.parallelism);
	}
	json_add_text(obj, "wrapped", hex_text(part->wrapped, MK_WRAPPED_SIZE,
					       wrapped));
	return obj;
}

int mk_part_write(int fd, const char *path, const struct mk_part *part)
{
	struct json_object *obj = part_json(part);
	const char *text = json_object_to_json_string_ext(obj,
						JSON_C_TO_STRING_PRETTY);
	int ret = fd_write(fd, text, strlen(text));

	if (!ret)
		ret = fd_write(fd, "\n", 1);
	if (!ret && (ftruncate(fd, (off_t)strlen(text) + 1) || fsync(fd)))
		ret = -errno;
	json_object_put(obj);
	return ret ? fail_errno(ret, path) : EXIT_OK;
}
