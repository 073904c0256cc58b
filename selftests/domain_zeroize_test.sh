#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=vm kernels=6.12 timeout=300 vm="--tpm --mem 1024"
# Zeroize, by hand and by a firmware verdict: open volumes get errors, the TPM's
# share and the file are gone, an old copy opens by none of this machine's means.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
need_vm
need_cmd protkey pk-keytool jq tpm2_getcap cryptsetup
[ -e /dev/tpmrm0 ] || skip_all "no TPM"
cli_load
modprobe loop

shares() { tpm2_getcap handles-nv-index | grep -ci '0x1806b' || true; }
seal() { protkey domain seal "$@"; }
known=(--passphrase-file "$PASS")
printf 2718281828 > "$TMP/pin"
truncate -s 40M "$TMP/disk"
disk=$(losetup -f --show "$TMP/disk")
cleanup_add losetup -d "$disk"

make_domain()
{
	cli_domain "$1"
	ktap_run seal add "$1" --tpm2 --pcrs 0,7 --pin --new-pin-file "$TMP/pin" "${known[@]}"
	ktap_run seal remove "$1" --slot 0
	cp "$PROTKEY_STATE_DIR/$1.sealed" "$TMP/$1.copy"
}

# ---- shares come and go with their slots

before=$(shares)
cli_domain shares
check "a TPM slot" seal add shares --tpm2 --pcrs 0,7 --pin --new-pin-file "$TMP/pin" "${known[@]}"
is "has a share" "$(shares)" $((before + 1))
check "another" seal add shares --tpm2 --pcrs 0,7 --pin --new-pin-file "$TMP/pin" "${known[@]}"
is "has its own" "$(shares)" $((before + 2))
check "one without" seal add shares --tpm2 --no-share --pcrs 0,7 --pin --new-pin-file "$TMP/pin" "${known[@]}"
is "has none" "$(shares)" $((before + 2))
expect_status 8 "a slot that is not added" seal add shares --tpm2 --pcrs 0,7 --pin \
	--new-pin-file "$TMP/pin" --passphrase-file "$WRONG"
is "leaves no share" "$(shares)" $((before + 2))
cp "$PROTKEY_STATE_DIR/shares.sealed" "$TMP/shares.copy"
check "a slot is removed" seal remove shares --slot 1
is "its share goes" "$(shares)" $((before + 1))
for slot in 2 3; do
	protkey domain lock shares > /dev/null
	check "slot $slot opens" protkey domain unlock shares --slot $slot --pin-file "$TMP/pin"
done
pk-keytool domain-delete shares
cp "$TMP/shares.copy" "$PROTKEY_STATE_DIR/shares.sealed"
expect_status 8 "the removed slot of an old copy does not open" \
	protkey domain unlock shares --slot 1 --pin-file "$TMP/pin"
check "the others do" protkey domain unlock shares --slot 2 --pin-file "$TMP/pin"
expect_out "slot 0, passphrase" "zeroize says what an old copy opens by" \
	protkey domain zeroize shares --yes
is "the shares are gone" "$(shares)" "$before"
cp "$TMP/shares.copy" "$PROTKEY_STATE_DIR/shares.sealed"
check "and that is so: the passphrase" cli_unlock shares
pk-keytool domain-delete shares
check "the slot without a share" protkey domain unlock shares --slot 3 --pin-file "$TMP/pin"
pk-keytool domain-delete shares
expect_status 8 "but not the one with a share" \
	protkey domain unlock shares --slot 2 --pin-file "$TMP/pin"
check "a locked domain, which the module does not know" protkey domain zeroize shares --yes

# ---- under an open volume

make_domain ledger
ktap_run cli_format "$disk" ledger
cp "$PROTKEY_STATE_DIR/ledger.sealed" "$TMP/ledger.copy"
protkey key generate -d ledger -t xts-256 -o "$TMP/key.blob" > /dev/null
ktap_run cli_open "$disk" vol
write() { dd if=/dev/urandom of=/dev/mapper/vol bs=4096 count=64 oflag=direct status=none; }
check "the volume is written to" write
expect_status 1 "nobody says yes" sh -c "protkey domain zeroize ledger < /dev/null"
check "which does nothing" write
expect_status 6 "delete refuses" protkey domain delete ledger --yes
expect_out "is destroyed: no copy opens by it" "zeroize" protkey domain zeroize ledger --yes
check_not "the volume gives errors" write
check_not "reading, too" dd if=/dev/mapper/vol of=/dev/null bs=4096 count=1 iflag=direct
expect_err ENOKEY "a key of it" pk-keytool set-key "$TMP/key.blob"
is "no file" "$(ls "$PROTKEY_STATE_DIR")" ""
is "no node" "$(ls /dev/protkey)" control
cp "$TMP/ledger.copy" "$PROTKEY_STATE_DIR/ledger.sealed"
expect_status 8 "an old copy put back, with the right PIN" \
	protkey domain unlock ledger --pin-file "$TMP/pin"
expect_out "no longer has its share" "which says why" \
	sh -c "protkey domain unlock ledger --pin-file $TMP/pin 2>&1 || true"
protkey volume close vol
protkey domain zeroize ledger --yes > /dev/null
expect_status 5 "zeroize what is not there" protkey domain zeroize ledger --yes

# ---- by a verdict: only *tampered* destroys

for domain in books mail; do
	make_domain $domain
done
echo "on-bad = zeroize books" > "$TMP/conf"
expect_status 26 "reference refused" protkey fw check --brief --config "$TMP/conf" --alarm \
	--reference "$TMP/none"
is "the domain is locked, not destroyed" "$(json protkey domain show books --json .state)" locked
ktap_run protkey domain unlock books --pin-file "$TMP/pin"
ktap_run protkey fw measure --out "$TMP/evidence"
ktap_run protkey fw reference make "$TMP/evidence" --name vm --out "$TMP/reference"
tpm2_pcrextend 0:sha256="$(printf '77%.0s' {1..32})"
expect_status 25 "a PCR that the log does not explain" protkey fw check --brief \
	--config "$TMP/conf" --alarm --unsigned --reference "$TMP/reference"
expect_status 5 "the domain is gone" protkey domain show books
is "another one is not" "$(json protkey domain show mail --json .state)" unlocked
finish
