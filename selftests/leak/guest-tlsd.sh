#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In the guests of tlsd_leak_test: "seal" makes the domain and seals a private key, and
# the machine is gone; without, protkey-tlsd and stock stunnel serve whoever comes from
# the host, which says by files in /share when to go on.

export PROTKEY_STATE_DIR=/share/state
# shellcheck source=selftests/leak/guest.sh
. "$(dirname "$0")/guest.sh"

if [ "${1:-}" = seal ]; then
	load_module
	load_ktls
	protkey domain create tls --passphrase-file /share/passphrase \
		--memory-kib 8192 --time 1
	protkey-tlsd seal-key --domain tls --in /share/ledger.test.key \
		--out /share/ledger.test.sealed
	exit
fi

start_services()
{
	socat TCP-LISTEN:8001,bind=127.0.0.1,fork,reuseaddr,backlog=200 PIPE &
	cat > /run/tlsd.conf << 'END'
[ledger]
mode = server
domain = tls
listen = *:8443
connect = 127.0.0.1:8001
cert = /share/ledger.test.crt
key = /share/ledger.test.sealed
handshake_timeout = 300
max_connections = 2000
END
	cat > /run/stunnel.conf << 'END'
foreground = yes
pid =
[stock]
accept = :::8444
connect = 127.0.0.1:8001
cert = /share/peer.test.crt
key = /share/peer.test.key
END
	protkey-tlsd --config /run/tlsd.conf 2> /share/tlsd.log &
	stunnel4 /run/stunnel.conf 2> /share/stunnel.log &
}

step "load the modules, unlock"
load_module
load_ktls
protkey domain unlock tls --passphrase-file /share/passphrase
net_up
start_services
trap 'kill -KILL $(jobs -p)' EXIT
touch /share/ready
wait_file live
step "live"
[ "${PK_LONG:-}" != 1 ] || vm-dump live
touch /share/live-done
wait_file kill
step "kill -9 of a broker in its handshake"
pkill -KILL -x tlsd-broker
sleep 1
vm-dump killed
touch /share/killed-done
wait_file closed
step "closed"
vm-dump closed
