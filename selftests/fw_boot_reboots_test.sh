#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=host kernels=6.12 timeout=5400 long=yes
# What must not alarm, with what a checker remembers: 20 reboots, another boot
# order, a new network card, a kernel that was announced before it was booted.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_fw.sh
. "$(dirname "$0")/lib_fw.sh"
need_cmd protkey jq openssl tpm2_eventlog sfdisk mformat swtpm qemu-system-x86_64
fw_setup
fw_keys

fw_machine board --dbx 3 --sbat-policy 1
check "a good boot" fw_boot board good
check "a reference is made from it" fw_referenced good
fw_trusted good "it is trusted" --state "$TMP/state"

# reboot OUT CLAIM [VM-OPTION]...
reboot()
{
	local out=$1 claim=$2
	shift 2
	fw_boot board "$out" "$@" > "$TMP/log" 2>&1 || fail "$claim" "$(tail -n 20 "$TMP/log")"
	fw_trusted "$out" "$claim: no alarm" --state "$TMP/state"
}

for ((i = 1; i <= 20; i++)); do
	reboot again "reboot $i"
done

fw_vars board --boot-order "2 0 1"
reboot order "another boot order"
check "which was measured" fw_differ good order 1
reboot card "a new network card" --qemu=-device --qemu=e1000,romfile=

# ---- an update
check "another kernel, its initramfs" fw_kernel board 6.1
fw_disk board
check "are announced before they were ever booted" protkey fw reference allow \
	"$TMP/reference" --kernel "$TMP/board/boot/vmlinuz" --initrd "$TMP/board/boot/initrd"
check "the reference is signed" fw_sign
reboot updated "the kernel that was announced"
check "which is another one" fw_differ good updated 9
fw_trusted card "the old kernel is trusted until it is withdrawn"

fw_caught good 25 tpm-reset tpm "the first boot's evidence after all these" \
	--state "$TMP/state"
finish
