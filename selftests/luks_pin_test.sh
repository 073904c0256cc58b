#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=luks where=vm timeout=600 kernels=6.12 vm="--mem 1024"
# What somebody who has the disk can put on it is refused before a byte is
# written and before a device is made: a truncated blob, a swapped header, a
# rogue volume with the same UUID, a downgrade to plain aes.
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
cli_domain rogue

truncate -s 20M "$TMP/file"
disk=$(losetup -f --show "$TMP/file")
cleanup_add losetup -d "$disk"
kdf=(--pbkdf pbkdf2 --pbkdf-force-iterations 1000)

cli_format "$disk" ledger > "$TMP/out" 2>&1 || fail "set-up: format" "$(cat "$TMP/out")"
uuid=$(cryptsetup luksUUID "$disk")
cp "$TMP/file" "$TMP/good"
cryptsetup token export --token-id 0 "$disk" > "$TMP/token.json"

restore() { sync; dd if="$TMP/good" of="$disk" bs=1M status=none; blockdev --flushbufs "$disk"; }

# refused STATUS PATTERN NAME [OPTION...]: open and verify, and no byte changed
refused()
{
	local status=$1 pattern=$2 name=$3 before
	shift 3
	blockdev --flushbufs "$disk"
	before=$(sha256sum < "$disk")
	expect_err "$pattern" "$name: open refuses and says why" cli_open "$disk" vol "$@"
	is "$name: status" "$ktap_status" "$status"
	check_not "$name: no device was made" test -e /dev/mapper/vol
	blockdev --flushbufs "$disk"
	is "$name: no byte was written" "$(sha256sum < "$disk")" "$before"
	restore
}

# forge CIPHER KEY-BITS KEY-FILE [TOKEN]: another header on the same data
forge()
{
	cryptsetup luksFormat -q --type luks2 "${kdf[@]}" --uuid "$uuid" --sector-size 4096 \
		--cipher "$1" --key-size "$2" --volume-key-file "$3" "$disk" "$PASS" ||
		fail "set-up: forge $*"
	[ -z "${4:-}" ] || cryptsetup token import --json-file "$4" "$disk" || fail "set-up: token"
}

check "the good one opens" cli_open "$disk" vol
protkey volume close vol > /dev/null
cp "$TMP/file" "$TMP/good"

# ---- downgrade to plain aes, by whoever has the passphrase of the keyslot
head -c 64 /dev/urandom > "$TMP/raw64"
forge aes-xts-plain64 512 "$TMP/raw64" "$TMP/token.json"
refused 10 "cipher is not paes-xts-plain64 but aes-xts-plain64" "downgrade to plain aes"
forge cipher_null-ecb 256 "$TMP/raw64" "$TMP/token.json"
refused 10 "cipher is not" "downgrade to no cipher"

# ---- a volume key that is no blob
head -c 256 /dev/urandom > "$TMP/raw256"
forge paes-xts-plain64 2048 "$TMP/raw256" "$TMP/token.json"
refused 9 "not a key blob" "random bytes as a blob"
protkey key generate -d ledger -t xts-256 -o "$TMP/blob" > /dev/null
forge paes-xts-plain64 512 "$TMP/blob" "$TMP/token.json"
refused 10 "64 bytes" "a truncated blob"

# ---- a genuine blob of the domain, but not this volume's
forge paes-xts-plain64 2048 "$TMP/blob" "$TMP/token.json"
refused 10 "not the one that its token names" "another key of the domain, old token"
pattern=$(json protkey key show "$TMP/blob" --json .pattern)
jq -c ".pattern = \"$pattern\"" "$TMP/token.json" > "$TMP/token2.json"
forge paes-xts-plain64 2048 "$TMP/blob" "$TMP/token2.json"
refused 10 "pinned this UUID with another key" "a swapped header, token to match"

# ---- the same key in a header with another sector size
protkey key generate -d ledger -t xts-256 -o "$TMP/blob3" > /dev/null
cli_format "$disk" ledger --yes --key-file "$TMP/blob3" --sector-size 4096 > /dev/null
uuid3=$(cryptsetup luksUUID "$disk")
cryptsetup token export --token-id 0 "$disk" | jq -c '.sector_size = 512' > "$TMP/token3.json"
cryptsetup luksFormat -q --type luks2 "${kdf[@]}" --uuid "$uuid3" --sector-size 512 \
	--cipher paes-xts-plain64 --key-size 2048 --volume-key-file "$TMP/blob3" "$disk" "$PASS"
cryptsetup token import --json-file "$TMP/token3.json" "$disk"
refused 10 "pinned this UUID with another key, cipher or sector size" "another sector size"

# ---- a rogue volume with the same UUID in somebody else's domain
protkey key generate -d rogue -t xts-256 -o "$TMP/rogue.blob" > /dev/null
rogue_uuid=$(json protkey key show "$TMP/rogue.blob" --json .domain_uuid)
rogue_pattern=$(json protkey key show "$TMP/rogue.blob" --json .pattern)
jq -c ".pattern = \"$rogue_pattern\" | .domain_uuid = \"$rogue_uuid\" | .domain_name = \"rogue\"" \
	"$TMP/token.json" > "$TMP/token4.json"
forge paes-xts-plain64 2048 "$TMP/rogue.blob" "$TMP/token4.json"
refused 10 "no volume of this UUID is pinned" "a rogue volume, not pinned"
jq -c ".pattern = \"$rogue_pattern\"" "$TMP/token.json" > "$TMP/token5.json"
forge paes-xts-plain64 2048 "$TMP/rogue.blob" "$TMP/token5.json"
refused 10 "of another domain" "a foreign key under our token"
# its owner even pins it, by a key that is bound to this UUID
protkey key generate -d rogue -t xts-256 --volume "$uuid" -o "$TMP/bound.blob" > /dev/null
cli_format "$disk" rogue --yes --key-file "$TMP/bound.blob" > "$TMP/out" 2>&1 ||
	fail "set-up: rogue format" "$(cat "$TMP/out")"
is "the rogue volume has the same UUID" "$(cryptsetup luksUUID "$disk")" "$uuid"
refused 10 "pinned in domain 'ledger' too" "a rogue volume, pinned by its owner"

# ---- the key bound to a volume, in another volume
protkey key generate -d ledger -t xts-256 --volume "$rogue_uuid" -o "$TMP/bound2.blob" > /dev/null
pattern=$(json protkey key show "$TMP/bound2.blob" --json .pattern)
jq -c ".pattern = \"$pattern\"" "$TMP/token.json" > "$TMP/token6.json"
forge paes-xts-plain64 2048 "$TMP/bound2.blob" "$TMP/token6.json"
refused 10 "bound to another volume" "a key bound to another volume"

# ---- tokens
cryptsetup token remove --token-id 0 "$disk"
refused 10 "no protkey token" "no token"
cryptsetup token import --json-file "$TMP/token.json" "$disk"
refused 9 "token is damaged" "two tokens"
for change in '.pattern = "00"' '.pattern = 7' 'del(.domain_uuid)' '.domain_name = "../x"' \
	'.sector_size = -1' '.version = 0'; do
	jq -c "$change" "$TMP/token.json" > "$TMP/bad.json"
	cryptsetup token remove --token-id 0 "$disk"
	cryptsetup token import --json-file "$TMP/bad.json" "$disk"
	expect_status 9 "token: $change" cli_verify "$disk"
	restore
done
jq -c '.version = 2' "$TMP/token.json" > "$TMP/bad.json"
cryptsetup token remove --token-id 0 "$disk"
cryptsetup token import --json-file "$TMP/bad.json" "$disk"
expect_err "newer" "token: version 2" cli_verify "$disk"
restore
dd if=/dev/zero of="$disk" bs=1M count=16 status=none
refused 9 "no LUKS2 header" "no header"

check "the good one opens again, by its domain" cli_open "$disk" vol --domain ledger
protkey volume close vol > /dev/null
finish
