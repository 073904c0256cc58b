#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The module builds against the headers of both kernels and both flavours,
# without a warning at W=1. Each build is of a copy, so that nothing is up to date already.
# check: group=build where=host timeout=1500

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd make gcc

# One copy per build: two may run at once, and build/ stays as it is.
# build_copy MAKE-ARGUMENT...
build_copy()
{
	local copy
	copy=$(mktemp -d "$TMP/copy.XXXXXX")
	( cd "$PK_TOP" && tar -c --exclude=./build --exclude=./.git . ) | tar -x -C "$copy"
	make -C "$copy" "$@"
	# sources and objects of one build at a time are enough
	rm -rf "$copy"
}

# expect_no_warning NAME MAKE-ARGUMENT...
expect_no_warning()
{
	local name=$1 warnings
	shift
	ktap_run build_copy "$@"
	warnings=$(grep -E 'warning:|WARNING:|error:|\*\*\*' <<< "$ktap_output")
	if [ -z "$warnings" ]; then
		pass "no warning, $name"
	else
		fail "no warning, $name" "$(tail -n 40 <<< "$warnings")"
	fi
}

# `make` before the tests built all four; here one flavour of each is enough.
kernels="6.1 6.12-generic"
[ "${PK_LONG:-0}" = 0 ] || kernels="6.1 6.12 6.1-generic 6.12-generic"
for kernel in $kernels; do
	release=$("$PK_TOP/scripts/kernels" release "$kernel")
	expect_no_warning "module for $release" modules KVER="$release" W=1
done
expect_no_warning "user space and tests" userspace tests \
	KVER="$("$PK_TOP/scripts/kernels" release 6.1)"
finish
