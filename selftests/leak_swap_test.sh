#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Neither swap space written when memory was short, nor the image of a
# hibernated machine holds any of protkey's secrets.
# check: group=leak where=host kernels=6.1,6.12 timeout=900 retry=no

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/leak/lib.sh
. "$PK_TOP/selftests/leak/lib.sh"
need_cmd pk-scan pk-passphrase protkey

dir=${PK_CHECK_DIR:-$TMP}/leak
cleanup_add rm -rf "$dir"

# A hibernated guest powers off: scripts/vm calls that "ended on its own", 125.
run_guest()
{
	local status=0
	rm -rf "$dir"
	mkdir -p "$dir/share"
	truncate -s 128M "$dir/stock" "$dir/protkey"
	truncate -s 1G "$dir/swap" "$dir/image"
	check "the test build of the module" leak_build "$PK_KERNEL" || finish
	"$PK_TOP/scripts/vm" --kernel "$PK_KERNEL" --mem 640 --timeout 600 --ram-root \
		--append "hibernate=nocompress" --secrets "$dir/secrets" \
		--disk "$dir/stock" --disk "$dir/protkey" \
		--disk "$dir/swap" --disk "$dir/image" -- \
		env PK_MODULES="$(leak_modules)" "$PK_LEAK/guest-swap.sh" \
		> "$dir/output" 2>&1 || status=$?
	grep '^stock-volume-key ' "$dir/output" > "$dir/share/control.secrets"
	grep '^swap-control ' "$dir/output" > "$dir/swap.secrets"
	if ! grep -q '^swap-used [1-9]' "$dir/output"; then
		fail "the guest swapped" "status $status
$(tail -n 30 "$dir/output")"
		finish
	fi
}

check_swap()
{
	expect_status 1 "swap: what a tmpfs held is found (control)" \
		pk-scan --secrets "$dir/swap.secrets" "$dir/swap"
	leak_check_clean "$dir" "swap" "$dir/swap"
}

# "S1SUSPEND" in place of the swap signature says that there is an image.
has_image() { dd if="$dir/image" bs=1 skip=4086 count=10 status=none | grep -qa SUSPEND; }

check_hibernation()
{
	if grep -q '^hibernation none' "$dir/output"; then
		skip "hibernation" "this kernel cannot hibernate"
		return
	fi
	check "hibernation was tried" grep -q '^hibernation begins' "$dir/output" || {
		diag "$(tail -n 20 "$dir/output")"
		return
	}
	check "hibernation with an open volume is vetoed" \
		grep -q '^hibernation vetoed' "$dir/output"
	if ! has_image; then
		skip "hibernation image" "the kernel wrote none: $(tail -n 1 "$dir/output")"
		return
	fi
	leak_check_control "$dir" "hibernation image" "$dir/image"
	leak_check_clean "$dir" "hibernation image" "$dir/image"
}

run_guest
check_swap
check_hibernation
finish
