#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# systemd takes every unit as `make install` makes it and says nothing about it; the
# sandbox of protkey-tlsd's, which the network reaches, is as tight as it was.
# check: group=build where=host timeout=120

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd systemd-analyze make

# systemd's words for it: 0 is no exposure, 100 all. It is 25: root (40 of a hundred in
# one line) for the domain's node, AF_ALG, the network.
EXPOSURE=27
units=$TMP/units

# verify looks for the programs where the units say they are
check "make install" make -C "$PK_TOP/userspace" install PREFIX="$TMP/root" \
	UNITDIR="$units" COMPLETIONDIR="$TMP/root/completion"
for path in "$units"/*; do
	unit=${path##*/}
	check "$unit: verify" systemd-analyze verify --man=no --recursive-errors=no "$path"
	# shellcheck disable=SC2154 # check sets it
	is "$unit: and nothing is said" "$ktap_output" ""
done
tlsd=$units/protkey-tlsd.service
check "protkey-tlsd: its exposure" \
	systemd-analyze security --offline=true --threshold="$EXPOSURE" "$tlsd"
grep -vE '^(NoNewPrivileges|CapabilityBoundingSet)=' "$tlsd" > "$TMP/protkey-tlsd.service"
check_not "control: without two lines of it" \
	systemd-analyze security --offline=true --threshold="$EXPOSURE" "$TMP/protkey-tlsd.service"
sed 's/^Type=notify/Type=notice/' "$tlsd" > "$TMP/protkey-tlsd.service"
expect_err "notice" "control: a wrong word is seen" \
	systemd-analyze verify --man=no --recursive-errors=no "$TMP/protkey-tlsd.service"
finish
