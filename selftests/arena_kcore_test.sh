#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=vault where=host kernels=6.1,6.12 timeout=240 retry=no
#
# The arena's pages are in memory, but not in /proc/kcore. They are found by the
# magic at their start. (What makedumpfile keeps of a dump: leak_kdump.)

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

magic=PROTKEY-ARENA
control=PK-KCORE-CONTROL
dir=${PK_CHECK_DIR:-$TMP}/run
mkdir -p "$dir/share"

cat > "$dir/share/in-guest" <<END
. selftests/lib.sh
. selftests/lib_protkey.sh
modprobe -q kcore
load_protkey
new_domain d
new_key d
pk-keytool status > /share/status
pk-pagescan --plant /proc/kcore $control > /share/kcore-control
pk-pagescan /proc/kcore $magic > /share/kcore
vm-dump dump
END

# hits FILE: of pk-pagescan's output
hits() { sed -n 's/^hits=//p' "$1"; }
scan() { "$PK_TOP/build/bin/pk-pagescan" "$1" $magic | sed -n 's/^hits=//p'; }

cd "$PK_TOP" || exit
check "the guest ran" scripts/vm --kernel "${PK_KERNEL:-6.1}" --workdir "$dir" --mem 512 \
	--timeout 120 --share "$dir/share" --dump-dir "$dir" -- bash /share/in-guest
is "control: a page of a process is in /proc/kcore" \
	"$(( $(hits "$dir/share/kcore-control") > 0 ))" 1
# The dump has the arena's pages, and at times a stray copy of a page's start: the
# magic is no secret.
pages=$(( $(sed -n 's/.*slots_total=//p' "$dir/share/status") / 31 ))
in_dump=$(scan "$dir/dump")
in_kcore=$(hits "$dir/share/kcore")
check "the arena is in memory" [ "$pages" -gt 0 -a "$in_dump" -ge "$pages" ]
is "it is not in /proc/kcore" "$in_kcore" 0
diag "arena pages $pages, in the dump $in_dump, in /proc/kcore $in_kcore" "$(grep '^hit ' "$dir/share/kcore")"
rm -f "$dir/dump"
finish
