#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=vault where=host kernels=6.1,6.12 timeout=240
#
# kexec into the same kernel with an unlocked domain: the next kernel boots and
# finds neither the wrapping key's halves in the registers nor a complaint in
# the log. (That its memory has no key is for the leak tests.)

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

dir=${PK_CHECK_DIR:-$TMP}/run
mkdir -p "$dir/share"
cat > "$dir/share/in-guest" <<'END'
. selftests/lib.sh
. selftests/lib_protkey.sh
if grep -qw pk_second /proc/cmdline; then
	load_test_module
	cp $PKT/dr_nonzero /share/second
	load_protkey && pk-keytool status > /share/status
	exit 43
fi
load_both
new_domain d
new_key d
cipher_run diff requests=100
cp $PKT/dr_nonzero /share/first
kexec -l "$VM_KERNEL" --initrd="$VM_INITRD" --reuse-cmdline --append="$(cat /proc/cmdline) pk_second"
echo "kexec from the first kernel" > /dev/kmsg
kexec -e
END
cd "$PK_TOP" || exit
ktap_run scripts/vm --kernel "${PK_KERNEL:-6.1}" --workdir "$dir" --mem 768 --timeout 150 \
	--share "$dir/share" -- bash /share/in-guest
is "the second kernel ran" "$ktap_status" 43
check "control: the first kernel's CPUs held their halves" \
	grep -q '^cpu0 1' "$dir/share/first"
check_not "the second kernel found the registers empty" grep -q ' 1$' "$dir/share/second"
check "protkey loads in it" grep -q '^ready=1' "$dir/share/status"
is "two kernels booted" "$(grep -c '] Linux version' "$dir/serial.log")" 2
diag "$(tail -n 3 "$dir/serial.log")"
finish
