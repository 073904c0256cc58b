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

/* Made in registers, and known to nobody: sealed under the officer's KEK. */
struct mk_part {
	char domain[PROTKEY_NAME_SIZE];
	uint8_t domain_uuid[PROTKEY_UUID_SIZE];
	uint8_t pattern[PROTKEY_PATTERN_SIZE];
	char officer[64];
	struct protkey_seal_params seal;
	uint8_t wrapped[MK_WRAPPED_SIZE];
};

/* EXIT_OK or a status, and said why. */
int mk_part_load(const char *path, struct mk_part *part);
/* Into a file that is open and empty, and then complete on the disk. */
int mk_part_write(int fd, const char *path, const struct mk_part *part);

#endif
