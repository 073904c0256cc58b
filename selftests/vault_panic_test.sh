#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=vault where=host kernels=6.1,6.12 timeout=240
#
# A fatal oops ends in the serial log without debug registers. Without protkey
# they are printed.

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

dir=${PK_CHECK_DIR:-$TMP}

# die NAME COMMAND...: run COMMAND in a guest, then let it die of an oops
die()
{
	local name=$1
	shift
	mkdir -p "$dir/$name"
	"$PK_TOP/scripts/vm" --kernel "${PK_KERNEL:-6.1}" --workdir "$dir/$name" \
		--mem 512 --timeout 100 -- bash -c '
		. selftests/lib.sh
		load_test_module
		'"$*"'
		expect_splat_begin
		echo 1 > /proc/sys/kernel/panic_on_oops
		echo oops > /sys/kernel/debug/protkey_test/provoke
		sleep 20
		echo survived'
	is "$name: the guest panicked" "$?" 125
	log=$dir/$name/serial.log
	check "$name: it was our oops" grep -q 'Kernel panic' "$log"
}

die control 'echo "all 0xdead0001beef" > /sys/kernel/debug/protkey_test/dr_write'
check "control: the log has the debug registers" \
	grep -q 'DR0: 0000dead0001beef' "$log"

die protkey 'load_protkey'
check "protkey was loaded" grep -q 'Modules linked in: .*protkey(' "$log"
check_not "protkey: the log has no debug registers" grep -q 'DR[0-3]: ' "$log"
finish
