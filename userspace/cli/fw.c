// SPDX-License-Identifier: GPL-2.0-only
/* protkey fw: its table. */
#include "fw.h"
#include "fw_check.h"

const struct command fw_commands[] = {
	{ "host", "fw host", "[NAME]",
	  "what this machine's firmware, kernel and CPU enforce",
	  cmd_fw_host, NULL },
	{ "measure", "fw measure", "",
	  "what booted, with the TPM's word for it",
	  cmd_fw_measure, NULL },
	{ "check", "fw check", "",
	  "what booted, against what should have",
	  cmd_fw_check, NULL },
	{ "verify", "fw verify", "EVIDENCE...",
	  "the boots of other machines", cmd_fw_verify, NULL },
	{ "challenge", "fw challenge", "",
	  "a nonce for other machines' evidence", cmd_fw_challenge, NULL },
	{ "reference", "fw reference", "COMMAND",
	  "what a good boot is", NULL, fw_reference_commands },
	{ 0 }
};
