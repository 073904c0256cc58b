#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=vm kernels=6.12 timeout=500 debug=no vm="--tpm --mem 1024"
# The units as they are installed, run by systemd: evidence of this boot through
# protkey-fw-evidence.socket with protkey-tlsd before it; protkey-fw.service on a
# good boot and on a bad one, with journal, wall, hooks and a domain that is locked.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
# it starts another systemd, which would tidy up /tmp: never outside of a guest
need_vm
[ "${VM:-0}" = 1 ] || exit 1
need_cmd protkey jq openssl make socat systemctl journalctl nsenter tpm2_pcrextend python3
ETC=/etc/protkey
P=$TMP/pki

if [ ! -e /sys/class/tpm/tpm0 ]; then
	# its driver gives up after a second, which a busy host can take
	fail "the kernel has found the emulated TPM" "$(dmesg | grep -i tpm)"
	finish
fi

# ---- this machine: what is installed, domains, a reference of this boot

cli_load
insmod "$PK_MODDIR/protkey-ktls.ko"
for domain in ledger books; do
	cli_domain $domain
done
make -s -C "$PK_TOP/userspace" install BUILD="$PK_TOP/build" > "$TMP/said" 2>&1 ||
	fail "make install" "$(cat "$TMP/said")"
PATH=/usr/local/bin:/usr/local/sbin:$PATH

rm -rf "${ETC:?}"
mkdir -p $ETC/fw.d $ETC/trust "$P"
# authority NAME; issue CA NAME HOST
authority()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
		-keyout "$P/$1.key" -out "$P/$1.crt" 2> /dev/null
}
issue()
{
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" \
		-keyout "$P/$2.key" -out "$P/$2.csr" 2> /dev/null
	openssl x509 -req -in "$P/$2.csr" -CA "$P/$1.crt" -CAkey "$P/$1.key" -CAcreateserial \
		-extfile <(echo "subjectAltName=$3") -days 2 -out "$P/$2.crt" 2> /dev/null
}
for name in fleet machines judges strangers; do
	authority $name
done
issue machines web1 DNS:localhost
issue judges judge DNS:judge.example
issue strangers stranger DNS:judge.example
cp "$P/web1.crt" "$P/web1.key" "$P/judges.crt" $ETC/
cp "$P/fleet.crt" $ETC/trust/

check "evidence of this boot" protkey fw measure --out "$TMP/evidence"
jq -e .quote "$TMP/evidence" > "$TMP/said" || diag "$ktap_output"
check "a reference of this boot" protkey fw reference make "$TMP/evidence" \
	--out $ETC/reference --pin --ima no-violation
check "it is signed" protkey fw reference sign $ETC/reference --key "$P/fleet.key" \
	--cert "$P/fleet.crt"

# as in Documentation/firmware.md
cat > $ETC/tlsd.conf << END
[evidence]
mode = server
domain = ledger
listen = *:8444
connect = unix:/run/protkey-fw-evidence.sock
cert = $ETC/web1.crt
key = $ETC/web1.key
ca = $ETC/judges.crt
verify = required
END
cat > $ETC/fw.conf << END
reference = $ETC/reference
trust = $ETC/trust
state = /var/lib/protkey-fw-test
on-bad = lock books
END
cat > $ETC/fw.d/10-tell << END
#!/bin/sh
echo "\$PROTKEY_VERDICT \$PROTKEY_STATUS \$(cat)" >> $TMP/hooked
END
chmod 755 $ETC/fw.d/10-tell

# ---- systemd, first in a PID namespace: with these units, its journal, and
# nothing of what else this machine would start

# one of its own it would put over one that is no mount
mountpoint -q /run || mount -t tmpfs -o mode=755 run /run
mkdir -p /run/systemd/system
for unit in /lib/systemd/system/{sysinit,local-fs,sockets,basic,timers}.target.wants/*; do
	case ${unit##*/} in
	systemd-journald* | '*') ;;
	*) ln -sf /dev/null "/run/systemd/system/${unit##*/}" ;;
	esac
done
printf '[Unit]\nDescription=A test\n' > /run/systemd/system/test.target
container=pk unshare --fork --pid --mount-proc --kill-child /lib/systemd/systemd \
	--system --unit=test.target --show-status=0 --log-target=kmsg > "$TMP/systemd" 2>&1 &
systemd=$!
cleanup_add kill -9 $systemd
# it hears nobody from outside of its namespace
inside() { nsenter -p -m -t "$(pgrep -P $systemd)" "$@"; }
systemctl() { inside systemctl "$@"; }
for _ in {1..60}; do
	[ ! -S /run/systemd/private ] || ! systemctl is-active -q test.target || break
	sleep 1
done
check "systemd is up" systemctl is-active test.target || {
	diag "$(cat "$TMP/systemd"; dmesg | grep 'systemd\[1\]' | tail -n 20)"
	finish
}

# start UNIT: with what it said, should it fail
start()
{
	systemctl start "$1" && return
	systemctl status --no-pager --full "$1"
	journalctl --no-pager -n 20 -u "$1"
	return 1
}

# ---- evidence, asked for over TLS

check "protkey-fw-evidence.socket starts" start protkey-fw-evidence.socket
is "its socket is root's alone" "$(stat -c '%a %U' /run/protkey-fw-evidence.sock)" "600 root"
nonce=$(openssl rand -hex 32)
echo "$nonce" | socat -t 120 - UNIX-CONNECT:/run/protkey-fw-evidence.sock > "$TMP/answer"
is "it answers a nonce with a quote over it" "$(jq -r .quote.nonce "$TMP/answer")" "$nonce"
is "with the firmware's log" "$(jq -r '."event-log"' "$TMP/answer" | base64 -d | sha256sum)" \
	"$(sha256sum < /sys/kernel/security/tpm0/binary_bios_measurements)"
echo "$nonce" > "$TMP/nonce"
expect_out '^trusted' "which is trusted" protkey fw verify --config /dev/null \
	--reference $ETC/reference --trust $ETC/trust --nonce "$TMP/nonce" "$TMP/answer"

check "protkey-tlsd.service starts" start protkey-tlsd.service
ask()
{
	protkey fw verify --connect --config /dev/null --reference "$ETC/reference" --trust "$ETC/trust" \
		--ca "$P/machines.crt" --cert "$P/judge.crt" --key "$P/judge.key" --timeout 120 \
		localhost:8444 "$@"
}
expect_out '^trusted .*localhost' "through protkey-tlsd, too" ask
expect_out '"trusted"' "and again: each question has its own process" ask --json
expect_err 'no evidence' "who has no certificate that the machine trusts gets none" \
	ask --cert "$P/stranger.crt" --key "$P/stranger.key"
is "its status" "$ktap_status" 23
# two keys for each of two connections; of the one that was refused there is none
expect_out '^protkey_tls_confirmed_total\{domain="ledger"\} 4$' \
	"protkey-tlsd's keys are protected ones" protkey tls metrics
running() { systemctl list-units --no-legend 'protkey-fw-evidence@*' | grep running; }
for _ in {1..50}; do running > /dev/null || break; sleep 0.2; done
check_not "no process is left of the questions" running

# ---- the check of this boot

check "protkey-fw.service: a good boot" start protkey-fw.service
check "protkey-fw.timer starts" start protkey-fw.timer
due() { systemctl list-timers --no-legend protkey-fw.timer | grep -v '^-'; }
check "it is due" due
check_not "no alarm" [ -e "$TMP/hooked" ]

# somebody is logged in, on a terminal that we have
python3 - "$TMP/terminal" "$TMP/tty" << 'END' &
import os, pty, sys
master, slave = pty.openpty()
with open(sys.argv[2], "w") as f:
    f.write(os.ttyname(slave))
with open(sys.argv[1], "wb", buffering=0) as out:
    while True:
        out.write(os.read(master, 4096))
END
cleanup_add kill $!
for _ in {1..100}; do [ -s "$TMP/tty" ] && break; sleep 0.1; done
tty=$(sed 's|^/dev/||' "$TMP/tty")
printf '[7] [%05d] [ts/1] [%-8s] [%-12s] [%-20s] [0.0.0.0        ] [%s]\n' $$ root "$tty" host \
	"$(date -u +%Y-%m-%dT%H:%M:%S,000000+00:00)" | utmpdump -r > /run/utmp 2> /dev/null
check "somebody is logged in" sh -c "who | grep $tty"

check "something else is measured into PCR 4" tpm2_pcrextend -T device:/dev/tpmrm0 \
	"4:sha256=$(openssl rand -hex 32)"
check_not "protkey-fw.service fails" systemctl start protkey-fw.service
is "by the verdict" "$(systemctl show -P ExecMainStatus protkey-fw.service)" 25
failed() { systemctl --failed --no-legend | grep protkey-fw.service; }
check "which is seen in the list of failed units" failed
is "the domain that asked for it is locked" "$(protkey domain show books --json | jq -r .state)" locked
is "the other is not" "$(protkey domain show ledger --json | jq -r .state)" unlocked
check "the journal has it under its message ID" sh -c "journalctl --no-pager -o json \
	MESSAGE_ID=6f1d3a0c5c7e4b0a9d0e7c1f2b8a4e63 | jq -e '.PROTKEY_VERDICT == \"tampered\"'"
check "people who are logged in are told" grep -a 'tampered: pcr.4' "$TMP/terminal"
check "the hook ran" grep '^tampered 25 boot of .*pcr.4' "$TMP/hooked"
expect_err '^tampered' "and who asks over TLS is told" ask
is "with its status" "$ktap_status" 25
finish
