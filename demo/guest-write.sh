#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In the guest of scripts/demo, first boot: a stock volume and a protkey volume,
# a ledger on each, memory dumps while both are written; then close, reopen and
# verify; then other peers, on the host, pull the ledger through protkey-tlsd and
# stock stunnel, with a dump in the middle. The module is the test build that tells
# its secrets.

# shellcheck source=selftests/leak/guest.sh
. "$(dirname "$0")/../selftests/leak/guest.sh"

mib=$1
passphrase=/share/passphrase

# Until the ledger has begun its block file $1: it is in the middle of its work.
wait_for_file()
{
	while [ ! -s "/mnt/ledger/chains/$1" ]; do
		kill -0 "$writer" || return 1
		sleep 0.3
	done
}

# The private key is made here and sealed to the domain; the host has it certified.
certify_node()
{
	load_ktls
	protkey-tlsd seal-key --domain ledger --generate node.example \
		--csr /share/node.csr.new --out /mnt/ledger/node.key
	mv /share/node.csr.new /share/node.csr
	wait_file certified
}

serve_peers()
{
	net_up
	pk-ledger serve --dir /mnt/ledger --port 8001 &
	services+=($!)
	pk-ledger serve --dir /mnt/stock/ledger --port 8002 &
	services+=($!)
	printf '[%s]\n%s\n' ledger 'mode = server
domain = ledger
listen = *:8443
connect = 127.0.0.1:8001
cert = /share/node.crt
key = /mnt/ledger/node.key' > /run/tlsd.conf
	printf '%s\n[stock]\n%s\n' 'foreground = yes
pid =' 'accept = :::8444
connect = 127.0.0.1:8002
cert = /share/stock.crt
key = /share/stock.key' > /run/stunnel.conf
	protkey-tlsd --config /run/tlsd.conf 2> /share/tlsd.log &
	services+=($!)
	stunnel4 /run/stunnel.conf 2> /share/stunnel.log &
	services+=($!)
}

# The forwarder of protkey-tlsd goes when its connections have gone.
end_services()
{
	kill "${services[@]}"
	wait "${services[@]}" || true
	while pgrep -x tlsd-forwarder > /dev/null; do
		sleep 0.1
	done
}

services=()
step "loading the module"
load_module
step "stock volume: format, open"
open_stock /dev/vda
mount_new stock
step "protkey: create a domain, format and open a volume"
make_protkey $passphrase /dev/vdb
mount_new ledger
step "writing a ledger of $mib MiB on the protkey volume, a small one on the stock volume"
pk-ledger write --dir /mnt/stock/ledger --mib 10 > /dev/null
pk-ledger write --dir /mnt/ledger --mib "$mib" --progress --json > /share/write.json &
writer=$!
wait_for_file blockfile_000002
vm-dump writing-1
step "memory dumped while the ledger is written (1)"
wait_for_file blockfile_000004
vm-dump writing-2
step "memory dumped while the ledger is written (2)"
wait "$writer"
step "closing and reopening the protkey volume"
umount /mnt/ledger
protkey volume close ledger
protkey volume open /dev/vdb ledger --passphrase-file $passphrase
mount /dev/mapper/ledger /mnt/ledger
step "verifying every block and state entry"
pk-ledger verify --dir /mnt/ledger --json > /share/reopened.json
step "in flight: a TLS key, sealed to the domain and certified"
certify_node
step "in flight: other peers pull the ledger, through protkey-tlsd and through stunnel"
serve_peers
touch /share/serving
wait_file in-flight
vm-dump in-flight
step "memory dumped in the middle of both transfers"
touch /share/dumped
wait_file pulled
step "in flight: the peers have the ledger"
end_services
rmmod protkey_ktls
step "closing, shutting down"
umount /mnt/ledger
protkey volume close ledger
