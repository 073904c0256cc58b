# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# systemd in a guest, first in a PID namespace, with a test's units in $units and its own
# journal. Sourced after lib.sh.

units=/run/systemd/system
mountpoint -q /run || mount -t tmpfs -o mode=755 run /run
mkdir -p $units /etc/systemd

# systemd_up UNIT...: systemd runs and has started these, or the test ends here
systemd_up()
{
	printf '[Unit]\nDescription=A test\nWants=%s\nAfter=systemd-journald.service\n' \
		"systemd-journald.service $*" > $units/test.target
	container=pk unshare --fork --pid --mount-proc --kill-child /lib/systemd/systemd \
		--system --unit=test.target --show-status=0 --log-target=kmsg > "$TMP/systemd" 2>&1 &
	systemd=$!
	cleanup_add kill -9 $systemd
	for _ in {1..60}; do
		[ ! -S /run/systemd/private ] || ! systemctl is-active -q test.target || break
		sleep 1
	done
	check "systemd is up" systemctl is-active test.target systemd-journald.service "$@" || {
		diag "$(cat "$TMP/systemd"; dmesg | grep 'systemd\[1\]' | tail -n 20)"
		finish
	}
}

# it hears nobody from outside of its namespace
inside() { nsenter -p -m -t "$(tr -d " " < "/proc/$systemd/task/$systemd/children")" "$@"; }
systemctl() { inside systemctl "$@"; }

# said UNIT: what it said to the journal
said() { inside journalctl --no-pager -o cat -u "$1"; }
