#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=host kernels=6.12 timeout=3600 long=yes
# Other firmware and loaders: OVMF with SMM, no Secure Boot and an older GRUB,
# SeaBIOS and a changed boot sector.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_fw.sh
. "$(dirname "$0")/lib_fw.sh"
need_cmd protkey jq openssl tpm2_eventlog sfdisk mformat swtpm qemu-system-x86_64
fw_setup
fw_keys

# ---- OVMF with SMM, which guards the variables
fw_machine smm --dbx 3 --sbat-policy 1
fw_flash smm
check "OVMF with SMM" fw_boot smm smm.out "${FW_SMM[@]}"
check "its reference" fw_referenced smm.out
check "it starts again" fw_boot smm smm.again "${FW_SMM[@]}"
fw_trusted smm.again "a reboot: no alarm"

# ---- without Secure Boot an older GRUB starts; it is no accepted one
fw_machine plain
cp /usr/share/OVMF/OVMF_VARS_4M.fd "$TMP/plain/vars.fd"
check "OVMF without keys" fw_boot plain plain.out
check "its reference" fw_referenced plain.out
fw_trusted plain.out "a machine that never had Secure Boot is trusted as it is"
if [ -e "$fw_loaders/old/grubx64.efi" ]; then
	fw_clone plain downgrade
	cp "$fw_loaders/old/grubx64.efi" "$TMP/downgrade/loaders/"
	fw_disk downgrade
	check "it starts the older GRUB" fw_boot downgrade downgrade.out
	fw_caught downgrade.out 25 changed 'loader\.grub' "an older boot loader"
else
	skip "an older boot loader" "the archive has no older GRUB"
fi

# ---- SeaBIOS
fw_machine old --bios
check "SeaBIOS, GRUB and the kernel start" fw_boot old bios
check "its reference" fw_referenced bios
fw_clone old sector
printf EVIL | dd of="$TMP/sector/disk.img" bs=1 seek=400 conv=notrunc status=none
check "a boot sector with other strings" fw_boot sector sector.out
fw_caught sector.out 25 changed 'loader\.0' "changed boot sector"

finish
