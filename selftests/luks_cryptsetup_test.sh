#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=luks where=vm kernels=6.12 timeout=600 vm="--mem 1024"
# Unmodified cryptsetup with a key blob as its volume key: format, open, resize,
# suspend, keys, sector sizes, online re-encryption.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
need_vm
need_cmd protkey cryptsetup jq
cli_load
modprobe loop
cli_domain ledger
cli_key ledger "$TMP/blob"
cli_key ledger "$TMP/blob2"

new_disk()
{
	local file
	file=$(mktemp "$TMP/disk.XXXXXX")
	truncate -s "$1" "$file"
	disk=$(losetup -f --show "$file")
	cleanup_add losetup -d "$disk"
}

kdf=(--pbkdf pbkdf2 --pbkdf-force-iterations 1000)
format() { cryptsetup luksFormat -q --type luks2 "${kdf[@]}" "$@"; }
paes=(--cipher paes-xts-plain64 --key-size 2048)
open() { cryptsetup open --key-file "$PASS" "$@"; }
fill() { head -c 2M /dev/urandom > "$TMP/data"; dd if="$TMP/data" of="$1" bs=64k oflag=direct status=none; }
same() { cmp "$TMP/data" <(dd if="$1" bs=64k count=32 iflag=direct status=none); }

# ---- by hand
new_disk 20M
check "luksFormat" format "${paes[@]}" --volume-key-file "$TMP/blob" "$disk" "$PASS"
is "the keyslot area is in plain aes" "$(cryptsetup luksDump --dump-json-metadata "$disk" |
	jq -r '.keyslots["0"].area.encryption')" aes-xts-plain64
check "open" open "$disk" vol
check "write" fill /dev/mapper/vol
check "read" same /dev/mapper/vol
check "resize" cryptsetup resize --size 4096 --key-file "$PASS" vol
is "resized" "$(blockdev --getsz /dev/mapper/vol)" 4096
check "resize back" cryptsetup resize --key-file "$PASS" vol
check "luksSuspend" cryptsetup luksSuspend vol
check "luksResume" cryptsetup luksResume --key-file "$PASS" vol
check "read after resume" same /dev/mapper/vol
check "luksAddKey" cryptsetup luksAddKey -q "${kdf[@]}" --key-file "$PASS" "$disk" "$WRONG"
check "luksChangeKey" cryptsetup luksChangeKey -q "${kdf[@]}" --key-file "$WRONG" "$disk" "$PASS"
check "close" cryptsetup close vol
check "open by volume key" cryptsetup open --volume-key-file "$TMP/blob" "$disk" vol
check "read after reopen" same /dev/mapper/vol
cryptsetup close vol
check "open without the kernel keyring" open --disable-keyring "$disk" vol
check "read without the kernel keyring" same /dev/mapper/vol
cryptsetup close vol
for sector in 512 4096; do
	new_disk 20M
	check "luksFormat --sector-size $sector" format "${paes[@]}" --sector-size $sector \
		--volume-key-file "$TMP/blob" "$disk" "$PASS"
	open "$disk" vol
	check "write, sectors of $sector" fill /dev/mapper/vol
	check "read, sectors of $sector" same /dev/mapper/vol
	cryptsetup close vol
done

# ---- what goes wrong in silence without the right options must fail loudly
new_disk 20M
format --cipher paes-xts-plain64 --key-size 2048 "$disk" "$PASS" > /dev/null 2>&1
check_not "a random key is no blob: it does not open" open "$disk" vol
new_disk 20M
format --cipher paes-xts-plain64 --key-size 512 --volume-key-file "$TMP/blob" "$disk" "$PASS" > /dev/null 2>&1
check_not "64 bytes of a blob do not open" open "$disk" vol

# ---- online re-encryption
reencrypt() { cryptsetup reencrypt -q --key-file "$PASS" "${kdf[@]}" "$@"; }
new_disk 24M
check "a stock aes volume" format --cipher aes-xts-plain64 --key-size 512 --luks2-keyslots-size 8m "$disk" "$PASS"
open "$disk" vol
fill /dev/mapper/vol
check "reencrypt aes to paes, open" reencrypt --active-name vol "${paes[@]}" --volume-key-file "$TMP/blob"
check "read: aes to paes" same /dev/mapper/vol
is "the table says paes" "$(dmsetup table vol | cut -d ' ' -f 4)" paes-xts-plain64
check "reencrypt paes to paes, open" reencrypt --resilience none --active-name vol "${paes[@]}" --volume-key-file "$TMP/blob2"
check "read: paes to paes" same /dev/mapper/vol
cryptsetup close vol
check "open after re-encryption" open "$disk" vol
check "read after re-encryption" same /dev/mapper/vol
cryptsetup close vol
check "the volume key is the second blob" sh -c "cryptsetup luksDump -q --dump-volume-key \
	--volume-key-file '$TMP/dumped' --key-file '$PASS' '$disk' && cmp '$TMP/dumped' '$TMP/blob2'"

# ---- what cryptsetup made is adopted by a pin
pin() { protkey volume pin "$disk" -d "$1" --passphrase-file "$PASS" "${@:2}"; }
reopen()
{
	local status
	cli_open "$disk" vol || return
	same /dev/mapper/vol
	status=$?
	protkey volume close vol && return "$status"
}
cli_domain other
expect_err "volume pin" "before it is pinned it is not opened" cli_open "$disk" vol
expect_status 8 "another domain does not pin it" pin other
expect_err "passphrase" "a wrong passphrase does not pin it" \
	protkey volume pin "$disk" -d ledger --passphrase-file "$WRONG"
is "nothing was pinned" "$(json protkey volume list --json length)" 0
expect_out "is pinned in domain 'ledger'" "pin" pin ledger --name adopted
check "it opens, and has its data" reopen
expect_out "as it was before" "pin once more" pin ledger
is "the pin has its label" "$(json protkey volume list --json '.[0].label')" adopted

# ... and again after its key was changed by cryptsetup
open "$disk" vol
check "reencrypt the pinned volume" reencrypt --resilience none --active-name vol "${paes[@]}" --volume-key-file "$TMP/blob"
cryptsetup close vol
expect_status 10 "it is refused then" cli_open "$disk" vol
expect_status 6 "and not pinned without a word" pin ledger
expect_status 10 "nor does it open after that" cli_open "$disk" vol
expect_out "is pinned" "pin --replace" pin ledger --replace
check "it opens, and has its data" reopen
is "one pin" "$(json protkey volume list --json length)" 1
is "one token" "$(cryptsetup luksDump --dump-json-metadata "$disk" | jq '.tokens | length')" 1
uuid=$(cryptsetup luksUUID "$disk")
expect_status 2 "unpin what is no UUID" protkey volume unpin x -d ledger
expect_status 5 "unpin what another domain has" protkey volume unpin "$uuid" -d other
check "unpin" protkey volume unpin "$uuid" -d ledger
expect_status 10 "it does not open any more" cli_open "$disk" vol
check "pin it again" pin ledger
protkey domain lock ledger > /dev/null
expect_status 7 "a locked domain pins nothing" pin ledger
check "unlock" cli_unlock ledger
check "the pin has survived" reopen
new_disk 20M
format --cipher aes-xts-plain64 --key-size 512 "$disk" "$PASS"
expect_status 10 "a stock volume is not pinned" pin ledger
new_disk 20M
expect_status 9 "nor is what has no header" pin ledger
finish
