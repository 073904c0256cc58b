#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Memory dumps of a machine with protkey-tlsd and stock stunnel, whose peers are on
# another one: during connections, when a broker was killed in its handshake, too, and
# after their end. No traffic key or secret of protkey-tlsd's, no secret of a handshake,
# and not its private key; all of stunnel's are found.
# check: group=ktls where=host kernels=6.1,6.12 timeout=2700 retry=no

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/leak/lib.sh
. "$PK_TOP/selftests/leak/lib.sh"
if [ "$PK_KERNEL" = 6.1 ] && [ "${PK_LONG:-}" != 1 ]; then
	skip_all "on 6.1 with --long only: it takes two guests"
fi
need_cmd pk-scan protkey protkey-tlsd stunnel4 socat openssl python3

dir=${PK_CHECK_DIR:-$TMP}/tlsd
cleanup_add rm -rf "$dir"
connections=10 guest_time=600
dumps=(killed closed)
# a handshake takes the emulator seconds
[ "${PK_LONG:-}" != 1 ] || connections=100 guest_time=2000 dumps=(live killed closed)

# make_pki DIR: by the library of the other tests
make_pki()
{
	mkdir -p "$1"
	PYTHONPATH=$PK_TOP/selftests python3 -c 'import sys, tlsd; tlsd.make_pki(sys.argv[1])' "$1"
}

# The private key is sealed in a machine that is gone when the other one starts.
seal_key()
{
	mkdir -p "$dir/seal/share" "$dir/live/share"
	cp "$dir/pki/ledger.test.key" "$dir/seal/share/"
	printf 'a passphrase' > "$dir/seal/share/passphrase"
	leak_vm "$PK_KERNEL" "$dir/seal" --mem 384 --timeout 300 -- \
		"$PK_LEAK/guest-tlsd.sh" seal || return
	cp -r "$dir/seal/share/"{state,passphrase,ledger.test.sealed} \
		"$dir/pki/"{ledger.test.crt,peer.test.crt,peer.test.key} "$dir/live/share/"
}

run_guest()
{
	local guest status
	leak_peers
	leak_vm "$PK_KERNEL" "$dir/live" --mem 384 --timeout "$guest_time" "${leak_net[@]}" \
		-- env PK_LONG="${PK_LONG:-}" "$PK_LEAK/guest-tlsd.sh" > "$dir/guest.log" 2>&1 &
	guest=$!
	"$PK_LEAK/tls-peers.py" "$dir/live/share" "$dir/pki" "${leak_ports[@]}" "$connections" &
	peers=$!
	wait "$guest"
	status=$?
	touch "$dir/live/share/end"
	wait "$peers" && [ "$status" = 0 ] && return
	cat "$dir/guest.log" "$dir/live/share/"*.log
	return 1
}

# check_dump NAME
check_dump()
{
	local dump=$dir/live/dumps/$1 report=$dir/report
	if [ ! -s "$dump" ]; then
		fail "$1: there is a dump"
		return
	fi
	pk-scan --json --secrets "$dir/pki/stock.secrets" "$dump" > "$report"
	if [ "$(scan_total whole "$report")" -ge 3 ]; then
		pass "$1: stunnel's secrets are found (control)"
	else
		fail "$1: stunnel's secrets are found (control)" "$(tail -n 1 "$report")"
	fi
	pk-scan --json --secrets "$dir/live/secrets" --secrets "$dir/pki/tlsd.secrets" \
		--public "$PK_LEAK/public.txt" "$dump" > "$report"
	if [ $? -le 1 ] && [ "$(scan_total hits "$report")" = 0 ]; then
		pass "$1: no secret of protkey-tlsd's"
	else
		fail "$1: no secret of protkey-tlsd's" "$(cat "$report")"
	fi
}

rm -rf "$dir"
check "certificates" make_pki "$dir/pki" || finish
check "the test build of the modules" leak_build "$PK_KERNEL" || finish
check "a private key sealed in another machine" seal_key || finish
check "connections, a killed broker, their end" run_guest || finish
is "secrets of $connections connections and a half one" \
	"$(grep -c '^client-traffic-secret-0-[0-9]* ' "$dir/pki/tlsd.secrets")" $((connections + 1))
for name in "${dumps[@]}"; do
	check_dump "$name"
done
finish
