# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For the tests of the command line, sourced after lib.sh: domains in a folder
# of this test, cheap argon2id, device-mapper without udev (a guest has none).

export DM_DISABLE_UDEV=1
PROTKEY_STATE_DIR=$TMP/domains
export PROTKEY_STATE_DIR
PASS=$TMP/pass
WRONG=$TMP/wrong
# no newline: cryptsetup takes it for a part of the passphrase, protkey does not
printf "a passphrase" > "$PASS"
printf "another one" > "$WRONG"

# shellcheck disable=SC2119 # no parameters for the module
cli_load() { load_protkey; }

# cli_domain NAME: or the test ends here
cli_domain()
{
	ktap_run protkey domain create "$1" --passphrase-file "$PASS" \
		--memory-kib 1024 --time 1
	# shellcheck disable=SC2154 # set by lib.sh
	[ "$ktap_status" != 0 ] || return 0
	# shellcheck disable=SC2154
	fail "set-up: domain $1" "$ktap_output"
	finish
}

cli_unlock() { protkey domain unlock "$1" --passphrase-file "$PASS" "${@:2}"; }

# cli_key DOMAIN FILE [OPTION...]
cli_key() { protkey key generate -d "$1" -t xts-256 -o "$2" "${@:3}" > /dev/null; }

cli_format() { protkey volume format "$1" -d "$2" --passphrase-file "$PASS" "${@:3}"; }
cli_open() { protkey volume open "$1" "$2" --passphrase-file "$PASS" "${@:3}"; }
cli_verify() { protkey volume verify "$1" --passphrase-file "$PASS" "${@:2}"; }

# json COMMAND... PATH: a value of its JSON output
json()
{
	local path=${*: -1}
	"${@:1:$#-1}" | jq -r "$path"
}

# bit_flip FILE BYTE BIT
bit_flip()
{
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	printf '%b' "\\x$(printf %02x $((byte ^ (1 << $3))))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# cli_mounted NAME SIZE: an open volume of the new domain NAME with a file system at
# $TMP/mnt; its device is $disk
cli_mounted()
{
	modprobe -a loop dm_crypt
	cli_domain "$1"
	truncate -s "$2" "$TMP/disk"
	disk=$(losetup -f --show "$TMP/disk")
	cleanup_add losetup -d "$disk"
	must cli_format "$disk" "$1" --yes
	must cli_open "$disk" "$1"
	must mkfs.ext4 -q "/dev/mapper/$1"
	mkdir "$TMP/mnt"
	must mount "/dev/mapper/$1" "$TMP/mnt"
	cleanup_add umount "$TMP/mnt"
}

# What a test's writer says that it has written, a line each.
cli_written() { wc -l < "$TMP/written"; }

# cli_goes_on COUNT: more than that is written, within half a minute
cli_goes_on()
{
	for _ in {1..300}; do
		[ "$(cli_written)" -gt "$1" ] && return
		sleep 0.1
	done
	[ ! -s "$TMP/log" ] || cat "$TMP/log"
	return 1
}
