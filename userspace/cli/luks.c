// SPDX-License-Identifier: GPL-2.0-only
/* LUKS2 headers through libcryptsetup. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "luks.h"

/* Keyslot areas hold a wrapped key: plain aes, as cryptsetup does for paes. */
#define KEYSLOT_CIPHER		"aes-xts-plain64"
#define KEYSLOT_KEY_SIZE	64
/* The least that LUKS2 allows; see luks_format(). */
#define KEYSLOT_ITERATIONS	1000

static char last_message[256];

void luks_log(int level, const char *msg, void *unused)
{
	size_t len = strcspn(msg, "\n");

	(void)unused;
	if (level != CRYPT_LOG_ERROR)
		return;
	if (len >= sizeof(last_message))
		len = sizeof(last_message) - 1;
	memcpy(last_message, msg, len);
	last_message[len] = '\0';
}

const char *luks_message(void)
{
	return last_message;
}

int luks_load(const char *device, struct crypt_device **cd)
{
	int ret;

	last_message[0] = '\0';
	crypt_set_log_callback(NULL, luks_log, NULL);
	ret = crypt_init(cd, device);
	if (ret)
		return ret;
	crypt_set_log_callback(*cd, luks_log, NULL);
	ret = crypt_load(*cd, CRYPT_LUKS2, NULL);
	if (!ret)
		return 0;
	crypt_free(*cd);
	*cd = NULL;
	return ret;
}

static struct json_object *get(struct json_object *obj, const char *key)
{
	struct json_object *field = NULL;

	json_object_object_get_ex(obj, key, &field);
	return field;
}

static const char *get_text(struct json_object *obj, const char *key)
{
	struct json_object *field = get(obj, key);

	return json_object_is_type(field, json_type_string) ?
	       json_object_get_string(field) : "";
}

static int refuse(char *why, size_t room, const char *what, const char *is)
{
	snprintf(why, room, "%s%s", what, is);
	return -EKEYREJECTED;
}

static bool requirements_pending(struct json_object *header)
{
	struct json_object *config = get(header, "config");
	struct json_object *all = get(config, "requirements");
	struct json_object *mandatory = get(all, "mandatory");

	return mandatory && (!json_object_is_type(mandatory, json_type_array) ||
			     json_object_array_length(mandatory));
}

static int check_segment(struct json_object *segment, uint32_t *sector_size,
			 char *why, size_t room)
{
	const char *cipher = get_text(segment, "encryption");

	if (strcmp(get_text(segment, "type"), "crypt"))
		return refuse(why, room, "its data is not encrypted: segment type ",
			      get_text(segment, "type"));
	if (strcmp(cipher, LUKS_CIPHER_SPEC))
		return refuse(why, room, "its cipher is not " LUKS_CIPHER_SPEC " but ",
			      cipher);
	if (get(segment, "integrity"))
		return refuse(why, room, "it has an integrity key, which would be in memory in clear", "");
	if (strcmp(get_text(segment, "size"), "dynamic"))
		return refuse(why, room, "its segment does not cover the device", "");
	*sector_size = (uint32_t)json_object_get_int(get(segment, "sector_size"));
	return 0;
}

static int check_header(struct json_object *header, uint32_t *sector_size,
			char *why, size_t room)
{
	struct json_object *segments = get(header, "segments");
	struct json_object *segment = get(segments, "0");

	if (requirements_pending(header))
		return refuse(why, room, "a re-encryption is under way: finish it with `cryptsetup reencrypt --resume-only`", "");
	if (!json_object_is_type(segments, json_type_object) || !segment ||
	    json_object_object_length(segments) != 1)
		return refuse(why, room, "it has not exactly one segment", "");
	return check_segment(segment, sector_size, why, room);
}

int luks_check_segments(struct crypt_device *cd, uint32_t *sector_size,
			char *why, size_t room)
{
	struct json_object *header;
	const char *json;
	int ret;

	ret = crypt_dump_json(cd, &json, 0);
	if (ret)
		return refuse(why, room, "its header cannot be read", "");
	header = json_tokener_parse(json);
	if (!header)
		return refuse(why, room, "its header cannot be read", "");
	ret = check_header(header, sector_size, why, room);
	json_object_put(header);
	if (ret)
		return ret;
	if (crypt_get_volume_key_size(cd) != PROTKEY_BLOB_SIZE) {
		snprintf(why, room, "its volume key has %d bytes, a key blob has %d",
			 crypt_get_volume_key_size(cd), PROTKEY_BLOB_SIZE);
		return -EKEYREJECTED;
	}
	return 0;
}

/*
 * What the keyslot holds is a blob that the domain's master key protects; its
 * passphrase is a second lock, not the one that counts.  Many iterations would
 * only make opening slow.
 */
static const struct crypt_pbkdf_type keyslot_pbkdf = {
	.type = CRYPT_KDF_PBKDF2,
	.hash = "sha256",
	.iterations = KEYSLOT_ITERATIONS,
	.flags = CRYPT_PBKDF_NO_BENCHMARK,
};

int luks_format(struct crypt_device *cd, const struct luks_format *format,
		int *keyslot)
{
	struct crypt_params_luks2 params = {
		.pbkdf = &keyslot_pbkdf,
		.sector_size = format->sector_size,
		.label = format->label,
	};
	int ret;

	last_message[0] = '\0';
	crypt_set_log_callback(cd, luks_log, NULL);
	ret = crypt_format(cd, CRYPT_LUKS2, LUKS_CIPHER, LUKS_MODE,
			   format->uuid, (const char *)format->blob,
			   PROTKEY_BLOB_SIZE, &params);
	if (ret < 0)
		return ret;
	ret = crypt_keyslot_set_encryption(cd, KEYSLOT_CIPHER,
					   KEYSLOT_KEY_SIZE);
	if (ret < 0)
		return ret;
	ret = crypt_keyslot_add_by_volume_key(cd, CRYPT_ANY_SLOT,
					      (const char *)format->blob,
					      PROTKEY_BLOB_SIZE,
					      format->pass->data,
					      format->pass->size);
	if (ret < 0)
		return ret;
	*keyslot = ret;
	return 0;
}

int luks_add_unbound(struct crypt_device *cd, const uint8_t *blob,
		     const struct passphrase *pass)
{
	int ret;

	last_message[0] = '\0';
	crypt_set_log_callback(cd, luks_log, NULL);
	ret = crypt_set_pbkdf_type(cd, &keyslot_pbkdf);
	if (ret >= 0)
		ret = crypt_keyslot_set_encryption(cd, KEYSLOT_CIPHER,
						   KEYSLOT_KEY_SIZE);
	if (ret < 0)
		return ret;
	return crypt_keyslot_add_by_key(cd, CRYPT_ANY_SLOT, (const char *)blob,
					PROTKEY_BLOB_SIZE, pass->data,
					pass->size, CRYPT_VOLUME_KEY_NO_SEGMENT);
}

int luks_go_over(struct crypt_device *cd, int keyslot, const uint8_t *blob,
		 const struct passphrase *pass)
{
	return crypt_keyslot_add_by_key(cd, keyslot, (const char *)blob,
					PROTKEY_BLOB_SIZE, pass->data,
					pass->size, CRYPT_VOLUME_KEY_SET);
}
