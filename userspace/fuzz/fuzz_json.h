/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PK_FUZZ_JSON_H
#define PK_FUZZ_JSON_H

#include <json-c/json.h>

#include "fuzz.h"

/* Takes @obj, which must be there; the text is the caller's to free. */
static inline char *json_text(struct json_object *obj)
{
	char *text;

	must(obj);
	text = strdup(json_object_to_json_string(obj));
	must(text);
	json_object_put(obj);
	return text;
}

#endif
