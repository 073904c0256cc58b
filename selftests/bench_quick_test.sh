#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# scripts/bench measures and writes what its documentation says. No figure is
# judged: the machine may be busy.
# check: group=build where=host timeout=3600 long=yes

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd python3

results=$PK_TOP/build/bench/results.json

# rows PYTHON-CONDITION: how many rows r of the results it holds for
rows()
{
	python3 -c "import json, sys
print(sum(1 for r in json.load(open(sys.argv[1])) if $1))" "$results"
}

check "scripts/bench --quick" "$PK_TOP/scripts/bench" --quick --level aesni
check "XTS-256 inside the kernel" [ "$(rows 'r["what"] == "xts-256" and r["unit"] == "ns"')" -ge 6 ]
check "dm-crypt, read and write, two sector sizes" \
	[ "$(rows 'r["what"].startswith("dm-crypt-")')" -eq 4 ]
is "no ratio without the one with debug-register reads" \
	"$(rows 'r["ratio"] and r["size"] and "ratio_with_dr" not in r')" 0
check "a plot" grep -q '</svg>' "$PK_TOP/build/bench/results.svg"
finish
