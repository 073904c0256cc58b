#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=operation where=vm timeout=900 vm="--smp 2 --mem 1024 --ram-root"
# The machine sleeps (S3) under a ledger that writes: `protkey sleep pre` stops who
# may write, suspends the volume and locks its domain, `protkey sleep post` and the
# unlock let them go on.  Nothing is lost; what cannot sleep is refused and undone; it
# can sleep again while the domain is still locked.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
# shellcheck source=selftests/lib_protkey.sh
. "$(dirname "$0")/lib_protkey.sh"
need_vm
need_cmd protkey pk-ledger mkfs.ext4 dmsetup
grep -q deep /sys/power/mem_sleep || skip_all "this machine has no S3"
CYCLES=10
[ "${PK_LONG:-0}" = 0 ] || CYCLES=50
CGROUPS=/sys/fs/cgroup
SYNC=/sys/power/sync_on_suspend

echo deep > /sys/power/mem_sleep
cli_load
cli_mounted books 240M

# ---- a machine as systemd arranges it; this script is in none of these cgroups

# start CGROUP COMMAND...: in the background
start()
{
	local group=$CGROUPS/$1
	shift
	mkdir -p "$group"
	{
		echo $BASHPID > "$group/cgroup.procs"
		exec > /dev/null 2>&1 < /dev/null
		"$@"
	} &
	cleanup_add kill -9 $!
}
frozen() { grep -q 'frozen 1' "$CGROUPS/$1/cgroup.events"; }
state() { protkey domain show books | sed -n 's/^ *state[: ]*//p'; }
suspended() { dmsetup info -c --noheadings -o suspended books; }

# a few blocks at a time, until it is told to end; its working directory is on the
# volume, as a server has files open there all the time
write()
{
	local seed=1
	cd "$TMP/mnt" || return
	while [ ! -e "$TMP/end" ] && [ "$seed" -lt 180 ]; do
		pk-ledger write --dir "$TMP/mnt/ledger" --mib 1 --seed "$seed" >> "$TMP/log" 2>&1 ||
			{ echo "write failed" > "$TMP/failed"; break; }
		echo "$seed" >> "$TMP/written"
		seed=$((seed + 1))
		sleep 0.3
	done
	cd /
	touch "$TMP/ended"
}
# what the shell of somebody who is logged in does
login()
{
	cd "$TMP/mnt" || return
	while :; do
		[ ! -e "$TMP/look" ] || { sync; rm -f "$TMP/look"; }
		sleep 0.2
	done
}
: > "$TMP/written"
start system.slice/ledger.service write
start system.slice/idle.service sleep 10000
start system.slice/paused.service sleep 10000
start system.slice/dbus.service sleep 10000
start user.slice/user-0.slice/session-1.scope login
echo 1 > $CGROUPS/system.slice/paused.service/cgroup.freeze
check "the ledger writes" cli_goes_on 0

# ---- what cannot sleep is refused, and all is as it was

untouched()
{
	local before
	is "$1: the domain is unlocked, nobody is stopped" \
		"$(state) $(suspended) $(cat $SYNC $CGROUPS/{system.slice/{ledger,idle}.service,user.slice/user-0.slice/session-1.scope}/cgroup.freeze | tr -d '\n')" \
		"unlocked Active 1000"
	before=$(cli_written)
	check "$1: the ledger goes on" cli_goes_on "$before"
}
exec 7> "$TMP/mnt/open"
expect_err 'uses a volume and cannot be stopped' \
	"refused: a process uses the volume that cannot be stopped" protkey sleep pre
untouched "a process"
exec 7>&-

# only mapped
cp "$(command -v busybox)" "$TMP/mnt/busybox"
"$TMP/mnt/busybox" sleep 1000 &
expect_err "busybox \($!\) of / uses a volume" "refused: a program from the volume runs" protkey sleep pre
untouched "a program"
kill $!

truncate -s 40M "$TMP/second"
second=$(losetup -f --show "$TMP/second")
cleanup_add losetup -d "$second"
must cli_format "$second" books --yes
must cli_open "$second" second
must dmsetup create top --table "0 8192 linear /dev/mapper/second 0"
exec 7< /dev/mapper/top
expect_err 'uses a volume and cannot be stopped' "refused: a device on top of a volume is open" \
	protkey sleep pre
untouched "a device on top"
exec 7<&-
must dmsetup remove --retry top
must protkey volume close second

head -c 4194304 /dev/zero > "$TMP/mnt/swap"
must busybox mkswap "$TMP/mnt/swap"
must busybox swapon "$TMP/mnt/swap"
expect_err 'swapoff first' "refused: swap on the volume" protkey sleep pre
untouched "swap"
must busybox swapoff "$TMP/mnt/swap"

expect_err 'close them first' "refused: hibernation with open volumes" protkey sleep pre --hibernate
untouched "hibernation"

cli_key books "$TMP/key.blob"
truncate -s 4M "$TMP/plain"
plain=$(losetup -f --show "$TMP/plain")
cleanup_add losetup -d "$plain"
must dmsetup create plain --table "0 8192 crypt paes-xts-plain64 $(hex "$TMP/key.blob") 0 $plain 0"
expect_err '1 keys are in use' "refused: a key that is not of a pinned volume" protkey sleep pre
untouched "a key"
must dmsetup remove --retry plain

must dmsetup create stuck --table "0 8192 linear $plain 0"
must dmsetup suspend stuck
start system.slice/stuck.service dd if=/dev/mapper/stuck of=/dev/null count=1
sleep 1
expect_err '(dd|bash) \([0-9]*\) of /system.slice/stuck.service waits for a device' \
	"refused: a process that waits for another device" protkey sleep pre
untouched "a device"
must dmsetup resume stuck
for _ in {1..50}; do dmsetup remove stuck 2> /dev/null && break; sleep 0.2; done

# ---- it sleeps

# as systemd-suspend.service does with protkey's drop-in
go_to_sleep()
{
	local status=0
	if protkey sleep pre; then
		vm-wakeup 1
		( echo mem > /sys/power/state ) || status=1
	else
		status=1
	fi
	protkey sleep post || return
	return "$status"
}
before=$(cli_written)
check "pre" protkey sleep pre
is "the domain is locked, its volume suspended" "$(state) $(suspended)" "locked Suspended"
for group in system.slice/{ledger,idle}.service user.slice/user-0.slice/session-1.scope; do
	check "stopped: $group" frozen "$group"
done
check_not "not stopped: what PID 1 speaks through" frozen system.slice/dbus.service
is "the kernel does not sync" "$(cat $SYNC)" 0
check "post, without a sleep" protkey sleep post
is "the kernel syncs again" "$(cat $SYNC)" 1
check "the ledger stays stopped" frozen system.slice/ledger.service
check_not "a service that does not use the volume goes on" frozen system.slice/idle.service
check_not "a login goes on" frozen user.slice/user-0.slice/session-1.scope
check "who was stopped by others stays so" frozen system.slice/paused.service
check "unlock" cli_unlock books
check_not "the ledger is let go" frozen system.slice/ledger.service
check "and goes on" cli_goes_on "$before"
check_not "no list is left" [ -e /run/protkey/frozen ]

# two sleeps with one unlock in each third cycle
slept=0 waited=0 went=0 cycles=0
while [ $cycles -lt $CYCLES ]; do
	cycles=$((cycles + 1))
	ktap_run go_to_sleep
	# shellcheck disable=SC2154 # set by lib.sh
	if [ "$ktap_status" = 0 ]; then slept=$((slept + 1)); else diag "$ktap_output"; fi
	if [ $((cycles % 3)) = 0 ]; then
		ktap_run go_to_sleep
		[ "$ktap_status" = 0 ] || fail "a second sleep" "$ktap_output"
	fi
	before=$(cli_written)
	frozen system.slice/ledger.service && [ "$(state)" = locked ] && waited=$((waited + 1))
	cli_unlock books > "$TMP/unlock" 2>&1 || diag "$(cat "$TMP/unlock")"
	sleep 0.$((RANDOM % 10))
	cli_goes_on "$before" && went=$((went + 1))
done
is "slept each time, also twice before an unlock" "$slept" $CYCLES
is "the writer was stopped until the unlock" "$waited" $CYCLES
is "and went on each time" "$went" $CYCLES
is "the kernel did sleep" "$(dmesg | grep -c 'Waking up from system sleep state S3')" \
	$((CYCLES + CYCLES / 3))

# ---- a second sleep, when somebody waits for the volume

check "it sleeps" go_to_sleep
touch "$TMP/look"
sleep 2
expect_err 'session-1.scope waits for a device.*protkey domain unlock' \
	"refused: a login that waits for the suspended volume" go_to_sleep
check "the ledger is still stopped" frozen system.slice/ledger.service
check_not "the login is not" frozen user.slice/user-0.slice/session-1.scope
check "unlock" cli_unlock books
for _ in {1..50}; do [ -e "$TMP/look" ] || break; sleep 0.2; done
check_not "the login got what it waited for" [ -e "$TMP/look" ]
check "then the machine sleeps" go_to_sleep
check "and unlocks" cli_unlock books

# ---- nothing is lost

touch "$TMP/end"
for _ in {1..300}; do [ -e "$TMP/ended" ] && break; sleep 0.2; done
check "the writer went on to its end" [ -e "$TMP/ended" ]
check_not "no write failed" cat "$TMP/failed"
diag "$(tail -n 1 "$TMP/log")"
expect_out '"mismatches":0,' "every block and state is as it was written" \
	pk-ledger verify --dir "$TMP/mnt/ledger" --json
diag "$ktap_output"
check_not "no I/O error" sh -c "dmesg | grep -E 'I/O error|EXT4-fs error|JBD2'"
is "no mismatch in the vault" "$(vault mismatches) $(vault losses)" "0 0"
finish
