#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=vm kernels=6.12 timeout=1200 vm="--mem 1024"
# The command line's ceremony with three officers, and a rotation under a writing
# volume; then commands of a rotation killed at each of their steps.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
# shellcheck source=selftests/lib_kill.sh
. "$(dirname "$0")/lib_kill.sh"
need_vm
need_cmd protkey cryptsetup mkfs.ext4 jq strace
cli_load
modprobe loop
cli_domain ledger

mk() { protkey domain mk "$@"; }
known=(--passphrase-file "$PASS")
cheap=(--memory-kib 1024 --time 1)
of() { json mk show ledger --json "$1"; }
current() { of .current; }
new() { of .new.pattern; }
for officer in alice bob carol; do
	printf 'I am %s' "$officer" > "$TMP/$officer.pass"
done
# part OFFICER OPTION...
part() { mk part ledger --passphrase-file "$TMP/$1.pass" --officer "$1" "${@:2}"; }

# new_disk MIB: a loop device of zeros, in $disk, on the file $image
new_disk()
{
	image=$(mktemp "$TMP/disk.XXXXXX")
	truncate -s "$1" "$image"
	disk=$(losetup -f --show "$image")
	cleanup_add losetup -d "$disk"
}

# ---- three officers

new_disk 40M
ktap_run cli_format "$disk" ledger
cli_key ledger "$TMP/key.blob"
before=$(current)
is "no other master key" "$(of '[.old, .new] | tostring')" '[null,null]'
expect_status 2 "the first part says how many" part alice --new "$TMP/alice.part"
expect_status 2 "one part is no ceremony" part alice --of 1 --new "$TMP/alice.part"
expect_status 2 "two sources" part alice --of 3 --new "$TMP/x" --clear "$TMP/x"
expect_status 5 "commit: there is no new key" mk commit ledger --pattern "$before" "${known[@]}"
expect_status 5 "set: there is no new key" mk set ledger "${known[@]}"
check "alice's part is made" part alice --of 3 --new "$TMP/alice.part" "${cheap[@]}"
is "her file is hers" "$(stat -c %a "$TMP/alice.part")" 600
expect_status 6 "her file is not overwritten" part alice --new "$TMP/alice.part" "${cheap[@]}"
expect_status 6 "her part a second time" part alice --load "$TMP/alice.part"
expect_status 10 "another number of parts" part bob --of 4 --clear <(openssl rand -hex 32)
alice=$(of .new.parts[0])
is "her file has its pattern" "$(jq -r .pattern "$TMP/alice.part")" "$alice"
is "one of three" "$(of '.new | "\(.parts_loaded) \(.parts_wanted) \(.committed)"')" "1 3 false"
check "abort" mk abort ledger
is "abort: nothing is left" "$(of .new)" null
expect_status 8 "her part, another's passphrase" part bob --of 3 --load "$TMP/alice.part"
sed 's/"wrapped":"./"wrapped":"x/' "$TMP/alice.part" > "$TMP/damaged.part"
expect_status 9 "a damaged file" part alice --of 3 --load "$TMP/damaged.part"
expect_status 9 "another file" part alice --of 3 --load "$TMP/key.blob"
jq -c '.wrapped |= (if .[0:1] == "0" then "1" else "0" end) + .[1:]' "$TMP/alice.part" > "$TMP/changed.part"
expect_status 8 "a changed part" part alice --of 3 --load "$TMP/changed.part"
is "refused parts leave nothing" "$(of .new)" null
check "her part is loaded" part alice --of 3 --load "$TMP/alice.part"
is "it is the same" "$(of .new.parts[0])" "$alice"
printf 0123 > "$TMP/short"
expect_status 9 "a part in clear of 2 bytes" part bob --clear "$TMP/short"
# a restart in the middle
protkey domain lock ledger > /dev/null
expect_status 7 "locked: a part" part bob --clear "$TMP/short"
ktap_run cli_unlock ledger
openssl rand -hex 32 > "$TMP/bob.hex"
# shellcheck disable=SC2016 # expanded by the inner shell
check "bob brings his in clear" bash -c 'protkey domain mk part ledger --clear - < "$1"' - "$TMP/bob.hex"
expect_status 10 "commit before the third" mk commit ledger --pattern "$(new)" "${known[@]}"
check "carol's part is made" part carol --new "$TMP/carol.part" "${cheap[@]}"
expect_status 6 "a fourth" part carol --new "$TMP/fourth.part" "${cheap[@]}"
check_not "which leaves no file" test -e "$TMP/fourth.part"
expect_status 10 "set before commit" mk set ledger "${known[@]}"
expect_status 10 "commit: another pattern" mk commit ledger --pattern "$before" "${known[@]}"
expect_status 8 "commit: wrong passphrase" mk commit ledger --pattern "$(new)" --passphrase-file "$WRONG"
expect_status 2 "commit: no pattern" mk commit ledger "${known[@]}"
expect_status 10 "key reencipher --new before commit" protkey key reencipher "$TMP/key.blob" --new -o "$TMP/staged.blob"
check "commit" mk commit ledger --pattern "$(new)" "${known[@]}"
pattern=$(new)
expect_status 2 "key reencipher --new in place" protkey key reencipher "$TMP/key.blob" --new
check "a key is staged" protkey key reencipher "$TMP/key.blob" --new -o "$TMP/staged.blob"
is "it opens" "$(json protkey key verify "$TMP/staged.blob" --json .mk_register)" new

# ---- set, with a volume that is written to

check "open" cli_open "$disk" vol
ktap_run mkfs.ext4 -q /dev/mapper/vol
mkdir "$TMP/mnt"
mount /dev/mapper/vol "$TMP/mnt"
cleanup_add umount "$TMP/mnt"
write_blocks()
{
	local i
	for ((i = 0; ; i++)); do
		head -c 20000 /dev/urandom > "$TMP/mnt/part.$((i % 40))" &&
			sync "$TMP/mnt/part.$((i % 40))" || exit 1
		(cd "$TMP/mnt" && sha256sum "part.$((i % 40))" > "sum.$((i % 40))")
		[ ! -e "$TMP/stop" ] || exit 0
	done
}
write_blocks &
writer=$!
cp "$PROTKEY_STATE_DIR/ledger.sealed" "$TMP/before-set"
expect_status 8 "set: wrong passphrase" mk set ledger --passphrase-file "$WRONG"
ktap_run protkey domain seal add ledger --passphrase "${known[@]}" \
	--new-passphrase-file "$WRONG" "${cheap[@]}"
expect_status 10 "set: not every slot is opened" mk set ledger "${known[@]}"
is "which changes nothing" "$(current)" "$before"
check "set, the other slot is dropped" mk set ledger "${known[@]}" --drop-slots
is "the new key is current" "$(current)" "$pattern"
is "the current one is old" "$(of .old)" "$before"
expect_status 8 "the dropped slot opens no more" \
	bash -c "protkey domain lock --force ledger > /dev/null; protkey domain unlock ledger --passphrase-file '$WRONG'"
check "the other one does" cli_unlock ledger
is "the staged key is under the current one" \
	"$(json protkey key verify "$TMP/staged.blob" --json .mk_register)" current
is "the first one under the old one" \
	"$(json protkey key verify "$TMP/key.blob" --json .mk_register)" old
check "a key is re-enciphered" protkey key reencipher "$TMP/key.blob"
check "again: nothing to do" protkey key reencipher "$TMP/key.blob"
is "it is under the current one" \
	"$(json protkey key verify "$TMP/key.blob" --json .mk_register)" current
expect_err "volume reencipher $disk" "clear: the volume would be lost" \
	mk clear ledger --pattern "$before" "${known[@]}"
must cryptsetup token export --token-id 0 --json-file "$TMP/token" "$disk"
must cryptsetup token remove --token-id 0 "$disk"
expect_err "cannot be read" "clear: a volume that says nothing may be" \
	mk clear ledger --pattern "$before" "${known[@]}"
must cryptsetup token import --token-id 0 --json-file "$TMP/token" "$disk"
check "the open volume's key is re-enciphered" \
	protkey volume reencipher "$disk" "${known[@]}"
expect_out "already" "again: nothing to do" protkey volume reencipher "$disk" "${known[@]}"
is "one keyslot" "$(cryptsetup luksDump --dump-json-metadata "$disk" | jq '.keyslots | length')" 1
is "verify" "$(json cli_verify "$disk" --json .ok)" true
expect_status 10 "clear: another pattern" mk clear ledger --pattern "$pattern" "${known[@]}"
check "clear the old one" mk clear ledger --pattern "$before" "${known[@]}"
check "lock and unlock under the writer" bash -c "protkey domain lock ledger &&
	protkey domain unlock ledger --passphrase-file '$PASS'"
sleep 2
touch "$TMP/stop"
wait $writer
is "the writer had no error" $? 0
umount "$TMP/mnt"
protkey volume close vol
check "open again" cli_open "$disk" vol
mount /dev/mapper/vol "$TMP/mnt"
# shellcheck disable=SC2016 # expanded by the inner shell
check "what was written is there" bash -c 'cd "$1" && cat sum.* | sha256sum -c --quiet' - "$TMP/mnt"
umount "$TMP/mnt"
protkey volume close vol
check "an old state put back is refused" \
	bash -c "cp '$TMP/before-set' '$PROTKEY_STATE_DIR/ledger.sealed'
		protkey domain lock ledger > /dev/null
		protkey domain unlock ledger --passphrase-file '$PASS' 2>&1 | grep -q 'was replaced'"

# ---- keyslots of others

printf 'more' > "$TMP/more"
ktap_run cryptsetup luksAddKey "$disk" "$TMP/more" --key-file "$PASS" --pbkdf pbkdf2 --pbkdf-force-iterations 1000
rotate()
{
	mk part ledger --of 2 --clear <(openssl rand -hex 32) > /dev/null &&
		mk part ledger --clear <(openssl rand -hex 32) > /dev/null &&
		mk commit ledger --pattern "$(new)" "${known[@]}" > /dev/null
}
rotate || fail "set-up: a second rotation"
before=$(current)
ktap_run mk set ledger "${known[@]}"
expect_status 10 "another keyslot is not dropped unasked" protkey volume reencipher "$disk" "${known[@]}"
is "which changes nothing" "$(cryptsetup luksDump --dump-json-metadata "$disk" | jq '.keyslots | length')" 2
check "but when asked" protkey volume reencipher "$disk" "${known[@]}" --drop-keyslots
is "one keyslot is left" "$(cryptsetup luksDump --dump-json-metadata "$disk" | jq '.keyslots | length')" 1
expect_status 8 "the other passphrase opens no more" \
	protkey volume verify "$disk" --passphrase-file "$TMP/more"
ktap_run protkey key reencipher "$TMP/key.blob"
ktap_run mk clear ledger --pattern "$before" "${known[@]}"

# ---- killed at every step

# steps_to EVERY COMMAND...: $steps, one in EVERY or, with --long, all; and $count
steps_to()
{
	local every=$1
	[ "${PK_LONG:-0}" != 1 ] || every=1
	mapfile -t steps < <(steps_of "${@:2}")
	count=${#steps[@]}
	mapfile -t steps < <(printf '%s\n' "${steps[@]}" | sed -n "1~${every}p")
}

# What a power cut leaves of a domain: the file.
power_cut()
{
	pk-keytool domain-delete ledger && cli_unlock ledger > /dev/null
}

rotate || fail "set-up: a third rotation"
before=$(current) pattern=$(new)
cp "$PROTKEY_STATE_DIR/ledger.sealed" "$TMP/committed"
protkey key verify "$TMP/key.blob" > /dev/null || fail "set-up: key.blob"
committed()
{
	pk-keytool domain-delete ledger
	cp "$TMP/committed" "$PROTKEY_STATE_DIR/ledger.sealed"
	cli_unlock ledger > /dev/null
}
committed
steps_to 3 protkey domain mk set ledger "${known[@]}"
bad=0
for step in "${steps[@]}"; do
	committed
	# shellcheck disable=SC2086 # CALL N
	killed $step protkey domain mk set ledger "${known[@]}" || bad=$((bad + 1))
	power_cut || bad=$((bad + 1))
	[ "$(current)" = "$before" ] || [ "$(current)" = "$pattern" ] || bad=$((bad + 1))
	protkey key verify "$TMP/key.blob" > /dev/null || bad=$((bad + 1))
	[ "$(current)" = "$pattern" ] || mk set ledger "${known[@]}" > /dev/null || bad=$((bad + 1))
	protkey key verify "$TMP/key.blob" > /dev/null || bad=$((bad + 1))
done
check "mk set: killed at ${#steps[@]} of its $count steps" [ "$count" -ge 4 ]
is "mk set: a kill at any of them loses nothing" "$bad" 0
is "mk set: nothing else is left in the folder" "$(ls "$PROTKEY_STATE_DIR")" ledger.sealed
power_cut

cp "$TMP/key.blob" "$TMP/under-old"
steps_to 1 protkey key reencipher "$TMP/key.blob"
bad=0
for step in "${steps[@]}"; do
	cp "$TMP/under-old" "$TMP/key.blob"
	# shellcheck disable=SC2086
	killed $step protkey key reencipher "$TMP/key.blob" || bad=$((bad + 1))
	protkey key verify "$TMP/key.blob" > /dev/null || bad=$((bad + 1))
	protkey key reencipher "$TMP/key.blob" > /dev/null || bad=$((bad + 1))
done
check "key reencipher: killed at each of its $count steps" [ "$count" -ge 4 ]
is "key reencipher: a kill at any of them loses nothing" "$bad" 0

# The header, 16 MiB, as it is before.
head -c 16M "$image" > "$TMP/header"
steps_to 15 protkey volume reencipher "$disk" "${known[@]}"
bad=0
for step in "${steps[@]}"; do
	dd if="$TMP/header" of="$disk" bs=1M conv=notrunc,fsync status=none
	# shellcheck disable=SC2086
	killed $step protkey volume reencipher "$disk" "${known[@]}" ||
		{ diag "$step: it does not die there"; bad=$((bad + 1)); }
	cli_verify "$disk" > /dev/null || { diag "$step: the volume does not open"; bad=$((bad + 1)); }
	protkey volume reencipher "$disk" "${known[@]}" > "$TMP/out" 2>&1 ||
		{ diag "$step: no going on"; bad=$((bad + 1)); }
	# also one that was half wiped
	[ "$(cryptsetup luksDump --dump-json-metadata "$disk" | jq '.keyslots | length')" = 1 ] ||
		{ diag "$step: a keyslot is left"; bad=$((bad + 1)); }
done
check "volume reencipher: killed at ${#steps[@]} of its $count steps" [ "$count" -gt 20 ]
is "volume reencipher: a kill at any of them loses nothing" "$bad" 0
# killed when the old keyslot is gone and the token still names it: its number may be
# somebody else's by the next time
dd if="$TMP/header" of="$disk" bs=1M conv=notrunc,fsync status=none
mapfile -t steps < <(steps_of protkey volume reencipher "$disk" "${known[@]}")
dd if="$TMP/header" of="$disk" bs=1M conv=notrunc,fsync status=none
for ((n = ${#steps[@]} - 1; n > 0; n--)); do
	[[ ${steps[n]} != unlink* ]] || break	# of libcryptsetup's lock, after the last write
done
# which is of both copies of the header
for ((n -= 8; n > 0; n--)); do
	dd if="$TMP/header" of="$disk" bs=1M conv=notrunc,fsync status=none
	# shellcheck disable=SC2086
	killed ${steps[n]} protkey volume reencipher "$disk" "${known[@]}"
	dump=$(cryptsetup luksDump --dump-json-metadata "$disk")
	[ "$(jq -c '[(.keyslots | length), (.tokens[].wiping != null)]' <<< "$dump")" != '[1,true]' ] || break
done
check "killed between a keyslot's end and the token's" [ $n -gt 0 ]
ktap_run cryptsetup luksAddKey --unbound --key-size 256 "$disk" "$TMP/more" --key-file "$PASS" \
	--pbkdf pbkdf2 --pbkdf-force-iterations 1000
ktap_run protkey volume reencipher "$disk" "${known[@]}"
is "a keyslot that somebody else added since stays" \
	"$(cryptsetup luksDump --dump-json-metadata "$disk" | jq '.keyslots | length')" 2
ktap_run mk clear ledger --pattern "$before" "${known[@]}"
check "in the end the volume opens without the old key" cli_open "$disk" vol
protkey volume close vol

# ---- a state of the same name and UUID with another master key, newer than ours

state=$PROTKEY_STATE_DIR/ledger.sealed
cp "$state" "$TMP/ours"
rotate || fail "set-up: a fourth rotation"
ktap_run mk set ledger "${known[@]}"
cp "$state" "$TMP/theirs"
pk-keytool domain-delete ledger
cp "$TMP/ours" "$state"
must cli_unlock ledger
must protkey domain lock ledger
cp "$TMP/theirs" "$state"
expect_status 6 "a known domain does not open with another master key" cli_unlock ledger
cp "$TMP/ours" "$state"
check "it does with its own" cli_unlock ledger
must protkey domain lock ledger
pk-keytool domain-delete ledger
cp "$TMP/theirs" "$state"
check "one that is not known opens with that state" cli_unlock ledger
finish
