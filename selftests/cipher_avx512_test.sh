#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=cipher where=host timeout=170
# The AVX-512 routines on an emulated CPU (selftests/emulated), for machines
# whose own has no AVX-512: Bochs runs a disk image that is nothing but them.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

if grep -qw avx512vl /proc/cpuinfo && grep -qw vaes /proc/cpuinfo; then
	skip_all "this CPU has AVX-512: cipher_native runs the routines"
fi
need_cmd bochs
need_cmd script
bios=/usr/share/bochs/BIOS-bochs-latest
vga=/usr/share/vgabios/vgabios.bin
for file in "$bios" "$vga"; do
	[ -r "$file" ] || skip_all "$file is missing: apt-get install bochsbios vgabios"
done
bochs --help cpu 2>&1 | grep -qx tigerlake ||
	skip_all "this Bochs emulates no CPU with AVX-512 and VAES"

if ! make -s -C "$PK_TOP/selftests/emulated" BUILD="$TMP" > "$TMP/make" 2>&1; then
	fail "the disk image builds" "$(tail -20 "$TMP/make")"
	finish
fi

# Without speaker, sound and the like, whose plugins want a real machine. The
# device "unmapped" has the port that ends Bochs.
cat > "$TMP/bochsrc" <<END
display_library: term
cpu: model=tigerlake, count=1, ips=100000000, reset_on_triple_fault=0
memory: guest=32, host=32
romimage: file=$bios
vgaromimage: file=$vga
ata0-master: type=disk, mode=flat, path=$TMP/obj/emulated/disk, cylinders=2, heads=16, spt=63
boot: disk
com1: enabled=1, mode=file, dev=$TMP/serial
clock: sync=none
log: $TMP/log
panic: action=fatal
error: action=ignore
sound: driver=dummy
plugin_ctrl: unmapped=1, biosdev=1, speaker=0, extfpuirq=0, parallel=0, serial=1, gameport=0, sb16=0, es1370=0, e1000=0, iodebug=0
END
# Debian's build starts in its debugger.
echo c > "$TMP/rc"
TERM=vt100 timeout 160 nice script -qc \
	"bochs -q -f $TMP/bochsrc -rc $TMP/rc" "$TMP/screen" < /dev/null > /dev/null 2>&1

if ! grep -q '^# Totals' "$TMP/serial" 2> /dev/null; then
	fail "the emulated machine runs to the end" \
		"$(tail -5 "$TMP/serial"; tail -40 "$TMP/log" | cut -c1-150)"
	finish
fi
# Its results are ours.
sed 1d "$TMP/serial"
! grep -q '^not ok' "$TMP/serial"
