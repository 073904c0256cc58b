#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
# check: group=ktls where=vm debug=no timeout=300 vm="--smp 2 --mem 512"
"""protkey-ktls.ko: kTLS connections over loopback whose keys are tokens, beside
stock ones; the rules for tokens; who else uses gcm(aes) keeps what he had."""

import os
import socket
import subprocess
import time

import ktls
from ktap import Results
from ktls import KEK, RX, TLS12, TLS13, TX, List, Sender, connect, name_of, protect, set_key

OURS = "gcm-aes-protkey-token"
NOBODY = 65534
FORMS = [(version, size) for version in (TLS12, TLS13) for size in (16, 32)]


def form(version, size):
    return f"TLS 1.{version - 0x0301} AES-{size * 8}"


def rmmod(name):
    return subprocess.run(["rmmod", name], capture_output=True, text=True, check=False)


def keytool(*args):
    subprocess.run([ktls.KEYTOOL, *args], check=True, stdout=subprocess.DEVNULL)


# ---- data ----------------------------------------------------------------

def send_file(sock, data):
    with open("/tmp/sendfile", "w+b") as file:
        file.write(data)
        file.flush()
        at = 0
        while at < len(data):
            at += os.sendfile(sock.fileno(), file.fileno(), at, len(data) - at)


def exchange(ends):
    """Every way to send and to receive; what went wrong."""
    tx, rx = ends
    wrong = []

    def through(what, data, send, receive=ktls.read_exactly):
        sender = Sender(send, tx, data)
        got = receive(rx, len(data))
        sender.wait()
        if got != data:
            wrong.append(f"{what}: {len(got)} bytes of {len(data)}, or other ones")

    for size in (1, 15, 16, 17, 100, 1300, 4096, 16383, 16384):
        through(f"record of {size}", os.urandom(size), socket.socket.sendall)
    through("100000 by send", os.urandom(100000), socket.socket.sendall)
    through("50000 by sendfile", os.urandom(50000), send_file)
    through("30000 by splice", os.urandom(30000), ktls.splice_send)
    through("100000 to a pipe", os.urandom(100000), socket.socket.sendall,
            ktls.splice_exactly)
    ktls.send_record(tx, 21, b"\1\0")
    if ktls.recv_record(rx) != (21, b"\1\0"):
        wrong.append("alert: another record")
    return wrong


def run_exchange(results, name, ends):
    try:
        wrong = exchange(ends)
    except OSError as error:
        wrong = [repr(error)]
    results.report(not wrong, name, "\n".join(wrong))
    for sock in ends:
        sock.close()


def check_data(results, node):
    for version, size in FORMS:
        for protected, what in (((False, False), "stock on both ends (control)"),
                                ((True, False), "token sends to stock"),
                                ((False, True), "token receives from stock"),
                                ((True, True), "tokens on both ends")):
            run_exchange(results, f"{form(version, size)}: {what}",
                         connect(node, version, size, protected))


def check_wrong_tag(results, node):
    for version, size in FORMS:
        key = os.urandom(size)
        tx, rx = ktls.pair()
        set_key(tx, TX, version, key)
        # another salt: every tag is wrong
        protect(node, rx, RX, version, key, salt=b"bad!")
        tx.sendall(b"data")
        got = name_of(rx.recv, 100)
        results.report(got == "EBADMSG", f"{form(version, size)}: a wrong tag is EBADMSG", got)
        tx.close()
        rx.close()


# ---- tokens --------------------------------------------------------------

def expect(results, name, wanted, call, *args, **kwargs):
    got = name_of(call, *args, **kwargs)
    results.report(got == wanted, name, f"got {got}, wanted {wanted}")


def set_new(token, direction=TX, version=TLS13):
    """Set a token on a new socket."""
    tx, rx = ktls.pair()
    with tx, rx:
        set_key(tx, direction, version, token)


def as_user(call, *args):
    os.seteuid(NOBODY)
    try:
        call(*args)
    finally:
        os.seteuid(0)


def in_child(call, *args):
    """The errno of the call in a process of its own."""
    child = os.fork()
    if not child:
        try:
            call(*args)
        except OSError as error:
            os._exit(error.errno)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code:
        raise OSError(code, "in the child")


def check_rules(results, node):
    key = os.urandom(32)
    tx, rx = ktls.pair()
    token = protect(node, tx, TX, TLS13, key)
    expect(results, "a token works once", "ENOKEY", set_new, token)
    unknown = token[:16] + os.urandom(16)
    expect(results, "an unknown token is no raw key", "ENOKEY", set_new, unknown)
    expect(results, "nor is a short one", "ENOKEY", set_new, token[:8] + os.urandom(8))

    token = node.offer(key)
    expect(results, "another user cannot set it", "ENOKEY", as_user, set_new, token)
    expect(results, "nor another process of the same", "ENOKEY", in_child, set_new, token)
    expect(results, "its own can, still", "0", set_new, token)

    token = node.offer(key, lifetime_ms=50)
    time.sleep(0.3)
    expect(results, "an expired one cannot be set", "ENOKEY", set_new, token)
    other = ktls.Node("tls")
    token = other.offer(key)
    other.close()
    expect(results, "nor one whose file was closed", "ENOKEY", set_new, token)
    tx.close()
    rx.close()


def check_confirm(results, node):
    key = os.urandom(32)
    tx, rx = ktls.pair()
    token = node.offer(key)
    set_key(tx, TX, TLS13, token)
    expect(results, "not confirmed: not a byte is sent", "EBADMSG", tx.send, b"data")
    tx.close()
    rx.close()

    tx, rx = ktls.pair()
    token, unused = node.offer(key), node.offer(key)
    set_key(tx, TX, TLS13, token)
    expect(results, "another token is not what the socket has", "EKEYREJECTED",
           node.confirm, tx, unused)
    expect(results, "nor is the other end's socket it", "EKEYREJECTED",
           node.confirm, rx, token)
    expect(results, "another process cannot confirm", "EKEYREJECTED",
           in_child, node.confirm, tx, token)
    expect(results, "confirmed", "0", node.confirm, tx, token)
    expect(results, "once", "EALREADY", node.confirm, tx, token)
    # this one as a driver that does not know tokens would have taken it
    set_key(rx, RX, TLS13, os.urandom(32))
    expect(results, "a socket with a raw key is not confirmed", "EKEYREJECTED",
           node.confirm, rx, unused)
    tx.close()
    rx.close()

    tx, rx = ktls.pair()
    token = node.offer(key, direction=RX)
    set_key(tx, TX, TLS13, token)
    expect(results, "a token for receiving is not confirmed for sending", "EKEYREJECTED",
           node.confirm, tx, token)
    tx.close()
    rx.close()
    with socket.socket() as plain:
        expect(results, "no kTLS socket", "EOPNOTSUPP", node.confirm, plain, token)
    expect(results, "no socket", "ENOTSOCK", node.confirm, node.fd, token)
    expect(results, "no file", "EBADF", node.confirm, 1000, token)


def check_import(results, node):
    key = os.urandom(32)
    for what, fields in (("version", {"version": 0x0302}), ("cipher", {"cipher": 54}),
                         ("direction", {"direction": 3}), ("kind", {"kind": 0}),
                         ("reserved", {"reserved": 1}), ("size", {"secret_size": 16}),
                         ("lifetime", {"lifetime_ms": 10001})):
        expect(results, f"import: bad {what}", "EINVAL", node.offer, key, **fields)
    expect(results, "import: bytes behind the key", "EINVAL", node.offer, key + b"x",
           cipher=ktls.CIPHERS[32], secret_size=32)
    tokens = node.status().pending
    got = [name_of(node.offer, key) for _ in range(257 - tokens)]
    results.report(got.count("0") == 256 - tokens and got[-1] == "ENOSPC",
                   "256 tokens can be pending", got[-1])
    check_pages(results, node, tokens)


# ---- what there is ---------------------------------------------------------

def counts(first, second):
    """What came to the totals from one list to the next."""
    return tuple(getattr(second, field) - getattr(first, field)
                 for field in ("connections", "records", "bytes", "updates"))


def check_list(results, node):
    before, old = node.list()
    secret = os.urandom(48)
    token = node.offer(os.urandom(16), direction=RX, version=TLS12)
    tx, rx = ktls.pair()
    for sock, direction in ((tx, TX), (rx, RX)):
        ktls.protect_secret(node, sock, direction, secret, 32)
    for size in (1000, 2000):
        tx.sendall(bytes(size))
        ktls.read_exactly(rx, size)
    ktls.send_record(tx, 22, ktls.KEY_UPDATE)
    ktls.recv_record(rx)
    tx.sendall(b"x")
    rx.recv(1)
    after, entries = node.list()
    new = [(e.version, e.cipher, e.direction, e.kind, e.state, e.records, e.bytes, e.updates,
            e.inode, e.pid, e.uid, e.age < 20) for e in entries
           if e.id > max((e.id for e in old), default=0)]
    # a type byte in each record of TLS 1.3
    work = 4, 1000 + 2000 + len(ktls.KEY_UPDATE) + 1 + 4, 1
    mine = os.getpid(), 0, True
    wanted = [(TLS12, 51, RX, ktls.KEY, ktls.PENDING, 0, 0, 0, 0, *mine)]
    wanted += [(TLS13, 52, direction, ktls.SECRET, ktls.ACTIVE, *work,
                os.fstat(sock.fileno()).st_ino, *mine)
               for sock, direction in ((tx, TX), (rx, RX))]
    results.report(new == wanted, "list: what was imported and what it did",
                   f"got {new}\nwanted {wanted}")
    got = counts(before, after)
    results.report(got == (2, 2 * work[0], 2 * work[1], 2), "list: and the totals", str(got))
    other = ktls.make_domain("other")
    page, entries = other.list()
    results.report(not entries and counts(List(), page) == (0, 0, 0, 0),
                   "list: another domain has none of it")
    other.close()
    expect(results, "list: reserved", "EINVAL", node.list_page, reserved0=1)
    for sock in (tx, rx):
        sock.close()
    set_new(token, RX, TLS12)       # not confirmed, and gone with its socket
    ended, entries = node.list()
    results.report(len(entries) == len(old) and counts(after, ended) == (0, 0, 0, 0),
                   "list: closed connections leave it and stay in the totals",
                   f"{len(old)} -> {len(entries)}")


def check_pages(results, node, before):
    """With 256 tokens pending, of which those from @before may have lost their key."""
    page, sizes = node.list_page(), []
    while page.cursor:
        sizes.append(page.count)
        page = node.list_page(page.cursor)
    sizes.append(page.count)
    _, entries = node.list()
    ids = [e.id for e in entries]
    states = [e.state for e in entries]
    pending, lost = states.count(ktls.PENDING), states.count(ktls.NO_KEY)
    results.report(sizes == [64] * 4 and ids == sorted(set(ids)) and
                   pending + lost == 256 and lost <= before,
                   "list: page by page", f"{sizes}, {pending} pending, {lost} of {before} lost")


# ---- who else uses gcm(aes) ----------------------------------------------

def gcm(driver, key, encrypt, data):
    """One AF_ALG request with a zero IV and no associated data."""
    with socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET, 0) as algo:
        algo.bind(("aead", driver))
        algo.setsockopt(socket.SOL_ALG, socket.ALG_SET_KEY, key)
        algo.setsockopt(socket.SOL_ALG, socket.ALG_SET_AEAD_AUTHSIZE, None, 16)
        operation, _ = algo.accept()
        with operation:
            operation.sendmsg_afalg(
                [data], iv=bytes(12), assoclen=0,
                op=socket.ALG_OP_ENCRYPT if encrypt else socket.ALG_OP_DECRYPT)
            # the kernel waits for more data if more is asked for
            return operation.recv(max(1, len(data) + (16 if encrypt else -16)))


def users(driver):
    """How many hold the driver, itself included."""
    return int(ktls.crypto_drivers()[driver]["refcnt"])


def stock_driver():
    """What gcm(aes) is without us."""
    drivers = [driver for driver in ktls.crypto_drivers().values()
               if driver["name"] == "gcm(aes)" and driver["driver"] != OURS]
    return max(drivers, key=lambda driver: int(driver["priority"]))["driver"]


def check_others(results):
    """No program that makes tokens is there, then there is one."""
    node = ktls.Node("tls")
    drivers = ktls.crypto_drivers()
    results.report(drivers[OURS]["selftest"] == "passed" and drivers[OURS]["priority"] == "1",
                   "our driver is the last choice", str(drivers[OURS]))
    stock = stock_driver()
    before = users(OURS), users(stock)
    ends = connect(node, TLS13, 32, (False, False))
    results.report((users(OURS), users(stock)) == (before[0], before[1] + 2),
                   "a stock kTLS connection has the driver it had",
                   f"{before} -> {users(OURS)}, {users(stock)}: {stock}")
    token = node.offer(os.urandom(32))
    results.report(ktls.crypto_drivers()[OURS]["priority"] == "5000",
                   "while a program makes tokens it is the first")
    expect(results, "a token set through AF_ALG is no key to work with", "ENOKEY",
           gcm, "gcm(aes)", token, True, b"data")
    node.close()
    results.report(ktls.crypto_drivers()[OURS]["priority"] == "1", "and then the last again")
    for end in ends:
        end.close()


def check_forward(results, node):
    """Raw keys in our driver: as in the stock one."""
    stock = stock_driver()
    wrong = []
    for size in (16, 24, 32):
        for length in (0, 1, 16, 1000, 16384):
            key, data = os.urandom(size), os.urandom(length)
            sealed = gcm(stock, key, True, data)
            if gcm("gcm(aes)", key, True, data) != sealed:
                wrong.append(f"encrypt {size * 8} {length}")
            if length and gcm("gcm(aes)", key, False, sealed) != data:
                wrong.append(f"decrypt {size * 8} {length}")
            if name_of(gcm, "gcm(aes)", key, False, bytes([sealed[0] ^ 1]) + sealed[1:]) \
                    != "EBADMSG":
                wrong.append(f"wrong tag {size * 8} {length}")
    results.report(not wrong, "raw keys in our driver give what the stock driver gives",
                   "\n".join(wrong))
    before = users(OURS)
    ends = connect(node, TLS13, 32, (False, False))
    results.report(users(OURS) == before + 2, "a stock connection of that time has ours")
    run_exchange(results, "and works", ends)


# ---- requests that wait for a repair of the vault --------------------------

def queued():
    """Requests that could not run at once, since load."""
    status = subprocess.run([ktls.KEYTOOL, "status"], capture_output=True, text=True, check=True)
    return int(next(line for line in status.stdout.splitlines()
                    if line.startswith("requests_queued=")).partition("=")[2])


def storm(command):
    with open("/sys/kernel/debug/protkey_test/dr_storm", "w", encoding="ascii") as file:
        file.write(command)


def check_async(results, node):
    """Debug registers are overwritten all the time: many requests are queued."""
    before = queued()
    storm("start 100 any")
    for version, size in FORMS:
        run_exchange(results, f"{form(version, size)}: registers overwritten meanwhile",
                     connect(node, version, size))
    secret, wrong = os.urandom(48), []
    tx, rx = ktls.pair()
    ktls.protect_secret(node, tx, TX, secret, 32)
    ktls.protect_secret(node, rx, RX, secret, 32)
    try:
        for i in range(ktls.UPDATES):
            ktls.send_record(tx, 22, ktls.KEY_UPDATE)
            for j in range(20):
                data = os.urandom(4000)
                tx.sendall(data)
                if not j and ktls.recv_record(rx) != (22, ktls.KEY_UPDATE):
                    wrong.append(f"update {i}: another record")
                if ktls.read_exactly(rx, len(data)) != data:
                    wrong.append(f"update {i}: other data")
    except OSError as error:
        wrong.append(repr(error))
    storm("stop")
    results.report(not wrong, "and so through all KeyUpdates", "\n".join(wrong))
    results.report(queued() > before + 10, f"{queued() - before} requests were queued")
    tx.close()
    rx.close()


# ---- life ----------------------------------------------------------------

def check_lock(results, node):
    """Last but one: the domain's key of a connection never comes back."""
    ends = connect(node, TLS13, 32)
    waiting = node.offer(os.urandom(32))
    ends[0].sendall(b"before")
    got = ends[1].recv(6)
    keytool("domain-lock", "tls")
    states = {e.state for e in node.list()[1]}
    results.report(states == {ktls.NO_KEY}, "locked: the list says that keys are gone",
                   str(states))
    expect(results, "locked: no import", "ENOKEY", node.offer, os.urandom(32))
    wrong = [name_of(ends[0].send, b"x")]
    tx, rx = ktls.pair()
    set_key(tx, TX, TLS13, waiting)
    node.confirm(tx, waiting)
    wrong.append(name_of(tx.send, b"x"))
    results.report(got == b"before" and wrong == ["EBADMSG"] * 2,
                   "locked: connections and pending tokens have no key", str(wrong))
    keytool("domain-unlock", "/tmp/tls.state", KEK)
    for sock in (*ends, tx, rx):
        sock.close()
    tx, rx = connect(node, TLS13, 32)
    tx.sendall(b"after")
    results.report(rx.recv(5) == b"after", "unlocked: new connections work")
    tx.close()
    rx.close()


def check_receiver_lock(results, node):
    tx, rx = connect(node, TLS13, 32)
    tx.sendall(b"before")
    keytool("domain-lock", "tls")
    got = name_of(rx.recv, 6)
    results.report(got == "ENOKEY", "locked: what has arrived cannot be read", got)
    keytool("domain-unlock", "/tmp/tls.state", KEK)
    tx.close()
    rx.close()


def check_unload(results, node):
    tx, rx = connect(node, TLS13, 32)
    done = rmmod("protkey_ktls")
    tx.sendall(b"data")
    results.report(done.returncode != 0 and "in use" in done.stderr and
                   rx.recv(4) == b"data", "unload is refused while a connection is open",
                   done.stderr)
    tx.close()
    rx.close()
    node.offer(os.urandom(32))      # goes with the module
    status = node.status()
    results.report(status.taken >= 30 and status.refused >= 7 and status.expired >= 2,
                   "tokens were counted: "
                   f"{status.made} made, {status.taken} taken, {status.expired} expired, "
                   f"{status.refused} refused")
    done = rmmod("protkey_ktls")
    results.report(done.returncode == 0 and OURS not in ktls.crypto_drivers(),
                   "and unloads after", done.stderr)
    expect(results, "without it there are no tokens", "EOPNOTSUPP", node.offer, os.urandom(32))


def check_limit(results, node):
    ktls.insmod("protkey-ktls", "record_limit=20")
    tx, rx = connect(node, TLS13, 16)
    for _ in range(20):
        tx.sendall(b"x")
    got = ktls.read_exactly(rx, 20) == b"x" * 20, name_of(tx.send, b"x")
    results.report(got == (True, "EBADMSG"), "record_limit: the record after is refused",
                   str(got))
    log = subprocess.run(["dmesg"], capture_output=True, text=True, check=True).stdout
    results.report("used up after 20 records" in log, "and the log says so")
    tx.close()
    rx.close()
    tx, rx = connect(node, TLS13, 16, (False, True))
    tx.sendall(b"x")
    for _ in range(20):
        tx.sendall(b"x")
    first = ktls.read_exactly(rx, 20)
    got = first, name_of(rx.recv, 1)
    results.report(got == (b"x" * 20, "EKEYREVOKED"), "for receiving too", str(got))
    tx.close()
    rx.close()
    rmmod("protkey_ktls")


def main():
    results = Results()
    for module in ("tls", "af_alg", "algif_aead", "aesni-intel"):
        subprocess.run(["modprobe", "-q", module], check=False)
    ktls.insmod("protkey_test")     # before protkey: see its online.c
    ktls.insmod("protkey")
    ktls.insmod("protkey-ktls")
    node = ktls.make_domain("tls")
    check_data(results, node)
    check_wrong_tag(results, node)
    check_rules(results, node)
    check_confirm(results, node)
    check_list(results, node)
    node.close()
    check_others(results)
    node = ktls.Node("tls")
    node.offer(os.urandom(32))
    check_forward(results, node)
    check_async(results, node)
    check_lock(results, node)
    check_receiver_lock(results, node)
    check_import(results, node)
    node.close()
    node = ktls.Node("tls")
    check_unload(results, node)
    check_limit(results, node)
    node.close()
    rmmod("protkey_test")
    results.report(rmmod("protkey").returncode == 0, "protkey unloads")
    results.finish()


if __name__ == "__main__":
    main()
