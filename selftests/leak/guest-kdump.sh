#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In the guest of leak_kdump_test: panics under load; started again in the crash
# kernel as "guest-kdump.sh save", saves the dead kernel's memory.

# Nothing but the crash kernel's few MiB is there to work with.
save()
{
	dd if=/proc/vmcore of=/share/vmcore bs=1M conv=sparse status=none || return
	makedumpfile -E -d 31 --message-level 23 /proc/vmcore /share/vmcore.filtered \
		> /share/makedumpfile.log 2>&1
	echo "status $?" >> /share/makedumpfile.log
}

case ${1:-} in
save)
	save
	exit ;;
esac

# shellcheck source=selftests/leak/guest.sh
. "$(dirname "$0")/guest.sh"

case ${1:-} in
ceremony)
	make_protkey /run/passphrase /dev/vdb
	exit ;;
esac

load_module
open_stock /dev/vda
mount_new stock
step "make the domain and the volume"
pk-passphrase /run/passphrase "$0" ceremony
mount_new ledger
step "arm the crash kernel, start the load"
vm-kdump-arm
fio --name=load --filename=/mnt/ledger/fio --size=32M --rw=randrw --bs=4k \
	--direct=1 --ioengine=psync --time_based --runtime=600 > /dev/null &
sleep 8
step "panic"
sync
echo PK_EXPECT_SPLAT_BEGIN > /dev/kmsg
echo 1 > /proc/sys/kernel/sysrq
echo c > /proc/sysrq-trigger
