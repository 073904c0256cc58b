/* SPDX-License-Identifier: GPL-2.0-only */
/* Seal slots: making and opening them, by kind. */
#ifndef PROTKEY_CLI_SEAL_H
#define PROTKEY_CLI_SEAL_H

#include "cli.h"

#define SLOT_ANY	UINT32_MAX
#define SLOTS		16

/* Which slots of a domain may be tried. */
struct seal_options {
	const char *passphrase_file;	/* then only passphrases ... */
	const char *pin_file;		/* ... or only TPMs with a PIN */
	bool unattended;		/* only what asks nobody */
	unsigned int slot;		/* or SLOT_ANY */
	char *const *shares;		/* files; then only those */
	unsigned int share_count;
};

/* Options that say which slot gives the KEK for an act; @what: the passphrase's. */
#define SEAL_FROM_OPTS(from, what) \
	{ "passphrase-file", 0, OPT_TEXT, &(from).passphrase_file, "FILE", what }, \
	{ "pin-file", 0, OPT_TEXT, &(from).pin_file, "FILE", "or PIN of the TPM" }, \
	{ "from-slot", 0, OPT_NUMBER, &(from).slot, "N", \
	  "open this seal slot (default: any)" }

/*
 * Uses a slot's KEK: a status, or -EKEYREJECTED, printing nothing, if it is the
 * wrong one.
 */
typedef int (*seal_use)(unsigned int slot, const __u8 *kek, void *arg);

/*
 * Try the slots of domain @name, first those that ask nobody, then PINs, then
 * passphrases, until @use takes a KEK.  The status of @use or of the last error.
 */
int seal_open(const char *name, const struct protkey_state *state,
	      const struct seal_options *options, seal_use use, void *arg);

/* "passphrase", "tpm2", "clevis", "shares" */
const char *seal_kind_name(unsigned int kind);

/* ---- TPM 2.0 (seal_tpm.c): a status, and said why ---- */

struct seal_tpm_policy {
	uint32_t pcrs;			/* SHA-256 bank */
	unsigned int once_pcr;		/* one of them; without a PIN */
	const struct passphrase *pin;	/* or NULL */
	bool share;			/* that zeroize can destroy */
};

int seal_tpm_make(const struct protkey_seal_params *params, const __u8 *kek,
		  const struct seal_tpm_policy *policy, void *data,
		  size_t *size);
int seal_tpm_open(unsigned int slot, const struct protkey_seal_params *params,
		  const void *data, const struct passphrase *pin, __u8 *kek);
bool seal_tpm_wants_pin(const void *data);
/* Whether NV memory holds a share, and its end: a status, and said why. */
bool seal_tpm_has_share(const void *data);
int seal_tpm_destroy(const void *data);
struct json_object *seal_tpm_json(const void *data);

/* ---- clevis (seal_clevis.c): a status, and said why ---- */

/* @config: "PIN JSON"; @trust: what servers advertise, unasked. */
int seal_clevis_make(const char *config, bool trust, const __u8 *kek,
		     void *data, size_t *size);
int seal_clevis_open(unsigned int slot, const void *data, size_t size,
		     __u8 *kek);
struct json_object *seal_clevis_json(const void *data, size_t size);

/* ---- shares (seal_shares.c): a status, and said why ---- */

struct seal_shares {
	unsigned int threshold, count;
	const char *dir;
	unsigned int written;		/* files */
};

/* "3-of-5"; false if it is no such text. */
bool seal_shares_parse(const char *text, struct seal_shares *new);
/* Files of new->dir, each complete on the disk. */
int seal_shares_make(struct seal_shares *new, const char *name,
		     const uint8_t *domain_uuid,
		     const struct protkey_seal_params *params, const __u8 *kek);
/* Those of a slot that was not added. */
void seal_shares_remove(const struct seal_shares *new, const char *name);
int seal_shares_open(unsigned int slot, const struct protkey_seal_params *params,
		     const uint8_t *domain_uuid, char *const *paths,
		     unsigned int count, __u8 *kek);

#endif
