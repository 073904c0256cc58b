/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * protkey-recover shares no code with the module or with libprotkey: it is
 * written from Documentation/keyblob.md and recovery.md, on OpenSSL 3 alone,
 * so that it can be a judge of both.
 */
#ifndef PROTKEY_RECOVER_H
#define PROTKEY_RECOVER_H

#include <stddef.h>
#include <stdint.h>

#define KEY_SIZE	32	/* KEK, master key, every derived key */
#define PATTERN_SIZE	16
#define PAYLOAD_SIZE	64
#define WRAPPED_SIZE	72

/* ---- primitives (primitives.c): 0 or -1 ---- */

/* SP 800-108 counter mode, AES-256-CMAC, 32-bit counter and length. */
int kdf(const uint8_t ki[KEY_SIZE], const char *label, const void *context,
	size_t context_size, uint8_t *out, size_t size);
/* The same over given bytes, for vectors. */
int kdf_fixed(const uint8_t ki[KEY_SIZE], const void *fixed, size_t fixed_size,
	      uint8_t *out, size_t size);
/* AES-256-KWP; fails when the integrity check does. */
int unwrap(const uint8_t kek[KEY_SIZE], const void *wrapped, size_t size,
	   uint8_t *out, size_t *out_size);
int cmac(const uint8_t key[KEY_SIZE], const void *data, size_t size,
	 uint8_t mac[16]);
int selftest(void);

/* ---- what they open (open.c): NULL, or what is wrong ---- */

struct opened_key {
	uint8_t payload[PAYLOAD_SIZE];
	unsigned int type;
	unsigned int size;
};

const char *open_blob(const uint8_t *blob, size_t size,
		      const uint8_t mk[KEY_SIZE], struct opened_key *key);

struct seal {
	uint8_t context[16 + 88];	/* domain UUID, parameters */
	uint8_t wrapped[WRAPPED_SIZE];
	uint8_t salt[32];
	uint32_t time_cost, memory_kib, parallelism;
	unsigned int kind;	/* 1 passphrase; else its KEK must be given */
};

#define SEAL_PASSPHRASE	1

const char *find_seal(const uint8_t *state, size_t size, unsigned int slot,
		      struct seal *seal);
const char *open_state(const uint8_t *state, size_t size,
		       const struct seal *seal, const uint8_t kek[KEY_SIZE],
		       uint8_t mk[KEY_SIZE]);

#endif
