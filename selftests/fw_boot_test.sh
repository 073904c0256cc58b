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
expect_status 26 "a reference that nobody signed is refused" fw_check good
check "it is signed" fw_sign
fw_trusted good "the good boot is trusted"

# ---- harmless changes are no alarm
fw_vars board --boot-order "2 0 1" --dbx 5
check "it starts again: other boot order, a network card, more in dbx" \
	fw_boot board again --qemu=-device --qemu=e1000,romfile=
check "the boot order was measured" fw_differ good again 1
check "and dbx" fw_differ good again 7
fw_trusted again "a reboot, boot order, network card, grown dbx: no alarm"

# ---- tampered with: all in one boot, each is named
fw_clone board evil
openssl x509 -in "$TMP/trust/fleet.pem" -outform DER -out "$TMP/evil.der"
fw_vars evil --db-add "$TMP/evil.der" --dbx 2 --delete SbatLevel
fw_flash evil
fw_kernel evil 6.1
fw_append evil
sed -i 's/$/ lockdown=none/' "$TMP/evil/boot/cmdline"
fw_disk evil
FW_GUEST=violate
check "it starts with other firmware, keys, SBAT level, kernel, initrd, arguments" \
	fw_boot evil evil.out "${FW_SMM[@]}"
FW_GUEST=''
for pcr in 0 4 7 8 9; do
	check "PCR $pcr is another one" fw_differ good evil.out $pcr
done
check "tpm2-tools: that log is true, too" fw_explained evil.out 0 1 2 3 4 5 6 7 8 9 14
fw_caught evil.out 25 changed 'firmware\.volume\.0' "changed firmware volume"
fw_caught evil.out 25 changed kernel "changed kernel, a signed one"
fw_caught evil.out 25 changed 'secure-boot\.db' "a db entry added"
fw_caught evil.out 25 weakened 'secure-boot\.dbx' "dbx shrunk"
fw_caught evil.out 25 weakened 'secure-boot\.sbat-level' "SBAT level lowered"
fw_caught evil.out 25 changed 'initrd\.0' "changed initrd"
fw_caught evil.out 25 changed 'command-line\.0' "changed command line"
fw_caught evil.out 25 ima-violated 'ima.*' "IMA violation"

# ---- evidence changed on its way; by what it had to be, nothing else is known
fw_tamper good removed drop 9.-1
fw_caught removed 25 pcr-differs 'pcr\.9' "an event removed: PCR 9 tells"
fw_caught removed 25 gone 'initrd\.0' "and what it was of"
fw_tamper good added repeat 4.-1
fw_caught added 25 pcr-differs 'pcr\.4' "an event added"
fw_tamper good moved swap 8.1
fw_caught moved 25 pcr-differs 'pcr\.8' "events in another order"
fw_tamper good edited digest 4.3
fw_caught edited 25 pcr-differs 'pcr\.4' "a digest edited"
fw_tamper evil.out whitewashed take event-log "$TMP/good/evidence"
for pcr in 0 4 7 8 9; do
	fw_caught whitewashed 25 pcr-differs "pcr\.$pcr" "the good boot's log for the bad one: PCR $pcr"
done
fw_tamper evil.out unmeasured text 8.-3 lockdown=none lockdown=noon
fw_caught unmeasured 25 text-forged 'command-line\.0' "the command line's text edited, not its digest"
fw_tamper good short cut 9
fw_caught short 25 log-unreadable event-log "a log that is cut off"

fw_tamper evil.out replayed take event-log pcrs quote "$TMP/good/evidence"
openssl rand -hex 32 > "$TMP/later"
fw_caught replayed 25 quote-replayed quote "an old quote, shown again" --nonce "$TMP/later"
fw_tamper evil.out halfway take quote "$TMP/good/evidence"
fw_caught halfway 25 quote-forged quote "the good boot's quote, the bad one's PCRs"
mkdir -p "$TMP/unquoted"
jq 'del(.quote)' "$TMP/good/evidence" > "$TMP/unquoted/evidence"
fw_caught unquoted 23 quote-missing quote "PCRs that no TPM vouches for"

# the reset counter is signed: this boot had another one
fw_trusted good "seen once by somebody who remembers" --state "$TMP/seen"
check "the TPM is reset and filled by the good log" fw_refill board good refilled
fw_trusted refilled "who saw nothing before cannot tell"
fw_caught refilled 25 tpm-reset '.*' "the TPM was reset in between" --state "$TMP/seen"

# ---- no change of a true log is trusted
trusted=''
check "bits of it are changed" "$FW/tamper.py" --flips "$TMP/good/evidence" "$TMP/flips" 60
for path in "$TMP"/flips/*; do
	ktap_run fw_check "flips/${path##*/}"
	case $ktap_status in 22 | 24 | 25) ;; *) trusted+=" ${path##*/}:$ktap_status" ;; esac
done
is "a bit of what was measured is another: tampered or a fault" "$trusted" ''

# ---- references
cp "$TMP/reference" "$TMP/saved"
sed -i 's/no-violation/ignore/' "$TMP/reference"
check_not "the reference is another" cmp "$TMP/reference" "$TMP/saved"
expect_err 'refused' "a changed reference is refused" fw_check good
expect_status 26 "with its own status" fw_check good
cp "$TMP/saved" "$TMP/reference"
fw_trusted good "the true one is not"
check "a kernel and its initramfs are announced" protkey fw reference allow \
	"$TMP/reference" --kernel "$TMP/evil/boot/vmlinuz" --initrd "$TMP/evil/boot/initrd"
expect_status 26 "which is signed by nobody yet" fw_check good
check "it is signed anew" fw_sign
fw_spared evil.out '(kernel|initrd).*' "they are no finding any more"
fw_caught evil.out 25 changed 'command-line\.0' "the rest of that boot is"
fw_trusted good "the boot before is still trusted"

# ---- SeaBIOS, on another TPM
fw_machine old --bios
check "SeaBIOS, GRUB and the kernel start" fw_boot old bios
check "tpm2-tools: the log leads to the TPM's PCRs" fw_explained bios 0 1 2 3 4 5 6 7
fw_caught bios 25 other-tpm key "evidence of another machine"
fw_tamper good foreign take quote pcrs "$TMP/bios/evidence"
fw_caught foreign 25 other-tpm key "a quote of another TPM"
mv "$TMP/reference" "$TMP/reference.uefi"
rm "$TMP/reference.p7s"
check "a reference for a BIOS" protkey fw reference make "$TMP/bios/evidence" \
	--out "$TMP/reference" --pin --ima no-violation
check "it is signed" fw_sign
fw_trusted bios "a good boot by SeaBIOS is trusted"
fw_tamper bios bios.removed drop 4.-1
fw_caught bios.removed 25 pcr-differs 'pcr\.4' "the boot sector's event removed"

finish
