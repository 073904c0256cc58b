/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTKEY_CLI_KEY_H
#define PROTKEY_CLI_KEY_H

#include "cli.h"

int cmd_key_generate(const struct command *cmd, int argc, char **argv);
int cmd_key_import(const struct command *cmd, int argc, char **argv);
int cmd_key_show(const struct command *cmd, int argc, char **argv);
int cmd_key_verify(const struct command *cmd, int argc, char **argv);

/* Read and parse a blob's file. */
int key_load(const char *path, uint8_t blob[PROTKEY_BLOB_SIZE],
	     struct protkey_key_info *info);
/* Explain why a blob was refused by domain @name. */
int fail_key(int err, const char *path, const char *name);
struct json_object *key_json(const struct protkey_key_info *info);
void key_print(const struct protkey_key_info *info);

#endif
