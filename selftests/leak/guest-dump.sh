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

# hold_hmac NAME KEY-FILE: in the middle of a message, until hold_pids are killed
hold_hmac()
{
	local ready=/run/hold.$RANDOM
	"$(dirname "$0")/hold-hmac.py" "$@" > $ready 2>&1 &
	hold_pids+=" $!"
	disown		# none of the load
	until grep -q ready $ready; do
		kill -0 $!
		sleep 0.2
	done
}

# Stock: its states must be found. The host is told the key.
hold_stock_hmac()
{
	(umask 077; head -c 64 /dev/urandom > /run/stock/hmac)
	printf 'stock-hmac-key %s\n' "$(xxd -p -c 64 /run/stock/hmac)" \
		> /share/control-hmac.secrets
	hold_pids=
	hold_hmac 'hmac(sha256)' /run/stock/hmac
	hold_hmac 'hmac(sha512)' /run/stock/hmac
	stock_pids=$hold_pids
}

hold_protkey_hmac()
{
	protkey key generate --domain ledger --type hmac-256 --output /run/hmac.blob
	hold_pids=
	hold_hmac 'phmac(sha256)' /run/hmac.blob
	hold_hmac 'phmac(sha512)' /run/hmac.blob
	protkey_pids=$hold_pids
}

case ${1:-} in
ceremony)
	make_protkey /run/passphrase /dev/vdb
	exit ;;
persons)
	service=(--as service --as-file /run/service.credential)
	protkey domain create staff --passphrase-file /run/passphrase --memory-kib 65536 --time 1
	protkey domain person add staff service --role administrator,operator,user --factor none \
		--credential-file /run/service.credential --passphrase-file /run/passphrase
	for factor in totp-sha1 totp-sha256; do
		protkey domain person add staff $factor --role operator --factor $factor \
			--new-passphrase-file /run/passphrase --memory-kib 65536 --time 1 \
			--passphrase-file /run/passphrase "${service[@]}" > /dev/null
		# whatever the code is: both factors are looked at
		protkey domain lock staff --as $factor --as-file /run/passphrase --code 000000 || true
	done
	protkey domain lock staff "${service[@]}"
	protkey domain unlock staff --passphrase-file /run/passphrase "${service[@]}"
	exit ;;
doomed)
	protkey domain create doomed --passphrase-file /run/passphrase \
		--memory-kib 65536 --time 1
	exit ;;
esac

step "load the module"
load_module
open_stock /dev/vda
mount_new stock
step "make the domain and the volume"
pk-passphrase /run/passphrase "$0" ceremony
mount_new ledger
step "persons and their second factors"
pk-passphrase /run/passphrase "$0" persons
step "begin HMACs"
modprobe -a algif_hash hmac sha256 sha512
hold_stock_hmac
hold_protkey_hmac
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
# shellcheck disable=SC2086 # two numbers
kill $protkey_pids
umount /mnt/ledger
protkey volume close ledger
vm-dump closed
step "lock"
protkey domain lock ledger
vm-dump locked
step "zeroize while a key is in use"
pk-passphrase /run/passphrase "$0" doomed
protkey key generate --domain doomed --type hmac-256 --output /run/doomed.blob
hold_pids=
hold_hmac 'phmac(sha256)' /run/doomed.blob
protkey domain zeroize doomed --yes
vm-dump zeroized
# shellcheck disable=SC2086 # a number
kill $hold_pids
step "unload"
rmmod protkey
vm-dump unloaded
# shellcheck disable=SC2086 # two numbers
kill $stock_pids
