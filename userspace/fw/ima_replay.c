// SPDX-License-Identifier: GPL-2.0-only
/*
 * What IMA extends PCR 10 with.
 *
 * Bank SHA-1: the template hash.  Other banks: since Linux 5.8 the bank's own
 * hash of the template's data, or, if the kernel had no such hash when IMA
 * started, the SHA-1 hash with zeros behind it, as all kernels before did.
 *
 * A violation has a hash of zeros in the list, but ones are extended
 * (ima_add_template_entry()), so that nobody can quote a PCR that hides it: in
 * all of the bank's size, or before 5.8 in the SHA-1 part.
 */
#include <string.h>

#include "ima_list.h"

#define IMA_PCR		10

enum how { OWN_HASH, PADDED, PADDED_ONES, HOWS };

/* False if it cannot be known. */
static bool extended_with(const struct fw_ima_entry *entry, enum fw_bank bank,
			  enum how how, struct fw_digest *digest)
{
	size_t size = fw_bank_size(bank);

	if (how == OWN_HASH && bank != FW_SHA1 && !entry->violation)
		return entry->data && !fw_digest_of(bank, entry->data,
						    entry->data_size, digest);
	memset(digest->bytes, 0, size);
	digest->size = (uint8_t)size;
	if (entry->violation)
		memset(digest->bytes, 0xff,
		       how == PADDED_ONES ? IMA_HASH_SIZE : size);
	else
		memcpy(digest->bytes, entry->template_hash.bytes,
		       IMA_HASH_SIZE);
	return true;
}

static long replay(const struct fw_ima *ima, enum fw_bank bank, enum how how,
		   const struct fw_digest *value)
{
	struct fw_digest pcr = { .size = (uint8_t)fw_bank_size(bank) }, digest;
	size_t i;

	for (i = 0; !fw_digest_equal(&pcr, value); i++) {
		if (i == ima->count)
			return -1;
		/* the policy may send some to another PCR */
		if (ima->entries[i].pcr == IMA_PCR &&
		    (!extended_with(&ima->entries[i], bank, how, &digest) ||
		     fw_digest_extend(bank, &pcr, &digest)))
			return -1;
	}
	return (long)i;
}

long fw_ima_replay(const struct fw_ima *ima, enum fw_bank bank,
		   const struct fw_digest *value)
{
	enum how how;
	long count = -1;

	if (value->size != fw_bank_size(bank))
		return -1;
	for (how = OWN_HASH; count < 0 && how < HOWS; how++) {
		/* all the same in SHA-1; the last two, but for violations */
		if (how != OWN_HASH && bank == FW_SHA1)
			break;
		if (how == PADDED_ONES && !ima->violations)
			break;
		count = replay(ima, bank, how, value);
	}
	return count;
}
