#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=vm timeout=240 vm="--smp 2 --mem 768"
#
# Master key registers by raw ioctls: a ceremony in every order, what is refused,
# aborts and reboots at every step, rotation while a key is in use.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_protkey.sh
. "$(dirname "$0")/lib_protkey.sh"

ZERO=$(printf '00%.0s' {1..16})
A=$(printf 'a1%.0s' {1..16})$(printf '17%.0s' {1..16})
B=$(printf 'b2%.0s' {1..16})$(printf '28%.0s' {1..16})
C=$(printf 'c3%.0s' {1..16})$(printf '3a%.0s' {1..16})
OTHER=$(printf '77%.0s' {1..32})

part() { pk-keytool mk-load d "$1" clear "$2"; }
of() { sed -n "s/^$1=//p" "$2"; }
save() { must pk-keytool get-state d "$TMP/d.state"; }

# A reboot: nothing but the file is left.
reboot()
{
	save
	must pk-keytool domain-delete d
	must unlock_domain d
}

# ceremony PART...: all loaded, the pattern in $pattern
ceremony()
{
	local p
	for p in "$@"; do
		part $# "$p" > "$TMP/load" || return 1
	done
	pattern=$(of pattern "$TMP/load")
}

load_both
new_domain d
new_key d
first=$(domain d pattern)
cp "$TMP/key.blob" "$TMP/first.blob"
slots=$(vault slots_used)

# ---- wrong order
expect_err ENOENT "commit: NEW is empty" pk-keytool mk-commit d "$ZERO" "$KEK"
expect_err ENOENT "set: NEW is empty" pk-keytool mk-set d "$KEK"
expect_err ENOENT "abort: NEW is empty" pk-keytool mk-abort d
expect_err ENOENT "clear: OLD is empty" pk-keytool mk-clear d "$ZERO" "$KEK"
expect_err ENOENT "reencipher to an empty NEW" \
	pk-keytool key-reencipher d "$TMP/key.blob" new
expect_err EALREADY "reencipher to where it is" \
	pk-keytool key-reencipher d "$TMP/key.blob" current
expect_err EINVAL "reencipher to OLD" pk-keytool key-reencipher d "$TMP/key.blob" old
expect_err EINVAL "one part is no ceremony" part 1 "$A"
expect_err EINVAL "nine parts" part 9 "$A"

# ---- parts
must part 3 "$A"
expect_err EINVAL "another number of parts than before" part 2 "$B"
expect_err EEXIST "the same part again" part 3 "$A"
expect_err ENODATA "commit: parts are missing" pk-keytool mk-commit d "$(domain d pattern_new)" "$KEK"
expect_err ENODATA "set: not committed" pk-keytool mk-set d "$KEK"
expect_err ENODATA "reencipher to an uncommitted NEW" \
	pk-keytool key-reencipher d "$TMP/key.blob" new
must part 3 "$B"
expect_err EEXIST "the first part again, after the second" part 3 "$A"
sum=$(python3 -c "print('%064x' % (int('$A', 16) ^ int('$B', 16)))")
expect_err EKEYREJECTED "a part that cancels the others" part 3 "$sum"
must part 3 "$C"
pattern=$(domain d pattern_new)
expect_err EALREADY "a fourth part of three" part 3 "$OTHER"
is "the first key is CURRENT all the time" "$(domain d pattern)" "$first"
must pk-keytool mk-abort d
is "abort empties NEW" "$(domain d pattern_new)" "$ZERO"

# ---- every order gives the same key
for order in "$A $C $B" "$B $A $C" "$B $C $A" "$C $A $B" "$C $B $A"; do
	# shellcheck disable=SC2086 # three words
	want=$pattern && ceremony $order
	is "another order of parts, the same pattern" "$pattern" "$want"
	must pk-keytool mk-abort d
done

# ---- an abort and a reboot at every step
for step in 1 2 committed; do
	ceremony "$A" "$B" > /dev/null
	[ "$step" != 1 ] || { pk-keytool mk-abort d; must part 2 "$A"; }
	[ "$step" != committed ] || must pk-keytool mk-commit d "$pattern" "$KEK"
	new=$(domain d pattern_new)
	reboot
	is "reboot, step $step: NEW is there" "$(domain d pattern_new)" "$new"
	is "reboot, step $step: CURRENT is the old one" "$(domain d pattern)" "$first"
	must pk-keytool mk-abort d
	reboot
	is "abort, step $step: NEW stays empty" "$(domain d pattern_new)" "$ZERO"
	check "abort, step $step: the key opens" pk-keytool key-verify d "$TMP/key.blob"
done

# ---- parts from the module, sealed for an officer
must pk-keytool mk-load d 2 generate "$OTHER" "$TMP/part"
new=$(domain d pattern_new)
must pk-keytool mk-abort d
expect_err EKEYREJECTED "a sealed part, another officer's KEK" \
	pk-keytool mk-load d 2 sealed "$KEK" "$TMP/part"
is "a refused part leaves NEW empty" "$(domain d pattern_new)" "$ZERO"
must pk-keytool mk-load d 2 sealed "$OTHER" "$TMP/part"
is "a sealed part comes back" "$(domain d pattern_new)" "$new"
must part 2 "$A"
reboot		# a ceremony that was interrupted goes on
pattern=$(domain d pattern_new)

# ---- commit and set
expect_err EKEYREJECTED "commit: another pattern" pk-keytool mk-commit d "$first" "$KEK"
expect_err EKEYREJECTED "commit: a KEK that opens nothing" \
	pk-keytool mk-commit d "$pattern" "$OTHER"
expect_err ENODATA "which commits nothing" pk-keytool key-reencipher d "$TMP/first.blob" new
must pk-keytool mk-commit d "$pattern" "$KEK"
expect_err EALREADY "commit again" pk-keytool mk-commit d "$pattern" "$KEK"
expect_err EALREADY "a part after the commit" part 2 "$C"
cp "$TMP/first.blob" "$TMP/staged.blob"
must pk-keytool key-reencipher d "$TMP/staged.blob" new
expect_out "mk_register=2" "a staged blob opens under NEW" pk-keytool key-verify d "$TMP/staged.blob"
expect_err EKEYREJECTED "set: a KEK that opens nothing" pk-keytool mk-set d "$OTHER"
expect_err EINVAL "set: no such seal slot" pk-keytool mk-set d "$KEK@3"
is "a refused set leaves CURRENT" "$(domain d pattern)" "$first"
save
cp "$TMP/d.state" "$TMP/before-set"

cipher_run storm requests=0 seconds=8 min=512 max=8192 errors=0 > "$TMP/storm" 2>&1 &
storm=$!
sleep 1
check "set, with a key in use" pk-keytool mk-set d "$KEK"
is "NEW is CURRENT" "$(domain d pattern)" "$pattern"
is "CURRENT is OLD" "$(domain d pattern_old)" "$first"
is "NEW is empty" "$(domain d pattern_new)" "$ZERO"
wait $storm
is "no request failed meanwhile" $? 0
diag "$(tr '\n' ' ' < "$TMP/storm")"
expect_out "mk_register=0" "the staged blob opens under CURRENT" \
	pk-keytool key-verify d "$TMP/staged.blob"
expect_out "mk_register=1" "the old blob opens under OLD" \
	pk-keytool key-verify d "$TMP/first.blob"
must pk-keytool key-generate d xts-256 "$TMP/second.blob"
expect_out "mk_register=0" "a new key is wrapped under CURRENT" \
	pk-keytool key-verify d "$TMP/second.blob"

# ---- a second rotation waits for the end of the first
ceremony "$A" "$C" || fail "set-up: a second ceremony"
must pk-keytool mk-commit d "$pattern" "$KEK"
expect_err EBUSY "set while OLD is in use" pk-keytool mk-set d "$KEK"
must pk-keytool mk-abort d

# ---- keys move
must pk-keytool key-reencipher d "$TMP/key.blob" current
for range in "0 48" "64 120"; do
	# shellcheck disable=SC2086 # two words
	set -- $range
	check "reencipher changes nothing else in the header, from byte $1" cmp -s -i "$1" -n "$2" \
		"$TMP/key.blob" "$TMP/first.blob"
done
check_not "reencipher changes the wrapped key" cmp -s -i 184 "$TMP/key.blob" "$TMP/first.blob"
is "the ciphertext is the same" \
	"$(pk-keytool encrypt "$TMP/key.blob" 00 "$ZERO")" \
	"$(pk-keytool encrypt "$TMP/first.blob" 00 "$ZERO")"
new_domain e
expect_err EXDEV "reencipher by another domain" \
	pk-keytool key-reencipher e "$TMP/key.blob" current
must pk-keytool domain-delete e

# ---- the end: OLD goes, what is open goes on
expect_err EKEYREJECTED "clear: another pattern" pk-keytool mk-clear d "$ZERO" "$KEK"
use_key "$TMP/first.blob" "$TMP/key.clear"
cipher_run storm requests=0 seconds=20 min=512 max=8192 > /dev/null 2>&1 &
storm=$!
sleep 1
expect_err EKEYREJECTED "clear: a KEK that opens nothing" pk-keytool mk-clear d "$first" "$OTHER"
check "clear OLD, with a key of it in use" pk-keytool mk-clear d "$first" "$KEK"
save
must pk-keytool domain-lock d force
expect_out "keys_prepared=[1-9]" "what was open is prepared again: its blob was enciphered" unlock_domain d
wait $storm
expect_err ESTALE "a blob of the cleared OLD" pk-keytool set-key "$TMP/first.blob"
check "an enciphered one" pk-keytool set-key "$TMP/key.blob"
reboot
check "after a reboot too" pk-keytool set-key "$TMP/key.blob"
is "the new key is CURRENT after a reboot" "$(domain d pattern)" \
	"$(od -An -v -tx1 -j 48 -N 16 "$TMP/key.blob" | tr -d ' \n')"

# ---- killed between set and saving: the file is that of before the set
must pk-keytool domain-delete d
cp "$TMP/before-set" "$TMP/d.state"
must unlock_domain d
is "not saved: CURRENT is the old one" "$(domain d pattern)" "$first"
expect_out "mk_register=2" "not saved: keys made after the set open under NEW" \
	pk-keytool key-verify d "$TMP/second.blob"
check "not saved: set again" pk-keytool mk-set d "$KEK"
check "not saved: then under CURRENT" pk-keytool set-key "$TMP/second.blob"

must pk-keytool domain-lock d force
expect_err ENOKEY "locked: load" part 2 "$A"
expect_err ENOKEY "locked: set" pk-keytool mk-set d "$KEK"
expect_err ENOKEY "locked: abort" pk-keytool mk-abort d
expect_err ENOKEY "locked: reencipher" pk-keytool key-reencipher d "$TMP/key.blob" current
diag "arena slots: $slots before, $(vault slots_used) after"
finish
