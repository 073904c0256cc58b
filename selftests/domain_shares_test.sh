#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=vm kernels=6.12 timeout=600 vm="--mem 1024"
# Shares: made, typed in wrong, too few, foreign; then recovery on an empty machine.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
need_vm
need_cmd protkey pk-keytool jq cryptsetup python3
cli_load
modprobe loop

seal() { protkey domain seal "$@"; }
unlock() { protkey domain unlock ledger "$@"; }
lock() { protkey domain lock ledger > /dev/null; }
known=(--passphrase-file "$PASS")
S=$TMP/shares
mkdir "$S"
share() { echo "$S/ledger-share-$1.txt"; }

cli_domain ledger
truncate -s 40M "$TMP/disk"
disk=$(losetup -f --show "$TMP/disk")
cleanup_add losetup -d "$disk"
ktap_run cli_format "$disk" ledger
ktap_run cli_open "$disk" vol
head -c 100000 /dev/urandom > "$TMP/data"
dd if="$TMP/data" of=/dev/mapper/vol bs=4096 conv=fsync status=none
protkey volume close vol

# ---- making

for wrong in 3 1-of-3 4-of-3 2-of-17 a-of-b 2-of-3x; do
	expect_status 2 "--shares $wrong" seal add ledger --shares $wrong --out "$S" "${known[@]}"
done
expect_status 2 "no folder" seal add ledger --shares 3-of-5 "${known[@]}"
expect_status 8 "wrong passphrase" seal add ledger --shares 3-of-5 --out "$S" --passphrase-file "$WRONG"
is "which leaves no share" "$(ls "$S")" ""
expect_status 5 "no such folder" seal add ledger --shares 3-of-5 --out "$TMP/nowhere" "${known[@]}"
check "3 of 5" seal add ledger --shares 3-of-5 --out "$S" "${known[@]}"
is "five files" "$(find "$S" -type f -perm 600 | wc -l)" 5
is "seal list" "$(json seal list ledger --json '.[1] | "\(.kind) \(.threshold) \(.shares)"')" "shares 3 5"
expect_status 6 "a share is not overwritten" seal add ledger --shares 3-of-5 --out "$S" "${known[@]}"
is "which adds no slot" "$(json seal list ledger --json length)" 2
is "and leaves the shares" "$(find "$S" -type f | wc -l)" 5

# ---- the arithmetic, by somebody else

cat > "$TMP/combine.py" << 'END'
import sys
exp, x = [1] * 255, 1
for i in range(255):
    exp[i] = x
    x ^= (x << 1) ^ (0x11b if x & 0x80 else 0)
    x &= 0xff if x < 256 else 0x1ff
log = {v: i for i, v in enumerate(exp)}
mul = lambda a, b: exp[(log[a] + log[b]) % 255] if a and b else 0
inv = lambda a: exp[-log[a] % 255]
shares = {}
for path in sys.argv[1:]:
    lines = open(path).read().split("\n")
    number = int(lines[2].split()[1])
    shares[number] = b"".join(bytes.fromhex(l[3:].replace(" ", ""))[:8] for l in lines[4:8])
out = []
for byte in range(32):
    total = 0
    for i in shares:
        w = 1
        for j in shares:
            if j != i:
                w = mul(w, mul(j, inv(i ^ j)))
        total ^= mul(w, shares[i][byte])
    out.append(total)
print(bytes(out).hex())
END
combine() { python3 "$TMP/combine.py" "$@"; }
kek=$(combine "$(share 1)" "$(share 2)" "$(share 3)")
is "any three give the same: 1 4 5" "$(combine "$(share 1)" "$(share 4)" "$(share 5)")" "$kek"
is "any three give the same: 5 3 2" "$(combine "$(share 5)" "$(share 3)" "$(share 2)")" "$kek"
check_not "two do not" [ "$(combine "$(share 1)" "$(share 2)")" = "$kek" ]
lock
expect_status 8 "unlock with two" unlock "$(share 1)" "$(share 2)"
expect_status 8 "with one twice" unlock "$(share 1)" "$(share 2)" "$(share 1)"
check "with three" unlock "$(share 5)" "$(share 1)" "$(share 3)"
lock
check "with four" unlock "$(share 2)" "$(share 4)" "$(share 3)" "$(share 1)"

# ---- typed in

lock
tr 'a-f' 'A-F' < "$(share 1)" | sed '1,4d; s/ //g' > "$TMP/tail"
{ head -4 "$(share 1)"; cat "$TMP/tail"; } > "$TMP/typed"
check "capitals, no spaces" unlock "$TMP/typed" "$(share 2)" "$(share 3)"
lock
bad=0
for line in 5 6 7 8; do
	for column in 4 9 15 22; do
		awk -v l=$line -v c=$column 'NR == l { x = substr($0, c, 1);
			$0 = substr($0, 1, c - 1) (x == "0" ? "1" : "0") substr($0, c + 1) } 1' \
			"$(share 1)" > "$TMP/typed"
		cmp -s "$TMP/typed" "$(share 1)" && continue
		unlock "$TMP/typed" "$(share 2)" "$(share 3)" > "$TMP/out" 2>&1
		[ $? = 9 ] && grep -q "line \"$((line - 4)):\"" "$TMP/out" || bad=$((bad + 1))
	done
done
is "a slip in a line is found, and the line named" "$bad" 0
sed '6{h;d};7{G}' "$(share 1)" > "$TMP/typed"
expect_status 9 "two lines swapped" unlock "$TMP/typed" "$(share 2)" "$(share 3)"
sed 6d "$(share 1)" > "$TMP/typed"
expect_status 9 "a line is missing" unlock "$TMP/typed" "$(share 2)" "$(share 3)"
sed 's/share: 1/share: 4/' "$(share 1)" > "$TMP/typed"
expect_status 9 "another number" unlock "$TMP/typed" "$(share 2)" "$(share 3)"
{ cat "$(share 1)"; echo "5: 00"; } > "$TMP/typed"
expect_status 9 "a line too many" unlock "$TMP/typed" "$(share 2)" "$(share 3)"
expect_status 9 "another file" unlock "$PASS" "$(share 2)" "$(share 3)"
expect_status 5 "no file" unlock "$TMP/nowhere" "$(share 2)" "$(share 3)"

# ---- those of others

ktap_run cli_unlock ledger
mkdir "$TMP/second" "$TMP/foreign"
ktap_run seal add ledger --shares 2-of-3 --out "$TMP/second" "${known[@]}"
cli_domain other
ktap_run seal add other --shares 3-of-5 --out "$TMP/foreign" "${known[@]}"
lock
expect_status 8 "one of another slot" unlock --slot 1 "$(share 1)" "$(share 2)" "$TMP/second/ledger-share-3.txt"
expect_status 8 "of another domain" unlock --slot 1 "$(share 1)" "$(share 2)" "$TMP/foreign/other-share-3.txt"
check "each slot with its own" unlock "$TMP/second/ledger-share-3.txt" "$TMP/second/ledger-share-1.txt"

# ---- an empty machine

cp "$PROTKEY_STATE_DIR/ledger.sealed" "$TMP/backup"
pk-keytool domain-delete ledger
pk-keytool domain-delete other
rm -rf "$PROTKEY_STATE_DIR" "$TMP/pass"
ktap_run rmmod protkey
cli_load
expect_status 5 "nothing is there" unlock "$(share 1)" "$(share 2)" "$(share 4)"
mkdir -m 700 "$PROTKEY_STATE_DIR"
cp "$TMP/backup" "$PROTKEY_STATE_DIR/ledger.sealed"
check "backup and three shares" unlock "$(share 1)" "$(share 2)" "$(share 4)"
printf 'new' > "$TMP/new"
check "a new passphrase by them" seal add ledger --passphrase --new-passphrase-file "$TMP/new" \
	--memory-kib 1024 --time 1 "$(share 1)" "$(share 2)" "$(share 4)"
lock
check "opens the domain" unlock --passphrase-file "$TMP/new"
printf "a passphrase" > "$PASS"
check "the volume opens" cli_open "$disk" vol
check "and the data are there" cmp -n 100000 "$TMP/data" /dev/mapper/vol
protkey volume close vol

# ---- the master key changes, the shares do not

protkey domain mk part ledger --of 2 --clear <(openssl rand -hex 32) > /dev/null
protkey domain mk part ledger --clear <(openssl rand -hex 32) > /dev/null
ktap_run protkey domain mk commit ledger --passphrase-file "$TMP/new" \
	--pattern "$(json protkey domain mk show ledger --json .new.pattern)"
check "set with shares, other slots are dropped" protkey domain mk set ledger --drop-slots \
	"$(share 1)" "$(share 2)" "$(share 4)"
lock
check "the same shares open it" unlock --slot 1 "$(share 3)" "$(share 4)" "$(share 5)"
finish
