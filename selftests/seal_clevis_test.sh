#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=host kernels=6.12 timeout=120
# The clevis side of a seal slot without the module: tang on loopback, 2 of 3
# servers with one and with two of them down, keys that are gone, what stays in
# the tool's memory.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd gcc clevis socat pkg-config
# shellcheck source=selftests/lib_seal.sh
. "$(dirname "$0")/lib_seal.sh"
check "build" seal_build "$TMP/seal_slot" || finish

for n in 1 2 3; do tang_on $n; done
for _ in {1..50}; do
	curl -sf "http://127.0.0.1:$((tang_port + 3))/adv" > /dev/null && break
	sleep 0.1
done
sss="sss {\"t\":2,\"pins\":{\"tang\":[$(tang_url 1),$(tang_url 2),$(tang_url 3)]}}"
check "seal with tang" seal clevis-make "$TMP/tang.jwe" "tang $(tang_url 1)"
clean "seal with tang"
check "open with tang" seal clevis-open "$TMP/tang.jwe"
clean "open with tang"
check "seal with 2 of 3" seal clevis-make "$TMP/sss.jwe" "$sss"
check "open with 3 of 3" seal clevis-open "$TMP/sss.jwe"
tang_off 1
expect_err "can enough of its servers be reached" "tang is down" seal clevis-open "$TMP/tang.jwe"
is "tang is down: status" "$ktap_status" 11
check "2 of 3 with one server down" seal clevis-open "$TMP/sss.jwe"
clean "2 of 3 with one server down"
tang_off 2
expect_status 11 "2 of 3 with two servers down" seal clevis-open "$TMP/sss.jwe"
tang_on 1
rm -f "$TMP"/tang1/*.jwk
/usr/libexec/tangd-keygen "$TMP/tang1"
sleep 0.5
expect_status 11 "a server that has other keys now" seal clevis-open "$TMP/tang.jwe"
expect_status 11 "seal with a server that is down" seal clevis-make "$TMP/no" "tang $(tang_url 2)"
expect_status 2 "clevis' tpm2 is refused: --tpm2 is better" seal clevis-make "$TMP/no" "tpm2 {}"
expect_status 2 "no configuration" seal clevis-make "$TMP/no" tang
expect_status 5 "clevis is not installed" env PATH="$TMP" "$TMP/seal_slot" clevis-open "$TMP/sss.jwe"
echo -n a.b.c.d.e > "$TMP/bad.jwe"
expect_status 11 "no JWE" seal clevis-open "$TMP/bad.jwe"
echo -n short | clevis encrypt tang "$(tang_url 3)" -y > "$TMP/short.jwe" 2> /dev/null
expect_err "clevis gave no key" "another secret than a KEK" seal clevis-open "$TMP/short.jwe"
head -c 33 /dev/zero | clevis encrypt tang "$(tang_url 3)" -y > "$TMP/long.jwe" 2> /dev/null
expect_err "clevis gave no key" "a longer one" seal clevis-open "$TMP/long.jwe"
check_not "nothing was written" test -e "$TMP/no"
finish
