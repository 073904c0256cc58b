/* SPDX-License-Identifier: GPL-2.0-only */
/* IMA's measurement list, ascii and binary; templates ima, ima-ng, ima-sig. */
#ifndef PROTKEY_FW_IMA_H
#define PROTKEY_FW_IMA_H

#include "eventlog.h"

#define FW_IMA_MAX	(256U << 20)

struct fw_ima_entry {
	uint32_t pcr;
	struct fw_digest template_hash;	/* as logged: SHA-1 */
	char template_name[24];
	char file_alg[16];		/* "sha256" */
	struct fw_digest file_hash;
	const char *path;		/* in the log, @path_size bytes */
	size_t path_size;
	const uint8_t *signature;	/* ima-sig; may be NULL */
	size_t signature_size;
	bool violation;			/* hash of zeros: open for writing meanwhile */
	bool consistent;		/* template data hash to template_hash */
	/* Where the template's data are, for the hash of other banks. */
	const uint8_t *data;
	size_t data_size;
};

struct fw_ima {
	struct fw_ima_entry *entries;
	size_t count;
	size_t violations;
	struct fw_fault *faults;
	size_t fault_count;
	void *storage;			/* what an ascii list was unpacked to */
};

/* Either form, told apart by its first bytes.  As fw_eventlog_parse(). */
int fw_ima_parse(const void *data, size_t size, struct fw_ima *ima);
void fw_ima_free(struct fw_ima *ima);
/*
 * PCR 10 after any number of entries may be the quoted one, since the list
 * grows: gives the number of entries that leads to @value, or -1.
 */
long fw_ima_replay(const struct fw_ima *ima, enum fw_bank bank,
		   const struct fw_digest *value);

#endif
