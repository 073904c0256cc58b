#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=vault where=vm timeout=240 vm="--smp 2 --mem 768"
#
# KVM beside protkey: a guest that uses debug registers overwrites the host's.
# That is repaired and never becomes wrong output.

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_protkey.sh
. "$(dirname "$0")/lib_protkey.sh"

guest_on_cpu1() { taskset -c 1 pk-kvmdr "$1"; }

need_vm
# shellcheck disable=SC2119 # it needs no parameters
load_test_module || skip_all "no protkey_test.ko"
modprobe kvm_amd 2> "$TMP/modprobe" || skip_all "no kvm_amd: $(cat "$TMP/modprobe")"

# ---- control: KVM does overwrite them ----------------------------------------------

echo "all 0xdead0001beef" > "$PKT/dr_write"
expect_out '^exits=20' "a guest runs" guest_on_cpu1 20
is "control: it overwrote the registers of its CPU" "$(cat "$PKT/dr_equal")" 0
echo "all 0" > "$PKT/dr_write"

# ---- loaded before protkey, or after -------------------------------------------------

check_not "strict_kvm=1 refuses to load beside KVM" \
	ktap_insmod "$PK_MODDIR/protkey.ko" strict_kvm=1
must rmmod kvm_amd
must ktap_insmod "$PK_MODDIR/protkey.ko" strict_kvm=1
check_not "strict_kvm=1 refuses KVM" modprobe kvm_amd
must rmmod protkey

# shellcheck disable=SC2119
load_protkey
is "without KVM the status does not show it" "$(vault kvm)" 0
must modprobe kvm_amd
is "with KVM it does" "$(vault kvm)" 1
new_domain d
new_key d

# ---- a guest under load --------------------------------------------------------------

# One guest all the time: each new one patches the scheduler's code, which
# QEMU 7.2's emulation does not always survive (int3 oops in __schedule).
taskset -c 1 pk-kvmdr 100000000 &
guest=$!
check "no wrong output beside a guest" cipher_run storm requests=0 seconds=8 min=512 max=4096
check "the guest was running all the time" kill -0 $guest
kill $guest
wait $guest
diag "mismatches $(vault mismatches), repairs $(vault repairs);" \
	"$(tr '\n' ' ' < "$PKT/cipher_result")"
is "the overwritten registers were noticed" "$(( $(vault mismatches) > 0 ))" 1
is "and repaired" "$(( $(vault repairs) > 0 ))" 1
is "the other CPU kept its half" "$(vault losses)" 0
# A run on all CPUs may be done before the guest's CPU had a request at all.
check "all is right afterwards" cipher_run diff requests=500
check "on the guest's CPU too" cipher_run diff requests=100 threads=1 cpu=1
is "whose registers are repaired" "$(cat "$PKT/dr_equal")" 1
finish
