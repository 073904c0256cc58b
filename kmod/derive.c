// SPDX-License-Identifier: GPL-2.0-only
/* SP 800-108 derivations of public messages under a slot's key: derive.h. */

#include <linux/bitfield.h>
#include <linux/mm.h>
#include <linux/string.h>


#include "compat/compat.h"
#include "derive.h"
#include "vault.h"

#define BLOCK		16
#define MESSAGE_MAX	round_up(4 + 32 + 1 + PK_KDF_MAX_CONTEXT + 4 + 1, BLOCK)
#define CMAC_PADDED	(1U << PK_CMAC_PADDED_BIT)

/* A CMAC message in whole blocks. */
struct message {
	u8 data[MESSAGE_MAX];
	unsigned int blocks;
	unsigned int flags;
};

/* SP 800-38B padding; @room has the space for it. */
static unsigned int cmac_pad(u8 *data, size_t len, unsigned int *flags)
{
	size_t padded = round_up(max_t(size_t, len, 1), BLOCK);

	*flags = 0;
	if (padded != len) {
		memset(data + len, 0, padded - len);
		data[len] = 0x80;
		*flags = CMAC_PADDED;
	}
	return padded / BLOCK;
}

/* [1] || label || 00 || context || [bits] */
static int kdf_message(struct message *m, const char *label,
		       const void *context, size_t len, u32 bits)
{
	size_t label_len = strlen(label);
	u8 *p = m->data;

	if (WARN_ON_ONCE(label_len > 32 || len > PK_KDF_MAX_CONTEXT))
		return -EINVAL;
	put_unaligned_be32(1, p);
	p += 4;
	memcpy(p, label, label_len + 1);	/* with its NUL: the separator */
	p += label_len + 1;
	if (len)
		memcpy(p, context, len);
	p += len;
	put_unaligned_be32(bits, p);
	p += 4;
	m->blocks = cmac_pad(m->data, p - m->data, &m->flags);
	return 0;
}

int pk_derive_key(const struct pk_slot *ki, const char *label,
		  const void *context, size_t len, struct pk_slot *dst)
{
	struct message m;
	int ret = kdf_message(&m, label, context, len, 256);

	return ret ?: pk_op_derive(ki, dst, m.data, m.blocks, m.flags);
}

int pk_derive_pattern(const struct pk_slot *ki, const char *label,
		      const void *context, size_t len, u8 *out16)
{
	struct message m;
	int ret = kdf_message(&m, label, context, len, 128);

	return ret ?: pk_op_cmac(ki, m.data, m.blocks, m.flags, out16);
}

int pk_derive_key_pattern(const struct pk_slot *key, u16 type, u16 size,
			  u8 *out16)
{
	u8 first[BLOCK], last[BLOCK] = { };

	static_assert(sizeof(PK_LABEL_KEY_PATTERN) == 12);
	put_unaligned_be32(1, first);
	memcpy(first + 4, PK_LABEL_KEY_PATTERN, sizeof(PK_LABEL_KEY_PATTERN));
	put_unaligned_le16(type, last);
	put_unaligned_le16(size, last + 2);
	put_unaligned_be32(128, last + 12);
	return pk_op_pattern(key, first, last, out16);
}

int pk_derive_mac(const struct pk_slot *key, const void *data, size_t len,
		  u8 *out16)
{
	unsigned int blocks, flags;
	u8 *copy;
	int ret;

	copy = kvmalloc(len + BLOCK, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, len);
	blocks = cmac_pad(copy, len, &flags);
	ret = pk_op_cmac(key, copy, blocks, flags, out16);
	kvfree(copy);
	return ret;
}
