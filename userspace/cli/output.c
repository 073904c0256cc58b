// SPDX-License-Identifier: GPL-2.0-only
/* Bytes, times and JSON for people and scripts. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uuid/uuid.h>

#include "cli.h"

const char *hex_text(const void *bytes, size_t size, char *text)
{
	const uint8_t *byte = bytes;
	size_t i;

	for (i = 0; i < size; i++)
		sprintf(text + 2 * i, "%02x", byte[i]);
	text[2 * size] = '\0';
	return text;
}

const char *uuid_text(const uint8_t *uuid, char text[UUID_ROOM])
{
	uuid_unparse_lower(uuid, text);
	return text;
}

const char *time_text(uint64_t when, char text[TIME_ROOM])
{
	time_t t = (time_t)when;
	struct tm tm;

	if (!when || !gmtime_r(&t, &tm) ||
	    !strftime(text, TIME_ROOM, "%Y-%m-%dT%H:%M:%SZ", &tm))
		strcpy(text, "-");
	return text;
}

/* Seconds since 1970, or YYYY-MM-DD (UTC, its first second). */
int time_parse(const char *text, uint64_t *when)
{
	struct tm tm = { 0 };
	time_t seconds;
	char *end;

	end = strptime(text, "%Y-%m-%d", &tm);
	if (end && !*end) {
		seconds = timegm(&tm);
		if (seconds <= 0)
			return -EINVAL;
		*when = (uint64_t)seconds;
		return 0;
	}
	errno = 0;
	*when = strtoull(text, &end, 10);
	return errno || end == text || *end || *text == '-' ? -EINVAL : 0;
}

bool all_zero(const void *bytes, size_t size)
{
	const uint8_t *byte = bytes;

	while (size--)
		if (*byte++)
			return false;
	return true;
}

void json_add_text(struct json_object *obj, const char *key, const char *text)
{
	json_object_object_add(obj, key,
			       text ? json_object_new_string(text) : NULL);
}

void json_add_number(struct json_object *obj, const char *key, uint64_t value)
{
	json_object_object_add(obj, key, json_object_new_uint64(value));
}

void json_add_bool(struct json_object *obj, const char *key, bool value)
{
	json_object_object_add(obj, key, json_object_new_boolean(value));
}

void json_add_hex(struct json_object *obj, const char *key, const void *bytes,
		  size_t size)
{
	char text[HEX_ROOM(64)];

	json_add_text(obj, key, size > 64 ? NULL : hex_text(bytes, size, text));
}

void json_add_uuid(struct json_object *obj, const char *key,
		   const uint8_t *uuid)
{
	char text[UUID_ROOM];

	json_add_text(obj, key,
		      all_zero(uuid, 16) ? NULL : uuid_text(uuid, text));
}

int json_print(struct json_object *obj)
{
	puts(json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PRETTY |
						 JSON_C_TO_STRING_SPACED |
						 JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(obj);
	return EXIT_OK;
}

int json_write(const char *path, struct json_object *obj, int style)
{
	const char *text = obj ? json_object_to_json_string_ext(obj, style |
					JSON_C_TO_STRING_NOSLASHESCAPE) : NULL;
	int ret = text ? file_replace(path, text, strlen(text), 0644) : -ENOMEM;

	json_object_put(obj);
	return ret ? fail_errno(ret, path) : EXIT_OK;
}
