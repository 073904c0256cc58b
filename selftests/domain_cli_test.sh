#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=vm timeout=400
# Domains by the command line: life cycle, several at once, wrong passphrases,
# foreign keys, a full disk, a module that was reloaded.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
need_vm
need_cmd protkey jq

state_of() { json protkey domain show "$1" --json .state; }

expect_status 3 "no module: status" protkey status
expect_err "modprobe protkey" "no module: says how to load it" protkey domain list
cli_load

# ---- what it costs here
json protkey bench --json . > "$TMP/bench"
check "bench: every row has least <= median <= 99 %" jq -e \
	'[.[] | objects | .min <= .median and .median <= .p99] | length == 4 and all' "$TMP/bench"
check "bench: a larger section takes longer, more than its registers alone" jq -e \
	'.debug_registers.min > 0 and .debug_registers.median < .xts_256_512.median and
	.xts_256_512.median < .xts_256_4096.median' "$TMP/bench"
expect_out "This is a guest" "bench: the table says what guests pay" protkey bench

# ---- create
cli_domain ledger
pass "create"
is "created: unlocked" "$(state_of ledger)" unlocked
is "created: file 0600" "$(stat -c %a "$PROTKEY_STATE_DIR/ledger.sealed")" 600
is "created: folder 0700" "$(stat -c %a "$PROTKEY_STATE_DIR")" 700
expect_status 6 "create: existing name" protkey domain create ledger \
	--passphrase-file "$PASS" --memory-kib 1024 --time 1
expect_err "exists already" "create: existing name, message" protkey domain \
	create ledger --passphrase-file "$PASS" --memory-kib 1024 --time 1
for name in control Ledger ../x a/b .hidden "$(printf 'a%.0s' {1..32})"; do
	expect_status 2 "create: bad name $name" protkey domain create "$name" \
		--passphrase-file "$PASS"
done
: > "$TMP/empty"
expect_err "empty passphrase" "create: empty passphrase" protkey domain create \
	nopass --passphrase-file "$TMP/empty"
expect_status 2 "create: no terminal and no file" setsid protkey domain create nopass
expect_status 2 "create: argon2id memory too small" protkey domain create nopass \
	--passphrase-file "$PASS" --memory-kib 16

# ---- several at once, keys stay inside
for name in pay audit hsm.prod-1; do
	cli_domain "$name"
done
is "four domains" "$(json protkey domain list --json length)" 4
is "four unlocked" "$(json protkey status --json .domains_unlocked)" 4
cli_key ledger "$TMP/ledger.key"
check "a key in its domain" protkey key verify "$TMP/ledger.key"
is "key verify finds the domain" \
	"$(json protkey key verify "$TMP/ledger.key" --json .domain)" ledger
expect_status 8 "a key in another domain" protkey key verify -d pay "$TMP/ledger.key"
expect_err "another domain" "a key in another domain, message" \
	protkey key verify -d pay "$TMP/ledger.key"
check "lock one" protkey domain lock pay
is "the other is not locked" "$(state_of ledger)" unlocked

# ---- lock and unlock
check "lock" protkey domain lock ledger
is "locked" "$(state_of ledger)" locked
check "lock again" protkey domain lock ledger
expect_status 7 "locked: generate" protkey key generate -d ledger -t xts-256 -o "$TMP/no"
expect_err "protkey domain unlock ledger" "locked: says how to go on" \
	protkey key verify "$TMP/ledger.key"
check_not "locked: no file was made" test -e "$TMP/no"
expect_status 8 "unlock: wrong passphrase" protkey domain unlock ledger \
	--passphrase-file "$WRONG"
is "unlock: wrong passphrase leaves it locked" "$(state_of ledger)" locked
check "unlock" cli_unlock ledger
expect_status 6 "unlock again" cli_unlock ledger
check "the key opens again" protkey key verify "$TMP/ledger.key"

# ---- quotas
quota_of() { json protkey domain quota "$1" --json '"\(.keys.quota) \(.sessions.quota) \(.tls_keys.quota)"'; }
is "quota: of a new domain" "$(quota_of ledger)" "1048576 1024 262144"
expect_out '0 of 50 in use' "quota: keys" protkey domain quota ledger --keys 50
check "quota: sessions" protkey domain quota ledger --sessions 0
is "quota: what is not given stays" "$(quota_of ledger)" "50 0 262144"
expect_status 2 "quota: too many" protkey domain quota ledger --tls-keys 262145
expect_status 7 "quota: of a locked domain" bash -c "protkey domain lock ledger &&
	protkey domain quota ledger --keys 1"
check "quota: unlock" cli_unlock ledger
expect_out '0 of 50 in use' "quota: in domain show" protkey domain show ledger

# ---- damaged and foreign files
protkey domain lock audit > /dev/null
file=$PROTKEY_STATE_DIR/audit.sealed
cp "$file" "$TMP/audit.good"
truncate -s -1 "$file"
expect_status 9 "unlock: file cut off" cli_unlock audit
cp "$TMP/audit.good" "$file"
bit_flip "$file" 72 0		# the time of creation
expect_status 8 "unlock: authentic bytes changed" cli_unlock audit
cp "$TMP/audit.good" "$file"
bit_flip "$file" 210 0		# the salt
expect_status 8 "unlock: salt changed" cli_unlock audit
cp "$PROTKEY_STATE_DIR/pay.sealed" "$file"
expect_status 9 "unlock: another domain's file" cli_unlock audit
cp "$TMP/audit.good" "$file"
check "unlock: the file put back" cli_unlock audit
expect_status 5 "unlock: unknown domain" cli_unlock nobody
expect_status 5 "show: unknown domain" protkey domain show nobody

# ---- a full disk: nothing half-written, nothing in the module
mkdir "$TMP/full"
mount -t tmpfs -o size=64k,mode=700 full "$TMP/full"
cleanup_add umount "$TMP/full"
mkdir -m 700 "$TMP/full/domains"
full() { PROTKEY_STATE_DIR=$TMP/full/domains "$@"; }
full cli_domain small
before=$(sha256sum < "$TMP/full/domains/small.sealed")
head -c 1M /dev/zero > "$TMP/full/fill" 2> /dev/null
expect_status 11 "full disk: create" full protkey domain create big \
	--passphrase-file "$PASS" --memory-kib 1024 --time 1
expect_status 5 "full disk: create left nothing in the module" full protkey domain show big
is "full disk: no temporary file" "$(ls -A "$TMP/full/domains")" small.sealed
is "full disk: the old file is as it was" \
	"$(sha256sum < "$TMP/full/domains/small.sealed")" "$before"
rm "$TMP/full/fill"

# ---- after a reboot: a module that knows nothing
unload_protkey
cli_load
is "after reload: known by its file" "$(state_of ledger)" locked
is "after reload: not in the module" \
	"$(json protkey domain show ledger --json .in_module)" false
expect_status 7 "after reload: a key" protkey key verify -d ledger "$TMP/ledger.key"
is "after reload: quotas of the file" "$(json protkey domain show ledger --json .quota.keys.quota)" 50
check "after reload: unlock" cli_unlock ledger
is "after reload: quotas" "$(quota_of ledger)" "50 0 262144"
check "after reload: the key opens" protkey key verify "$TMP/ledger.key"

# ---- delete
expect_status 1 "delete: asks" setsid protkey domain delete ledger
check "delete" protkey domain delete ledger --yes
check_not "delete: the file is gone" test -e "$PROTKEY_STATE_DIR/ledger.sealed"
expect_status 5 "delete: gone" protkey domain show ledger
expect_status 5 "delete: again" protkey domain delete ledger --yes
check "delete: one that the module does not know" protkey domain delete pay --yes
cli_domain ledger
expect_status 8 "a new domain of the old name is another one" \
	protkey key verify -d ledger "$TMP/ledger.key"

# ---- who may
chmod 777 "$PROTKEY_STATE_DIR"
expect_status 4 "a folder that others can write" protkey domain create unsafe \
	--passphrase-file "$PASS" --memory-kib 1024 --time 1
chmod 700 "$PROTKEY_STATE_DIR"
# the tree may be where only root can go
mkdir -p /tmp/pub/bin /tmp/pub/lib
cp "$(command -v protkey)" /tmp/pub/bin/
cp -P "$PK_TOP"/build/lib/libprotkey.so* /tmp/pub/lib/
chmod -R a+rX /tmp/pub
expect_status 4 "not root" setpriv --reuid 65534 --clear-groups /tmp/pub/bin/protkey status
finish
