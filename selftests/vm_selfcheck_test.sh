#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# scripts/vm keeps its promises, or no other result counts.
# check: group=build where=host kernels=6.1,6.12 timeout=180

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# What the guest does; the marker is put together there only, so that the
# dump cannot have it from this file in the page cache.
cat > "$TMP/in-guest" <<'END'
uname -r
python3 -c "
import subprocess
marker = b'-'.join([b'vm', b'selfcheck', b'%d' % (7 * 1000003)]) * 1000
subprocess.run(['vm-dump', 'marker'], check=True)"
dmesg | grep -c 'Linux version' > /share/written
echo to-stderr >&2
exit 42
END
mkdir "$TMP/share"
cp "$TMP/in-guest" "$TMP/share/"
cd "$PK_TOP" || exit

ktap_run scripts/vm --mem 512 --share "$TMP/share" --dump-dir "$TMP" -- bash /share/in-guest
is "exit status is the command's" "$ktap_status" 42
release=$(scripts/kernels release "${PK_KERNEL:-6.1}")
is "output is the command's" "$ktap_output" "$release"$'\n'to-stderr
is "/share is written to" "$(cat "$TMP/share/written" 2> /dev/null)" 1
is "dump has all memory" "$(stat -c %s "$TMP/marker" 2> /dev/null)" $((512 << 20))
check "dump has the guest's memory" grep -qa vm-selfcheck-7000021vm-selfcheck-7000021 "$TMP/marker"
expect_status 125 "a panic is no result of the command" \
	scripts/vm --mem 512 -- \
	sh -c 'echo PK_EXPECT_SPLAT_BEGIN > /dev/kmsg; sleep 1; echo c > /proc/sysrq-trigger'
finish
