#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Memory dumps right after the import of a traffic secret, during TLS connections with
# protected keys, after their process was killed and after they were closed hold no traffic key or secret in any form, and
# all of them hold the key of a stock connection.
# check: group=ktls where=host kernels=6.1,6.12 timeout=600 retry=no

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/leak/lib.sh
. "$PK_TOP/selftests/leak/lib.sh"
need_cmd pk-scan pk-tls pk-passphrase protkey

dir=${PK_CHECK_DIR:-$TMP}/ktls
cleanup_add rm -rf "$dir"

# The least that must have been told: two processes with four connections, of
# these two with a secret and eight generations of keys.
least_secrets=40

run_guest()
{
	rm -rf "$dir"
	mkdir -p "$dir"
	check "the test build of the modules" leak_build "$PK_KERNEL" || finish
	check "a connection's life in the guest" \
		leak_vm "$PK_KERNEL" "$dir" --mem 384 --timeout 400 -- \
		"$PK_LEAK/guest-ktls.sh" || finish
}

check_told()
{
	local count
	scan_protkey "$dir" "$dir/dumps/live-1" "$TMP/report"
	count=$(scan_field secrets "$TMP/report")
	check "the guest told its secrets ($count)" [ "${count:-0}" -ge $least_secrets ]
	is "traffic secrets, too" "$(LC_ALL=C grep -aoE $'\xa5T[0 ]' "$dir/secrets" | wc -l)" 4
}

# The stock connection's key in dump $1 is found, once at each end at least.
check_control()
{
	local report=$dir/report
	scan_stock "$dir" "$dir/dumps/$1" "$report"
	if [ "$(scan_total whole "$report")" -ge 2 ] &&
	   [ "$(scan_total schedule "$report")" -ge 20 ]; then
		pass "$1: the stock key is found (control)"
	else
		fail "$1: the stock key is found (control)" "$(tail -n 1 "$report")"
	fi
}

run_guest
check_told
for name in imported live-1 live-2 killed unloaded; do
	if [ -s "$dir/dumps/$name" ]; then
		check_control $name
		leak_check_clean "$dir" $name "$dir/dumps/$name"
	else
		fail "$name: there is a dump"
	fi
done
finish
