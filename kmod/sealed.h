/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * Sealed state v1 of a domain: layout and parsing.
 *
 * One source for the module, libprotkey and the fuzzers.  The format, its
 * authentication and the state machine are in Documentation/domains.md.
 *
 *	header (192) | section | section | ... | MAC (16)
 */
#ifndef PK_SEALED_H
#define PK_SEALED_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <linux/types.h>
#endif
#include "uapi/protkey.h"

#define PK_SEALED_MAGIC		"PKDOMAIN"
#define PK_SEALED_VERSION	1
#define PK_SEALED_MAC_SIZE	16
#define PK_SEALED_SLOTS		16	/* seal slots */

/* All integers little-endian. */
struct pk_sealed_header {
	__u8 magic[8];
	__le16 version;
	__le16 flags;			/* PROTKEY_DOMAIN_* */
	__le32 length;			/* of the whole state, MAC included */
	__u8 uuid[PROTKEY_UUID_SIZE];
	__u8 name[PROTKEY_NAME_SIZE];	/* NUL padded */
	__le64 generation;		/* grows by one with every change */
	__le64 created;			/* Unix seconds */
	__u8 pattern_current[PROTKEY_PATTERN_SIZE];
	__u8 pattern_old[PROTKEY_PATTERN_SIZE];	/* zero: empty */
	__u8 pattern_new[PROTKEY_PATTERN_SIZE];
	__le32 sections;		/* how many follow */
	__u8 reserved[60];		/* zero */
};

enum pk_section_type {
	PK_SECTION_SEAL		= 1,
	PK_SECTION_VOLUME	= 2,
	/* rooms of the full form, see Documentation/domains.md */
	PK_SECTION_MK_REGISTER	= 3,
	PK_SECTION_ADMIN	= 4,
	PK_SECTION_THRESHOLD	= 5,
	PK_SECTION_PERSON	= 6,
	PK_SECTION_COUNTER	= 7,
	PK_SECTION_SEAL_DATA	= 9,	/* see sealdata.h */
	PK_SECTION_QUOTA	= 10,
	PK_SECTION_MEASURED	= 11,
};

#define PK_SECTION_CRITICAL	(1U << 0)	/* refuse a state if unknown */

struct pk_section {
	__le16 type;
	__le16 flags;
	__le32 length;			/* with this header; multiple of 8 */
};

struct pk_section_seal {
	struct pk_section section;
	struct protkey_seal_params params;	/* integers little-endian */
	__u8 wrapped[72];		/* AES-256-KWP of MK || 0^32 */
};

struct pk_section_volume {
	struct pk_section section;
	__u8 uuid[PROTKEY_UUID_SIZE];
	__u8 pattern[PROTKEY_PATTERN_SIZE];
	__u8 cipher[32];
	__le32 sector_size;
	__le32 key_size;
	__le64 pinned_at;
	__u8 label[40];
};

#define PK_REGISTER_COMMITTED	(1U << 0)

/* Master key register NEW or OLD, wrapped under CURRENT. */
struct pk_section_register {
	struct pk_section section;
	__le32 which;			/* enum protkey_mk_register */
	__le16 loaded;			/* NEW: parts; OLD: zero */
	__le16 wanted;
	__le32 flags;			/* NEW: PK_REGISTER_* */
	__le32 officers;		/* NEW: numbers of persons who loaded parts */
	__u8 parts[PROTKEY_MK_PARTS_MAX][PROTKEY_PATTERN_SIZE];
	__u8 wrapped[72];		/* AES-256-KWP of MK || 0^32 */
};

/* An administrator: followed by @size bytes of certificate, then zeros. */
struct pk_section_admin {
	struct pk_section section;
	__le32 size;
	__u32 reserved;			/* zero */
};

/* There if there are administrators. */
struct pk_section_thresholds {
	struct pk_section section;
	__u8 m[PROTKEY_CLASSES];	/* enum protkey_class */
	__u8 reserved[4];		/* zero */
};

/* There if quotas were set. */
struct pk_section_quota {
	struct pk_section section;
	__le32 keys;
	__le32 sessions;
	__le32 tls_keys;
	__u32 reserved;			/* zero */
};

/* A person: Documentation/domains.md. */
struct pk_section_person {
	struct pk_section section;
	__u8 name[PROTKEY_NAME_SIZE];
	__le64 id;			/* random, of this enrolment */
	__le32 roles;			/* PROTKEY_ROLE_*, not 0 */
	__le16 number;			/* below PROTKEY_PERSONS_MAX, his alone */
	__u8 factor;			/* enum protkey_factor */
	__u8 digits;			/* of a code; 0 without factor */
	struct protkey_seal_params params;	/* integers little-endian */
	__u8 verifier[32];		/* HMAC-SHA-256 of the credential */
	__u8 wrapped[72];		/* AES-256-KWP of the secret, 64 bytes */
};

/* There if a measured boot is demanded. */
struct pk_section_measured {
	struct pk_section section;
	struct protkey_measured measured;	/* integers little-endian */
};

static inline size_t pk_section_admin_length(size_t size)
{
	return sizeof(struct pk_section_admin) + ((size + 7) & ~(size_t)7);
}

/*
 * Check the structure of a sealed state (not its authenticity): lengths,
 * names, zero padding, known sections, at most one seal per slot, seal data for
 * just the slots that need it, and one pin per volume.  0; -EBADMSG damaged; -EOPNOTSUPP newer, or unknown critical
 * section.
 */
int pk_sealed_parse(const void *buf, size_t len,
		    const struct pk_sealed_header **header);

/* Walk: first section after @prev (NULL: the first); NULL at the end. */
const struct pk_section *pk_sealed_next(const struct pk_sealed_header *header,
					const struct pk_section *prev);

const struct pk_section_seal *
pk_sealed_find_seal(const struct pk_sealed_header *header, unsigned int slot);

const struct pk_section_volume *
pk_sealed_find_volume(const struct pk_sealed_header *header, const __u8 *uuid);

const struct pk_section_register *
pk_sealed_find_register(const struct pk_sealed_header *header,
			unsigned int which);

/* Whether a slot of @kind has a section of seal data. */
bool pk_seal_has_data(unsigned int kind);

/* How many administrators there are. */
unsigned int pk_sealed_admins(const struct pk_sealed_header *header);
const struct pk_section_thresholds *
pk_sealed_find_thresholds(const struct pk_sealed_header *header);

/* None is more than the most, the reserved field is zero. */
bool pk_quota_valid(const struct protkey_quota *quota);
const struct pk_section_quota *
pk_sealed_find_quota(const struct pk_sealed_header *header);
/* The state's, or what holds if nothing was set. */
void pk_sealed_quota(const struct pk_sealed_header *header,
		     struct protkey_quota *quota);

const struct pk_section_person *
pk_sealed_find_person(const struct pk_sealed_header *header, const char *name);
/* How many persons have one of @roles. */
unsigned int pk_sealed_persons(const struct pk_sealed_header *header, __u32 roles);

/* A passphrase, or 32 random bytes (PROTKEY_SEAL_FILE); in this machine's order. */
bool pk_person_params_valid(const struct protkey_seal_params *params);
/* A code's digits fit the factor. */
bool pk_person_factor_valid(unsigned int factor, unsigned int digits);

const struct pk_section *
pk_sealed_find_measured(const struct pk_sealed_header *header);
/* What the state demands of a boot; false: nothing. */
bool pk_sealed_measured(const struct pk_sealed_header *header,
			struct protkey_measured *measured);

/* The costs fit the kind, reserved fields are zero.  In this machine's order. */
bool pk_seal_params_valid(const struct protkey_seal_params *params);

/* [a-z0-9][a-z0-9_.-]*, shorter than PROTKEY_NAME_SIZE, not "control". */
bool pk_name_valid(const char *name);

#endif /* PK_SEALED_H */
