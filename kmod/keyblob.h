/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * Key blob v1 (secure key): layout, building and parsing.
 *
 * One source for the module, libprotkey and the fuzzers; see
 * Documentation/keyblob.md for the format and its disaster recovery.
 */
#ifndef PK_KEYBLOB_H
#define PK_KEYBLOB_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>
#endif
#include "uapi/protkey.h"

#define PK_BLOB_MAGIC		"PROTKEYB"
#define PK_BLOB_VERSION		1
#define PK_BLOB_HEADER_SIZE	184
#define PK_BLOB_PAYLOAD_SIZE	64	/* key bytes, zero padded */
#define PK_BLOB_WRAP_SIZE	72	/* AES-256-KWP of the payload */

/* All integers little-endian.  The header is the KDF context of the wrapping. */
struct pk_blob {
	__u8 magic[8];
	__le16 version;
	__le16 type;			/* enum protkey_key_type */
	__le32 length;			/* PROTKEY_BLOB_SIZE */
	__u8 key_id[16];		/* random */
	__u8 domain[PROTKEY_UUID_SIZE];
	__u8 mk_pattern[PROTKEY_PATTERN_SIZE];	/* which master key wraps it */
	__u8 pattern[PROTKEY_PATTERN_SIZE];	/* of the key itself */
	__u8 volume[PROTKEY_UUID_SIZE];	/* bound volume, or zero */
	__le64 not_before;		/* Unix seconds, 0: no limit */
	__le64 not_after;
	__le32 usage;			/* PROTKEY_USAGE_* */
	__le32 flags;			/* PROTKEY_KEY_* */
	__le16 key_size;		/* bytes of key in the payload */
	__u8 reserved[62];		/* zero */
	__u8 wrapped[PK_BLOB_WRAP_SIZE];
};

/* Bytes of key material of a type, 0 for an unknown one. */
unsigned int pk_blob_key_size(unsigned int type);

/* Bits of use that a key of a type can have; an HMAC key has but one use. */
__u32 pk_blob_usage_mask(unsigned int type);

/* "xts-256" and so on; NULL for an unknown type. */
const char *pk_blob_type_name(unsigned int type);

static inline bool pk_blob_type_is_xts(unsigned int type)
{
	return type == PROTKEY_KEY_XTS_128 || type == PROTKEY_KEY_XTS_256;
}

static inline bool pk_blob_type_is_aes(unsigned int type)
{
	return type == PROTKEY_KEY_AES_128 || type == PROTKEY_KEY_AES_192 ||
	       type == PROTKEY_KEY_AES_256;
}

static inline bool pk_blob_type_is_hmac(unsigned int type)
{
	return type == PROTKEY_KEY_HMAC_256 || type == PROTKEY_KEY_HMAC_512;
}

/*
 * Check everything about @buf that can be checked without a key.
 * 0; -EINVAL @len is not a blob's length (a raw key, a truncated blob);
 * -EBADMSG the structure is wrong; -EOPNOTSUPP a newer version.
 */
int pk_blob_parse(const void *buf, size_t len, const struct pk_blob **blob);

/* Whether @now (Unix seconds) lies inside the validity dates. */
bool pk_blob_valid_at(const struct pk_blob *blob, __u64 now);

#endif /* PK_KEYBLOB_H */
