# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For the tests of a measured boot: real firmware (OVMF, SeaBIOS) starts shim,
# GRUB and Debian's kernel from a disk, on an emulated TPM.  Sourced after lib.sh.
#
#	fw_setup                what all boots share
#	fw_machine NAME [--bios] [VARS-OPERATION]...
#	                        a new machine: TPM, variables, disk in $TMP/NAME
#	fw_boot NAME OUT [VM-OPTION]...
#	                        boots it; evidence and raw files come to $TMP/OUT
#	fw_clone NAME NEW       the same machine, to be tampered with: its TPM too
#	fw_kernel NAME KERNEL   gives it another kernel, with its initramfs
#	fw_flash NAME           gives it another build of OVMF; it needs FW_SMM
#	fw_disk NAME            writes its disk anew, after changes in $TMP/NAME/boot
#	fw_vars NAME VARS-OPERATION...
#
# A machine is a directory: tpm/, boot/ (vmlinuz, initrd, cmdline), loaders/,
# vars.fd and code.fd (unless it has a BIOS), disk.img.

FW=$PK_TOP/selftests/fw
fw_loaders=$PK_TOP/build/fw/loaders

fw_setup()
{
	mkdir -p "$PK_TOP/build/fw"
	flock "$PK_TOP/build/fw/lock" "$FW/loaders" "$fw_loaders" || {
		fail "Debian's boot loaders are there"
		finish
	}
	"$PK_TOP/scripts/vm" --kernel "${PK_KERNEL:-6.12}" --prepare "$TMP/boot" || {
		fail "a kernel to boot is there"
		finish
	}
	mkdir -p "$TMP/share"
	openssl rand -hex 32 > "$TMP/nonce"
	cp "$FW/guest-measure" "$TMP/nonce" "$TMP/share/"
}

fw_machine()
{
	local machine=$TMP/$1 bios=''
	shift
	[ "${1:-}" != --bios ] || { bios=1; shift; }
	mkdir -p "$machine/tpm"
	cp -r "$TMP/boot" "$machine/boot"
	cp -r "$fw_loaders" "$machine/loaders"
	if [ ! "$bios" ]; then
		cp /usr/share/OVMF/OVMF_CODE_4M.fd "$machine/code.fd"
		cp /usr/share/OVMF/OVMF_VARS_4M.ms.fd "$machine/vars.fd"
		[ $# = 0 ] || "$FW/vars.py" "$machine/vars.fd" "$@"
	fi
	fw_disk "$(basename "$machine")"
}

fw_clone()
{
	rm -rf "${TMP:?}/$2"
	cp -r --sparse=always "$TMP/$1" "$TMP/$2"
}

# OVMF that guards its variables by SMM, as QEMU's manual wants it: options of
# scripts/vm.
# shellcheck disable=SC2034 # the tests use it
FW_SMM=(--qemu=-machine --qemu=smm=on --qemu=-global --qemu=ICH9-LPC.disable_s3=1
	--qemu=-global "--qemu=driver=cfi.pflash01,property=secure,value=on")

fw_flash() { cp /usr/share/OVMF/OVMF_CODE_4M.secboot.fd "$TMP/$1/code.fd"; }

fw_kernel()
{
	local file
	"$PK_TOP/scripts/vm" --kernel "$2" --prepare "$TMP/$1/other" || return 1
	for file in vmlinuz initrd; do
		mv "$TMP/$1/other/$file" "$TMP/$1/boot/"
	done
}

# fw_append NAME: one more archive behind the initramfs; the kernel unpacks both
fw_append()
{
	echo evil > "$TMP/evil.txt"
	(cd "$TMP" && echo evil.txt | cpio --quiet -o -H newc) >> "$TMP/$1/boot/initrd"
}

fw_vars() { "$FW/vars.py" "$TMP/$1/vars.fd" "${@:2}"; }

fw_disk()
{
	local machine=$TMP/$1 form=--bios
	[ ! -e "$machine/vars.fd" ] || form=--uefi
	"$FW/mkdisk" "$machine/disk.img" "$machine/boot" "$machine/loaders" $form
}

# fw_boot NAME OUT [VM-OPTION]...: fails where the guest or measuring does
fw_boot()
{
	local machine=$TMP/$1 out=$2 firmware=()
	shift 2
	rm -rf "$TMP/share/out"
	[ ! -e "$machine/vars.fd" ] ||
		firmware=(--uefi-vars "$machine/vars.fd" --uefi-code "$machine/code.fd")
	# one CPU: OVMF starts sooner; the disk has its own kernel and arguments
	"$PK_TOP/scripts/vm" --kernel "${PK_KERNEL:-6.12}" --smp 1 --mem 512 \
		--timeout "${FW_TIMEOUT:-400}" --boot-disk "$machine/disk.img" \
		--share "$TMP/share" --tpm-state "$machine/tpm" "${firmware[@]}" "$@" \
		-- sh /share/guest-measure ${FW_GUEST:+"$FW_GUEST"} < /dev/null || return 1
	rm -rf "${TMP:?}/$out"
	mv "$TMP/share/out" "$TMP/$out"
}

# ---- verdicts.  The reference is $TMP/reference, signed by the key of fw_keys;
# evidence is $TMP/NAME/evidence, judged with the nonce that it was asked for.

fw_keys()
{
	mkdir -p "$TMP/trust"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj "/CN=fleet" -days 30 -keyout "$TMP/fleet.key" \
		-out "$TMP/trust/fleet.pem" 2> /dev/null
}

fw_sign()
{
	protkey fw reference sign "$TMP/reference" --key "$TMP/fleet.key" \
		--cert "$TMP/trust/fleet.pem"
}

# fw_referenced OUT: the reference is of that boot from now on
fw_referenced()
{
	rm -f "$TMP/reference" "$TMP/reference.p7s"
	protkey fw reference make "$TMP/$1/evidence" --out "$TMP/reference" \
		--pin --ima no-violation &&
		fw_sign
}

# fw_check NAME [OPTION]...: with what it prints as JSON
fw_check()
{
	local name=$1
	shift
	protkey fw check --json --evidence "$TMP/$name/evidence" \
		--reference "$TMP/reference" --trust "$TMP/trust" \
		--nonce "$TMP/nonce" "$@"
}

# fw_trusted NAME CLAIM [OPTION]...
fw_trusted()
{
	local name=$1 claim=$2
	shift 2
	expect_status 0 "$claim" fw_check "$name" "$@"
}

# fw_caught NAME STATUS KIND SUBJECT CLAIM [OPTION]...: the verdict's exit status,
# and a finding of that kind about what matches SUBJECT (a regular expression)
# shellcheck disable=SC2154 # ktap_* are of lib.sh
fw_caught()
{
	local name=$1 status=$2 kind=$3 subject=$4 claim=$5
	shift 5
	ktap_run fw_check "$name" "$@"
	[ "$ktap_status" = "$status" ] && jq -e --arg kind "^($kind)\$" --arg subject "^($subject)\$" \
		'any(.findings[]; (.kind | test($kind)) and (.subject | test($subject)))' \
		<<< "$ktap_output" > /dev/null
	ktap_verdict "$claim" "status $status, $kind: $subject" fw_check "$name" "$@"
}

# fw_spared NAME SUBJECT CLAIM: there are findings about it, all good ones
fw_spared()
{
	ktap_run fw_check "$1"
	jq -e --arg subject "^($2)\$" '[.findings[] | select(.subject | test($subject))] |
		length > 0 and all(.[]; .verdict == "trusted")' <<< "$ktap_output" > /dev/null
	ktap_verdict "$3" "nothing wrong with $2" fw_check "$1"
}

# fw_tamper NAME NEW OPERATION...: $TMP/NEW has the changed evidence
fw_tamper()
{
	"$FW/tamper.py" "$TMP/$1/evidence" "$TMP/$2/evidence" "${@:3}" ||
		fail "evidence can be changed: ${*:3}"
}

# ---- other judges

# PCR, type and SHA-256 of each event, by our own reader
fw_events()
{
	[ -e "$TMP/$1/events" ] ||
		"$FW/tamper.py" --events "$TMP/$1/eventlog" > "$TMP/$1/events"
	cat "$TMP/$1/events"
}

# fw_measured OUT PCR: what went there, in order
fw_measured() { fw_events "$1" | awk -v pcr="$2" '$1 == pcr'; }

# fw_differ A B PCR: did the machine measure something else there?
fw_differ() { [ "$(fw_measured "$1" "$3")" != "$(fw_measured "$2" "$3")" ]; }

# fw_explained OUT PCR...: tpm2-tools replays the log to what the TPM has
fw_explained()
{
	local out=$TMP/$1 pcr value
	shift
	tpm2_eventlog "$out/eventlog" > "$TMP/eventlog.yaml" 2> /dev/null || return 1
	for pcr; do
		value=$(awk -v pcr="$pcr" '$1 == pcr { print tolower($2) }' "$out/pcrs")
		if ! grep -qE "^ +$pcr +: 0x${value:-none}\$" "$TMP/eventlog.yaml"; then
			echo "PCR $pcr: the TPM has $value"
			return 1
		fi
	done
}

# fw_refill NAME GOOD OUT: somebody resets the TPM of machine NAME while its
# system runs, fills it with what GOOD's log says, and takes a quote: $TMP/OUT
# is GOOD's evidence with that.
fw_refill()
{
	local state=$TMP/refill socket pid
	rm -rf "$state"
	cp -r "$TMP/$1/tpm" "$state"
	socket=$state/socket
	swtpm socket --tpm2 --tpmstate "dir=$state" --flags startup-clear \
		--server "type=unixio,path=$socket" \
		--ctrl "type=unixio,path=$socket.ctrl" 2> "$state/log" &
	pid=$!
	cleanup_add kill $pid
	export TPM2TOOLS_TCTI=swtpm:path=$socket
	fw_wait_for "$socket.ctrl" || return 1
	"$FW/tamper.py" --extend "$TMP/$2/eventlog" "$TMP/$2/ima" |
		xargs -n 16 tpm2_pcrextend || return 1
	mkdir -p "$state/out"
	PROTKEY_TCTI=$TPM2TOOLS_TCTI protkey fw measure --nonce "$TMP/nonce" \
		--out "$state/out/evidence"
	kill $pid
	wait $pid
	unset TPM2TOOLS_TCTI
	"$FW/tamper.py" "$TMP/$2/evidence" "$TMP/$3/evidence" take quote pcrs \
		"$state/out/evidence"
}

fw_wait_for()
{
	local i
	for ((i = 0; i < 200; i++)); do
		[ ! -e "$1" ] || return 0
		sleep 0.05
	done
	return 1
}
