#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=operation where=vm kernels=6.12 timeout=420 vm="--smp 2 --mem 1024"
# A ledger writes blocks while its domain is locked and unlocked fifty times: its
# volume is suspended and resumed under it each time, and nothing is lost.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
need_vm
need_cmd protkey pk-ledger jq mkfs.ext4
CYCLES=50

cli_load
cli_mounted books 200M

# a few blocks at a time, until it is told to end
write()
{
	local seed=1
	while [ ! -e "$TMP/end" ]; do
		pk-ledger write --dir "$TMP/mnt/ledger" --mib 1 --seed $seed || return
		seed=$((seed + 1))
		[ $seed -lt 120 ] || break
	done
}
write > "$TMP/written" 2>&1 &
writer=$!
locked=0 waited=0
for _ in $(seq $CYCLES); do
	protkey domain lock books > "$TMP/lock" 2>&1 && locked=$((locked + 1))
	grep -q "1 open volume is suspended" "$TMP/lock" && waited=$((waited + 1))
	sleep 0.2
	cli_unlock books > "$TMP/unlock" 2>&1 || diag "$(cat "$TMP/unlock")"
	sleep 0.$((RANDOM % 10))
done
touch "$TMP/end"
wait $writer
is "the writer went on to its end" $? 0
is "locked each time" "$locked" $CYCLES
is "under its open volume" "$waited" $CYCLES
is "it wrote all the while" "$(( $(wc -l < "$TMP/written") > 0 ))" 1
diag "$(tail -n 1 "$TMP/written")"
expect_out '"mismatches":0,' "every block and state is as it was written" \
	pk-ledger verify --dir "$TMP/mnt/ledger" --json
diag "$ktap_output"
must umount "$TMP/mnt"
must protkey volume close books
must protkey domain lock books
must cli_unlock books
must cli_open "$disk" books
must mount /dev/mapper/books "$TMP/mnt"
expect_out '"mismatches":0,' "also from the disk" pk-ledger verify --dir "$TMP/mnt/ledger" --json
check_not "no I/O error" sh -c "dmesg | grep -E 'I/O error|EXT4-fs error|JBD2'"
finish
