# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For the leak tests and the demo on the host: the test build of the module,
# the guest that tells its secrets, and reading pk-scan's reports. Sourced
# after selftests/lib.sh or scripts/lib/common.sh.

PK_LEAK=$PK_TOP/selftests/leak

# The folder of module builds under build/; PK_BROKEN=spill, for one run by
# hand, takes a copy with a defect, which the tests must find.
leak_modules() { echo "modules-leaktest${PK_BROKEN:+-broken-$PK_BROKEN}"; }

# leak_build KERNEL: the module that tells its secrets
leak_build()
{
	local release
	release=$("$PK_TOP/scripts/kernels" release "$1") || return
	# with --no-build several tests come here at once
	mkdir -p "$PK_TOP/build"
	flock "$PK_TOP/build/leak-build.lock" \
		make -s -C "$PK_TOP" modules LEAKTEST=1 BROKEN="${PK_BROKEN:-}" KVER="$release"
}

# leak_vm KERNEL DIR [OPTION]... -- COMMAND...: a guest whose secrets go to
# DIR/secrets, its dumps to DIR/dumps, its /share is DIR/share
leak_vm()
{
	local kernel=$1 dir=$2 options=()
	shift 2
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	mkdir -p "$dir/share" "$dir/dumps"
	"$PK_TOP/scripts/vm" --kernel "$kernel" --share "$dir/share" \
		--dump-dir "$dir/dumps" --secrets "$dir/secrets" "${options[@]}" -- \
		env PK_MODULES="$(leak_modules)" "$@"
}

# leak_peers: for peers on the host, who reach the guest's ports 8443 and 8444 at those
# of leak_ports; leak_net are the options of scripts/vm. secretmem.enable: 6.1 wants to
# be asked for memfd_secret
# shellcheck disable=SC2034,SC2054 # for those who source this; commas are QEMU's
leak_peers()
{
	read -r -a leak_ports <<< "$(python3 -c 'import socket
socks = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(sock.getsockname()[1] for sock in socks))')"
	leak_net=(--append secretmem.enable=1 --qemu=-netdev
		"--qemu=user,id=net,hostfwd=tcp:127.0.0.1:${leak_ports[0]}-:8443,hostfwd=tcp:127.0.0.1:${leak_ports[1]}-:8444"
		--qemu=-device --qemu=virtio-net-pci,netdev=net)
}

# scan_total FIELD REPORT: a number of the "total" object of pk-scan --json
scan_total() { sed -n "s/^\"total\":.*\"$1\":\([0-9]*\).*/\1/p" "$2"; }

# scan_field FIELD REPORT: a number of its first line, e.g. secrets
scan_field() { sed -n "1s/.*\"$1\":\([0-9]*\).*/\1/p" "$2"; }

# The AES keys, in hex, whose schedules the report lists.
scan_aes_keys() { sed -n 's/.*"order":.*"key":"\([0-9a-f]*\)".*/\1/p' "$1" | sort -u; }

# scan_protkey DIR DUMP REPORT: look for all that the module told
scan_protkey()
{
	pk-scan --json --secrets "$1/secrets" --public "$PK_LEAK/public.txt" "$2" > "$3"
	[ $? -le 1 ]
}

# scan_stock DIR DUMP REPORT: the positive control
scan_stock()
{
	pk-scan --json --secrets "$1/share/control.secrets" "$2" > "$3"
	[ $? -le 1 ]
}

# The stock volume's key as two AES keys in hex, as schedule finders print it.
stock_halves() { awk '{ print substr($2, 1, 64); print substr($2, 65) }' "$1/share/control.secrets"; }

# ---- results, for the tests only ----

# leak_check_control DIR NAME DUMP: both halves of the stock key and their
# round keys are found
leak_check_control()
{
	local report=$1/report
	scan_stock "$1" "$3" "$report"
	if [ "$(scan_total parts "$report")" -ge 2 ] &&
	   [ "$(scan_total schedule "$report")" -ge 20 ]; then
		pass "$2: the stock key is found (control)"
	else
		fail "$2: the stock key is found (control)" "$(tail -n 1 "$report")"
	fi
}

# leak_check_clean DIR NAME DUMP: nothing of what the module told. AES keys that
# nobody told are no failure, but somebody should know what they are.
leak_check_clean()
{
	local report=$1/report key
	scan_protkey "$1" "$3" "$report"
	if [ "$(scan_total hits "$report")" = 0 ]; then
		pass "$2: no secret of protkey in any form"
	else
		fail "$2: no secret of protkey in any form" "$(cat "$report")"
	fi
	for key in $(scan_aes_keys "$report" | grep -vxF "$(stock_halves "$1")"); do
		diag "$2: AES schedule of an unknown key: $key"
	done
}
