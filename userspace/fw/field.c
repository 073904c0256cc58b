// SPDX-License-Identifier: GPL-2.0-only
/* Fields of JSON objects. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "field.h"

#define DEPTH	16

/*
 * json-c takes the last of two fields of one name, others take the first: such
 * a file would say one thing to one reader and another to the next.  The text
 * is valid JSON when this looks at it.  A name is the text before a colon; the
 * object that json-c built has fewer names than the text if one came twice.
 */
static size_t names_in_text(const char *json, size_t size)
{
	bool quoted = false;
	size_t i, names = 0;

	for (i = 0; i < size; i++) {
		if (quoted && json[i] == '\\')
			i++;
		else if (json[i] == '"')
			quoted = !quoted;
		else if (!quoted && json[i] == ':')
			names++;
	}
	return names;
}

static size_t names_in_object(struct json_object *obj)
{
	size_t names = 0, i;

	if (json_object_is_type(obj, json_type_object)) {
		json_object_object_foreach(obj, name, inner) {
			(void)name;
			names += 1 + names_in_object(inner);
		}
	} else if (json_object_is_type(obj, json_type_array)) {
		for (i = 0; i < json_object_array_length(obj); i++)
			names += names_in_object(json_object_array_get_idx(obj, i));
	}
	return names;
}

struct json_object *fw_json_parse_as(enum json_type type, const char *json,
				     size_t size, const char **why)
{
	struct json_tokener *tok = json_tokener_new_ex(DEPTH);
	struct json_object *obj = NULL;

	*why = "no memory";
	if (!tok)
		return NULL;
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT |
				    JSON_TOKENER_VALIDATE_UTF8);
	*why = "is too large";
	if (size < INT32_MAX) {
		obj = json_tokener_parse_ex(tok, json, (int)size);
		*why = json_tokener_error_desc(json_tokener_get_error(tok));
	}
	if (obj && json_tokener_get_error(tok) == json_tokener_success) {
		if (!json_object_is_type(obj, type))
			*why = type == json_type_object ?
			       "is no JSON object" : "is no JSON array";
		else if (names_in_text(json, size) != names_in_object(obj))
			*why = "has a field twice in one object";
		else
			*why = NULL;
	}
	json_tokener_free(tok);
	if (*why) {
		json_object_put(obj);
		obj = NULL;
	}
	return obj;
}

struct json_object *fw_json_parse(const char *json, size_t size,
				  const char **why)
{
	return fw_json_parse_as(json_type_object, json, size, why);
}

const char *fw_json_unknown(struct json_object *obj, const char *const *names)
{
	json_object_object_foreach(obj, name, inner) {
		const char *const *known;

		(void)inner;
		for (known = names; *known && strcmp(*known, name);)
			known++;
		if (!*known)
			return name;
	}
	return NULL;
}

static int field(struct json_object *obj, const char *name,
		 enum json_type type, struct json_object **inner)
{
	if (!json_object_object_get_ex(obj, name, inner))
		return -ENOENT;
	return json_object_is_type(*inner, type) ? 0 : -EBADMSG;
}

int fw_json_string(struct json_object *obj, const char *name,
		   const char **text)
{
	struct json_object *inner;
	int ret = field(obj, name, json_type_string, &inner);

	if (ret)
		return ret;
	*text = json_object_get_string(inner);
	/* a NUL inside would hide what is behind it */
	return strlen(*text) == (size_t)json_object_get_string_len(inner) ?
	       0 : -EBADMSG;
}

int fw_json_text(struct json_object *obj, const char *name, char *text,
		 size_t room)
{
	const char *value;
	int ret = fw_json_string(obj, name, &value);

	if (ret)
		return ret;
	if (strlen(value) >= room)
		return -EBADMSG;
	strcpy(text, value);
	return 0;
}

int fw_json_number(struct json_object *obj, const char *name, uint64_t *number)
{
	struct json_object *inner;
	int64_t value;
	int ret = field(obj, name, json_type_int, &inner);

	if (ret)
		return ret;
	value = json_object_get_int64(inner);
	/* json-c makes the largest there is of what does not fit */
	if (value < 0 || value == INT64_MAX)
		return -EBADMSG;
	*number = (uint64_t)value;
	return 0;
}

int fw_json_bool(struct json_object *obj, const char *name, bool *value)
{
	struct json_object *inner;
	int ret = field(obj, name, json_type_boolean, &inner);

	if (!ret)
		*value = json_object_get_boolean(inner);
	return ret;
}

int fw_json_array(struct json_object *obj, const char *name,
		  struct json_object **array)
{
	return field(obj, name, json_type_array, array);
}

int fw_json_object(struct json_object *obj, const char *name,
		   struct json_object **inner)
{
	return field(obj, name, json_type_object, inner);
}

bool fw_json_digests(struct json_object *obj, const char *other,
		     struct fw_digests *digests)
{
	memset(digests, 0, sizeof(*digests));
	json_object_object_foreach(obj, name, inner) {
		struct fw_digest *digest;
		enum fw_bank bank;

		if (!strcmp(name, other))
			continue;
		if (!fw_bank_find(name, &bank))
			return false;
		digest = &digests->bank[bank];
		if (!json_object_is_type(inner, json_type_string) ||
		    !fw_hex_decode(json_object_get_string(inner),
				   digest->bytes, fw_bank_size(bank)))
			return false;
		digest->size = (uint8_t)fw_bank_size(bank);
	}
	return true;
}

void fw_json_add_digests(struct json_object *obj,
			 const struct fw_digests *digests)
{
	char text[2 * FW_DIGEST_MAX + 1];
	unsigned int bank;

	for (bank = 0; bank < FW_BANKS; bank++) {
		const struct fw_digest *digest = &digests->bank[bank];

		if (!digest->size)
			continue;
		fw_hex_encode(digest->bytes, digest->size, text);
		json_object_object_add(obj, fw_bank_name(bank),
				       json_object_new_string(text));
	}
}
