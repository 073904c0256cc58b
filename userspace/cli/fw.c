// SPDX-License-Identifier: GPL-2.0-only
/* protkey fw: its table. */
#include "fw.h"

const struct command fw_commands[] = {
	{ "host", "fw host", "[NAME]",
	  "what this machine's firmware, kernel and CPU enforce",
	  cmd_fw_host, NULL },
	{ 0 }
};
