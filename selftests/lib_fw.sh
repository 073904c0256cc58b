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
	cp "$FW/guest-measure" "$TMP/share/"
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

fw_clone() { cp -r --sparse=always "$TMP/$1" "$TMP/$2"; }

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
