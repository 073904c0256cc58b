#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=vm timeout=600 vm="--mem 1024"
# Administrators: what wants their signatures is refused without, to root and to raw
# ioctls; plain openssl makes the signatures; each way to forge or repeat one.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
need_vm
need_cmd protkey pk-keytool jq openssl
modprobe ecdsa_generic 2> /dev/null || true
cli_load

admin() { protkey domain admin "$@"; }
known=(--passphrase-file "$PASS")
of() { json admin list ledger --json "$1"; }
K=$TMP/pki
mkdir "$K"

# issue NAME KEY-OPTION... -- OPTION...: a self-signed certificate
issue()
{
	local name=$1 key=()
	shift
	while [ "$1" != -- ]; do key+=("$1"); shift; done
	shift
	openssl req -x509 -nodes "${key[@]}" -keyout "$K/$name.key" -out "$K/$name.pem" \
		-subj "/CN=$name" -sha256 "$@" 2> /dev/null
}
rsa=(-newkey rsa:2048)
ec=(-newkey ec -pkeyopt ec_paramgen_curve:P-256)
issue alice "${rsa[@]}" -- -days 30
issue bob "${rsa[@]}" -- -days 30
issue carol "${ec[@]}" -- -days 30
issue mallory "${rsa[@]}" -- -days 30
issue weak -newkey rsa:1024 -- -days 30
openssl req -x509 -key "$K/alice.key" -out "$K/twin.pem" -subj /CN=twin -days 30
openssl req -new -key "$K/bob.key" -subj /CN=bob -out "$K/bob.csr"
openssl x509 -req -in "$K/bob.csr" -signkey "$K/bob.key" -out "$K/expired.pem" -days -1 2> /dev/null
# one whom alice's certificate vouches for
openssl req -new -newkey rsa:2048 -nodes -keyout "$K/chained.key" -subj /CN=chained \
	-out "$K/chained.csr" 2> /dev/null
openssl x509 -req -in "$K/chained.csr" -CA "$K/alice.pem" -CAkey "$K/alice.key" -CAcreateserial \
	-out "$K/chained.pem" -days 30 2> /dev/null
cert() { echo "$K/$1.pem"; }

# sign NAME [OPTION...]: by plain openssl, as the manual says
sign()
{
	local name=$1
	shift
	openssl cms -sign -binary -nocerts -nosmimecap -md sha256 -in "$TMP/text" \
		-signer "$K/$name.pem" -inkey "$K/$name.key" -outform DER -out "$TMP/$name.sig" "$@"
}
request() { admin request ledger -o "$TMP/text" "$@" > /dev/null; }
bring() { sign "$1" "${@:2}" && admin sign ledger "$TMP/$1.sig"; }

cli_domain ledger
new_key()
{
	protkey domain mk part ledger --of 2 --clear <(openssl rand -hex 32) > /dev/null &&
		protkey domain mk part ledger --clear <(openssl rand -hex 32) > /dev/null
	pattern=$(json protkey domain mk show ledger --json .new.pattern)
}

# ---- the first administrators

is "a domain of one person" "$(of '.administrators | length')" 0
expect_status 10 "nothing to be signed there" admin request ledger destroy
expect_status 8 "the first ones want the passphrase" admin set ledger "$(cert alice)" \
	--passphrase-file "$WRONG"
expect_status 8 "a weak key" admin set ledger "$(cert weak)" "${known[@]}"
expect_status 8 "an expired certificate" admin set ledger "$(cert alice)" "$(cert expired)" "${known[@]}"
expect_status 6 "two certificates of one key" admin set ledger "$(cert alice)" "$(cert twin)" "${known[@]}"
expect_status 9 "no certificate" admin set ledger "$PASS" "${known[@]}"
expect_status 2 "more signatures than administrators" admin set ledger "$(cert alice)" --seal 2 "${known[@]}"
expect_status 2 "no signature for the master key" admin set ledger "$(cert alice)" --master-key 0 "${known[@]}"
is "still one person" "$(of '.administrators | length')" 0
three=("$(cert alice)" "$(cert bob)" "$(cert carol)")
if ! admin set ledger "${three[@]}" --destroy 2 "${known[@]}" > "$TMP/out" 2>&1; then
	diag "$(cat "$TMP/out")"
	cp "$K/mallory.pem" "$K/carol.pem"
	cp "$K/mallory.key" "$K/carol.key"
	issue mallory "${rsa[@]}" -- -days 30
	check "three administrators, all RSA" admin set ledger "${three[@]}" --destroy 2 "${known[@]}"
	diag "this kernel cannot verify ECDSA"
else
	pass "three administrators, one with ECDSA"
fi
is "they are there" "$(of '[.administrators[].subject] | length')" 3
is "two of them for everything" "$(of '.thresholds | tostring')" \
	'{"administration":2,"master-key":2,"seal":2,"destroy":2}'
reload_state() { pk-keytool domain-lock ledger; cli_unlock ledger > /dev/null; }
reload_state
is "after a lock, too" "$(of '.administrators | length')" 3

# ---- nothing without signatures

new_key
slots=$(json protkey domain seal list ledger --json length)
refused_all()
{
	expect_status 10 "$1: commit" protkey domain mk commit ledger --pattern "$pattern" "${known[@]}"
	expect_status 10 "$1: abort" protkey domain mk abort ledger
	expect_status 10 "$1: seal add" protkey domain seal add ledger --passphrase "${known[@]}" \
		--new-passphrase-file "$WRONG" --memory-kib 1024 --time 1
	expect_status 10 "$1: seal remove" protkey domain seal remove ledger --slot 0
	expect_status 10 "$1: quota" protkey domain quota ledger --keys 5
	expect_status 10 "$1: administrators" admin set ledger "$(cert mallory)" "${known[@]}"
	expect_status 10 "$1: delete" protkey domain delete ledger --yes
	expect_status 10 "$1: zeroize" protkey domain zeroize ledger --yes
}
cp "$PROTKEY_STATE_DIR/ledger.sealed" "$TMP/saved"
refused_all "unsigned"
expect_err EPERM "a raw ioctl: delete" pk-keytool domain-delete ledger
expect_err EPERM "a raw ioctl: abort" pk-keytool mk-abort ledger
expect_err EPERM "a raw ioctl: quota" pk-keytool domain-quota ledger 5 5 5
is "the file is as it was" "$(sha256sum < "$PROTKEY_STATE_DIR/ledger.sealed")" \
	"$(sha256sum < "$TMP/saved")"

# ---- signatures

expect_status 5 "a signature of nothing" admin sign ledger "$K/alice.pem"
check "a request" request mk-commit --pattern "$pattern"
check "says what is signed" grep -q "^command: commit the new master key$" "$TMP/text"
check "of which key" grep -q "^pattern: $pattern$" "$TMP/text"
check "in which domain" grep -q "^domain: ledger " "$TMP/text"
expect_status 9 "no signature" admin sign ledger "$K/alice.pem"
expect_status 8 "a stranger's" bring mallory
cp "$TMP/text" "$TMP/text.good"
sed -i 's/commit the new/forget the old/' "$TMP/text"
expect_status 8 "of a changed text" bring alice
cp "$TMP/text.good" "$TMP/text"
expect_status 8 "with a certificate in it" bash -c "openssl cms -sign -binary -nosmimecap -md sha256 \
	-in $TMP/text -signer $K/alice.pem -inkey $K/alice.key -outform DER -out $TMP/x.sig &&
	protkey domain admin sign ledger $TMP/x.sig"
expect_status 8 "of one whom an administrator vouches for" bash -c "openssl cms -sign -binary -nosmimecap \
	-md sha256 -in $TMP/text -signer $K/chained.pem -inkey $K/chained.key -certfile $K/alice.pem \
	-outform DER -out $TMP/x.sig && protkey domain admin sign ledger $TMP/x.sig"
expect_status 8 "the same, without certificates" bring chained
expect_status 8 "with the text in it" bring alice -nodetach
expect_status 8 "by two at once" bring alice -signer "$K/mallory.pem" -inkey "$K/mallory.key"
expect_status 8 "with SHA-1" bring alice -md sha1
is "none of these counts" "$(of .signatures)" 0
check "alice signs" bring alice
cp "$TMP/alice.sig" "$TMP/alice.old"
is "one of two" "$(of '"\(.request) \(.signatures) \(.needed)"')" "mk-commit 1 2"
expect_status 6 "alice signs again" bring alice
expect_status 10 "one signature is not enough" protkey domain mk commit ledger --pattern "$pattern" "${known[@]}"
check "carol signs" bring carol
expect_status 10 "for this command only: abort" protkey domain mk abort ledger
expect_status 10 "for this command only: delete" protkey domain delete ledger --yes
expect_status 8 "and not without the passphrase" protkey domain mk commit ledger --pattern "$pattern" \
	--passphrase-file "$WRONG"
check "the command" protkey domain mk commit ledger --pattern "$pattern" "${known[@]}"
is "which is done once" "$(of .request)" null

# ---- each command is its own

once() { request "$@" && bring alice > /dev/null && bring bob > /dev/null; }
check "set is signed" once mk-set --pattern "$pattern"
expect_status 10 "set that drops slots" protkey domain mk set ledger "${known[@]}" --drop-slots
check "that is signed" once mk-set --pattern "$pattern" --drop-slots
check "and says so" grep -q "^seal slots that are not opened: removed$" "$TMP/text"
expect_status 10 "set that drops none" protkey domain mk set ledger "${known[@]}"
check "set is signed again" once mk-set --pattern "$pattern"
check "set" protkey domain mk set ledger "${known[@]}"
old=$(json protkey domain mk show ledger --json .old)
check "another commit is asked for" request mk-commit --pattern "$pattern"
expect_status 8 "an old signature" admin sign ledger "$TMP/alice.old"
check "clear is signed, of another key" once mk-clear --pattern "$pattern"
expect_status 10 "clear of another key" protkey domain mk clear ledger --pattern "$old" "${known[@]}"
check "clear is signed" once mk-clear --pattern "$old"
check "clear" protkey domain mk clear ledger --pattern "$old" "${known[@]}"
check "a seal slot is signed" once seal-add --slot 1 --kind passphrase
expect_status 10 "another slot" protkey domain seal add ledger --passphrase --slot 2 "${known[@]}" \
	--new-passphrase-file "$WRONG" --memory-kib 1024 --time 1
check "that slot" protkey domain seal add ledger --passphrase --slot 1 "${known[@]}" \
	--new-passphrase-file "$WRONG" --memory-kib 1024 --time 1
is "is there" "$(json protkey domain seal list ledger --json length)" $((slots + 1))
check "its end is signed" once seal-remove --slot 1
check "it goes" protkey domain seal remove ledger --slot 1
check "a quota is signed" once quota --keys 5
check "and says which" grep -q "^keys: 5$" "$TMP/text"
expect_status 10 "another quota" protkey domain quota ledger --keys 6
check "that quota" protkey domain quota ledger --keys 5
expect_status 10 "once" protkey domain quota ledger --keys 5
is "is there" "$(json protkey domain quota ledger --json .keys.quota)" 5
check "a signed request" once seal-remove --slot 0
is "is there" "$(of .signatures)" 2
reload_state
is "until the domain is locked" "$(of .request)" null
request destroy
bring alice > /dev/null
cli_domain other
ktap_run admin set other "$(cert alice)" "$(cert bob)" "${known[@]}"
ktap_run admin request other destroy -o "$TMP/other.text"
expect_status 8 "a signature for another domain" admin sign other "$TMP/alice.sig"

# ---- other administrators

new=("$(cert bob)" "$(cert mallory)")
check "a change is signed" once administrators "${new[@]}" --seal 1
expect_status 10 "another change" admin set ledger "$(cert mallory)"
expect_status 10 "other thresholds" admin set ledger "${new[@]}" --seal 2
check "this change" admin set ledger "${new[@]}" --seal 1
is "bob and mallory" "$(of '[.administrators[].subject] | join(" ")')" "/CN=bob /CN=mallory"
request seal-add --slot 1 --kind tpm2
expect_status 8 "alice is none any more" bring alice
check "one signature is enough for seals" bring mallory
check "to destroy none" protkey domain zeroize ledger --yes
expect_status 5 "it is gone" admin list ledger
finish
