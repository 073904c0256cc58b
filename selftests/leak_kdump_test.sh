#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A machine that panics under load leaves a vmcore; it holds the stock volume's
# key and none of protkey's secrets. What makedumpfile leaves out is stated.
# check: group=leak where=host kernels=6.1,6.12 timeout=900 retry=no

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/leak/lib.sh
. "$PK_TOP/selftests/leak/lib.sh"
need_cmd pk-scan pk-passphrase makedumpfile kexec fio protkey

dir=${PK_CHECK_DIR:-$TMP}/leak
cleanup_add rm -rf "$dir"

run_guest()
{
	rm -rf "$dir"
	mkdir -p "$dir/share"
	truncate -s 128M "$dir/stock" "$dir/protkey"
	printf '#!/bin/sh\nexec %s/guest-kdump.sh save\n' "$PK_LEAK" > "$dir/share/kdump-command"
	chmod 755 "$dir/share/kdump-command"
	check "the test build of the module" leak_build "$PK_KERNEL" || finish
	check "panic and crash kernel" \
		leak_vm "$PK_KERNEL" "$dir" --mem 768 --timeout 600 \
		--append crashkernel=256M \
		--disk "$dir/stock" --disk "$dir/protkey" -- \
		"$PK_LEAK/guest-kdump.sh" || finish
}

# The arena's pages are marked offline. That is no more than a courtesy to
# dumps, so what a kernel and a makedumpfile make of it is only reported.
state_makedumpfile()
{
	local pages
	check "makedumpfile reads the vmcore" grep -q '^status 0' "$dir/share/makedumpfile.log"
	pages=$(sed -n 's/.*[Oo]ffline pages *: *0x0*\([0-9a-f]*\).*/\1/p' \
		"$dir/share/makedumpfile.log" | head -n 1)
	pass "makedumpfile left out $((0x0${pages:-0})) pages as offline (for information)"
}

run_guest
for name in vmcore vmcore.filtered; do
	leak_check_control "$dir" "$name" "$dir/share/$name"
	leak_check_clean "$dir" "$name" "$dir/share/$name"
done
state_makedumpfile
finish
