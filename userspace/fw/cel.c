// SPDX-License-Identifier: GPL-2.0-only
/* Writing a Canonical Event Log: see cel.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cel.h"
#include "field.h"

/* Adds @value, which is taken; false if there is none. */
static bool add(struct json_object *obj, const char *name,
		struct json_object *value)
{
	if (value && !json_object_object_add(obj, name, value))
		return true;
	json_object_put(value);
	return false;
}

static bool append(struct json_object *array, struct json_object *value)
{
	if (value && !json_object_array_add(array, value))
		return true;
	json_object_put(value);
	return false;
}

static bool add_text(struct json_object *obj, const char *name,
		     const char *text)
{
	return add(obj, name, json_object_new_string(text));
}

static bool add_number(struct json_object *obj, const char *name,
		       uint64_t number)
{
	return add(obj, name, json_object_new_uint64(number));
}

static bool add_hex(struct json_object *obj, const char *name,
		    const void *bytes, size_t size)
{
	char *text = malloc(2 * size + 1);
	bool good;

	if (!text)
		return false;
	fw_hex_encode(bytes, size, text);
	good = add_text(obj, name, text);
	free(text);
	return good;
}

static bool add_digests(struct json_object *record,
			const struct fw_digests *digests)
{
	struct json_object *array = json_object_new_array();
	unsigned int bank;

	if (!add(record, "digests", array))
		return false;
	for (bank = 0; bank < FW_BANKS; bank++) {
		const struct fw_digest *digest = &digests->bank[bank];
		struct json_object *obj;

		if (!digest->size)
			continue;
		obj = json_object_new_object();
		if (!append(array, obj) ||
		    !add_text(obj, "hashAlg", fw_bank_name(bank)) ||
		    !add_hex(obj, "digest", digest->bytes, digest->size))
			return false;
	}
	return true;
}

/* The part that all have; what is in "content" is the caller's. */
static struct json_object *add_record(struct json_object *array, uint32_t pcr,
				      const struct fw_digests *digests,
				      const char *type)
{
	size_t number = json_object_array_length(array);
	struct json_object *record = json_object_new_object();
	struct json_object *content = json_object_new_object();

	if (!append(array, record) || !add_number(record, "recnum", number) ||
	    !add_number(record, "pcr", pcr) || !add_digests(record, digests) ||
	    !add_text(record, "content_type", type)) {
		json_object_put(content);
		return NULL;
	}
	return add(record, "content", content) ? content : NULL;
}

static bool add_event(struct json_object *array, const struct fw_event *event)
{
	const char *type = fw_event_type_name(event->type);
	struct json_object *content = add_record(array, event->pcr,
						 &event->digests,
						 "pcclient_std");

	return content &&
	       (type ? add_text(content, "event_type", type) :
		       add_number(content, "event_type", event->type)) &&
	       add_hex(content, "event_data", event->data, event->size);
}

static bool add_entry(struct json_object *array,
		      const struct fw_ima_entry *entry)
{
	struct fw_digests digests = { 0 };
	struct json_object *content;

	digests.bank[FW_SHA1] = entry->template_hash;
	if (entry->violation)
		memset(digests.bank[FW_SHA1].bytes, 0xff,
		       digests.bank[FW_SHA1].size);
	content = add_record(array, entry->pcr, &digests, "ima_template");
	return content &&
	       add_text(content, "template_name", entry->template_name) &&
	       add_hex(content, "template_data", entry->data, entry->data_size);
}

struct json_object *fw_cel_json(const struct fw_eventlog *log,
				const struct fw_ima *ima)
{
	struct json_object *array = json_object_new_array();
	bool good = array;
	size_t i;

	for (i = 0; good && log && i < log->count; i++)
		good = add_event(array, &log->events[i]);
	for (i = 0; good && ima && i < ima->count; i++)
		good = add_entry(array, &ima->entries[i]);
	if (!good) {
		json_object_put(array);
		return NULL;
	}
	return array;
}
