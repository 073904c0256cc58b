#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
# check: group=ktls where=vm debug=no timeout=300 vm="--smp 2 --mem 512"
"""Connections with openssl s_client and s_server as peers: the handshake in user
space, then the traffic keys are protkey's. KeyUpdates from both sides."""

import os
import socket
import ssl
import subprocess
import time

import ktls
from ktap import Results
from ktls import KEY_UPDATE, RX, TLS12, TX, name_of

PORT = 4433
CERT, PRIVATE = "/tmp/cert.pem", "/tmp/key.pem"
SUITES = {("1.3", 16): "TLS_AES_128_GCM_SHA256", ("1.3", 32): "TLS_AES_256_GCM_SHA384",
          ("1.2", 16): "ECDHE-ECDSA-AES128-GCM-SHA256",
          ("1.2", 32): "ECDHE-ECDSA-AES256-GCM-SHA384"}


class Peer:
    """openssl s_client or s_server."""

    def __init__(self, role, version, size):
        options = {"s_client": ["-connect", f"127.0.0.1:{PORT}"],
                   "s_server": ["-accept", f"127.0.0.1:{PORT}", "-cert", CERT, "-key", PRIVATE,
                                "-naccept", "1"]}[role]
        kind = "-ciphersuites" if version == "1.3" else "-cipher"
        self.process = subprocess.Popen(
            ["openssl", role, *options, f"-tls{version.replace('.', '_')}", kind,
             SUITES[version, size]], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.output = b""

    def type(self, line):
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def shows(self, text):
        """Whether this comes out of it within ten seconds."""
        for _ in range(200):
            self.output += self.process.stdout.read() or b""
            if text in self.output:
                return True
            time.sleep(0.05)
        return False

    def end(self):
        self.process.kill()
        self.process.wait()


def connect(role):
    """The socket to the peer of this role, with the ULP set before its data."""
    if role == "s_client":
        return None
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", PORT))
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise TimeoutError("s_server did not start")


class Handshake:
    """TLS by Python's ssl over a socket, which reads and writes not a byte more."""

    def __init__(self, sock, server, version):
        self.sock, self.server = sock, server
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.log = "/tmp/keylog"
        self.randoms = b""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
        with open(self.log, "wb"):
            context.keylog_filename = self.log
        if server:
            context.load_cert_chain(CERT, PRIVATE)
            context.num_tickets = 0
            context.options |= ssl.OP_NO_TICKET
        else:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        version = ssl.TLSVersion.TLSv1_3 if version == "1.3" else ssl.TLSVersion.TLSv1_2
        context.minimum_version = context.maximum_version = version
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=server)

    def note(self, record, sent):
        """The server's random is at the same place in every ServerHello."""
        if sent == self.server and record[:1] == b"\x16" and not self.randoms:
            self.randoms = record[11:43]

    def read_record(self):
        header = ktls.read_exactly(self.sock, 5)
        return header + ktls.read_exactly(self.sock, int.from_bytes(header[3:], "big"))

    def flush(self):
        data = self.outgoing.read()
        if data:
            self.note(data, True)
            self.sock.sendall(data)

    def run(self):
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.flush()
                record = self.read_record()
                self.note(record, False)
                self.incoming.write(record)
        self.flush()
        with open(self.log, encoding="ascii") as file:
            lines = [line.split() for line in file if not line.startswith("#")]
        return {name: (bytes.fromhex(random), bytes.fromhex(secret))
                for name, random, secret in lines}


def key_block(handshake, secrets, size):
    """TLS 1.2: ((key, salt) of the client, of the server)."""
    client_random, master = secrets["CLIENT_RANDOM"]
    block = ktls.prf(ktls.HASHES[size], master,
                     b"key expansion" + handshake.randoms + client_random, 2 * size + 8)
    return ((block[:size], block[2 * size:2 * size + 4]),
            (block[size:2 * size], block[2 * size + 4:]))


def protect(node, handshake, secrets, version, size):
    """Both directions of the socket are the module's from here on."""
    sock, server = handshake.sock, handshake.server
    if version == "1.3":
        mine, other = "SERVER", "CLIENT"
        if not server:
            mine, other = other, mine
        for direction, who in ((TX, mine), (RX, other)):
            ktls.protect_secret(node, sock, direction,
                                secrets[f"{who}_TRAFFIC_SECRET_0"][1], size)
        return
    keys = key_block(handshake, secrets, size)
    for direction, (key, salt) in ((TX, keys[server]), (RX, keys[not server])):
        # the Finished messages had number 0
        ktls.protect(node, sock, direction, TLS12, key, salt=salt,
                     iv=(1).to_bytes(8, "big"), seq=1)


def open_connection(node, role, version, size):
    """(peer, our socket)"""
    listener = socket.create_server(("127.0.0.1", PORT)) if role == "s_client" else None
    peer = Peer(role, version, size)
    sock = connect(role) if not listener else listener.accept()[0]
    if listener:
        listener.close()
    sock.settimeout(20)
    sock.setsockopt(socket.IPPROTO_TCP, ktls.TCP_ULP, b"tls")
    handshake = Handshake(sock, role == "s_client", version)
    protect(node, handshake, handshake.run(), version, size)
    return peer, sock


def receive_line(sock, line):
    """Data up to a line; the other records that came before, as (type, data)."""
    got, others = b"", []
    while not got.endswith(line + b"\n"):
        kind, data = ktls.recv_record(sock)
        if kind in (None, 23):
            if not data:
                break
            got += data
        else:
            others.append((kind, data))
    return got == line + b"\n", others


def say(sock, peer, word):
    """Both directions; what went wrong, and the records that are no data."""
    wrong = []
    sock.sendall(b"ours-" + word + b"\n")
    if not peer.shows(b"ours-" + word):
        wrong.append(f"{word}: the peer did not get it")
    peer.type(b"its-" + word)
    right, others = receive_line(sock, b"its-" + word)
    if not right:
        wrong.append(f"{word}: we did not get it")
    return wrong, others


def check_update(results, node, role, size):
    """The peer asks for updates, we follow; then ours, which it follows."""
    peer, sock = open_connection(node, role, "1.3", size)
    wrong, _ = say(sock, peer, b"start")
    for i in range(ktls.UPDATES):
        peer.type(b"K" if i % 2 else b"k")
        more, others = say(sock, peer, b"update-%d" % i)
        wrong += more
        if others != [(22, KEY_UPDATE[:4] + bytes([i % 2]))]:
            wrong.append(f"update {i}: the records {others}")
        if i % 2:
            ktls.send_record(sock, 22, KEY_UPDATE)
            more, _ = say(sock, peer, b"answered-%d" % i)
            wrong += more
    what = f"{role} AES-{size * 8}"
    results.report(not wrong, f"{what}: {ktls.UPDATES} KeyUpdates of the peer, "
                   f"{ktls.UPDATES // 2} of ours", "\n".join(wrong) or "")
    peer.type(b"k")
    kind, _ = ktls.recv_record(sock)
    peer.type(b"one too many")
    got = name_of(sock.recv, 100)
    results.report((kind, got) == (22, "EKEYREJECTED"), f"{what}: the next one ends the keys",
                   f"{kind}, {got}")
    peer.end()
    sock.close()


def check_raw_update(results, node):
    """A raw key has no next generation."""
    tx, rx = ktls.pair()
    key = os.urandom(32)
    ktls.set_key(tx, TX, ktls.TLS13, key)
    ktls.protect(node, rx, RX, ktls.TLS13, key)
    ktls.send_record(tx, 22, KEY_UPDATE)
    kind = ktls.recv_record(rx)[0]
    tx.sendall(b"data")
    got = kind, name_of(rx.recv, 4)
    results.report(got == (22, "EKEYREJECTED"), "after a KeyUpdate a raw key has ended", str(got))
    tx.close()
    rx.close()


def check_handshake_records(results, node):
    """Messages that are no KeyUpdate, several in a record and one in several."""
    secret = os.urandom(48)
    key, salt, iv = ktls.traffic_key(secret, 32)
    tx, rx = ktls.pair()
    ktls.set_key(tx, TX, ktls.TLS13, key, salt, iv)
    ktls.protect_secret(node, rx, RX, secret, 32)
    ticket = bytes([4, 0, 0, 40]) + os.urandom(40)
    # its body has a KeyUpdate in it
    trap = bytes([4, 0, 0, 10]) + KEY_UPDATE + KEY_UPDATE
    records = [ticket, ticket + trap, ticket[:20], ticket[20:], trap[:9], trap[9:]]
    for record in records:
        ktls.send_record(tx, 22, record)
    tx.sendall(b"data")
    got = [ktls.recv_record(rx) for _ in records], rx.recv(4)
    results.report(got == ([(22, record) for record in records], b"data"),
                   "other handshake messages change no key")
    tx.close()
    rx.close()


def check_no_padding(results, node):
    """Records are first decrypted into the reader's pages, and what is no data is
    then decrypted again: a KeyUpdate comes by twice."""
    secret, wrong = os.urandom(32), []
    tx, rx = ktls.pair()
    ktls.protect_secret(node, tx, TX, secret, 16)
    ktls.protect_secret(node, rx, RX, secret, 16)
    rx.setsockopt(ktls.SOL_TLS, ktls.EXPECT_NO_PAD, 1)
    for i in range(ktls.UPDATES):
        tx.sendall(b"before")
        ktls.send_record(tx, 22, KEY_UPDATE)
        tx.sendall(b"after")
        got = [ktls.recv_record(rx) for _ in range(3)]
        if got != [(23, b"before"), (22, KEY_UPDATE), (23, b"after")]:
            wrong.append(f"{i}: {got}")
    results.report(not wrong, "KeyUpdates that are decrypted twice count once",
                   "\n".join(wrong))
    tx.close()
    rx.close()


def main():
    results = Results()
    subprocess.run(["modprobe", "-q", "tls"], check=False)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", PRIVATE, "-out", CERT,
                    "-subj", "/CN=peer"], check=True, capture_output=True)
    ktls.insmod("protkey")
    ktls.insmod("protkey-ktls")
    node = ktls.make_domain("tls")
    for version, size in SUITES:
        for role in ("s_client", "s_server"):
            peer, sock = open_connection(node, role, version, size)
            wrong, _ = say(sock, peer, b"hello")
            results.report(not wrong, f"{role}: TLS {version} AES-{size * 8}", "\n".join(wrong))
            peer.end()
            sock.close()
    check_update(results, node, "s_client", 32)
    check_update(results, node, "s_server", 16)
    check_raw_update(results, node)
    check_handshake_records(results, node)
    check_no_padding(results, node)
    node.close()
    results.finish()


if __name__ == "__main__":
    main()
