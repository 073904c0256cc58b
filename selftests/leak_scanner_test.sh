#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# pk-scan finds every form of a secret at an odd offset, and nothing in noise.
# check: group=leak where=host timeout=120 retry=no

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/leak/lib.sh
. "$PK_TOP/selftests/leak/lib.sh"
need_cmd pk-scan python3

# form, the total of the report that must count it, its size at the least
forms="
whole			whole			64
half			parts			32
fragment		fragments		8
long-fragment		fragments		21
reversed		reversed		64
reversed-fragment	fragments		8
reversed-words-4	reversed		64
reversed-words-8	reversed		64
round-key		schedule		16
round-key-fragment	schedule_fragments	8
inverse-round-key	schedule		16
inverse-round-key-fragment schedule_fragments	8
spread-word		spread_words		16
spread-rotated-word	spread_words		16
hmac-inner-256		states			32
hmac-outer-256		states			32
hmac-inner-512		states			64
hmac-outer-512		states			64
hmac-outer-256-swapped	states			32
hmac-inner-256-ours	states			32
hmac-outer-512-swapped	states			64
hmac-inner-512-ours	states			64
hmac-fragment		fragments		8
schedule-encrypt-128	aes_schedules_unknown	176
schedule-encrypt-192	aes_schedules_unknown	208
schedule-encrypt-256	aes_schedules_unknown	240
schedule-decrypt-128	aes_schedules_unknown	176
schedule-decrypt-192	aes_schedules_unknown	208
schedule-decrypt-256	aes_schedules_unknown	240
schedule-encrypt-256-swapped aes_schedules_unknown	240
schedule-decrypt-256-swapped aes_schedules_unknown	240
"

# scan FORM OFFSET: sets status; the report goes to $TMP/report
scan()
{
	"$PK_TOP/selftests/leak/plant.py" "$1" "$2" 1 "$TMP/dump" "$TMP/secrets" || exit
	status=0
	pk-scan --json --secrets "$TMP/secrets" "$TMP/dump" > "$TMP/report" || status=$?
}

# found_at OFFSET TOTAL: reported there and counted there
# shellcheck disable=SC2317 # called by check
found_at()
{
	[ "$status" = 1 ] && grep -q "\"offset\":$1," "$TMP/report" &&
		[ "$(scan_total "$2" "$TMP/report")" -ge 1 ]
}

find_each_form()
{
	local form total size end=$((1 << 20))
	while read -r form total size; do
		[ -n "$form" ] || continue
		scan "$form" 70001
		check "$form at an odd offset" found_at 70001 "$total"
		scan "$form" 4093
		check "$form across a page boundary" found_at 4093 "$total"
		scan "$form" $((end - size))
		check "$form at the end of the dump" found_at $((end - size)) "$total"
	done <<< "$forms"
}

find_nothing()
{
	scan none 0
	is "noise: nothing found" "$status $(scan_total hits "$TMP/report")" "0 0"
	dd if=/dev/zero of="$TMP/dump" bs=1M count=8 status=none
	expect_status 0 "zeros: nothing found" pk-scan --secrets "$TMP/secrets" "$TMP/dump"
}

refuse_bad_input()
{
	printf '\xa5P\x40short' > "$TMP/bad"
	expect_status 2 "a secrets file cut short" pk-scan --secrets "$TMP/bad" "$TMP/dump"
	printf '\xa5?\x08ABCDEFGH' > "$TMP/bad"
	expect_status 2 "an unknown kind of secret" pk-scan --secrets "$TMP/bad" "$TMP/dump"
	: > "$TMP/bad"
	expect_status 2 "no secrets in the file" pk-scan --secrets "$TMP/bad" "$TMP/dump"
	echo "name 00112233445566" > "$TMP/bad"
	expect_status 2 "a secret too short to tell" pk-scan --secrets "$TMP/bad" "$TMP/dump"
	echo "name $(printf '%064d' 0)" > "$TMP/bad"
	expect_status 2 "a secret of zeros only" pk-scan --secrets "$TMP/bad" "$TMP/dump"
	expect_status 2 "a dump that is not there" pk-scan --secrets "$TMP/secrets" "$TMP/none"
	: > "$TMP/empty"
	expect_status 2 "an empty dump" pk-scan --secrets "$TMP/secrets" "$TMP/empty"
	expect_status 2 "no dump" pk-scan --secrets "$TMP/secrets"
}

find_each_form
find_nothing
refuse_bad_input
finish
