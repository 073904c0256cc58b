/* SPDX-License-Identifier: GPL-2.0-only */
/* Digests under the TCG's algorithm numbers (TCG Algorithm Registry). */
#ifndef PROTKEY_FW_DIGEST_H
#define PROTKEY_FW_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fw_bank { FW_SHA1, FW_SHA256, FW_SHA384, FW_SHA512, FW_SM3, FW_BANKS };

#define FW_DIGEST_MAX	64
#define FW_PCRS		24

struct fw_digest {
	uint8_t size;		/* bytes; 0: there is none */
	uint8_t bytes[FW_DIGEST_MAX];
};

/* One digest for each bank; size 0 where a bank has none. */
struct fw_digests {
	struct fw_digest bank[FW_BANKS];
};

struct fw_pcrs {
	bool known[FW_BANKS];		/* the bank is active, all was read */
	struct fw_digest value[FW_BANKS][FW_PCRS];
};

/* "sha256" and the like, as tpm2-tools and Linux say. */
const char *fw_bank_name(enum fw_bank bank);
bool fw_bank_find(const char *name, enum fw_bank *bank);
/* TPM_ALG_ID of a bank and back; false if it is no bank that we know. */
uint16_t fw_bank_alg(enum fw_bank bank);
bool fw_bank_of_alg(uint16_t alg, enum fw_bank *bank);
size_t fw_bank_size(enum fw_bank bank);

/* 0 or -EOPNOTSUPP where OpenSSL does not have the algorithm. */
int fw_digest_of(enum fw_bank bank, const void *data, size_t size,
		 struct fw_digest *digest);
/* TPM2_PCR_Extend: value = H(value || digest). */
int fw_digest_extend(enum fw_bank bank, struct fw_digest *value,
		     const struct fw_digest *digest);
bool fw_digest_equal(const struct fw_digest *a, const struct fw_digest *b);

/* Lower case.  @text is the hex of exactly @size bytes. */
bool fw_hex_decode(const char *text, void *bytes, size_t size);
/* The same, where no NUL needs to be behind @hex. */
bool fw_hex_bytes(const char *hex, void *bytes, size_t size);
void fw_hex_encode(const void *bytes, size_t size, char *text);

#endif
