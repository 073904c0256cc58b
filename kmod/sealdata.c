// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
/* Seal data: structure only; see sealdata.h. */
#include "sealdata.h"
#include "wire.h"

static_assert(sizeof(struct pk_section_seal_data) == 16, "seal data on disk");
static_assert(sizeof(struct pk_seal_tpm) == 56, "TPM's part on disk");

unsigned int pk_seal_tpm_count(__u32 pcrs)
{
	unsigned int count = 0;

	for (; pcrs; pcrs &= pcrs - 1)
		count++;
	return count;
}

static bool tpm_part_ok(size_t size)
{
	return size && size <= PK_SEAL_TPM_PART_MAX;
}

/*
 * A slot asks for a PIN or opens once in a boot.  Were neither allowed, a changed
 * file could have the object opened without the PCR extended.  That PCR is in
 * the policy, and one that only a restart resets.
 */
static bool tpm_once_ok(__u32 flags, __u32 pcrs, __u32 pcr)
{
	if (flags & PK_SEAL_TPM_PIN)
		return !(flags & PK_SEAL_TPM_ONCE) && !pcr;
	return flags & PK_SEAL_TPM_ONCE && pcr <= PK_SEAL_TPM_ONCE_MAX &&
	       pcrs & (1U << pcr);
}

static bool tpm_share_ok(__u32 index)
{
	return !index || (index >= PK_SEAL_TPM_NV_FIRST &&
			  index <= PK_SEAL_TPM_NV_LAST);
}

static int check_tpm(const void *data, size_t size)
{
	const struct pk_seal_tpm *tpm = data;
	__u32 flags, pcrs;
	size_t want;

	if (size < sizeof(*tpm))
		return -EBADMSG;
	if (le16_to_cpu(tpm->version) > PK_SEAL_TPM_VERSION)
		return -EOPNOTSUPP;
	flags = le16_to_cpu(tpm->flags);
	pcrs = le32_to_cpu(tpm->pcrs);
	if (le16_to_cpu(tpm->version) != PK_SEAL_TPM_VERSION ||
	    flags & ~(PK_SEAL_TPM_PIN | PK_SEAL_TPM_ONCE) ||
	    pcrs >> PK_SEAL_TPM_PCRS ||
	    !tpm_share_ok(le32_to_cpu(tpm->share)) ||
	    !tpm_once_ok(flags, pcrs, le32_to_cpu(tpm->once_pcr)) ||
	    !tpm_part_ok(le16_to_cpu(tpm->public_size)) ||
	    !tpm_part_ok(le16_to_cpu(tpm->private_size)))
		return -EBADMSG;
	want = sizeof(*tpm) + pk_seal_tpm_count(pcrs) * PK_SEAL_TPM_DIGEST +
	       le16_to_cpu(tpm->public_size) + le16_to_cpu(tpm->private_size);
	return size == want ? 0 : -EBADMSG;
}

/* A compact JWE: five base64url texts with dots between them. */
static int check_clevis(const __u8 *text, size_t size)
{
	unsigned int dots = 0;
	size_t i;

	for (i = 0; i < size; i++) {
		__u8 c = text[i];

		dots += c == '.';
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.')
			return -EBADMSG;
	}
	return dots == 4 && text[0] != '.' ? 0 : -EBADMSG;
}

int pk_seal_data_check(unsigned int kind, const void *data, size_t size)
{
	if (!size || size > PROTKEY_SEAL_DATA_MAX)
		return -EBADMSG;
	switch (kind) {
	case PROTKEY_SEAL_TPM:
		return check_tpm(data, size);
	case PROTKEY_SEAL_CLEVIS:
		return check_clevis(data, size);
	default:
		return -EBADMSG;
	}
}

int pk_seal_data_parse(const struct pk_section *section)
{
	const struct pk_section_seal_data *data = (const void *)section;
	size_t length = le32_to_cpu(section->length), size, room;
	const __u8 *bytes = pk_seal_data_bytes(data);

	if (length < sizeof(*data))
		return -EBADMSG;
	room = length - sizeof(*data);
	size = le32_to_cpu(data->size);
	if (size > room || room - size >= 8 ||
	    le16_to_cpu(data->slot) >= PK_SEALED_SLOTS ||
	    memchr_inv(bytes + size, 0, room - size))
		return -EBADMSG;
	return pk_seal_data_check(le16_to_cpu(data->kind), bytes, size);
}

const struct pk_section_seal_data *
pk_sealed_find_data(const struct pk_sealed_header *header, unsigned int slot)
{
	const struct pk_section *at = NULL;

	while ((at = pk_sealed_next(header, at))) {
		const struct pk_section_seal_data *data = (const void *)at;

		if (le16_to_cpu(at->type) == PK_SECTION_SEAL_DATA &&
		    le16_to_cpu(data->slot) == slot)
			return data;
	}
	return NULL;
}
