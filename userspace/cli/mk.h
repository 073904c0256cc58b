/* SPDX-License-Identifier: GPL-2.0-only */
/* protkey domain mk: what its commands share. */
#ifndef PROTKEY_CLI_MK_H
#define PROTKEY_CLI_MK_H

#include "cli.h"
#include "domain.h"
#include "seal.h"

int cmd_mk_part(const struct command *cmd, int argc, char **argv);
int cmd_mk_set(const struct command *cmd, int argc, char **argv);

/* An act on a domain, and its registers before it; ends with domain_end(). */
struct mk_act {
	struct domain_act on;
	struct protkey_register new, old;
};

int mk_begin(struct mk_act *act, const char *name);
/* Why a step was refused. */
int fail_mk(int err, const char *name);

/* ---- a part in an officer's keeping (mk_file.c) ---- */

#define MK_WRAPPED_SIZE	72
#define MK_CMS_ROOM	8192
#define MK_PART_FILE_MAX	16384

/* Made in registers, and known to nobody: sealed under the officer's KEK, which a
 * passphrase gives or, with PROTKEY_SEAL_CMS, @cms. */
struct mk_part {
	char domain[PROTKEY_NAME_SIZE];
	uint8_t domain_uuid[PROTKEY_UUID_SIZE];
	uint8_t pattern[PROTKEY_PATTERN_SIZE];
	char officer[64];
	struct protkey_seal_params seal;
	uint8_t wrapped[MK_WRAPPED_SIZE];
	char cms[MK_CMS_ROOM];		/* PEM */
};

/* EXIT_OK or a status, and said why. */
int mk_part_load(const char *path, struct mk_part *part);
/* Into a file that is open and empty, and then complete on the disk. */
int mk_part_write(int fd, const char *path, const struct mk_part *part);

/* ---- a KEK encrypted to a certificate (mk_cms.c) ---- */

int mk_cms_encrypt(const char *cert_path, const __u8 *kek, char pem[MK_CMS_ROOM]);
int mk_cms_decrypt(const char *path, const char *pem, const char *key_path,
		   __u8 *kek);

/* ---- a part on paper (mk_paper.c) ---- */

bool mk_paper_is(const char *path);
/* @head: PAPER_HEAD bytes. */
void mk_paper_head(const struct mk_part *part, char *head);
/* All but the seal. */
int mk_paper_load(const char *path, struct mk_part *part, uint8_t *secret);

#endif
