#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: powercut.sh new | look [COMMAND [CALL N]]
#
# In a guest, for domain_powercut_test.sh. /dev/vda is the node's file system with
# sealed states, keys and a file that is written to an encrypted volume on /dev/vdb.
#
#   new   make all that
#   look  as after a cut: everything opens, and a rotation that is under way comes to
#         its end; /share/looked appears. Then the next rotation up to COMMAND (set,
#         key, volume, clear), which is killed before its Nth CALL, and the machine with
#         it; what the guest has not put on the disk is gone. If COMMAND comes to its
#         end before, /share/end appears; without CALL it does, and its steps are in
#         /share/steps (see lib_kill.sh)
#
# Prints what is wrong; the exit status says whether anything is.
# shellcheck disable=SC2086,SC2317 # the names are ours; functions are called by name
set -u
PK_TOP=$(cd "$(dirname "$0")/../.." && pwd -P)
export PK_TOP PATH=$PK_TOP/build/bin:$PATH DM_DISABLE_UDEV=1
# shellcheck source=selftests/lib_kill.sh
. "$PK_TOP/selftests/lib_kill.sh"
node=/tmp/node volume=/tmp/volume known=(--passphrase-file /tmp/node/pass)
export PROTKEY_STATE_DIR=$node/domains
wrong=0

say() { while read -r line; do echo "# powercut: $line"; done <<< "$*"; }
bad() { say "$*"; wrong=1; }
must() { "$@" > /tmp/out 2>&1 || { bad "$* failed: $(cat /tmp/out)"; exit 1; }; }
mk() { protkey domain mk "$@"; }
of() { mk show ledger --json | jq -r "$1"; }

start()
{
	mkdir -p $node $volume
	modprobe -a ext4 loop dm_crypt 2> /dev/null
	insmod "$PK_MODDIR/protkey.ko" || exit 1
}

open_all()
{
	must protkey domain unlock ledger "${known[@]}"
	must protkey volume open /dev/vdb data "${known[@]}"
	must mount /dev/mapper/data $volume
}

shut()
{
	umount $volume
	protkey volume close data
	umount $node
}

new()
{
	must mkfs.ext4 -qF /dev/vda
	must mount /dev/vda $node
	mkdir $PROTKEY_STATE_DIR
	printf 'a passphrase' > $node/pass
	must protkey domain create ledger "${known[@]}" --memory-kib 1024 --time 1
	must protkey key generate -d ledger -t xts-256 -o $node/key.blob
	must protkey volume format /dev/vdb -d ledger "${known[@]}" --yes
	must protkey volume open /dev/vdb data "${known[@]}"
	must mkfs.ext4 -q /dev/mapper/data
	must mount /dev/mapper/data $volume
	head -c 4M /dev/urandom > $volume/block
	sha256sum < $volume/block > $node/sum
	shut
}

# A new master key, up to its commit, if there is none under way.
ceremony()
{
	[ "$(of .new)" = null ] && [ "$(of .old)" = null ] || return
	must mk part ledger --of 2 --clear <(openssl rand -hex 32)
	must mk part ledger --clear <(openssl rand -hex 32)
	must mk commit ledger --pattern "$(of .new.pattern)" "${known[@]}"
}

# What comes after it, as far as it is not done.
rotate_set() { [ "$(of .new)" = null ] || protkey domain mk set ledger "${known[@]}"; }
rotate_key() { protkey key reencipher $node/key.blob; }
rotate_volume() { protkey volume reencipher /dev/vdb "${known[@]}"; }
rotate_clear()
{
	[ "$(of .old)" = null ] || protkey domain mk clear ledger --pattern "$(of .old)" "${known[@]}"
}

command_of()
{
	case $1 in
	set) echo protkey domain mk set ledger "${known[@]}" ;;
	key) echo protkey key reencipher $node/key.blob ;;
	volume) echo protkey volume reencipher /dev/vdb "${known[@]}" ;;
	clear) echo protkey domain mk clear ledger --pattern "$(of .old)" "${known[@]}" ;;
	esac
}

cut()
{
	local before command
	ceremony
	for before in set key volume clear; do
		[ "$before" != "$1" ] || break
		must rotate_$before
	done
	# the volume is written to all the while
	( while :; do head -c 65536 /dev/urandom > $volume/written; sync $volume/written; sleep 0.2; done ) &
	local writer=$!
	sync
	read -ra command <<< "$(command_of "$1")"
	if [ $# = 1 ]; then
		steps_of "${command[@]}" > /share/steps || bad "$1 failed"
	elif killed "$2" "$3" "${command[@]}"; then
		echo b > /proc/sysrq-trigger
		sleep 60
	fi
	kill $writer
	wait
	touch /share/end
}

look()
{
	must mount /dev/vda $node
	open_all
	[ "$(sha256sum < $volume/block)" = "$(cat $node/sum)" ] || bad "the volume's data are others"
	protkey key verify $node/key.blob > /dev/null || bad "the key does not open"
	for step in set key volume clear; do
		rotate_$step > /tmp/out 2>&1 ||
			{ bad "$step does not go on: $(cat /tmp/out)"; exit 1; }
	done
	[ "$(of .old) $(of .new)" = "null null" ] || bad "the rotation is not at its end"
	protkey key verify $node/key.blob > /dev/null || bad "the key does not open in the end"
	umount $volume
	protkey volume close data
	must protkey domain lock ledger
	open_all
	[ "$(sha256sum < $volume/block)" = "$(cat $node/sum)" ] || bad "the data are others in the end"
	[ "$(cryptsetup luksDump --dump-json-metadata /dev/vdb | jq '.keyslots | length')" = 1 ] ||
		bad "a keyslot is left over"
	[ "$(ls $PROTKEY_STATE_DIR)" = ledger.sealed ] || say "left over: $(ls $PROTKEY_STATE_DIR)"
	[ $wrong = 0 ] || exit 1
	touch /share/looked
	[ $# = 0 ] || cut "$@"
	shut
}

start
"$@"
exit $wrong
