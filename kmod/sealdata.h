/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * Seal data: what a TPM or clevis needs to give the KEK of a seal slot back.
 * Public bytes, kept in the sealed state beside the slot and under its MAC.
 *
 * One source for the module, libprotkey and the fuzzers; the format is in
 * Documentation/domains.md.
 */
#ifndef PK_SEALDATA_H
#define PK_SEALDATA_H

#include "sealed.h"

/* Followed by @size bytes and zeros up to a multiple of 8. */
struct pk_section_seal_data {
	struct pk_section section;
	__le16 slot;			/* the seal slot it belongs to */
	__le16 kind;			/* and that slot's kind */
	__le32 size;
};

#define PK_SEAL_TPM_VERSION	1
#define PK_SEAL_TPM_PIN		(1U << 0)	/* wants a PIN */
#define PK_SEAL_TPM_ONCE	(1U << 1)	/* once in a boot: @once_pcr */
#define PK_SEAL_TPM_ONCE_MAX	15		/* 16 to 23 can be reset */
#define PK_SEAL_TPM_PCRS	24
#define PK_SEAL_TPM_DIGEST	32		/* SHA-256 */
#define PK_SEAL_TPM_PART_MAX	1024
#define PK_SEAL_TPM_NV_FIRST	0x01800000U	/* the owner's NV indices */
#define PK_SEAL_TPM_NV_LAST	0x01bfffffU

/*
 * The data of a TPM slot.  Followed by the enrolled value of each PCR in @pcrs
 * in ascending order, then the object's public and private part as the TPM
 * marshals them.
 */
struct pk_seal_tpm {
	__le16 version;
	__le16 flags;			/* PK_SEAL_TPM_* */
	__le32 parent;			/* persistent handle; 0: made each time */
	__le32 pcrs;			/* SHA-256 bank, bit per PCR */
	__le32 once_pcr;		/* extended after an unseal; else 0 */
	__le16 public_size;
	__le16 private_size;
	__le32 share;			/* NV index with a pad of the KEK; or 0 */
	__u8 parent_name[PK_SEAL_TPM_DIGEST];
};

/* Structure of the data of a slot of @kind.  0, -EBADMSG, -EOPNOTSUPP newer. */
int pk_seal_data_check(unsigned int kind, const void *data, size_t size);

/* Of a section whose length field is good.  0, -EBADMSG, -EOPNOTSUPP. */
int pk_seal_data_parse(const struct pk_section *section);

static inline const void *
pk_seal_data_bytes(const struct pk_section_seal_data *data)
{
	return data + 1;
}

/* How many PCRs are in @pcrs. */
unsigned int pk_seal_tpm_count(__u32 pcrs);

const struct pk_section_seal_data *
pk_sealed_find_data(const struct pk_sealed_header *header, unsigned int slot);

#endif /* PK_SEALDATA_H */
