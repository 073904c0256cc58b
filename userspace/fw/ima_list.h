/* SPDX-License-Identifier: GPL-2.0-only */
/* What both forms of IMA's list are read with. */
#ifndef PROTKEY_FW_IMA_LIST_H
#define PROTKEY_FW_IMA_LIST_H

#include "bytes.h"
#include "ima.h"

#define IMA_HASH_SIZE	20	/* of template hashes, and of digests in "ima" */
#define IMA_NAME_SIZE	256	/* "ima" hashes a name of this size, padded */
#define IMA_FIXED_SIZE	(IMA_HASH_SIZE + IMA_NAME_SIZE)
#define IMA_ENTRIES_MAX	(4U << 20)

enum ima_template { IMA_OTHER, IMA_FIXED, IMA_NG, IMA_SIG };

struct ima_parser {
	struct fw_ima *ima;
	const uint8_t *start;
	struct bytes in;
	size_t room;		/* entries */
};

enum ima_template fw_ima_template(const char *name);

/* Memory that lives as long as the list; NULL: out of memory. */
void *fw_ima_unpack(struct fw_ima *ima, size_t size);
/* Gives back the end of what was last got. */
void fw_ima_unpack_less(struct fw_ima *ima, const void *from);

void fw_ima_set_name(struct fw_ima_entry *entry, const void *name, size_t size);
/* Sets what the template hash says: violation, consistent.  0 or negative errno. */
int fw_ima_check_hash(struct fw_ima_entry *entry);
/* Counts it, with its fields, from its data.  0 or -ENOMEM. */
int fw_ima_add(struct ima_parser *p, struct fw_ima_entry *entry, size_t offset);
int fw_ima_fault(struct ima_parser *p, size_t offset, const char *what);

/*
 * The next line of an ascii list, and those that belong to it.  1: go on, 0: the
 * end, or negative errno; what cannot be read is a fault.
 */
int fw_ima_parse_line(struct ima_parser *p, struct fw_ima_entry *entry,
		      size_t offset);

#endif
