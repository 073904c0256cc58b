#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=cipher where=vm timeout=240 vm="--smp 2 --mem 768"
#
# setkey takes a blob of an unlocked domain and nothing else.

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_protkey.sh
. "$(dirname "$0")/lib_protkey.sh"

iv=000102030405060708090a0b0c0d0e0f
data=$(printf '%02x' {0..31})

load_both
new_domain d
new_key d

# ---- control: the blob is good ---------------------------------------------------

check "the blob is taken" pk-keytool set-key "$TMP/key.blob"
expect_out '^data=[0-9a-f]{64}$' "and encrypts" \
	pk-keytool encrypt "$TMP/key.blob" $iv "$data"
cipher=$(pk-keytool encrypt "$TMP/key.blob" $iv "$data" | sed 's/^data=//')
expect_out "^data=$data\$" "and decrypts that again" \
	pk-keytool decrypt "$TMP/key.blob" $iv "$cipher"

# ---- what is refused -----------------------------------------------------------

check "raw keys of 16 to 64 bytes: EINVAL" pk-setkey-sweep raw
check "the blob cut off at every length, and longer: EINVAL" \
	pk-setkey-sweep truncated "$TMP/key.blob"
check "every bit of the blob flipped: refused for its reason" \
	pk-setkey-sweep flipped "$TMP/key.blob"
diag "$(pk-setkey-sweep flipped "$TMP/key.blob" | paste -sd ' ')"
check "random bytes, as dm-crypt wipes a key: EBADMSG" pk-setkey-sweep random
is "... of which none reached a slot" "$(domain d keys)" 0

half=$(printf '11%.0s' {1..32})
expect_err EKEYREJECTED "import of equal halves, XTS-256" \
	pk-keytool key-import d xts-256 "$half$half" "$TMP/equal"
expect_err EKEYREJECTED "import of equal halves, XTS-128" \
	pk-keytool key-import d xts-128 "$half" "$TMP/equal"
check_not "... no blob was written" test -e "$TMP/equal"
expect_err EINVAL "import of 63 bytes" \
	pk-keytool key-import d xts-256 "${half}${half:2}" "$TMP/short"
expect_err EINVAL "import of 64 bytes as XTS-128" \
	pk-keytool key-import d xts-128 "$half$half" "$TMP/long"
expect_err EINVAL "a type that does not exist" \
	pk-keytool key-import d 99 "$half$half" "$TMP/type"

# not an XTS key: 6 is HMAC-256
must pk-keytool key-generate d 6 "$TMP/hmac.blob"
expect_err 'EINVAL|EKEYREJECTED' "a genuine blob of another type" \
	pk-keytool set-key "$TMP/hmac.blob"

# ---- usage: 1 encrypt, 2 decrypt ------------------------------------------------

must pk-keytool key-generate d xts-256 "$TMP/use.blob" 2
check "a key for decryption decrypts" \
	pk-keytool decrypt "$TMP/use.blob" $iv "$data"
expect_err EACCES "... and does not encrypt" \
	pk-keytool encrypt "$TMP/use.blob" $iv "$data"
# 3 is AES-256.  CTR is its own inverse: one direction would give both
for use in 1 2; do
	must pk-keytool key-generate d 3 "$TMP/use.blob" $use
	for way in encrypt decrypt; do
		expect_err EACCES "a key of usage $use does not $way in CTR" \
			pk-keytool $way "$TMP/use.blob" $iv "$data" "ctr(paes)"
	done
done
must pk-keytool key-generate d 3 "$TMP/use.blob" 3
check "a key for both encrypts in CTR" \
	pk-keytool encrypt "$TMP/use.blob" $iv "$data" "ctr(paes)"

finish
