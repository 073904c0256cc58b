#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A passphrase typed at a terminal, or passed without a copy, is gone from
# memory after use. One in a file is in the page cache for as long as the file
# is there: that is the control, and what Documentation/leak-tests.md warns of.
# check: group=leak where=host kernels=6.12 timeout=600 retry=no

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/leak/lib.sh
. "$PK_TOP/selftests/leak/lib.sh"
need_cmd pk-scan pk-passphrase protkey

dir=${PK_CHECK_DIR:-$TMP}/leak
cleanup_add rm -rf "$dir"

# In the order of guest-passphrase.sh: the names that pk-scan gives them are
# passphrase@OFFSET, by the place of the record in the file of secrets.
names() { LC_ALL=C grep -aboF $'\xa5X(' "$dir/secrets" | cut -d : -f 1; }

# hits NAME: what was found of this passphrase
hits() { sed -n "s/.*\"name\":\"$1\",\"size\":[0-9]*,\"hits\":\([0-9]*\).*/\1/p" "$dir/report"; }

rm -rf "$dir"
check "the test build of the module" leak_build "$PK_KERNEL" || finish
check "domains made in the guest" leak_vm "$PK_KERNEL" "$dir" --mem 512 --timeout 400 -- \
	"$PK_LEAK/guest-passphrase.sh" || finish
mapfile -t at < <(names)
is "four passphrases were told" "${#at[@]}" 4
scan_protkey "$dir" "$dir/dumps/passphrases" "$dir/report"
terminal=$(hits "passphrase@${at[0]}") splice=$(hits "passphrase@${at[1]}")
file=$(hits "passphrase@${at[2]}") pipe=$(hits "passphrase@${at[3]}")
is "typed at a terminal: nothing left" "${terminal:-0}" 0
is "passed without a copy: nothing left" "${splice:-0}" 0
check "in a file that is still there: found (control)" [ "${file:-0}" -gt 0 ]
diag "left by an ordinary pipe: ${pipe:-0} hits"
finish
