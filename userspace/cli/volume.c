// SPDX-License-Identifier: GPL-2.0-only
/* protkey volume: its table. */
#include "volume.h"

const struct command volume_commands[] = {
	{ "format", "volume format", "DEVICE",
	  "make a LUKS2 volume with a protected key and pin it",
	  cmd_volume_format, NULL },
	{ "open", "volume open", "DEVICE NAME",
	  "check a volume and open it as /dev/mapper/NAME",
	  cmd_volume_open, NULL },
	{ "close", "volume close", "NAME", "close an open volume",
	  cmd_volume_close, NULL },
	{ "list", "volume list", "", "the pinned volumes, and which are open",
	  cmd_volume_list, NULL },
	{ "verify", "volume verify", "DEVICE",
	  "make all checks of open without opening",
	  cmd_volume_verify, NULL },
	{ "pin", "volume pin", "DEVICE",
	  "adopt a volume that plain cryptsetup made",
	  cmd_volume_pin, NULL },
	{ "unpin", "volume unpin", "UUID", "forget a volume: it no longer opens",
	  cmd_volume_unpin, NULL },
	{ "reencipher", "volume reencipher", "DEVICE",
	  "wrap a volume's key under the current master key",
	  cmd_volume_reencipher, NULL },
	{ 0 }
};
