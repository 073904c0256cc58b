/* SPDX-License-Identifier: GPL-2.0-only */
/* What kinds of events say, for component.c. */
#ifndef PROTKEY_FW_DESCRIBE_H
#define PROTKEY_FW_DESCRIBE_H

#include "bytes.h"
#include "component.h"
#include "eventtype.h"

/* An event that is being described; all but @event is to be filled in. */
struct description {
	const struct fw_eventlog *log;
	const struct fw_event *event;
	/* '#' in ->name stands for a number that makes it unique. */
	struct fw_component *of;
	/* The data that may have been hashed, by the specifications. */
	struct bytes candidate[4];
	unsigned int candidates;
	uint8_t *copy;		/* of a candidate that is not in the log as it is */
	/* Started last by the firmware or a loader: "shim", "grub" ... or "". */
	char *loader;
};

#define LOADER_ROOM	16

/* All: 0 or -ENOMEM.  By groups of types; true when it was one of theirs. */
int describe_firmware(struct description *d, bool *mine);
int describe_variable(struct description *d, bool *mine);
int describe_image(struct description *d, bool *mine);
int describe_ipl(struct description *d, bool *mine);

void describe_name(struct description *d, enum fw_class class, const char *fmt,
		   ...) __attribute__((format(printf, 3, 4)));
/* Text of one printable line; what is not printable becomes '?'. */
int describe_text(struct description *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void describe_candidate(struct description *d, const void *data, size_t size);

/* ASCII of UTF-16LE, up to a NUL or @size bytes; cut off to fit. */
void utf16_text(const uint8_t *data, size_t size, char *text, size_t room);
/* Printable ASCII of bytes up to a NUL. */
void ascii_text(const uint8_t *data, size_t size, char *text, size_t room);
bool looks_utf16(const uint8_t *data, size_t size);
/* The last part of a path with either slash. */
const char *base_name(const char *path);
/* Lower case, what is no letter or digit as '-'. */
void slug_text(const char *from, char *slug, size_t room);

/* An EFI device path in words; the file's path alone to @file, or "". */
void device_path_text(struct bytes path, char *text, size_t room, char *file,
		      size_t file_room);

/* Lists of signatures as in db: 0, -ENOMEM; false in @valid if malformed. */
int signature_lists(struct fw_component *of, struct bytes in, bool *valid,
		    char *text, size_t room);
/* Whose certificate it is: "CN=..." or "". */
void certificate_text(const uint8_t *der, size_t size, char *text, size_t room);

#endif
