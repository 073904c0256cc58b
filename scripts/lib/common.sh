# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What every script here needs: where the repository is, how to complain.
# Sourced, never run.

PK_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
export PK_TOP
PK_BUILD=$PK_TOP/build

note() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# die MESSAGE [ADVICE]: what went wrong, then what to do about it.
die()
{
	note "$1"
	[ $# -lt 2 ] || printf '  %s\n' "$2" >&2
	exit "${PK_DIE_STATUS:-1}"
}

# Print the comment block at the top of the calling script as its help.
usage_from_header()
{
	awk 'NR == 1 || /SPDX/ { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$0"
}

# need_value OPTION ARGS-LEFT: an option that wants a value got one.
need_value() { [ "$2" -ge 2 ] || die "$1 needs a value" "see: ${0##*/} --help"; }

need_root()
{
	[ "$(id -u)" = 0 ] || die "must run as root" "try: sudo $0"
}

# Run the commands of a function under a lock that other runs of us respect.
# with_lock NAME COMMAND...
with_lock()
{
	local name=$1
	shift
	mkdir -p "$PK_BUILD/lock"
	# close-on-exec of the lock's descriptor is not wanted: the lock
	# must last as long as the command, children included
	( flock 9 && "$@" ) 9> "$PK_BUILD/lock/$name"
}

# retry TIMES COMMAND...: for what fails when a mirror hiccups.
retry()
{
	local times=$1 i
	shift
	for ((i = 1; ; i++)); do
		"$@" && return 0
		[ "$i" -lt "$times" ] || return 1
		note "failed, trying again ($i of $((times - 1))): $*"
		sleep $((i * 5))
	done
}
