#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=vm kernels=6.12 timeout=1200 vm="--smp 2 --mem 1024"
#
# Two containers, each root of its own and with the node of its own domain: neither
# can use, lock or exhaust the other's, through nodes, AF_ALG or kTLS; what happens to
# one domain does not disturb the other; quotas.
# shellcheck disable=SC2317 # run through ktap_run

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_protkey.sh
. "$(dirname "$0")/lib_protkey.sh"

need_cmd setpriv unshare nsenter mknod dmsetup losetup python3
ulimit -n 65536
export DM_DISABLE_UDEV=1
chmod 755 "$TMP"
iv=000102030405060708090a0b0c0d0e0f
data=$(printf '%02x' {0..31})
export PYTHONPATH=$PK_TOP/selftests PYTHONDONTWRITEBYTECODE=1

# ---- containers ---------------------------------------------------------------------

declare -A box held

# start_box NAME USER NODE...: user, mount, pid, net and ipc namespaces; NAME's root is
# USER outside; of /dev it has these nodes
start_box()
{
	local name=$1 user=$2 dev=$TMP/dev.$1 node child=''
	shift 2
	mkdir "$dev"
	mount -t tmpfs -o mode=755 dev "$dev"
	cleanup_add umount -R "$dev"
	mkdir "$dev/protkey"
	for node in null zero urandom "$@"; do
		touch "$dev/$node"
		mount --bind "/dev/$node" "$dev/$node"
	done
	# the cover over /dev is locked for the namespace within
	unshare --mount --propagation private bash -c "mount --rbind $dev /dev &&
		exec setpriv --reuid $user --regid $user --clear-groups unshare --user \
		--map-root-user --mount --pid --net --ipc --fork --kill-child sleep 100000" \
		2> "$TMP/$name.box" &
	for _ in {1..100}; do
		read -r child < "/proc/$!/task/$!/children"
		[ "$(cat "/proc/${child:-x}/comm" 2> /dev/null)" != sleep ] || break
		sleep 0.1
	done
	box[$name]=$child
	cleanup_add kill -9 "$child"
	must in_box "$name" ip link set lo up
}

in_box() { nsenter -t "${box[$1]}" --user --mount --pid --net --ipc -- "${@:2}"; }
# with a session on its own domain, whose name is the container's
in_session() { in_box "$1" pk-keytool session "$@"; }

# hold NAME COMMAND...: from its first line of output, said, until release NAME
hold()
{
	local name=$1
	shift
	rm -f "$TMP/$name.out"
	"$@" < <(echo $BASHPID > "$TMP/$name.pid"; exec sleep 1000 2> /dev/null) \
		> "$TMP/$name.out" 2>&1 &
	held[$name]=$!
	for _ in {1..600}; do
		[ ! -s "$TMP/$name.out" ] || break
		sleep 0.1
	done
	said=$(head -n 1 "$TMP/$name.out")
}

release()
{
	kill "$(cat "$TMP/$1.pid")"
	wait "${held[$1]}"
}

cat > "$TMP/tls.py" << 'END'
import os
import sys
import time

import ktls

what, domain = sys.argv[1:3]
if what == "set":
    # somebody's token, in a socket of ours: at once, for it lives 10 s
    ends, said = ktls.pair(), ""
    while not said.endswith("\n"):
        time.sleep(0.1)
        if os.path.exists(sys.argv[3]):
            with open(sys.argv[3], encoding="ascii") as file:
                said = file.read()
    print(ktls.name_of(ktls.set_key, ends[0], ktls.TX, ktls.TLS13,
                       bytes.fromhex(said.split("last=")[1])))
    sys.exit()
node = ktls.Node(domain)
if what == "connect":
    tx, rx = ktls.connect(node, ktls.TLS13, 32)
    tx.sendall(bytes(1000))
    print("same" if ktls.read_exactly(rx, 1000) == bytes(1000) else "other")
elif what == "offer":
    count, got = 0, "0"
    while count < int(sys.argv[3]) and got == "0":
        try:
            token = node.offer(os.urandom(32))
            count += 1
        except OSError as error:
            got = ktls.errno.errorcode[error.errno]
    print(f"tokens={count} next={got} last={token.hex() if count else ''}", flush=True)
    sys.stdin.read()
    ends = ktls.pair()
    print(ktls.name_of(ktls.set_key, ends[0], ktls.TX, ktls.TLS13, token))
END
tls() { in_box "$1" python3 "$TMP/tls.py" "${@:2}"; }

# ---- set-up -------------------------------------------------------------------------

load_both
modprobe -a tls loop
ktap_insmod "$PK_MODDIR/protkey-ktls.ko" || fail "load protkey-ktls.ko"
cleanup_add rmmod protkey-ktls
user=100000
for d in a b; do
	new_domain $d
	new_key $d
	for file in clear blob; do
		mv "$TMP/key.$file" "$TMP/$d.$file"
		chmod 644 "$TMP/$d.$file"
	done
	chown $((++user)) /dev/protkey/$d
	start_box $d $user protkey/$d
done
# the first use loads modules, which not everybody may
must pk-keytool set-key "$TMP/a.blob"
want_a=$(pk-keytool encrypt "$TMP/a.clear" $iv "$data" "xts(aes)")
want_b=$(pk-keytool encrypt "$TMP/b.clear" $iv "$data" "xts(aes)")
right() { in_session "$1" pk-keytool encrypt "$TMP/$1.blob" $iv "$data"; }

# ---- its own ------------------------------------------------------------------------

is "a container's nodes" "$(in_box a ls /dev/protkey)" a
is "its root is a user outside" "$(stat -c %u "/proc/${box[a]}")" 100001
is "a uses its domain" "$(right a)" "$want_a"
is "b uses its domain" "$(right b)" "$want_b"
check "a makes a key" in_box a pk-keytool key-generate a xts-256 /dev/null
is "a's kTLS connection" "$(tls a connect a)" same
is "b's kTLS connection" "$(tls b connect b)" same
check "a locks its own" in_box a pk-keytool domain-lock a
is "b's is not locked" "$(right b)" "$want_b"
check "unlock" unlock_domain a

# ---- the other's --------------------------------------------------------------------

expect_err 'set-key: EACCES' "AF_ALG, no session" in_box a pk-keytool set-key "$TMP/a.blob"
expect_err 'set-key: EACCES' "AF_ALG, b's blob" in_session a pk-keytool set-key "$TMP/b.blob"
expect_err 'key-verify: EXDEV' "b's blob on a's node" in_box a pk-keytool key-verify a "$TMP/b.blob"
cp "$TMP/b.blob" "$TMP/forged"
# UUID and pattern of the master key
dd if="$TMP/a.blob" of="$TMP/forged" bs=1 skip=32 seek=32 count=32 conv=notrunc status=none
expect_err 'set-key: EKEYREJECTED' "b's blob with a's name on it" \
	in_session a pk-keytool set-key "$TMP/forged"

refused()
{
	expect_err "$1" "$2: info" in_box "$3" pk-keytool domain-info b
	expect_err "$1" "$2: a session" in_box "$3" pk-keytool session b true
	expect_err "$1" "$2: lock" in_box "$3" pk-keytool domain-lock b force
	expect_err "$1" "$2: quota" in_box "$3" pk-keytool domain-quota b 1 1 1
	expect_err "$1" "$2: a key" in_box "$3" pk-keytool key-generate b xts-256 /dev/null
}
chmod 644 "$TMP/b.state"
refused_control()
{
	expect_err "$1" "$2: create" in_box "$3" pk-keytool domain-create c "$KEK" /dev/null
	expect_err "$1" "$2: unlock" in_box "$3" pk-keytool domain-unlock "$TMP/b.state" "$KEK"
	expect_err "$1" "$2: delete" in_box "$3" pk-keytool domain-delete b
	expect_err "$1" "$2: zeroize" in_box "$3" pk-keytool domain-zeroize b
}
refused 'b: ENOENT' "b's node is not there" a
refused_control 'control: ENOENT' "no control node" a
expect_err 'mknod: .*not permitted' "a makes b's node" in_box a sh -c "mount -t tmpfs x /mnt &&
	mknod /mnt/b c 0x$(stat -c %t /dev/protkey/b) 0x$(stat -c %T /dev/protkey/b)"
check_not "a takes the cover off /dev" in_box a umount /dev
is "it has its node still, and no other" "$(in_box a ls /dev/protkey)" a
expect_err 'inherited: EACCES' "b's node, opened by somebody else" \
	in_box a pk-keytool inherited 9 9<> /dev/protkey/b
# one that the host gave too much
start_box full 100001 protkey/a protkey/b protkey/control
refused 'b: EACCES' "b's node is not a's" full
refused_control 'control: EACCES' "the control node is root's" full
chmod 666 /dev/protkey/control
refused_control 'domain-[a-z]*: EACCES' "the control node is everybody's" full
chmod 600 /dev/protkey/control
expect_err 'domain-quota: EACCES' "a's own quota" in_box a pk-keytool domain-quota a 9 9 9
expect_err 'seal-remove: EACCES' "a's own seal slot" in_box a pk-keytool seal-remove a 0
is "b has none the less" "$(domain b state) $(right b)" "2 $want_b"

rm -f "$TMP/token.out"
tls a set a "$TMP/token.out" > "$TMP/foreign" 2>&1 &
foreign=$!
hold token tls b offer b 1
wait $foreign
release token
is "b has a token" "${said% last=*}" "tokens=1 next=0"
is "it is nothing to a" "$(cat "$TMP/foreign")" ENOKEY
is "it was good" "$(tail -n 1 "$TMP/token.out")" 0

# ---- quotas -------------------------------------------------------------------------

is "quotas of a new domain" "$(domain a quota)" "1048576 1024 262144"
expect_err EINVAL "too many keys" pk-keytool domain-quota a 1048577 1 1
expect_err EINVAL "too many sessions" pk-keytool domain-quota a 1 65537 1
expect_err EINVAL "too many TLS keys" pk-keytool domain-quota a 1 1 262145
expect_err EINVAL "a reserved field" pk-keytool domain-quota a 1 1 1 1
check "quotas" pk-keytool domain-quota a 20 5 4
is "are a's" "$(domain a quota)" "20 5 4"
is "not b's" "$(domain b quota)" "1048576 1024 262144"
hold keys in_session a pk-handles keys "$TMP/a.blob" 100
is "a takes all its keys" "$said" "keys=20 next=EDQUOT"
hold sessions in_box a pk-handles sessions a 100
is "and its sessions" "$said" "sessions=4 next=EDQUOT"
hold tls tls a offer a 100
is "and its TLS keys" "${said% last=*}" "tokens=4 next=EDQUOT"
is "they are counted" "$(domain a keys_set) $(domain a sessions) $(domain a tls_keys)" "20 5 4"
expect_err 'set-key: EDQUOT' "root gets no more" pk-keytool set-key "$TMP/a.blob"
expect_err 'session: EDQUOT' "nor a session" pk-keytool session a true
is "b has keys and sessions" "$(right b)" "$want_b"
is "and connections" "$(tls b connect b)" same
check "less than is in use" pk-keytool domain-quota a 10 2 0
check "the state" pk-keytool get-state a "$TMP/a.state"
must pk-keytool domain-lock a
check "unlock" unlock_domain a
is "has the quotas" "$(domain a quota)" "10 2 0"
release keys
is "keys beyond the quota go on" "$(tail -n 1 "$TMP/keys.out")" "agree=20 last=0"
release sessions
release tls
is "now there are none" "$(domain a keys_set) $(domain a sessions)" "0 0"
hold keys in_session a pk-handles keys "$TMP/a.blob" 100
is "up to the new quota" "$said" "keys=10 next=EDQUOT"
release keys

# a volume is a key, too
must pk-keytool domain-quota a 1 1024 262144
truncate -s 1M "$TMP/disk"
loop=$(losetup --find --show "$TMP/disk")
volume() { dmsetup create "$1" --table "0 2048 crypt capi:xts(paes)-plain64 $(hex "$TMP/a.blob") 0 $loop 0"; }
check "a volume" volume first
is "is a key" "$(domain a keys_set)" 1
expect_err 'EDQUOT' "a session gets no other" in_session a pk-keytool set-key "$TMP/a.blob"
dmsetup remove first
hold key in_session a pk-handles keys "$TMP/a.blob" 1
expect_err 'quota' "no volume beside a key" volume second
release key
losetup -d "$loop"
must pk-keytool domain-quota a 1048576 1024 262144
must pk-keytool get-state a "$TMP/a.state"

# ---- one is at work, the other does not notice --------------------------------------

value() { sed -n "s/^$1=//p" "$TMP/agree"; }
# while_b SECONDS COMMAND...: run it beside b, which compares with xts(aes)
while_b()
{
	local seconds=$1 status
	shift
	in_session b pk-handles agree "$TMP/b.blob" "$TMP/b.clear" "$seconds" > "$TMP/agree" 2>&1 &
	status=$!
	sleep 1
	"$@"
	wait $status
}

hold keys in_session a pk-handles keys "$TMP/a.blob" 4000
must pk-keytool domain-lock a
long_unlock()
{
	local start=${EPOCHREALTIME/./}
	unlock_domain a > "$TMP/unlock" 2>&1
	unlock_ms=$(((${EPOCHREALTIME/./} - start) / 1000))
}
while_b 8 long_unlock
is "b is right while a is unlocked" "$?" 0
is "with many keys" "$(sed -n 's/^keys_prepared=//p' "$TMP/unlock")" 4000
diag "unlock: $unlock_ms ms; b: $(tr '\n' ' ' < "$TMP/agree")"
is "b's keys did not wait for that" "$(($(value longest_ms) * 2 < unlock_ms))" 1
# of a locked domain they go at once
must pk-keytool domain-lock a
release keys
is "a's keys are locked" "$(tail -n 1 "$TMP/keys.out")" "agree=0 last=ENOKEY"
check "unlock" unlock_domain a

load()
{
	in_session a pk-handles churn "$TMP/a.blob" 12 > "$TMP/churn" 2>&1 &
	in_session a pk-handles churn "$TMP/a.blob" 12 > /dev/null 2>&1 &
	sleep 2
	pk-keytool domain-cycle a "$TMP/a.state" "$KEK" 6 > "$TMP/cycle"
	pk-keytool domain-zeroize a
}
while_b 12 load
is "b is right while a works, is locked and zeroized" "$?" 0
until [ -s "$TMP/churn" ]; do sleep 0.2; done
diag "a: $(cat "$TMP/churn" "$TMP/cycle" | tr '\n' ' '); b: $(tr '\n' ' ' < "$TMP/agree")"
is "a did work" "$(($(sed -n 's/set=\([0-9]*\).*/\1/p' "$TMP/churn") > 0))" 1
is "a was locked" "$(($(sed -n 's/cycles=//p' "$TMP/cycle") > 1))" 1
expect_err 'EACCES|ENODEV' "a's node is of no use" in_box a pk-keytool domain-info a
is "b goes on" "$(right b)" "$want_b"

# a node that stayed in a container is no other domain's
new_domain c
expect_err 'EACCES|ENODEV' "not of the next domain either" in_box a pk-keytool domain-info a
finish
