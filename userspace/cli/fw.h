/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTKEY_CLI_FW_H
#define PROTKEY_CLI_FW_H

#include "cli.h"
#include "../fw/host.h"

int cmd_fw_host(const struct command *cmd, int argc, char **argv);
int cmd_fw_measure(const struct command *cmd, int argc, char **argv);

/* One line for people; @indent is how far from the left. */
void host_print(const struct host_check *check, const struct host_fact *fact,
		int indent);
struct json_object *host_json(const struct host_check *check,
			      const struct host_fact *fact);
/* All of them, read now, added to @to under their names. */
void host_json_all(const struct host *host, struct json_object *to);
/* "3 good, 2 bad, 1 unknown, 1 not applicable" */
void host_print_count(const int count[HOST_STATES]);

#endif
