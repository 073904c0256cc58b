// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
/*
 * Key blob v1: parsing.
 *
 * Nothing here needs a key, and nothing here proves that a blob is genuine:
 * the header is bound to its payload by the derivation of the wrapping key, so
 * authenticity is established when the payload is unwrapped, not before.
 * Strictness buys that there is exactly one way to write a blob.
 */
#include "keyblob.h"
#include "wire.h"

#define PK_BLOB_FLAGS	(PROTKEY_KEY_EXPORTABLE | PROTKEY_KEY_IMPORTED)

static_assert(sizeof(struct pk_blob) == PROTKEY_BLOB_SIZE,
	      "a key blob has one size");
static_assert(offsetof(struct pk_blob, wrapped) == PK_BLOB_HEADER_SIZE,
	      "the header is the derivation context");
static_assert(PK_BLOB_WRAP_SIZE == PK_BLOB_PAYLOAD_SIZE + 8,
	      "KWP adds one semi-block");

static const struct {
	unsigned int type;
	unsigned int size;
	const char *name;
} pk_blob_types[] = {
	{ PROTKEY_KEY_AES_128,	16, "aes-128" },
	{ PROTKEY_KEY_AES_192,	24, "aes-192" },
	{ PROTKEY_KEY_AES_256,	32, "aes-256" },
	{ PROTKEY_KEY_XTS_128,	32, "xts-128" },
	{ PROTKEY_KEY_XTS_256,	64, "xts-256" },
	{ PROTKEY_KEY_HMAC_256,	32, "hmac-256" },
	{ PROTKEY_KEY_HMAC_512,	64, "hmac-512" },
};

#define PK_BLOB_TYPES	(sizeof(pk_blob_types) / sizeof(pk_blob_types[0]))

unsigned int pk_blob_key_size(unsigned int type)
{
	unsigned int i;

	for (i = 0; i < PK_BLOB_TYPES; i++)
		if (pk_blob_types[i].type == type)
			return pk_blob_types[i].size;
	return 0;
}

const char *pk_blob_type_name(unsigned int type)
{
	unsigned int i;

	for (i = 0; i < PK_BLOB_TYPES; i++)
		if (pk_blob_types[i].type == type)
			return pk_blob_types[i].name;
	return NULL;
}

__u32 pk_blob_usage_mask(unsigned int type)
{
	return pk_blob_type_is_hmac(type) ? 0 :
	       PROTKEY_USAGE_ENCRYPT | PROTKEY_USAGE_DECRYPT;
}

/* Type, size and bits of use belong together. */
static bool pk_blob_key_fields_ok(const struct pk_blob *blob)
{
	unsigned int type = le16_to_cpu(blob->type);
	unsigned int size = pk_blob_key_size(type);

	return size && size == le16_to_cpu(blob->key_size) &&
	       !(le32_to_cpu(blob->flags) & ~PK_BLOB_FLAGS) &&
	       !(le32_to_cpu(blob->usage) & ~pk_blob_usage_mask(type));
}

/* A zero limit is no limit; two limits must leave at least one second. */
static bool pk_blob_dates_ok(const struct pk_blob *blob)
{
	__u64 from = le64_to_cpu(blob->not_before);
	__u64 to = le64_to_cpu(blob->not_after);

	return !to || from <= to;
}

/* Random or derived fields: zero means that nobody filled them in. */
static bool pk_blob_identity_ok(const struct pk_blob *blob)
{
	return memchr_inv(blob->key_id, 0, sizeof(blob->key_id)) &&
	       memchr_inv(blob->domain, 0, sizeof(blob->domain)) &&
	       memchr_inv(blob->mk_pattern, 0, sizeof(blob->mk_pattern)) &&
	       memchr_inv(blob->pattern, 0, sizeof(blob->pattern));
}

int pk_blob_parse(const void *buf, size_t len, const struct pk_blob **blob)
{
	const struct pk_blob *b = buf;

	if (len != PROTKEY_BLOB_SIZE)
		return -EINVAL;
	if (memcmp(b->magic, PK_BLOB_MAGIC, sizeof(b->magic)))
		return -EBADMSG;
	if (le16_to_cpu(b->version) > PK_BLOB_VERSION)
		return -EOPNOTSUPP;
	if (le16_to_cpu(b->version) != PK_BLOB_VERSION ||
	    le32_to_cpu(b->length) != PROTKEY_BLOB_SIZE)
		return -EBADMSG;
	if (memchr_inv(b->reserved, 0, sizeof(b->reserved)))
		return -EBADMSG;
	if (!pk_blob_key_fields_ok(b) || !pk_blob_dates_ok(b) ||
	    !pk_blob_identity_ok(b))
		return -EBADMSG;
	*blob = b;
	return 0;
}

bool pk_blob_valid_at(const struct pk_blob *blob, __u64 now)
{
	__u64 from = le64_to_cpu(blob->not_before);
	__u64 to = le64_to_cpu(blob->not_after);

	return now >= from && (!to || now <= to);
}
