#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=ktls where=vm kernels=6.12 debug=no timeout=400 vm="--smp 2 --mem 1024"
# protkey-tlsd by systemd, with the unit as it is installed: its sandbox lets it do its
# work and nothing else; reload, restart under a connection, socket activation, a
# configuration that is wrong.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
need_vm
need_cmd protkey protkey-tlsd openssl jq systemctl journalctl
# shellcheck source=selftests/lib_systemd.sh
. "$(dirname "$0")/lib_systemd.sh"

# ---- a service, as its man page has it

ip link set lo up
cli_load
modprobe -a tls algif_aead
must ktap_insmod "$PK_MODDIR/protkey-ktls.ko"
cli_domain web
mkdir -p /etc/protkey
cd /etc/protkey || finish
must openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$TMP/ca.key" \
	-out ca.crt -subj /CN=ca -days 2
must protkey-tlsd seal-key --domain web --generate ledger.test --csr "$TMP/ledger.csr" --out ledger.key
must openssl x509 -req -in "$TMP/ledger.csr" -CA ca.crt -CAkey "$TMP/ca.key" -days 2 -out ledger.crt

# service NAME LISTEN: a section of the configuration
service()
{
	printf '[%s]\nmode = server\ndomain = web\nlisten = %s\nconnect = unix:/run/app/sock\n' "$1" "$2"
	printf 'cert = /etc/protkey/ledger.crt\nkey = /etc/protkey/ledger.key\nverify = none\n'
}
{
	service direct 127.0.0.1:8443
	service waits systemd
} > tlsd.conf
sed "s|@SBINDIR@|$PK_TOP/build/bin|" "$PK_TOP/userspace/systemd/protkey-tlsd.service.in" \
	> $units/protkey-tlsd.service
# no modules are found where this test's are
sed -i 's/ modprobe@protkey_ktls.service//' $units/protkey-tlsd.service
cat > $units/protkey-tlsd.socket << END
[Unit]
DefaultDependencies=no
[Socket]
ListenStream=127.0.0.1:8444
FileDescriptorName=waits
END
# each line comes back; the last one is "bye"
cat > "$TMP/echo.py" << 'END'
import socketserver

class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)
            if line == b"bye\n":
                return

socketserver.ThreadingUnixStreamServer("/run/app/sock", Echo).serve_forever()
END
cat > $units/app.service << END
[Unit]
DefaultDependencies=no
[Service]
RuntimeDirectory=app
ExecStart=/usr/bin/python3 $TMP/echo.py
END
# without sysinit.target, which would empty /tmp
mkdir $units/protkey-tlsd.service.d
printf '[Unit]\nDefaultDependencies=no\n' > $units/protkey-tlsd.service.d/test.conf
systemd_up app.service protkey-tlsd.socket

main_pid() { systemctl show -P MainPID protkey-tlsd.service; }
# ask PORT: a line there and back
ask()
{
	timeout 60 openssl s_client -connect "127.0.0.1:$1" -servername ledger.test -quiet \
		-CAfile /etc/protkey/ca.crt -verify_return_error <<< bye > "$TMP/said" 2>&1
	grep -qx bye "$TMP/said" || { cat "$TMP/said"; return 1; }
}
# hold PORT: a connection that stays, its lines from $TMP/in to $TMP/out
hold()
{
	mkfifo "$TMP/in"
	openssl s_client -connect "127.0.0.1:$1" -servername ledger.test -CAfile /etc/protkey/ca.crt \
		-quiet < "$TMP/in" > "$TMP/out" 2>&1 &
	holder=$!
	cleanup_add kill $holder
	exec 7> "$TMP/in"
}
# echoes LINE: through the connection that is held
echoes()
{
	echo "$1" >&7
	for _ in {1..300}; do
		grep -q "^$1" "$TMP/out" && return
		sleep 0.1
	done
	cat "$TMP/out"
	return 1
}
keys() { protkey tls list web --json | jq length; }

# ---- socket activation: a connection starts it

check_not "it does not run yet" systemctl is-active protkey-tlsd.service
check "a connection to systemd's socket is answered" ask 8444 ||
	diag "$(said protkey-tlsd.service)"
check "it was started for that" systemctl is-active protkey-tlsd.service
check "its own address is answered" ask 8443

# ---- the sandbox

hold 8443
check "a connection that stays" echoes first
check "its keys are protected ones" [ "$(keys)" -ge 1 ]
main=$(main_pid)
pid=$(pgrep -o -x protkey-tlsd)	# the same, as it is called outside
names=''
for process in $pid $(cat "/proc/$pid/task/$pid/children"); do
	who=$(cat "/proc/$process/comm") || continue
	names+=" $who"
	status=$(cat "/proc/$process/status")
	is "$who: no new privileges" "$(sed -n 's/^NoNewPrivs:\t//p' <<< "$status")" 1
	is "$who: system calls are filtered" "$(sed -n 's/^Seccomp:\t//p' <<< "$status")" 2
	# CAP_NET_BIND_SERVICE 10, CAP_IPC_LOCK 14
	is "$who: two capabilities at most" \
		$((0x$(sed -n 's/^CapBnd:\t//p' <<< "$status") & ~(1 << 10 | 1 << 14))) 0
done
expect_out 'tlsd-forwarder' "parent and forwarder are there" echo "$names"
group=/sys/fs/cgroup$(sed 's/^0:://' "/proc/$pid/cgroup")
# in_group COMMAND...: in its cgroup, which has its devices
in_group() { (echo "$BASHPID" > "$group/cgroup.procs" && exec "$@"); }
check "devices: the domain's node is there" in_group sh -c ': < /dev/protkey/web'
check_not "devices: others are not" in_group sh -c ': < /dev/kmsg'
check "... which others have" sh -c ': < /dev/kmsg'
expect_err 'Read-only file system' "files: it can write none" \
	nsenter -m -t "$pid" touch /etc/protkey/new

# ---- reload and restart

service more 127.0.0.1:8445 >> tlsd.conf
check "reload" systemctl reload protkey-tlsd.service
for _ in {1..100}; do ask 8445 > /dev/null && break; sleep 0.2; done
check "the new service is there" ask 8445
is "the process is the same" "$(main_pid)" "$main"
check "the connection goes on" echoes second
echo nonsense >> tlsd.conf
ktap_run systemctl reload protkey-tlsd.service
sleep 1
check "a wrong configuration changes nothing" ask 8445
expect_out 'tlsd.conf:' "... and the journal says where" said protkey-tlsd.service
check_not "it is not started with that" systemctl restart protkey-tlsd.service
check "the connection goes on nevertheless" echoes third
sed -i '$d' tlsd.conf
ktap_run systemctl reset-failed protkey-tlsd.service protkey-tlsd.socket
ktap_run systemctl start protkey-tlsd.socket
check "mended, it starts" systemctl restart protkey-tlsd.service
check "the connection goes on in the old one" echoes fourth
check "new ones are answered" ask 8443
check "also by systemd's socket" ask 8444
exec 7>&-
kill $holder
for _ in {1..100}; do [ "$(keys)" = 0 ] && break; sleep 0.2; done
is "no key is left" "$(keys)" 0
check "stop" systemctl stop protkey-tlsd.socket protkey-tlsd.service
left() { pgrep -l '^protkey-tlsd|^tlsd-'; }
for _ in {1..100}; do left > /dev/null || break; sleep 0.2; done
is "nobody is left" "$(left)" ""
finish
