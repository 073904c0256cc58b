/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * The one table of key derivations.
 *
 * SP 800-108r1 KDF in counter mode with AES-256-CMAC as PRF, 32-bit counter
 * and length, big-endian:
 *
 *	K(i) = CMAC(KI, [i] || label || 00 || context || [L])
 *
 * which is OpenSSL 3's KBKDF with mac=CMAC cipher=AES-256-CBC, salt=label,
 * info=context.  KI is always 32 bytes.
 */
#ifndef PK_DERIVE_H
#define PK_DERIVE_H

/*
 * 1  wrapping key of a key blob.  KI = MK, context = the blob's header
 *    (184 bytes), L = 256.  Payload: AES-256-KWP of 64 bytes.
 */
#define PK_LABEL_BLOB		"protkey key blob v1"
/* 2  verification pattern of a master key.  KI = MK, no context, L = 128. */
#define PK_LABEL_MK_PATTERN	"protkey mk pattern v1"
/*
 * 3  wrapping key of a seal slot.  KI = KEK, context = domain UUID (16) ||
 *    seal parameters (88), L = 256.  Payload: AES-256-KWP of MK || 0^32.
 */
#define PK_LABEL_SEAL		"protkey seal v1"
/*
 * 4  key of the sealed state's MAC.  KI = MK, context = domain UUID, L = 256.
 *    MAC = AES-256-CMAC over all bytes before it.
 */
#define PK_LABEL_STATE_MAC	"protkey state mac v1"
/*
 * 5  verification pattern of a key.  With P = the 64-byte payload: KI =
 *    P[0..31], context = P[32..63] || type (le16) || size (le16) || 0^8,
 *    L = 128.  The label has 11 bytes so that the secret part of the context
 *    fills whole AES blocks and is fed from registers.
 */
#define PK_LABEL_KEY_PATTERN	"protkey kvp"

/*
 * 6  wrapping key of a master key register in the sealed state.  KI = CURRENT,
 *    context = domain UUID (16) || pattern of the register (16), L = 256.
 *    Payload: AES-256-KWP of the register || 0^32.
 */
#define PK_LABEL_REGISTER	"protkey mk register v1"
/*
 * 7  wrapping key of a master-key part in safe keeping.  KI = KEK, context =
 *    domain UUID (16) || seal parameters (88), L = 256.  Payload: AES-256-KWP of
 *    the part || 0^32.
 */
#define PK_LABEL_PART		"protkey mk part v1"
/*
 * 8  wrapping key of an audit entry's key.  KI = MK, context = domain UUID (16) ||
 *    segment (16) || sequence (le64), L = 256.  Payload: AES-256-KWP of the key ||
 *    0^32.
 */
#define PK_LABEL_AUDIT		"protkey audit key v1"
/* 9  the audit key after an entry.  KI = the key before, no context, L = 256. */
#define PK_LABEL_AUDIT_NEXT	"protkey audit next v1"
/*
 * 10  wrapping key of a person's secret.  KI = MK, context = domain UUID (16) || name
 *    (32) || enrolment (le64), L = 256.  Payload: AES-256-KWP of the secret, 64 bytes.
 */
#define PK_LABEL_PERSON		"protkey person v1"

#ifdef __KERNEL__
#include <linux/types.h>

struct pk_slot;

#define PK_KDF_MAX_CONTEXT	192

/*
 * @dst (header set, unpublished) := 32 bytes derived from @ki; or a public
 * 16-byte verification pattern.  Errors: see pk_op_derive().
 */
int pk_derive_key(const struct pk_slot *ki, const char *label,
		  const void *context, size_t len, struct pk_slot *dst);
int pk_derive_pattern(const struct pk_slot *ki, const char *label,
		      const void *context, size_t len, u8 *out16);
/* Row 5 of the table: the pattern of the 64-byte payload in @key. */
int pk_derive_key_pattern(const struct pk_slot *key, u16 type, u16 size,
			  u8 *out16);

/* AES-256-CMAC of @len bytes under the slot's first 32 bytes. */
int pk_derive_mac(const struct pk_slot *key, const void *data, size_t len,
		  u8 *out16);
#endif /* __KERNEL__ */

#endif /* PK_DERIVE_H */
