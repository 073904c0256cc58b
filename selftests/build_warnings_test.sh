#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The module builds against the headers of all four kernels, without a warning
# at W=1. Each build is of a copy, so that nothing is up to date already.
# check: group=build where=host timeout=600

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd make gcc

# One copy per release: two may run at once, and build/ stays as it is.
build_copy()
{
	local copy=$TMP/$1
	mkdir "$copy"
	( cd "$PK_TOP" && tar -c --exclude=./build --exclude=./.git . ) | tar -x -C "$copy"
	make -C "$copy" modules KVER="$1" W=1
}

for kernel in 6.1 6.12 6.1-generic 6.12-generic; do
	release=$("$PK_TOP/scripts/kernels" release "$kernel")
	ktap_run build_copy "$release"
	warnings=$(grep -E 'warning:|WARNING:' <<< "$ktap_output")
	if [ "$ktap_status" = 0 ] && [ -z "$warnings" ]; then
		pass "no warning, $release"
	else
		fail "no warning, $release" "${warnings:-$(tail -n 30 <<< "$ktap_output")}"
	fi
done
finish
