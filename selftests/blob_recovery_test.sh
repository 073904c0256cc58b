#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=blob where=vm timeout=400
# Disaster recovery, and the independent check of the formats: from passphrase,
# sealed state and blob to the key with OpenSSL alone, no module's code.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
need_vm
need_cmd protkey protkey-recover
cli_load
cli_domain ledger
state=$PROTKEY_STATE_DIR/ledger.sealed
recover() { protkey-recover --state "$state" --passphrase-file "$PASS" "$@"; }
hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }

for type in aes-128:16 aes-192:24 aes-256:32 xts-128:32 xts-256:64 hmac-256:32 hmac-512:64; do
	head -c "${type#*:}" /dev/urandom > "$TMP/clear"
	rm -f "$TMP/blob"
	check "import ${type%:*}" protkey key import "$TMP/clear" -d ledger \
		-t "${type%:*}" -o "$TMP/blob"
	is "recovered ${type%:*} is what was imported" \
		"$(recover "$TMP/blob" 2>&1)" "$(hex "$TMP/clear")"
done

# generated keys: nobody knows them, but their patterns are checked
cli_key ledger "$TMP/generated"
expect_out '^[0-9a-f]{128}$' "recover a generated key" recover "$TMP/generated"

# after the state changed (a pin): its MAC and the same master key
mk=$(recover)
check "a new generation of the state" protkey domain lock ledger
cli_unlock ledger > /dev/null
is "the master key is the same after lock and unlock" "$(recover)" "$mk"
echo "$mk" > "$TMP/mk"
is "a blob opens with the master key alone" \
	"$(protkey-recover --master-key "$TMP/mk" "$TMP/blob")" "$(hex "$TMP/clear")"

# what must not open
expect_status 8 "wrong passphrase" protkey-recover --state "$state" \
	--passphrase-file "$WRONG" "$TMP/blob"
cp "$TMP/blob" "$TMP/changed"
bit_flip "$TMP/changed" 136 0
expect_status 9 "a header that was changed" recover "$TMP/changed"
cp "$TMP/blob" "$TMP/changed"
bit_flip "$TMP/changed" 200 3
expect_status 9 "a wrapping that was changed" recover "$TMP/changed"
cp "$state" "$TMP/changed.sealed"
bit_flip "$TMP/changed.sealed" 64 0
expect_err "MAC" "a state that was changed" protkey-recover \
	--state "$TMP/changed.sealed" --passphrase-file "$PASS"
cli_domain other
cli_key other "$TMP/foreign"
expect_err "another master key" "a blob of another domain" recover "$TMP/foreign"
finish
