#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=host kernels=6.12 timeout=1500
# Real boots by OVMF with Secure Boot (shim, GRUB, Debian's kernel) and by
# SeaBIOS: a good one is trusted, also after harmless changes; what was tampered
# with is named; evidence that was changed on its way is refused.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_fw.sh
. "$(dirname "$0")/lib_fw.sh"
need_cmd protkey jq openssl tpm2_eventlog sfdisk mformat swtpm qemu-system-x86_64
fw_setup
fw_keys

# ---- a good boot
fw_machine board --dbx 3 --sbat-policy 1
check "OVMF, shim, GRUB and the kernel start under Secure Boot" fw_boot board good
check "tpm2-tools: the log leads to the TPM's PCRs" fw_explained good 0 1 2 3 4 5 6 7 8 9 14
check "a reference is made from it" protkey fw reference make "$TMP/good/evidence" \
	--out "$TMP/reference" --pin --ima no-violation
protkey fw reference set "$TMP/reference" secure-boot.dbx --rule superset
expect_status 26 "a reference that nobody signed is refused" fw_check good
check "it is signed" fw_sign
fw_trusted good "the good boot is trusted"

# ---- harmless changes are no alarm
fw_vars board --boot-order "2 0 1"
check "it starts again: other boot order, a network card, IMA at work" \
	fw_boot board again --qemu=-device --qemu=e1000,romfile=
check "the boot order was measured" fw_differ good again 1
fw_trusted again "a reboot, changed boot order, new network card: no alarm"

# ---- tampered with: all in one boot, each is named
fw_clone board evil
openssl x509 -in "$TMP/trust/fleet.pem" -outform DER -out "$TMP/evil.der"
fw_vars evil --db-add "$TMP/evil.der" --dbx 2 --delete SbatLevel
sed -i 's/$/ lockdown=none/' "$TMP/evil/boot/cmdline"
# an archive behind the archive: the kernel unpacks both
echo evil | (cd "$TMP" && cat > evil.txt && echo evil.txt | cpio --quiet -o -H newc) \
	>> "$TMP/evil/boot/initrd"
fw_disk evil
FW_GUEST=violate
check "it starts with another key in db, less dbx, SBAT level, initrd, arguments" \
	fw_boot evil evil.out
FW_GUEST=''
for pcr in 7 8 9; do
	check "PCR $pcr is another one" fw_differ good evil.out $pcr
done
check "tpm2-tools: that log is true, too" fw_explained evil.out 0 1 2 3 4 5 6 7 8 9 14
fw_caught evil.out 25 changed 'secure-boot\.db' "a db entry added"
fw_caught evil.out 25 weakened 'secure-boot\.dbx' "dbx shrunk"
fw_caught evil.out 25 'weakened|changed' '.*[Ss]bat.*' "SBAT level lowered"
fw_caught evil.out 25 changed 'initrd.*' "changed initrd"
fw_caught evil.out 25 changed 'command-line.*' "changed command line"
fw_caught evil.out 25 ima-violated 'ima.*' "IMA violation"

finish
