// SPDX-License-Identifier: GPL-2.0-only
/* Authenticode digests; offsets are of Microsoft's PE format. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pe.h"

#define DOS_PE_OFFSET	0x3c
#define COFF_SIZE	24		/* with its "PE\0\0" */
#define COFF_SECTIONS	6
#define COFF_OPTIONAL	20
#define OPT_HEADERS	60		/* SizeOfHeaders */
#define OPT_CHECKSUM	64
#define DIR_CERTIFICATES 4
#define SECTION_SIZE	40
#define SECTION_RAW	16		/* its size, then its offset */
#define SECTIONS_MAX	96

struct span {
	uint32_t offset, size;
};

struct pe {
	const uint8_t *image;
	size_t size;
	size_t checksum;	/* offset of 4 bytes */
	size_t directory;	/* offset of 8 bytes; 0: there is none */
	size_t headers;
	uint32_t certificates;	/* bytes at the end */
	struct span sections[SECTIONS_MAX];
	unsigned int section_count;
};

static uint32_t le32(const uint8_t *at)
{
	return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

static unsigned int le16(const uint8_t *at)
{
	return at[0] | at[1] << 8;
}

static bool within(const struct pe *pe, size_t offset, size_t size)
{
	return offset <= pe->size && size <= pe->size - offset;
}

static int compare(const void *a, const void *b)
{
	const struct span *one = a, *other = b;

	return one->offset < other->offset ? -1 : one->offset > other->offset;
}

static bool read_sections(struct pe *pe, size_t at, unsigned int count)
{
	unsigned int i;

	if (count > SECTIONS_MAX || !within(pe, at, count * SECTION_SIZE))
		return false;
	for (i = 0; i < count; i++) {
		const uint8_t *raw = pe->image + at + i * SECTION_SIZE +
				     SECTION_RAW;
		struct span span = { le32(raw + 4), le32(raw) };

		if (!span.size)
			continue;
		if (!within(pe, span.offset, span.size))
			return false;
		pe->sections[pe->section_count++] = span;
	}
	qsort(pe->sections, pe->section_count, sizeof(pe->sections[0]),
	      compare);
	return true;
}

/* The entry of the signatures, which are at the end of the file. */
static bool read_directory(struct pe *pe, size_t optional, size_t optional_size,
			   size_t directories)
{
	size_t entry = directories + DIR_CERTIFICATES * 8;
	const uint8_t *at = pe->image + optional;
	uint32_t offset;

	if (optional_size < directories)
		return false;
	if (le32(at + directories - 4) <= DIR_CERTIFICATES)
		return true;
	if (optional_size < entry + 8)
		return false;
	pe->directory = optional + entry;
	offset = le32(at + entry);
	pe->certificates = le32(at + entry + 4);
	return !pe->certificates || (within(pe, offset, pe->certificates) &&
				     offset + pe->certificates == pe->size);
}

static bool read_headers(struct pe *pe)
{
	size_t coff, optional, optional_size, directories;
	unsigned int magic;

	if (pe->size < DOS_PE_OFFSET + 4 || memcmp(pe->image, "MZ", 2))
		return false;
	coff = le32(pe->image + DOS_PE_OFFSET);
	if (!within(pe, coff, COFF_SIZE) ||
	    memcmp(pe->image + coff, "PE\0\0", 4))
		return false;
	optional = coff + COFF_SIZE;
	optional_size = le16(pe->image + coff + COFF_OPTIONAL);
	if (optional_size < OPT_CHECKSUM + 4 ||
	    !within(pe, optional, optional_size))
		return false;
	magic = le16(pe->image + optional);
	directories = magic == 0x20b ? 112 : 96;
	if (magic != 0x20b && magic != 0x10b)
		return false;
	pe->checksum = optional + OPT_CHECKSUM;
	pe->headers = le32(pe->image + optional + OPT_HEADERS);
	return read_directory(pe, optional, optional_size, directories) &&
	       within(pe, 0, pe->headers) &&
	       pe->headers >= (pe->directory ? pe->directory + 8 :
			       pe->checksum + 4) &&
	       read_sections(pe, optional + optional_size,
			     le16(pe->image + coff + COFF_SECTIONS));
}

/* All that counts, one after the other, into @out; how much. */
static size_t collect(const struct pe *pe, uint8_t *out)
{
	size_t at = 0, from, end, counted = pe->headers;
	unsigned int i;

	memcpy(out, pe->image, pe->checksum);
	at += pe->checksum;
	from = pe->checksum + 4;
	end = pe->directory ? pe->directory : pe->headers;
	memcpy(out + at, pe->image + from, end - from);
	at += end - from;
	if (pe->directory) {
		from = pe->directory + 8;
		memcpy(out + at, pe->image + from, pe->headers - from);
		at += pe->headers - from;
	}
	for (i = 0; i < pe->section_count; i++) {
		memcpy(out + at, pe->image + pe->sections[i].offset,
		       pe->sections[i].size);
		at += pe->sections[i].size;
		counted += pe->sections[i].size;
	}
	/* what is behind the last section, up to the signatures */
	end = pe->size - pe->certificates;
	if (counted < end) {
		memcpy(out + at, pe->image + counted, end - counted);
		at += end - counted;
	}
	return at;
}

int fw_pe_digest(enum fw_bank bank, const void *image, size_t size,
		 struct fw_digest *digest)
{
	struct pe pe = { .image = image, .size = size };
	size_t room;
	uint8_t *all;
	unsigned int i;
	int ret;

	if (!read_headers(&pe))
		return -EBADMSG;
	/* sections that overlap are counted twice */
	for (room = 2 * size, i = 0; i < pe.section_count; i++)
		room += pe.sections[i].size;
	all = malloc(room);
	if (!all)
		return -ENOMEM;
	ret = fw_digest_of(bank, all, collect(&pe, all), digest);
	free(all);
	return ret;
}
