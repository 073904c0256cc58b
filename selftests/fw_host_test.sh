#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=host timeout=400
# The host checks on trees that stand for machines: each in each of its states,
# and every file missing, empty, garbage, a folder, unreadable: never good.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd gcc setpriv

GLOBAL=8be4df61-93ca-11d2-aa0d-00e098032b8c
SECURITY=d719b2cb-3d3a-4596-a3bc-dad00e67656f
EFI=sys/firmware/efi/efivars
PCI=sys/bus/pci/devices
PSP=$PCI/0000:22:00.2
BUGS=sys/devices/system/cpu/vulnerabilities
TREES=$(mktemp -d -p /dev/shm)	# hundreds of copies
cleanup_add rm -rf "$TREES"
GOOD=$TREES/good
T=$TREES/tree
FW=$PK_TOP/userspace/fw

# ---- a machine in files

# put PATH TEXT...: lines of a file
put()
{
	mkdir -p "$T/$(dirname "$1")"
	printf '%s\n' "${@:2}" > "$T/$1"
}

# bin PATH ESCAPES
bin()
{
	mkdir -p "$T/$(dirname "$1")"
	printf '%b' "$2" > "$T/$1"
}

# disk NAME [UUID]: a block device, of device-mapper if it has a UUID
disk()
{
	mkdir -p "$T/sys/class/block/$1/slaves"
	[ $# = 1 ] || put "sys/class/block/$1/dm/uuid" "$2"
	[ $# = 1 ] || put "sys/class/block/$1/dm/name" "name-$1"
}

# over UPPER LOWER...: UPPER is made of these
over()
{
	local lower
	for lower in "${@:2}"; do
		mkdir -p "$T/sys/class/block/$1/slaves/$lower"
	done
}

# swap NAME TYPE...
swap()
{
	local lines=()
	while [ $# -gt 0 ]; do
		lines+=("$1 $2 1048572 0 -2")
		shift 2
	done
	put proc/swaps "Filename Type Size Used Priority" "${lines[@]}"
}

# flags WORD...: of the CPU
flags() { put proc/cpuinfo "processor	: 0" "vendor_id	: any" "flags		: fpu aes $*" "bugs		:" ""; }

# keys PATH TEXT: a variable with one signature list of one certificate
keys()
{
	local size=$((16 + ${#2}))
	bin "$1" "\\x27\\0\\0\\0$(printf 'g%.0s' {1..16})$(le32 $((28 + size)))\\0\\0\\0\\0$(le32 $size)$(printf 'o%.0s' {1..16})$2"
}

le32() { printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24)); }

# acpi NAME BYTE36 BYTE37
acpi() { bin "sys/firmware/acpi/tables/$1" "$1$(le32 48)$(printf 'a%.0s' {1..28})\\x$2\\x$3$(printf 'z%.0s' {1..10})"; }

# config DEVICE CLASS [BIOS_CONTROL]: PCI configuration space; 64 bytes without
config()
{
	bin "$PCI/$1/config" "\\x86\\x80\\x24\\xa3\\0\\0\\0\\0\\0\\0$2$(printf '\\0%.0s' {1..52})"
	[ $# = 2 ] || bin "$PCI/$1/config" "\\x86\\x80\\x24\\xa3\\0\\0\\0\\0\\0\\0$2$(printf '\\0%.0s' {1..208})$3$(printf '\\0%.0s' {1..35})"
}

# msr NUMBER BYTES
msr()
{
	mkdir -p "$T/dev/cpu/0"
	printf '%b' "$2" | dd of="$T/dev/cpu/0/msr" bs=1 seek="$(($1))" conv=notrunc status=none
}

good_machine()
{
	local i cpu
	T=$GOOD
	flags sme
	mkdir -p "$T/sys/module" "$T/sys/bus/thunderbolt/devices" "$T/sys/class"
	put sys/class/tpm/tpm0/tpm_version_major 2
	for i in 0 1 2 3 4 5 6 7; do
		put sys/class/tpm/tpm0/pcr-sha256/$i "$(printf '%064X' $((i + 1)))"
	done
	bin $EFI/SecureBoot-$GLOBAL '\x06\0\0\0\x01'
	bin $EFI/SetupMode-$GLOBAL '\x06\0\0\0\0'
	keys $EFI/PK-$GLOBAL "Maker of Machines"
	keys $EFI/KEK-$GLOBAL "Maker of Machines"
	keys $EFI/db-$SECURITY "Maker of Systems"
	keys $EFI/dbx-$SECURITY "0123456789abcdef"
	put $PSP/rom_armor_enforced 1
	put $PSP/anti_rollback_status 1
	put $PSP/debug_lock_on 1
	put $PSP/fused_part 1
	put $PSP/tsme_status 1
	put sys/kernel/security/lockdown "none integrity [confidentiality]"
	put sys/module/module/parameters/sig_enforce Y
	put proc/sys/kernel/modules_disabled 0
	put proc/sys/kernel/tainted 4096
	put proc/sys/kernel/kexec_load_disabled 1
	put proc/sys/kernel/perf_event_paranoid 3
	put proc/sys/kernel/osrelease 6.1.0-50-amd64
	put sys/kernel/iommu_groups/0/type DMA-FQ
	acpi DMAR 2e 05
	put sys/bus/thunderbolt/devices/domain0/iommu_dma_protection 1
	put proc/cmdline "ro quiet init_on_free=1"
	put boot/config-6.1.0-50-amd64 "#" "# CONFIG_INIT_ON_FREE_DEFAULT_ON is not set"
	disk dm-0 CRYPT-PLAIN-swap
	swap /dev/dm-0 partition
	put sys/power/disk "[platform] shutdown reboot"
	for cpu in 0 1; do
		put sys/devices/system/cpu/cpu$cpu/microcode/version 0xa0011d1
	done
	put $BUGS/mds "Not affected"
	put $BUGS/spectre_v2 "Mitigation: Retpolines"
	put $BUGS/itlb_multihit "KVM: Mitigation: VMX disabled"
	put proc/self/mountinfo "22 1 8:1 / / rw - ext4 /dev/sda1 rw"
	T=$TREES/tree
}

# ---- questions

chmod 755 "$TMP" "$TREES"
build()
{
	gcc -std=gnu11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Werror "${@:2}" \
		-o "$TMP/$1" "$PK_TOP/userspace/tests/fw_host.c" "$FW"/host*.c
}
check "build" build fw_host
check "build, with sanitizers" build strict "-fsanitize=address,undefined" \
	-fno-sanitize-recover=all
FW_HOST=$TMP/fw_host

# again: the good machine
again()
{
	rm -rf "$T"
	cp -a "$GOOD" "$T"
}

# says CHECK STATE [PATTERN]: in $got what it said
says()
{
	got=$("$FW_HOST" "$T" "$1" 2>&1) &&
		[[ $got == "$1"$'\t'"$2"$'\t'* && $got =~ ${3:-} ]]
}

# want CHECK STATE PATTERN SITUATION: one result, and the good machine again
want()
{
	if says "$1" "$2" "$3"; then
		pass "$1: $4: $2"
	else
		fail "$1: $4: $2" "$got, wanted: $2 '$3'"
	fi
	again
}

good_machine
again
"$TMP/fw_host" "$T" > "$TMP/all"
is "a good machine: nothing but good" "$(cut -f 2 "$TMP/all" | sort | uniq -c | tr -s ' ')" \
	" $(($(wc -l < "$TMP/all") - 1)) ok
 1 stopped"
rm -rf "$T"
mkdir "$T"
is "an empty tree: nothing is good" "$("$TMP/fw_host" "$T" | cut -f 2 | sort -u | xargs)" \
	"free unknown"
again

# ---- hypervisor, KVM
flags hypervisor; want hypervisor bad "host's RAM" "a guest"
mkdir "$T/sys/module/kvm_amd"; want kvm bad kvm_amd "KVM for AMD"
mkdir "$T/sys/module/kvm_intel"; want kvm bad kvm_intel "KVM for Intel"
mkdir "$T/sys/module/vboxdrv"; want kvm bad vboxdrv "VirtualBox"
mkdir "$T/sys/module/kvm"; want kvm ok "not loaded" "its common half alone"

# ---- TPM
rm -r "$T/sys/class/tpm"; want tpm bad none "no driver"
rm -r "$T/sys/class/tpm"; want pcrs "not applicable" "no TPM" "no TPM"
rm -r "$T/sys/class/tpm/tpm0"; want tpm bad none "no TPM"
put sys/class/tpm/tpm0/tpm_version_major 1; want tpm bad 1.2 "an old one"
put sys/class/tpm/tpm0/tpm_version_major 3; want tpm unknown "" "one of the future"
put sys/class/tpm/tpm0/pcr-sha256/7 "$(printf '%064d' 0)"
want pcrs bad "PCR 7 of bank sha256" "one was never extended"
put sys/class/tpm/tpm0/pcr-sha1/0 "$(printf 'F%.0s' {1..40})"
want pcrs bad "PCR 0 of bank sha1" "a bank that the firmware leaves out"
rm -r "$T/sys/class/tpm/tpm0/pcr-sha256"; want pcrs unknown "shows no PCR" "an old kernel"
put sys/class/tpm/tpm0/pcr-sha256/3 "not hex"; want pcrs unknown "" "no hex"

# ---- Secure Boot
rm -r "$T/sys/firmware/efi"; want secure_boot bad "not booted by UEFI" "a BIOS"
for name in setup_mode secure_boot_keys dbx; do
	rm -r "$T/sys/firmware/efi"; want $name "not applicable" "" "a BIOS"
	rm "$T/$EFI"/*; want $name unknown "efivarfs" "no efivarfs"
done
rm "$T/$EFI"/*; want secure_boot unknown "efivarfs" "no efivarfs"
rm "$T/$EFI/SecureBoot-$GLOBAL"; want secure_boot bad "has none" "an old firmware"
bin $EFI/SecureBoot-$GLOBAL '\x06\0\0\0\0'; want secure_boot bad off "off"
bin $EFI/SecureBoot-$GLOBAL '\x06\0\0\0\x02'; want secure_boot unknown "" "neither"
bin $EFI/MokSBStateRT-605dab50-e046-4300-abb6-3dd810dd8b23 '\x06\0\0\0\x01'
want secure_boot bad shim "shim checks nothing"
bin $EFI/SetupMode-$GLOBAL '\x06\0\0\0\x01'; want setup_mode bad "root can enrol" "on"
for key in PK-$GLOBAL KEK-$GLOBAL db-$SECURITY; do
	rm "$T/$EFI/$key"; want secure_boot_keys bad "there is no ${key%%-*}" "none"
	bin "$EFI/$key" '\x27\0\0\0'; want secure_boot_keys bad "there is no ${key%%-*}" "empty"
	keys "$EFI/$key" "CN=Do Not Trust - AMI Test PK"
	want secure_boot_keys bad "${key%%-*} has a test key" "DO NOT TRUST"
	keys "$EFI/$key" "CN=SnakeOil"; want secure_boot_keys bad SnakeOil "Debian's for tests"
done
rm "$T/$EFI/dbx-$SECURITY"; want dbx bad empty "none"
bin $EFI/dbx-$SECURITY '\x27\0\0\0'; want dbx bad empty "empty"

# ---- the board
for name in flash rollback debug preboot_dma microcode; do
	flags hypervisor; want $name "not applicable" "its host" "in a guest"
done
put sys/class/mtd/mtd0/type nor; put sys/class/mtd/mtd0/flags 0xc00
want flash bad MTD "its MTD device is writable"
put sys/class/mtd/mtd0/type nand; put sys/class/mtd/mtd0/flags 0xc00
want flash ok "" "another MTD device is writable"
put $PSP/rom_armor_enforced 0; want flash bad "root can write" "no ROM Armor"
put $PSP/rom_armor_enforced 7; want flash unknown "" "neither"
put $PCI/0000:a2:00.2/rom_armor_enforced 0; want flash bad "" "of two processors one has none"
intel() { rm -r "${T:?}/$PCI"; mkdir -p "$T/$PCI/0000:00:02.0"; }
spi='\x80\x0c'
intel; want flash unknown "does not show" "nothing to ask"
intel; config 0000:00:1f.5 "$spi" '\x22'; want flash ok BIOS_CONTROL "Intel, locked"
intel; config 0000:00:1f.5 "$spi" '\x23'; want flash bad BIOSWE "Intel, open"
intel; config 0000:00:1f.5 "$spi" '\x20'; want flash bad BLE "Intel, not locked"
intel; config 0000:00:1f.5 "$spi" '\x02'; want flash bad SMM_BWP "Intel, a race"
intel; config 0000:00:1f.5 "$spi" '\xff'; want flash unknown "" "Intel, a device that hides"
intel; config 0000:00:1f.5 "$spi"; want flash unknown root "Intel, not as root"
intel; config 0000:00:1f.5 '\x80\x01' '\x22'; want flash unknown "" "another device there"
intel; config 0000:00:1f.0 '\x01\x06' '\x22'; want flash ok "" "an older Intel, locked"
intel; put $PCI/0000:00:1f.5/intel_spi_bios_locked 0; want flash bad intel_spi "Intel's driver: open"
put $PSP/anti_rollback_status 0; want rollback bad "accepted" "none"
rm "$T/$PSP/anti_rollback_status"; want rollback unknown "" "not shown"
put $PSP/debug_lock_on 0; want debug bad "not locked" "AMD, unlocked"
put $PSP/fused_part 0; want debug bad fused "AMD, not a production part"
intel; want debug unknown "does not show" "not shown"
intel; flags sdbg; want debug unknown msr "Intel, no msr module"
intel; flags sdbg; msr 0xc80 '\0\0\0\x40\0\0\0\0'; want debug ok locked "Intel, locked"
intel; flags sdbg; msr 0xc80 '\x01\0\0\x40\0\0\0\0'; want debug bad enabled "Intel, enabled"
intel; flags sdbg; msr 0xc80 '\0\0\0\0\0\0\0\0'; want debug bad "not locked" "Intel, not locked"
intel; flags sdbg; msr 0xc80 '\0\0\0\xc0\0\0\0\0'; want debug bad "was debugged" "Intel, was used"
intel; flags sdbg; msr 0xc80 '\0\0'; want debug unknown "" "Intel, half an MSR"

# ---- root
put sys/kernel/security/lockdown "none [integrity] confidentiality"
want lockdown bad "still read" "integrity"
put sys/kernel/security/lockdown "[none] integrity confidentiality"; want lockdown bad none "none"
put sys/kernel/security/lockdown "[unheard] of"; want lockdown unknown "" "a word of the future"
rm "$T/sys/kernel/security/lockdown"; want lockdown unknown "" "no securityfs"
rm "$T/sys/kernel/security/lockdown"; put sys/kernel/security/lsm capability
want lockdown bad "not in this kernel" "not built"
bin sys/kernel/security/lockdown 'none [confidentiality]\0'; want lockdown unknown "" "a NUL in it"
unlock() { put sys/kernel/security/lockdown "[none] integrity confidentiality"; }
put sys/module/module/parameters/sig_enforce N; want module_signatures ok lockdown "by lockdown"
unlock; want module_signatures ok enforced "by parameter"
unlock; put sys/module/module/parameters/sig_enforce N
want module_signatures bad "not enforced" "not enforced"
unlock; rm "$T/sys/module/module/parameters/sig_enforce"
want module_signatures bad "not in this kernel" "not built"
unlock; put sys/module/module/parameters/sig_enforce N; put proc/sys/kernel/modules_disabled 1
want module_signatures ok "no module" "no more modules"
put proc/sys/kernel/tainted 12288; want taint bad unsigned "an unsigned module"
put proc/sys/kernel/tainted 2; want taint bad force "a forced module"
put proc/sys/kernel/tainted 0; want taint ok "" "none"
put proc/sys/kernel/tainted -8; want taint unknown "" "negative"
unlock; put proc/sys/kernel/kexec_load_disabled 0; want kexec bad "another kernel" "allowed"
put proc/sys/kernel/kexec_load_disabled 0; want kexec ok lockdown "signed only"
rm "$T/proc/sys/kernel/kexec_load_disabled"; want kexec "not applicable" "" "not built"
put proc/sys/kernel/perf_event_paranoid 1; want perf bad "may sample" "open"
put proc/sys/kernel/perf_event_paranoid -1; want perf bad "may sample" "wide open"
put proc/sys/kernel/perf_event_paranoid 2; want perf ok " 2" "closed"
rm "$T/proc/sys/kernel/perf_event_paranoid"; want perf "not applicable" "" "not built"

# ---- devices and modules that are taken out
rm -r "$T/sys/kernel/iommu_groups"; want iommu bad none "not built"
rm -r "$T/sys/kernel/iommu_groups/0"; want iommu bad none "no group"
put sys/kernel/iommu_groups/1/type identity; want iommu bad "1 of 2" "one group passes through"
put sys/kernel/iommu_groups/1/type novel; want iommu unknown "" "a type of the future"
mkdir "$T/sys/kernel/iommu_groups/1"; want iommu unknown "" "a group without type"
acpi DMAR 2e 01; want preboot_dma bad DMAR "Intel, not kept out"
rm "$T/sys/firmware/acpi/tables/DMAR"; want preboot_dma bad "knows of no" "no table"
rm -r "$T/sys/firmware/acpi"; want preboot_dma unknown "" "no ACPI"
amd_iommu() { rm "$T/sys/firmware/acpi/tables/DMAR"; acpi IVRS "$1" 00; }
amd_iommu 03; want preboot_dma ok IVRS "AMD"
amd_iommu 01; want preboot_dma bad IVRS "AMD, not kept out"
bin sys/firmware/acpi/tables/DMAR "$(printf 'x%.0s' {1..64})"; want preboot_dma unknown "" "another table"
put sys/bus/thunderbolt/devices/domain1/iommu_dma_protection 0; want thunderbolt bad "plugged" "one is open"
rm -r "$T/sys/bus/thunderbolt/devices/domain0"; want thunderbolt "not applicable" none "no port"
rm -r "$T/sys/bus/thunderbolt"; want thunderbolt "not applicable" none "no driver"
rm -r "$T/sys/bus/"; want thunderbolt unknown "" "no /sys/bus"

plain() { put $PSP/tsme_status 0; }
want memory_encryption ok TSME "AMD's TSME"
plain; want memory_encryption bad "neither" "AMD, off"
plain; put proc/cmdline "quiet mem_encrypt=on"; want memory_encryption ok SME "AMD's SME"
plain; put proc/cmdline "mem_encrypt=on mem_encrypt=off"; want memory_encryption bad "" "AMD's SME, off again"
rm "$T/$PSP/tsme_status"; want memory_encryption unknown "not shown" "AMD, not shown"
put $PSP/tsme_status 5; want memory_encryption unknown "" "AMD, neither"
flags; want memory_encryption bad none "a CPU without"
flags tme; want memory_encryption unknown msr "Intel, no msr module"
flags tme; msr 0x982 '\x03\0\0\0\0\0\0\0'; want memory_encryption ok TME "Intel's TME"
flags tme; msr 0x982 '\x01\0\0\0\0\0\0\0'; want memory_encryption bad "not enabled" "Intel, off"
flags tme; msr 0x982 '\x03\0\0\x80\0\0\0\0'; want memory_encryption bad bypass "Intel, bypassed"
flags hypervisor; want memory_encryption unknown guest "a guest"
flags hypervisor tdx_guest; want memory_encryption ok TDX "a TDX guest"
flags hypervisor; bin dev/sev-guest ''; want memory_encryption ok SEV-SNP "an SEV-SNP guest"
flags hypervisor sev sev_es sme; want memory_encryption unknown "" "a guest whose CPU could"

# ---- what is left behind
put proc/cmdline quiet; want init_on_free bad default "the default is off"
put proc/cmdline quiet; put boot/config-6.1.0-50-amd64 "#" CONFIG_INIT_ON_FREE_DEFAULT_ON=y
want init_on_free ok default "the default is on"
put proc/cmdline quiet; rm "$T"/boot/*; want init_on_free unknown "" "no configuration"
put proc/cmdline quiet; put proc/sys/kernel/osrelease ../../etc; want init_on_free unknown "" "a strange release"
put proc/cmdline "init_on_free=1 init_on_free=0"; want init_on_free bad "command line" "off again"
put proc/cmdline "init_on_free=on"; want init_on_free ok "" "on"
put proc/cmdline "init_on_free=maybe"; want init_on_free bad default "nonsense: the default holds"
put proc/cmdline "xinit_on_free=1"; want init_on_free bad default "another parameter"

swap; want swap ok none "none"
disk sda2; swap /dev/sda2 partition; want swap bad "/dev/sda2" "a partition"
disk sda2; swap /dev/dm-0 partition /dev/sda2 partition; want swap bad "/dev/sda2" "one of two is open"
swap /dev/gone partition; want swap unknown "/dev/gone" "a device that is not there"
disk dm-1 LVM-abc; over dm-1 dm-0; swap /dev/dm-1 partition; want swap ok encrypted "LVM on dm-crypt"
disk dm-1 LVM-abc; disk sda2; over dm-1 dm-0 sda2; swap /dev/dm-1 partition
want swap bad dm-1 "LVM on dm-crypt and a disk"
disk dm-1 LVM-abc; over dm-1 nowhere; swap /dev/dm-1 partition; want swap unknown "" "LVM on nothing known"
disk dm-1 LVM-abc; over dm-1 dm-1; swap /dev/dm-1 partition; want swap unknown "" "a volume on itself"
swap /dev/mapper/name-dm-0 partition; want swap ok encrypted "by its mapped name"
swap /dev/mapper/other partition; want swap unknown "" "a mapped name that is not there"
for kind in VERITY-x INTEGRITY-x SUBDEV-x CRYPTO; do
	disk dm-1 CRYPT-$kind; swap /dev/dm-1 partition; want swap bad dm-1 "CRYPT-$kind"
done
disk dm-1 CRYPT-LUKS2-abc-books; swap /dev/dm-1 partition; want swap ok "" "LUKS2"
md() { mkdir -p "$T/sys/devices/md0/md0p1" "$T/sys/devices/md0/slaves/$1"; put sys/devices/md0/md0p1/partition 1; ln -s ../../devices/md0/md0p1 "$T/sys/class/block/md0p1"; ln -s ../../devices/md0 "$T/sys/class/block/md0"; swap /dev/md0p1 partition; }
md dm-0; want swap ok "" "a partition of a RAID of dm-crypt"
disk sda2; md sda2; want swap bad md0p1 "a partition of a RAID of disks"
disk zram0; swap /dev/zram0 partition; want swap ok "" "zram"
disk zram0; put sys/class/block/zram0/backing_dev none; swap /dev/zram0 partition; want swap ok "" "zram, no backing"
disk zram0; put sys/class/block/zram0/backing_dev /dev/dm-0; swap /dev/zram0 partition
want swap ok "" "zram, backed by dm-crypt"
disk sda2; disk zram0; put sys/class/block/zram0/backing_dev /dev/sda2; swap /dev/zram0 partition
want swap bad zram0 "zram, backed by a disk"
disk zramdisk; disk cciss!c0d0p2; swap /dev/cciss/c0d0p2 partition; want swap bad cciss "a name with a slash"
on() { mkdir -p "$T/sys/dev/block"; ln -s ../../class/block/"$1" "$T/sys/dev/block/$2"; }
disk sda1; on sda1 8:1; swap /swapfile file; want swap bad /swapfile "a file on a disk"
on dm-0 8:1; swap /swapfile file; want swap ok "" "a file on dm-crypt"
swap /swapfile file; want swap unknown "" "a file on an unknown device"
disk sda1; on sda1 8:1; on dm-0 254:0
put proc/self/mountinfo "22 1 8:1 / / rw - ext4 /dev/sda1 rw" \
	"23 22 254:0 / /var/my\\040swap rw shared:1 - ext4 /dev/dm-0 rw"
swap '/var/my\040swap/file' file; want swap ok "" "a file below a mount with a space"
disk sda1; on sda1 8:1; on dm-0 254:0
put proc/self/mountinfo "22 1 8:1 / / rw - ext4 /dev/sda1 rw" "23 22 254:0 / /var/sw rw - ext4 /dev/dm-0 rw"
swap /var/swap file; want swap bad "" "a file beside a mount of a like name"
put proc/self/mountinfo "22 1 0:25 / / rw - btrfs /dev/dm-0 rw"; swap /swapfile file; want swap ok "" "a file on btrfs on dm-crypt"
put proc/self/mountinfo "22 1 0:25 / / rw - tmpfs tmpfs rw"; swap /swapfile file; want swap unknown "" "a file on no device"
put proc/self/mountinfo "nonsense"; swap /swapfile file; want swap unknown "" "no mounts"
put proc/swaps "Filename" "sda2 partition"; want swap unknown "" "no path"
put sys/power/disk "[disabled]"; disk sda2; swap /dev/sda2 partition; want hibernation ok disabled "disabled"
disk sda2; swap /dev/sda2 partition; want hibernation bad "not encrypted" "to a disk"
swap; want hibernation ok "none" "possible, no swap"
swap /dev/gone partition; want hibernation unknown "" "to the unknown"
rm "$T/sys/power/disk"; want hibernation "not applicable" "" "not built"

# ---- the CPU
put sys/devices/system/cpu/cpu1/microcode/version 0xa0011d0; want microcode bad "not the same" "CPUs differ"
put $BUGS/tsa "Vulnerable: Clear CPU buffers attempted, no microcode"; want microcode bad tsa "a mitigation lacks it"
put $BUGS/old_microcode Vulnerable; want microcode bad "too old" "the kernel knows it as old"
put $BUGS/old_microcode Unknown; want microcode unknown "cannot tell" "the kernel does not know"
put $BUGS/old_microcode "Not affected"; want microcode ok "" "the kernel knows it as new"
rm -r "$T"/sys/devices/system/cpu/cpu1/microcode; want microcode ok "" "a CPU is offline"
rm -r "$T"/sys/devices/system/cpu/cpu?/microcode; want microcode unknown "" "none is shown"
put $BUGS/gather_data_sampling "Vulnerable: No microcode"; want cpu_vulnerabilities bad gather "one"
put $BUGS/mmio "Mitigation: Clear CPU buffers; SMT vulnerable"; want cpu_vulnerabilities bad mmio "with SMT"
put $BUGS/l1tf "Mitigation: x; VMX: conditional; SMT Host state unknown"; want cpu_vulnerabilities unknown l1tf "the host knows"
put $BUGS/novel "Sort of"; want cpu_vulnerabilities unknown novel "words of the future"
put $BUGS/old_microcode Vulnerable; want cpu_vulnerabilities ok "all 3" "microcode is told apart"
rm "$T/$BUGS"/*; want cpu_vulnerabilities unknown "" "none is shown"

# ---- every file that a check needs: damaged in every way, it is not good
FW_HOST=$TMP/strict
while read -r name path; do
	again
	lengths=$("$FW_HOST" "$T" --damage "$name" "$path" 2>&1)
	is "$name: every bit flipped, cut off anywhere in ${path##*/}: no crash" \
		"$?, ${lengths//[ 0-9]/}" "0, "
	case $name in
	secure_boot_keys | dbx)
		is "$name: cut off anywhere in ${path%%-*}: not good" "$lengths" "" ;;
	preboot_dma)
		is "$name: cut off before its flags: not good" "${lengths%% 38*}" "" ;;
	esac
	wrong=''
	for damage in empty garbage folder cut; do
		again
		rm "$T/$path"
		case $damage in
		empty) : > "$T/$path" ;;
		garbage) head -c 5000 /dev/zero | tr '\0' '\233' > "$T/$path" ;;
		folder) mkdir "$T/$path" ;;
		cut) head -c 2 "$GOOD/$path" | tr '\n -~' '\1' > "$T/$path" ;;
		esac
		says "$name" unknown ||
			wrong+=" $damage: $got"
	done
	is "$name: damaged ${path##*/}: unknown" "$wrong" ""
	chmod 0 "$GOOD/$path"
	got=$(setpriv --reuid 65534 --clear-groups "$FW_HOST" "$GOOD" "$name" 2>&1)
	chmod 644 "$GOOD/$path"
	is "$name: unreadable ${path##*/}: unknown" "$(cut -f 2 <<< "$got")" unknown
done << END
hypervisor proc/cpuinfo
tpm sys/class/tpm/tpm0/tpm_version_major
pcrs sys/class/tpm/tpm0/pcr-sha256/5
secure_boot $EFI/SecureBoot-$GLOBAL
setup_mode $EFI/SetupMode-$GLOBAL
secure_boot_keys $EFI/PK-$GLOBAL
secure_boot_keys $EFI/db-$SECURITY
dbx $EFI/dbx-$SECURITY
flash $PSP/rom_armor_enforced
rollback $PSP/anti_rollback_status
debug $PSP/debug_lock_on
debug $PSP/fused_part
lockdown sys/kernel/security/lockdown
taint proc/sys/kernel/tainted
kexec proc/sys/kernel/kexec_load_disabled
perf proc/sys/kernel/perf_event_paranoid
iommu sys/kernel/iommu_groups/0/type
preboot_dma sys/firmware/acpi/tables/DMAR
thunderbolt sys/bus/thunderbolt/devices/domain0/iommu_dma_protection
swap proc/swaps
hibernation sys/power/disk
hibernation proc/swaps
microcode sys/devices/system/cpu/cpu1/microcode/version
cpu_vulnerabilities $BUGS/mds
END
again

swap '/swap\1' file; want swap unknown "" "half an escape"

# ---- what the checks are for is what the threat model speaks of
doc=$(tr -s ' \n' ' ' < "$PK_TOP/Documentation/threat-model.md")
missing=''
while read -r threat; do
	[[ $doc == *"$threat"* ]] || missing+=" '$threat'"
done < <(sed -nE 's/^#define [A-Z0-9_]+[[:space:]]+"([^"]+)"$/\1/p' "$FW/host.c")
is "every threat is a line of the threat model" "$missing" ""

for page in Documentation/firmware.md userspace/man/protkey-fw.1; do
	missing=''
	while read -r name _; do
		[ "$name" = root ] || grep -qE "^\| \`$name\` |^\.It Cm (.* )?$name( |$)" "$PK_TOP/$page" ||
			missing+=" $name"
	done < "$TMP/all"
	is "every check is in $page" "$missing" ""
done

# ---- an active root
root_is() { is "root: $2" "$("$TMP/fw_host" "$T" | sed -n 's/^root\t\([a-z]*\).*/\1/p')" "$1"; again; }
root_is stopped "Secure Boot, signatures, confidentiality, no hypervisor"
bin $EFI/SecureBoot-$GLOBAL '\x06\0\0\0\0'; root_is free "Secure Boot off"
keys $EFI/PK-$GLOBAL "DO NOT SHIP"; root_is free "a test key"
put sys/kernel/security/lockdown "none [integrity] confidentiality"; root_is free "integrity"
flags hypervisor; root_is free "a guest"
finish
