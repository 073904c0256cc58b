#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=host timeout=7200
# Logs of real machines, replayed into a software TPM that quotes: each is trusted
# by its own reference; cut off or with a bit flipped there is a verdict, never
# trusted where the bit was measured.  PK_EVENTLOGS=DIR for other logs.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd protkey gcc swtpm swtpm_ioctl tpm2_quote openssl jq python3 pkg-config
# shellcheck source=selftests/lib_fwcheck.sh
. "$(dirname "$0")/lib_fwcheck.sh"
logs=("${PK_EVENTLOGS:-$PK_TOP/../shared/data/eventlogs}"/event-*.bin)
[ -s "${logs[0]}" ] || skip_all "no logs of real machines here"
FW=$PK_TOP/userspace/fw

read -ra libs < <(pkg-config --cflags --libs json-c libcrypto tss2-mu)
rooms=(verdict verdict_ima finding rule diagnose evidence quote field digest fault eventlog eventtype
	component devicepath siglist describe_{firmware,image,ipl,variable} ima ima_ascii
	ima_replay reference reference_json)
mapfile -t sources < <(printf "$FW/%s.c\n" "${rooms[@]}")
flags=(-O1 -g "-fsanitize=address,undefined" -fno-sanitize-recover=all)
# a million verdicts; fuzzing has the sanitizers
[ "${PK_LONG:-0}" = 0 ] || flags=(-O2)
check "build" gcc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror "${flags[@]}" -I"$FW" -o "$TMP/fw_verdict" \
	"$PK_TOP/userspace/tests/fw_verdict.c" "${sources[@]}" "${libs[@]}" || finish

# quoted LOG NAME: evidence of a machine that has booted like that
quoted()
{
	local extends
	fwc_reset
	mapfile -t extends < <("$PK_TOP/selftests/fw/tamper.py" --extend "$1" /dev/null)
	[ ${#extends[@]} != 0 ] && tpm2_pcrextend "${extends[@]}" || return 1
	mkdir -p "$TMP/$2"
	PROTKEY_TCTI=$TPM2TOOLS_TCTI protkey fw measure --nonce "$TMP/nonce" \
		--out "$TMP/$2/evidence"
	# without a log of its own that is 23; the quote is what counts
	jq -e .quote "$TMP/$2/evidence" > /dev/null || return 1
	jq --rawfile log <(base64 -w 0 "$1") 'del(."ima-log") | ."event-log" = $log' \
		"$TMP/$2/evidence" > "$TMP/$2/real"
}

openssl rand -hex 32 > "$TMP/nonce"
fwc_tpm "$TMP/tpm"
for log in "${logs[@]}"; do
	name=$(basename "$log" .bin)
	# of two each event lacks a digest that the header announces
	ktap_run protkey fw measure --event-log "$log"
	if [ "$ktap_status" = 24 ]; then
		pass "$name: the log itself has a fault, so no reference can be of it"
		continue
	fi
	check "$name: a TPM measures the same" quoted "$log" "$name" || continue
	banks=sha1
	! head -c 64 "$log" | grep -qa 'Spec ID Event03' || banks=sha256
	check "$name: a reference" protkey fw reference make "$TMP/$name/real" \
		--out "$TMP/$name/reference" --banks $banks || continue
	# a prime number of bits, so that each bit of a byte is met
	step=$(($(stat -c %s "$log") / 150 + 1))
	while [ "$(factor $step | wc -w)" != 2 ]; do : $((step++)); done
	[ "${PK_LONG:-0}" = 0 ] || step=1
	check "$name: cut off, or measured bits flipped: never trusted (step $step)" \
		"$TMP/fw_verdict" "$TMP/$name/real" "$TMP/$name/reference" $step
	diag "$ktap_output"
done
finish
