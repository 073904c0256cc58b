// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "secrets.h"

#define RECORD_MARK	0xA5
#define TAG_TEXT	'X'	/* a passphrase: no AES key */

static const struct {
	char tag;
	const char *name;
} tags[] = {
	{ 'W', "wrapping-key" },
	{ 'D', "debug-register-half" },
	{ 'P', "key" },
	{ 'M', "mac-key" },
	{ 'K', "kek" },
	{ 'T', "traffic-secret" },
	{ TAG_TEXT, "passphrase" },
};

static const char *tag_name(uint8_t tag)
{
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (tags[i].tag == tag)
			return tags[i].name;
	return NULL;
}

/* A 64-byte payload with a tail of zeros is a key of 16, 24 or 32 bytes. */
static size_t without_zero_tail(const uint8_t *bytes, size_t size)
{
	static const size_t key_sizes[] = { 16, 24, 32 };
	size_t used = size;

	while (used && !bytes[used - 1])
		used--;
	for (size_t i = 0; i < 3; i++)
		if (used <= key_sizes[i] && key_sizes[i] < size)
			return key_sizes[i];
	return size;
}

static int add(struct secrets *secrets, const char *name, const uint8_t *bytes,
	       size_t size, bool is_key)
{
	struct secret *secret;

	for (size_t i = 0; i < secrets->count; i++) {
		secret = &secrets->list[i];
		if (secret->size == size && !memcmp(secret->bytes, bytes, size)) {
			secrets->duplicates++;
			return 0;
		}
	}
	secret = reallocarray(secrets->list, secrets->count + 1, sizeof(*secret));
	if (!secret)
		return -1;
	secrets->list = secret;
	secret += secrets->count++;
	memset(secret, 0, sizeof(*secret));
	snprintf(secret->name, sizeof(secret->name), "%s", name);
	memcpy(secret->bytes, bytes, size);
	secret->size = size;
	secret->is_key = is_key;
	return 0;
}

static int malformed(const char *file, size_t at, const char *what)
{
	fprintf(stderr, "pk-scan: %s: %s at byte %zu\n", file, what, at);
	return -1;
}

static int read_records(struct secrets *secrets, const char *file,
			const uint8_t *data, size_t size)
{
	size_t at = 0;

	while (at < size) {
		const char *tag;
		char name[64];
		size_t length;

		if (size - at < 3 || data[at] != RECORD_MARK)
			return malformed(file, at, "no record of secrets");
		tag = tag_name(data[at + 1]);
		length = data[at + 2];
		if (!tag)
			return malformed(file, at, "unknown kind of secret");
		if (length < SECRET_MIN || size - at - 3 < length)
			return malformed(file, at, "record cut short");
		snprintf(name, sizeof(name), "%s@%zu", tag, at);
		if (add(secrets, name, data + at + 3,
			data[at + 1] == TAG_TEXT ? length :
				without_zero_tail(data + at + 3, length),
			data[at + 1] != TAG_TEXT))
			return -1;
		at += 3 + length;
	}
	return 0;
}

/* Bytes decoded, or -1: not hex, or too much of it. */
static int decode_hex(const char *hex, uint8_t *out)
{
	size_t digits = strlen(hex);

	if (digits % 2 || digits / 2 > SECRET_MAX)
		return -1;
	for (size_t i = 0; i < digits / 2; i++) {
		if (!isxdigit((unsigned char)hex[2 * i]) ||
		    sscanf(hex + 2 * i, "%2hhx", &out[i]) != 1 ||
		    !isxdigit((unsigned char)hex[2 * i + 1]))
			return -1;
	}
	return (int)(digits / 2);
}

static int read_lines(struct secrets *secrets, const char *file, char *text)
{
	uint8_t bytes[SECRET_MAX];
	char *next, *line;

	for (line = text; line && *line; line = next) {
		char name[64], hex[2 * SECRET_MAX + 2];
		int size;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!*line || *line == '#')
			continue;
		if (sscanf(line, "%63s %511s", name, hex) != 2)
			return malformed(file, (size_t)(line - text), "no 'NAME HEX'");
		size = decode_hex(hex, bytes);
		if (size < SECRET_MIN)
			return malformed(file, (size_t)(line - text),
					 "bad or too short hex");
		if (add(secrets, name, bytes, (size_t)size, size % 8 == 0 && size >= 16))
			return -1;
	}
	return 0;
}

static char *slurp(const char *file, size_t *size)
{
	FILE *stream = fopen(file, "rb");
	char *data = NULL;
	size_t room = 0, got;

	*size = 0;
	if (!stream)
		return NULL;
	do {
		char *larger = realloc(data, (room += 65536) + 1);

		if (!larger)
			break;
		data = larger;
		got = fread(data + *size, 1, room - *size, stream);
		*size += got;
	} while (got);
	if (data)
		data[*size] = '\0';
	fclose(stream);
	return data;
}

int secrets_read(struct secrets *secrets, const char *file)
{
	size_t size, before = secrets->count + secrets->duplicates;
	char *data = slurp(file, &size);
	int err;

	if (!data) {
		fprintf(stderr, "pk-scan: %s: %s\n", file, strerror(errno));
		return -1;
	}
	if (size && (uint8_t)data[0] == RECORD_MARK)
		err = read_records(secrets, file, (uint8_t *)data, size);
	else
		err = read_lines(secrets, file, data);
	free(data);
	if (!err && secrets->count + secrets->duplicates == before)
		return malformed(file, 0, "no secrets in it");
	return err;
}

static bool contains(const struct secrets *secrets, const struct secret *secret)
{
	for (size_t i = 0; i < secrets->count; i++)
		if (secrets->list[i].size == secret->size &&
		    !memcmp(secrets->list[i].bytes, secret->bytes, secret->size))
			return true;
	return false;
}

void secrets_drop_public(struct secrets *secrets, const struct secrets *public)
{
	size_t kept = 0;

	for (size_t i = 0; i < secrets->count; i++) {
		if (contains(public, &secrets->list[i]))
			secrets->public++;
		else
			secrets->list[kept++] = secrets->list[i];
	}
	secrets->count = kept;
}
