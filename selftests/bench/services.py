# SPDX-License-Identifier: GPL-2.0-only
"""protkey-tlsd beside stunnel and nginx, in the guest of scripts/bench.

The client costs next to nothing, so that what is measured is the server: it takes
records off the socket without opening them, and has those that it sends ready.
"""

import hashlib
import itertools
import os
import socket
import ssl
import subprocess
import threading
import time

import ktls
import tlsd

APP, STUNNEL, TLSD, NGINX, PROTECTED = 8001, 8441, 8442, 8443, 8444
DATA_BYTES = 64 << 20
CONNECTIONS = 20
PATIENCE = 60
CIPHER_12 = "ECDHE-ECDSA-AES256-GCM-SHA384"
# name: port, what stands before the path of a request, and for a connection by TLS 1.3
# and by 1.2 how many directions get a key of the kernel's TLS, and how many a token
SERVICES = {
    "stunnel": (STUNNEL, "", {"1.3": (0, 0), "1.2": (0, 0)}),
    "tlsd": (TLSD, "", {"1.3": (2, 2), "1.2": (2, 2)}),
    "nginx": (NGINX, "", {"1.3": (1, 0), "1.2": (2, 0)}),
    "nginx-proxy": (NGINX, "/app", {"1.3": (1, 0), "1.2": (2, 0)}),
    "nginx-protected": (PROTECTED, "", {"1.3": (1, 1), "1.2": (2, 2)}),
    "nginx-protected-proxy": (PROTECTED, "/app", {"1.3": (1, 1), "1.2": (2, 2)}),
}
PARTS = (
    ("download", "1.3", ("stunnel", "tlsd", "nginx-proxy", "nginx", "nginx-protected")),
    ("upload", "1.3", ("stunnel", "tlsd", "nginx-proxy")),
    ("upload", "1.2", ("stunnel", "tlsd", "nginx-proxy", "nginx-protected-proxy")),
    ("connections", "1.3", ("stunnel", "tlsd", "nginx-proxy", "nginx", "nginx-protected")),
)
NGINX_CONF = """
daemon off; master_process off; pid {dir}/{name}.pid; error_log stderr;
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on;
  client_max_body_size 0; client_body_temp_path {dir}/{name}.body;
  client_body_buffer_size 256k;
  fastcgi_temp_path {dir}/{name}.fastcgi; uwsgi_temp_path {dir}/{name}.uwsgi;
  scgi_temp_path {dir}/{name}.scgi; proxy_temp_path {dir}/{name}.proxy;
  proxy_max_temp_file_size 0; proxy_buffers 16 64k; proxy_buffer_size 64k;
  proxy_busy_buffers_size 256k; proxy_request_buffering off; proxy_http_version 1.1;
  server {{
    listen 127.0.0.1:{port} ssl; root {dir}/www;
    ssl_certificate {pki}/node.crt; ssl_certificate_key {pki}/node.key;
    ssl_protocols TLSv1.2 TLSv1.3; ssl_conf_command Options KTLS;
    location /app/ {{ proxy_pass http://127.0.0.1:{app}/; }}
    location /none {{ return 200 "ok"; }}
  }}
}}
"""
STUNNEL_CONF = """
foreground = yes
pid =
[bench]
accept = 127.0.0.1:{port}
connect = 127.0.0.1:{app}
cert = {pki}/node.crt
key = {pki}/node.key
"""


# ---- the application: plain HTTP behind who ends TLS ----------------------------

def read_request(sock):
    """(path, length of the body, what came of the body)"""
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            raise ConnectionError("no request")
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    lines = head.decode("ascii").lower().split("\r\n")
    fields = dict(line.split(":", 1) for line in lines[1:])
    return lines[0].split()[1], int(fields.get("content-length", 0)), body


def chunks(data, size):
    """@size bytes, no MiB of them like another."""
    for number in range(size >> 20):
        yield number.to_bytes(8, "little") + data[8:1 << 20]


def digest_of(parts):
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(part)
    return hashed.hexdigest().encode()


def receive(sock, size):
    while size:
        data = sock.recv(min(size, 1 << 18))
        if not data:
            raise ConnectionError("the body ends early")
        size -= len(data)
        yield data


def answer(sock, path, size, body, file):
    if path.startswith("/chunks/"):
        total = int(path.split("/")[2])
        sock.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % total)
        for part in chunks(os.pread(file, 1 << 20, 0), total):
            sock.sendall(part)
        return
    if path == "/data":
        sock.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % DATA_BYTES)
        at = 0
        while at < DATA_BYTES:
            at += os.sendfile(sock.fileno(), file, at, DATA_BYTES - at)
        return
    said = b"ok"
    if path == "/digest":
        said = digest_of(itertools.chain([body], receive(sock, size - len(body))))
    else:
        room, left = bytearray(1 << 20), size - len(body)
        while left > 0:         # taken off the socket, not copied
            got = sock.recv_into(room, min(left, len(room)), socket.MSG_TRUNC)
            if not got:
                raise ConnectionError("the body ends early")
            left -= got
    sock.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said) + said)


def serve(path):
    """In a process of its own, until it is killed."""
    file = os.open(path, os.O_RDONLY)

    def one(sock):
        with sock:
            try:
                answer(sock, *read_request(sock), file)
            except OSError:
                pass

    with socket.create_server(("127.0.0.1", APP), backlog=64) as listener:
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=one, args=(sock,), daemon=True).start()


# ---- the client -----------------------------------------------------------------

class Client:
    """A connection whose records are in our hands."""

    def __init__(self, context, port):
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.settimeout(PATIENCE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing)
        self.run(self.tls.do_handshake)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def run(self, call, *args):
        while True:
            try:
                value = call(*args)
                self.flush()
                return value
            except ssl.SSLWantReadError:
                self.flush()
                data = self.sock.recv(1 << 18)
                if not data:
                    raise ConnectionError("the server has ended") from None
                self.incoming.write(data)

    def flush(self):
        if data := self.outgoing.read():
            self.sock.sendall(data)

    def sealed(self, *parts):
        """Records with this in them."""
        for part in parts:
            self.tls.write(part)
        return self.outgoing.read()

    def read_parts(self):
        """The body in pieces, as long as the head says."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.run(self.tls.read, 1 << 18)
        head, _, body = data.partition(b"\r\n\r\n")
        size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while True:
            yield body
            size -= len(body)
            if size <= 0:
                return
            body = self.run(self.tls.read, min(size, 1 << 18))
            if not body:
                raise ConnectionError("the answer ends early")

    def read_answer(self):
        return b"".join(self.read_parts())

    def skip(self, size):
        """So many bytes of records, or more."""
        room = bytearray(1 << 20)
        while size > 0:
            got = self.sock.recv_into(room, len(room), socket.MSG_TRUNC)
            if not got:
                raise ConnectionError("the download ends early")
            size -= got


def context_for(version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = \
        ssl.TLSVersion.TLSv1_3 if version == "1.3" else ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHER_12)
    return context


def head(method, path, size=0):
    length = f"Content-Length: {size}\r\n" if method == "POST" else ""
    return f"{method} {path} HTTP/1.0\r\nHost: node\r\n{length}\r\n".encode()


# ---- what is measured -------------------------------------------------------------

class Bench:
    def __init__(self, job, scratch, domain):
        self.job, self.dir, self.domain = job, scratch, domain
        self.application, self.logs = None, {}
        os.environ["TMPDIR"] = scratch
        os.mkdir(f"{scratch}/www")
        self.data = os.urandom(1 << 20) * (DATA_BYTES >> 20)
        with open(f"{scratch}/www/data", "wb") as file:
            file.write(self.data)
        self.node = ktls.Node(domain)
        self.contexts = {version: context_for(version) for version in ("1.3", "1.2")}

    def write(self, file_name, text, **fields):
        path = f"{self.dir}/{file_name}"
        with open(path, "w", encoding="ascii") as file:
            file.write(text.format(dir=self.dir, app=APP, pki=self.job["pki"], **fields))
        return path

    def start(self, name, port, command, **environment):
        self.logs[name] = f"{self.dir}/{name}.log"
        with open(self.logs[name], "wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log,
                                       stdin=subprocess.DEVNULL,
                                       env={**os.environ, **environment})

        def reached():
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return True
            except ConnectionRefusedError:
                return process.poll() is not None
        if not tlsd.wait_until(reached, PATIENCE) or process.poll() is not None:
            raise RuntimeError(f"{name} does not start: {self.tail(name)}")

    def tail(self, name):
        with open(self.logs[name], encoding="utf-8", errors="replace") as file:
            return file.read()[-600:]

    def start_all(self):
        self.application = os.fork()
        if not self.application:
            serve(f"{self.dir}/www/data")
        self.start("stunnel", STUNNEL, [self.job["stunnel"], self.write(
            "stunnel.conf", STUNNEL_CONF, port=STUNNEL)])
        for name, port, environment in (
                ("nginx", NGINX, {}),
                ("nginx-protected", PROTECTED,
                 {"LD_PRELOAD": self.job["preload"], "PROTKEY_TLS_DOMAIN": self.domain,
                  "PROTKEY_TLS_VERBOSE": "1", "PROTKEY_TLS_REQUIRE": "1"})):
            conf = self.write(f"{name}.conf", NGINX_CONF, name=name, port=port)
            self.start(name, port, [self.job["nginx"], "-e", "stderr", "-c", conf],
                       **environment)
        sealed = f"{self.dir}/node.sealed"
        subprocess.run([tlsd.TLSD, "seal-key", "--domain", self.domain, "--in",
                        f"{self.job['pki']}/node.key", "--out", sealed], check=True)
        daemon = tlsd.Daemon({"bench": {
            "mode": "server", "domain": self.domain, "min_version": "1.2",
            "listen": f"127.0.0.1:{TLSD}", "connect": f"127.0.0.1:{APP}",
            "cert": [(f"{self.job['pki']}/node.crt", sealed)]}})
        daemon.start()
        self.logs["tlsd"] = daemon.log

    def connect(self, name, version):
        return Client(self.contexts[version], SERVICES[name][0])

    def keys(self):
        """(keys that the kernel's TLS got until now, tokens that were taken)"""
        with open("/proc/net/tls_stat", encoding="ascii") as file:
            counts = dict(line.split() for line in file)
        return (int(counts["TlsTxSw"]) + int(counts["TlsRxSw"]), self.node.status().taken)

    def check(self, name, version):
        """It is what it is taken for, and what goes through it stays what it was."""
        before, path = self.keys(), SERVICES[name][1]
        with self.connect(name, version) as client:
            cipher = client.tls.cipher()[0]
            if "AES" not in cipher or "256" not in cipher:
                raise RuntimeError(f"{name}: {cipher}")
            client.sock.sendall(client.sealed(head("GET", f"{path}/data")))
            if client.read_answer() != self.data:
                raise RuntimeError(f"{name}: what came is not what was asked for")
        got = tuple(now - then for now, then in zip(self.keys(), before))
        if got != SERVICES[name][2][version]:
            raise RuntimeError(f"{name}: TLS {version}: keys in the kernel, tokens: {got}")

    def transfer(self, name, size):
        """@size bytes each way, by their SHA-256."""
        wanted = digest_of(chunks(self.data, size))
        with self.connect(name, "1.3") as client:
            client.sock.sendall(client.sealed(head("GET", f"/chunks/{size}")))
            got = digest_of(client.read_parts())
        if got != wanted:
            raise RuntimeError(f"{name}: {size} bytes from the application: another digest")
        with self.connect(name, "1.3") as client:
            client.sock.sendall(client.sealed(head("POST", "/digest", size)))
            for part in chunks(self.data, size):
                client.sock.sendall(client.sealed(part))
            if client.read_answer() != wanted:
                raise RuntimeError(f"{name}: {size} bytes to the application: another digest")

    def check_upload(self, name, version):
        with self.connect(name, version) as client:
            client.sock.sendall(client.sealed(
                head("POST", f"{SERVICES[name][1]}/digest", DATA_BYTES), self.data))
            if client.read_answer() != digest_of([self.data]):
                raise RuntimeError(f"{name}: what arrived is not what was sent")

    def download(self, name, version):
        with self.connect(name, version) as client:
            request = client.sealed(head("GET", f"{SERVICES[name][1]}/data"))
            start = time.perf_counter()
            client.sock.sendall(request)
            client.skip(DATA_BYTES)
            return DATA_BYTES / 1e6 / (time.perf_counter() - start)

    def upload(self, name, version):
        with self.connect(name, version) as client:
            request = client.sealed(head("POST", f"{SERVICES[name][1]}/sink", DATA_BYTES),
                                    self.data)
            start = time.perf_counter()
            client.sock.sendall(request)
            client.read_answer()
            return DATA_BYTES / 1e6 / (time.perf_counter() - start)

    def connections(self, name, version):
        """A handshake, a request and its answer, one after the other."""
        start = time.perf_counter()
        for _ in range(CONNECTIONS):
            with self.connect(name, version) as client:
                client.sock.sendall(client.sealed(
                    head("GET", f"{SERVICES[name][1]}/none")))
                client.read_answer()
        return CONNECTIONS / (time.perf_counter() - start)

    def measure(self, what, version, names):
        for name in names:
            self.check(name, version)
            if what == "upload":
                self.check_upload(name, version)
        speed = {name: [] for name in names}
        for i in range(self.job["service_passes"] + 1):
            at = i % len(names)
            for name in names[at:] + names[:at]:
                value = getattr(self, what)(name, version)
                if i:               # the first warms up
                    speed[name].append(value)
        return speed


def measure(job, scratch, domain):
    """Yields results, with their kind."""
    bench = Bench(job, scratch, domain)
    bench.start_all()
    for what, version, names in PARTS:
        try:
            yield {"kind": "service", "what": what, "version": version,
                   "speed": bench.measure(what, version, names)}
        except (OSError, RuntimeError) as error:
            logs = " ".join(f"{name}: {bench.tail(name)}" for name in bench.logs)
            raise RuntimeError(f"{what} {version}: {error!r} {logs}") from error
    bench.transfer("tlsd", job["transfer"])
    yield {"kind": "transfer", "size": job["transfer"]}
