#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=operation where=vm timeout=300 vm="--smp 2 --mem 768"
#
# dm-crypt with xts(paes) under fio, verified: from workqueues and, with
# no_read_workqueue and no_write_workqueue, from the contexts of the block layer:
# the disk below completes its requests in softirq, where dm-crypt then decrypts.

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_protkey.sh
. "$(dirname "$0")/lib_protkey.sh"

need_cmd fio dmsetup
disk=/dev/nullb9
sectors=65536			# 32 MiB
inline="no_read_workqueue no_write_workqueue"

# open_crypt CIPHER KEYFILE SECTORSIZE [FLAG]...: /dev/mapper/v on the disk
open_crypt()
{
	local cipher=$1 key=$2 size=$3
	shift 3
	dmsetup create v --table "0 $sectors crypt $cipher $(hex "$key") 0 $disk 0 \
$(($# + 2)) sector_size:$size iv_large_sectors $*"
}

close_crypt() { dmsetup remove --retry v; }

# fio_verify NAME: random writes of all sizes, read back and compared
fio_verify()
{
	check "$1" fio --name=v --filename=/dev/mapper/v --direct=1 --ioengine=libaio \
		--iodepth=16 --rw=randrw --bsrange=4k-128k --blockalign=4k \
		--size=6m --numjobs=2 --offset_increment=16m \
		--verify=crc32c --verify_fatal=1 --output="$TMP/fio"
}

# 32 MiB of memory; completion in softirq is irqmode 1 with one queue for all CPUs
make_disk()
{
	local dir=/sys/kernel/config/nullb/nullb9 setting
	modprobe null_blk nr_devices=0 || return
	mountpoint -q /sys/kernel/config ||
		mount -t configfs configfs /sys/kernel/config || return
	mkdir $dir || return
	for setting in size=32 memory_backed=1 blocksize=512 irqmode=1 \
		submit_queues=1 poll_queues=0 power=1; do
		echo "${setting#*=}" > "$dir/${setting%=*}" || return
	done
	# its minor, and so its node, is the kernel's choice
	disk=$(ls /dev/nullb*)
	[ -b "$disk" ]
}

# Whether a read of the open volume decrypts in softirq.
decrypts_in_softirq()
{
	cd /sys/kernel/tracing || return
	echo crypto_skcipher_decrypt > set_ftrace_filter
	echo function > current_tracer
	dd if=/dev/mapper/v of=/dev/null bs=64k count=16 iflag=direct
	cat trace > "$TMP/trace"
	echo nop > current_tracer
	echo > set_ftrace_filter
	# irqs-off, need-resched, then hard or soft irq
	tail -n 3 "$TMP/trace"
	grep -qE '\] +[.d][^ ][sh][^ ]* .*crypto_skcipher_decrypt' "$TMP/trace"
}

load_both
modprobe dm_crypt || skip_all "no dm-crypt"
make_disk || skip_all "no null_blk"
new_domain d
new_key d

for size in 512 4096; do
	for flags in "" "$inline"; do
		# shellcheck disable=SC2086 # flags are words
		must open_crypt paes-xts-plain64 "$TMP/key.blob" $size $flags
		fio_verify "fio, sectors of $size${flags:+, in the caller}"
		[ -z "$flags" ] || check "... which is a softirq" decrypts_in_softirq
		must close_crypt
	done
done

# what is on the disk is what stock dm-crypt makes of the clear key
must open_crypt paes-xts-plain64 "$TMP/key.blob" 4096
head -c 33554432 /dev/urandom > "$TMP/data"
must dd if="$TMP/data" of=/dev/mapper/v bs=1M oflag=direct status=none
must close_crypt
must open_crypt aes-xts-plain64 "$TMP/key.clear" 4096
check "stock dm-crypt reads it with the clear key" cmp "$TMP/data" /dev/mapper/v
must close_crypt

# ---- lost wrapping key, under load -------------------------------------------------

must open_crypt paes-xts-plain64 "$TMP/key.blob" 512
is "the domain has an open volume" "$(domain d keys)" 1
expect_err EBUSY "which keeps it from being locked" pk-keytool domain-lock d
expect_err EBUSY "and from being deleted" pk-keytool domain-delete d
must storm_start 2000 any
fio_verify "fio while CPUs lose their half"
storm_stop
is "it was noticed" "$(( $(vault mismatches) > 0 ))" 1

dd if=/dev/zero of=/dev/mapper/v bs=64k oflag=direct status=none 2> /dev/null &
dd=$!
sleep 0.3
echo "all 0" > "$PKT/dr_write"
check_not "a write fails after all CPUs lost it" \
	dd if=/dev/zero of=/dev/mapper/v bs=64k oflag=direct
wait $dd
check_not "and so does a read" dd if=/dev/mapper/v of=/dev/null bs=64k iflag=direct count=1
is "the domain is locked" "$(domain d state)" 3
check "unlock" unlock_domain d
fio_verify "the open volume works again"
# every sector is either zeros or what was there, never the output of a wrong key
must dd if="$TMP/data" of=/dev/mapper/v bs=1M oflag=direct status=none
dd if=/dev/zero of=/dev/mapper/v bs=4k oflag=direct status=none 2> /dev/null &
dd=$!
sleep 0.3
echo "all 0x1234" > "$PKT/dr_write"
wait $dd
must unlock_domain d
cat > "$TMP/compare.py" << 'PY'
import sys
old, new = (open(path, "rb").read() for path in sys.argv[1:])
zero = bytes(512)
counts = {"old": 0, "zero": 0, "wrong": 0}
for at in range(0, len(old), 512):
    sector = new[at:at + 512]
    counts["old" if sector == old[at:at + 512] else "zero" if sector == zero else "wrong"] += 1
print(counts)
sys.exit(counts["wrong"] != 0 or not counts["zero"] or not counts["old"])
PY
check "after a loss amid writes every sector is old or new" \
	python3 "$TMP/compare.py" "$TMP/data" /dev/mapper/v
diag "$ktap_output"

must close_crypt

# ---- authenticated, both keys protected --------------------------------------------

# dm-integrity keeps a MAC of 32 bytes and an IV of 16 with each sector
open_integrity() { dmsetup create i --table "0 $1 integrity $disk 0 48 D 0"; }

# open_authenticated MAC CIPHER KEY [OPTION]: on it
open_authenticated()
{
	dmsetup create v --table "0 $sectors crypt capi:authenc($1,$2)-random $3 0 \
/dev/mapper/i 0 $(($# - 2)) integrity:48:aead ${4:-}"
}

modprobe -q -a dm_integrity authenc hmac sha256 || skip "authenticated dm-crypt"
cp "$TMP/key.blob" "$TMP/xts.blob"
cp "$TMP/key.clear" "$TMP/xts.clear"
new_key d hmac-256
blobs=$(hex "$TMP/xts.blob")$(hex "$TMP/key.blob")
clear=$(hex "$TMP/xts.clear")$(hex "$TMP/key.clear")
dd if=/dev/zero of="$disk" bs=4k count=1 oflag=direct status=none
must open_integrity 8		# makes its superblock, with the room that there is
must dmsetup remove --retry i
sectors=$(od -An -t u8 -j 16 -N 8 "$disk" | tr -d ' ')
must open_integrity "$sectors"
# the module may be compressed
if xz -dcf "$(modinfo -n dm_crypt)" | grep -q integrity_key_size; then
	must open_authenticated 'phmac(sha256)' 'xts(paes)' "$blobs" integrity_key_size:256
	must dd if="$TMP/data" of=/dev/mapper/v bs=1M count=4 oflag=direct status=none
	check "phmac and xts(paes): what was written is read" \
		cmp -n 4194304 "$TMP/data" /dev/mapper/v
	must close_crypt
	must open_authenticated 'hmac(sha256)' 'xts(aes)' "$clear"
	check "stock dm-crypt reads it with the clear keys" \
		cmp -n 4194304 "$TMP/data" /dev/mapper/v
	must close_crypt
	printf X | dd of=/dev/mapper/i bs=1 seek=5000 conv=notrunc status=none
	must open_authenticated 'phmac(sha256)' 'xts(paes)' "$blobs" integrity_key_size:256
	expect_err "Invalid or incomplete" "a changed byte is noticed" \
		dd if=/dev/mapper/v of=/dev/null bs=4k skip=1 count=1 iflag=direct
	must close_crypt
else
	# without the option it takes the last 32 bytes
	check_not "this kernel's dm-crypt cannot tell where the HMAC key begins" \
		open_authenticated 'phmac(sha256)' 'xts(paes)' "$blobs"
fi
must dmsetup remove --retry i
expect_err "No such file" "dm-integrity wants a shash" dmsetup create i --table \
	"0 8 integrity $disk 0 32 D 1 internal_hash:phmac(sha256):$(hex "$TMP/key.blob")"
is "no volume is open" "$(domain d keys)" 0
finish
