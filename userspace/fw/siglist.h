/* SPDX-License-Identifier: GPL-2.0-only */
/* EFI_SIGNATURE_LIST, UEFI specification 32.4.1. */
#ifndef PROTKEY_FW_SIGLIST_H
#define PROTKEY_FW_SIGLIST_H

#include "bytes.h"

#define SIGNATURE_GUID	16	/* bytes of a list's type */
#define SIGNATURE_OWNER	16	/* of who put an entry there, before it */

struct signature_list {
	const uint8_t *type;
	struct bytes entries;	/* of @each bytes, owner included */
	uint32_t each;
};

/*
 * Takes one off the front; false at the end, and where it is malformed: then
 * something is left.
 */
static inline bool take_signature_list(struct bytes *in,
				       struct signature_list *list)
{
	struct bytes at = *in;
	uint32_t size, header;

	if (!take(&at, &list->type, SIGNATURE_GUID) || !take_le32(&at, &size) ||
	    !take_le32(&at, &header) || !take_le32(&at, &list->each) ||
	    size < (size_t)(at.at - in->at))
		return false;
	size -= (uint32_t)(at.at - in->at);
	list->entries.left = size;
	if (!take(&at, &list->entries.at, size) ||
	    !skip(&list->entries, header) || list->each <= SIGNATURE_OWNER ||
	    list->entries.left % list->each)
		return false;
	*in = at;
	return true;
}

#endif
