#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In the guest of leak_dump_test: the life of a volume, with dumps of it. The
# stock volume stays open all the time, so that every dump has its control.

# shellcheck source=selftests/leak/guest.sh
. "$(dirname "$0")/guest.sh"

start_load()
{
	pk-ledger write --dir /mnt/stock/ledger --mib 60 > /dev/null &
	pk-ledger write --dir /mnt/ledger/ledger --mib 60 > /dev/null &
	fio --name=load --filename=/mnt/ledger/fio --size=32M --rw=randrw --bs=4k \
		--direct=1 --ioengine=psync --time_based --runtime=600 > /dev/null &
	load_pids=$(jobs -p)
	sleep 8
}

stop_load()
{
	# shellcheck disable=SC2086 # several numbers
	kill $load_pids || true
	wait || true
}

case ${1:-} in
ceremony)
	make_protkey /run/passphrase /dev/vdb
	exit ;;
esac

step "load the module"
load_module
open_stock /dev/vda
mount_new stock
step "make the domain and the volume"
pk-passphrase /run/passphrase "$0" ceremony
mount_new ledger
step "idle"
vm-dump idle-1
sleep 3
vm-dump idle-2
step "under load"
start_load
vm-dump load-1
sleep 3
vm-dump load-2
stop_load
step "close"
umount /mnt/ledger
protkey volume close ledger
vm-dump closed
step "lock"
protkey domain lock ledger
vm-dump locked
step "unload"
rmmod protkey
vm-dump unloaded
