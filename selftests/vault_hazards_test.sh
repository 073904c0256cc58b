#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=vault where=vm timeout=500 vm="--smp 2 --mem 768"
#
# The debug registers are taken from everybody else, and nothing prints them.
# Each claim is first shown to be false without protkey.

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_protkey.sh
. "$(dirname "$0")/lib_protkey.sh"

need_vm
need_cmd gdb
# shellcheck disable=SC2119 # it needs no parameters
load_test_module || skip_all "no protkey_test.ko"

breakpoints_given() { pk-breakpoint | grep -c ' 0$'; }
breakpoints_refused() { pk-breakpoint | grep -c ' ENOSPC$'; }
breakpoints_tried() { pk-breakpoint | wc -l; }

watch_by_gdb()
{
	gdb -nx -batch -ex 'set debuginfod enabled off' -ex 'break main' -ex run \
		-ex 'watch target' -ex continue "$(command -v pk-breakpoint)" 2>&1
}

# Registers that an interrupt or NMI found are printed in full only if they are
# the kernel's: keep it busy on every CPU.
busy_start()
{
	local cpu
	busy=()
	for cpu in 0 1; do
		taskset -c "$cpu" dd if=/dev/zero of=/dev/null bs=16M 2> /dev/null &
		busy+=($!)
	done
	sleep 0.5
}

busy_stop()
{
	kill "${busy[@]}"
	wait
}

# every way of sysrq that shows registers or stacks of CPUs and tasks
press_sysrq()
{
	local key
	busy_start
	for key in p l; do
		echo "$key" > /proc/sysrq-trigger
	done
	busy_stop
}

tail_of_log() { dmesg | tail -n 5; }

# By a key press: then sysrq-p has the registers that the interrupt found. Four
# times, since an interrupt now and then finds a program in user space, of which
# sysrq-p shows no debug registers; a slow emulator also loses a key now and then.
press_sysrq_p_on_keyboard()
{
	local before press i
	busy_start
	for press in 1 2 3 4; do
		before=$(shown_regs)
		vm-qmp send-key '{"keys":[{"type":"qcode","data":"alt"},{"type":"qcode","data":"sysrq"},{"type":"qcode","data":"p"}]}'
		for ((i = 0; i < 50 && $(shown_regs) == before; i++)); do
			sleep 0.1
		done
		[ "$(shown_regs)" != "$before" ] || echo "no reaction to key press $press"
	done
	# the rest of what it prints
	sleep 0.5
	busy_stop
}

shown_regs() { dmesg | grep -c 'sysrq: Show Regs'; }

have_keyboard()
{
	modprobe -q i8042
	modprobe -q atkbd
	sleep 1
	grep -q sysrq /proc/bus/input/devices
}

oops_in_thread()
{
	local i
	provoke oops
	# it happens in a thread, and a debug kernel takes its time to print it
	for ((i = 0; i < 50; i++)); do
		! dmesg | grep -q 'end trace' || break
		sleep 0.2
	done
}

# the second: a debug kernel's words
oops='NULL pointer|Oops: general protection fault.*KASAN'

# prints_registers NAME yes|no MARK COMMAND...: MARK shows that it did happen
prints_registers()
{
	local name=$1 wanted=$2 mark=$3 got=no i
	shift 3
	log_of "$@" > "$TMP/log"
	# a busy machine takes its time to print what must be there
	for ((i = 0; i < 100; i++)); do
		[ "$wanted" = yes ] || break
		! grep -q 'DR[0-3]: ' "$TMP/log" || break
		sleep 0.1
		dmesg > "$TMP/log"
	done
	! grep -q 'DR[0-3]: ' "$TMP/log" || got=yes
	if ! grep -qE "$mark" "$TMP/log"; then
		fail "$name" "the log has no '$mark'"
	elif [ $got = "$wanted" ]; then
		pass "$name"
	else
		fail "$name" "$(grep -E -B8 'DR[0-3]: ' "$TMP/log" | head -40)"
	fi
}

expect_splat_begin
cleanup_add expect_splat_end
echo 1 > /proc/sys/kernel/sysrq

# ---- without protkey ---------------------------------------------------------

is "control: every breakpoint is given" "$(breakpoints_given)" "$(breakpoints_tried)"
expect_out '^Hardware watchpoint 2: target' "control: gdb gets a hardware watchpoint" \
	watch_by_gdb
echo "all 0xdead0001beef" > "$PKT/dr_write"
prints_registers "control: WARN prints debug registers" yes 'warning on purpose' provoke warn
check "control: it prints their values" grep -q 'DR0: 0000dead0001beef' "$TMP/log"
prints_registers "control: an oops prints them" yes "$oops" oops_in_thread
prints_registers "control: sysrq-l prints them" yes 'NMI backtrace' press_sysrq
if have_keyboard; then
	prints_registers "control: sysrq-p prints them" yes 'sysrq: Show Regs' \
		press_sysrq_p_on_keyboard
fi
echo "all 0" > "$PKT/dr_write"

# ---- a slot is taken ---------------------------------------------------------

echo hold > "$PKT/slot"
check_not "a held breakpoint slot makes the load fail" \
	ktap_insmod "$PK_MODDIR/protkey.ko"
expect_out 'protkey: a debug register is in use .*then load again' \
	"... with advice in the log" tail_of_log
check_not "... and the registers stay empty" grep -q ' 1$' "$PKT/dr_nonzero"
echo release > "$PKT/slot"

# shellcheck disable=SC2119
load_protkey
pass "load after the slot was released"

# ---- with protkey ------------------------------------------------------------

check_not "every CPU has its half" grep -q ' 0$' $PKT/dr_nonzero
is "all CPUs have the same half" "$(cat "$PKT/dr_equal")" 1
is "ptrace and perf get ENOSPC" "$(breakpoints_refused)" "$(breakpoints_tried)"
expect_err 'No space left on device' "gdb gets no hardware watchpoint" watch_by_gdb

# all_quiet WHEN
all_quiet()
{
	prints_registers "WARN prints no debug registers$1" no 'warning on purpose' provoke warn
	prints_registers "an oops prints none$1" no "$oops" oops_in_thread
	prints_registers "sysrq prints none$1" no 'NMI backtrace' press_sysrq
}

all_quiet ""
if have_keyboard; then
	prints_registers "sysrq-p prints none" no 'sysrq: Show Regs' press_sysrq_p_on_keyboard
else
	skip "sysrq-p prints none" "this kernel has no driver for the keyboard"
fi

check "kprobes can be switched off" sh -c 'echo 0 > /sys/kernel/debug/kprobes/enabled'
expect_err 'busy' "ftrace cannot be switched off" \
	bash -c 'echo 0 > /proc/sys/kernel/ftrace_enabled'
is "ftrace is on" "$(cat /proc/sys/kernel/ftrace_enabled)" 1
cd /sys/kernel/tracing || finish
echo > set_ftrace_filter
echo __show_regs > set_ftrace_notrace
echo nop > current_tracer
echo 0 > tracing_on
cd / || finish
all_quiet ", with kprobes and tracing off"

is "all CPUs still have the same half" "$(cat "$PKT/dr_equal")" 1
is "nothing of it counted as tamper" "$(vault mismatches)" 0

# ---- after protkey -----------------------------------------------------------

check "unload" rmmod protkey
check_not "no CPU keeps its half" grep -q ' 1$' $PKT/dr_nonzero
is "breakpoints are given again" "$(breakpoints_given)" "$(breakpoints_tried)"
finish
