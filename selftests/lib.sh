# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For the shell tests: KTAP as the kernel's kselftests print it. Sourced.
#
#	# check: group=vault where=vm timeout=120 vm="--smp 2"
#	set -u
#	. "$(dirname "$0")/lib.sh"
#	load_protkey
#	check "module is loaded" grep -q ^protkey /proc/modules
#	expect_err EINVAL "no raw keys" protkey key import /dev/zero
#	finish
#
# Results:   pass NAME            fail NAME [DIAGNOSTIC]    skip NAME REASON
#            diag TEXT            skip_all REASON (exits)
#            check NAME COMMAND...             passes if COMMAND succeeds
#            check_not NAME COMMAND...         passes if it fails
#            expect_status N NAME COMMAND...   passes if its status is N
#            expect_err PATTERN NAME COMMAND...  passes if it fails and its
#                                              output matches (grep -E)
#            expect_out PATTERN NAME COMMAND...  the same, but it succeeds
#            is NAME GOT WANTED                passes if these are equal
#            must COMMAND...     what the rest stands on: the test ends if it fails
# A failed one shows the command's output. finish prints the plan and exits:
# 0 all passed, 1 one failed, 4 all skipped. A test that ends before finish
# counts as failed. ktap_plan N first makes too few results a failure.
#
# Environment: PK_TOP; in a VM also PK_KERNEL PK_KVER PK_MODDIR; PK_LONG is 1
# under scripts/check --long. TMP is a directory that vanishes at the end;
# cleanup_add COMMAND... runs COMMAND then, the last added first.

PK_TOP=${PK_TOP:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)}
PATH=$PK_TOP/build/bin:$PATH
export PK_TOP PATH
ktap_planned=''
ktap_count=0
ktap_failed=0
ktap_skipped=0
ktap_cleanups=()
TMP=$(mktemp -d)

ktap_exit()
{
	local status=$? i
	set +e
	for ((i = ${#ktap_cleanups[@]} - 1; i >= 0; i--)); do
		eval "${ktap_cleanups[i]}" > /dev/null 2>&1
	done
	rm -rf "$TMP"
	exit "$status"
}
trap ktap_exit EXIT
echo "KTAP version 1"

cleanup_add() { ktap_cleanups+=("$(printf '%q ' "$@")"); }

ktap_plan()
{
	ktap_planned=$1
	echo "1..$1"
}

diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

pass() { echo "ok $((++ktap_count)) $1"; }

fail()
{
	: $((ktap_failed++))
	echo "not ok $((++ktap_count)) $1"
	[ $# -lt 2 ] || diag "$2"
}

skip()
{
	: $((ktap_skipped++))
	echo "ok $((++ktap_count)) $1 # SKIP ${2:-}"
}

skip_all()
{
	echo "1..0 # SKIP $*"
	exit 4
}

finish()
{
	[ -n "$ktap_planned" ] || echo "1..$ktap_count"
	echo "# Totals: pass:$((ktap_count - ktap_failed - ktap_skipped))" \
		"fail:$ktap_failed xfail:0 xpass:0 skip:$ktap_skipped error:0"
	[ "$ktap_failed" = 0 ] || exit 1
	[ "$ktap_count" != "$ktap_skipped" ] || exit 4
	exit 0
}

must()
{
	local output
	output=$("$@" 2>&1) || {
		fail "set-up: $*" "$output"
		finish
	}
}

# ktap_run COMMAND...: sets ktap_status and ktap_output
ktap_run()
{
	ktap_status=0
	ktap_output=$("$@" 2>&1 < /dev/null | tr -d '\0'; exit "${PIPESTATUS[0]}") ||
		ktap_status=$?
}

# ktap_verdict NAME WANTED COMMAND...: reports on the last ktap_run; the caller
# says by its own status whether it was as wanted
ktap_verdict()
{
	local ok=$? name=$1 wanted=$2
	shift 2
	if [ $ok = 0 ]; then
		pass "$name"
	else
		fail "$name" "\$ $*
status $ktap_status, wanted: $wanted
$(tail -n 40 <<< "$ktap_output")"
	fi
	return $ok
}

# is TEXT matched, anywhere in it
ktap_matches() { grep -qE -- "$1" <<< "$ktap_output"; }

check()
{
	local name=$1
	shift
	ktap_run "$@"
	[ "$ktap_status" = 0 ]
	ktap_verdict "$name" "success" "$@"
}

check_not()
{
	local name=$1
	shift
	ktap_run "$@"
	[ "$ktap_status" != 0 ]
	ktap_verdict "$name" "failure" "$@"
}

expect_status()
{
	local status=$1 name=$2
	shift 2
	ktap_run "$@"
	[ "$ktap_status" = "$status" ]
	ktap_verdict "$name" "status $status" "$@"
}

expect_err()
{
	local pattern=$1 name=$2
	shift 2
	ktap_run "$@"
	[ "$ktap_status" != 0 ] && ktap_matches "$pattern"
	ktap_verdict "$name" "failure with output like '$pattern'" "$@"
}

expect_out()
{
	local pattern=$1 name=$2
	shift 2
	ktap_run "$@"
	[ "$ktap_status" = 0 ] && ktap_matches "$pattern"
	ktap_verdict "$name" "success with output like '$pattern'" "$@"
}

is()
{
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "got '$2', wanted '$3'"
	fi
}

# need_cmd COMMAND...: without them there is nothing to test
need_cmd()
{
	local command
	for command; do
		command -v "$command" > /dev/null || skip_all "needs $command"
	done
}

need_vm() { [ "${VM:-}" = 1 ] || skip_all "runs in scripts/vm only"; }

# The module's dependencies are loaded by name: it is not below /lib/modules.
# ktap_insmod FILE [PARAMETER]...
ktap_insmod()
{
	local file=$1 dependency
	shift
	for dependency in $(modinfo -F depends "$file" | tr ',' ' '); do
		grep -q "^$dependency " /proc/modules || modprobe -q "$dependency"
	done
	insmod "$file" "$@"
}

# load_protkey [PARAMETER]...: or the test ends here. PK_MODDIR says which build.
load_protkey()
{
	ktap_insmod "$PK_MODDIR/protkey.ko" "$@" || {
		fail "load protkey.ko"
		finish
	}
	[ ! -e /dev/protkey ] || cleanup_add unload_protkey
}

load_test_module() { ktap_insmod "$PK_MODDIR/protkey_test.ko" "$@"; }

unload_protkey()
{
	! grep -q '^protkey_test ' /proc/modules || rmmod protkey_test
	! grep -q '^protkey ' /proc/modules || rmmod protkey
}

# What prints a WARNING, BUG or Oops on purpose belongs between these two, or
# scripts/check fails the test for it. After a panic there is no end to say.
expect_splat_begin() { echo PK_EXPECT_SPLAT_BEGIN > /dev/kmsg; }
expect_splat_end() { echo PK_EXPECT_SPLAT_END > /dev/kmsg; }
