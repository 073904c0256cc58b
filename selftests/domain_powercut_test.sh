#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=host kernels=6.12 timeout=3600
# A machine that dies in a rotation: its guest is reset at a step of a command, with
# what it had not put on the disk, and started again; nothing is lost and the rotation
# goes on. Each step of each command takes a boot: some of them by default, all of them
# with --long.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

dir=${PK_CHECK_DIR:-$TMP}
truncate -s 64M "$TMP/node.img"
truncate -s 96M "$TMP/volume.img"
mkdir "$TMP/share"

# guest NAME ARG...: powercut.sh in a machine with these disks
guest()
{
	mkdir -p "$dir/$1"
	"$PK_TOP/scripts/vm" --kernel "${PK_KERNEL:-6.12}" --workdir "$dir/$1" --mem 512 \
		--timeout 300 --disk "$TMP/node.img" --disk "$TMP/volume.img" --share "$TMP/share" -- \
		bash selftests/helpers/powercut.sh "${@:2}" > "$dir/$1/log" 2>&1
}
said() { grep -h 'powercut:' "$dir/$1/log"; }

# What the boot says of the cut before it.
before=''
looked()
{
	if [ -e "$TMP/share/looked" ]; then
		pass "$before: nothing is lost, and it goes on"
	else
		fail "$before: nothing is lost, and it goes on" "$(said look)"
	fi
}

# cut_at COMMAND STEP: false when it came to its end before
cut_at()
{
	rm -f "$TMP"/share/*
	guest look look "$1" "$2"
	local status=$?
	[ -z "$before" ] || looked
	before="$1, step $2"
	if [ -e "$TMP/share/end" ]; then
		before="$1, to its end"
		return 1
	fi
	[ $status = 125 ] || fail "$before: the machine dies" "status $status
$(said look)"
}

guest new new || { fail "set-up" "$(said new)"; finish; }
# steps by default; a few of those that the file's rename and fsync are among
for command in "set 2 4" "key 2 3" "volume 4 20" "clear 1 2"; do
	name=${command%% *}
	if [ "${PK_LONG:-0}" = 1 ]; then
		for ((step = 1; ; step++)); do
			cut_at "$name" $step || break
		done
		check "$name: there were steps" [ $step -gt 2 ]
		diag "$name: $((step - 1)) steps"
		continue
	fi
	for step in ${command#* }; do
		cut_at "$name" "$step" || diag "$name has no step $step"
	done
done
rm -f "$TMP"/share/*
guest look look
looked
finish
