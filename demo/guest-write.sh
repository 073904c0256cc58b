#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In the guest of scripts/demo, first boot: a stock volume and a protkey volume,
# a ledger on each, memory dumps while both are written; then close, reopen and
# verify. The module is the test build that tells its secrets.

# shellcheck source=selftests/leak/guest.sh
. "$(dirname "$0")/../selftests/leak/guest.sh"

mib=$1
passphrase=/share/passphrase

# Until the ledger has begun its block file $1: it is in the middle of its work.
wait_for_file()
{
	while [ ! -s "/mnt/ledger/chains/$1" ]; do
		kill -0 "$writer" || return 1
		sleep 0.3
	done
}

step "loading the module"
load_module
step "stock volume: format, open"
open_stock /dev/vda
mount_new stock
step "protkey: create a domain, format and open a volume"
make_protkey $passphrase /dev/vdb
mount_new ledger
step "writing a ledger of $mib MiB on the protkey volume, a small one on the stock volume"
pk-ledger write --dir /mnt/stock/ledger --mib 10 > /dev/null
pk-ledger write --dir /mnt/ledger --mib "$mib" --progress --json > /share/write.json &
writer=$!
wait_for_file blockfile_000002
vm-dump writing-1
step "memory dumped while the ledger is written (1)"
wait_for_file blockfile_000004
vm-dump writing-2
step "memory dumped while the ledger is written (2)"
wait "$writer"
step "closing and reopening the protkey volume"
umount /mnt/ledger
protkey volume close ledger
protkey volume open /dev/vdb ledger --passphrase-file $passphrase
mount /dev/mapper/ledger /mnt/ledger
step "verifying every block and state entry"
pk-ledger verify --dir /mnt/ledger --json > /share/reopened.json
step "closing, shutting down"
umount /mnt/ledger
protkey volume close ledger
