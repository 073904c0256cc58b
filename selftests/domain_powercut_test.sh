#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=host kernels=6.12 timeout=7200
# A machine that dies in a rotation: its guest is reset at a step of a command, with
# what it had not put on the disk, and started again; nothing is lost and the rotation
# goes on. Each step of each command takes a boot: some of them by default, all of them
# with --long, but of the writes that wipe a keyslot one in ten.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# COMMAND CALL N: some steps of each that the file's change hangs on
some=("set fsync 1" "set renameat 2" "key rename 1"
	"volume fsync 2" "volume write 40" "volume fsync 10" "clear renameat 1")
dir=${PK_CHECK_DIR:-$TMP}
truncate -s 64M "$TMP/node.img"
truncate -s 96M "$TMP/volume.img"
mkdir "$TMP/share"

# guest NAME ARG...: powercut.sh in a machine with these disks
guest()
{
	local status
	mkdir -p "$dir/$1"
	for _ in 1 2 3; do
		rm -f "$TMP"/share/*
		"$PK_TOP/scripts/vm" --kernel "${PK_KERNEL:-6.12}" --workdir "$dir/$1" --mem 512 \
			--timeout 300 --disk "$TMP/node.img" --disk "$TMP/volume.img" --share "$TMP/share" -- \
			bash selftests/helpers/powercut.sh "${@:2}" > "$dir/$1/log" 2>&1
		status=$?
		# the emulator's fault, as scripts/check knows it
		grep -q 'int3: 0000 \[#' "$dir/$1/serial.log" || break
		[ -z "$(said "$1")" ] || break
		rm -f "$dir/$1/serial.log"
	done
	return $status
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

# turn COMMAND [CALL N]: a boot that looks at the cut before it, then makes this one
turn()
{
	guest look look "$@"
	local status=$?
	[ -z "$before" ] || looked
	before=$*
	if [ $# = 1 ]; then
		before+=" to its end"
		check "$before" [ "$status" = 0 ]
	elif [ $status != 125 ]; then
		fail "$before: the machine dies" "status $status
$(said look)"
	fi
}

# few STEP...: of more than ten of a kind in a row the first, the last, one in ten
few()
{
	local i
	local -a row=()
	for ((i = 1; i <= $#; i++)); do
		row+=("${!i}")
		local next=$((i + 1))
		[ $i -lt $# ] && [ "${!i% *}" = "${!next% *}" ] && continue
		local n=${#row[@]} j
		for ((j = 0; j < n; j++)); do
			[ "$n" -gt 10 ] && [ $((j % 10)) != 0 ] && [ $j != $((n - 1)) ] || echo "${row[j]}"
		done
		row=()
	done
}

guest new new || { fail "set-up" "$(said new)"; finish; }
if [ "${PK_LONG:-0}" = 1 ]; then
	for command in set key volume clear; do
		turn "$command"
		mapfile -t steps < "$TMP/share/steps"
		diag "$command: ${#steps[@]} steps: ${steps[*]}"
		check "$command: there are steps" [ ${#steps[@]} -ge 4 ]
		mapfile -t steps < <(few "${steps[@]}")
		for step in "${steps[@]}"; do
			# shellcheck disable=SC2086 # CALL N
			turn "$command" $step
		done
	done
else
	for step in "${some[@]}"; do
		# shellcheck disable=SC2086
		turn $step
	done
fi
guest look look
looked
finish
