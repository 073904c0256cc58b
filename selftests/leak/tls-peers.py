#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""tls-peers.py SHARE PKI PORT STOCK-PORT COUNT: the peers of tlsd_leak_test, on the host,
so that no secret of theirs is in the guest. COUNT connections to protkey-tlsd, two to
stunnel, one whose handshake stays without its end. All their secrets, and the private
keys, go to PKI/tlsd.secrets and PKI/stock.secrets; files in SHARE keep step with the
guest."""

import os
import re
import ssl
import subprocess
import sys
import threading
import time

sys.path.insert(0, f"{os.environ['PK_TOP']}/selftests")
import tlsd  # noqa: E402

share, pki, port, stock_port, count = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])


def context_for(name):
    context = ssl.create_default_context(cafile=f"{pki}/ca.crt")
    context.check_hostname = False
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.keylog_filename = f"{pki}/{name}.keylog"
    return context


def talk(sock):
    data = os.urandom(3000)
    sock.sendall(data)
    got = b""
    while len(got) < len(data):
        more = sock.recv(65536)
        if not more:
            break
        got += more
    if got != data:
        sys.exit("what came back is not what was sent")


def half_handshake(context):
    """Up to the last message, which stays here: the server waits for it, with all its
    secrets."""
    sock = tlsd.reach(port)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing)
    while True:
        try:
            tls.do_handshake()
            return sock
        except ssl.SSLWantReadError:
            sock.sendall(outgoing.read())
            incoming.write(sock.recv(65536))


def private_key(name):
    text = subprocess.run(["openssl", "pkey", "-in", f"{pki}/{name}.key", "-text", "-noout"],
                          check=True, capture_output=True, text=True).stdout
    digits = re.search(r"priv:\s*([0-9a-f:\s]+)pub:", text).group(1)
    return bytes.fromhex(re.sub(r"[:\s]", "", digits))[-32:]


def write_secrets(name, key):
    """The key log, what is derived from it, the private key."""
    with open(f"{pki}/{name}.secrets", "w", encoding="ascii") as out:
        out.write(f"private-key {private_key(key).hex()}\n")
        out.writelines(tlsd.keylog_secrets(f"{pki}/{name}.keylog"))


def keep_talking(socks, stop):
    while not stop.is_set():
        for sock in socks:
            talk(sock)
        time.sleep(0.2)


def main():
    tlsd.wait_file(share, "ready")
    ours, stock = context_for("tlsd"), context_for("stock")
    protected = [tlsd.reach_tls(ours, port) for _ in range(count)]
    others = [tlsd.reach_tls(stock, stock_port) for _ in range(2)]
    stop = threading.Event()
    talker = threading.Thread(target=keep_talking, args=(protected + others, stop))
    talker.start()
    tlsd.say(share, "live")
    tlsd.wait_file(share, "live-done")
    half = half_handshake(ours)
    write_secrets("tlsd", "ledger.test")
    write_secrets("stock", "peer.test")
    tlsd.say(share, "kill")
    tlsd.wait_file(share, "killed-done")
    half.close()
    stop.set()
    talker.join()
    for sock in protected:
        sock.close()
    time.sleep(2)
    tlsd.say(share, "closed")
    for sock in others:
        talk(sock)
    tlsd.wait_file(share, "end")


if __name__ == "__main__":
    main()
