// SPDX-License-Identifier: GPL-2.0-only
/* EFI device paths in words: UEFI specification, chapter 10. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "describe.h"

#define NODE(type, subtype)	((type) << 8 | (subtype))
#define END			NODE(0x7f, 0xff)
#define PATH_ROOM		256

struct out {
	char *text;
	size_t used, room;
};

static void put(struct out *out, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct out *out, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (out->used >= out->room)
		return;
	if (out->used && *fmt != '\\')
		out->text[out->used++] = '/';
	va_start(ap, fmt);
	n = vsnprintf(out->text + out->used, out->room - out->used, fmt, ap);
	va_end(ap);
	out->used += n > 0 ? (size_t)n : 0;
}

static void put_guid(struct out *out, const char *what, struct bytes in)
{
	uint32_t a;
	uint16_t b, c;

	if (take_le32(&in, &a) && take_le16(&in, &b) && take_le16(&in, &c) &&
	    in.left >= 8)
		put(out, "%s(%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x)",
		    what, a, b, c, in.at[0], in.at[1], in.at[2], in.at[3],
		    in.at[4], in.at[5], in.at[6], in.at[7]);
	else
		put(out, "%s", what);
}

static void put_file(struct out *out, struct bytes in, char *file, size_t room)
{
	char path[PATH_ROOM];
	size_t used = strlen(file);

	utf16_text(in.at, in.left, path, sizeof(path));
	put(out, "%s%s", *path == '\\' ? "" : "\\", path);
	snprintf(file + used, room - used, "%s", path);
}

static void put_node(struct out *out, unsigned int node, struct bytes in,
		     char *file, size_t room)
{
	uint32_t number = 0;

	switch (node) {
	case NODE(1, 1):
		if (in.left >= 2)
			put(out, "Pci(0x%x,0x%x)", in.at[1], in.at[0]);
		break;
	case NODE(2, 1):
		if (skip(&in, 4))
			take_le32(&in, &number);
		put(out, "Acpi(%u)", number);
		break;
	case NODE(3, 0x0b):
		put(out, "Mac");
		break;
	case NODE(3, 0x17):
		put(out, "NVMe");
		break;
	case NODE(4, 1):
		take_le32(&in, &number);
		put(out, "Partition(%u)", number);
		break;
	case NODE(4, 4):
		put_file(out, in, file, room);
		break;
	case NODE(4, 6):
		put_guid(out, "FvFile", in);
		break;
	case NODE(4, 7):
		put_guid(out, "Fv", in);
		break;
	default:
		put(out, "Node(%u,%u)", node >> 8, node & 0xff);
	}
}

void device_path_text(struct bytes path, char *text, size_t room, char *file,
		      size_t file_room)
{
	struct out out = { text, 0, room };
	uint8_t type, subtype;
	const uint8_t *body;
	uint16_t size;

	text[0] = file[0] = '\0';
	while (take_u8(&path, &type) && take_u8(&path, &subtype) &&
	       take_le16(&path, &size) && size >= 4 &&
	       take(&path, &body, size - 4U)) {
		unsigned int node = NODE((unsigned int)type, subtype);

		if (node == END)
			break;
		put_node(&out, node, (struct bytes){ body, size - 4U }, file,
			 file_room);
	}
}
