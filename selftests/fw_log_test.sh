#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=host timeout=600
# The reader of event logs: what it says of a boot, as tpm2-tools says it, and
# that no damage passes in silence or harms it.
# shellcheck disable=SC2016 # $1 and $? are the inner shell's
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd protkey gcc python3 tpm2_eventlog jq

machine() { python3 "$PK_TOP/selftests/fw/machine.py" log "$@"; }
measure() { protkey fw measure --event-log "$1" --json; }

# pcrs_of_tools LOG BANK: "PCR:VALUE" of each, by tpm2-tools
pcrs_of_tools()
{
	tpm2_eventlog "$1" 2> /dev/null | awk -v bank="$2:" '
		/^pcrs:/ { pcrs = 1; next }
		pcrs && NF == 1 { here = $1 == bank; next }
		pcrs && here { sub(/^ *0x/, "", $3); print $1 ":" tolower(substr($3, 1 + 2 * ($3 ~ /^0x/))) }'
}

# same_as_tools LOG: in every bank of it that can be replayed
same_as_tools()
{
	local bank banks
	measure "$1" > "$TMP/ours.json"
	banks=$(jq -r '.banks | to_entries[] | select(.value) | .key' "$TMP/ours.json")
	[ -n "$banks" ] || return 1
	for bank in $banks; do
		jq -r --arg bank "$bank" '.banks[$bank] | to_entries[] | "\(.key):\(.value.log)"' \
			"$TMP/ours.json" | sort > "$TMP/ours"
		pcrs_of_tools "$1" "$bank" | sort > "$TMP/theirs"
		[ -s "$TMP/theirs" ] && diff "$TMP/theirs" "$TMP/ours" || return 1
	done
}

unmeasured() { measure "$1" | jq -r '.components[] | select(.text_must_be_measured and (.text_measured | not)) | .name'; }
component() { measure "$1" | jq -r --arg name "$2" '.components[] | select(.name == $name) | .text'; }

machine > "$TMP/log"
check "PCR values are those of tpm2_eventlog" same_as_tools "$TMP/log"
is "every text that must be measured was" "$(unmeasured "$TMP/log")" ''
is "the command line in words" "$(component "$TMP/log" command-line.0)" \
	"kernel command line: /boot/vmlinuz-6.1 root=/dev/sda1 ro"
is "Secure Boot in words" "$(component "$TMP/log" secure-boot.state)" "SecureBoot is on"
is "a boot order in words" "$(component "$TMP/log" boot-order)" "boot order 0100"
machine text=sda1/sdb1 > "$TMP/edited"
is "edited texts are told" "$(unmeasured "$TMP/edited" | sort | xargs)" "command-line.0 grub.command.0"
check "edited texts change no PCR" same_as_tools "$TMP/edited"

# 39 types, of which EV_NO_ACTION is no component
python3 "$PK_TOP/selftests/fw/machine.py" types > "$TMP/types"
is "each type of event is a component" "$(measure "$TMP/types" | jq '.components | length')" 37
is "and said in words" "$(measure "$TMP/types" | jq -r '.components[].text' | grep -E '^EV_|^event of|^$')" ''

# logs of real machines, where the project's data are at hand
for log in "${PK_EVENTLOGS:-$PK_TOP/../shared/data/eventlogs}"/event-*.bin; do
	[ -s "$log" ] || continue
	check "${log##*/}: PCR values are those of tpm2_eventlog" same_as_tools "$log"
	is "${log##*/}: every text that must be measured was" "$(unmeasured "$log")" ''
done

# ---- why a log does not lead to a value
head -c 3000 /dev/zero > "$TMP/zeros"
expect_out "it has no header" "zeros are no log" \
	sh -c 'protkey fw measure --event-log "$1"; [ $? = 24 ]' sh "$TMP/zeros"
expect_status 24 "zeros are no log" protkey fw measure --event-log "$TMP/zeros"
: > "$TMP/empty"
expect_status 23 "an empty file is no evidence" protkey fw measure --event-log "$TMP/empty"
expect_status 5 "no such file" protkey fw measure --event-log "$TMP/none"
head -c $(($(stat -c %s "$TMP/log") - 3)) "$TMP/log" > "$TMP/short"
expect_out 'ends in the middle' "a log that is cut off is told" \
	sh -c 'protkey fw measure --event-log "$1"; [ $? = 24 ]' sh "$TMP/short"
expect_status 2 "arguments that there are not" protkey fw measure --event-log "$TMP/log" more

# ---- CEL
check "the log as CEL-JSON" protkey fw measure --event-log "$TMP/log" --cel "$TMP/cel"
is "with every event" "$(jq length "$TMP/cel")" "$(($(measure "$TMP/log" | jq '.components | length') + 1))"
protkey fw measure --event-log "$TMP/log" > "$TMP/direct"
protkey fw measure --from-cel "$TMP/cel" > "$TMP/from-cel"
check "and back, it is the same log" cmp "$TMP/direct" "$TMP/from-cel"
echo '[{"recnum":0}]' > "$TMP/bad"
expect_status 24 "CEL-JSON that is none" protkey fw measure --from-cel "$TMP/bad"
expect_status 2 "CEL-JSON and another log" protkey fw measure --from-cel "$TMP/cel" --event-log "$TMP/log"

# ---- damage, under ASan and UBSan
flags=(-std=gnu11 -D_GNU_SOURCE -O1 -g -Wall -Wextra "-fsanitize=address,undefined"
	-fno-sanitize-recover=all -I"$PK_TOP/userspace/fw")
fw=("$PK_TOP"/userspace/fw/{digest,fault,eventlog,eventtype,component,describe_firmware,describe_variable,describe_image,describe_ipl,devicepath,siglist}.c)
check "build" gcc "${flags[@]}" -o "$TMP/fw_log" "$PK_TOP/userspace/tests/fw_log.c" "${fw[@]}" -lcrypto
machine db=1 dbx=2 > "$TMP/small"
check "no truncation and no bit of a log ($(stat -c %s "$TMP/small") bytes) passes in silence" \
	"$TMP/fw_log" "$TMP/small"
check "random damage does no harm" "$TMP/fw_log" "$TMP/log" mutate 20000
if [ "${PK_LONG:-0}" = 1 ] && command -v clang > /dev/null; then
	check "build with libFuzzer" clang -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined \
		-I"$PK_TOP/userspace/fw" -o "$TMP/fuzz" "$PK_TOP/userspace/fuzz/fuzz_eventlog.c" \
		"${fw[@]}" -lcrypto
	mkdir "$TMP/corpus"
	cp "$TMP/log" "$TMP/small" "$TMP/corpus"
	check "libFuzzer for ten minutes" "$TMP/fuzz" -max_total_time=600 -max_len=65536 "$TMP/corpus"
fi
finish
