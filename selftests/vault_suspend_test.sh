#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=vault where=vm timeout=180 vm="--smp 2 --mem 768 --ram-root"
#
# Suspend to RAM (S3), which zeroes the debug registers: refused while an
# unlocked domain has open volumes; afterwards there is a new wrapping key, and
# everything waits for unlock.

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_protkey.sh
. "$(dirname "$0")/lib_protkey.sh"

# S3, and back after two seconds
suspend()
{
	vm-wakeup 2 || return
	# in a shell of its own, which prints the error of the write
	( echo mem > /sys/power/state )
}

open_volume()
{
	dmsetup create v --table \
		"0 8192 crypt paes-xts-plain64 $(hex "$TMP/key.blob") 0 $loop 0"
}

checksum() { sha256sum < /dev/mapper/v; }

need_vm
grep -qw mem /sys/power/state || skip_all "this kernel has no suspend to RAM"
grep -q deep /sys/power/mem_sleep || skip_all "this machine has no S3"
echo deep > /sys/power/mem_sleep
# shellcheck disable=SC2119 # it needs no parameters
load_protkey
modprobe -a loop dm_crypt || skip_all "no loop or dm-crypt"
head -c 4194304 /dev/urandom > "$TMP/disk"
loop=$(losetup --show -f "$TMP/disk")
new_domain d
new_key d
must open_volume
before=$(checksum)

# ---- with an open volume ---------------------------------------------------------

epoch=$(vault epoch)
expect_err 'busy' "suspend is refused while a volume is open" suspend
expect_out 'protkey: suspend refused' "... with advice in the log" dmesg
is "nothing was locked by that" "$(vault epoch) $(domain d state)" "$epoch 2"
is "the volume still works" "$(checksum)" "$before"

# ---- without ---------------------------------------------------------------------

must dmsetup remove --retry v
check "suspend and resume" suspend
expect_out 'PM: suspend exit' "... it did sleep" dmesg
is "both CPUs hold the half of a new wrapping key" \
	"$(vault cpus_ready) $(( $(vault epoch) > epoch ))" "2 1"
is "the domain is locked" "$(domain d state)" 3
expect_err ENOKEY "its keys cannot be set" pk-keytool set-key "$TMP/key.blob"
check "unlock" unlock_domain d
must open_volume
is "the volume opens with the same content" "$(checksum)" "$before"

# ---- as the sleep hook does it: volume suspended, domain locked ----------------------

must dmsetup suspend v
check "lock under a suspended volume" pk-keytool domain-lock d force
check "suspend and resume with the volume open" suspend
check "unlock again" unlock_domain d
must dmsetup resume v
is "the volume goes on with the same content" "$(checksum)" "$before"
is "nothing of it counted as tamper" "$(vault mismatches) $(vault losses)" "0 0"
must dmsetup remove --retry v
finish
