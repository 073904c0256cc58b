#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In the guest of leak_swap_test, whose root is in memory: makes domain and
# volume while memory is so short that all that can be swapped is, then
# hibernates. Disks: vdc swap for the first, vdd for the second.

mkdir -p /share
# shellcheck source=selftests/leak/guest.sh
. "$(dirname "$0")/guest.sh"

make_swap()
{
	mkswap "$1" > /dev/null
	swapon "$1"
}

# What lies in memory and may be swapped: a file of a tmpfs, of a control group
# that is told to give all of its memory back.
make_control()
{
	local group=/sys/fs/cgroup/control
	echo +memory > /sys/fs/cgroup/cgroup.subtree_control
	mkdir -p /run/control $group
	head -c 64 /dev/urandom > /run/control/first
	printf 'swap-control %s\n' "$(xxd -p -c 64 /run/control/first)"
	# shellcheck disable=SC2016 # its own shell expands it
	bash -c 'echo $$ > $1/cgroup.procs && cp /run/control/first /run/control/second' \
		- $group
	# less than asked for is EAGAIN
	echo 16M > $group/memory.reclaim || true
}

swap_used() { awk 'NR > 1 { used += $4 } END { print used + 0 }' /proc/swaps; }

# More than there is, and all of it in use again and again until told to stop.
fill_memory()
{
	mkdir -p /run/hog
	mount -t tmpfs -o size=2G hog /run/hog
	dd if=/dev/zero of=/run/hog/file bs=1M count=600 status=none
}

keep_busy() { while [ ! -e /run/hog/stop ]; do cat /run/hog/file > /dev/null; done; }

ceremony()
{
	keep_busy &
	make_protkey /run/passphrase /dev/vdb
	sleep 5
	touch /run/hog/stop
	wait
}

# Whether hibernation is refused with "busy".
hibernation_is_busy()
{
	local error
	error=$( (echo disk > /sys/power/state) 2>&1 ) && return 1
	[[ $error == *busy* ]]
}

case ${1:-} in
ceremony)
	ceremony
	exit ;;
esac

load_module
open_stock /dev/vda
cat /share/control.secrets
make_swap /dev/vdc
make_control
fill_memory
echo "swap-used $(swap_used)"
step "make the domain and the volume with no memory left"
pk-passphrase /run/passphrase "$0" ceremony
dd if=/dev/zero of=/dev/mapper/ledger bs=1M count=16 oflag=direct status=none
umount /run/hog
swapoff /dev/vdc
step "hibernate"
if [ ! -e /sys/power/disk ] || ! grep -qw disk /sys/power/state; then
	echo "hibernation none"
	exit
fi
make_swap /dev/vdd
hibernation_is_busy && echo "hibernation vetoed"
protkey volume close ledger
echo shutdown > /sys/power/disk
echo "hibernation begins"
sync
echo disk > /sys/power/state
echo "hibernation came back"
