#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=build where=host timeout=120
# systemd's own reading of every unit that `make install` installs: each setting
# is known, programs, manual pages and units that it names are there. The sandbox of
# protkey-tlsd's, which the network reaches, is as tight as it was.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd make systemd-analyze man

prefix=$TMP/prefix
units=$prefix/lib/systemd/system
check "make install" make -s -C "$PK_TOP/userspace" install BUILD="$PK_TOP/build" PREFIX="$prefix"

# quiet UNIT: systemd says nothing of it.  Unknown settings are words, not a status.
quiet()
{
	local said
	said=$(SYSTEMD_UNIT_PATH=$units: MANPATH=$prefix/share/man: \
		systemd-analyze verify --man=yes "$units/$1" 2>&1) || return 1
	echo "$said"
	[ -z "$said" ]
}
# instance UNIT: a template is read as one of its instances
instance() { echo "${1/@./@ledger.}"; }

is "every unit of the tree is installed" "$(cd "$units" && printf '%s\n' protkey*)" \
	"$(cd "$PK_TOP/userspace/systemd" && printf '%s\n' * | sed '/\.conf\.in$/d; s/\.in$//' | sort)"
for path in "$units"/protkey*; do
	unit=${path##*/}
	check "$unit" quiet "$(instance "$unit")"
	check_not "$unit: no placeholder is left" grep -q '@[A-Z]*@' "$path"
done

# ---- drop-ins of systemd's own: read with the unit that they are for
for sleep in suspend hibernate hybrid-sleep suspend-then-hibernate; do
	unit=systemd-$sleep.service
	cp "/lib/systemd/system/$unit" "$units/"
	check "$unit with protkey's drop-in" quiet $unit
	check_not "$unit.d: no placeholder is left" grep -q '@[A-Z]*@' "$units/$unit.d/protkey.conf"
done
is "which makes the sleep fail" "$(grep -l '^ExecStartPre=/' "$units"/*.d/protkey.conf | wc -l)" 4
is "and is told of hibernation" "$(cd "$units" && grep -L -e --hibernate -- *.d/protkey.conf)" \
	systemd-suspend.service.d/protkey.conf

# ---- what it would notice
# damaged WHAT SCRIPT FILE [UNIT]: sed's SCRIPT on a copy
damaged()
{
	cp "$units/$3" "$TMP/saved"
	sed -i "$2" "$units/$3"
	! cmp -s "$TMP/saved" "$units/$3" || fail "$3 is damaged for this"
	check_not "noticed: $1, in $3" quiet "$(instance "${4:-$3}")"
	cp "$TMP/saved" "$units/$3"
}
damaged "a setting that there is not" 's/^ProtectHome=/ProtectHouse=/' protkey-fw-evidence@.service
damaged "a value that there is not" 's/^ProtectSystem=.*/ProtectSystem=rather/' protkey-tlsd.service
damaged "a program that there is not" 's|^ExecStart=.*|ExecStart=/no/such/program|' protkey-fw.service
damaged "a drop-in's program that there is not" 's|^ExecStartPre=.*|ExecStartPre=/no/such/program|' \
	systemd-suspend.service.d/protkey.conf systemd-suspend.service
damaged "a manual page that there is not" 's/man:protkey-fw(1)/man:protkey-firmware(1)/' protkey-fw.timer
mv "$units/protkey-fw-evidence@.service" "$TMP/"
check_not "noticed: a socket without its service" quiet protkey-fw-evidence.socket

# ---- systemd's words for a sandbox: 0 is no exposure, 100 all
# It is 25: root (40 of a hundred in one line) for the domain's node, AF_ALG, the network.
exposed() { systemd-analyze security --offline=true --threshold=27 "$1"; }
tlsd=$units/protkey-tlsd.service
check "protkey-tlsd: its exposure" exposed "$tlsd"
grep -vE '^(NoNewPrivileges|CapabilityBoundingSet)=' "$tlsd" > "$TMP/protkey-tlsd.service"
check_not "noticed: two lines of it are gone" exposed "$TMP/protkey-tlsd.service"
finish
