#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=host timeout=900
# Verdicts and refusals of `protkey fw check` and `verify`: evidence with quotes of
# a software TPM over logs that are made here, references in every bad state.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd protkey swtpm swtpm_ioctl tpm2_quote openssl jq python3
# shellcheck source=selftests/lib_fwcheck.sh
. "$(dirname "$0")/lib_fwcheck.sh"
R=$TMP/reference

fwc_tpm "$TMP/tpm"
fwc_boot good
fwc_signer anna
fwc_signer ben
fwc_signer carla

# ---- a reference, and who may sign it

check "a reference is made from a good boot" protkey fw reference make \
	"$TMP/good/evidence" --out "$R" --pin --ima no-violation --host secure_boot
expect_status 26 "nobody signed it: refused" fwc_check good
expect_err "nobody has signed" "and said why" fwc_check good
expect_out "IS NOT SIGNED" "--unsigned takes it and warns" fwc_check good --unsigned
check "anna signs" fwc_sign "$R" anna
trusted good "a good boot is trusted"
expect_status 6 "anna cannot sign twice" fwc_sign "$R" anna
caught_by() { expect_err "$1" "$2" fwc_check good "${@:3}"; is "$2: status" "$ktap_status" 26; }
caught_by "anna; wanted: 2" "one of two is not enough" --threshold 2
check "ben signs" fwc_sign "$R" ben
trusted good "two of two" --threshold 2
caught_by "wanted: 3" "two of three are not enough" --threshold 3
cp "$R.p7s" "$TMP/two.p7s"

# two certificates of one key are one signer
openssl req -x509 -key "$TMP/anna.key" -subj /CN=anna2 -out "$TMP/anna2.pem" 2> /dev/null
rm "$R.p7s"
check "anna signs with a certificate" fwc_sign "$R" anna
check "and with another of the same key" protkey fw reference sign "$R" \
	--key "$TMP/anna.key" --cert "$TMP/anna2.pem"
cp "$TMP/anna2.pem" "$TMP/trust"
caught_by "by: anna2?; wanted: 2" "which is one signer, not two" --threshold 2
rm "$TMP/trust/anna2.pem"
expect_err "do not belong together" "a certificate of another key" protkey fw reference sign \
	"$R" --key "$TMP/anna.key" --cert "$TMP/trust/ben.pem"

# dates: valid until yesterday, from tomorrow
cp "$R.p7s" "$TMP/anna.p7s"
for dates in "20200101000000Z 20200201000000Z expired" "20900101000000Z 20900201000000Z yet"; do
	read -r from to word <<< "$dates"
	mkdir -p "$TMP/dated"
	openssl req -new -key "$TMP/carla.key" -subj /CN=carla -out "$TMP/carla.csr" 2> /dev/null
	: > "$TMP/index"
	printf '[ca]\ndefault_ca=c\n[c]\ndatabase=%s/index\nserial=%s/serial\nnew_certs_dir=%s\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' \
		"$TMP" "$TMP" "$TMP/dated" > "$TMP/ca.conf"
	echo 01 > "$TMP/serial"
	openssl ca -config "$TMP/ca.conf" -batch -notext -selfsign -keyfile "$TMP/carla.key" \
		-startdate "$from" -enddate "$to" -in "$TMP/carla.csr" -out "$TMP/trust/carla.pem" 2> /dev/null
	rm "$R.p7s"
	check "carla signs ($word)" fwc_sign "$R" carla
	caught_by "carla.*$word" "a certificate that is not valid now: $word"
done
rm "$TMP/trust/carla.pem"
caught_by "nobody who is trusted" "a signature of somebody who is not trusted"

openssl req -x509 -newkey rsa:1024 -nodes -subj /CN=weak -keyout "$TMP/weak.key" \
	-out "$TMP/trust/weak.pem" 2> /dev/null
rm "$R.p7s"
check "a weak key signs" fwc_sign "$R" weak
caught_by "weak key" "a weak key does not count"
rm "$TMP/trust/weak.pem"

# openssl's command makes and reads the same
openssl_sign() { openssl cms -sign -binary -nosmimecap -outform DER -signer "$TMP/trust/anna.pem" -inkey "$TMP/anna.key" -in "$R" "$@"; }
openssl_sign -md sha256 -out "$R.p7s"
trusted good "signed by openssl cms"
openssl_sign -md sha256 -noattr -out "$R.p7s"
trusted good "signed by openssl cms, without attributes"
openssl_sign -md sha1 -out "$R.p7s"
caught_by "weak hash" "signed with SHA-1"
cp "$TMP/two.p7s" "$R.p7s"
check "openssl cms reads what we sign" openssl cms -verify -binary -inform DER -in "$R.p7s" \
	-content "$R" -certfile "$TMP/trust/anna.pem" -noverify -out /dev/null
mkdir "$TMP/envelope"
openssl_sign -md sha256 -nodetach -out "$TMP/envelope/reference"
expect_status 0 "a reference inside of CMS" fwc_check good --reference "$TMP/envelope/reference"
openssl_sign -md sha256 -nodetach -outform PEM -out "$TMP/envelope/reference"
expect_status 0 "the same as PEM" fwc_check good --reference "$TMP/envelope/reference"
expect_status 26 "CMS without content" fwc_check good --reference "$R.p7s"

# changed after signing
sed 's/no-violation/ignore/' "$R" > "$TMP/changed"
cp "$R.p7s" "$TMP/changed.p7s"
expect_err "the reference was changed" "a changed reference is refused" fwc_check good --reference "$TMP/changed"
cp "$R" "$TMP/changed"
# its end is the end of the last signature
{ head -c -1 "$R.p7s"; tail -c 1 "$R.p7s" | tr '\000-\377' '\001-\377\000'; } > "$TMP/changed.p7s"
expect_status 26 "a changed signature" fwc_check good --reference "$TMP/changed" --threshold 2
head -c -1 "$R.p7s" > "$TMP/changed.p7s"
expect_status 26 "a signature that is cut off" fwc_check good --reference "$TMP/changed"
: > "$TMP/changed.p7s"
expect_status 26 "an empty signature" fwc_check good --reference "$TMP/changed"

chmod 666 "$TMP/trust/ben.pem"
caught_by "others can write" "a certificate that others can write"
chmod 644 "$TMP/trust/ben.pem"
echo junk > "$TMP/trust/junk.pem"
caught_by "junk.pem: no certificate" "a certificate that is none"
rm "$TMP/trust/junk.pem"
mkdir "$TMP/nobody"
expect_status 26 "an empty directory of certificates" fwc_check good --trust "$TMP/nobody"

# rollback and age
cp "$R" "$TMP/older"; cp "$R.p7s" "$TMP/older.p7s"
check "the reference gets a date" protkey fw reference set "$R" --not-after 2099-01-01
check "the change removed its signatures" [ ! -e "$R.p7s" ]
check "it is signed again" fwc_sign "$R" anna
trusted good "with what it remembers" --state "$TMP/state"
expect_err "an old one back" "an older reference" fwc_check good --state "$TMP/state" --reference "$TMP/older"
is "an older reference: status" "$ktap_status" 26
expect_status 26 "reference verify refuses it too" protkey fw reference verify "$TMP/older" \
	--trust "$TMP/trust" --state "$TMP/state"
chmod 777 "$TMP/state"
expect_status 10 "a memory that others can write" fwc_check good --state "$TMP/state"
chmod 700 "$TMP/state"
cp "$R" "$TMP/late"
protkey fw reference set "$TMP/late" --not-after 2020-01-01
check "an expired reference is signed" fwc_sign "$TMP/late" anna
expect_err "was good until 2020-01-01" "an expired reference" fwc_check good --reference "$TMP/late"

# ---- harmless

fwc_measure again boot=00020001
fwc_evidence again boot=00020001 boot-id=88888888-2222-3333-4444-555555555555
trusted again "another boot order is no alarm" --state "$TMP/state"

# ---- tampered with, and measured as it was

while read -r name changes status kind subject claim; do
	fwc_boot "$name" "$(printf '%b' "$changes")"
	caught "$name" "$status" "$kind" "$subject" "${claim//_/ }"
done << END
firmware firmware=other 25 changed firmware\..* changed_firmware_volume
kernel vmlinuz=other 25 changed kernel.* changed_kernel
initrd initrd=other 25 changed initrd.* changed_initrd
cmdline cmdline=init=/bin/sh 25 changed command-line.* changed_command_line
grubcmd grubcmd=linux_evil 25 changed grub\..* another_command_of_grub
sbat sbat=sbat,1,2023010900\\nshim,4\\ngrub,3 25 weakened secure-boot\.sbat-level SBAT_level_lowered
sbat2 sbat=sbat,1,2024010900\\ngrub,3 25 weakened secure-boot\.sbat-level a_name_of_the_SBAT_level_gone
shim shim=other 25 changed loader.* changed_shim
off secureboot=0 25 changed secure-boot\..* Secure_Boot_off
dbadd db=2 25 changed secure-boot\.db a_db_entry_added
dbx dbx=2 25 weakened secure-boot\.dbx dbx_shrunk
card card=rom 22 strange .* an_unknown_option_ROM
ima violation=1 25 ima-violated ima IMA_violation
END
fwc_boot grown dbx=4
trusted grown "dbx grown is no alarm"
fwc_boot raised "$(printf 'sbat,1,2025010900\nshim,10\ngrub,3' | sed '1s/^/sbat=/')"
trusted raised "SBAT level raised is no alarm"

# ---- announced, or accepted afterwards

cp "$R" "$TMP/update"
again() { rm -f "$TMP/update.p7s"; fwc_sign "$TMP/update" anna > /dev/null && fwc_check "$1" --reference "$TMP/update"; }
printf other > "$TMP/initrd.img"
check "an initrd is announced" protkey fw reference allow "$TMP/update" --initrd "$TMP/initrd.img"
expect_status 0 "its boot is trusted" again initrd
expect_status 25 "another change is not" again cmdline
check "a command line is announced" protkey fw reference allow "$TMP/update" --cmdline init=/bin/sh
expect_status 0 "its boot is trusted too" again cmdline
check "a boot is added" protkey fw reference add "$TMP/update" --from "$TMP/grubcmd/evidence"
expect_status 0 "and trusted" again grubcmd
check "the old one is still" again good
expect_out "accepts all of this boot already" "it is added once" \
	protkey fw reference add "$TMP/update" --from "$TMP/grubcmd/evidence"
check "a component may be anything" protkey fw reference set "$TMP/update" kernel --rule any
check "and the file that grub reads" protkey fw reference set "$TMP/update" 'kernel.file.*' --rule any
protkey fw reference set "$TMP/update" kernel.file.0 --drop
expect_status 0 "another kernel is trusted then" again kernel
check "an option ROM may be there" protkey fw reference set "$TMP/update" 'driver.*' --rule any --class firmware
expect_status 0 "it is trusted then" again card
check "a component must not be there" protkey fw reference set "$TMP/update" 'driver.*' --rule absent
expect_status 25 "an option ROM is tampering then" again card
expect_status 5 "a component that is not known" protkey fw reference set "$TMP/update" nothing --required
check "a component is required" protkey fw reference set "$TMP/update" later --rule any --required
expect_status 25 "and was not measured" again good
protkey fw reference set "$TMP/update" later --drop

check "a firmware volume is announced" protkey fw reference allow "$TMP/update" --firmware-volume "$TMP/initrd.img"
expect_status 0 "its boot is trusted, too" again firmware
check_not "what is no EFI program is no loader" protkey fw reference allow "$TMP/update" --loader "$TMP/initrd.img"

image=$(find "$PK_TOP"/build/kernels/*/boot -name 'vmlinuz-*' 2> /dev/null | sort | head -n 1)
if [ -n "$image" ]; then
	check "a kernel is announced" protkey fw reference allow "$TMP/update" --kernel "$image" --component kernel.new
	# Debian's kernels are signed, and the digest is in the signature
	is "by its Authenticode digest and that of the file" "$(protkey fw reference show "$TMP/update" --json |
		jq -r '.components."kernel.new".accept[].sha256' | sort)" \
		"$(printf '%s\n' "$(sha256sum < "$image" | cut -d ' ' -f 1)" "$(fwm authenticode "$image")" | sort)"
	mkdir -p "$TMP/deb/DEBIAN" "$TMP/deb/boot" "$TMP/deb/usr/lib"
	printf 'Package: update\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: an update\n' \
		> "$TMP/deb/DEBIAN/control"
	cp "$image" "$TMP/deb/boot/vmlinuz-7.0"
	dpkg-deb -b "$TMP/deb" "$TMP/update.deb" > /dev/null
	cp "$R" "$TMP/update"
	check "a package is announced" protkey fw reference allow "$TMP/update" --package "$TMP/update.deb"
	is "which is: the kernel in it" "$(protkey fw reference show "$TMP/update" --json |
		jq -r '.components.kernel.accept[].sha256' | grep -cE "$(sha256sum < "$image" | cut -d ' ' -f 1)|$(fwm authenticode "$image")")" 2
else
	skip "a kernel is announced" "no signed kernel here"
fi

# ---- Keylime's policies

check "Keylime's policy of a boot" protkey fw reference export "$TMP/cmdline/evidence" --out "$TMP/policy"
is "has what it wants" "$(jq -r '[.has_secureboot, (.db | length), (.dbx | length), .dbx[0].SignatureOwner, (.kernels[0] | keys | length), .kernels[0].kernel_cmdline, .scrtm_and_bios[0].scrtm.sha256[0:2]] | map(tostring) | join(" ")' "$TMP/policy")" \
	"true 1 3 03020100-0504-0706-0809-0a0b0c0d0e0f 5 init=/bin/sh 0x"
cp "$R" "$TMP/update"
expect_out "[1-9] more values" "it is taken into a reference" protkey fw reference import "$TMP/update" --keylime "$TMP/policy"
expect_status 0 "which trusts that boot then" again cmdline
expect_status 9 "what is no policy is refused" protkey fw reference import "$TMP/update" --keylime "$TMP/initrd.img"

# ---- logs that do not tell what was measured

while read -r name changes status kind subject claim; do
	fwc_measure "$name"
	fwc_evidence "$name" "$changes"
	caught "$name" "$status" "$kind" "$subject" "${claim//_/ }"
done << END
dropped drop=21 25 pcr-differs pcr\.[0-9]+ an_event_removed
doubled double=20 25 pcr-differs pcr\.[0-9]+ an_event_added
swapped swap=21 25 pcr-differs pcr\.8 events_in_another_order
edited cmdline=other 25 pcr-differs pcr\.8 a_log_that_was_made_up
texts text=root=/root_ 25 text-forged command-line.* a_text_that_was_not_measured
short cut=30 25 pcr-differs pcr\.9 a_log_that_is_cut_off
short2 cut=30 25 log-unreadable event-log a_log_that_is_cut_off:_named
imalist file=/usr/bin/evil 25 ima-forged pcr\.10 an_IMA_list_that_was_edited
END
fwc_measure whitewashed vmlinuz=other
fwc_evidence whitewashed
caught whitewashed 25 pcr-differs 'pcr\.9' "a good log over a bad boot"

fwc_check_text() { protkey fw check --config /dev/null --reference "$R" --trust "$TMP/trust" --evidence "$TMP/$1/evidence" --nonce "$TMP/$1/nonce"; }
# and where: events are counted from 0, the log's header
named() { expect_err "^- pcr\\.$2 .*: $3" "$4" fwc_check_text "$1"; }
named doubled '[0-9]+' 'event 2[01] of the log was not measured' "the event added is named"
named swapped 8 'events 2[0-9] and 2[0-9] are in the wrong order' "the events in another order are"
named edited 8 'events are missing in the log, or were changed' "an edited one is no simple case"
fwc_measure sooner
fwc_reset
mapfile -t sooner < <(fwm extend | head -n -3)
tpm2_pcrextend "${sooner[@]}"
fwc_evidence sooner
named sooner 9 'the log has 1 events more, from event 2[0-9] on' "events behind the last one are"

# ---- quotes

fwc_boot now
cp "$TMP/good/evidence" "$TMP/now/evidence"
caught now 25 quote-replayed quote "an old quote, for another nonce"
expect_status 23 "evidence without a nonce: no evidence" protkey fw check --config /dev/null \
	--reference "$R" --trust "$TMP/trust" --evidence "$TMP/good/evidence"
expect_status 0 "unless any age will do" protkey fw check --config /dev/null \
	--reference "$R" --trust "$TMP/trust" --evidence "$TMP/good/evidence" --any-age
edit() { mkdir -p "$TMP/$2"; cp "$TMP/$1/nonce" "$TMP/$2"; jq "$3" "$TMP/$1/evidence" > "$TMP/$2/evidence"; }
edit good unquoted 'del(.quote)'
caught unquoted 23 quote-missing quote "no quote: no evidence"
edit good logless 'del(."event-log")'
caught logless 23 log-missing event-log "no log: no evidence"
edit good nolist 'del(."ima-log")'
caught nolist 23 ima-missing ima "no IMA list: no evidence"
edit good pcr4 '.pcrs.sha256."4" = .pcrs.sha256."5"'
caught pcr4 25 quote-forged quote "PCR values that were not signed"
edit good hostbad '.host.secure_boot.state = "bad"'
caught hostbad 25 host-bad host.secure_boot "a host check that is bad"
edit good hostless 'del(.host.secure_boot)'
caught hostless 23 host-unread host.secure_boot "a host check that is missing"
fwc_key ak2 rsa2048:rsassa-sha256:null restricted
FWC_KEY=$TMP/ak2
fwc_evidence rsa
caught rsa 25 other-tpm key "another key of the TPM"
fwc_key free-key ecc256:ecdsa-sha256:null
FWC_KEY=$TMP/free-key
fwc_evidence free
caught free 25 quote-forged quote "a key that signs what no TPM made"
FWC_KEY=''

# ---- a TPM that is reset within a boot

fwc_measure reset
fwc_evidence reset boot-id=88888888-2222-3333-4444-555555555555
caught reset 25 tpm-reset tpm "a TPM reset in between, all replayed" --state "$TMP/state"
caught reset 25 tpm-reset tpm "it stays tampered" --state "$TMP/state"
fwc_measure restart
fwc_evidence restart boot-id=99999999-2222-3333-4444-555555555555
trusted restart "a restart of the machine is no alarm" --state "$TMP/state"

# ---- other machines, by challenges

judge() { protkey fw verify --config /dev/null --reference "$R" --trust "$TMP/trust" "$@"; }
expect_status 2 "verify wants to know how old evidence may be" judge "$TMP/good/evidence"
mkdir -p "$TMP/one" "$TMP/two"
fwc_measure one
check "a challenge" protkey fw challenge --state "$TMP/judge" --out "$TMP/one/nonce"
cp "$TMP/one/nonce" "$TMP/two/nonce"
FWC_KEY=''
fwc_evidence one
fwc_key ak3 rsa2048:rsassa-sha256:null restricted
FWC_KEY=$TMP/ak3
fwc_evidence two
FWC_KEY=''
expect_out "enrolled 'other'" "another machine's key is enrolled, explicitly" \
	protkey fw reference enrol "$R" --from "$TMP/two/evidence" --host other
expect_status 6 "once" protkey fw reference enrol "$R" --from "$TMP/two/evidence"
check "the reference is signed" fwc_sign "$R" anna
expect_out "2 machines, 2 trusted" "two machines answer one challenge, in one run" \
	judge --state "$TMP/judge" "$TMP/one/evidence" "$TMP/two/evidence"
expect_err "another request" "the challenge is used up" judge --state "$TMP/judge" --json "$TMP/one/evidence"
is "the challenge is used up: status" "$ktap_status" 25
protkey fw challenge --state "$TMP/judge" --out "$TMP/one/nonce"
fwc_evidence one
cp "$TMP/one/evidence" "$TMP/copy"
expect_err "1 trusted, 1 tampered" "one machine's evidence under two names" \
	judge --state "$TMP/judge" "$TMP/one/evidence" "$TMP/copy"
printf '%064d\n' 0 > "$TMP/one/nonce"
for name in old new; do protkey fw challenge --state "$TMP/unused" --out "$TMP/$name"; done
touch -d '25 hours ago' "$TMP/unused/nonce.$(cat "$TMP/old")"
protkey fw challenge --state "$TMP/unused" > /dev/null
check_not "a challenge that nobody answered in a day is forgotten" [ -e "$TMP/unused/nonce.$(cat "$TMP/old")" ]
check "a newer one is not" [ -e "$TMP/unused/nonce.$(cat "$TMP/new")" ]
fwc_evidence one
expect_status 25 "a nonce that the machine chose" judge --state "$TMP/judge" "$TMP/one/evidence"
echo '{' > "$TMP/broken"
for ((i = 0; i < 97; i++)); do cp "$TMP/one/evidence" "$TMP/m$i"; done
expect_err "100 machines, 97 trusted, 1 no evidence, 2 tampered" "a hundred machines in one table" \
	judge --any-age "$TMP"/m? "$TMP"/m?? "$TMP/kernel/evidence" "$TMP/edited/evidence" "$TMP/broken"
expect_err '^tampered +machine +.*kernel/evidence: kernel' "each with its worst" \
	judge --any-age "$TMP/kernel/evidence"
is "as JSON: verdicts" "$(judge --any-age --json "$TMP/one/evidence" "$TMP/kernel/evidence" |
	jq -r '.[].verdict' | xargs)" "trusted tampered"

# a reference that names nobody
jq 'del(.machines)' "$R" > "$TMP/anybody"
check "a reference that names no machine is signed" fwc_sign "$TMP/anybody" anna
caught one 23 key-unknown key "a key that nobody enrolled is no evidence" --reference "$TMP/anybody"
trusted one "unless any key will do" --reference "$TMP/anybody" --any-key

# ---- alarm

HOOKS=$TMP/hooks
mkdir "$HOOKS"
hook()
{
	cat > "$HOOKS/$1" <<- END
		#!/bin/sh
		echo "$1 \$PROTKEY_VERDICT \$PROTKEY_MACHINE \$PROTKEY_STATUS \$(cat)" >> "$TMP/hooked"
	END
	chmod 755 "$HOOKS/$1"
}
for name in 10-first 20-second open skipped.bak plain; do hook $name; done
chmod 775 "$HOOKS/open"
chmod 644 "$HOOKS/plain"
expect_status 0 "a trusted boot" fwc_check good --alarm --hooks "$HOOKS"
check "sets off no alarm" [ ! -e "$TMP/hooked" ]
expect_err "open is not run: others can write it" "a changed kernel" fwc_check kernel --alarm --hooks "$HOOKS"
is "a changed kernel: the verdict's status all the same" "$ktap_status" 25
is "hooks run in their order, but for those that others can write or that are none" \
	"$(cut -d ' ' -f 1-4 "$TMP/hooked" | tr '\n' ';')" \
	"10-first tampered machine 25;20-second tampered machine 25;"
check "and are told what is wrong" grep -q 'boot of machine: tampered: kernel' "$TMP/hooked"
rm "$TMP/hooked"
expect_status 26 "a refused reference" fwc_check good --reference "$TMP/changed" --alarm --hooks "$HOOKS"
check "is an alarm too" grep -q '^10-first reference-refused' "$TMP/hooked"
rm "$TMP/hooked"
expect_status 26 "no reference at all" fwc_check good --reference "$TMP/nowhere" --alarm --hooks "$HOOKS"
check "is one, too" grep -q '^10-first reference-refused' "$TMP/hooked"
chmod 777 "$HOOKS"
rm "$TMP/hooked"
expect_err "no hook is run: others can write" "hooks in a directory of everybody" \
	fwc_check kernel --alarm --hooks "$HOOKS"
check "none ran" [ ! -e "$TMP/hooked" ]
chmod 755 "$HOOKS"
expect_status 25 "verify with an alarm" judge --any-age --alarm --hooks "$HOOKS" "$TMP/good/evidence" "$TMP/kernel/evidence"
is "one for each machine that is not trusted" "$(grep -c . "$TMP/hooked")" 2

# the journal's socket, in a /run of our own
# shellcheck disable=SC2016 # for that shell
journal()
{
	unshare -m sh -c 'mount -t tmpfs run /run && mkdir -p /run/systemd/journal
		socat -u UNIX-RECV:/run/systemd/journal/socket "CREATE:$1/entry" & receiver=$!
		while [ ! -S /run/systemd/journal/socket ]; do sleep 0.05; done
		shift; "$@"; status=$?
		sleep 0.3; kill $receiver; exit $status' - "$TMP" "$@"
}
if command -v socat > /dev/null && unshare -m true 2> /dev/null; then
	expect_status 25 "the journal is there" journal protkey fw check --config /dev/null --brief --alarm \
		--hooks "$TMP/nobody" --reference "$R" --trust "$TMP/trust" --evidence "$TMP/kernel/evidence" --any-age
	is "it has the message's ID and the verdict" "$(grep -aE '^(MESSAGE_ID|PRIORITY|PROTKEY_[A-Z]+)=' "$TMP/entry" | tr '\n' ' ')" \
		"MESSAGE_ID=6f1d3a0c5c7e4b0a9d0e7c1f2b8a4e63 PRIORITY=2 PROTKEY_VERDICT=tampered PROTKEY_MACHINE=machine PROTKEY_STATUS=25 "
else
	skip "the journal" "needs socat and unshare"
fi

# ---- configuration

cat > "$TMP/conf" << END
# of this machine
reference = $R
trust=$TMP/trust
threshold = 1
state = $TMP/conf.state
END
configured() { protkey fw check --json --config "$TMP/conf" --evidence "$TMP/good/evidence" --any-age "$@"; }
expect_status 0 "all from the configuration" configured
check "it remembers" [ -n "$(ls "$TMP/conf.state"/serial.*)" ]
sed -i 's/threshold = 1/threshold = 2/' "$TMP/conf"
expect_status 26 "the configuration's threshold" configured
expect_status 0 "an option goes before it" configured --threshold 1
rm -f "$TMP/hooked"
for mode in 664 646; do
	chmod $mode "$TMP/conf"
	expect_err "conf: others can write it" "a configuration with mode $mode is refused" \
		configured --threshold 1 --alarm --hooks "$HOOKS"
	is "with mode $mode: status" "$ktap_status" 10
done
check "which is an alarm" grep -q '^10-first no-evidence' "$TMP/hooked"
chmod 644 "$TMP/conf"
mkdir -m 777 "$TMP/open"
cp "$TMP/conf" "$TMP/open"
expect_err "in its directory" "one in a directory of everybody is refused" \
	configured --threshold 1 --config "$TMP/open/conf"
for line in "treshold = 1" "threshold = 0" "reference = here" "on-bad = melt books" "on-bad = zeroize" nonsense "on-bad = lock"; do
	echo "$line" > "$TMP/conf"
	expect_status 2 "configuration: '$line' is refused" configured
done

# ---- what people see

expect_err 'verdict: tampered' "the table ends with the verdict" \
	fwc_check_text kernel
expect_err '^    -> if it was changed on purpose: allow it' "and says what to do" fwc_check_text kernel
fwc_check initrd --html "$TMP/report.html" > /dev/null
check "the HTML report names what is wrong" grep -q '<td>initrd' "$TMP/report.html"
check_not "it has no script and loads nothing" grep -qiE '<script|<link|<img|src=|href=|@import|url\(' "$TMP/report.html"
fwc_measure html
fwc_evidence html "cmdline=<script>alert(1)</script>"
fwc_check html --html "$TMP/report.html" > /dev/null
check_not "what a log says is escaped" grep -q '<script' "$TMP/report.html"
check "and shown" grep -q '&lt;script' "$TMP/report.html"

# ---- no change of evidence is trusted

mkdir "$TMP/flips"
seed=$RANDOM
"$PYTHON" "$PK_TOP/selftests/fw/flip.py" "$TMP/good/evidence" "$TMP/flips" "${FW_FLIPS:-40}" $seed
diag "seed $seed"
believed=''
for flip in "$TMP"/flips/*; do
	protkey fw check --brief --config /dev/null --reference "$R" --trust "$TMP/trust" \
		--evidence "$flip" --nonce "$TMP/good/nonce" > /dev/null 2>&1
	case $? in 9 | 2[2-5]) ;; *) believed+=" ${flip##*/}:$?" ;; esac
done
is "a bit of the evidence is another: refused, or a verdict that is not trusted" "$believed" ""
finish
