// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "samples_ima.h"

void ima_buf_put(struct ima_buf *buf, const void *bytes, size_t size)
{
	if (buf->size + size > buf->room) {
		buf->room = 2 * (buf->size + size);
		buf->at = realloc(buf->at, buf->room);
		if (!buf->at)
			abort();
	}
	if (size)
		memcpy(buf->at + buf->size, bytes, size);
	buf->size += size;
}

static void put_text(struct ima_buf *buf, const char *text)
{
	ima_buf_put(buf, text, strlen(text));
}

/* In this machine's order, as the kernel does. */
static void put_u32(struct ima_buf *buf, size_t value)
{
	uint32_t field = (uint32_t)value;

	ima_buf_put(buf, &field, sizeof(field));
}

static void put_fill(struct ima_buf *buf, uint8_t value, size_t size)
{
	while (size--)
		ima_buf_put(buf, &value, 1);
}

static void put_hex(struct ima_buf *buf, const uint8_t *bytes, size_t size)
{
	char hex[3];

	for (; size; size--, bytes++) {
		snprintf(hex, sizeof(hex), "%02x", *bytes);
		put_text(buf, hex);
	}
}

static bool is(const struct ima_sample *sample, const char *template)
{
	return !strcmp(sample->template, template);
}

static size_t digest_size(const struct ima_sample *sample)
{
	return is(sample, "ima") || !strcmp(sample->alg, "sha1") ? 20 :
	       !strcmp(sample->alg, "sha512") ? 64 : 32;
}

static uint8_t digest_fill(const struct ima_sample *sample)
{
	return sample->violation ? 0 : sample->fill;
}

void ima_sample_data(struct ima_buf *data, const struct ima_sample *sample)
{
	size_t size = digest_size(sample);

	if (is(sample, "ima")) {
		put_fill(data, digest_fill(sample), size);
		put_text(data, sample->path);
		put_fill(data, 0, 256 - strlen(sample->path));
		return;
	}
	put_u32(data, strlen(sample->alg) + 2 + size);
	put_text(data, sample->alg);
	ima_buf_put(data, ":", 2);
	put_fill(data, digest_fill(sample), size);
	put_u32(data, strlen(sample->path) + 1);
	ima_buf_put(data, sample->path, strlen(sample->path) + 1);
	if (is(sample, "ima-ng"))
		return;
	put_u32(data, sample->signature_size);
	put_fill(data, sample->fill, sample->signature_size);
}

static void template_hash(const struct ima_sample *sample, uint8_t hash[20])
{
	struct ima_buf data = { 0 };

	ima_sample_data(&data, sample);
	SHA1(data.at, data.size, hash);
	if (sample->violation)
		memset(hash, 0, 20);
	free(data.at);
}

void ima_sample_binary(struct ima_buf *list, const struct ima_sample *sample)
{
	struct ima_buf data = { 0 };
	uint8_t hash[20];

	template_hash(sample, hash);
	put_u32(list, sample->pcr);
	ima_buf_put(list, hash, sizeof(hash));
	put_u32(list, strlen(sample->template));
	put_text(list, sample->template);
	if (is(sample, "ima")) {
		put_fill(list, digest_fill(sample), 20);
		put_u32(list, strlen(sample->path));
		put_text(list, sample->path);
		return;
	}
	ima_sample_data(&data, sample);
	put_u32(list, data.size);
	ima_buf_put(list, data.at, data.size);
	free(data.at);
}

void ima_sample_ascii(struct ima_buf *list, const struct ima_sample *sample)
{
	uint8_t digest[64], byte = sample->fill, hash[20];
	char pcr[12];
	size_t i;

	template_hash(sample, hash);
	snprintf(pcr, sizeof(pcr), "%2u ", sample->pcr);
	put_text(list, pcr);
	put_hex(list, hash, sizeof(hash));
	put_text(list, " ");
	put_text(list, sample->template);
	put_text(list, " ");
	if (!is(sample, "ima")) {
		put_text(list, sample->alg);
		put_text(list, ":");
	}
	memset(digest, digest_fill(sample), sizeof(digest));
	put_hex(list, digest, digest_size(sample));
	put_text(list, " ");
	put_text(list, sample->path);
	if (!is(sample, "ima") && !is(sample, "ima-ng"))
		put_text(list, " ");
	for (i = 0; i < sample->signature_size; i++)
		put_hex(list, &byte, 1);
	put_text(list, "\n");
}
