#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=vm timeout=600 vm="--mem 1024 --tpm"
# Persons: two factors, roles, and what no role exceeds, root and raw ioctls included.
# The machine's clock goes forward by leaps here: a code is good once.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
need_vm
need_cmd protkey pk-keytool jq python3 oathtool qrencode openssl
cli_load

# raw COMMAND ARG...: results of selftests/helpers/persons.py as ours
raw()
{
	local line
	while read -r line; do
		case $line in
		"ok "*" # SKIP "*) line=${line#ok }; skip "${line% # SKIP *}" "${line#* # SKIP }" ;;
		"ok "*) pass "${line#ok }" ;;
		"not ok "*) fail "${line#not ok }" ;;
		*) diag "$line" ;;
		esac
	done < <(python3 "$PK_TOP/selftests/helpers/persons.py" "$@" 2>&1 ||
		echo "not ok persons.py $1 came to its end")
}

kek() { printf "%064d" 7; }

# ---- RFC 6238, before the clock is too old to be set back

now=$(date +%s)
pk-keytool domain-create rfc "$(kek)" "$TMP/rfc.sealed" > /dev/null
raw vectors rfc "$(kek)"
date -s "@$now" > /dev/null
raw arguments rfc "$(kek)"

# ---- every role, every call

pk-keytool domain-create roles "$(kek)" "$TMP/roles.sealed" > /dev/null
raw enrol roles "$(kek)"
raw table roles
raw unlock roles "$(kek)"
pk-keytool domain-create lives "$(kek)" "$TMP/lives.sealed" > /dev/null
pk-keytool key-generate lives xts-256 "$TMP/lives.blob" > /dev/null
raw enrol lives "$(kek)"
raw lives lives "$(kek)" "$TMP/lives.blob"

# ---- by the tool

person() { protkey domain person "$@"; }
known=(--passphrase-file "$PASS")
cheap=(--memory-kib 1024 --time 1)
pass_of() { echo "$TMP/$1.pass"; }
for name in alice bob carol dave erin mallory; do printf 'word of %s' $name > "$(pass_of $name)"; done

# enrol NAME ROLES [OPTION...]: keeps the secret that is shown
enrol()
{
	person add books "$1" --role "$2" --new-passphrase-file "$(pass_of "$1")" "${cheap[@]}" \
		"${known[@]}" "${@:3}" > "$TMP/enrolled" 2>&1
	local status=$?
	cat "$TMP/enrolled"
	[ "$status" = 0 ] || return "$status"
	sed -n 's/.*[?&]secret=\([A-Z2-7]*\).*/\1/p' "$TMP/enrolled" > "$TMP/$1.secret"
	sed -n 's/.*algorithm=\([A-Z0-9]*\).*/\1/p' "$TMP/enrolled" > "$TMP/$1.hash"
	sed -n 's/.*digits=\([0-9]\).*/\1/p' "$TMP/enrolled" > "$TMP/$1.digits"
}
# leap: to the middle of a step that nobody used
leap() { now=$(( ($(date +%s) / 30 + 4) * 30 + 5 )); date -s "@$now" > /dev/null; }
code() # NAME [SECONDS]: by an authenticator that is not ours, of now or then
{
	oathtool --totp="$(cat "$TMP/$1.hash")" -d "$(cat "$TMP/$1.digits")" -b "$(cat "$TMP/$1.secret")" \
		-N "@$(( $(date +%s) + ${2:-0} ))"
}
# as NAME COMMAND...: logged in
as()
{
	leap
	"${@:2}" --as "$1" --as-file "$(pass_of "$1")" --code "$(code "$1")"
}

cli_domain books
is "a domain has no persons" "$(json person list books --json length)" 0
expect_status 8 "nobody to log in as" protkey domain lock books --as alice
expect_status 10 "the first one is administrator and operator" enrol alice user
expect_status 8 "and wants the passphrase of the domain" person add books alice \
	--role administrator,operator --new-passphrase-file "$(pass_of alice)" "${cheap[@]}" \
	--passphrase-file "$WRONG"
expect_status 2 "another role" person add books alice --role king "${known[@]}"
expect_status 2 "no role" person add books alice "${known[@]}"
expect_status 2 "another factor" person add books alice --role user --factor sms "${known[@]}"
is "still nobody" "$(json person list books --json length)" 0
check "alice is enrolled" enrol alice administrator,operator --qr
sed -n 's/^otpauth/otpauth/p' "$TMP/enrolled" | tr -d '\n' > "$TMP/uri"
expect_out '^otpauth://totp/protkey:alice@books\?secret=[A-Z2-7]{32}&issuer=protkey&algorithm=SHA1&digits=6&period=30$' \
	"an authenticator's URI" cat "$TMP/uri"
is "and the same as a QR code" "$(sed '1,/^otpauth/d; /is enrolled/d' "$TMP/enrolled" | sed 's/ *$//')" \
	"$(qrencode -t UTF8 -l M -m 4 -r "$TMP/uri" | sed 's/ *$//; s/\x1b\[[0-9;]*m//g')"
check "the state has her after a lock" as alice protkey domain lock books
expect_status 4 "the domain's passphrase alone opens nothing" cli_unlock books
is "it is locked" "$(json protkey domain show books --json .state)" locked
leap
expect_status 8 "nor with a wrong code" cli_unlock books --as alice --as-file "$(pass_of alice)" \
	--code 000000
expect_status 8 "nor with her code and a wrong passphrase" cli_unlock books --as alice \
	--as-file "$WRONG" --code "$(code alice)"
expect_status 2 "a code of five digits" cli_unlock books --as alice --as-file "$(pass_of alice)" \
	--code 12345
check "an operator unlocks" as alice cli_unlock books
expect_status 4 "nobody else's duty: who is not logged in" cli_key books "$TMP/key"
lock_with() { protkey domain lock books --as alice --as-file "$(pass_of alice)" --code "$1"; }
leap
expect_status 8 "a code of two steps ago" lock_with "$(code alice -60)"
expect_status 8 "of two steps to come" lock_with "$(code alice 60)"
check "of the step before" lock_with "$(code alice -30)"
unlock_with() { cli_unlock books --as alice --as-file "$(pass_of alice)" --code "$1"; }
check "of the step after" unlock_with "$(code alice 30)"
expect_status 8 "then none of this one" lock_with "$(code alice)"
expect_status 8 "nor that one again" lock_with "$(code alice 30)"

# ---- the others

check "bob" as alice enrol bob key-officer,operator --factor totp-sha256 --digits 8
check "carol" as alice enrol carol key-officer
check "dave" as alice enrol dave user
check "erin" as alice enrol erin auditor
expect_status 6 "bob again" as alice enrol bob user
expect_status 4 "dave enrols nobody" as dave enrol mallory administrator
expect_status 4 "nor gives himself roles" as dave person role books dave administrator "${known[@]}"
is "five persons" "$(json person list books --json '[.[].name] | tostring')" \
	'["alice","bob","carol","dave","erin"]'
is "bob's" "$(json person list books --json '.[1] | tostring')" \
	'{"name":"bob","roles":["key-officer","operator"],"factor":"totp-sha256","service":false}'
check "a user makes a key" as dave cli_key books "$TMP/key"
expect_status 4 "an administrator none" as alice cli_key books "$TMP/key2"
check_not "no file of it" test -e "$TMP/key2"
check "a user verifies it" as dave protkey key verify "$TMP/key"
expect_status 4 "a user does not lock" as dave protkey domain lock books
check "an auditor reads" as erin protkey audit show
expect_status 4 "an operator loads no part" as alice protkey domain mk part books --of 2 \
	--clear <(openssl rand -hex 32)
part() { openssl rand -hex 32 > "$TMP/part"; as "$1" protkey domain mk part books --of 2 --clear "$TMP/part"; }
check "a key officer does" part bob
expect_status 10 "but no second one" part bob
check "another one does" part carol
pattern=$(json protkey domain mk show books --json .new.pattern)
expect_status 4 "neither commits it" as bob protkey domain mk commit books --pattern "$pattern" "${known[@]}"
check "an administrator does" as alice protkey domain mk commit books --pattern "$pattern" "${known[@]}"
check "and sets it" as alice protkey domain mk set books "${known[@]}"
check "the codes are the same under it" as bob protkey domain lock books
check "from the disk, too" as bob cli_unlock books
check "bob locks" as bob protkey domain lock books
expect_status 4 "a user does not unlock" as dave cli_unlock books
check "bob unlocks" as bob cli_unlock books
printf 'another word of dave' > "$(pass_of new)"
check "dave's own new passphrase and secret" as dave person renew books \
	--new-passphrase-file "$(pass_of new)" "${cheap[@]}"
# shellcheck disable=SC2154 # set by lib.sh
sed -n 's/.*[?&]secret=\([A-Z2-7]*\).*/\1/p' <<< "$ktap_output" > "$TMP/dave.secret"
expect_status 8 "with the old passphrase he is not known" as dave cli_key books "$TMP/key5"
cp "$(pass_of new)" "$(pass_of dave)"
check "with the new one he is" as dave cli_key books "$TMP/key5"
expect_status 2 "who renews must say who he is" person renew books

# ---- what is left when something goes wrong

ktap_run as alice protkey domain seal add books --passphrase "${known[@]}" \
	--new-passphrase-file "$WRONG" "${cheap[@]}"
second=(--passphrase-file "$WRONG")
check "by the passphrase of the second slot" as alice person add books frank --role auditor \
	--factor none --credential-file "$TMP/frank" "${second[@]}"
check "his credential is what he has" protkey audit show --as frank --as-file "$TMP/frank"
head -c 32 /dev/zero > "$TMP/zeros"
expect_status 8 "and not what the module left of it" protkey tls list books --as frank --as-file "$TMP/zeros"
cp "$TMP/frank" "$TMP/frank.copy"
expect_status 6 "a credential file that is there" as alice person add books grace --role auditor \
	--factor none --credential-file "$TMP/frank" "${known[@]}"
check "stays as it was" cmp "$TMP/frank" "$TMP/frank.copy"
mount --bind "$PROTKEY_STATE_DIR" "$PROTKEY_STATE_DIR"
mount -o remount,bind,ro "$PROTKEY_STATE_DIR"
expect_status 11 "the state cannot be saved" as alice enrol mallory auditor
# shellcheck disable=SC2154 # set by lib.sh
echo "$ktap_output" > "$TMP/shown"
check "the secret is shown nevertheless" grep -q '^otpauth:' "$TMP/shown"
umount "$PROTKEY_STATE_DIR"
check "for a later save" protkey domain save books
check "mallory goes" as alice person remove books mallory "${known[@]}"

# ---- services, and a machine that starts alone

check "a service" as alice person add books tlsd --role user,operator --factor none \
	--credential-file "$TMP/tlsd.credential" "${known[@]}"
is "its credential is its own" "$(stat -c '%a %s' "$TMP/tlsd.credential")" "600 32"
service() { PROTKEY_AS=tlsd PROTKEY_CREDENTIAL=$TMP/tlsd.credential "$@"; }
check "makes a key by its environment" service cli_key books "$TMP/key3"
check "locks" service protkey domain lock books
check "unlocks" service cli_unlock books
check "with --as, too" protkey domain lock books --as tlsd --as-file "$TMP/tlsd.credential"
check "and unlocks so" cli_unlock books --as tlsd --as-file "$TMP/tlsd.credential"
expect_status 9 "a file that is no credential" cli_key books "$TMP/key4" --as tlsd --as-file "$PASS"
head -c 32 /dev/urandom > "$TMP/other.credential"
expect_status 8 "another one" protkey domain lock books --as tlsd --as-file "$TMP/other.credential"
if protkey domain seal add books --tpm2 --pcrs 7 --no-share "${known[@]}" \
	--as alice --as-file "$(pass_of alice)" --code "$(leap; code alice)" > "$TMP/out" 2>&1; then
	service protkey domain lock books
	check "by its TPM the machine starts alone" protkey domain unlock books --unattended
else
	fail "a TPM slot" "$(cat "$TMP/out")"
fi

# ---- too many wrong ones

wrong() { lock_with 000000; }
leap
for _ in 1 2 3 4; do wrong > /dev/null 2>&1; done
wrong > /dev/null 2>&1
expect_err 'wait [1-9][0-9]* seconds' "after five wrong ones she waits" lock_with "$(code alice)"
check "others do not" as bob protkey domain lock books
check "bob unlocks meanwhile" as bob cli_unlock books
sleep 6
check "then she may" as alice protkey domain lock books
check "and it is over" as alice cli_unlock books

# ---- what is noted

expect_out '"event": "login"' "log-ins are in the audit log" protkey audit show --json
expect_out 'person dave' "with the name" protkey audit show
expect_out '"event": "role"' "and who lacked a role" protkey audit show --json

# ---- the end of a domain

expect_err EPERM "root destroys nothing" pk-keytool domain-zeroize books
expect_status 10 "one operator neither" as alice protkey domain zeroize books --yes
expect_status 10 "one agreement is not two" protkey domain zeroize books --yes
expect_status 4 "no auditor agrees" as erin protkey domain zeroize books --agree
check "bob does" as bob protkey domain zeroize books --agree
check "two have agreed" protkey domain zeroize books --yes
expect_status 5 "and it is gone" protkey domain show books

# ---- beside administrators with certificates

cli_domain court
openssl req -x509 -nodes -newkey rsa:2048 -keyout "$TMP/a.key" -out "$TMP/a.pem" -subj /CN=a \
	-sha256 -days 30 2> /dev/null
protkey domain admin set court "$TMP/a.pem" "${known[@]}" > /dev/null
add() { person add court judge --role administrator,operator --factor none --credential-file "$TMP/judge"; }
expect_status 10 "a person who is not signed" add
check_not "leaves no credential" test -e "$TMP/judge"
check "what is to be signed" protkey domain admin request court person --person judge \
	--role administrator,operator --factor none -o "$TMP/text"
expect_out '^role: operator$' "says the roles" cat "$TMP/text"
openssl cms -sign -binary -nocerts -nosmimecap -md sha256 -in "$TMP/text" -signer "$TMP/a.pem" \
	-inkey "$TMP/a.key" -outform DER -out "$TMP/sig"
check "it is signed" protkey domain admin sign court "$TMP/sig"
expect_status 10 "for other roles it does not count" person add court judge --role administrator,operator,user \
	--factor none --credential-file "$TMP/judge"
check "for these it does" add
finish
