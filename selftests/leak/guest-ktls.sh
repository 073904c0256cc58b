#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In the guest of ktls_leak_test: connections with protected keys, with dumps of
# them. One with a stock key stays open all the time, for the control.

# shellcheck source=selftests/leak/guest.sh
. "$(dirname "$0")/guest.sh"

wait_for()
{
	local i
	for ((i = 0; i < 300; i++)); do
		! grep -q "^$1\$" "$2" 2> /dev/null || return 0
		sleep 0.1
	done
	echo "no '$1' in $2" >&2
	return 1
}

wait_for_stop()
{
	local i
	for ((i = 0; i < 300; i++)); do
		[ "$(cut -d ' ' -f 3 "/proc/$1/stat")" != T ] || return 0
		sleep 0.1
	done
	echo "process $1 does not stop" >&2
	return 1
}

case ${1:-} in
ceremony)
	protkey domain create tls --passphrase-file /run/passphrase \
		--memory-kib 65536 --time 1
	exit ;;
esac

step "load the modules"
modprobe -a tls aesni-intel
load_module
insmod "$PK_TOP/build/${PK_MODULES:-modules-leaktest}/$PK_KVER/protkey-ktls.ko"
pk-passphrase /run/passphrase "$0" ceremony
step "connect"
pk-tls tls /share/control.secrets > /run/whole &
whole=$!
trap 'kill -KILL $(jobs -p)' EXIT
wait_for_stop $whole
step "imported"
vm-dump imported
kill -CONT $whole
wait_for up /run/whole
pk-tls tls /share/killed.secrets > /run/killed &
killed=$!
wait_for_stop $killed
kill -CONT $killed
wait_for up /run/killed
step "live"
vm-dump live-1
sleep 2
vm-dump live-2
step "kill -9"
kill -KILL $killed
wait $killed || true
vm-dump killed
step "close, lock, unload"
kill -USR1 $whole
wait_for closed /run/whole
protkey domain lock tls
rmmod protkey_ktls
rmmod protkey
vm-dump unloaded
