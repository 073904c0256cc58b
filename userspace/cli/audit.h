/* SPDX-License-Identifier: GPL-2.0-only */
/* protkey audit: what its commands share. */
#ifndef PROTKEY_CLI_AUDIT_H
#define PROTKEY_CLI_AUDIT_H

#include "cli.h"

int cmd_audit_verify(const struct command *cmd, int argc, char **argv);
int cmd_audit_checkpoint(const struct command *cmd, int argc, char **argv);

/* ---- the file (audit_log.c): entries, and nothing else ---- */

#define AUDIT_LOG_DEFAULT	"/var/log/protkey/audit.log"

/* PROTKEY_AUDIT_LOG, or the default. */
const char *audit_path(void);

struct audit_log {
	const struct protkey_audit_entry *entries;	/* mapped */
	size_t count;
	size_t rest;		/* bytes of half an entry at the end */
	size_t size;
};

/* EXIT_OK or a status, and said why. */
int audit_load(const char *path, struct audit_log *log);
void audit_free(struct audit_log *log);

/*
 * Append to the file what the module has and the file has not, and link a new
 * segment to what is there.  @added: how many; may be NULL.
 */
int audit_collect(const char *path, size_t *added);

void audit_hash(const struct protkey_audit_entry *entry,
		uint8_t hash[PROTKEY_AUDIT_HASH_SIZE]);

/* What links a segment to the one before: the note in it, and its reader. */
#define AUDIT_LINK_HASH	16
struct audit_link {
	uint8_t segment[PROTKEY_UUID_SIZE];
	uint64_t sequence;
	uint8_t hash[AUDIT_LINK_HASH];	/* the first bytes */
};
void audit_link_of(const struct protkey_audit_entry *entry, struct audit_link *link);
bool audit_link_read(const struct protkey_audit_entry *entry,
		     struct audit_link *link);

/* ---- the TPM's counter (audit_tpm.c) ---- */

/*
 * The next value, which the counter has once @note says so in the log.  EXIT_OK or
 * a status.
 */
int audit_tpm_next(const char *path, struct protkey_audit_note *note);
/* The number in an entry of that; false: another kind of checkpoint. */
bool audit_tpm_text(const struct protkey_audit_entry *entry, uint64_t *value);
/* 0; -ENOENT no such counter, -ENODEV no TPM. */
int audit_tpm_read(uint64_t *value);

#endif
