/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * protkey: protected keys on x86-64 - the whole user ABI of protkey.ko.
 *
 * Two kinds of character device:
 *
 *   /dev/protkey/control      status, domain create/unlock/list/delete
 *   /dev/protkey/<domain>     everything about one domain; a container is
 *                             given only this node
 *
 * Rules for every structure: fixed size, pointers are __u64, reserved fields
 * must be zero (else -EINVAL), every variable size is capped.  Errors that any
 * ioctl can give: -EFAULT (bad pointer), -EINVAL (reserved field, size, name),
 * -ENOTTY (unknown ioctl), -EACCES (caller may not do this).  The errors
 * of each ioctl stand beside it and in Documentation/uapi.md.
 */
#ifndef _UAPI_PROTKEY_H
#define _UAPI_PROTKEY_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define PROTKEY_ABI_VERSION	1

#define PROTKEY_UUID_SIZE	16
#define PROTKEY_NAME_SIZE	32	/* with the terminating NUL */
#define PROTKEY_PATTERN_SIZE	16	/* verification pattern of a key */
#define PROTKEY_KEK_SIZE	32
#define PROTKEY_BLOB_SIZE	256	/* secure key, key blob v1 */
#define PROTKEY_STATE_MAX	65536		/* sealed state of one domain */

/* Types of key (field "type" of a key blob). */
enum protkey_key_type {
	PROTKEY_KEY_AES_128	= 1,
	PROTKEY_KEY_AES_192	= 2,
	PROTKEY_KEY_AES_256	= 3,
	PROTKEY_KEY_XTS_128	= 4,	/* 2 x 16 bytes */
	PROTKEY_KEY_XTS_256	= 5,	/* 2 x 32 bytes */
	PROTKEY_KEY_HMAC_256	= 6,	/* 32 bytes */
	PROTKEY_KEY_HMAC_512	= 7,	/* 64 bytes */
};

/* Flags of a key blob. */
#define PROTKEY_KEY_EXPORTABLE	(1U << 0)	/* reserved: v1 exports no key */
#define PROTKEY_KEY_IMPORTED	(1U << 1)	/* was once in clear */

/* Usage bits of a key blob; zero means "whatever the type can do". */
#define PROTKEY_USAGE_ENCRYPT	(1U << 0)
#define PROTKEY_USAGE_DECRYPT	(1U << 1)

/* ---- control node ------------------------------------------------------- */

/* Flags of struct protkey_status. */
#define PROTKEY_STATUS_VAULT_READY	(1U << 0)  /* a wrapping key is loaded */
#define PROTKEY_STATUS_VAULT_LOST	(1U << 1)  /* no CPU had its half left */
#define PROTKEY_STATUS_HYPERVISOR	(1U << 2)  /* registers are in the host's RAM */
#define PROTKEY_STATUS_KVM_LOADED	(1U << 3)  /* guests may overwrite debug registers */
#define PROTKEY_STATUS_LEAKTEST		(1U << 4)  /* TEST BUILD: reports its secrets */
#define PROTKEY_STATUS_SUSPENDED	(1U << 5)

struct protkey_status {
	__u32 abi;		/* PROTKEY_ABI_VERSION */
	__u32 flags;		/* PROTKEY_STATUS_* */
	__u64 epoch;		/* of the wrapping key; 0: none */
	__u32 domains;		/* known to the module */
	__u32 domains_unlocked;
	__u64 keys;		/* cipher handles with a key, unlocked domains */
	__u64 requests_queued;	/* could not run at once (no SIMD, repair) */
	__u64 mismatches;	/* sections that found a wrong wrapping key */
	__u64 repairs;		/* CPUs that got their half again */
	__u64 losses;		/* times that everything was locked */
	char level[16];		/* instruction level in use: "aesni" ... */
	char vault[16];		/* "debugreg" */
	__u32 reserved0;
	__u32 slots_used;	/* arena slots */
	__u32 slots_total;
	__u32 cpus_ready;	/* CPUs that hold their half */
	__u64 reserved[4];
};
/* Errors: none of its own. */
#define PROTKEY_IOC_STATUS	_IOR(0xBC, 0x00, struct protkey_status)

/* How a KEK comes about; kept in the sealed state, authenticated by the MK. */
enum protkey_seal_kind {
	PROTKEY_SEAL_PASSPHRASE	= 1,	/* argon2id */
	PROTKEY_SEAL_TPM	= 2,	/* random, held by a TPM 2.0 */
	PROTKEY_SEAL_CLEVIS	= 3,	/* random, held by clevis */
	PROTKEY_SEAL_SHARES	= 4,	/* random, in shares of several people */
	PROTKEY_SEAL_CMS	= 5,	/* random, encrypted to a certificate; of parts only */
	PROTKEY_SEAL_FILE	= 6,	/* random, in a file; of persons only */
	/* 4 parts: reserved */
};

/* What TPM or clevis need to give a KEK back: Documentation/domains.md. */
#define PROTKEY_SEAL_DATA_MAX	16384

struct protkey_seal_params {
	__u16 kind;		/* enum protkey_seal_kind */
	__u16 slot;		/* 0..15 */
	__u32 reserved0;
	__u8 salt[32];
	__u32 time_cost;	/* argon2id passes; 0 for other kinds */
	__u32 memory_kib;	/* argon2id memory */
	__u32 parallelism;	/* argon2id lanes */
	__u32 reserved1;
	__u8 reserved2[32];
};

/*
 * Make a domain: the module generates its master key in registers, seals it
 * under @kek and returns the sealed state, which the caller writes to disk.
 * -EEXIST name in use, -EINVAL bad name ([a-z0-9][a-z0-9_.-]*, not "control"),
 * -ENOSPC @state_size too small (needed size is returned in it), -ENOKEY vault
 * lost and cannot be renewed, -EAGAIN no hardware entropy now.
 */
struct protkey_domain_create {
	char name[PROTKEY_NAME_SIZE];
	__u8 uuid[PROTKEY_UUID_SIZE];		/* out */
	__u8 pattern[PROTKEY_PATTERN_SIZE];	/* out: of the master key */
	__u8 kek[PROTKEY_KEK_SIZE];		/* wiped by the module */
	struct protkey_seal_params seal;
	__u64 state_ptr;			/* out buffer */
	__u32 state_size;			/* in: room, out: length */
	__u32 reserved;
};
#define PROTKEY_IOC_DOMAIN_CREATE _IOWR(0xBC, 0x01, struct protkey_domain_create)

/*
 * Load a sealed state and open its master key with @kek.
 * -EBADMSG file damaged or not a sealed state (structure), -EKEYREJECTED wrong
 * KEK for this slot or state changed (authentication), -ENOENT no such seal
 * slot, -EALREADY unlocked already, -EEXIST another domain has this name or
 * UUID, -ESTALE older generation than the module has seen since it was loaded,
 * -EOPNOTSUPP newer format or critical section unknown, -EACCES it has persons, and
 * no operator logged in on this file, -EPERM wrong log-in, -EAGAIN too many of them.
 * Of a domain that demands a measured boot (MEASURED_SET), when all else is right:
 * -ENODATA no quote was given by this file, -ETIMEDOUT its nonce is too old,
 * -EREMOTEIO it is no answer to this nonce by the domain's attestation key,
 * -EREMCHG it is, and says that something else booted, -ENOPKG the kernel cannot
 * verify its signature.
 */
struct protkey_domain_unlock {
	__u64 state_ptr;
	__u32 state_size;
	__u32 slot;
	__u8 kek[PROTKEY_KEK_SIZE];		/* wiped by the module */
	char name[PROTKEY_NAME_SIZE];		/* out */
	__u8 uuid[PROTKEY_UUID_SIZE];		/* out */
	__u32 keys_prepared;			/* out: re-prepared for open volumes */
	__u32 reserved;
};
#define PROTKEY_IOC_DOMAIN_UNLOCK _IOWR(0xBC, 0x02, struct protkey_domain_unlock)

enum protkey_domain_state {
	PROTKEY_DOMAIN_IMPRINT	= 1,
	PROTKEY_DOMAIN_ACTIVE	= 2,	/* unlocked */
	PROTKEY_DOMAIN_LOCKED	= 3,
	PROTKEY_DOMAIN_ZEROIZED	= 4,
};

#define PROTKEY_DOMAIN_ONE_PERSON	(1U << 0)	/* no administrators with certificates */
/* these two of info alone */
#define PROTKEY_DOMAIN_PERSONS		(1U << 1)	/* wants log-ins */
#define PROTKEY_DOMAIN_MEASURED		(1U << 8)	/* demands a measured boot */

/*
 * How much of the module a domain may use; dm-crypt's keys count too.  Less than is
 * in use takes nothing away: it refuses more.
 */
#define PROTKEY_QUOTA_KEYS		1048576	/* most, and if nothing was set */
#define PROTKEY_QUOTA_SESSIONS		1024	/* if nothing was set */
#define PROTKEY_QUOTA_SESSIONS_MAX	65536
#define PROTKEY_QUOTA_TLS_KEYS		262144	/* most, and if nothing was set */

struct protkey_quota {
	__u32 keys;		/* cipher handles that hold a key */
	__u32 sessions;
	__u32 tls_keys;		/* traffic keys: 8 for each secret */
	__u32 reserved;
};

struct protkey_domain_info {
	char name[PROTKEY_NAME_SIZE];
	__u8 uuid[PROTKEY_UUID_SIZE];
	__u8 pattern_current[PROTKEY_PATTERN_SIZE];
	__u8 pattern_old[PROTKEY_PATTERN_SIZE];	/* zero: empty register */
	__u8 pattern_new[PROTKEY_PATTERN_SIZE];
	__u32 state;		/* enum protkey_domain_state */
	__u32 flags;		/* PROTKEY_DOMAIN_* */
	__u64 generation;	/* of the sealed state */
	__u32 keys;		/* open volumes: cipher handles of dm-crypt */
	__u32 volumes;		/* pinned */
	__u32 sessions;
	__u32 keys_set;		/* all cipher handles that hold a key */
	__u32 tls_keys;
	__u32 reserved0;
	struct protkey_quota quota;
	__u64 reserved;
};

/* The @index-th domain by age; -ENOENT past the last. */
struct protkey_domain_list {
	__u32 index;
	__u32 reserved;
	struct protkey_domain_info info;
};
#define PROTKEY_IOC_DOMAIN_LIST	_IOWR(0xBC, 0x03, struct protkey_domain_list)

/*
 * Forget a domain: its keys are destroyed and its node goes.  The sealed state
 * on disk is the caller's to remove.  -ENOENT, -EBUSY open volumes.
 */
struct protkey_domain_name {
	char name[PROTKEY_NAME_SIZE];
};
#define PROTKEY_IOC_DOMAIN_DELETE _IOW(0xBC, 0x04, struct protkey_domain_name)

/* The same at once, under open volumes too, which get errors.  -ENOENT. */
#define PROTKEY_IOC_DOMAIN_ZEROIZE _IOW(0xBC, 0x06, struct protkey_domain_name)

/*
 * What reading the debug registers costs on this machine: @samples runs,
 * cycles of the time stamp counter, without those that taking the time costs.
 * -EACCES no CAP_SYS_ADMIN, -ENOMEM, -EINTR killed, -ENOKEY no wrapping key,
 * -EAGAIN no hardware entropy, -EIO this CPU's half is wrong.
 */
enum protkey_bench_what {
	PROTKEY_BENCH_DEBUG_REGISTERS = 0,	/* loading all four: once a section */
	PROTKEY_BENCH_FPU = 1,		/* kernel_fpu_begin() and its end */
	PROTKEY_BENCH_XTS_256 = 2,	/* a section that encrypts @size bytes */
};
#define PROTKEY_BENCH_SAMPLES_MAX	10000
struct protkey_bench {
	__u32 what;		/* enum protkey_bench_what */
	__u32 size;		/* XTS_256: 16..4096, whole blocks; else 0 */
	__u32 samples;		/* 1..PROTKEY_BENCH_SAMPLES_MAX */
	__u32 reserved0;
	__u32 cycles_min;	/* out */
	__u32 cycles_median;	/* out */
	__u32 cycles_p99;	/* out: of 100 runs 99 took no longer */
	__u32 tsc_khz;		/* out: cycles in a millisecond */
	__u64 reserved[2];
};
#define PROTKEY_IOC_BENCH _IOWR(0xBC, 0x05, struct protkey_bench)

/*
 * A nonce for a quote, fresh, known to this open file alone, in place of one before.
 * It is good for PROTKEY_NONCE_SECONDS and for the next DOMAIN_UNLOCK by this file,
 * whatever comes of that.  -EACCES no CAP_SYS_ADMIN, -ENOMEM.
 */
#define PROTKEY_NONCE_SIZE	32
#define PROTKEY_NONCE_SECONDS	60
struct protkey_nonce {
	__u8 nonce[PROTKEY_NONCE_SIZE];		/* out */
};
#define PROTKEY_IOC_NONCE	_IOR(0xBC, 0x17, struct protkey_nonce)

/*
 * The TPM's quote over that nonce, for the next DOMAIN_UNLOCK by this file, which
 * judges it.  -EACCES no CAP_SYS_ADMIN, -EINVAL a size, -ENODATA this file has no
 * nonce, -ENOMEM.
 */
#define PROTKEY_QUOTE_MAX	1024
struct protkey_quote {
	__u64 attest_ptr;	/* TPMS_ATTEST */
	__u64 signature_ptr;	/* TPMT_SIGNATURE */
	__u32 attest_size;	/* 1..PROTKEY_QUOTE_MAX, both */
	__u32 signature_size;
};
#define PROTKEY_IOC_QUOTE	_IOW(0xBC, 0x18, struct protkey_quote)

/* ---- a domain's node ---------------------------------------------------- */

#define PROTKEY_IOC_DOMAIN_INFO	_IOR(0xBC, 0x20, struct protkey_domain_info)

/*
 * Destroy the master key and every protected key of the domain in memory.  On
 * return no request uses them any more; open volumes give I/O errors until the
 * domain is unlocked again (suspend them first).  -EBUSY open volumes and
 * not forced; -EALREADY locked already.
 */
struct protkey_domain_lock {
	__u32 flags;
	__u32 reserved;
};
#define PROTKEY_LOCK_FORCE	(1U << 0)
#define PROTKEY_IOC_DOMAIN_LOCK	_IOW(0xBC, 0x21, struct protkey_domain_lock)

/*
 * Copy out the domain's authenticated sealed state (public bytes).
 * -ENOSPC @state_size too small (needed size is returned in it).
 */
struct protkey_domain_get_state {
	__u64 state_ptr;
	__u32 state_size;
	__u32 reserved;
};
#define PROTKEY_IOC_DOMAIN_GET_STATE _IOWR(0xBC, 0x22, struct protkey_domain_get_state)

/*
 * Make a secure key: generated in registers (GENERATE) or from the clear bytes
 * at @clear_ptr (IMPORT).  -ENOKEY domain locked, -EINVAL type, or length does
 * not fit the type, -EKEYREJECTED equal XTS halves, -EAGAIN no hardware entropy.
 */
struct protkey_key_make {
	__u16 type;		/* enum protkey_key_type */
	__u16 reserved0;
	__u32 usage;		/* PROTKEY_USAGE_* */
	__u32 flags;		/* PROTKEY_KEY_EXPORTABLE */
	__u32 clear_size;	/* IMPORT: bytes at clear_ptr; GENERATE: 0 */
	__u64 clear_ptr;	/* IMPORT; the caller wipes its copy */
	__u64 not_before;	/* Unix seconds; 0: no limit */
	__u64 not_after;
	__u8 volume[PROTKEY_UUID_SIZE];	/* bound volume or zero */
	__u8 pattern[PROTKEY_PATTERN_SIZE];	/* out */
	__u8 blob[PROTKEY_BLOB_SIZE];		/* out */
};
#define PROTKEY_IOC_KEY_GENERATE _IOWR(0xBC, 0x23, struct protkey_key_make)
#define PROTKEY_IOC_KEY_IMPORT	 _IOWR(0xBC, 0x24, struct protkey_key_make)

/*
 * Open a secure key inside the module and check its verification pattern.
 * -EBADMSG not a key blob (structure), -EXDEV of another domain, -ESTALE
 * wrapped under a master key that the domain no longer holds, -EKEYREJECTED
 * authentication failed, -ENOKEY domain locked.
 */
struct protkey_key_verify {
	__u8 blob[PROTKEY_BLOB_SIZE];
	__u8 pattern[PROTKEY_PATTERN_SIZE];	/* out */
	__u32 mk_register;	/* out: enum protkey_mk_register that opened it */
	__u32 valid_now;	/* out: 1 inside its validity dates */
};
enum protkey_mk_register {
	PROTKEY_MK_CURRENT = 0,
	PROTKEY_MK_OLD = 1,
	PROTKEY_MK_NEW = 2,
};
#define PROTKEY_IOC_KEY_VERIFY	_IOWR(0xBC, 0x25, struct protkey_key_verify)

/*
 * Let this process (thread group) set keys of this domain in the kernel's
 * crypto API for as long as this file stays open.  Without a session only
 * CAP_SYS_ADMIN of the initial user namespace may (dm-crypt's case).
 * -ENOKEY domain locked, -EALREADY this file has a session, -EDQUOT too many.
 */
#define PROTKEY_IOC_SESSION_OPEN _IO(0xBC, 0x26)

/*
 * Pin a volume in the domain's authenticated state.  PIN also returns nothing
 * but success: read the new state with GET_STATE and write it to disk.
 * PIN: -EEXIST this UUID is pinned to something else, -ENOSPC state full.
 * UNPIN: -ENOENT.  CHECK: -ENOENT not pinned, -EKEYREJECTED pinned with another
 * pattern, cipher or sector size (a swapped header or a downgrade).
 * -ENOKEY domain locked (all three: only an unlocked state is authentic).
 */
struct protkey_volume {
	__u8 uuid[PROTKEY_UUID_SIZE];
	__u8 pattern[PROTKEY_PATTERN_SIZE];
	char cipher[32];	/* dm-crypt's, "paes-xts-plain64" */
	__u32 sector_size;	/* bytes: 512..4096 */
	__u32 key_size;		/* bytes of the blob */
	__u64 pinned_at;	/* Unix seconds */
	char label[40];
};
#define PROTKEY_IOC_VOLUME_PIN	 _IOW(0xBC, 0x27, struct protkey_volume)
#define PROTKEY_IOC_VOLUME_UNPIN _IOW(0xBC, 0x28, struct protkey_volume)
#define PROTKEY_IOC_VOLUME_CHECK _IOW(0xBC, 0x29, struct protkey_volume)

/*
 * Set what the domain may use, all three.  In a domain with administrators they must
 * have signed it.  Read the new state with GET_STATE and write it to disk.
 * -EACCES no CAP_SYS_ADMIN, -EINVAL more than the most, -EPERM not signed, -ENOSPC
 * state full, -ENOKEY domain locked.
 */
#define PROTKEY_IOC_QUOTA_SET	_IOW(0xBC, 0x2a, struct protkey_quota)

/*
 * What a boot must have measured for the domain to be unlocked: a quote by this key
 * of a TPM, over these PCRs, whose digest is one of these.
 */
#define PROTKEY_AK_MAX		384
#define PROTKEY_ACCEPTED_MAX	8
#define PROTKEY_PCRS_NEVER	(1U << 16 | 1U << 23)	/* anybody resets them */
struct protkey_measured {
	__u32 pcrs;		/* SHA-256 bank, bit per PCR; 0: nothing is demanded */
	__u16 key_size;
	__u16 count;		/* of @accepted: 1..PROTKEY_ACCEPTED_MAX */
	__u8 key[PROTKEY_AK_MAX];	/* TPMT_PUBLIC, then zeros */
	__u8 accepted[PROTKEY_ACCEPTED_MAX][32];	/* pcrDigest; then zeros */
};

/*
 * Demand that from now on, in place of what was demanded, or nothing any more: all of
 * @measured is zero then.  By a KEK, or in a domain with administrators when they have
 * signed it.  Read the new state with GET_STATE and write it to disk.
 * -EACCES no CAP_SYS_ADMIN, -EINVAL PCRs, count or a reserved field, -EBADMSG @key is not
 * a TPM's restricted key, ECDSA on P-256 or RSASSA of 2048 bits, -ENOPKG the kernel cannot verify
 * with it, -EPERM not signed, -ENOENT no such slot, or nothing is demanded, -EKEYREJECTED
 * wrong KEK, -ENOSPC state full, -ENOKEY domain locked.
 */
struct protkey_measured_set {
	struct protkey_measured measured;
	__u32 slot;		/* one-person domain: of @kek */
	__u32 reserved;
	__u8 kek[PROTKEY_KEK_SIZE];	/* wiped by the module */
};
#define PROTKEY_IOC_MEASURED_SET _IOW(0xBC, 0x2b, struct protkey_measured_set)

/* ---- master key registers ------------------------------------------------ */

/*
 * A ceremony: MK_LOAD once for each part, MK_COMMIT over the pattern that NEW
 * then has, MK_SET.  Each step is kept in the sealed state: read it with
 * GET_STATE and write it to disk.  -ENOKEY domain locked.
 */
#define PROTKEY_MK_PARTS_MIN	2
#define PROTKEY_MK_PARTS_MAX	8
#define PROTKEY_MK_PART_SIZE	32

enum protkey_mk_source {
	PROTKEY_MK_GENERATE = 1,	/* in registers; returned sealed */
	PROTKEY_MK_CLEAR = 2,		/* from @clear */
	PROTKEY_MK_SEALED = 3,		/* from what GENERATE returned */
};

/*
 * Add a part to NEW.  -EINVAL source, seal, or @wanted (from 2 to 8, and the same
 * for all parts), -EALREADY all parts are loaded, -EEXIST this part is
 * loaded, -EKEYREJECTED wrong KEK or changed part, or the parts cancel each
 * other, -EAGAIN no hardware entropy, -ENOSPC state full, -EPERM this key officer has
 * loaded one.
 */
struct protkey_mk_load {
	__u32 source;		/* enum protkey_mk_source */
	__u16 wanted;		/* parts in all */
	__u16 loaded;		/* out: with this one */
	__u8 clear[PROTKEY_MK_PART_SIZE];	/* CLEAR; wiped by the module */
	__u8 kek[PROTKEY_KEK_SIZE];		/* else; wiped by the module */
	struct protkey_seal_params seal;	/* how @kek comes about */
	__u8 wrapped[72];	/* GENERATE: out; SEALED: in */
	__u8 pattern_part[PROTKEY_PATTERN_SIZE];	/* out */
	__u8 pattern[PROTKEY_PATTERN_SIZE];	/* out: of NEW so far */
};
#define PROTKEY_IOC_MK_LOAD	_IOWR(0xBC, 0x30, struct protkey_mk_load)

/*
 * Commit NEW, or forget OLD (CLEAR), by the pattern that the caller saw and a
 * KEK that opens seal slot @slot: a committed NEW may wrap keys, and who loaded
 * its parts knows it.  -ENOENT the register is empty, or there is no such slot,
 * -EKEYREJECTED another pattern, or the KEK does not open the slot.
 * COMMIT: -ENODATA parts are missing, -EALREADY committed already.
 * CLEAR: -ENOSPC state full.  Open handles go on: their blobs are enciphered
 * under CURRENT.
 */
struct protkey_mk_pattern {
	__u8 pattern[PROTKEY_PATTERN_SIZE];
	__u32 slot;
	__u32 reserved;
	__u8 kek[PROTKEY_KEK_SIZE];		/* wiped by the module */
};
#define PROTKEY_IOC_MK_COMMIT	_IOW(0xBC, 0x31, struct protkey_mk_pattern)
#define PROTKEY_IOC_MK_CLEAR	_IOW(0xBC, 0x32, struct protkey_mk_pattern)

/*
 * NEW becomes CURRENT, CURRENT becomes OLD; the seal slots whose KEKs are given
 * seal the new one.  -ENOENT NEW is empty, -ENODATA it is not committed,
 * -EBUSY OLD is not empty, -ENOTEMPTY a seal slot has no KEK here and
 * PROTKEY_MK_DROP_SEALS is not given, -EKEYREJECTED a KEK does not open its slot,
 * -EINVAL no KEK, or a slot that is not there or twice, -ENOSPC state full.
 */
struct protkey_seal_kek {
	__u32 slot;
	__u32 reserved;
	__u8 kek[PROTKEY_KEK_SIZE];
};
#define PROTKEY_MK_DROP_SEALS	(1U << 0)
#define PROTKEY_MK_TRY		(1U << 1)	/* only see whether each KEK opens its slot */
struct protkey_mk_set {
	__u64 keks_ptr;		/* struct protkey_seal_kek; wiped by the module */
	__u32 keks;		/* how many: 1..16 */
	__u32 flags;		/* PROTKEY_MK_DROP_SEALS, PROTKEY_MK_TRY */
};
#define PROTKEY_IOC_MK_SET	_IOW(0xBC, 0x33, struct protkey_mk_set)

/* Forget NEW, at any point before MK_SET.  -ENOENT it is empty. */
#define PROTKEY_IOC_MK_ABORT	_IO(0xBC, 0x34)

/*
 * Wrap a secure key under another master key of its domain; everything else in
 * the blob stays.  -EBADMSG, -EOPNOTSUPP, -EXDEV, -ESTALE, -EKEYREJECTED,
 * -ENOKEY: as KEY_VERIFY.  -EINVAL @to is OLD, -EALREADY wrapped under @to,
 * -ENOENT NEW is empty, -ENODATA it is not committed.
 */
struct protkey_key_reencipher {
	__u32 to;		/* PROTKEY_MK_CURRENT or PROTKEY_MK_NEW */
	__u32 from;		/* out: enum protkey_mk_register */
	__u8 blob[PROTKEY_BLOB_SIZE];	/* in and out */
};
#define PROTKEY_IOC_KEY_REENCIPHER _IOWR(0xBC, 0x35, struct protkey_key_reencipher)
/*
 * Add a seal slot: the master key of an unlocked domain is wrapped, inside
 * registers, under one more KEK.  Because whoever has a KEK and the state has
 * the master key, the caller must show that he has one already: @auth_kek of
 * slot @auth_slot.  Read the new state with GET_STATE and write it to disk.
 * -EACCES no CAP_SYS_ADMIN, -EBADMSG @data is not what this kind wants,
 * -EOPNOTSUPP unknown kind or newer data, -EEXIST slot in use, -ENOENT no
 * slot @auth_slot, -EKEYREJECTED @auth_kek is wrong, -ENOSPC state full,
 * -ENOKEY domain locked.
 */
struct protkey_seal_add {
	__u8 auth_kek[PROTKEY_KEK_SIZE];	/* both are wiped by the module */
	__u8 kek[PROTKEY_KEK_SIZE];
	struct protkey_seal_params seal;
	__u64 data_ptr;		/* of TPM or clevis */
	__u32 data_size;	/* 0 for a passphrase */
	__u32 auth_slot;
};
#define PROTKEY_IOC_SEAL_ADD	_IOW(0xBC, 0x50, struct protkey_seal_add)

/*
 * Remove a seal slot and its data.  An old copy of the state still has it.
 * -EACCES no CAP_SYS_ADMIN, -ENOENT no such slot, -EBUSY the last one,
 * -ENOKEY domain locked.
 */
struct protkey_seal_remove {
	__u32 slot;
	__u32 reserved;
};
#define PROTKEY_IOC_SEAL_REMOVE	_IOW(0xBC, 0x51, struct protkey_seal_remove)

/* ---- a domain's node, with protkey-ktls.ko loaded ----------------------- */

/*
 * Make a traffic key of a TLS connection a protected key of the domain.  What
 * comes back is a token: set it in the place of the key with setsockopt(SOL_TLS,
 * TLS_TX or TLS_RX), then confirm.  It can be set once, by this process as this
 * user, while this file is open and its time is not up.  Locking the domain
 * destroys the key for good.
 * -EOPNOTSUPP protkey-ktls.ko is not loaded, -ENOKEY domain locked, -EDQUOT too
 * many keys of this domain, -ENOSPC too many pending tokens.
 */
enum protkey_ktls_kind {
	PROTKEY_KTLS_KEY = 1,	/* the AES key; IV and salt are the caller's to set */
	/*
	 * A TLS 1.3 traffic secret of 32 bytes for AES-128, 48 for AES-256: key and
	 * IV are derived by the module; the caller sets salt and IV to zero.
	 * KeyUpdates are followed, PROTKEY_KTLS_UPDATES of them.
	 */
	PROTKEY_KTLS_SECRET = 2,
};
#define PROTKEY_KTLS_UPDATES		7
#define PROTKEY_KTLS_LIFETIME_MS	10000
struct protkey_ktls_import {
	__u16 version;		/* as in linux/tls.h: TLS_1_2_VERSION ... */
	__u16 cipher;		/* TLS_CIPHER_AES_GCM_128, ..._256 */
	__u16 direction;	/* TLS_TX, TLS_RX */
	__u16 kind;		/* enum protkey_ktls_kind */
	__u32 secret_size;
	__u32 lifetime_ms;	/* 1..PROTKEY_KTLS_LIFETIME_MS; 0: the most */
	__u64 reserved;
	__u8 secret[64];	/* zeros behind; wiped by the module here too */
	__u8 token[32];		/* out: as long as the key, zeros behind */
};
#define PROTKEY_IOC_KTLS_IMPORT	_IOWR(0xBC, 0x40, struct protkey_ktls_import)

/*
 * Confirm that the kTLS socket works with the key of this token.  Until then the
 * key does nothing; after any error close the socket: somebody else, a network
 * card or another driver, may have taken the token for a key.
 * -EOPNOTSUPP no kTLS socket (or protkey-ktls.ko is not loaded), -EKEYREJECTED
 * the socket works with something else, -EALREADY, -EBADF, -ENOTSOCK.
 */
struct protkey_ktls_confirm {
	__s32 socket;
	__u32 reserved;
	__u8 token[32];
};
#define PROTKEY_IOC_KTLS_CONFIRM _IOW(0xBC, 0x41, struct protkey_ktls_confirm)

/* What became of the tokens.  -EOPNOTSUPP protkey-ktls.ko is not loaded. */
struct protkey_ktls_status {
	__u64 tokens_made;	/* since load, of all domains, as the next three */
	__u64 tokens_taken;	/* by a cipher handle */
	__u64 tokens_expired;	/* or their file was closed */
	__u64 tokens_refused;	/* set as a key, but unknown, used up or foreign */
	__u32 pending;		/* of this domain */
	__u32 keys;		/* of this domain: pending or a connection's */
	__u64 reserved[3];
};
#define PROTKEY_IOC_KTLS_STATUS	_IOR(0xBC, 0x42, struct protkey_ktls_status)

enum protkey_ktls_state {
	PROTKEY_KTLS_PENDING = 1,	/* the token is not set */
	PROTKEY_KTLS_SET = 2,		/* not confirmed */
	PROTKEY_KTLS_ACTIVE = 3,
	PROTKEY_KTLS_ENDED = 4,		/* by a KeyUpdate that cannot be followed */
	PROTKEY_KTLS_NO_KEY = 5,	/* by a lock of the domain or loss of the vault */
};

/* One direction of a connection. */
struct protkey_ktls_entry {
	__u64 id;		/* since load; rises */
	__u64 age;		/* seconds since the import */
	__u64 records;		/* given to the cipher, refused ones included */
	__u64 bytes;		/* their plaintext's, with TLS 1.3 its type byte */
	__u64 inode;		/* the socket's, once it is confirmed */
	__u16 version;		/* these four as imported */
	__u16 cipher;
	__u16 direction;
	__u16 kind;
	__u32 state;		/* enum protkey_ktls_state */
	__u32 updates;		/* KeyUpdates followed */
	__s32 pid;		/* who imported, as the caller sees it; 0: it cannot */
	__u32 uid;
	__u64 reserved;
};

/*
 * A page of the domain's TLS keys, in the order of import.  It is the last when
 * @cursor comes back as 0; it may be empty and not the last.  -ENOMEM,
 * -EOPNOTSUPP protkey-ktls.ko is not loaded.
 */
#define PROTKEY_KTLS_LIST_MAX		64
struct protkey_ktls_list {
	__u64 cursor;		/* in: 0, then as it came back */
	__u32 count;		/* out: of @entries */
	__u32 reserved0;
	/* out: totals of the domain since it was made or loaded, what is gone
	 * included */
	__u64 connections;	/* directions that were confirmed */
	__u64 records;
	__u64 bytes;
	__u64 updates;
	__u64 reserved[2];
	struct protkey_ktls_entry entries[PROTKEY_KTLS_LIST_MAX];
};
#define PROTKEY_IOC_KTLS_LIST	_IOWR(0xBC, 0x43, struct protkey_ktls_list)

/* ---- signed administration ----------------------------------------------- */

/*
 * A domain with administrators does what is in these classes only when as many of
 * them as the class's threshold have signed the module's text for that very act.
 */
#define PROTKEY_ADMINS_MAX		8
#define PROTKEY_ADMIN_CERT_MAX		4096
#define PROTKEY_FINGERPRINT_SIZE	32	/* SHA-256 of the certificate */
#define PROTKEY_ADMIN_TEXT_MAX		4096

enum protkey_class {
	PROTKEY_CLASS_ADMINISTRATION	= 0,
	PROTKEY_CLASS_MASTER_KEY	= 1,
	PROTKEY_CLASS_SEAL		= 2,
	PROTKEY_CLASS_DESTROY		= 3,	/* may be 0: anybody who may now */
};
#define PROTKEY_CLASSES		4

enum protkey_command {
	PROTKEY_COMMAND_MK_COMMIT	= 1,
	PROTKEY_COMMAND_MK_SET		= 2,
	PROTKEY_COMMAND_MK_ABORT	= 3,
	PROTKEY_COMMAND_MK_CLEAR	= 4,
	PROTKEY_COMMAND_SEAL_ADD	= 5,
	PROTKEY_COMMAND_SEAL_REMOVE	= 6,
	PROTKEY_COMMAND_ADMINISTRATORS	= 7,
	PROTKEY_COMMAND_DESTROY		= 8,	/* delete and zeroize */
	PROTKEY_COMMAND_QUOTA		= 9,
	PROTKEY_COMMAND_PERSON		= 10,
	PROTKEY_COMMAND_MEASURED	= 11,
};

/* What a person of the domain may do: see PROTKEY_IOC_PERSON_SET. */
#define PROTKEY_ROLE_ADMINISTRATOR	(1U << 0)
#define PROTKEY_ROLE_KEY_OFFICER	(1U << 1)
#define PROTKEY_ROLE_OPERATOR		(1U << 2)
#define PROTKEY_ROLE_USER		(1U << 3)
#define PROTKEY_ROLE_AUDITOR		(1U << 4)
#define PROTKEY_ROLES			5	/* how many there are */

enum protkey_factor {
	PROTKEY_FACTOR_NONE		= 0,	/* a service */
	PROTKEY_FACTOR_TOTP_SHA1	= 1,	/* RFC 6238, steps of 30 seconds */
	PROTKEY_FACTOR_TOTP_SHA256	= 2,
};

/* A person in what administrators sign; no roles: he is removed. */
struct protkey_person_act {
	char name[PROTKEY_NAME_SIZE];
	__u32 roles;		/* PROTKEY_ROLE_* */
	__u16 factor;		/* enum protkey_factor; 0 if he keeps what he has */
	__u16 flags;		/* PROTKEY_PERSON_KEEP */
};

struct protkey_admin_cert {
	__u64 ptr;		/* X.509, DER */
	__u32 size;		/* at most PROTKEY_ADMIN_CERT_MAX */
	__u32 reserved;
};
struct protkey_admin_list {
	__u64 certs_ptr;	/* struct protkey_admin_cert */
	__u32 count;		/* 1..8 */
	__u8 thresholds[PROTKEY_CLASSES];	/* 1..count; destroy also 0 */
};

/*
 * Make these the administrators, in place of all that there are: the first ones by
 * a KEK, others when the present ones have signed it.  -EINVAL count, thresholds,
 * size, -EBADMSG no certificate, -EKEYEXPIRED not valid now, -EKEYREJECTED RSA below
 * 2048 bits, another kind of key, or a wrong KEK, -ENOPKG the kernel cannot verify
 * with such a key, -EEXIST two of one key, -EPERM not signed, -ENOENT no such slot,
 * -ENOSPC state full, -ENOKEY domain locked.
 */
struct protkey_admin_set {
	struct protkey_admin_list list;
	__u32 slot;		/* one-person domain: of @kek */
	__u32 reserved;
	__u8 kek[PROTKEY_KEK_SIZE];	/* wiped by the module */
};
#define PROTKEY_IOC_ADMIN_SET	_IOW(0xBC, 0x60, struct protkey_admin_set)

/*
 * Begin an act: the text that administrators are to sign, in place of the one
 * before.  It has a fresh challenge and is good for 24 hours, this boot, once.
 * -EINVAL unknown command or flag, or such a quota, -ENODATA the domain has no administrators, -ENOSPC
 * @text_size is too small, -ENOKEY domain locked; for ADMINISTRATORS and MEASURED
 * those that ADMIN_SET and MEASURED_SET have for the same fields.
 */
struct protkey_admin_request {
	__u32 command;		/* enum protkey_command */
	__u32 slot;		/* SEAL_* */
	__u32 kind;		/* SEAL_ADD: enum protkey_seal_kind */
	__u32 flags;		/* MK_SET: PROTKEY_MK_DROP_SEALS, if that is meant */
	__u8 pattern[PROTKEY_PATTERN_SIZE];	/* MK_*: of the register */
	struct protkey_admin_list list;		/* ADMINISTRATORS */
	__u64 text_ptr;
	__u32 text_size;	/* in: room, PROTKEY_ADMIN_TEXT_MAX is enough; out */
	__u32 reserved1;
	struct protkey_quota quota;		/* QUOTA */
	struct protkey_person_act person;	/* PERSON */
	__u64 measured_ptr;	/* MEASURED: struct protkey_measured; else 0 */
};
#define PROTKEY_IOC_ADMIN_REQUEST _IOWR(0xBC, 0x61, struct protkey_admin_request)

/*
 * A signature on that text: CMS SignedData, DER, detached, by one signer, without
 * certificates, SHA-256 or better.  -ENOENT there is no text, -ETIMEDOUT it is too
 * old, -EBADMSG no CMS, -EKEYREJECTED wrong, or not of this form, -ENOKEY not of an
 * administrator, -EKEYEXPIRED his certificate is not valid now, -EEXIST he has
 * signed, -ENOPKG the kernel lacks the algorithm.
 */
struct protkey_admin_sign {
	__u64 signature_ptr;
	__u32 signature_size;
	__u32 reserved;
	__u32 signatures;	/* out: with this one */
	__u32 needed;		/* out */
	__u8 fingerprint[PROTKEY_FINGERPRINT_SIZE];	/* out: whose it is */
};
#define PROTKEY_IOC_ADMIN_SIGN	_IOWR(0xBC, 0x62, struct protkey_admin_sign)

/* Errors: none of its own. */
struct protkey_admin_status {
	__u32 administrators;
	__u32 command;		/* to be signed; 0: none */
	__u32 signatures;
	__u32 needed;
	__u32 signed_by;	/* administrators in the state's order, a bit each */
	__u32 seconds;		/* left */
};
#define PROTKEY_IOC_ADMIN_STATUS _IOR(0xBC, 0x63, struct protkey_admin_status)

/* ---- persons and their roles ---------------------------------------------- */

/*
 * A domain may have persons.  Then each ioctl of its node wants that one is logged in
 * whose roles have that duty (-EACCES; -ENOKEY while the domain is locked), for this
 * file and by this process; Documentation/domains.md has the table.  To unlock it by
 * a passphrase or by shares an operator logs in on the control node before.
 */
#define PROTKEY_PERSONS_MAX		32
#define PROTKEY_CREDENTIAL_SIZE		32
#define PROTKEY_FACTOR_SECRET_MIN	16	/* RFC 4226 */
#define PROTKEY_FACTOR_SECRET_MAX	64
#define PROTKEY_TOTP_STEP		30	/* seconds */
#define PROTKEY_LOGIN_TRIES		5	/* wrong ones before it gets slower */
#define PROTKEY_LOGIN_WAIT_MAX		900	/* seconds */

#define PROTKEY_PERSON_KEEP	(1U << 0)	/* there already: only the roles change */
#define PROTKEY_PERSON_OWN	(1U << 1)	/* his own credential and factor, by himself */

/*
 * Add a person, or change one.  An administrator does it, and where the domain has
 * administrators with certificates, they must have signed it; where it has none, a KEK
 * of slot @slot does; with OWN it needs neither.  Read the new state with GET_STATE
 * and write it to disk.  -EACCES not logged in as one who may, -EEXIST there already,
 * -ENOENT KEEP or OWN of one who is not there, or no such slot, -EBUSY nobody would be
 * left who administers or unlocks, -ENOSPC 32 persons, or state full, -EPERM not
 * signed, -EKEYREJECTED wrong KEK, -ENOKEY domain locked.
 */
struct protkey_person_set {
	struct protkey_person_act act;		/* flags: PROTKEY_PERSON_* */
	__u16 digits;		/* of a code: 6 to 8; 0 without factor */
	__u16 reserved0;
	__u32 secret_size;	/* of the factor: 16..64 bytes; else 0 */
	__u8 secret[PROTKEY_FACTOR_SECRET_MAX];	/* these three: wiped by the module */
	__u8 credential[PROTKEY_CREDENTIAL_SIZE];
	__u8 kek[PROTKEY_KEK_SIZE];
	struct protkey_seal_params params;	/* how @credential comes about */
	__u32 slot;
	__u32 reserved1;
};
#define PROTKEY_IOC_PERSON_SET	_IOW(0xBC, 0x64, struct protkey_person_set)

/* As above; -ENOENT no such person. */
struct protkey_person_remove {
	char name[PROTKEY_NAME_SIZE];
	__u8 kek[PROTKEY_KEK_SIZE];		/* wiped by the module */
	__u32 slot;
	__u32 reserved;
};
#define PROTKEY_IOC_PERSON_REMOVE _IOW(0xBC, 0x65, struct protkey_person_remove)

/*
 * Log in.  On a domain's node: for this file, in this process, until the person is
 * removed or enrolled anew.  On the control node: kept for the next DOMAIN_UNLOCK of
 * this file, which then gives these errors too.  -ENODATA the domain has no persons,
 * -EKEYREJECTED there is no such person, or the credential or the code is wrong,
 * -EAGAIN too many wrong ones: wait @wait seconds, -ENOKEY domain locked.
 */
struct protkey_person_login {
	char name[PROTKEY_NAME_SIZE];
	__u8 credential[PROTKEY_CREDENTIAL_SIZE];	/* wiped by the module */
	__u32 code;		/* without factor: 0 */
	__u32 roles;		/* out */
	__u32 wait;		/* out */
	__u32 reserved;
};
#define PROTKEY_IOC_PERSON_LOGIN _IOWR(0xBC, 0x66, struct protkey_person_login)

/*
 * An operator agrees that the domain be destroyed in the next ten minutes: two of
 * them (or all there are) can do it without the signatures of administrators.
 */
#define PROTKEY_IOC_PERSON_AGREE _IO(0xBC, 0x67)

/* ---- the audit log ------------------------------------------------------- */

/*
 * Of one load of the module, which is a segment: a chain of entries, little-endian.
 * Documentation/audit.md.
 */
#define PROTKEY_AUDIT_HASH_SIZE	32	/* SHA-256 of an entry */
#define PROTKEY_AUDIT_TAG_SIZE	16

enum protkey_audit_event {
	PROTKEY_AUDIT_START		= 1,	/* the module was loaded */
	PROTKEY_AUDIT_STOP		= 2,
	PROTKEY_AUDIT_CREATE		= 3,
	PROTKEY_AUDIT_UNLOCK		= 4,
	PROTKEY_AUDIT_LOCK		= 5,
	PROTKEY_AUDIT_DELETE		= 6,
	PROTKEY_AUDIT_ZEROIZE		= 7,
	PROTKEY_AUDIT_MK_PART		= 8,
	PROTKEY_AUDIT_MK_COMMIT		= 9,
	PROTKEY_AUDIT_MK_SET		= 10,
	PROTKEY_AUDIT_MK_ABORT		= 11,
	PROTKEY_AUDIT_MK_CLEAR		= 12,
	PROTKEY_AUDIT_SEAL_ADD		= 13,
	PROTKEY_AUDIT_SEAL_REMOVE	= 14,
	PROTKEY_AUDIT_ADMINISTRATORS	= 15,
	PROTKEY_AUDIT_REQUEST		= 16,
	PROTKEY_AUDIT_SIGN		= 17,
	PROTKEY_AUDIT_VOLUME_PIN	= 18,
	PROTKEY_AUDIT_VOLUME_UNPIN	= 19,
	PROTKEY_AUDIT_VOLUME_CHECK	= 20,	/* refused ones only */
	PROTKEY_AUDIT_VAULT		= 21,	/* overwritten registers; a loss */
	PROTKEY_AUDIT_SUSPEND		= 22,
	PROTKEY_AUDIT_RESUME		= 23,
	PROTKEY_AUDIT_HYPERVISOR	= 24,	/* KVM was loaded */
	PROTKEY_AUDIT_CHECKPOINT	= 25,
	PROTKEY_AUDIT_NOTE		= 26,
	PROTKEY_AUDIT_QUOTA		= 27,
	PROTKEY_AUDIT_PERSON_SET	= 28,
	PROTKEY_AUDIT_PERSON_REMOVE	= 29,
	PROTKEY_AUDIT_LOGIN		= 30,
	PROTKEY_AUDIT_ROLE		= 31,	/* refused for want of a role */
	PROTKEY_AUDIT_AGREE		= 32,
	PROTKEY_AUDIT_MEASURED		= 40,	/* what a boot must have measured */
};

#define PROTKEY_AUDIT_TAGGED	(1U << 0)	/* @tag is one */
#define PROTKEY_AUDIT_KEY	(1U << 1)	/* @wrapped is the key of @tag */

struct protkey_audit_entry {
	__u8 segment[PROTKEY_UUID_SIZE];
	__u64 sequence;		/* in the segment, from 1 */
	__u64 time;		/* ns since 1970, as the machine had it */
	__u64 uptime;		/* ns since boot */
	__u32 event;		/* enum protkey_audit_event */
	__s32 result;		/* 0 or -errno */
	__u32 uid;		/* of the initial user namespace */
	__u32 pid;
	char process[16];
	char domain[PROTKEY_NAME_SIZE];
	char text[96];
	__u32 flags;		/* PROTKEY_AUDIT_TAGGED, _KEY */
	__u32 left_out;		/* refusals before this one that were too many */
	__u8 wrapped[72];	/* AES-256-KWP of key || 0^32, derivation 8 */
	__u8 previous[PROTKEY_AUDIT_HASH_SIZE];	/* entry before; 0 of the first */
	__u8 tag[PROTKEY_AUDIT_TAG_SIZE];	/* AES-256-CMAC of all before it */
};

/*
 * The entries after sequence @after that the module still has, at most @room.
 * Errors: none of its own.
 */
struct protkey_audit_read {
	__u64 after;
	__u64 entries_ptr;
	__u32 room;
	__u32 count;		/* out */
	__u64 first;		/* out: the oldest that is there */
	__u64 last;		/* out: the newest; @head is its hash */
	__u8 segment[PROTKEY_UUID_SIZE];
	__u8 head[PROTKEY_AUDIT_HASH_SIZE];
};
#define PROTKEY_IOC_AUDIT_READ	_IOWR(0xBC, 0x70, struct protkey_audit_read)

/*
 * An entry of the caller's: a CHECKPOINT or a NOTE.  -EACCES no CAP_SYS_ADMIN,
 * -EINVAL another event, text with other than printable ASCII or with a quote.
 */
struct protkey_audit_note {
	__u32 event;
	__u32 reserved;
	char text[96];
	__u64 sequence;		/* out */
	__u8 segment[PROTKEY_UUID_SIZE];	/* out */
	__u8 head[PROTKEY_AUDIT_HASH_SIZE];	/* out: hash of this entry */
};
#define PROTKEY_IOC_AUDIT_NOTE	_IOWR(0xBC, 0x71, struct protkey_audit_note)

/*
 * (domain's node) Verify the tags of @count entries that follow on one another, the
 * first of which has the key for this domain; ends before one without tag.  -EINVAL
 * no entries, too many, or the first has no such key, -EKEYREJECTED its key is
 * wrapped under another master key or changed, -EBADMSG entry @verified is not what
 * the module wrote, -ENOKEY domain locked, -EINTR killed.
 */
struct protkey_audit_verify {
	__u64 entries_ptr;
	__u64 count;
	__u64 verified;		/* out */
};
#define PROTKEY_IOC_AUDIT_VERIFY _IOWR(0xBC, 0x72, struct protkey_audit_verify)

#endif /* _UAPI_PROTKEY_H */
