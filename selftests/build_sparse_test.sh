#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# sparse says nothing of the module.
# check: group=build where=host kernels=6.1,6.12 timeout=900

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd sparse make
cd "$PK_TOP" || exit

release=$(scripts/kernels release "${PK_KERNEL:-6.1}")
ktap_run make -s sparse KVER="$release"
complaints=$(grep -E '(warning|error):' <<< "$ktap_output")
if [ "$ktap_status" = 0 ] && [ -z "$complaints" ]; then
	pass "sparse, $release"
else
	fail "sparse, $release" "${complaints:-$ktap_output}"
fi
finish
