#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=host timeout=500
# Quotes of swtpm, taken as `protkey fw` takes them, and forgeries of each kind;
# evidence that is cut off or damaged.  With sanitizers.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd gcc swtpm tpm2_pcrextend pkg-config jq

build()
{
	local user=$PK_TOP/userspace
	# shellcheck disable=SC2046 # words
	gcc -D_GNU_SOURCE -std=gnu11 -O1 -g -Wall -Wextra -fsanitize=address,undefined \
		-fno-sanitize-recover=all -I"$user/cli" -I"$user/include" \
		-I"$PK_TOP/build/userspace/include" -I"$PK_TOP/kmod" -I"$PK_TOP/kmod/uapi" \
		-o "$TMP/fw_quote" "$user/tests/fw_quote.c" \
		"$user"/fw/{quote,evidence,digest,field}.c \
		"$user"/cli/{fw_quote,tpm,error,output,progress,file,context,passphrase}.c \
		"$PK_TOP/build/lib/libprotkey.a" -largon2 \
		$(pkg-config --cflags --libs json-c uuid libcrypto tss2-esys tss2-mu tss2-rc tss2-tctildr)
}
quote() { "$TMP/fw_quote" "$@"; }

port=$((20000 + $$ % 10000 * 2))
# what is freed is not kept for long: that costs more than all the rest
export ASAN_OPTIONS=quarantine_size_mb=4
export PROTKEY_TCTI=swtpm:host=127.0.0.1,port=$port
# tss2-mu has a view of its own of each bit
export TSS2_LOG=all+NONE
export TPM2TOOLS_TCTI=$PROTKEY_TCTI
nonce=00112233445566778899aabbccddeeff
other=ff112233445566778899aabbccddeeff

tpm_on()
{
	mkdir -p "$1"
	swtpm socket --tpm2 --tpmstate "dir=$1" --server "type=tcp,port=$port" \
		--ctrl "type=tcp,port=$((port + 1))" --flags startup-clear > /dev/null 2>&1 &
	tpm=$!
	cleanup_add kill "$tpm"
	for _ in {1..50}; do
		tpm2_getrandom 1 > /dev/null 2>&1 && break
		sleep 0.1
	done
}
tpm_off() { tpm2_shutdown -c; kill "$tpm" && wait "$tpm" 2> /dev/null; }

check "build, with sanitizers" build || finish
tpm_on "$TMP/tpm"
tpm2_pcrextend "4:sha256=$(printf %064d 4)" "10:sha256=$(printf %064d 10)"
check "a quote" quote take "$TMP/good" "$nonce"
expect_out "^0: good.*sha256 1" "is good" quote check "$TMP/good" "$nonce" -
is "the key is flushed" "$(tpm2_getcap handles-transient)" ""
key=$(quote key "$TMP/good")
tpm2_pcrextend "10:sha256=$(printf %064d 11)"
check "another quote" quote take "$TMP/later" "$other"
is "by the same key" "$(quote key "$TMP/later")" "$key"
expect_out "^0: " "the pinned key" quote check "$TMP/later" "$other" "$key"

# ---- one forgery of each kind

expect_out "^4: " "another nonce" quote check "$TMP/good" "$other" -
jq ".quote.nonce = \"$other\"" "$TMP/good" > "$TMP/renamed"
expect_out "^4: " "another nonce, written into it" quote check "$TMP/renamed" "$other" -
expect_out "^5: " "another key than pinned" quote check "$TMP/good" "$nonce" "000b$(printf %064d 0)"
jq --slurpfile l "$TMP/later" '.pcrs = $l[0].pcrs' "$TMP/good" > "$TMP/pcrs"
expect_out "^6: .*sha256 0" "PCR values of another time" quote check "$TMP/pcrs" "$nonce" "$key"
jq 'del(.pcrs.sha256."7")' "$TMP/good" > "$TMP/hole"
expect_out "^6: " "a PCR value left out" quote check "$TMP/hole" "$nonce" "$key"
jq --slurpfile l "$TMP/later" '.quote.signature = $l[0].quote.signature' "$TMP/good" > "$TMP/sig"
expect_out "^3: " "signature of another quote" quote check "$TMP/sig" "$nonce" "$key"
jq 'del(.quote)' "$TMP/good" > "$TMP/none"
expect_out "^1: " "no quote" quote check "$TMP/none" "$nonce" "$key"
check "keys with other attributes, and one that is sound but not pinned" quote freekey "$TMP/good"
check "every length of attest, signature and key" quote lengths "$TMP/good"
check "every bit of what is signed, signs and names" quote bits "$TMP/good"

# ---- evidence as a file

jq '.more = 1' "$TMP/good" > "$TMP/unknown"
expect_err "unknown field" "an unknown field" quote check "$TMP/unknown" - -
jq '.pcrs.sha256."0" = 7' "$TMP/good" > "$TMP/type"
expect_err "type: -74" "a number where hex belongs" quote check "$TMP/type" - -
# libFuzzer's find: it was taken, as another number
jq -c . "$TMP/good" | sed 's/"time":[0-9]*/"time":99999999999999999999/' > "$TMP/late"
expect_err "time.*no number" "a time that does not fit" quote check "$TMP/late" - -
check "every truncation, and flipped bits" quote json "$TMP/good"

# ---- a TPM that is locked out quotes all the same

tpm2_createprimary -Q -C o -c "$TMP/guarded" -p right
tpm2_flushcontext -t
for _ in {1..6}; do
	tpm2_create -Q -C "$TMP/guarded" -P wrong -u "$TMP/pub" -r "$TMP/priv" 2> /dev/null
	tpm2_flushcontext -t
done
expect_out 'inLockout: *1' "it is locked out" tpm2_getcap properties-variable
check "a quote of it" quote take "$TMP/lockout" "$nonce"
expect_out "^0: " "is good" quote check "$TMP/lockout" "$nonce" "$key"

# ---- other TPMs

tpm2_changeauth -Q -c endorsement secret
expect_out "endorsement hierarchy has a password" "no use of the endorsement hierarchy: says so" \
	quote take "$TMP/owner" "$nonce"
expect_out "^0: " "a quote by a key of the owner hierarchy" quote check "$TMP/owner" "$nonce" -
expect_out "^5: " "which is not the pinned one" quote check "$TMP/owner" "$nonce" "$key"
tpm2_changeauth -Q -c owner secret
expect_err "cannot be made" "no use of either: says so" quote take "$TMP/no" "$nonce"
tpm_off
tpm_on "$TMP/other"
check "another TPM's quote" quote take "$TMP/another" "$nonce"
expect_out "^5: " "is not the pinned key's" quote check "$TMP/another" "$nonce" "$key"
tpm_off
expect_err "there is no TPM 2.0" "no TPM" quote take "$TMP/no" "$nonce"
finish
