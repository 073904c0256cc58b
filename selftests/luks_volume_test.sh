#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=luks where=vm timeout=600 vm="--mem 1024"
# Volumes by `protkey volume`: format, open, use, lock under writers, close,
# reopen, after a reload; kinds of key and sector sizes; refusals of format.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
need_vm
need_cmd protkey cryptsetup mkfs.ext4 jq
cli_load
modprobe loop
cli_domain ledger

# new_disk MIB: a loop device of zeros, in $disk
new_disk()
{
	local file
	file=$(mktemp "$TMP/disk.XXXXXX")
	truncate -s "$1" "$file"
	disk=$(losetup -f --show "$file")
	cleanup_add losetup -d "$disk"
}

open_as() { json protkey volume list --json ".[] | select(.open_as == \"$1\") | .$2"; }

# ---- life of a volume
new_disk 40M
cp "$PROTKEY_STATE_DIR/ledger.sealed" "$TMP/before-pin"
check "format" cli_format "$disk" ledger --name books
first=$disk
uuid=$(cryptsetup luksUUID "$disk")
is "header: cipher" "$(cryptsetup luksDump --dump-json-metadata "$disk" |
	jq -r '.segments["0"].encryption')" paes-xts-plain64
is "header: sectors of 4096" "$(cryptsetup luksDump --dump-json-metadata "$disk" |
	jq -r '.segments["0"].sector_size')" 4096
is "header: token" "$(cryptsetup luksDump --dump-json-metadata "$disk" |
	jq -r '.tokens["0"].type')" protkey
is "pinned" "$(json protkey volume list --json '.[0].uuid')" "$uuid"
is "pinned on disk: generation" "$(protkey domain lock ledger > /dev/null
	json protkey volume list --json '.[0].label')" books
# an old copy put back while the module knows better
cp "$PROTKEY_STATE_DIR/ledger.sealed" "$TMP/with-pin"
cp "$TMP/before-pin" "$PROTKEY_STATE_DIR/ledger.sealed"
# shellcheck disable=SC2016 # expanded by the inner shell
check "old sealed file put back: unlock says so" \
	bash -c 'protkey domain unlock ledger --passphrase-file "$1" 2>&1 >/dev/null |
		grep -q "was replaced"' - "$PASS"
check "old sealed file put back: it is the newer one again" \
	cmp "$TMP/with-pin" "$PROTKEY_STATE_DIR/ledger.sealed"
is "verify --json" "$(json cli_verify "$disk" --json .ok)" true
check "open" cli_open "$disk" vol
is "list: open" "$(open_as vol uuid)" "$uuid"
expect_status 6 "open again under another name" cli_open "$disk" vol2
expect_status 6 "open a name that is taken" cli_open "$disk" vol
check "mkfs" mkfs.ext4 -q /dev/mapper/vol
mkdir "$TMP/mnt"
mount /dev/mapper/vol "$TMP/mnt"
head -c 6M /dev/urandom > "$TMP/mnt/data"
sum=$(sha256sum < "$TMP/mnt/data")
sync
expect_status 6 "close: mounted" protkey volume close vol
expect_status 6 "delete a domain with open volumes" protkey domain delete ledger --yes
expect_status 6 "format: in use" cli_format "$disk" ledger --yes
expect_status 6 "format: the open volume itself" cli_format /dev/mapper/vol ledger --yes

# ---- lock with a writer at work: it waits, nothing is lost
writer() { local i; for i in $(seq 200); do echo "line $i" >> "$TMP/mnt/log"; sync "$TMP/mnt/log"; done; }
writer &
sleep 0.5
check "lock while somebody writes" protkey domain lock ledger
is "lock: suspended" "$(open_as vol suspended)" true
check "unlock" cli_unlock ledger
is "unlock: goes on" "$(open_as vol suspended)" false
wait
is "no line was lost" "$(wc -l < "$TMP/mnt/log")" 200
echo 3 > /proc/sys/vm/drop_caches
is "data after lock and unlock" "$(sha256sum < "$TMP/mnt/data")" "$sum"
umount "$TMP/mnt"
check "fsck" e2fsck -fn /dev/mapper/vol
check "close" protkey volume close vol
expect_status 5 "close: not open" protkey volume close vol

# ---- disaster recovery: stock aes with the recovered key reads it
check "the blob in the header" cryptsetup luksDump -q --dump-volume-key \
	--volume-key-file "$TMP/header.blob" --key-file "$PASS" "$disk"
check "recover its key" sh -c "protkey-recover --state '$PROTKEY_STATE_DIR/ledger.sealed' \
	--passphrase-file '$PASS' --raw '$TMP/header.blob' > '$TMP/clear'"
check "open with plain dm-crypt" cryptsetup open --type plain --cipher aes-xts-plain64 \
	--key-size 512 --key-file "$TMP/clear" --offset 32768 --sector-size 4096 --readonly "$disk" plain
mount -o ro,noload /dev/mapper/plain "$TMP/mnt"
is "the data in stock aes" "$(sha256sum < "$TMP/mnt/data")" "$sum"
umount "$TMP/mnt"
cryptsetup close plain

# ---- a lock that nobody planned: keys that are no pinned volume's
cli_key ledger "$TMP/plain.blob"
new_disk 20M
plain=$disk
check "plain cryptsetup, not pinned" cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 \
	--pbkdf-force-iterations 1000 --cipher paes-xts-plain64 \
	--volume-key-file "$TMP/plain.blob" --key-size 2048 "$plain" "$PASS"
check "plain cryptsetup open" cryptsetup open --key-file "$PASS" "$plain" plain
expect_status 10 "our open refuses it: no token" cli_open "$plain" ours
expect_status 6 "lock: a volume that is not pinned" protkey domain lock ledger
check "lock --force" protkey domain lock ledger --force
check_not "its I/O fails" dd if=/dev/mapper/plain of=/dev/null bs=4096 count=1 iflag=direct status=none
expect_status 7 "open: domain is locked" cli_open "$first" vol
cli_unlock ledger > /dev/null
check "after unlock it reads again" dd if=/dev/mapper/plain of=/dev/null bs=4096 count=1 iflag=direct status=none
cryptsetup close plain

# ---- kinds of key, sectors, key files
new_disk 20M
mkfs.ext4 -q "$disk"
check "format --yes: xts-128, sectors of 512" cli_format "$disk" ledger --yes --cipher-bits 256 --sector-size 512
check "open: xts-128" cli_open "$disk" v128
check "xts-128 writes" dd if=/dev/urandom of=/dev/mapper/v128 bs=64k count=8 oflag=direct status=none
check "close: xts-128" protkey volume close v128
check "open --readonly" cli_open "$disk" ro --readonly
check_not "read only: no writes" dd if=/dev/zero of=/dev/mapper/ro bs=4096 count=1 oflag=direct status=none
protkey volume close ro > /dev/null
protkey key generate -d ledger -t xts-256 -o "$TMP/file.blob" > /dev/null
new_disk 20M
check "format: with a key file" cli_format "$disk" ledger --key-file "$TMP/file.blob"
check "verify: with a key file" cli_verify "$disk"
is "a key file's pattern is pinned" "$(json protkey volume list --json \
	".[] | select(.uuid == \"$(cryptsetup luksUUID "$disk")\") | .pattern")" \
	"$(json protkey key show "$TMP/file.blob" --json .pattern)"
protkey key generate -d ledger -t xts-256 --not-after 2001-01-01 -o "$TMP/old.blob" > /dev/null
expect_status 10 "format: a key that is out of date" cli_format "$disk" ledger --yes --key-file "$TMP/old.blob"
protkey key generate -d ledger -t aes-256 -o "$TMP/aes.blob" > /dev/null
expect_status 10 "format: a key that is not for XTS" cli_format "$disk" ledger --yes --key-file "$TMP/aes.blob"

# ---- read only, wrong passphrase, wrong domain
expect_status 8 "open: wrong passphrase" protkey volume open "$disk" vol --passphrase-file "$WRONG"
cli_domain other
expect_status 10 "open --domain another" cli_open "$disk" vol --domain other

# ---- what format refuses
new_disk 20M
mkfs.ext4 -q "$disk"
before=$(sha256sum < "$disk")
expect_err "holds ext4.*--yes" "format: data, says what and how to go on" \
	setsid protkey volume format "$disk" -d ledger --passphrase-file "$PASS"
is "format: data, status" "$ktap_status" 6
is "format: nothing was changed" "$(sha256sum < "$disk")" "$before"
new_disk 20M
dd if=/dev/urandom of="$disk" bs=4096 seek=100 count=1 status=none
expect_err "not known" "format: data of no known kind" setsid protkey volume format "$disk" -d ledger --passphrase-file "$PASS"
new_disk 8M
expect_err "too small" "format: too small" cli_format "$disk" ledger
is "format: too small, status" "$ktap_status" 11
expect_status 2 "format: not a block device" cli_format "$PASS" ledger
expect_status 5 "format: no such device" cli_format /dev/nothing ledger
new_disk 20M
protkey domain lock ledger > /dev/null
before=$(sha256sum < "$disk")
expect_status 7 "format: domain is locked" cli_format "$disk" ledger
is "format: domain is locked, nothing written" "$(sha256sum < "$disk")" "$before"
finish
