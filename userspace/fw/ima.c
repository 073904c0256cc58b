// SPDX-License-Identifier: GPL-2.0-only
/*
 * IMA's list: see ima.h.  Binary form, in the byte order of the machine, which
 * is little-endian (ima_measurements_show() of the kernel):
 *
 *	u32 pcr | 20 template hash | u32 size | template's name |
 *	    u32 size | template's data
 * where data are, for ima-ng and ima-sig, what is hashed as well:
 *	u32 size | "sha256:\0", digest | u32 size | path, \0 |
 *	    ima-sig: u32 size | signature
 * and for ima, which has no size before it:
 *	20 digest | u32 size | path
 * but hashed is the digest and the path padded to 256 bytes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "ima_list.h"

#define CHUNK_MIN	(4U << 10)
#define CHUNK_MAX	(1U << 20)

/* ---- memory for what is not in the log itself --------------------------------- */

struct chunk {
	struct chunk *next;
	size_t used, size;
	uint8_t bytes[];
};

/* Each twice as large as the one before. */
static size_t next_size(const struct chunk *last, size_t size)
{
	size_t next = last ? 2 * last->size : CHUNK_MIN;

	if (next > CHUNK_MAX)
		next = CHUNK_MAX;
	return size > next ? size : next;
}

void *fw_ima_unpack(struct fw_ima *ima, size_t size)
{
	struct chunk *chunk = ima->storage;

	if (!chunk || chunk->size - chunk->used < size) {
		size_t room = next_size(chunk, size);

		chunk = malloc(sizeof(*chunk) + room);
		if (!chunk)
			return NULL;
		chunk->next = ima->storage;
		chunk->size = room;
		chunk->used = 0;
		ima->storage = chunk;
	}
	chunk->used += size;
	return chunk->bytes + chunk->used - size;
}

void fw_ima_unpack_less(struct fw_ima *ima, const void *from)
{
	struct chunk *chunk = ima->storage;

	chunk->used = (size_t)((const uint8_t *)from - chunk->bytes);
}

void fw_ima_free(struct fw_ima *ima)
{
	struct chunk *chunk = ima->storage, *next;

	for (; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(ima->entries);
	free(ima->faults);
	memset(ima, 0, sizeof(*ima));
}

/* ---- entries -------------------------------------------------------------------- */

enum ima_template fw_ima_template(const char *name)
{
	return !strcmp(name, "ima") ? IMA_FIXED :
	       !strcmp(name, "ima-ng") ? IMA_NG :
	       !strcmp(name, "ima-sig") ? IMA_SIG : IMA_OTHER;
}

int fw_ima_fault(struct ima_parser *p, size_t offset, const char *what)
{
	return fw_fault_add(&p->ima->faults, &p->ima->fault_count,
			    p->ima->count, offset, "%s", what);
}

/* Zeroed, not yet counted; NULL: out of memory. */
static struct fw_ima_entry *new_entry(struct ima_parser *p)
{
	struct fw_ima *ima = p->ima;

	if (ima->count == p->room) {
		size_t room = p->room ? 2 * p->room : 64;
		void *entries = reallocarray(ima->entries, room,
					     sizeof(*ima->entries));

		if (!entries)
			return NULL;
		ima->entries = entries;
		p->room = room;
	}
	memset(&ima->entries[ima->count], 0, sizeof(*ima->entries));
	return &ima->entries[ima->count];
}

/* A name that is cut off is none of the three that are known. */
void fw_ima_set_name(struct fw_ima_entry *entry, const void *name, size_t size)
{
	if (size >= sizeof(entry->template_name))
		size = sizeof(entry->template_name) - 1;
	memcpy(entry->template_name, name, size);
}

static bool all_zero(const struct fw_digest *digest)
{
	static const uint8_t zeros[FW_DIGEST_MAX];

	return !memcmp(digest->bytes, zeros, digest->size);
}

int fw_ima_check_hash(struct fw_ima_entry *entry)
{
	struct fw_digest digest;
	int ret;

	entry->violation = all_zero(&entry->template_hash);
	entry->consistent = false;
	if (entry->violation || !entry->data)
		return 0;
	ret = fw_digest_of(FW_SHA1, entry->data, entry->data_size, &digest);
	entry->consistent = !ret &&
			    fw_digest_equal(&digest, &entry->template_hash);
	return ret;
}

/* "sha256:", a zero, the digest */
static bool read_digest(struct fw_ima_entry *entry, const uint8_t *field,
			size_t size)
{
	const uint8_t *colon = memchr(field, ':', size);
	size_t name = colon ? (size_t)(colon - field) : size;

	if (name + 2 > size || name >= sizeof(entry->file_alg) || colon[1] ||
	    memchr(field, '\0', name) || size - name - 2 > FW_DIGEST_MAX)
		return false;
	memcpy(entry->file_alg, field, name);
	entry->file_hash.size = (uint8_t)(size - name - 2);
	memcpy(entry->file_hash.bytes, colon + 2, entry->file_hash.size);
	return true;
}

static bool read_path(struct fw_ima_entry *entry, const uint8_t *field,
		      size_t size)
{
	if (!size || memchr(field, '\0', size) != field + size - 1)
		return false;
	entry->path = (const char *)field;
	entry->path_size = size - 1;
	return true;
}

static bool take_field(struct bytes *in, const uint8_t **field, size_t *size)
{
	uint32_t value;

	if (!take_le32(in, &value) || !take(in, field, value))
		return false;
	*size = value;
	return true;
}

static bool read_ng(struct fw_ima_entry *entry, enum ima_template template)
{
	struct bytes in = { entry->data, entry->data_size };
	const uint8_t *field;
	size_t size;

	if (!take_field(&in, &field, &size) ||
	    !read_digest(entry, field, size) ||
	    !take_field(&in, &field, &size) || !read_path(entry, field, size))
		return false;
	if (template == IMA_SIG) {
		if (!take_field(&in, &field, &size))
			return false;
		entry->signature = size ? field : NULL;
		entry->signature_size = size;
	}
	return !in.left;
}

/* SHA-1 or MD5: the list does not say which, and has 20 bytes for either. */
static void read_fixed(struct fw_ima_entry *entry)
{
	const char *path = (const char *)entry->data + IMA_HASH_SIZE;

	strcpy(entry->file_alg, "sha1");
	memcpy(entry->file_hash.bytes, entry->data, IMA_HASH_SIZE);
	entry->file_hash.size = IMA_HASH_SIZE;
	entry->path = path;
	entry->path_size = strnlen(path, IMA_NAME_SIZE);
}

/* False if they are not what the template says. */
static bool read_fields(struct fw_ima_entry *entry)
{
	enum ima_template template = fw_ima_template(entry->template_name);

	if (template == IMA_OTHER || !entry->data)
		return true;
	if (template == IMA_FIXED) {
		read_fixed(entry);
		return true;
	}
	if (read_ng(entry, template))
		return true;
	entry->file_alg[0] = '\0';
	memset(&entry->file_hash, 0, sizeof(entry->file_hash));
	entry->path = NULL;
	entry->signature = NULL;
	entry->path_size = entry->signature_size = 0;
	return false;
}

int fw_ima_add(struct ima_parser *p, struct fw_ima_entry *entry, size_t offset)
{
	int ret = 0;

	if (!read_fields(entry))
		ret = fw_ima_fault(p, offset,
				   "its data are not those of its template");
	if (!ret && entry->pcr >= FW_PCRS)
		ret = fw_ima_fault(p, offset, "there is no such PCR");
	p->ima->violations += entry->violation;
	p->ima->count++;
	return ret;
}

/* ---- the binary form ------------------------------------------------------------ */

/* 1 taken, 0 the list ends before, -EBADMSG, -ENOMEM */
static int take_fixed(struct ima_parser *p, struct fw_ima_entry *entry)
{
	const uint8_t *digest, *path;
	uint32_t size;
	uint8_t *data;

	if (!take(&p->in, &digest, IMA_HASH_SIZE) || !take_le32(&p->in, &size))
		return 0;
	if (size >= IMA_NAME_SIZE)
		return -EBADMSG;
	if (!take(&p->in, &path, size))
		return 0;
	if (memchr(path, '\0', size))
		return -EBADMSG;
	data = fw_ima_unpack(p->ima, IMA_FIXED_SIZE);
	if (!data)
		return -ENOMEM;
	memset(data, 0, IMA_FIXED_SIZE);
	memcpy(data, digest, IMA_HASH_SIZE);
	memcpy(data + IMA_HASH_SIZE, path, size);
	entry->data = data;
	entry->data_size = IMA_FIXED_SIZE;
	return 1;
}

static int take_binary(struct ima_parser *p, struct fw_ima_entry *entry)
{
	const uint8_t *hash, *name;
	size_t size;

	if (!take_le32(&p->in, &entry->pcr) ||
	    !take(&p->in, &hash, IMA_HASH_SIZE) ||
	    !take_field(&p->in, &name, &size))
		return 0;
	if (!size || memchr(name, '\0', size))
		return -EBADMSG;
	memcpy(entry->template_hash.bytes, hash, IMA_HASH_SIZE);
	entry->template_hash.size = IMA_HASH_SIZE;
	fw_ima_set_name(entry, name, size);
	if (fw_ima_template(entry->template_name) == IMA_FIXED)
		return take_fixed(p, entry);
	return take_field(&p->in, &entry->data, &entry->data_size);
}

/* 1: go on, 0: the end, or negative errno. */
static int parse_binary(struct ima_parser *p, struct fw_ima_entry *entry,
			size_t offset)
{
	int ret = take_binary(p, entry);

	if (!ret)
		return fw_ima_fault(p, offset,
				    "the list ends in the middle of it");
	if (ret == -EBADMSG)
		return fw_ima_fault(p, offset,
				    "it is malformed: nothing after it can be read");
	if (ret > 0)
		ret = fw_ima_check_hash(entry);
	if (!ret)
		ret = fw_ima_add(p, entry, offset);
	return ret ? ret : 1;
}

/* ---- the whole -------------------------------------------------------------------- */

static bool is_ascii(const uint8_t *data, size_t size)
{
	/* "10 ": as the binary form this would be a PCR over a million */
	return size >= 3 && (data[0] == ' ' || (data[0] >= '0' && data[0] <= '9')) &&
	       data[1] >= '0' && data[1] <= '9' && data[2] == ' ';
}

static int parse(struct ima_parser *p)
{
	bool ascii = is_ascii(p->in.at, p->in.left);
	int ret = 1;

	while (ret > 0 && p->in.left) {
		size_t offset = (size_t)(p->in.at - p->start);
		struct fw_ima_entry *entry;

		if (p->ima->count == IMA_ENTRIES_MAX)
			return -EFBIG;
		entry = new_entry(p);
		if (!entry)
			return -ENOMEM;
		ret = ascii ? fw_ima_parse_line(p, entry, offset) :
			      parse_binary(p, entry, offset);
	}
	return ret < 0 ? ret : 0;
}

int fw_ima_parse(const void *data, size_t size, struct fw_ima *ima)
{
	struct ima_parser p = { ima, data, { data, size }, 0 };
	int ret;

	memset(ima, 0, sizeof(*ima));
	if (size > FW_IMA_MAX)
		return -EFBIG;
	ret = parse(&p);
	if (!ret && size && !ima->count)
		ret = -EBADMSG;
	if (ret)
		fw_ima_free(ima);
	return ret;
}
