#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
# check: group=ktls where=host kernels=6.1,6.12 timeout=3600
"""protkey-tlsd with peers and applications that misbehave, at its limits, and through
reload, restart and lock: it stays up, says why, and loses no descriptor."""

import os
import resource
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time

import ktls
import tlsd
from ktap import Results

LONG = os.environ.get("PK_LONG") == "1"
MANY = 1000 if LONG else 12
# without --long, on 6.1 only what the kernel has a part in
ALL = LONG or os.environ.get("PK_KERNEL") != "6.1"
PORT, LIMITED, IDLE, NOBODY, ACTIVATED, ECHO = 8443, 8444, 8445, 8446, 8447, 8001
RESET = struct.pack("ii", 1, 0)


class Raw:
    """A TLS connection whose records we have in hand."""

    def __init__(self, port=PORT):
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.settimeout(tlsd.PATIENCE)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cafile=tlsd.CA)
        self.tls = context.wrap_bio(self.incoming, self.outgoing,
                                    server_hostname="ledger.test")

    def hello(self):
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self.outgoing.read()

    def run(self, call, *args):
        while True:
            try:
                return call(*args)
            except ssl.SSLWantReadError:
                self.sock.sendall(self.outgoing.read())
                data = self.sock.recv(65536)
                if not data:
                    raise ConnectionError("closed") from None
                self.incoming.write(data)

    def shake(self):
        self.run(self.tls.do_handshake)
        self.sock.sendall(self.outgoing.read())
        return self

    def seal(self, data):
        """A record."""
        self.tls.write(data)
        return self.outgoing.read()

    def answer(self):
        """What comes, or the error in words."""
        try:
            return self.run(self.tls.read, 1000)
        except (OSError, ConnectionError) as error:
            return str(error)

    def close(self, reset=False):
        if reset:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.sock.close()


class Test:
    def __init__(self):
        self.results = Results()
        self.node = tlsd.setup()
        self.endings = []
        tlsd.Application(ECHO, self.application)
        self.crt, self.sealed = tlsd.seal("ledger.test")
        self.pair = tempfile.mkdtemp()
        self.use_cert(tlsd.cert("ledger.test")[0], self.sealed)
        self.daemon = tlsd.Daemon(self.services(), drain=600).start()
        self.alive()
        self.fds = self.count_fds()

    def use_cert(self, crt, key):
        for path, name in ((crt, "crt"), (key, "key")):
            shutil.copy(path, f"{self.pair}/new")
            os.rename(f"{self.pair}/new", f"{self.pair}/{name}")

    def services(self):
        def server(port, connect=ECHO, **settings):
            return {"mode": "server", "domain": "tls", "listen": f"127.0.0.1:{port}",
                    "connect": f"127.0.0.1:{connect}",
                    "cert": [(f"{self.pair}/crt", f"{self.pair}/key")], **settings}

        return {"main": server(PORT, max_connections=MANY + 50, max_handshakes=16,
                               handshake_timeout=60),
                "limited": server(LIMITED, max_connections=3, max_handshakes=2,
                                  handshake_timeout=10),
                "idle": server(IDLE, idle_timeout=5), "nobody": server(NOBODY, 1)}

    def application(self, sock):
        """Echo; notes how each connection ended."""
        try:
            tlsd.echo(sock)
            self.endings.append("end")
        except ConnectionResetError:
            self.endings.append("reset")

    def count_fds(self):
        tlsd.wait_until(lambda: not self.daemon.brokers())
        return (tlsd.fd_count(self.daemon.process.pid),
                tlsd.fd_count(self.daemon.forwarder()))

    def claim(self, good, name, more=""):
        self.results.report(bool(good), name, f"{more} {self.daemon.text()[-1500:]}")

    def alive(self, name="a good connection"):
        got = tlsd.ask(PORT)
        self.claim(got == b"a line\n", name, got)

    def log_after(self, text, call):
        """The log says this once more after the call."""
        before = self.daemon.text().count(text)
        call()
        return self.daemon.wait_log(text, before + 1)

    # ---- handshakes that are none ----

    def broken_handshakes(self):
        hello = Raw().hello()

        def send(data, reset=False):
            raw = Raw()
            raw.sock.sendall(data)
            if not reset:
                try:
                    while raw.sock.recv(4096):
                        pass
                except ConnectionResetError:
                    pass
            raw.close(reset)

        for name, data in (("noise", os.urandom(3000)), ("HTTP", b"GET / HTTP/1.0\r\n\r\n"),
                           ("an oversized record", b"\x16\x03\x01\xff\xff" + bytes(70000)),
                           ("a broken hello", hello[:60] + bytes(len(hello) - 60))):
            self.claim(self.log_after("handshake failed", lambda d=data: send(d)),
                       f"{name} in place of a hello")
        self.claim(self.log_after("handshake failed", lambda: send(hello, reset=True)),
                   "a reset after the hello")
        self.claim(self.log_after("handshake failed", lambda: send(hello[:50], reset=True)),
                   "a reset in the hello")
        raw = Raw()
        raw.sock.shutdown(socket.SHUT_WR)
        while raw.sock.recv(100):
            pass
        raw.close()
        self.alive("an end before the hello; then a good connection")

    def slow(self):
        """Two handshakes at once, which say nothing, keep others waiting, not for ever."""
        silent = [Raw(LIMITED) for _ in range(4)]
        tlsd.wait_until(lambda: len(self.daemon.brokers()) == 2)
        self.claim(len(self.daemon.brokers()) == 2, "silent peers: brokers up to the limit")
        self.claim(tlsd.ask(LIMITED) == b"a line\n" and
                   "handshake took too long" in self.daemon.text(),
                   "silent peers are ended, others have their turn")
        for raw in silent:
            raw.close()

    def killed(self):
        tlsd.wait_until(lambda: not self.daemon.brokers())
        raw = Raw()
        raw.sock.sendall(raw.hello()[:40])
        tlsd.wait_until(self.daemon.brokers)
        self.claim(self.log_after("a broker died: signal 9", lambda: os.kill(
            self.daemon.brokers()[0], signal.SIGKILL)), "a broker that is killed is noticed")
        raw.close()

    # ---- connections that are broken ----

    def broken_records(self):
        for name, data, why, alert in (
                ("a wrong tag", None, "forged or damaged", "bad record mac"),
                ("an oversized record", b"\x17\x03\x03\x45\x00" + bytes(0x4500),
                 "a record is too long", ""),
                ("another version", b"\x17\x09\x03\x00\x20" + bytes(32), "no record of TLS",
                 "")):
            raw = Raw().shake()
            raw.sock.sendall(raw.seal(b"first"))
            good = raw.answer() == b"first"
            if data is None:
                data = bytearray(raw.seal(b"second"))
                data[-1] ^= 1
            count = len(self.endings)
            said = self.log_after(why, lambda r=raw, d=data: r.sock.sendall(d))
            got = str(raw.answer())
            tlsd.wait_until(lambda c=count: len(self.endings) > c)
            self.claim(good and said and alert in got.lower().replace("_", " ") and
                       self.endings[-1] == "reset", f"{name}: alert, the application sees a "
                       "reset", f"{got} {self.endings[-1:]}")
            raw.close()

    def truncated(self):
        for name, announce, want in (("with close_notify", True, "end"),
                                     ("without", False, "reset")):
            raw = Raw().shake()
            raw.sock.sendall(raw.seal(b"all"))
            raw.answer()
            count = len(self.endings)
            if announce:
                try:
                    raw.tls.unwrap()
                except ssl.SSLWantReadError:
                    raw.sock.sendall(raw.outgoing.read())
            raw.sock.shutdown(socket.SHUT_WR)
            tlsd.wait_until(lambda c=count: len(self.endings) > c)
            self.claim(self.endings[-1] == want, f"an end {name}: the application sees "
                       f"{'an' if announce else 'no'} end", self.endings[-1:])
            raw.close()

    def no_application(self):
        got = tlsd.ask(NOBODY)
        self.claim(got != b"a line\n" and
                   self.daemon.wait_log("cannot reach the application"),
                   "no application: the connection ends", got)

    def idle(self):
        with tlsd.connect(IDLE) as sock:
            sock.sendall(b"x")
            good = sock.recv(1) == b"x"
            try:
                ended = not sock.recv(1)
            except OSError:
                ended = True
        self.claim(good and ended and self.daemon.wait_log("idle for too long"),
                   "a connection that is idle ends")

    # ---- many ----

    def limit(self):
        """Three of three connections are open: a fourth waits."""
        open_ones = [tlsd.connect(LIMITED) for _ in range(3)]
        result = []
        waiter = threading.Thread(target=lambda: result.append(tlsd.ask(LIMITED)))
        waiter.start()
        said = self.daemon.wait_log("at its limit")
        time.sleep(1)
        waits = not result
        open_ones.pop().close()
        waiter.join(tlsd.PATIENCE)
        self.claim(said and waits and result == [b"a line\n"],
                   "max_connections: one more waits for its turn", result)
        for sock in open_ones:
            sock.close()

    def handed_over(self):
        """A broker stands for its connection until the forwarder counts it."""
        # those of before count until the forwarder has seen their end
        tlsd.wait_until(lambda: self.daemon.at_rest("limited") and not self.daemon.brokers())
        os.kill(self.daemon.forwarder(), signal.SIGSTOP)
        open_ones = [tlsd.connect(LIMITED) for _ in range(2)]
        time.sleep(1)
        held = len(self.daemon.brokers())
        os.kill(self.daemon.forwarder(), signal.SIGCONT)
        tlsd.wait_until(lambda: not self.daemon.brokers())
        self.claim(held == 2 and not self.daemon.brokers(),
                   "a connection on its way to the forwarder counts", held)
        for sock in open_ones:
            sock.close()

    def many(self):
        socks = []
        for _ in range(MANY):
            try:
                socks.append(tlsd.connect(PORT))
            except OSError as error:
                print(f"# {len(socks)}: {error}")
                break
        for i, sock in enumerate(socks):
            sock.sendall(b"%05d" % i)
        good = sum(sock.recv(5) == b"%05d" % i for i, sock in enumerate(socks))
        self.claim(good == MANY, f"{MANY} connections at once", good)
        for sock in socks:
            sock.close()

    # ---- reload, restart ----

    def reload(self):
        kept = Raw().shake()
        self.use_cert(*tlsd.cert("second.test"))
        self.daemon.process.send_signal(signal.SIGHUP)
        self.claim(self.daemon.wait_log("reloaded:") and
                   tlsd.ask(PORT, name="second.test") == b"a line\n",
                   "reload: the new certificate is shown")
        self.use_cert(self.crt, self.sealed)
        self.daemon.reload({**self.services(), "bad": {"mode": "server", "colour": "red"}})
        self.claim(self.daemon.wait_log("not reloaded") and "unknown setting \"colour\"" in
                   self.daemon.text() and tlsd.ask(PORT, name="second.test") == b"a line\n",
                   "reload of a bad file: all stays as it was")
        self.daemon.reload(self.services())
        self.daemon.wait_log("reloaded:", 2)
        kept.sock.sendall(kept.seal(b"kept"))
        self.claim(kept.answer() == b"kept", "reload: a connection goes on")
        kept.close()

    def restart(self):
        """Another instance takes over, while clients come all the time."""
        old, kept = self.daemon, Raw().shake()
        failures, count, stop = [], [0], threading.Event()

        def hammer():
            while not stop.is_set():
                got = tlsd.ask(PORT)
                count[0] += 1
                if got != b"a line\n":
                    failures.append(got)

        clients = [threading.Thread(target=hammer) for _ in range(2)]
        for client in clients:
            client.start()
        self.daemon = tlsd.Daemon(self.services(), drain=600).start()
        forwarder = old.forwarder()
        old.process.send_signal(signal.SIGTERM)
        old.process.wait(tlsd.PATIENCE)
        seen = count[0]
        tlsd.wait_until(lambda: count[0] > seen + 5)
        stop.set()
        for client in clients:
            client.join()
        self.claim(not failures and count[0] > seen + 5, "restart: no client fails",
                   f"{failures} of {count[0]}")
        kept.sock.sendall(kept.seal(b"kept"))
        self.claim(kept.answer() == b"kept", "restart: an old connection goes on")
        kept.close()
        self.claim(tlsd.wait_until(lambda: not os.path.exists(f"/proc/{forwarder}")),
                   "restart: the old instance ends with it", old.text()[-800:])

    def activation(self):
        """The socket comes from systemd, as far as the daemon can tell."""
        services = {"act": {**self.services()["main"], "listen": "systemd"}}
        daemon = tlsd.Daemon(services)
        listener = socket.create_server(("127.0.0.1", ACTIVATED))
        with open(daemon.log, "wb") as log:
            process = subprocess.Popen(
                ["sh", "-c", f"LISTEN_FDS=1 LISTEN_FDNAMES=act LISTEN_PID=$$ exec {tlsd.TLSD} "
                 f"--config {daemon.conf} 3<&{listener.fileno()}"], stderr=log,
                pass_fds=[listener.fileno()], start_new_session=True)
        daemon.process = process
        tlsd.atexit.register(daemon.kill)
        self.claim(daemon.wait_log("ready:") and tlsd.ask(ACTIVATED) == b"a line\n",
                   "socket activation", daemon.text())
        listener.close()
        daemon.stop()

    def lock(self):
        kept = Raw().shake()
        ktl = ktls.KEYTOOL
        subprocess.run([ktl, "domain-lock", "tls"], check=True, capture_output=True)
        try:
            kept.sock.sendall(kept.seal(b"x"))
        except OSError:
            pass
        self.claim(self.daemon.wait_log("the domain was locked") and kept.answer() != b"x",
                   "lock: a connection ends")
        kept.close()
        self.claim(self.log_after("locked: protkey domain unlock", lambda: tlsd.ask(PORT)),
                   "lock: no new connection, and the log has advice")
        subprocess.run([ktl, "domain-unlock", "/tmp/tls.state", ktls.KEK], check=True,
                       capture_output=True)
        self.alive("unlock: connections again")

    def run(self):
        of_kernel = [self.killed, self.broken_records, self.truncated]
        rest = [self.broken_handshakes, self.slow, self.no_application, self.idle,
                self.limit, self.handed_over, self.many, self.reload]
        for part in of_kernel + rest * ALL:
            part()
        self.alive("after all that, a good connection")
        tlsd.wait_until(lambda: self.count_fds() == self.fds, 20)
        self.claim(self.count_fds() == self.fds, "no descriptor was lost",
                   f"{self.fds} {self.count_fds()}")
        if ALL:
            self.restart()
            self.activation()
        self.lock()
        self.results.report(self.daemon.stop(), "the daemon ends")
        self.node.close()
        self.results.finish()


if __name__ == "__main__":
    tlsd.in_guest(__file__)
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    Test().run()
