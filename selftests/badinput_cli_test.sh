#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=blob where=vm kernels=6.12 timeout=400
# Bad input at the command line: status and message of each. Devices that are
# busy, too small or hold data are in luks_volume_test.sh, full disks and names
# in domain_cli_test.sh, forged volumes in luks_pin_test.sh.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
need_vm
need_cmd protkey python3

# fails STATUS PATTERN NAME COMMAND...
fails()
{
	local status=$1
	shift
	# shellcheck disable=SC2154 # set by lib.sh
	expect_err "$@" && [ "$ktap_status" != "$status" ] &&
		fail "$2: status" "got $ktap_status, wanted $status"
}

blob=$TMP/blob
import() { protkey key import "$1" -d ledger -t "$2" -o "$TMP/new"; }

# ---- no module
fails 3 "load it: modprobe protkey" "no module: status" protkey status
fails 3 "load it: modprobe protkey" "no module: domain create" protkey domain create x --passphrase-file "$PASS"
fails 3 "load it: modprobe protkey" "no module: domain unlock" cli_unlock x
fails 3 "load it: modprobe protkey" "no module: key generate" protkey key generate -d x -t xts-256 -o "$TMP/new"
fails 3 "load it: modprobe protkey" "no module: volume list" protkey volume list

# ---- usage
fails 2 "unknown command" "an unknown command" protkey frobnicate
fails 2 "unknown option" "an unknown option" protkey status --frobnicate
fails 2 "a command is missing" "no command" protkey domain
fails 2 "usage:" "no operand" protkey domain show
fails 2 "wants a value" "an option without its value" protkey key generate --domain
fails 2 "wants a number" "a number that is none" protkey domain create x --time many
for command in "" status domain "domain create" "domain unlock" "domain lock" "domain list" \
	"domain show" "domain delete" key "key generate" "key import" "key show" "key verify" \
	volume "volume format" "volume open" "volume close" "volume list" "volume verify"; do
	# shellcheck disable=SC2086 # words
	expect_out "usage: protkey" "help: $command" protkey $command --help
done

cli_load
cli_domain ledger
cli_domain other
cli_key ledger "$blob"

# ---- clear keys
for size in 0 15 16 24 31 33 63 65 128; do
	head -c $size /dev/urandom > "$TMP/clear"
	fails 9 "exactly 64 bytes" "import: $size bytes as xts-256" import "$TMP/clear" xts-256
done
head -c 32 /dev/urandom > "$TMP/half"
cat "$TMP/half" "$TMP/half" > "$TMP/clear"
fails 8 "halves .* are equal" "import: equal XTS halves" import "$TMP/clear" xts-256
head -c 64 /dev/zero > "$TMP/clear"
fails 8 "halves .* are equal" "import: zeros" import "$TMP/clear" xts-256
fails 2 "unknown type" "import: unknown type" import "$TMP/clear" rot-13
fails 5 "No such file" "import: no such file" import "$TMP/nothing" xts-256
check_not "import: no file was left" test -e "$TMP/new"
fails 6 "not overwritten" "generate: the file exists" protkey key generate -d ledger -t xts-256 -o "$blob"
fails 5 "no domain" "generate: no such domain" protkey key generate -d nobody -t xts-256 -o "$TMP/new"
fails 2 "has one use" "generate: usage of an HMAC key" protkey key generate -d ledger -t hmac-256 \
	--usage encrypt -o "$TMP/new"
fails 2 "not-after is before" "generate: dates reversed" protkey key generate -d ledger -t xts-256 \
	--not-before 2026-02-01 --not-after 2026-01-01 -o "$TMP/new"

# ---- raw keys where a blob is wanted
for size in 16 24 32 48 64; do
	head -c $size /dev/urandom > "$TMP/raw"
	fails 9 "not a key blob" "a raw key of $size bytes" protkey key verify -d ledger "$TMP/raw"
done
head -c 256 /dev/urandom > "$TMP/raw"
fails 9 "not a key blob" "256 random bytes" protkey key verify -d ledger "$TMP/raw"

# ---- blobs cut and lengthened; all lengths are in blob_parse_test.sh
for size in 0 1 64 183 184 248 255; do
	head -c $size "$blob" > "$TMP/cut"
	fails 9 "not a key blob" "a blob cut to $size bytes" protkey key verify -d ledger "$TMP/cut"
done
{ cat "$blob"; echo; } > "$TMP/long"
fails 9 "not a key blob" "a blob with a byte more" protkey key verify -d ledger "$TMP/long"

# ---- one bit of a byte flipped: the module never opens it. Every byte takes a
# minute: --long; cipher_setkey has every bit, without the command line.
[ "${PK_LONG:-0}" = 1 ] && step=1 || step=5
python3 - "$blob" "$TMP/flipped" <<- 'END'
	import sys
	blob = open(sys.argv[1], "rb").read()
	for i in range(len(blob)):
	    flipped = bytearray(blob)
	    flipped[i] ^= 1 << i % 8
	    open(f"{sys.argv[2]}.{i}", "wb").write(flipped)
END
opened=''
codes=''
for ((byte = 0; byte < 256; byte += step)); do
	protkey key verify -d ledger "$TMP/flipped.$byte" > /dev/null 2>&1
	status=$?
	[ $status != 0 ] || opened+=" $byte"
	case $status in 8 | 9) ;; *) codes+=" $byte:$status" ;; esac
done
is "no blob with a flipped bit opens" "$opened" ""
is "flipped bits give status 8 or 9" "$codes" ""
cp "$blob" "$TMP/flipped"
bit_flip "$TMP/flipped" 200 0
fails 8 "not authentic" "a wrapping that was changed" protkey key verify -d ledger "$TMP/flipped"
cp "$blob" "$TMP/flipped"
bit_flip "$TMP/flipped" 48 0
fails 8 "master key that domain 'ledger' no longer has" "a blob of another master key" \
	protkey key verify -d ledger "$TMP/flipped"
fails 8 "of another domain" "a blob of another domain" protkey key verify -d other "$blob"

# ---- locked
protkey domain lock ledger > /dev/null
fails 7 "run .protkey domain unlock ledger" "locked: verify" protkey key verify -d ledger "$blob"
head -c 64 /dev/urandom > "$TMP/clear"
fails 7 "run .protkey domain unlock ledger" "locked: import" import "$TMP/clear" xts-256
fails 8 "wrong passphrase" "locked: unlock with a wrong passphrase" protkey domain unlock ledger \
	--passphrase-file "$WRONG"
fails 2 "empty passphrase" "unlock: an empty passphrase" protkey domain unlock ledger --passphrase-file /dev/null
fails 9 "File too large" "unlock: a passphrase without end" protkey domain unlock ledger --passphrase-file /dev/zero
echo "a passphrase" > "$TMP/newline"
check "unlock: the newline is not part of it" protkey domain unlock ledger --passphrase-file "$TMP/newline"
finish
