// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a Canonical Event Log: see cel.h.  Each record is put into the binary
 * form of its log, whose parser then does what it does with any log.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cel.h"
#include "eventtype.h"
#include "field.h"
#include "ima_list.h"

#define SPEC_ID_03	"Spec ID Event03"

struct reader {
	FILE *event_log, *ima_log;
	size_t events, entries;
	bool agile;
	char *why;
};

struct record {
	uint32_t pcr;
	struct fw_digests digests;
	const char *type;
	struct json_object *content;
};

static int bad(struct reader *r, const char *what)
{
	snprintf(r->why, FW_CEL_WHY, "record %zu: %s", r->events + r->entries,
		 what);
	return -EBADMSG;
}

/* A stream in memory fails only where memory does, which fclose() will tell. */
static void put(FILE *out, const void *bytes, size_t size)
{
	fwrite(bytes, 1, size, out);
}

static void put_le16(FILE *out, uint16_t value)
{
	uint8_t bytes[2] = { (uint8_t)value, (uint8_t)(value >> 8) };

	put(out, bytes, sizeof(bytes));
}

static void put_le32(FILE *out, size_t value)
{
	put_le16(out, (uint16_t)value);
	put_le16(out, (uint16_t)(value >> 16));
}

/* ---- what all records have -------------------------------------------------------- */

static bool read_digests(struct json_object *array, struct fw_digests *digests)
{
	const char *name, *hex;
	enum fw_bank bank;
	size_t i;

	for (i = 0; i < json_object_array_length(array); i++) {
		struct json_object *obj = json_object_array_get_idx(array, i);

		if (!json_object_is_type(obj, json_type_object) ||
		    fw_json_string(obj, "hashAlg", &name) ||
		    fw_json_string(obj, "digest", &hex) ||
		    !fw_bank_find(name, &bank) || digests->bank[bank].size ||
		    !fw_hex_decode(hex, digests->bank[bank].bytes,
				   fw_bank_size(bank)))
			return false;
		digests->bank[bank].size = (uint8_t)fw_bank_size(bank);
	}
	return true;
}

static int read_record(struct reader *r, struct json_object *obj,
		       struct record *record)
{
	struct json_object *digests;
	uint64_t pcr;
	int ret;

	memset(record, 0, sizeof(*record));
	if (!json_object_is_type(obj, json_type_object))
		return bad(r, "it is no object");
	ret = fw_json_number(obj, "pcr", &pcr);
	if (ret == -ENOENT)	/* so in late drafts, and in what follows them */
		ret = fw_json_number(obj, "index", &pcr);
	if (ret || pcr > UINT32_MAX)
		return bad(r, "it has no number of a PCR");
	record->pcr = (uint32_t)pcr;
	if (fw_json_array(obj, "digests", &digests) ||
	    !read_digests(digests, &record->digests))
		return bad(r, "its digests are none, or of unknown algorithms");
	if (fw_json_string(obj, "content_type", &record->type) ||
	    fw_json_object(obj, "content", &record->content))
		return bad(r, "it has no content");
	return 0;
}

/* The bytes of a field in hex, which the caller frees. */
static int read_hex(struct reader *r, struct json_object *obj, const char *name,
		    uint8_t **bytes, size_t *size)
{
	const char *hex;

	if (fw_json_string(obj, name, &hex))
		return bad(r, "its content lacks data");
	*size = strlen(hex) / 2;
	*bytes = malloc(*size + 1);
	if (!*bytes)
		return -ENOMEM;
	if (fw_hex_decode(hex, *bytes, *size))
		return 0;
	free(*bytes);
	return bad(r, "its data are no hex");
}

/* ---- the event log ------------------------------------------------------------------ */

static int read_type(struct reader *r, struct json_object *content,
		     uint32_t *type)
{
	const char *name;
	uint64_t number;

	if (!fw_json_string(content, "event_type", &name) &&
	    fw_event_type_find(name, type))
		return 0;
	if (fw_json_number(content, "event_type", &number) ||
	    number > UINT32_MAX)
		return bad(r, "its event type is unknown");
	*type = (uint32_t)number;
	return 0;
}

static unsigned int count_digests(const struct fw_digests *digests)
{
	unsigned int bank, count = 0;

	for (bank = 0; bank < FW_BANKS; bank++)
		count += digests->bank[bank].size != 0;
	return count;
}

static void put_digests(FILE *out, const struct fw_digests *digests)
{
	unsigned int bank;

	put_le32(out, count_digests(digests));
	for (bank = 0; bank < FW_BANKS; bank++) {
		const struct fw_digest *digest = &digests->bank[bank];

		if (!digest->size)
			continue;
		put_le16(out, fw_bank_alg(bank));
		put(out, digest->bytes, digest->size);
	}
}

static int put_event(struct reader *r, const struct record *record,
		     uint32_t type, const uint8_t *data, size_t size)
{
	const struct fw_digest *sha1 = &record->digests.bank[FW_SHA1];
	FILE *out = r->event_log;

	if (!r->agile && (!sha1->size || count_digests(&record->digests) != 1))
		return bad(r, r->events ?
			   "the log's header does not announce its digests" :
			   "the log's header has not just one digest, SHA-1");
	put_le32(out, record->pcr);
	put_le32(out, type);
	if (r->agile)
		put_digests(out, &record->digests);
	else
		put(out, sha1->bytes, sha1->size);
	put_le32(out, size);
	put(out, data, size);
	if (!r->events++)
		r->agile = type == EV_NO_ACTION && size >= sizeof(SPEC_ID_03) &&
			   !memcmp(data, SPEC_ID_03, sizeof(SPEC_ID_03));
	return 0;
}

static int read_event(struct reader *r, const struct record *record)
{
	uint32_t type;
	uint8_t *data;
	size_t size;
	int ret;

	ret = read_type(r, record->content, &type);
	if (!ret)
		ret = read_hex(r, record->content, "event_data", &data, &size);
	if (ret)
		return ret;
	ret = put_event(r, record, type, data, size);
	free(data);
	return ret;
}

/* ---- IMA's list ----------------------------------------------------------------------- */

/* 276 bytes are hashed, but the list has the path without its padding. */
static int put_fixed(struct reader *r, const uint8_t *data, size_t size)
{
	static const uint8_t zeros[IMA_NAME_SIZE];
	const char *path = (const char *)data + IMA_HASH_SIZE;
	size_t length;

	if (size != IMA_FIXED_SIZE)
		return bad(r, "data of template ima are 276 bytes");
	length = strnlen(path, IMA_NAME_SIZE);
	if (length == IMA_NAME_SIZE ||
	    memcmp(path + length, zeros, IMA_NAME_SIZE - length))
		return bad(r, "its path is not padded with zeros");
	put(r->ima_log, data, IMA_HASH_SIZE);
	put_le32(r->ima_log, length);
	put(r->ima_log, path, length);
	return 0;
}

static bool all_ones(const struct fw_digest *digest)
{
	size_t i;

	for (i = 0; i < digest->size && digest->bytes[i] == 0xff;)
		i++;
	return i == digest->size;
}

static int put_entry(struct reader *r, const struct record *record,
		     const char *name, const uint8_t *data, size_t size)
{
	static const uint8_t violation[IMA_HASH_SIZE];
	const struct fw_digest *sha1 = &record->digests.bank[FW_SHA1];
	int ret = 0;

	put_le32(r->ima_log, record->pcr);
	put(r->ima_log, all_ones(sha1) ? violation : sha1->bytes, IMA_HASH_SIZE);
	put_le32(r->ima_log, strlen(name));
	put(r->ima_log, name, strlen(name));
	if (fw_ima_template(name) == IMA_FIXED) {
		ret = put_fixed(r, data, size);
	} else {
		put_le32(r->ima_log, size);
		put(r->ima_log, data, size);
	}
	r->entries++;
	return ret;
}

static int read_entry(struct reader *r, const struct record *record)
{
	const char *name;
	uint8_t *data;
	size_t size;
	int ret;

	if (!record->digests.bank[FW_SHA1].size)
		return bad(r, "it has no SHA-1 template hash");
	if (fw_json_string(record->content, "template_name", &name) || !*name)
		return bad(r, "it has no template name");
	ret = read_hex(r, record->content, "template_data", &data, &size);
	if (ret)
		return ret;
	ret = put_entry(r, record, name, data, size);
	free(data);
	return ret;
}

/* ---- the whole ------------------------------------------------------------------------ */

static int read_records(struct reader *r, struct json_object *array)
{
	struct record record;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < json_object_array_length(array); i++) {
		ret = read_record(r, json_object_array_get_idx(array, i),
				  &record);
		if (ret)
			break;
		if (!strcmp(record.type, "pcclient_std"))
			ret = read_event(r, &record);
		else if (!strcmp(record.type, "ima_template"))
			ret = read_entry(r, &record);
		else
			ret = bad(r, "its content is of an unknown type");
	}
	return ret;
}

static int open_buffer(struct fw_buffer *buffer, FILE **stream)
{
	*stream = open_memstream((char **)&buffer->data, &buffer->size);
	return *stream ? 0 : -ENOMEM;
}

static int close_buffer(FILE *stream)
{
	int failed;

	if (!stream)
		return 0;
	failed = ferror(stream);
	return fclose(stream) || failed ? -ENOMEM : 0;
}

static void drop(struct fw_buffer *buffer)
{
	free(buffer->data);
	memset(buffer, 0, sizeof(*buffer));
}

int fw_cel_parse(const char *json, size_t size, struct fw_buffer *event_log,
		 struct fw_buffer *ima_log, char why[FW_CEL_WHY])
{
	struct reader r = { .why = why };
	struct json_object *array;
	const char *wrong;
	int ret, closed;

	why[0] = '\0';
	memset(event_log, 0, sizeof(*event_log));
	memset(ima_log, 0, sizeof(*ima_log));
	if (size > FW_CEL_MAX)
		return -EFBIG;
	array = fw_json_parse_as(json_type_array, json, size, &wrong);
	if (!array) {
		snprintf(why, FW_CEL_WHY, "it %s", wrong);
		return -EBADMSG;
	}
	ret = open_buffer(event_log, &r.event_log);
	if (!ret)
		ret = open_buffer(ima_log, &r.ima_log);
	if (!ret)
		ret = read_records(&r, array);
	closed = close_buffer(r.event_log);
	if (!closed)
		closed = close_buffer(r.ima_log);
	else
		close_buffer(r.ima_log);
	json_object_put(array);
	if (ret || closed || !event_log->size)
		drop(event_log);
	if (ret || closed || !ima_log->size)
		drop(ima_log);
	return ret ? ret : closed;
}
