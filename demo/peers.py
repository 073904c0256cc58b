#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""peers.py SHARE DIR PORT STOCK-PORT

The other peers of scripts/demo, on the host: certifies the guest's node, then pulls
its ledger twice, through protkey-tlsd at PORT and through stock stunnel at
STOCK-PORT. In the middle of both transfers it waits for the guest's memory to be
dumped. Writes the secrets of both connections, of which none comes from the guest,
to DIR/tls.secrets and DIR/tls-stock.secrets, and what the pulled ledgers are worth to
DIR/tls.json and DIR/tls-stock.json. Files in SHARE keep step with the guest."""

import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "selftests"))
import tlsd                         # pylint: disable=wrong-import-position

PATIENCE = 400
PAUSE_AT = 3 << 20                  # bytes of a ledger, in the middle of a block
NODE = "node.example"


class Bridge(threading.Thread):
    """TLS for one pk-ledger pull, which speaks plain TCP to us."""

    def __init__(self, name, folder, port):
        super().__init__(daemon=True)
        self.port = port
        self.context = ssl.create_default_context(cafile=f"{folder}/pki/ca.crt")
        self.context.minimum_version = ssl.TLSVersion.TLSv1_3
        self.context.keylog_filename = f"{folder}/{name}.keylog"
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.paused, self.resume = threading.Event(), threading.Event()

    def where(self):
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self):
        plain, _ = self.listener.accept()
        try:
            with plain, tlsd.reach_tls(self.context, self.port, NODE) as tls:
                tls.sendall(plain.recv(8, socket.MSG_WAITALL))
                got = 0
                while data := tls.recv(65536):
                    plain.sendall(data)
                    got += len(data)
                    if got >= PAUSE_AT and not self.resume.is_set():
                        self.paused.set()
                        self.resume.wait(PATIENCE)
        except (OSError, RuntimeError) as error:
            print(f"peers: {error}", file=sys.stderr)
        self.paused.set()


class Peer:
    """Pulls one ledger and verifies it."""

    def __init__(self, name, folder, port):
        self.dir, self.json = f"{folder}/{name}-ledger", f"{folder}/{name}.json"
        self.keylog, self.secrets = f"{folder}/{name}.keylog", f"{folder}/{name}.secrets"
        shutil.rmtree(self.dir, ignore_errors=True)
        self.bridge = Bridge(name, folder, port)
        self.bridge.start()
        self.pull = subprocess.Popen(["pk-ledger", "pull", "--dir", self.dir,
                                      "--from", self.bridge.where()],
                                     stdout=subprocess.DEVNULL)

    def in_flight(self):
        if not self.bridge.paused.wait(PATIENCE) or self.pull.poll() is not None:
            sys.exit(f"peers: {self.json}: nothing came")
        with open(self.secrets, "w", encoding="ascii") as out:
            out.writelines(tlsd.keylog_secrets(self.keylog))

    def end(self):
        self.bridge.resume.set()
        if self.pull.wait(PATIENCE):
            sys.exit(f"peers: {self.json}: the ledger was not pulled")
        with open(self.json, "w", encoding="ascii") as out:
            subprocess.run(["pk-ledger", "verify", "--dir", self.dir, "--json"],
                           stdout=out, check=False)
        shutil.rmtree(self.dir)


def certify(share, folder):
    """The node's key never leaves it; stunnel's is of the common kind."""
    os.makedirs(f"{folder}/pki", exist_ok=True)
    authority = tlsd.Ca(f"{folder}/pki", "ca")
    certificate, key = authority.issue("stock", san=NODE)
    shutil.copy(certificate, share)
    shutil.copy(key, share)
    tlsd.wait_file(share, "node.csr")
    authority.ca("-in", f"{share}/node.csr", "-out", f"{share}/node.crt", "-notext",
                 "-days", "30")
    tlsd.say(share, "certified")


def main():
    share, folder, port, stock_port = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
    certify(share, folder)
    tlsd.wait_file(share, "serving")
    peers = [Peer("tls", folder, port), Peer("tls-stock", folder, stock_port)]
    for peer in peers:
        peer.in_flight()
    tlsd.say(share, "in-flight")
    tlsd.wait_file(share, "dumped")
    for peer in peers:
        peer.end()
    tlsd.say(share, "pulled")


main()
