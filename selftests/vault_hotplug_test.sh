#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=vault where=vm timeout=240 vm="--smp 2 --mem 768 --append maxcpus=1"
#
# CPUs that come and go. The machine starts with one; the test module works on
# the second before protkey's own hotplug callback has run there.

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_protkey.sh
. "$(dirname "$0")/lib_protkey.sh"

cpu1=/sys/devices/system/cpu/cpu1/online

# cpu1_under_online_requests 0|1: switch, with requests from the callback
cpu1_under_online_requests()
{
	echo "online seconds=5" > "$PKT/cipher_run" &
	until grep -q Y "$PKT/cipher_armed"; do
		kill -0 $! || return
		sleep 0.1
	done
	echo "$1" > "$cpu1"
	wait $!
}

cycle_cpu1()
{
	local i
	for ((i = 0; i < 8; i++)); do
		echo 0 > "$cpu1"
		sleep 0.2
		echo 1 > "$cpu1"
		sleep 0.2
	done
}

load_both
[ "$(cat $cpu1)" = 0 ] || skip_all "the second CPU is online already"
new_domain d
new_key d

is "one CPU holds its half" "$(vault cpus_ready)" 1
check "first time online, with requests at once" cpu1_under_online_requests 1
is "the requests came before the half" "$(( $(result online_batches) > 0 && $(result queued) > 0 ))" 1
is "all of them succeeded" "$(result online_batches) $(result ok)" "1 8"
is "both CPUs hold their half" "$(vault cpus_ready)" 2
is "it is the same" "$(cat "$PKT/dr_equal")" 1
is "no mismatch was counted" "$(vault mismatches)" 0

check "offline, with requests to the end" cpu1_under_online_requests 0
is "all of them succeeded" "$(result online_batches) $(result ok)" "1 8"
is "one CPU is left" "$(vault cpus_ready)" 1
check "online again, with requests at once" cpu1_under_online_requests 1

cipher_run storm requests=0 seconds=8 min=512 max=4096 errors=0 > "$TMP/storm" 2>&1 &
storm=$!
check "eight times offline and online under load" cycle_cpu1
wait $storm
is "no request failed" $? 0
diag "$(tr '\n' ' ' < "$TMP/storm")"
is "no mismatch was counted" "$(vault mismatches)" 0
is "nothing was lost" "$(vault losses)" 0
is "both CPUs hold their half again" "$(vault cpus_ready) $(cat "$PKT/dr_equal")" "2 1"
finish
