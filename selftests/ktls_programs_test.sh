#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=ktls where=vm debug=no timeout=400 vm="--smp 2 --mem 768"
# TLS with protected keys in programs: the example of the C API, and openssl and
# nginx with the preload library; protkey tls list, metrics and status.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
need_vm
need_cmd protkey jq openssl curl nginx python3

PORT=4433
PRELOAD=$PK_TOP/build/lib/libprotkey-ktls-preload.so
BIG=$TMP/www/big

# OpenSSL hands its keys to kTLS if told so.
cat > "$TMP/ktls.cnf" << END
openssl_conf = init
[init]
ssl_conf = modules
[modules]
system_default = all
[all]
Options = KTLS
END

# before a command: kTLS whose keys are the domain's
protected=(env "OPENSSL_CONF=$TMP/ktls.cnf" "LD_PRELOAD=$PRELOAD" PROTKEY_TLS_DOMAIN=pay
	PROTKEY_TLS_VERBOSE=1)

# await_port: until a server listens there
await_port()
{
	local i
	for ((i = 0; i < 300; i++)); do
		! (: < "/dev/tcp/127.0.0.1/$PORT") 2> /dev/null || return 0
		sleep 0.1
	done
	return 1
}

# fetch [OPTION...]: the big file, and whether it is that
fetch()
{
	curl -sS --max-time 60 --cacert "$TMP/cert.pem" -o "$TMP/got" "$@" \
		"https://localhost:$PORT/big" && cmp "$TMP/got" "$BIG"
}

# served COMMAND...: the command is a server in the background, $server
served()
{
	"$@" > "$TMP/server.log" 2>&1 < /dev/null &
	server=$!
	await_port || fail "set-up: $* listens" "$(cat "$TMP/server.log")"
}

unserve()
{
	kill "$server"
	wait "$server" 2> /dev/null
}

# Two that cost little here: keys in the list, and directions confirmed so far.
listed() { echo $(($(protkey tls list | wc -l) - 1)); }
counted() { protkey tls metrics | sed -n 's/^protkey_tls_confirmed_total{.*} //p'; }
# stock KIND: sockets that took a key of any kind, TlsTxSw or TlsRxSw
stock() { sed -n "s/^$1[[:space:]]*//p" /proc/net/tls_stat; }

# since WHAT NAME WANTED: how many directions were confirmed since the last call
confirmed=0
since()
{
	local now
	now=$(counted)
	is "$1" $((now - confirmed)) "$2"
	confirmed=$now
}

must_settle()
{
	local i
	for ((i = 0; i < 100; i++)); do
		[ "$(listed)" != 0 ] || return 0
		sleep 0.1
	done
	return 1
}

mkdir "$TMP/www"
head -c 300000 /dev/urandom > "$BIG"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 \
	-subj /CN=localhost -addext subjectAltName=DNS:localhost \
	-keyout "$TMP/key.pem" -out "$TMP/cert.pem" 2> /dev/null

# ---- without the modules
is "metrics without the module" "$(protkey tls metrics | grep -v '^#')" "protkey_up 0"
cli_load
cli_domain pay
expect_status 3 "list without protkey-ktls" protkey tls list
expect_err "modprobe protkey-ktls" "it says what to load" protkey tls list pay
check_not "metrics without protkey-ktls have no TLS" \
	grep -q tls_ <(protkey tls metrics)
is "nor has the status" "$(json protkey status --json .tls)" null
modprobe -q tls
ktap_insmod "$PK_MODDIR/protkey-ktls.ko"
cleanup_add rmmod protkey-ktls
is "list: nothing yet" "$(listed)" 0
expect_status 5 "list of an unknown domain" protkey tls list nobody

# ---- the C API
# say LINE PATTERN: type a line to s_client, and wait for a pattern from it
say()
{
	local i
	echo "$1" >&9
	for ((i = 0; i < 300; i++)); do
		! grep -q "$2" "$TMP/peer.out" || return 0
		sleep 0.1
	done
	return 1
}

# dial [OPTION...]: s_client as peer, for say; before it what is in dial_by
dial_by=()
dial()
{
	[ -p "$TMP/peer.in" ] || mkfifo "$TMP/peer.in"
	"${dial_by[@]}" openssl s_client -connect "localhost:$PORT" -CAfile "$TMP/cert.pem" \
		-verify_return_error "$@" < "$TMP/peer.in" > "$TMP/peer.out" 2>&1 &
	peer=$!
	exec 9> "$TMP/peer.in"
}

hang_up()
{
	exec 9>&-
	wait "$peer" 2> /dev/null
}

served tls-echo pay $PORT "$TMP/cert.pem" "$TMP/key.pem" "$BIG"
dial
check "tls-echo: a line comes back" say "hello protkey" "^hello protkey"
for key in k K k; do
	echo $key >&9
	check "tls-echo: and after a KeyUpdate ($key)" say "then-$RANDOM-$key" "^then-.*-$key"
done
protkey tls list pay --json > "$TMP/list"
# shellcheck disable=SC2016 # $pid is jq's
check "list: both directions, one socket, one process" jq -e --argjson pid "$server" \
	'length == 2 and ([.[].direction] | sort) == ["receive", "send"] and
	([.[].socket] | unique | length) == 1 and .[0].socket > 0 and
	all(.[]; .domain == "pay" and .state == "active" and .version == "1.3" and
	.cipher == "aes-256-gcm" and .imported == "secret" and .pid == $pid and .uid == 0)' \
	"$TMP/list"
check "list: KeyUpdates both ways, records and bytes" jq -e \
	'all(.[]; .records >= 5 and .bytes > 50 and .age < 300) and
	([.[] | select(.direction == "receive")][0].rekeys == 3) and
	([.[] | select(.direction == "send")][0].rekeys == 1)' "$TMP/list"
expect_out "^pay +[0-9]+ send +1.3 aes-256-gcm active" "list: the table" protkey tls list
expect_out "tls directions +2 active, 2 since load" "status says so" protkey status
hang_up
dial -quiet -no_ign_eof -ciphersuites TLS_AES_128_GCM_SHA256
echo file >&9
for ((i = 0; i < 300 && $(stat -c %s "$TMP/peer.out") < 300000; i++)); do
	sleep 0.1
done
# before it s_client says what it thinks of the certificate
check "tls-echo: a file by sendfile, AES-128" cmp "$BIG" <(tail -c 300000 "$TMP/peer.out")
hang_up
check "closed connections leave the list" must_settle
since "four directions were confirmed" 4
protkey domain lock pay
dial
hang_up
check "tls-echo: a locked domain, and which step" \
	grep -q "importing the key: Required key not available" "$TMP/server.log"
cli_unlock pay > /dev/null
unserve

# ---- metrics
metrics=$TMP/metrics/protkey.prom
mkdir "$TMP/metrics"
: > "$metrics"
before=$(stat -c %i "$metrics")
check "metrics: into a file" protkey tls metrics --out "$metrics"
is "metrics: others may read it" "$(stat -c %a "$metrics")" 644
check "metrics: it is a new one" test "$before" != "$(stat -c %i "$metrics")"
is "metrics: and alone" "$(ls "$TMP/metrics")" protkey.prom
expect_status 5 "metrics: no such folder" protkey tls metrics -o "$TMP/none/x.prom"
# shellcheck disable=SC2046 # two numbers
# the reader of Prometheus' own Python library
check "metrics: they parse and say what the status says" python3 - "$metrics" \
	$(json protkey status --json .tls.confirmed,.tls.bytes) << 'END'
import sys
from prometheus_client.parser import text_fd_to_metric_families
samples = {}
with open(sys.argv[1], encoding="utf-8") as file:
    for family in text_fd_to_metric_families(file):
        assert family.documentation and family.type in ("gauge", "counter"), family
        for sample in family.samples:
            key = (sample.name, *sorted(sample.labels.items()))
            assert key not in samples, key
            samples[key] = sample.value
pay = ("domain", "pay")
wanted = {("protkey_up",): 1, ("protkey_vault_ready",): 1,
          ("protkey_vault_mismatches_total",): 0,
          ("protkey_domain_state", pay, ("state", "unlocked")): 1,
          ("protkey_domain_state", pay, ("state", "locked")): 0,
          ("protkey_tls_confirmed_total", pay): float(sys.argv[2]),
          ("protkey_tls_bytes_total", pay): float(sys.argv[3]),
          ("protkey_tls_key_updates_total", pay): 4,
          ("protkey_tls_keys_active", ("direction", "send"), pay): 0}
wanted = {(key[0], *sorted(key[1:])): value for key, value in wanted.items()}
wrong = {key: samples.get(key) for key, value in wanted.items() if samples.get(key) != value}
sys.exit(f"{wrong}" if wrong else 0)
END

# ---- programs that do kTLS themselves
# Their half of the work does not depend on the kernel.
[ "$PK_KERNEL" != 6.1 ] || [ "${PK_LONG:-0}" = 1 ] || finish
cd "$TMP/www" || exit
server_command=(openssl s_server -accept "$PORT" -cert "$TMP/cert.pem" -key "$TMP/key.pem" -WWW)
confirmed=$(counted)
taken=$(stock TlsTxSw)
served env "OPENSSL_CONF=$TMP/ktls.cnf" "${server_command[@]}"
check "control: stock openssl does kTLS" fetch --tlsv1.3
check "control: the kernel has seen its key" test "$(stock TlsTxSw)" -gt "$taken"
unserve
since "control: and we have not" 0

served "${protected[@]}" "${server_command[@]}"
check "s_server: TLS 1.2" fetch --tls-max 1.2
since "s_server: TLS 1.2, both directions" 2
check "s_server: TLS 1.3" fetch --tlsv1.3
since "s_server: TLS 1.3, what it sends" 1
taken=$(stock TlsTxSw)
check "another cipher stays in user space" fetch --tls-max 1.2 \
	--ciphers ECDHE-ECDSA-CHACHA20-POLY1305
is "another cipher: kTLS got no clear key" "$(stock TlsTxSw)" "$taken"
dial_by=("${protected[@]}")
dial -tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256 -quiet
# both ends, once they have shaken hands
for ((i = 0; i < 100 && $(listed) < 4; i++)); do
	sleep 0.1
done
protkey tls list --json > "$TMP/list"
# shellcheck disable=SC2016 # the variables are jq's
check "s_server and s_client: TLS 1.2, AES-128, both protected" jq -e \
	--argjson server "$server" --argjson client "$peer" \
	'length == 4 and ([.[].pid] | unique) == ([$server, $client] | sort) and
	all(.[]; .imported == "key" and .version == "1.2" and .cipher == "aes-128-gcm")' \
	"$TMP/list"
printf 'GET /big HTTP/1.0\r\n\r\n' >&9
wait "$peer"
check "s_server and s_client: the file" cmp "$BIG" <(tail -c 300000 "$TMP/peer.out")
hang_up
dial_by=()
since "s_server and s_client: four directions" 4
taken=$(stock TlsTxSw)
protkey domain lock pay
check "locked domain: TLS goes on in user space" fetch --tlsv1.3
is "locked domain: kTLS got no clear key" "$(stock TlsTxSw)" "$taken"
check "locked domain: it says so" grep -q \
	"domain 'pay': importing the key: Required key not available: TLS stays" "$TMP/server.log"
unserve
served "${protected[@]}" PROTKEY_TLS_REQUIRE=1 "${server_command[@]}"
check_not "required: no connection without a protected key" fetch --tlsv1.3
cli_unlock pay > /dev/null
check "required: a connection with one" fetch --tlsv1.3
since "required: it is" 1
unserve
taken=$(stock TlsTxSw)
served "${protected[@]}" env -u PROTKEY_TLS_DOMAIN "${server_command[@]}"
check "no domain said: TLS in user space" fetch --tlsv1.3
is "no domain said: kTLS got no clear key" "$(stock TlsTxSw)" "$taken"
unserve

# ---- nginx, as the user that it becomes
cat > "$TMP/nginx.conf" << END
user www-data;
worker_processes 1;
daemon off;
pid $TMP/nginx.pid;
error_log stderr;
events { worker_connections 64; }
http {
	access_log off;
	sendfile on;
	server {
		listen 127.0.0.1:$PORT ssl;
		server_name localhost;
		ssl_certificate $TMP/cert.pem;
		ssl_certificate_key $TMP/key.pem;
		ssl_protocols TLSv1.2 TLSv1.3;
		ssl_conf_command Options KTLS;
		root $TMP/www;
	}
}
END
chmod 755 "$TMP" "$TMP/www"
chgrp www-data /dev/protkey/pay
chmod 660 /dev/protkey/pay
served "${protected[@]}" env -u OPENSSL_CONF nginx -p "$TMP" -c "$TMP/nginx.conf"
check "nginx: TLS 1.3" fetch --tlsv1.3
since "nginx: TLS 1.3, what it sends" 1
check "nginx: TLS 1.2" fetch --tls-max 1.2
since "nginx: TLS 1.2, both directions" 2
kill "$server"
wait "$server" 2> /dev/null
check "nginx has ended: nothing is left" must_settle
finish
