#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=vm kernels=6.12 timeout=300
# Parts of a master key in the keeping of officers: encrypted to a certificate, which
# plain openssl opens as well, and on paper. With all of them it is the same master key.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
need_vm
need_cmd protkey pk-keytool jq openssl
cli_load

# cert NAME KEY-OPTION...
cert()
{
	openssl req -x509 -newkey "${@:2}" -nodes -subj "/CN=$1" -days 30 \
		-keyout "$TMP/$1.key" -out "$TMP/$1.pem" 2> /dev/null
}
part() { protkey domain mk part ledger "$@"; }
pattern() { json protkey domain mk show ledger --json .new.pattern; }

cert alice rsa:2048
cert bob ec -pkeyopt ec_paramgen_curve:P-256
openssl x509 -in "$TMP/alice.pem" -days -1 -signkey "$TMP/alice.key" -out "$TMP/expired.pem" 2> /dev/null
cli_domain ledger

# ---- made

expect_status 8 "to an expired certificate" part --of 3 --new "$TMP/a.json" --to "$TMP/expired.pem"
expect_status 9 "to none" part --of 3 --new "$TMP/a.json" --to "$PASS"
check_not "then there is no file" test -e "$TMP/a.json"
is "and no part" "$(json protkey domain mk show ledger --json .new)" null
check "to alice's certificate, RSA" part --of 3 --new "$TMP/a.json" --to "$TMP/alice.pem" --officer alice
check "to bob's, an elliptic curve" part --new "$TMP/b.json" --to "$TMP/bob.pem" --officer "bob b."
check "on paper" part --paper "$TMP/c.txt" --officer carol
is "which only root reads" "$(stat -c %a "$TMP/c.txt")" 600
is "is text of eight lines" "$(wc -l < "$TMP/c.txt")" 8
expect_status 6 "over a file that there is" part --paper "$TMP/c.txt"
made=$(pattern)
protkey domain mk abort ledger > /dev/null

# ---- brought again, one way or the other

expect_status 2 "alice's, without her key" part --of 3 --load "$TMP/a.json"
expect_status 8 "with bob's" part --of 3 --load "$TMP/a.json" --key "$TMP/bob.key"
check "with hers" part --of 3 --load "$TMP/a.json" --key "$TMP/alice.key"
check "bob's, by openssl" sh -c "jq -r .cms $TMP/b.json | openssl cms -decrypt -inform PEM -inkey $TMP/bob.key -out $TMP/kek"
head -c 31 "$TMP/kek" > "$TMP/short"
expect_status 9 "half a KEK" part --load "$TMP/b.json" --kek-file "$TMP/short"
head -c 32 /dev/urandom > "$TMP/other"
expect_status 8 "another KEK" part --load "$TMP/b.json" --kek-file "$TMP/other"
check "his" part --load "$TMP/b.json" --kek-file "$TMP/kek"

sed '6s/\(..\)$/\1x/; 6y/0123456789abcdefx/123456789abcdef0 /' "$TMP/c.txt" > "$TMP/slip"
expect_err 'line "2:"' "a slip on the paper, and where" part --load "$TMP/slip"
sed 's/carol/mallory/' "$TMP/c.txt" > "$TMP/slip"
expect_status 9 "another name on it" part --load "$TMP/slip"
head -n 7 "$TMP/c.txt" > "$TMP/slip"
expect_status 9 "a line is missing" part --load "$TMP/slip"
cat "$TMP/c.txt" "$TMP/c.txt" > "$TMP/slip"
expect_status 9 "there is more" part --load "$TMP/slip"
sed '5,$y/abcdef/ABCDEF/; 5,$s/ / \t/g' "$TMP/c.txt" > "$TMP/typed"
check "typed in capitals, with other spaces" part --load "$TMP/typed"
is "all three: the same master key" "$(pattern)" "$made"
check "commit" protkey domain mk commit ledger --pattern "$made" --passphrase-file "$PASS"
check "set" protkey domain mk set ledger --passphrase-file "$PASS"
is "it is the master key" "$(json protkey domain mk show ledger --json .current)" "$made"

# ---- of another domain

cli_domain other
expect_status 8 "a sealed part of another domain" \
	protkey domain mk part other --of 2 --load "$TMP/a.json" --key "$TMP/alice.key"
expect_status 8 "a paper of another domain" protkey domain mk part other --of 2 --load "$TMP/c.txt"
expect_status 2 "--to and --load" part --load "$TMP/a.json" --to "$TMP/alice.pem"
finish
