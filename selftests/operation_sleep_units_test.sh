#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=operation where=vm kernels=6.12 timeout=300 vm="--smp 2 --mem 1024 --ram-root"
# systemd puts the machine to sleep, with the drop-ins as they are installed, while a
# service writes a ledger: it sleeps and goes on; a sleep that `protkey sleep pre`
# refuses, one that the kernel refuses after it, and hibernation.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
# shellcheck source=selftests/lib_protkey.sh
. "$(dirname "$0")/lib_protkey.sh"
need_vm
need_cmd protkey pk-ledger mkfs.ext4 dmsetup systemctl journalctl
grep -q deep /sys/power/mem_sleep || skip_all "this machine has no S3"
# shellcheck source=selftests/lib_systemd.sh
. "$(dirname "$0")/lib_systemd.sh"
GROUPS_AT=/sys/fs/cgroup/system.slice

echo deep > /sys/power/mem_sleep
cli_load
cli_mounted books 240M

# ---- a machine with these units

cat > "$TMP/ledger" << END
#!/bin/bash
PATH=$PATH
seed=1
while [ ! -e $TMP/end ] && [ \$seed -lt 60 ]; do
	pk-ledger write --dir $TMP/mnt/ledger --mib 1 --seed \$seed || exit
	echo \$seed >> $TMP/written
	seed=\$((seed + 1))
	sleep 0.3
done
touch $TMP/ended
END
chmod 755 "$TMP/ledger"
printf '[Unit]\nDefaultDependencies=no\n[Service]\nWorkingDirectory=%s\nExecStart=%s\n' \
	"$TMP/mnt" "$TMP/ledger" > $units/ledger.service
printf '[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/sleep 10000\n' > $units/idle.service
# the state of this test's domains, and no udev, for the drop-ins' commands, too
printf '[Manager]\nDefaultEnvironment=PROTKEY_STATE_DIR=%s DM_DISABLE_UDEV=1\n' \
	"$PROTKEY_STATE_DIR" > /etc/systemd/system.conf
systemd_up ledger.service idle.service

frozen() { grep -q 'frozen 1' "$GROUPS_AT/$1/cgroup.events"; }
state() { protkey domain show books | sed -n 's/^ *state[: ]*//p'; }
sleeps() { dmesg | grep -c "$1"; }
# asleep: by systemd
asleep()
{
	vm-wakeup 1
	systemctl start "systemd-$1.service" && return
	said "systemd-$1.service"
	return 1
}
touch "$TMP/written"
check "the service writes" cli_goes_on 0

# ---- it sleeps

for time in first second third; do
	before=$(cli_written)
	check "the machine sleeps, the $time time" asleep suspend
	is "the domain is locked" "$(state)" locked
	check "the service stays stopped" frozen ledger.service
	check_not "another one goes on" frozen idle.service
	[ $time != second ] || check "it can sleep again while it is locked" asleep suspend
	check "unlock" cli_unlock books
	check "the service goes on" cli_goes_on "$before"
done
is "the kernel did sleep" "$(sleeps 'Waking up from system sleep state S3')" 4
expect_out 'is locked' "the journal has what was done" said systemd-suspend.service

# ---- what `protkey sleep pre` refuses, systemd does not start

untouched()
{
	local before
	is "$1: the domain is unlocked" "$(state)" unlocked
	is "$1: nobody is stopped" "$(cat $GROUPS_AT/{ledger,idle}.service/cgroup.freeze | tr -d '\n')" 00
	before=$(cli_written)
	check "$1: the service goes on" cli_goes_on "$before"
}
tried=$(sleeps 'PM: suspend entry')
cli_key books "$TMP/key.blob"
truncate -s 4M "$TMP/plain"
plain=$(losetup -f --show "$TMP/plain")
must dmsetup create plain --table "0 8192 crypt paes-xts-plain64 $(hex "$TMP/key.blob") 0 $plain 0"
check_not "a key in use: systemd refuses the sleep" systemctl start systemd-suspend.service
expect_out '1 keys are in use' "... with the reason in the journal" said systemd-suspend.service
untouched "a key"
must dmsetup remove --retry plain
check_not "hibernation with an open volume: refused" systemctl start systemd-hibernate.service
expect_out 'close them first' "... with the reason in the journal" said systemd-hibernate.service
untouched "hibernation"
is "the kernel was not asked" "$(sleeps 'PM: suspend entry') $(sleeps 'hibernation entry')" "$tried 0"

# ---- the kernel refuses after that: somebody waits for a disk, unseen from there

must dmsetup create stuck --table "0 8192 linear $plain 0"
must dmsetup suspend stuck
dd if=/dev/mapper/stuck of=/dev/null count=1 2> /dev/null &
sleep 1
before=$(cli_written)
check_not "the kernel refuses the sleep" systemctl start systemd-suspend.service
# for each of SuspendState= in turn
check "it was asked" [ "$(sleeps 'PM: suspend entry')" -gt "$tried" ]
is "the domain is locked nevertheless" "$(state)" locked
check "the service stays stopped" frozen ledger.service
check_not "another one goes on" frozen idle.service
is "the kernel syncs again" "$(cat /sys/power/sync_on_suspend)" 1
must dmsetup resume stuck
check "unlock" cli_unlock books
check "the service goes on" cli_goes_on "$before"

touch "$TMP/end"
for _ in {1..300}; do [ -e "$TMP/ended" ] && break; sleep 0.2; done
check "it went on to its end" [ -e "$TMP/ended" ]
expect_out '"mismatches":0,' "every block and state is as it was written" \
	pk-ledger verify --dir "$TMP/mnt/ledger" --json
diag "$ktap_output"
check_not "no I/O error" sh -c "dmesg | grep -E 'I/O error|EXT4-fs error|JBD2'"
finish
