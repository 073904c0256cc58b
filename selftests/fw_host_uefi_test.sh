#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=vm kernels=6.12 timeout=240 long=yes vm="--mem 768 --uefi"
# `protkey fw host` on a UEFI whose owner has enrolled no key.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_vm
need_cmd protkey

# says CHECK TEXT NAME: with status 20 or, when it is not told, 21
says() { expect_out "$2" "$3" sh -c "protkey fw host $1; [ \$? = ${4:-20} ]"; }

[ -d /sys/firmware/efi ] || skip_all "not booted by UEFI"
umount /sys/firmware/efi/efivars 2> /dev/null
says secure_boot "efivarfs is not mounted" "without efivarfs nothing is known" 21
says dbx "efivarfs is not mounted" "of the list of revoked loaders neither" 21
modprobe efivarfs 2> /dev/null
mount -t efivarfs efivarfs /sys/firmware/efi/efivars || skip_all "no efivarfs"
says secure_boot "off" "Secure Boot is off"
says setup_mode "root can enrol any key" "setup mode is on"
says secure_boot_keys "there is no PK" "there is no platform key"
says dbx "empty" "no loader is revoked"
says tpm "none" "there is no TPM"
finish
