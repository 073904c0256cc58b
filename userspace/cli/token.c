// SPDX-License-Identifier: GPL-2.0-only
/* The token "protkey" in a LUKS2 header: every field is checked. */
#include <ctype.h>
#include <errno.h>
#include <libcryptsetup.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

#include "cli.h"
#include "token.h"
#include "../fw/field.h"

#define LUKS2_TOKENS	32
#define LUKS2_KEYSLOTS	32

static int hex_field(struct json_object *obj, const char *key, uint8_t *bytes,
		     size_t size)
{
	const char *text;

	return fw_json_string(obj, key, &text) ||
	       !fw_hex_decode(text, bytes, size) ? -EBADMSG : 0;
}

static int number_field(struct json_object *obj, const char *key,
			uint32_t *value)
{
	uint64_t number;

	if (fw_json_number(obj, key, &number) || number > UINT32_MAX)
		return -EBADMSG;
	*value = (uint32_t)number;
	return 0;
}

/* Keyslots as the header names them, by numbers that are text; none if not there. */
static int keyslots_field(struct json_object *obj, const char *key, uint32_t *slots)
{
	struct json_object *list = json_object_object_get(obj, key);
	size_t i, count;

	*slots = 0;
	if (!list)
		return 0;
	if (!json_object_is_type(list, json_type_array))
		return -EBADMSG;
	count = json_object_array_length(list);
	for (i = 0; i < count; i++) {
		const char *text = json_object_get_string(json_object_array_get_idx(list, i));
		unsigned long slot;
		char *end;

		if (!text || !isdigit((unsigned char)text[0]))
			return -EBADMSG;
		slot = strtoul(text, &end, 10);
		if (*end || slot >= LUKS2_KEYSLOTS)
			return -EBADMSG;
		*slots |= 1U << slot;
	}
	return 0;
}

static struct json_object *keyslots_json(uint32_t slots)
{
	struct json_object *list = json_object_new_array();
	char text[12];
	int slot;

	for (slot = 0; slot < LUKS2_KEYSLOTS; slot++) {
		if (!(slots & 1U << slot))
			continue;
		snprintf(text, sizeof(text), "%d", slot);
		json_object_array_add(list, json_object_new_string(text));
	}
	return list;
}

static int token_parse(struct json_object *obj, struct volume_token *token)
{
	const char *uuid;
	uint32_t version, keyslots;

	memset(token, 0, sizeof(*token));
	if (number_field(obj, "version", &version) || !version)
		return -EBADMSG;
	if (version > VOLUME_TOKEN_VERSION)
		return -EOPNOTSUPP;
	if (fw_json_string(obj, "domain_uuid", &uuid) ||
	    uuid_parse(uuid, token->domain_uuid) ||
	    fw_json_text(obj, "domain_name", token->domain_name,
			 sizeof(token->domain_name)) ||
	    !protkey_domain_name_valid(token->domain_name) ||
	    hex_field(obj, "mk_pattern", token->mk_pattern,
		      sizeof(token->mk_pattern)) ||
	    hex_field(obj, "pattern", token->pattern, sizeof(token->pattern)) ||
	    fw_json_text(obj, "cipher", token->cipher, sizeof(token->cipher)) ||
	    number_field(obj, "sector_size", &token->sector_size) ||
	    keyslots_field(obj, "keyslots", &keyslots) ||
	    keyslots_field(obj, "wiping", &token->wiping))
		return -EBADMSG;
	/* a keyslot that goes is taken out of the token's in the same write */
	token->wiping &= keyslots;
	return 0;
}

/* The one token of our type. */
static int token_find(struct crypt_device *cd)
{
	const char *type;
	int i, found = -ENOENT;

	for (i = 0; i < LUKS2_TOKENS; i++) {
		crypt_token_info info = crypt_token_status(cd, i, &type);

		if (info == CRYPT_TOKEN_INVALID ||
		    info == CRYPT_TOKEN_INACTIVE || !type ||
		    strcmp(type, VOLUME_TOKEN_TYPE))
			continue;
		if (found >= 0)
			return -EBADMSG;
		found = i;
	}
	return found;
}

int token_read(struct crypt_device *cd, struct volume_token *token)
{
	struct json_object *obj;
	const char *json, *why;
	int ret, id = token_find(cd);

	if (id < 0)
		return id;
	if (crypt_token_json_get(cd, id, &json) < 0)
		return -EBADMSG;
	obj = fw_json_parse(json, strlen(json), &why);
	if (!obj)
		return -EBADMSG;
	ret = token_parse(obj, token);
	json_object_put(obj);
	return ret;
}

int token_write(struct crypt_device *cd, int keyslot,
		const struct volume_token *token)
{
	struct json_object *obj;
	int ret, id = token_find(cd);

	if (id == -ENOENT)
		id = CRYPT_ANY_TOKEN;
	else if (id < 0)
		return id;
	obj = json_object_new_object();
	json_add_text(obj, "type", VOLUME_TOKEN_TYPE);
	json_object_object_add(obj, "keyslots", keyslots_json(1U << keyslot | token->wiping));
	json_add_number(obj, "version", VOLUME_TOKEN_VERSION);
	json_add_uuid(obj, "domain_uuid", token->domain_uuid);
	json_add_text(obj, "domain_name", token->domain_name);
	json_add_hex(obj, "mk_pattern", token->mk_pattern,
		     sizeof(token->mk_pattern));
	json_add_hex(obj, "pattern", token->pattern, sizeof(token->pattern));
	json_add_text(obj, "cipher", token->cipher);
	json_add_number(obj, "sector_size", token->sector_size);
	if (token->wiping)
		json_object_object_add(obj, "wiping", keyslots_json(token->wiping));
	ret = crypt_token_json_set(cd, id, json_object_to_json_string(obj));
	json_object_put(obj);
	return ret < 0 ? ret : 0;
}
