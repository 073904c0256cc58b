#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=vm timeout=1200 vm="--smp 2 --mem 768 --tpm"
# A domain that demands a measured boot: opens with this TPM's quote over the module's
# nonce, and by nothing else.  Raw ioctls with a key and quotes of tpm2-tools, each
# way to forge, repeat or divert one; then the command line.
# shellcheck disable=SC2016,SC2119,SC2317 # run through ktap_run, or by a shell of its own
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
need_vm
need_cmd protkey pk-keytool jq openssl xxd tpm2_quote tpm2_gettime
[ -e /dev/tpmrm0 ] || skip_all "no TPM"
cli_load

KEK=$(printf '11%.0s' {1..32}) OTHER=$(printf '22%.0s' {1..32})
PCRS=0x390	# 4, 7, 8, 9
# Debian's 6.1 has no ECDSA, so that all is done with RSA there
ALG=rsa
grep -q ': ecdsa-nist-p256$' /proc/crypto && ALG=ecc
export TMP ALG
diag "attestation keys here: $ALG"

# ---- keys, quotes and forgeries, by tpm2-tools and openssl

tpm2_getrandom 1 > /dev/null 2>&1 || skip_all "the TPM does not answer"
for pcr in 4 7 8 9; do tpm2_pcrextend "$pcr:sha256=$(printf %064d "$pcr")"; done

# key NAME HIERARCHY ATTRIBUTES [ALGORITHM]
key()
{
	local form=ecc256:ecdsa-sha256:null
	[ "${4:-$ALG}" = ecc ] || form=rsa2048:rsassa-sha256:null
	tpm2_createprimary -Q -C "$2" -g sha256 -G $form -c "$TMP/$1.ctx" \
		-a "sign|fixedtpm|fixedparent|sensitivedataorigin|userwithauth$3" &&
		tpm2_readpublic -Q -c "$TMP/$1.ctx" -f tss -o "$TMP/$1.pub" &&
		tail -c +3 "$TMP/$1.pub" > "$TMP/$1.key" && tpm2_flushcontext -t
}
# pcrs LIST: what a quote over them has as its digest
pcrs() { tpm2_pcrread -Q "sha256:$1" -o "$TMP/pcrs" && sha256sum < "$TMP/pcrs" | cut -d ' ' -f 1; }
# quote KEY SELECTION: over $NONCE, to $TMP/attest and $TMP/signature
quote()
{
	tpm2_quote -Q -c "$TMP/$1.ctx" -l "$2" -q "$NONCE" -g sha256 -m "$TMP/attest" \
		-s "$TMP/signature" && tpm2_flushcontext -t
}
good() { quote ak sha256:4,7,8,9; }
# renew FILE: that quote with $NONCE in the place of its own, to $TMP/attest
renew()
{
	local hex
	hex=$(xxd -p "$1" | tr -d '\n')
	echo "${hex/$(cat "$TMP/old.nonce")/$NONCE}" | xxd -r -p > "$TMP/attest"
}
# sign_it: $TMP/attest by openssl, with a key outside of any TPM
sign_it()
{
	local r s
	if [ "$ALG" = rsa ]; then
		openssl dgst -sha256 -sign "$TMP/forger.pem" -out "$TMP/der" "$TMP/attest" &&
			{ printf 0014000b0100 | xxd -r -p; cat "$TMP/der"; } > "$TMP/signature"
		return
	fi
	openssl dgst -sha256 -sign "$TMP/forger.pem" -out "$TMP/der" "$TMP/attest" &&
		{ read -r r; read -r s; } < <(openssl asn1parse -inform DER -in "$TMP/der" |
			sed -n 's/.*INTEGER *:\(.*\)/\1/p') &&
		printf '0018000b0020%64s0020%64s' "$r" "$s" | tr ' ' 0 | xxd -r -p > "$TMP/signature"
}
# flip FILE BYTE: one bit of it
flip() { bit_flip "$1" "$2" 0; }
export -f quote good renew sign_it flip bit_flip

check "an attestation key" key ak e '|restricted' || finish
check "another one of this TPM" key second o '|restricted'
check "a key that signs anything" key loose e ''
if [ "$ALG" = rsa ]; then
	openssl genrsa -out "$TMP/forger.pem" 2048 2> /dev/null
else
	openssl ecparam -name prime256v1 -genkey -noout -out "$TMP/forger.pem"
fi
this=$(pcrs 4,7,8,9)

# ---- a demand

raw() { pk-keytool measured-set raw "$@"; }
pk-keytool domain-create raw "$KEK" "$TMP/raw.state" > /dev/null
cp "$TMP/raw.state" "$TMP/before.state"
expect_err EKEYREJECTED "by a wrong KEK" raw "$OTHER" $PCRS "$TMP/ak.key" "$this"
expect_err EACCES "without CAP_SYS_ADMIN" setpriv --bounding-set=-sys_admin \
	pk-keytool measured-set raw "$KEK" $PCRS "$TMP/ak.key" "$this"
expect_err EINVAL "of no PCR" raw "$KEK" 0 "$TMP/ak.key" "$this"
expect_err EINVAL "of PCR 24" raw "$KEK" 0x1000010 "$TMP/ak.key" "$this"
expect_err EINVAL "of PCR 16, which anybody resets" raw "$KEK" 0x10010 "$TMP/ak.key" "$this"
expect_err EINVAL "that accepts nothing" raw "$KEK" $PCRS "$TMP/ak.key"
expect_err EINVAL "that accepts nine boots" raw "$KEK" $PCRS "$TMP/ak.key" "$this" "$this" "$this" \
	"$this" "$this" "$this" "$this" "$this" "$this"
expect_err EBADMSG "a key that would sign what no TPM made" raw "$KEK" $PCRS "$TMP/loose.key" "$this"
head -c -1 "$TMP/ak.key" > "$TMP/cut.key"
expect_err EBADMSG "a key cut short" raw "$KEK" $PCRS "$TMP/cut.key" "$this"
expect_err ENOENT "nothing is to be taken back" raw "$KEK" 0 /dev/null
if [ "$ALG" = rsa ]; then
	key curve e '|restricted' ecc
	expect_err ENOPKG "a key that this kernel cannot verify with" raw "$KEK" $PCRS "$TMP/curve.key" "$this"
fi
check "a demand" raw "$KEK" $PCRS "$TMP/ak.key" "$OTHER" "$this"
pk-keytool get-state raw "$TMP/raw.state"

export PROTKEY_AUDIT_LOG=$TMP/audit.log
# logged TEXT: how many unlocks were refused for that
logged()
{
	protkey audit show --json | jq --arg text "$1" \
		'[.[] | select(.event == "unlock" and .errno != 0 and .text == $text)] | length'
}
lock() { pk-keytool domain-lock raw; }
# unlock [KEK] ATTEST COMMAND...
unlock() { pk-keytool measured-unlock "$TMP/raw.state" "$1" "$2" "$TMP/signature" "${@:3}"; }
# and if it was opened, the next refusal stands for itself
is_locked()
{
	is "$1: locked" "$(pk-keytool domain-info raw | sed -n "s/^state=//p")" 3
	lock 2> /dev/null
}
# refused ERRNO NAME COMMAND...: and the domain stays locked
refused() { expect_err "measured-unlock: $1" "$2" unlock "$KEK" "$TMP/attest" "${@:3}"; is_locked "$2"; }

lock
check "opens with the TPM's quote" unlock "$KEK" "$TMP/attest" bash -c good
cp "$TMP/attest" "$TMP/old.attest"
cp "$TMP/signature" "$TMP/old.signature"
xxd -p "$TMP/attest" | tr -d '\n' > "$TMP/attest.hex"
# magic, type, name of the signer: 34 bytes or 36 with another hash
sed 's/^ff54434780180022.\{68\}0020\(.\{64\}\).*/\1/' "$TMP/attest.hex" > "$TMP/old.nonce"
is "its nonce is where it is looked for" "$(wc -c < "$TMP/old.nonce")" 64
expect_err EALREADY "an open domain, with a quote" unlock "$KEK" "$TMP/attest" bash -c good
lock

# ---- no quote, or not of this nonce

expect_err "domain-unlock: ENODATA" "no nonce, no quote" pk-keytool domain-unlock "$TMP/raw.state" "$KEK"
is_locked "no nonce, no quote"
expect_err "measured-unlock: ENODATA" "a nonce, no quote" unlock "$KEK" none true
is_locked "a nonce, no quote"
expect_err "domain-unlock: EKEYREJECTED" "a wrong KEK, no quote" pk-keytool domain-unlock "$TMP/raw.state" "$OTHER"
expect_err "measured-unlock: EKEYREJECTED" "a wrong KEK, with a quote" unlock "$OTHER" "$TMP/attest" bash -c good
expect_err "first=EKEYREJECTED.*again: ENODATA|again: ENODATA" "a quote is good for one try" \
	unlock "$OTHER,$KEK" "$TMP/attest" bash -c good
is_locked "a quote is good for one try"
expect_err "quote: ENODATA" "a quote without a nonce" pk-keytool quote "$TMP/old.attest" "$TMP/old.signature"
replay() { cp "$TMP/old.attest" "$TMP/attest"; cp "$TMP/old.signature" "$TMP/signature"; }
foreign() { NONCE=$(pk-keytool nonce) good; }
export -f replay foreign
in_bash() { bash -c "$1"; }
export -f in_bash
refused EREMOTEIO "a quote that was used" bash -c replay
refused EREMOTEIO "a quote over another file's nonce" bash -c foreign
is "every nonce is another" "$( { pk-keytool nonce; pk-keytool nonce; } | sort -u | wc -l)" 2
refused ETIMEDOUT "an answer after a minute" bash -c 'good; sleep 61'

# ---- forged

refused EREMOTEIO "by another key of this TPM" bash -c 'quote second sha256:4,7,8,9'
refused EREMOTEIO "\"all good\" by a key of openssl" bash -c 'renew "$TMP/old.attest"; sign_it'
refused EREMOTEIO "\"all good\" with the signature of an old quote" \
	bash -c 'renew "$TMP/old.attest"; cp "$TMP/old.signature" "$TMP/signature"'
forge_by_tpm()
{
	local scheme=ecdsa
	[ "$ALG" = ecc ] || scheme=rsassa
	NONCE=$(pk-keytool nonce) renew "$TMP/old.attest"
	tpm2_hash -Q -C e -g sha256 -t "$TMP/ticket" -o "$TMP/digest" "$TMP/attest"
	tpm2_sign -Q -c "$TMP/ak.ctx" -g sha256 -s "$scheme" -d -t "$TMP/ticket" -o "$TMP/signature" "$TMP/digest"
}
check_not "the TPM signs no forgery with the attestation key" forge_by_tpm
size=$(wc -c < "$TMP/old.attest")
for byte in 0 5 7 40 44 77 85 90 93 $((size - 38)) $((size - 36)) $((size - 1)); do
	refused EREMOTEIO "a bit of byte $byte of the quote" bash -c "good; flip '$TMP/attest' $byte"
done
for byte in 1 3 5 20 39 60; do
	refused EREMOTEIO "a bit of byte $byte of the signature" bash -c "good; flip '$TMP/signature' $byte"
done
refused EREMOTEIO "a byte behind the quote" bash -c 'good; printf x >> "$TMP/attest"'
refused EREMOTEIO "a byte behind the signature" bash -c 'good; printf x >> "$TMP/signature"'
refused EREMOTEIO "a quote cut short" bash -c 'good; truncate -s -1 "$TMP/attest"'
refused EREMOTEIO "a signature that is not of a TPM's form" bash -c 'good; renew "$TMP/old.attest"; sign_it; cp "$TMP/der" "$TMP/signature"'
: > "$TMP/empty"
head -c 1025 /dev/zero > "$TMP/long"
expect_err "quote: EINVAL" "no bytes" unlock "$KEK" "$TMP/empty" bash -c good
expect_err "quote: EINVAL" "too many bytes" unlock "$KEK" "$TMP/long" bash -c good

# ---- genuine, and not what is demanded

timed() { tpm2_gettime -Q -c "$TMP/ak.ctx" -q "$NONCE" -g sha256 --attestation "$TMP/attest" -o "$TMP/signature"; }
export -f timed
NONCE=$(pk-keytool nonce) check "the key signs the TPM's time, too" timed
refused EREMOTEIO "another thing that the key attests" bash -c timed
refused EREMOTEIO "fewer PCRs" bash -c 'quote ak sha256:4,7,8'
refused EREMOTEIO "more PCRs" bash -c 'quote ak sha256:4,7,8,9,10'
refused EREMOTEIO "other PCRs" bash -c 'quote ak sha256:4,7,8,10'
refused EREMOTEIO "another bank" bash -c 'quote ak sha384:4,7,8,9'
refused EREMOTEIO "another bank beside it" bash -c 'quote ak sha256:4,7,8,9+sha384:4'

# ---- the state itself

offset=$(LC_ALL=C grep -obUaP "\x0b\x00\x01\x00\x90\x02\x00\x00" "$TMP/raw.state" | head -n 1 | cut -d : -f 1)
check "the section is found" test -n "$offset"
cp "$TMP/raw.state" "$TMP/good.state"
bit_flip "$TMP/raw.state" $((offset + 8 + 8 + 384)) 0
refused EKEYREJECTED "a changed digest in the file" bash -c good
cp "$TMP/good.state" "$TMP/raw.state"
bit_flip "$TMP/raw.state" "$offset" 7
bit_flip "$TMP/raw.state" $((offset + 2)) 0
expect_err "measured-unlock: EKEYREJECTED" "a section made one that nobody knows" unlock "$KEK" "$TMP/attest" bash -c good
cp "$TMP/good.state" "$TMP/raw.state"
expect_err "domain-unlock: ESTALE" "the file from before, while the module is loaded" \
	pk-keytool domain-unlock "$TMP/before.state" "$KEK"
check "after all that it opens as before" unlock "$KEK" "$TMP/attest" bash -c good
is "the log says why: no quote" "$(logged "slot 0, measured boot: no quote")" 3
for why in "of another nonce" "not signed by the attestation key" "of other PCRs" "nonce too old" \
	"no quote of the SHA-256 bank"; do
	check "the log says why: $why" test "$(logged "slot 0, measured boot: $why")" -gt 0
done

# ---- an RSA key where the kernel has both

if [ "$ALG" = ecc ]; then
	rsa() { quote rsa sha256:4,7,8,9; }
	export -f rsa
	key rsa e '|restricted' rsa
	check "a demand with an RSA key" raw "$KEK" $PCRS "$TMP/rsa.key" "$this"
	pk-keytool get-state raw "$TMP/raw.state"
	lock
	refused EREMOTEIO "by a key of the other kind" bash -c good
	refused EREMOTEIO "a bit of the RSA signature" bash -c 'rsa; flip "$TMP/signature" 200'
	check "opens" unlock "$KEK" "$TMP/attest" bash -c rsa
	check "and the first key again" raw "$KEK" $PCRS "$TMP/ak.key" "$this"
	pk-keytool get-state raw "$TMP/raw.state"
fi

# ---- another boot

lock
tpm2_pcrextend 9:sha256="$(printf %064d 77)"
refused EREMCHG "another initrd" bash -c good
is "the log says that, too" "$(logged "slot 0, measured boot: another boot than accepted")" 1
renewed() { renew "$TMP/old.attest"; cp "$TMP/old.signature" "$TMP/signature"; }
export -f renewed
refused EREMOTEIO "another initrd, and the old quote with the new nonce" bash -c renewed

# ---- the limit: what was before is not known after the module is loaded anew

unload_protkey
load_protkey
expect_err "domain-unlock: ENODATA" "loaded anew: no quote" pk-keytool domain-unlock "$TMP/raw.state" "$KEK"
check "loaded anew: the state from before opens" pk-keytool domain-unlock "$TMP/before.state" "$KEK"
pk-keytool domain-delete raw

# ---- the command line

known=(--passphrase-file "$PASS")
measured() { protkey domain measured ledger "$@"; }
unlock_ledger() { cli_unlock ledger; }
relock() { protkey domain lock ledger > /dev/null && unlock_ledger; }
cli_domain ledger
is "nothing is demanded" "$(json measured --json .demanded)" false
expect_status 5 "--none: nothing is" measured --none "${known[@]}"
expect_status 5 "--add: to nothing" measured --add "$this" "${known[@]}"
expect_status 2 "--demand and --none" measured --demand --none "${known[@]}"
expect_status 2 "--pcrs alone" measured --pcrs 4 "${known[@]}"
expect_status 2 "a PCR that anybody resets" measured --demand --pcrs 4,16 "${known[@]}"
expect_status 9 "a value that is none" measured --demand "$PASS" "${known[@]}"
expect_status 8 "by a wrong passphrase" measured --demand --passphrase-file "$WRONG"
cp "$PROTKEY_STATE_DIR/ledger.sealed" "$TMP/ledger.old"
check "demand this boot" measured --demand "${known[@]}"
is "it is this boot's" "$(json measured --json '.accepted[0]')" "$(pcrs 4,7,8,9)"
protkey fw measure --out "$TMP/evidence" > /dev/null 2>&1
key_name=$(json measured --json .key_name)
[ "$ALG" = rsa ] || is "the key is that of fw measure" "$key_name" "$(jq -r '.quote."key-name"' "$TMP/evidence")"
is "show says so" "$(json protkey domain show ledger --json .measured)" true
expect_out "measured boot +demanded" "for people, too" protkey domain show ledger
check "unlock, without a word more" relock
protkey domain lock ledger > /dev/null
is "show says so of a locked domain" "$(json protkey domain show ledger --json .measured)" true
expect_err "domain-unlock: ENODATA|EKEYREJECTED" "not by a raw ioctl" \
	pk-keytool domain-unlock "$PROTKEY_STATE_DIR/ledger.sealed" "$KEK"
PROTKEY_TCTI=device:/dev/none expect_err "no TPM 2.0" "no TPM" unlock_ledger
is "no TPM: status" "$ktap_status" 10
expect_status 8 "a wrong passphrase is that" protkey domain unlock ledger --passphrase-file "$WRONG"
check "unlock" unlock_ledger
tpm2_changeauth -Q -c endorsement secret
protkey domain lock ledger > /dev/null
expect_status 10 "a key of the owner's hierarchy is another one" unlock_ledger
expect_err "not by the attestation key" "and it says so" unlock_ledger
tpm2_changeauth -Q -c endorsement -p secret
check "unlock again" unlock_ledger
# an update that is announced: its boot is known by digest, or from another machine
cp "$TMP/pcrs" "$TMP/pcrs.now"
next=$({ head -c 96 "$TMP/pcrs.now"
	{ tail -c 32 "$TMP/pcrs.now"; printf %064d 88 | xxd -r -p; } | openssl dgst -sha256 -binary; } |
	sha256sum | cut -d ' ' -f 1)
check "an update is announced" measured --add "$next" "${known[@]}"
check "by evidence, too, which is known already" measured --add "$TMP/evidence" "${known[@]}"
is "two boots are accepted" "$(json measured --json '.accepted | length')" 2
jq '.pcrs.sha256."4" = .pcrs.sha256."7"' "$TMP/evidence" > "$TMP/claimed"
expect_status 23 "evidence that claims other PCRs" measured --add "$TMP/claimed" "${known[@]}"
check "this boot" relock
tpm2_pcrextend 9:sha256="$(printf %064d 88)"
check "the announced one" relock
tpm2_pcrextend 9:sha256="$(printf %064d 99)"
protkey domain lock ledger > /dev/null
expect_status 10 "one that nobody announced" unlock_ledger
expect_err "did not boot what it demands" "and it says so" unlock_ledger
cp "$PROTKEY_STATE_DIR/ledger.sealed" "$TMP/ledger.new"
unload_protkey
load_protkey
expect_status 10 "after a reload, too" unlock_ledger
cp "$TMP/ledger.old" "$PROTKEY_STATE_DIR/ledger.sealed"
check "the way back: a copy of the file from before" unlock_ledger

# ---- administrators

openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=alice -days 30 -keyout "$TMP/alice.key" \
	-out "$TMP/alice.pem" 2> /dev/null
protkey domain admin set ledger "$TMP/alice.pem" "${known[@]}" > /dev/null
sign()
{
	openssl cms -sign -binary -nocerts -nosmimecap -md sha256 -in "$TMP/text" -signer "$TMP/alice.pem" \
		-inkey "$TMP/alice.key" -outform DER -out "$TMP/sig" && protkey domain admin sign ledger "$TMP/sig"
}
request() { protkey domain admin request ledger measured -o "$TMP/text" "$@"; }
expect_status 10 "unsigned" measured --demand "${known[@]}"
expect_status 2 "a request of no demand" request
check "a request" request --demand "$OTHER"
check "names the key" grep -q "^attestation key: $key_name$" "$TMP/text"
check "names the PCRs" grep -q "^pcrs of sha256: 4,7-9$" "$TMP/text"
check "names this boot" grep -q "^accepted: $(pcrs 4,7,8,9)$" "$TMP/text"
check "names the other" grep -q "^accepted: $OTHER$" "$TMP/text"
check "alice signs" sign
expect_status 10 "another demand" measured --demand
check "that demand" measured --demand "$OTHER"
expect_status 10 "once" measured --demand "$OTHER"
check "opens" relock
expect_status 10 "its end, unsigned" measured --none "${known[@]}"
check "its end" request --none
check "says so" grep -q "^demanded: nothing$" "$TMP/text"
check "is signed" sign
check "and done" measured --none
is "nothing is demanded any more" "$(json measured --json .demanded)" false
protkey domain lock ledger > /dev/null
tpm2_pcrextend 9:sha256="$(printf %064d 11)"
check "any boot opens" unlock_ledger
finish
