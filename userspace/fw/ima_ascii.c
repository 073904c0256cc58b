// SPDX-License-Identifier: GPL-2.0-only
/*
 * IMA's list in ascii, one line each (ima_ascii_measurements_show()):
 *
 *	"10 " template hash " ima " digest " " path
 *	"10 " template hash " ima-ng sha256:" digest " " path
 *	"10 " template hash " ima-sig sha256:" digest " " path " " [signature]
 *
 * The template's data are put together from it, to be hashed and read as those
 * of the binary form are.  The kernel escapes nothing: it measures a space in a
 * path as "_", but a line feed is one.  So a path goes on in the next line if
 * the template hash says so.
 */
#include <errno.h>
#include <string.h>

#include "ima_list.h"

#define NO_ENTRY	"a line that is no entry"
#define HEAD_SIZE	(3 + 2 * IMA_HASH_SIZE + 1)	/* "10 ", hash, " " */

/* ---- words ------------------------------------------------------------------------ */

static bool unhex(const uint8_t *hex, size_t size, uint8_t *bytes)
{
	return size % 2 == 0 &&
	       fw_hex_bytes((const char *)hex, bytes, size / 2);
}

/* Up to the next space, which is taken too. */
static bool take_word(struct bytes *in, const uint8_t **word, size_t *size)
{
	const uint8_t *space = in->left ? memchr(in->at, ' ', in->left) : NULL;

	if (!space)
		return false;
	*size = (size_t)(space - in->at);
	return take(in, word, *size) && skip(in, 1);
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* PCR and template hash, as each entry begins. */
static bool take_head(struct bytes *in, struct fw_ima_entry *entry)
{
	const uint8_t *head;

	if (!take(in, &head, HEAD_SIZE) || !is_digit(head[1]) ||
	    (head[0] != ' ' && !is_digit(head[0])) || head[2] != ' ' ||
	    head[HEAD_SIZE - 1] != ' ')
		return false;
	entry->pcr = (uint32_t)(head[1] - '0');
	if (head[0] != ' ')
		entry->pcr += 10 * (uint32_t)(head[0] - '0');
	entry->template_hash.size = IMA_HASH_SIZE;
	return unhex(head + 3, 2 * IMA_HASH_SIZE, entry->template_hash.bytes);
}

/* ---- the template's data ------------------------------------------------------------ */

static uint8_t *put_le32(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
	at[2] = (uint8_t)(value >> 16);
	at[3] = (uint8_t)(value >> 24);
	return at + 4;
}

static bool put_fixed(struct bytes *in, uint8_t *data, size_t *size)
{
	const uint8_t *digest;
	size_t length;

	if (!take_word(in, &digest, &length) || length != 2 * IMA_HASH_SIZE ||
	    in->left >= IMA_NAME_SIZE || memchr(in->at, '\0', in->left))
		return false;
	memset(data, 0, IMA_FIXED_SIZE);
	memcpy(data + IMA_HASH_SIZE, in->at, in->left);
	*size = IMA_FIXED_SIZE;
	return unhex(digest, length, data);
}

/* "sha256:" and hex; NULL if it is not that */
static uint8_t *put_digest(uint8_t *at, const uint8_t *word, size_t size)
{
	const uint8_t *colon = size ? memchr(word, ':', size) : NULL;
	size_t name, hex;

	if (!colon)
		return NULL;
	name = (size_t)(colon + 1 - word);
	hex = size - name;
	at = put_le32(at, name + 1 + hex / 2);
	memcpy(at, word, name);
	at[name] = '\0';
	return unhex(colon + 1, hex, at + name + 1) ? at + name + 1 + hex / 2 :
						      NULL;
}

/* The signature is behind the last space: there is one even if it is empty. */
static bool split_signature(struct bytes *in, const uint8_t **hex, size_t *size)
{
	const uint8_t *space = in->left ? memrchr(in->at, ' ', in->left) : NULL;

	if (!space)
		return false;
	*hex = space + 1;
	*size = in->left - 1 - (size_t)(space - in->at);
	in->left = (size_t)(space - in->at);
	return true;
}

static bool put_ng(struct bytes *in, enum ima_template template, uint8_t *data,
		   size_t *size)
{
	const uint8_t *word, *signature = NULL;
	size_t length, hex = 0;
	uint8_t *at;

	if (!take_word(in, &word, &length))
		return false;
	at = put_digest(data, word, length);
	if (!at || (template == IMA_SIG &&
		    !split_signature(in, &signature, &hex)))
		return false;
	at = put_le32(at, in->left + 1);
	memcpy(at, in->at, in->left);
	at += in->left;
	*at++ = '\0';
	if (template == IMA_SIG) {
		at = put_le32(at, hex / 2);
		if (!unhex(signature, hex, at))
			return false;
		at += hex / 2;
	}
	*size = (size_t)(at - data);
	return true;
}

/* ---- entries ------------------------------------------------------------------------ */

/* 1 read, 0 it has no data or cannot be read, -ENOMEM. */
static int unpack_data(struct fw_ima *ima, struct fw_ima_entry *entry,
		       struct bytes *in)
{
	enum ima_template template = fw_ima_template(entry->template_name);
	/* three sizes and two zeros come in, two spaces and half the hex go */
	size_t size = template == IMA_FIXED ? IMA_FIXED_SIZE : in->left + 16;
	uint8_t *data;
	bool good;

	entry->data = NULL;
	entry->data_size = 0;
	if (template == IMA_OTHER)
		return 0;
	data = fw_ima_unpack(ima, size);
	if (!data)
		return -ENOMEM;
	good = template == IMA_FIXED ? put_fixed(in, data, &size) :
				       put_ng(in, template, data, &size);
	if (!good) {
		fw_ima_unpack_less(ima, data);
		return 0;
	}
	fw_ima_unpack_less(ima, data + size);
	entry->data = data;
	entry->data_size = size;
	return 1;
}

/* The rest of an entry after its head.  0 or negative errno. */
static int read_rest(struct fw_ima *ima, struct fw_ima_entry *entry,
		     struct bytes rest)
{
	const uint8_t *name;
	size_t size;
	int ret = 0;

	if (take_word(&rest, &name, &size)) {
		fw_ima_set_name(entry, name, size);
		ret = unpack_data(ima, entry, &rest);
	}
	return ret < 0 ? ret : fw_ima_check_hash(entry);
}

static size_t line_size(const struct bytes *in)
{
	const uint8_t *end = in->left ? memchr(in->at, '\n', in->left) : NULL;

	return end ? (size_t)(end - in->at) : in->left;
}

/* Takes lines that are no entries; how long they and what is before are. */
static size_t skip_others(struct bytes *in, const uint8_t *from)
{
	const uint8_t *end = in->at;

	while (in->left) {
		struct fw_ima_entry entry;
		struct bytes head = *in;

		if (take_head(&head, &entry))
			break;
		skip(in, line_size(in));
		end = in->at;
		skip(in, 1);
	}
	return (size_t)(end - from);
}

static const char *missing(const struct fw_ima_entry *entry)
{
	return fw_ima_template(entry->template_name) == IMA_OTHER ?
	       "its template can only be checked in the binary list" :
	       "its fields are not those of its template";
}

/*
 * @line is the entry's first line after its head, @p is behind it.  Takes the
 * lines that follow and are no entries.  0: they are its path, or there are
 * none; 1: they are nobody's; -ENOMEM.
 */
static int join_lines(struct ima_parser *p, struct fw_ima_entry *entry,
		      struct bytes line)
{
	struct bytes next = p->in, joined = line;
	struct fw_ima_entry longer = *entry;
	int ret;

	joined.left = skip_others(&next, line.at);
	if (next.at == p->in.at)
		return 0;
	p->in = next;
	if (entry->consistent || entry->violation)
		return 1;
	ret = read_rest(p->ima, &longer, joined);
	if (!ret && longer.consistent)
		*entry = longer;
	return ret ? ret : !longer.consistent;
}

static int add(struct ima_parser *p, struct fw_ima_entry *entry, size_t offset)
{
	int ret = 0;

	if (!entry->data)
		ret = fw_ima_fault(p, offset, missing(entry));
	return ret ? ret : fw_ima_add(p, entry, offset);
}

/* Lines before the first entry: any others were joined to one.  1 or -ENOMEM. */
static int skip_first(struct ima_parser *p)
{
	size_t offset = (size_t)(p->in.at - p->start);

	skip_others(&p->in, p->in.at);
	return fw_ima_fault(p, offset, NO_ENTRY) ? -ENOMEM : 1;
}

int fw_ima_parse_line(struct ima_parser *p, struct fw_ima_entry *entry,
		      size_t offset)
{
	struct bytes line = { p->in.at, line_size(&p->in) };
	bool whole = line.left < p->in.left;
	size_t others;
	int ret;

	if (!take_head(&line, entry))
		return skip_first(p);
	skip(&p->in, line_size(&p->in));
	skip(&p->in, 1);
	ret = read_rest(p->ima, entry, line);
	if (!ret && !whole && !entry->consistent)
		return fw_ima_fault(p, offset,
				    "the list ends in the middle of it");
	if (ret)
		return ret;
	others = (size_t)(p->in.at - p->start);
	ret = join_lines(p, entry, line);
	if (ret < 0)
		return ret;
	if (add(p, entry, offset) || (ret && fw_ima_fault(p, others, NO_ENTRY)))
		return -ENOMEM;
	return 1;
}
