#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=vm kernels=6.12 timeout=500 vm="--tpm"
# Seal slots: passphrases, a TPM, tang and 2-of-3 servers side by side; what a
# raw ioctl cannot do; full disk and a kill leave the old state.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
need_vm
need_cmd protkey pk-keytool jq clevis socat tpm2_pcrextend
tang_port=7500
# shellcheck source=selftests/lib_seal.sh
. "$(dirname "$0")/lib_seal.sh"
[ -e /dev/tpmrm0 ] || skip_all "no TPM"

seal() { protkey domain seal "$@"; }	# not that of lib_seal.sh
long() { [ "${PK_LONG:-0}" = 1 ]; }
unlock() { protkey domain unlock ledger "$@"; }
lock() { protkey domain lock ledger > /dev/null; }
relock() { lock; unlock "$@"; }
slots() { json seal list ledger --json "map(\"\(.slot) \(.kind)\") | join(\", \")"; }
cheap=(--memory-kib 1024 --time 1)
known=(--passphrase-file "$PASS")
printf 2718281828 > "$TMP/pin"

cli_load

# ---- raw ioctls, as root

KEK1=$(printf '11%.0s' {1..32}) KEK2=$(printf '22%.0s' {1..32})
raw() { pk-keytool seal-add raw "$@"; }
pk-keytool domain-create raw "$KEK1" "$TMP/raw.state" > /dev/null
expect_err EKEYREJECTED "raw: no slot without the KEK of another" raw 0 "$KEK2" 1 1 "$KEK2"
expect_err ENOENT "raw: no slot by a slot that is not there" raw 5 "$KEK1" 1 1 "$KEK2"
expect_err EEXIST "raw: no slot twice" raw 0 "$KEK1" 0 1 "$KEK2"
expect_err EINVAL "raw: slot 16" raw 0 "$KEK1" 16 1 "$KEK2"
expect_err EINVAL "raw: a TPM's slot without data" raw 0 "$KEK1" 1 2 "$KEK2"
expect_err EINVAL "raw: a passphrase with data" raw 0 "$KEK1" 1 1 "$KEK2" "$PASS"
expect_err EBADMSG "raw: a TPM's slot with other data" raw 0 "$KEK1" 1 2 "$KEK2" "$PASS"
expect_err EBADMSG "raw: clevis with other data" raw 0 "$KEK1" 1 3 "$KEK2" "$PASS"
expect_err EOPNOTSUPP "raw: an unknown kind" raw 0 "$KEK1" 1 5 "$KEK2"
expect_err EINVAL "raw: shares, none of none" raw 0 "$KEK1" 1 4 "$KEK2"
expect_err EBUSY "raw: the last slot stays" pk-keytool seal-remove raw 0
expect_err ENOENT "raw: remove what is not there" pk-keytool seal-remove raw 3
expect_err EACCES "raw: without CAP_SYS_ADMIN" setpriv --bounding-set=-sys_admin \
	pk-keytool seal-add raw 0 "$KEK1" 1 1 "$KEK2"
check "raw: a second slot" raw 0 "$KEK1" 1 1 "$KEK2"
check "raw: a third, by the second" raw 1 "$KEK2" 2 1 "$KEK1"
check "raw: the first goes" pk-keytool seal-remove raw 0
pk-keytool domain-lock raw
expect_err ENOKEY "raw: locked" raw 1 "$KEK2" 3 1 "$KEK2"
expect_err ENOKEY "raw: locked, remove" pk-keytool seal-remove raw 2
pk-keytool domain-delete raw

# ---- passphrases side by side

cli_domain ledger
expect_status 10 "the last slot is not removed" seal remove ledger --slot 0
check "add a passphrase" seal add ledger --passphrase --new-passphrase-file "$WRONG" \
	"${known[@]}" "${cheap[@]}"
printf none > "$TMP/none"
before=$(sha256sum < "$PROTKEY_STATE_DIR/ledger.sealed")
expect_status 8 "add: the passphrase is of no slot" seal add ledger --passphrase \
	--new-passphrase-file "$PASS" --passphrase-file "$TMP/none" "${cheap[@]}"
is "add: wrong passphrase leaves the file" "$(sha256sum < "$PROTKEY_STATE_DIR/ledger.sealed")" "$before"
expect_status 2 "add: of no kind" seal add ledger "${known[@]}"
expect_status 2 "add: of two kinds" seal add ledger --tpm2 --passphrase "${known[@]}"
expect_status 2 "add: --once-pcr 16 can be reset" seal add ledger --tpm2 --once-pcr 16 "${known[@]}"
expect_status 2 "add: --pcrs" seal add ledger --tpm2 --pcrs 4,24 "${known[@]}"
expect_status 6 "add: a slot in use" seal add ledger --tpm2 --slot 1 "${known[@]}"
check "the second passphrase opens" relock --passphrase-file "$WRONG"
check "the first too" relock "${known[@]}"
expect_status 8 "another one does not" relock --passphrase-file "$TMP/none"
expect_status 8 "--slot: the passphrase of another slot" unlock --slot 0 --passphrase-file "$WRONG"
expect_status 5 "--slot: not there" unlock --slot 9 "${known[@]}"
expect_status 5 "--unattended: no such slot" unlock --unattended
expect_status 7 "locked: seal add" seal add ledger --tpm2 "${known[@]}"

# ---- a TPM

unlock "${known[@]}" > /dev/null
expect_out "nothing was measured into PCR" "add a TPM, which warns of empty PCRs" \
	seal add ledger --tpm2 "${known[@]}"
check "add a TPM with a PIN" seal add ledger --tpm2 --new-pin-file "$TMP/pin" "${known[@]}"
is "list" "$(slots)" "0 passphrase, 1 passphrase, 2 tpm2, 3 tpm2"
expect_out "2 +tpm2 +PCRs 4,7,8,9,15, unattended once in a boot \(PCR 15\)" "list, for people" seal list ledger
check "unattended" relock --unattended
expect_err "opens so only once" "unattended, again in this boot" relock --unattended
is "unattended, again: status" "$ktap_status" 10
expect_err "wrong PIN" "a wrong PIN" unlock --pin-file "$WRONG"
check "the PIN" unlock --pin-file "$TMP/pin"
tpm2_pcrextend "9:sha256=$(printf %064d 77)"
expect_err "PCR 9 changed" "another initrd" relock --pin-file "$TMP/pin"
expect_err "PCR 9,15 changed" "another initrd, unattended" unlock --unattended
check "the passphrase opens all the same" unlock "${known[@]}"
check "add a new TPM slot" seal add ledger --tpm2 --slot 7 --new-pin-file "$TMP/pin" "${known[@]}"
check "and remove the old ones" seal remove ledger --slot 3
seal remove ledger --slot 2 > /dev/null
is "list after that" "$(slots)" "0 passphrase, 1 passphrase, 7 tpm2"
check "the new one opens" relock --pin-file "$TMP/pin"
tpm2_dictionarylockout -s -n 1 -t 600 -l 600
relock --pin-file "$WRONG" 2> /dev/null
expect_err "locked out after [0-9]* wrong PINs" "lock-out" unlock --pin-file "$TMP/pin"
tpm2_dictionarylockout -c
PROTKEY_TCTI=device:/dev/none expect_err "no TPM 2.0" "no TPM" unlock --pin-file "$TMP/pin"
check "no TPM: a passphrase opens" unlock "${known[@]}"

# ---- tang on loopback, and 2 of 3

ip link set lo up
tang_on 1
! long || { tang_on 2; tang_on 3; }
sleep 1
check "add tang" seal add ledger --clevis "tang $(tang_url 1)" --trust "${known[@]}"
expect_out "tang http://127.0.0.1:7501" "list: tang" seal list ledger
check "unattended by tang" relock --unattended --slot 2
all="0 passphrase, 1 passphrase, 2 clevis, 7 tpm2"
if long; then
	check "add 2 of 3" seal add ledger --trust "${known[@]}" \
		--clevis "sss {\"t\":2,\"pins\":{\"tang\":[$(tang_url 1),$(tang_url 2),$(tang_url 3)]}}"
	expect_out "sss, 2 of 3" "list: 2 of 3" seal list ledger
	all="0 passphrase, 1 passphrase, 2 clevis, 3 clevis, 7 tpm2"
fi
is "list with clevis" "$(slots)" "$all"
tang_off 1
expect_status 11 "tang is down" relock --unattended --slot 2
if long; then
	check "2 of 3 with one server down" unlock --unattended
	tang_off 2
	expect_status 11 "2 of 3 with two servers down" relock --unattended --slot 3
fi
unlock "${known[@]}" > /dev/null

# ---- a full disk, a kill: the old state

mkdir "$TMP/full"
mount -t tmpfs -o size=64k,mode=700 full "$TMP/full"
cleanup_add umount "$TMP/full"
cp -a "$PROTKEY_STATE_DIR" "$TMP/full/domains"
full() { PROTKEY_STATE_DIR=$TMP/full/domains "$@"; }
head -c 1M /dev/zero > "$TMP/full/fill" 2> /dev/null
before=$(sha256sum < "$TMP/full/domains/ledger.sealed")
expect_status 11 "full disk: add" full protkey domain seal add ledger --passphrase \
	--new-passphrase-file "$TMP/none" "${known[@]}" "${cheap[@]}"
is "full disk: the old file is as it was" "$(sha256sum < "$TMP/full/domains/ledger.sealed")" "$before"
is "full disk: no temporary file" "$(ls -A "$TMP/full/domains")" ledger.sealed
is "full disk: the module has no slot more" "$(slots)" "$all"
# killed between the module's change and the file's: the file stays, and opens
before=$(sha256sum < "$PROTKEY_STATE_DIR/ledger.sealed")
strace -f -o /dev/null -e inject=renameat,renameat2,rename:signal=KILL:when=1 \
	protkey domain seal add ledger --passphrase --new-passphrase-file "$TMP/none" \
	"${known[@]}" "${cheap[@]}" > /dev/null 2>&1
expect_err "TPM's or clevis'" "protkey-recover: a slot without passphrase" protkey-recover \
	--state "$PROTKEY_STATE_DIR/ledger.sealed" --slot 2 "${known[@]}"
mk=$(protkey-recover --state "$PROTKEY_STATE_DIR/ledger.sealed" --slot 1 --passphrase-file "$WRONG")
is "protkey-recover: two passphrases, one master key" "$mk" \
	"$(protkey-recover --state "$PROTKEY_STATE_DIR/ledger.sealed" "${known[@]}")"
is "killed: the file is old or new, whole" \
	"$(protkey-recover --state "$PROTKEY_STATE_DIR/ledger.sealed" "${known[@]}" | wc -c)" 65
lock
unload_protkey
cli_load
check "killed: after a reload the file opens" unlock "${known[@]}"
diag "the file was $([ "$(sha256sum < "$PROTKEY_STATE_DIR/ledger.sealed")" = "$before" ] && echo old || echo new)"

# ---- changed files

lock
file=$PROTKEY_STATE_DIR/ledger.sealed
cp "$file" "$TMP/good"
bit_flip "$file" $((192 + 168 + 168 + 168 + 16 + 60)) 0	# a PCR's value, of the MAC'd data
expect_status 8 "unlock: seal data changed" unlock "${known[@]}"
cp "$TMP/good" "$file"
check "unlock: the file put back" unlock "${known[@]}"
finish
