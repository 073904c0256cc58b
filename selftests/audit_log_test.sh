#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=vm kernels=6.12 timeout=900 vm="--tpm --mem 1024 --append audit=1"
# The audit log: every act and refusal is in it, and whatever is done to it shows.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
# shellcheck source=selftests/lib_protkey.sh
. "$(dirname "$0")/lib_protkey.sh"
need_vm
need_cmd protkey pk-keytool jq python3 setpriv
export PROTKEY_AUDIT_LOG=$TMP/log/audit.log
LOG=$PROTKEY_AUDIT_LOG
KNOWN=(--passphrase-file "$PASS")

audit() { protkey audit "$@"; }
# of FILTER: of all entries
of() { audit show --json | jq -r "$1"; }
# logged NAME EVENT DOMAIN ERRNO: the newest entry of that event
logged()
{
	is "$1" "$(of "[.[] | select(.event == \"$2\")] | last | \"\(.domain) \(.errno)\"")" "$3 $4"
}

# edit FILE CODE: python that changes e, a list of entries; writes it to $TMP/edited.
# rehash(): makes the chain fit again, as anybody can.
edit()
{
	python3 - "$1" "$TMP/edited" "$2" << 'EOF'
import hashlib, sys
SIZE = 328
def rehash():
    for i in range(1, len(e)):
        if e[i][:16] == e[i - 1][:16]:
            e[i][280:312] = hashlib.sha256(e[i - 1]).digest()
data = open(sys.argv[1], "rb").read()
e = [bytearray(data[i:i + SIZE]) for i in range(0, len(data), SIZE)]
exec(sys.argv[3])
open(sys.argv[2], "wb").write(b"".join(e))
EOF
}
# found NAME CODE: a copy of the log that was changed so is not intact
found()
{
	edit "${3:-$LOG}" "$2"
	expect_status 9 "$1" protkey audit verify --log "$TMP/edited"
}
# found_here NAME CODE: the same in place of the log itself
found_here()
{
	cp "$LOG" "$TMP/kept"
	edit "$LOG" "$2"
	cp "$TMP/edited" "$LOG"
	expect_status 9 "$1" protkey audit verify
	cp "$TMP/kept" "$LOG"
}

must load_test_module
cli_load

# ---- what is in it

is "it begins with the start" "$(of '.[0].event')" start
is "its file is root's" "$(stat -c '%a %U' "$LOG")" "600 root"
cli_domain d
logged "create" create d 0
expect_status 6 "create again" protkey domain create d "${KNOWN[@]}" --memory-kib 1024 --time 1
protkey domain lock d > /dev/null
logged "lock" lock d 0
expect_status 8 "a wrong passphrase" protkey domain unlock d --passphrase-file "$WRONG"
logged "is noted" unlock d 129
cli_unlock d > /dev/null
logged "unlock" unlock d 0
protkey domain mk part d --of 2 --clear <(openssl rand -hex 32) > /dev/null
logged "a part" mk-part d 0
protkey domain mk part d --clear <(openssl rand -hex 32) > /dev/null
new=$(json protkey domain mk show d --json .new.pattern)
expect_err EKEYREJECTED "commit by a wrong key" pk-keytool mk-commit d "$new" "$KEK"
logged "is noted" mk-commit d 129
protkey domain mk commit d --pattern "$new" "${KNOWN[@]}" > /dev/null
logged "commit" mk-commit d 0
is "of which key" "$(of '[.[] | select(.event == "mk-commit")] | last | .text')" "master key $new"
before=$(of '[.[] | select(.event == "mk-set")] | length')
old=$(json protkey domain mk show d --json .current)
protkey domain mk set d "${KNOWN[@]}" > /dev/null
logged "set" mk-set d 0
is "once: a try is none" "$(of '[.[] | select(.event == "mk-set")] | length')" $((before + 1))
expect_err ENOENT "abort of nothing" pk-keytool mk-abort d
logged "is noted" mk-abort d 2
check "intact after a new master key" audit verify
protkey domain mk clear d --pattern "$old" "${KNOWN[@]}" > /dev/null
logged "clear" mk-clear d 0
protkey domain seal add d --passphrase "${KNOWN[@]}" --new-passphrase-file "$WRONG" \
	--memory-kib 1024 --time 1 > /dev/null
logged "seal add" seal-add d 0
protkey domain seal remove d --slot 1 > /dev/null
logged "seal remove" seal-remove d 0
expect_status 10 "of the last slot" protkey domain seal remove d --slot 0
logged "is noted" seal-remove d 16
protkey domain quota d --keys 77 > /dev/null
logged "quotas" quota d 0
for name in a b; do
	openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=$name" -days 30 \
		-keyout "$TMP/$name.key" -out "$TMP/$name.pem" 2> /dev/null
done
cli_domain two
protkey domain admin set two "$TMP/a.pem" "$TMP/b.pem" "${KNOWN[@]}" > /dev/null
logged "administrators" administrators two 0
expect_status 10 "delete, unsigned" protkey domain seal remove two --slot 0
logged "is noted" seal-remove two 1
protkey domain admin request two seal-remove --slot 0 -o "$TMP/text" > /dev/null
logged "a request" request two 0
openssl cms -sign -binary -nocerts -nosmimecap -md sha256 -in "$TMP/text" -signer "$TMP/a.pem" \
	-inkey "$TMP/a.key" -outform DER -out "$TMP/a.sig"
protkey domain admin sign two "$TMP/a.sig" > /dev/null
logged "a signature" sign two 0
is "and whose it is" "$(of '[.[] | select(.event == "sign")] | last | .text')" \
	"administrator $(openssl x509 -in "$TMP/a.pem" -outform DER | sha256sum | cut -d' ' -f1)"
echo nonsense > "$TMP/bad.sig"
expect_status 9 "a bad one" protkey domain admin sign two "$TMP/bad.sig"
logged "is noted" sign two 74
protkey domain zeroize two --yes > /dev/null
logged "zeroize" zeroize two 0
expect_err ENOENT "delete of none" pk-keytool domain-delete nobody
logged "is noted" delete nobody 2

# ---- who

chmod 666 /dev/protkey/d /dev/protkey/control
expect_err EACCES "seal remove by another user" \
	setpriv --reuid 4242 --clear-groups "$(command -v pk-keytool)" seal-remove d 0
logged "is noted" seal-remove d 13
is "with the user" "$(of '.[-1] | "\(.uid) \(.process)"')" "4242 pk-keytool"
for _ in {1..90}; do
	setpriv --reuid 4242 --clear-groups pk-keytool seal-remove d 0 > /dev/null 2>&1
done
must pk-keytool domain-lock d
cli_unlock d > /dev/null
is "too many refusals of others are only counted" \
	"$(of '[.[] | select(.uid == 4242)] | length < 70')" true
is "but they are counted" "$(of '([.[] | select(.uid == 4242)] | length) + ([.[].left_out] | add)')" 91
is "the kernel's audit system hears of it" \
	"$(( $(dmesg | grep -c 'audit: type=1316.*op=protkey-') > 10 ))" 1
check "intact" audit verify

# ---- what is done to it

n=$(of length)
cp "$LOG" "$TMP/log.good"
expect_status 2 "a copy of the log needs no module's word" protkey audit verify --log
check "the copy is intact" audit verify --log "$TMP/log.good"
found "one removed" "del e[7]"
found "one moved" "e[7], e[8] = e[8], e[7]"
found "the first one removed" "del e[0]"
found "one twice" "e.insert(7, e[7])"
found "half a one at the end" "e[-1] = e[-1][:100]"
for field in "sequence 16" "time 24" "uptime 32" "event 40" "result 44" "uid 48" "pid 52" \
	"process 56" "domain 72" "text 104" "flags 200" "left_out 204" "wrapped 208" "previous 281" "tag 312"; do
	# shellcheck disable=SC2086 # two words
	set -- $field
	case $1 in
	result | previous) found "changed: $1" "e[7][$2] ^= 1" ;;
	*) found "changed, and the chain made to fit: $1" "e[7][$2] ^= 1; rehash()" ;;
	esac
done
found "removed, and the chain made to fit" \
	"del e[7]; [x.__setitem__(slice(16, 24), (i + 1).to_bytes(8, 'little')) for i, x in enumerate(e)]; rehash()"
found_here "in place: the last ones' result" "e[-2][44] ^= 1; rehash()"
cp "$LOG" "$TMP/kept"
edit "$LOG" "e[-1][44] ^= 1"
cp "$TMP/edited" "$LOG"
expect_status 9 "in place: the very last one" protkey audit verify
cp "$TMP/kept" "$LOG"
head -c $((328 * 5 + 100)) "$TMP/log.good" > "$LOG"
check "cut off while the module has it: it is there again" audit verify
is "all of it" "$(( $(of length) >= n ))" 1
pk-keytool domain-lock d
expect_status 8 "locked: of a copy not all can be verified" protkey audit verify --log "$TMP/log.good"
check "of the present one all" audit verify
cli_unlock d > /dev/null

# ---- the vault

echo "all 0x1234567" > "$PKT/dr_write"
pk-keytool key-generate d xts-256 "$TMP/x.blob" > /dev/null 2>&1
sleep 0.5
is "a loss of the vault" "$(of '[.[] | select(.event == "vault")] | last | .errno')" 126
check "intact" audit verify
cli_unlock d > /dev/null
protkey domain lock d > /dev/null
cli_unlock d > /dev/null
check "intact when there is another wrapping key" audit verify
cp "$LOG" "$TMP/log.good"
found "one between is changed, and the chain made to fit" \
	"i = max(i for i, x in enumerate(e) if x[40] == 21); e[i][104] ^= 1; rehash()"

# ---- checkpoints

check "a checkpoint" audit checkpoint -o "$TMP/point"
check "verified by it" audit verify "$TMP/point"
expect_out "checkpoint .*as it was" "it says so" protkey audit verify "$TMP/point"
cp "$LOG" "$TMP/log.good"
edit "$LOG" "del e[-1]"
check "cut off: a copy alone does not say so" audit verify --log "$TMP/edited"
expect_status 9 "but a checkpoint does" protkey audit verify --log "$TMP/edited" "$TMP/point"
echo '{"protkey":"something"}' > "$TMP/none"
expect_status 9 "no checkpoint" protkey audit verify "$TMP/none"
if [ -e /dev/tpmrm0 ]; then
	check "a checkpoint in the TPM" audit checkpoint --tpm2
	cp "$LOG" "$TMP/first"
	check "another" audit checkpoint --tpm2
	check "verified by it" audit verify
	expect_out "goes up to it" "it says so" protkey audit verify
fi

# ---- the module is loaded again: another segment

check "nobody collects, and the module goes" rmmod protkey
cp "$LOG" "$TMP/before"
cli_load
is "there are two segments" "$(of '[.[].segment] | unique | length')" 2
cli_unlock d > /dev/null
check "intact" audit verify
cp "$LOG" "$TMP/log.good"
count=$(( $(stat -c %s "$TMP/before") / 328 ))
found "the end of the one before is cut off" "del e[$count - 1]"
found "the one before is gone" "del e[:$count]"
found "its parts are moved" "e.append(e.pop(3))"
if [ -e /dev/tpmrm0 ]; then
	cp "$TMP/first" "$LOG"
	expect_status 9 "an old copy of the log: the TPM knows better" protkey audit verify
	: > "$LOG"
	expect_status 9 "and no log at all" protkey audit verify
	cp "$TMP/log.good" "$LOG"
	check "the log again" audit verify
fi

# ---- too late, too many

fill() { python3 "$PK_TOP/selftests/helpers/audit_fill.py" 4200; }
must fill
expect_out "entries are lost" "nobody collected in time: it is said" protkey audit collect
expect_status 9 "and seen" protkey audit verify
finish
