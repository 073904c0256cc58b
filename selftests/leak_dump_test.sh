#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Memory dumps of every phase of a volume's life hold none of protkey's secrets
# in any form, and all of them hold the stock volume's key.
# check: group=leak where=host kernels=6.1,6.12 timeout=900 retry=no

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/leak/lib.sh
. "$PK_TOP/selftests/leak/lib.sh"
need_cmd pk-scan pk-ledger pk-passphrase aeskeyfind fio protkey

dir=${PK_CHECK_DIR:-$TMP}/leak
cleanup_add rm -rf "$dir"

# The least that must have been told: DR half, wrapping key and its MAC key,
# MK, KEK, volume key, the derived keys of each, passphrase; and of persons a secret of
# each kind and what wraps it.
least_secrets=15

run_guest()
{
	rm -rf "$dir"
	mkdir -p "$dir"
	truncate -s 256M "$dir/stock" "$dir/protkey"
	check "the test build of the module" leak_build "$PK_KERNEL" || finish
	check "a volume's life in the guest" \
		leak_vm "$PK_KERNEL" "$dir" --mem 512 --timeout 600 \
		--disk "$dir/stock" --disk "$dir/protkey" -- \
		"$PK_LEAK/guest-dump.sh" || finish
}

check_told()
{
	local count
	scan_protkey "$dir" "$dir/dumps/idle-1" "$TMP/report"
	count=$(scan_field secrets "$TMP/report")
	check "the guest told its secrets ($count)" [ "${count:-0}" -ge $least_secrets ]
	check "and the passphrase, too" \
		env LC_ALL=C grep -aqF $'\xa5X(' "$dir/secrets"
}

# An independent judge: it knows no secret, and must find the stock keys only.
check_aeskeyfind()
{
	local name=$1 found
	found=$(aeskeyfind -q "$dir/dumps/$name" 2> /dev/null | sort -u)
	is "$name: aeskeyfind finds the stock keys and no other" \
		"$found" "$(stock_halves "$dir" | sort)"
}

# The states that a stock HMAC makes of its key, inner and outer, of two hashes.
check_hmac_control()
{
	local states
	pk-scan --json --secrets "$dir/share/control-hmac.secrets" \
		"$dir/dumps/$1" > "$TMP/report"
	states=$(scan_total states "$TMP/report")
	check "$1: the states of a stock HMAC are found (control)" [ "${states:-0}" -ge 4 ]
}

check_dumps()
{
	local name
	for name in idle-1 idle-2 load-1 load-2 closed locked zeroized unloaded; do
		if [ -s "$dir/dumps/$name" ]; then
			leak_check_control "$dir" "$name" "$dir/dumps/$name"
			check_hmac_control "$name"
			leak_check_clean "$dir" "$name" "$dir/dumps/$name"
		else
			fail "$name: there is a dump"
		fi
	done
	check_aeskeyfind load-1
}

run_guest
check_told
check_dumps
finish
