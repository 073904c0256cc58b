#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=vm kernels=6.12 timeout=120 vm="--mem 768 --tpm"
# `protkey fw host` on a real kernel: what it says changes with the machine, and
# `protkey status` says the same.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_vm
need_cmd protkey jq cryptsetup mkswap

export DM_DISABLE_UDEV=1
# look: all checks at once, then states[NAME]
declare -A states
look()
{
	local name state
	states=()
	while read -r name state; do
		states[$name]=$state
	done < <(protkey fw host --json | jq -r 'to_entries[] | "\(.key) \(.value.state)"')
}

crypt_open()
{
	head -c 32 /dev/urandom > "$TMP/key"
	cryptsetup -q open --type plain --cipher aes-xts-plain64 --key-size 256 \
		--key-file "$TMP/key" "$1" "$2" && cleanup_add cryptsetup close "$2"
}

# swap_is STATE NAME WHERE: with swap there, and nowhere else
swap_is()
{
	chmod 600 "$3"
	mkswap "$3" > /dev/null 2>&1
	swapon "$3" || { fail "$2" "swapon failed"; return; }
	look
	is "$2" "${states[swap]}" "$1"
	is "$2: hibernation" "${states[hibernation]}" \
		"$(grep -q '\[disabled\]' /sys/power/disk && echo ok || echo "$1")"
	swapoff "$3"
}

# ---- as it boots
expect_status 20 "a VM without Secure Boot is not all good" protkey fw host
expect_out 'guest' "one check tells what to do" sh -c 'protkey fw host hypervisor; [ $? = 20 ]'
expect_status 5 "an unknown check" protkey fw host nonsense
look
is "hypervisor" "${states[hypervisor]}" bad
is "Secure Boot" "${states[secure_boot]}" bad
is "Secure Boot's keys without UEFI" "${states[secure_boot_keys]}" "not applicable"
is "TPM 2.0" "${states[tpm]}" ok
is "PCRs" "${states[pcrs]}" ok
is "IOMMU" "${states[iommu]}" bad
is "no colour where there is no terminal" \
	"$(protkey fw host | tr -d -c '\033' | wc -c)" 0

# ---- swap
modprobe -a loop dm-crypt
is "no swap" "${states[swap]}" ok
is "KVM, not loaded" "${states[kvm]}" ok
truncate -s 33M "$TMP/disk"
disk=$(losetup -f --show "$TMP/disk")
cleanup_add losetup -d "$disk"
swap_is bad "swap on a plain device" "$disk"
crypt_open "$disk" secret
swap_is ok "swap on dm-crypt" /dev/mapper/secret

# ---- what root can change
kvm=''
! modprobe kvm_amd 2> /dev/null || kvm=1
sysctl -qw kernel.perf_event_paranoid=1
look
is "perf, open" "${states[perf]}" bad
if [ "$kvm" ]; then
	is "KVM, loaded" "${states[kvm]}" bad
	modprobe -r kvm_amd
else
	skip "KVM, loaded" "no kvm_amd"
fi
sysctl -qw kernel.perf_event_paranoid=3

# ---- status shows the same facts
# shellcheck disable=SC2119 # it needs no parameters
load_protkey
protkey fw host --json > "$TMP/host"
look
is "perf, closed" "${states[perf]}" ok
protkey status --json > "$TMP/status"
is "status has every check" "$(jq -cS 'map_values(.state)' "$TMP/host")" \
	"$(jq -cS '.machine | del(.root_stopped, .why) | map_values(.state)' "$TMP/status")"
is "status: an active root is not stopped" "$(jq .machine.root_stopped "$TMP/status")" false
expect_out 'root is stopped: NO, because without Secure Boot' "status says why" protkey status
expect_out '^  - Secure Boot' "status shows the main checks" protkey status
expect_out 'see .protkey fw host' "status says where there is more" protkey status
is "an unsigned module" "${states[taint]}" bad

# ---- lockdown, which is never taken back
is "lockdown: none" "${states[lockdown]}" bad
is "lockdown: none: modules" "${states[module_signatures]}" bad
is "lockdown: none: kexec" "${states[kexec]}" bad
echo integrity > /sys/kernel/security/lockdown
expect_out 'still read' "lockdown: integrity is not enough" \
	sh -c 'protkey fw host lockdown; [ $? = 20 ]'
look
is "lockdown: integrity: modules" "${states[module_signatures]}" ok
is "lockdown: integrity: kexec" "${states[kexec]}" ok
echo confidentiality > /sys/kernel/security/lockdown
expect_out '^[+].*confidentiality' "lockdown: confidentiality is good, and status 0" protkey fw host lockdown
finish
