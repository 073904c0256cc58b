#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=host kernels=6.12 timeout=3600 long=yes
# As fw_boot, one change at a time and a boot for each: every kind of tampering
# is named alone.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_fw.sh
. "$(dirname "$0")/lib_fw.sh"
need_cmd protkey jq openssl tpm2_eventlog sfdisk mformat swtpm qemu-system-x86_64
fw_setup
fw_keys

# changed NAME: a clone of the board, to be changed; tried NAME PCR: it boots,
# and something else went to PCR
changed() { fw_clone board "$1"; }
tried()
{
	local name=$1 pcr=$2
	shift 2
	fw_disk "$name"
	if ! fw_boot "$name" "$name.out" "$@" > "$TMP/log" 2>&1; then
		fail "$name: it boots" "$(tail -n 20 "$TMP/log")"
	elif ! went_to "$name.out" "$pcr"; then
		fail "$name: PCR $pcr is another one"
	fi
	rm -rf "${TMP:?}/$name"
}

# IMA's events are in a list of their own
went_to()
{
	if [ "$2" = 10 ]; then
		! cmp -s "$TMP/good/ima" "$TMP/$1/ima"
	else
		fw_differ good "$1" "$2"
	fi
}

fw_machine board --dbx 3 --sbat-policy 1
check "a good boot" fw_boot board good
check "a reference is made from it" fw_referenced good

# ---- one change at a time
changed firmware
fw_flash firmware
tried firmware 0 "${FW_SMM[@]}"
fw_caught firmware.out 25 changed 'firmware\.volume\.0' "changed firmware volume"

changed kernel
fw_kernel kernel 6.1
cp -r "$TMP/kernel/boot" "$TMP/boot.6.1"
tried kernel 9
fw_caught kernel.out 25 changed kernel "changed kernel, a signed one"

changed initrd
fw_append initrd
tried initrd 9
fw_caught initrd.out 25 changed 'initrd\.0' "changed initrd"

changed cmdline
sed -i 's/$/ lockdown=none/' "$TMP/cmdline/boot/cmdline"
tried cmdline 8
fw_caught cmdline.out 25 changed 'command-line\.0' "changed command line"

changed off
fw_vars off --secure-boot 0
tried off 7
fw_caught off.out 25 changed 'secure-boot\.state' "Secure Boot off"

changed db
openssl x509 -in "$TMP/trust/fleet.pem" -outform DER -out "$TMP/evil.der"
fw_vars db --db-add "$TMP/evil.der"
tried db 7
fw_caught db.out 25 changed 'secure-boot\.db' "a db entry added"

changed dbx
fw_vars dbx --dbx 2
tried dbx 7
fw_caught dbx.out 25 weakened 'secure-boot\.dbx' "dbx shrunk"

changed more
fw_vars more --dbx 5
tried more 7
fw_trusted more.out "dbx that has grown: no alarm"

changed sbat
fw_vars sbat --delete SbatLevel
tried sbat 7
fw_caught sbat.out 25 weakened 'secure-boot\.sbat-level' "SBAT level lowered"

changed violate
FW_GUEST=violate tried violate 10
fw_caught violate.out 25 ima-violated 'ima.*' "IMA violation"

changed tpm
rm -rf "$TMP/tpm/tpm"
mkdir "$TMP/tpm/tpm"
check "it starts with another TPM" fw_boot tpm tpm.out
fw_caught tpm.out 25 other-tpm key "another TPM, the same boot"

changed card
tried card 2 --qemu=-device --qemu=virtio-net-pci
fw_caught card.out 22 strange '.*' "a network card that brings its own program for the firmware"

finish
