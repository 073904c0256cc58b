/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libprotkey: secure keys (key blobs). */
#ifndef PROTKEY_KEY_H
#define PROTKEY_KEY_H

#include <stddef.h>
#include <protkey/uapi.h>

#ifdef __cplusplus
extern "C" {
#endif

/** struct protkey_key_info - the public fields of a key blob */
struct protkey_key_info {
	__u32 type;		/* enum protkey_key_type */
	__u32 key_size;		/* bytes */
	__u32 usage;		/* PROTKEY_USAGE_*, 0: any */
	__u32 flags;		/* PROTKEY_KEY_* */
	__u8 key_id[16];
	__u8 domain[PROTKEY_UUID_SIZE];
	__u8 mk_pattern[PROTKEY_PATTERN_SIZE];
	__u8 pattern[PROTKEY_PATTERN_SIZE];
	__u8 volume[PROTKEY_UUID_SIZE];	/* zero: not bound */
	__u64 not_before;	/* Unix seconds, 0: no limit */
	__u64 not_after;
};

/**
 * protkey_key_parse() - read the header of a key blob
 * @blob: the bytes
 * @size: how many
 * @info: filled
 *
 * Needs no module; what it says is authentic only after protkey_key_verify().
 *
 * Return: 0; -EINVAL not PROTKEY_BLOB_SIZE bytes, -EBADMSG damaged or not a
 * key blob, -EOPNOTSUPP newer format.
 */
int protkey_key_parse(const void *blob, size_t size,
		      struct protkey_key_info *info);

/**
 * protkey_key_type_name() - "xts-256" and so on
 * @type: enum protkey_key_type
 *
 * Return: a constant, or NULL for an unknown type.
 */
const char *protkey_key_type_name(unsigned int type);

/**
 * protkey_key_type_find() - the type of a name
 * @name: as protkey_key_type_name() gives it
 *
 * Return: enum protkey_key_type, or -EINVAL.
 */
int protkey_key_type_find(const char *name);

/**
 * protkey_key_type_size() - bytes of key
 * @type: enum protkey_key_type
 *
 * Return: bytes, 0 for an unknown type.
 */
unsigned int protkey_key_type_size(unsigned int type);

/**
 * protkey_key_generate() - make a key in registers
 * @domain: from protkey_domain_open()
 * @make: in: type, usage, flags, dates, volume; out: pattern, blob
 *
 * Return: 0; -ENOKEY domain locked, -EINVAL, -EAGAIN no hardware entropy.
 */
int protkey_key_generate(int domain, struct protkey_key_make *make);

/**
 * protkey_key_import() - wrap a key that was in clear
 * @domain: from protkey_domain_open()
 * @make: in: type, usage, flags, dates, volume; out: pattern, blob
 * @clear: the key; the caller wipes it
 * @size: its bytes, as the type wants
 *
 * Return: 0; -ENOKEY domain locked, -EINVAL type or size, -EKEYREJECTED the
 * halves of an XTS key are equal.
 */
int protkey_key_import(int domain, struct protkey_key_make *make,
		       const void *clear, size_t size);

/**
 * protkey_key_verify() - open a key blob in the module and check its pattern
 * @domain: from protkey_domain_open()
 * @blob: the bytes
 * @size: how many
 * @result: filled
 *
 * Return: 0; -EINVAL not a blob's size, -EBADMSG not a key blob, -EXDEV of
 * another domain, -ESTALE under a master key that the domain no longer has,
 * -EKEYREJECTED not authentic, -ENOKEY domain locked.
 */
int protkey_key_verify(int domain, const void *blob, size_t size,
		       struct protkey_key_verify *result);

#ifdef __cplusplus
}
#endif
#endif
