#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=cipher where=vm timeout=300 vm="--smp 2 --mem 768"
#
# xts(paes) against the kernel's own xts(aes), in the kernel: all lengths
# 16..8192 in both directions, strewn scatterlists, in place and apart, from
# every context that dm-crypt calls from, on all CPUs. CTR, CBC and ECB the same
# way, at fewer lengths. gcm(paes) against gcm(aes), whose lists are cut in other ways
# yet, and a look for plaintext that it leaves. phmac() against the kernel's own
# hmac(): random lengths and parts, queued ones among them.

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_protkey.sh
. "$(dirname "$0")/lib_protkey.sh"

lengths=$((8192 - 16 + 1))

# diff NAME REQUESTS [OPTION=VALUE]...
diff_run()
{
	local name=$1 requests=$2
	shift 2
	check "$name" cipher_run diff requests="$requests" "$@"
	is "... all $requests succeeded" "$(result ok)" "$requests"
	diag "$(result milliseconds) ms, $(result queued) queued"
}

load_both
new_domain d

new_key d xts-256
expect_out '^driver xts-paes-protkey' "our driver is tested" cipher_run diff requests=10
diff_run "XTS-256: every length in both directions" $((2 * lengths))
diff_run "XTS-256: with interrupts off" 1000 contexts=irqoff min=16 max=4200
diff_run "XTS-256: a queue that may be full" 4000 backlog=0 threads=6 depth=8 max=600

diff_run "interrupting a user of the FPU, in softirq" 500 contexts=fpu-softirq
is "... SIMD was not usable" "$(( $(result no_simd) > 100 ))" 1
is "... and the requests were queued" "$(result queued)" "$(result no_simd)"
diff_run "interrupting a user of the FPU, in hardirq" 500 contexts=fpu-hardirq
is "... all were queued" "$(result no_simd) $(result queued)" "500 500"
diff_run "mixed with others on all CPUs" 4000 threads=4 depth=8 \
	contexts=process,bh,softirq,fpu-softirq,fpu-hardirq

new_key d xts-128
diff_run "XTS-128: every length in both directions" $((2 * lengths)) seed=7

# one more domain and key, so that nothing depends on being the only one
new_domain e
new_key e xts-256
diff_run "a key of a second domain" 2000 seed=11

# ---- CTR, CBC, ECB ---------------------------------------------------------------

new_key e aes-256
modprobe -q -a ctr cbc ecb
for mode in ctr cbc ecb; do
	whole=1
	[ $mode != ctr ] || whole=0
	echo "$mode(paes)" > "$PKT/cipher_alg"
	diff_run "$mode(paes): lengths and lists" 2000 whole=$whole min=16 max=1100 seed=13
	is "... by our driver, against the kernel's own" \
		"$(sed -n 's/^driver //p' "$PKT/cipher_result")" $mode-paes-protkey
	diff_run "$mode(paes): more than a section" 200 whole=$whole min=4000 max=8192
done
expect_out '^reference ecb' "another reference for each" cat "$PKT/cipher_result"
echo "xts(paes)" > "$PKT/cipher_alg"

# ---- gcm(paes) -------------------------------------------------------------------

# aead_run COMMAND...: status 0 if every result was right
# shellcheck disable=SC2317 # called by check
aead_run()
{
	local status=0
	( echo "$*" > "$PKT/aead_run" ) || status=1
	cat "$PKT/aead_result"
	return "$status"
}

# aead_result FIELD: of the last run
aead_result() { sed -n "s/^$1 //p" "$PKT/aead_result"; }

modprobe -q -a gcm
check "gcm(paes): strewn lists, more than a section" aead_run diff 2000 3
is "... by our driver" "$(aead_result driver)" gcm-paes-protkey
is "... each right, or forged and refused" \
	"$(( $(aead_result ok) + $(aead_result forged) ))" 2000
is "... some forged, some queued, some in place" \
	"$(( $(aead_result forged) > 50 && $(aead_result queued) > 200 &&
	     $(aead_result in_place) > 500 ))" 1
diag "$(paste -sd ' ' "$PKT/aead_result")"

# Where lists are cut, data goes through a buffer of ours.
check "gcm(paes) on patterns" aead_run hold
check "... and a look for them in all of memory" aead_run scan
is "... all succeeded" "$(aead_result error)" 0
is "... control: the pattern is found while the lists have it" \
	"$(( $(aead_result found) > 0 ))" 1
is "... and nowhere else" "$(aead_result left)" 0
must pk-keytool domain-lock e force
check "the same with a key that is refused" aead_run scan
is "... it was" "$(aead_result error)" -126
is "... control: the pattern is found" "$(( $(aead_result found) > 0 ))" 1
is "... and nowhere else" "$(aead_result left)" 0
aead_run drop > "$TMP/drop"
must unlock_domain e

# ---- phmac() ---------------------------------------------------------------------

# hash_run HASH REQUESTS SEED: status 0 if every result was right
# shellcheck disable=SC2317 # called by check
hash_run()
{
	local status=0
	( echo "$*" > "$PKT/hash_run" ) || status=1
	cat "$PKT/hash_result"
	return "$status"
}

# hash_result FIELD: of the last run
hash_result() { sed -n "s/^$1 //p" "$PKT/hash_result"; }

modprobe -q -a hmac sha256 sha512
for type in hmac-256 hmac-512; do
	new_key d $type
	for hash in sha256 sha512; do
		check "phmac($hash) with a key of type $type: random parts" \
			hash_run $hash 600 5
		is "... by our driver" "$(hash_result driver)" phmac-$hash-protkey
		is "... all succeeded" "$(hash_result ok)" 600
		is "... some were queued, some exported and imported" \
			"$(( $(hash_result queued) > 50 && $(hash_result moved) > 50 ))" 1
		is "... another handle does not import it" "$(hash_result foreign)" 1
	done
done
head -c 32 /dev/urandom > "$TMP/other"
use_key "$TMP/key.blob" "$TMP/other"
check_not "control: another key is noticed" hash_run sha256 100 6
is "control: all hundred are wrong" "$(hash_result wrong)" 100

new_key e xts-256
use_key "$TMP/key.blob" "$TMP/other"
check_not "control: another key is noticed" cipher_run diff requests=100
is "control: all hundred are wrong" "$(result wrong)" 100
is "no vault trouble in all of this" "$(vault mismatches) $(vault losses)" "0 0"
finish
