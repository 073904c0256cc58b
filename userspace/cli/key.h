/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTKEY_CLI_KEY_H
#define PROTKEY_CLI_KEY_H

#include "cli.h"

int cmd_key_generate(const struct command *cmd, int argc, char **argv);
int cmd_key_import(const struct command *cmd, int argc, char **argv);
int cmd_key_show(const struct command *cmd, int argc, char **argv);
int cmd_key_verify(const struct command *cmd, int argc, char **argv);
int cmd_key_reencipher(const struct command *cmd, int argc, char **argv);

/* Read and parse a blob's file. */
int key_load(const char *path, uint8_t blob[PROTKEY_BLOB_SIZE],
	     struct protkey_key_info *info);
/* The node of domain @want, or, if NULL, of the one that the blob names; @name gets it. */
int key_domain(const struct protkey_key_info *info, const char *path,
	       const char *want, char name[PROTKEY_NAME_SIZE], int *domain);
/* Explain why a blob was refused by domain @name. */
int fail_key(int err, const char *path, const char *name);
struct json_object *key_json(const struct protkey_key_info *info);
void key_print(const struct protkey_key_info *info);

#endif
