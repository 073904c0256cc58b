/* SPDX-License-Identifier: GPL-2.0-only */
/* Fields of JSON objects from files that nobody vouches for. */
#ifndef PROTKEY_FW_FIELD_H
#define PROTKEY_FW_FIELD_H

#include <json-c/json.h>

#include "digest.h"

/*
 * The whole of @json, which must be one object, or NULL and why: no comments,
 * no other text, UTF-8, no name twice, not deep.
 */
struct json_object *fw_json_parse(const char *json, size_t size,
				  const char **why);
/* The same, of an object or an array. */
struct json_object *fw_json_parse_as(enum json_type type, const char *json,
				     size_t size, const char **why);
/* A name in @obj that is not in @names, which ends with NULL; or NULL. */
const char *fw_json_unknown(struct json_object *obj, const char *const *names);
/*
 * Below: 0; -ENOENT if @obj has no such field; -EBADMSG if it is not that.
 */
int fw_json_text(struct json_object *obj, const char *name, char *text,
		 size_t room);
/* What @obj holds stays its own. */
int fw_json_string(struct json_object *obj, const char *name,
		   const char **text);
int fw_json_number(struct json_object *obj, const char *name, uint64_t *number);
int fw_json_bool(struct json_object *obj, const char *name, bool *value);
int fw_json_array(struct json_object *obj, const char *name,
		  struct json_object **array);
int fw_json_object(struct json_object *obj, const char *name,
		   struct json_object **inner);

/* @obj has hex digests under the names of banks, and else at most @other. */
bool fw_json_digests(struct json_object *obj, const char *other,
		     struct fw_digests *digests);
void fw_json_add_digests(struct json_object *obj,
			 const struct fw_digests *digests);

#endif
