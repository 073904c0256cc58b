#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=vm long=yes debug=no timeout=1800 vm="--smp 2 --mem 1536"
#
# 1,000 domains and 100,000 keys: there is room, and what an operation costs does not
# grow with them.

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# Emulation: a factor below this is noise.
most=3
# PK_SCALE="DOMAINS KEYS" for a shorter run by hand
read -r domains keys <<< "${PK_SCALE:-1000 100000}"

need_vm
# shellcheck disable=SC2119 # no parameters for the module
load_protkey
if ! pk-scale "$domains" "$keys" > "$TMP/scale"; then
	fail "$domains domains, $keys keys"
	finish
fi
value() { sed -n "s/^$1=//p" "$TMP/scale"; }
is "domains" "$(value domains)" "$domains"
is "keys" "$(value keys)" "$keys"
is "each key has its slot" "$(($(value slots) >= keys + 5 * domains))" 1
awk '!/=/' "$TMP/scale" > "$TMP/costs"
is "operations" "$(wc -l < "$TMP/costs")" 8
while read -r name few many; do
	diag "$name: $((few / 1000)) us with few, $((many / 1000)) us with many"
	is "the cost of $name does not grow" "$((many < most * few))" 1
done < "$TMP/costs"
finish
