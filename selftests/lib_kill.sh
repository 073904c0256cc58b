# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Killing a command at its steps, the system calls that change a file, to be sourced.
# strace counts each system call by itself: a step is a CALL and which one of it.

kill_calls=write,writev,pwrite64,pwritev,ftruncate,fallocate,fsync,fdatasync,sync_file_range
kill_calls+=,rename,renameat,renameat2,link,linkat,unlink,unlinkat

# steps_of COMMAND...: run it to its end, and print its steps in order, "CALL N" a line
steps_of()
{
	local trace
	trace=$(mktemp)
	strace -f -qq -o "$trace" -e trace="$kill_calls" -e signal=none "$@" > /dev/null 2>&1 &&
		awk '!/resumed>/ { sub(/\(.*/, "", $2); print $2, ++n[$2] }' "$trace"
	local status=$?
	rm -f "$trace"
	return $status
}

# killed CALL N COMMAND...: before that step; false if it got to its end before
killed()
{
	strace -f -qq -o /dev/null -e trace="$1" -e inject="$1:signal=KILL:when=$2" \
		"${@:3}" > /dev/null 2>&1
	[ $? = 137 ]
}
