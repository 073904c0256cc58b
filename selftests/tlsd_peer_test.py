#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
# check: group=ktls where=host kernels=6.1,6.12 timeout=3600
"""protkey-tlsd with peers that are not ours: openssl, curl, nginx, GnuTLS, both roles,
mutual TLS, ALPN, SNI, KeyUpdate, half close, PROXY protocol, sealed private keys."""

import hashlib
import os
import socket
import ssl
import subprocess
import tempfile
import time

import ktls
import tlsd
from ktap import Results

LONG = os.environ.get("PK_LONG") == "1"
ECHO, DIGEST, H2, H1 = 8001, 8002, 8003, 8004
BULK = (2 << 30) if LONG else 4 << 20
NGINX = """
daemon off; master_process off; pid {dir}/nginx.pid; error_log {dir}/nginx.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_max_body_size 0; client_body_temp_path {dir}/body;
  server {{ listen 127.0.0.1:8003 http2 proxy_protocol;
    location / {{ return 200 "$server_protocol $proxy_protocol_addr\\n"; }} }}
  server {{ listen 127.0.0.1:8004; location = /bulk {{ alias {bulk}; }} }}
  server {{ listen 127.0.0.1:9003 ssl; root {dir}; ssl_certificate {share}/peer.test.crt;
    ssl_certificate_key {share}/peer.test.key; ssl_protocols TLSv1.3; }}
}}
"""


class Peer:
    """A program to talk to by its standard input and output."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.output = b""

    def type(self, text):
        try:
            self.process.stdin.write(text)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def shows(self, text):
        def read():
            self.output += self.process.stdout.read() or b""
            return text in self.output
        return tlsd.wait_until(lambda: read() or self.process.poll() is not None) and read()

    def end(self):
        self.process.kill()
        self.process.wait()
        return self.output.decode(errors="replace")


def server(*pairs, **settings):
    """A service that ends TLS and has the echo behind it."""
    return {"mode": "server", "domain": "tls", "handshake_timeout": 60,
            "connect": f"127.0.0.1:{ECHO}",
            **settings, "cert": list(pairs)}


def client(port, **settings):
    return {"mode": "client", "domain": "tls", "handshake_timeout": 60,
            "connect": f"127.0.0.1:{port}",
            "ca": tlsd.CA, "servername": "peer.test", **settings}


class Test:
    def __init__(self):
        self.results = Results()
        self.node = tlsd.setup()
        self.dir = tempfile.mkdtemp()
        os.chmod(self.dir, 0o755)
        self.sealed = tlsd.seal("ledger.test")
        self.make_key()
        self.services = self.make_services()
        tlsd.Application(ECHO, tlsd.echo)
        tlsd.Application(f"{self.dir}/digest", tlsd.digest)
        # 2 GiB are on the host, not in the guest's memory
        self.bulk = f"{tlsd.SHARE if LONG else self.dir}/bulk"
        with open(self.bulk, "wb") as file:
            for _ in range(BULK >> 20):
                file.write(os.urandom(1 << 20))
        self.start_nginx()
        self.daemon = tlsd.Daemon(self.services).start()

    def make_key(self):
        """A key that never was in clear, and a certificate for it."""
        subprocess.run([tlsd.TLSD, "seal-key", "--domain", "tls", "--generate",
                        "made.test", "--csr", f"{self.dir}/made.csr", "--out",
                        f"{self.dir}/made.sealed"], check=True)
        tlsd.openssl("x509", "-req", "-in", f"{self.dir}/made.csr", "-CA", tlsd.CA, "-CAkey",
                     f"{tlsd.SHARE}/ca.key", "-out", f"{self.dir}/made.crt", "-days", "30",
                     "-copy_extensions", "copy")

    def make_services(self):
        good = tlsd.cert("good")
        return {
            "plain": server(tlsd.cert("ledger.test"), listen="127.0.0.1:8443",
                            min_version="1.2"),
            "mutual": server(self.sealed, listen="127.0.0.1:8444", ca=tlsd.CA, crl=tlsd.CRL,
                             verify="required"),
            "names": server(self.sealed, tlsd.cert("second.test"), listen="127.0.0.1:8445",
                            strict_sni="yes", ocsp_staple=f"{tlsd.SHARE}/staple"),
            "made": server((f"{self.dir}/made.crt", f"{self.dir}/made.sealed"),
                           listen="127.0.0.1:8446", ca=tlsd.CA, verify="required",
                           peer_name="good"),
            "digest": server(self.sealed, listen="127.0.0.1:8447",
                             connect=f"unix:{self.dir}/digest"),
            "h2": server(self.sealed, listen="127.0.0.1:8448", connect=f"127.0.0.1:{H2}",
                         alpn="h2, http/1.1", proxy_protocol="v2"),
            "h1": server(self.sealed, listen="127.0.0.1:8449", connect=f"127.0.0.1:{H1}"),
            "to-server": client(9001, listen=f"unix:{self.dir}/to-server"),
            "to-mutual": client(9002, listen="127.0.0.1:7002", crl=tlsd.CRL, cert=good[0],
                                key=good[1]),
            "to-nginx": client(9003, listen="127.0.0.1:7003"),
            "to-gnutls": client(9004, listen="127.0.0.1:7004"),
            "other-name": client(9003, listen="127.0.0.1:7005", servername="wrong.test"),
            "other-ca": client(9003, listen="127.0.0.1:7006", ca=tlsd.OTHER_CA),
        }

    def start_nginx(self):
        with open(f"{self.dir}/nginx.conf", "w", encoding="ascii") as file:
            file.write(NGINX.format(dir=self.dir, share=tlsd.SHARE,
                                    bulk=self.bulk))
        process = subprocess.Popen(["/usr/sbin/nginx", "-e", f"{self.dir}/nginx.err", "-c",
                                    f"{self.dir}/nginx.conf"])
        tlsd.atexit.register(process.kill)

    def echoes(self, claim, port, **options):
        got = tlsd.ask(port, **options)
        self.results.report(got == b"a line\n", claim, f"{got} {self.daemon.text()[-1500:]}")

    def refused(self, claim, why, port, **options):
        """Nothing comes back, and the log says why."""
        before = self.daemon.text().count(why)
        got = tlsd.ask(port, **options)
        said = self.daemon.wait_log(why, before + 1)
        self.results.report(said and got != b"a line\n", claim,
                            f"{got} {self.daemon.text()[-1500:]}")

    # ---- we are the server ----

    def versions(self):
        old = ssl.TLSVersion.TLSv1_2
        self.echoes("TLS 1.3 by default", 8443)
        for suite in ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256"):
            self.echoes(f"TLS 1.2 {suite}", 8443, version=old, ciphers=suite)
        self.refused("TLS 1.2 is refused by default", "unsupported protocol", 8444,
                     version=old)
        self.refused("a cipher without protected keys is refused", "no shared cipher", 8443,
                     version=old, ciphers="ECDHE-ECDSA-CHACHA20-POLY1305")

    def mutual(self):
        self.echoes("mutual TLS, sealed key: a good certificate", 8444, own="good")
        for name, why in (("expired", "certificate has expired"),
                          ("stranger", "unable to get local issuer certificate"),
                          ("revoked", "certificate revoked")):
            self.refused(f"mutual TLS: {name} is refused", why, 8444, own=name)
        self.refused("mutual TLS: no certificate is refused",
                     "peer did not return a certificate", 8444)
        self.echoes("a key made by seal-key; the peer's name", 8446, own="good",
                    name="made.test")
        self.refused("another name is refused", "hostname mismatch", 8446, own="peer.test",
                     name="made.test")

    def names(self):
        self.echoes("SNI: the second certificate", 8445, name="second.test")
        self.refused("strict_sni: another name is refused", "no certificate has the name",
                     8445, name="nobody.test")
        self.refused("no protocol in common is refused", "no application protocol", 8448,
                     alpn=["smtp"])

    def s_client(self):
        """One process for all, it takes long to start."""
        peer = Peer("openssl", "s_client", "-connect", "127.0.0.1:8445", "-servername",
                    "ledger.test", "-status", "-CAfile", tlsd.CA)
        self.results.report(peer.shows(b"OCSP Response Status: successful"),
                            "s_client: the OCSP staple comes through")
        good = peer.shows(b"Verify return code: 0 (ok)")
        for i in range(3):
            peer.type(b"K\n")
            good = good and peer.shows(b"KEYUPDATE")
            peer.output = b""
            peer.type(f"update {i}\n".encode())
            good = good and peer.shows(f"update {i}".encode())
        self.results.report(good, "s_client: KeyUpdates that want an answer",
                            peer.end() + self.daemon.text()[-800:])
        peer.end()

    def gnutls(self):
        peer = Peer("gnutls-cli", "--x509cafile", tlsd.CA, "--verify-hostname",
                    "ledger.test", "--priority",
                    "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM", "-p", "8443",
                    "127.0.0.1")
        peer.shows(b"Handshake was completed")
        peer.type(b"a line\n")
        good = peer.shows(b"\na line\n") and "TLS_AES_128_GCM_SHA256" in self.daemon.text()
        self.results.report(good, "gnutls-cli: TLS 1.3 AES-128",
                            peer.end() + self.daemon.text()[-800:])
        peer.end()

    def curl(self, port, *options, name="ledger.test", stdout=subprocess.PIPE):
        return subprocess.run(["curl", "-sS", "--cacert", tlsd.CA, "--resolve",
                               f"{name}:{port}:127.0.0.1", *options],
                              stdout=stdout, stderr=subprocess.PIPE, timeout=3600,
                              check=False)

    def http(self):
        got = self.curl(8448, "--http2", "https://ledger.test:8448/")
        self.results.report(got.stdout == b"HTTP/2.0 127.0.0.1\n",
                            "curl: HTTP/2 by ALPN, nginx reads the PROXY header",
                            f"{got} {self.daemon.text()[-800:]}")
        compare = subprocess.Popen(["cmp", "-", self.bulk], stdin=subprocess.PIPE)
        got = self.curl(8449, "https://ledger.test:8449/bulk", stdout=compare.stdin)
        compare.stdin.close()
        self.results.report(not got.returncode and not compare.wait(),
                            f"curl: {BULK >> 20} MiB from nginx",
                            f"{got} {self.daemon.text()[-800:]}")

    def half_close(self):
        """Send, end our side, then read: the application's digest of it all."""
        context = ssl.create_default_context(cafile=tlsd.CA)
        with socket.create_connection(("127.0.0.1", 8447)) as sock:
            sock.settimeout(tlsd.PATIENCE)
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            tls = context.wrap_bio(incoming, outgoing, server_hostname="ledger.test")

            def flush():
                if data := outgoing.read():
                    sock.sendall(data)

            def run(call, *args):
                while True:
                    try:
                        value = call(*args)
                        flush()
                        return value
                    except ssl.SSLWantReadError:
                        flush()
                        data = sock.recv(65536)
                        if not data:
                            return None
                        incoming.write(data)

            run(tls.do_handshake)
            hashed = hashlib.sha256()
            with open(self.bulk, "rb") as file:
                while data := file.read(1 << 20):
                    hashed.update(data)
                    run(tls.write, data)
            try:
                tls.unwrap()
            except ssl.SSLWantReadError:
                pass
            flush()
            sock.shutdown(socket.SHUT_WR)
            got = run(tls.read, 1000)
        self.results.report(got == hashed.hexdigest().encode() + b"\n",
                            f"half close: {BULK >> 20} MiB to a Unix socket, then its answer",
                            f"{got} {self.daemon.text()[-800:]}")

    # ---- we are the client ----

    def through(self, where, say, want, name):
        """Say something to the daemon as an application, and get this."""
        with socket.socket(socket.AF_UNIX if isinstance(where, str) else
                           socket.AF_INET) as sock:
            sock.settimeout(tlsd.PATIENCE)
            sock.connect(where if isinstance(where, str) else ("127.0.0.1", where))
            try:
                sock.sendall(say)
                got = b""
                while want not in got:
                    data = sock.recv(65536)
                    if not data:
                        break
                    got += data
            except OSError as error:
                got = str(error).encode()
        self.results.report(want in got, name, f"{got[-300:]} {self.daemon.text()[-800:]}")
        return got

    def s_server(self, port, *options):
        peer = Peer("openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert",
                    f"{tlsd.SHARE}/peer.test.crt", "-key", f"{tlsd.SHARE}/peer.test.key",
                    *options)
        peer.shows(b"ACCEPT")
        return peer

    def client_role(self):
        peer = self.s_server(9001, "-rev")
        self.through(f"{self.dir}/to-server", b"olleh\n", b"hello\n",
                     "s_server, its tickets dropped; from a Unix socket")
        peer.end()
        peer = self.s_server(9002, "-rev", "-Verify", "1", "-verify_return_error", "-CAfile",
                             tlsd.CA)
        self.through(7002, b"olleh\n", b"hello\n", "s_server that wants our certificate")
        peer.end()
        self.through(7003, b"GET /crl HTTP/1.0\r\n\r\n", b"404 Not Found", "nginx")
        peer = Peer("gnutls-serv", "--echo", "-p", "9004", "--x509certfile",
                    f"{tlsd.SHARE}/peer.test.crt", "--x509keyfile",
                    f"{tlsd.SHARE}/peer.test.key")
        peer.shows(b"listening")
        self.through(7004, b"a line\n", b"a line\n", "gnutls-serv")
        peer.end()

    def client_refuses(self):
        for port, why, name in ((7005, "hostname mismatch", "a server with another name"),
                                (7006, "unable to get local issuer certificate",
                                 "a server of an unknown authority")):
            with socket.create_connection(("127.0.0.1", port)) as sock:
                sock.settimeout(tlsd.PATIENCE)
                try:
                    got = sock.recv(100)
                except ConnectionResetError:
                    got = b""
            self.results.report(not got and self.daemon.wait_log(why), f"{name} is refused",
                                self.daemon.text()[-800:])

    def update_by_server(self):
        peer = self.s_server(9001)
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(tlsd.PATIENCE)
            sock.connect(f"{self.dir}/to-server")
            sock.sendall(b"before\n")
            good = peer.shows(b"before\n")
            peer.type(b"K\n")
            good = good and peer.shows(b"SSL_do_handshake -> 1")
            peer.type(b"from the server\n")
            got = ktls.read_exactly(sock, 16)
            sock.sendall(b"after\n")
            good = good and peer.shows(b"after\n") and got == b"from the server\n"
        self.results.report(good, "a server's KeyUpdate", peer.end()[-800:])

    def run(self):
        for part in (self.versions, self.mutual, self.names, self.s_client, self.gnutls, self.http,
                     self.half_close, self.client_role, self.client_refuses,
                     self.update_by_server):
            begin = time.monotonic()
            part()
            print(f"# {part.__name__}: {time.monotonic() - begin:.1f} s", flush=True)
        self.results.report(self.daemon.stop(), "the daemon ends when its connections have")
        self.node.close()
        self.results.finish()


if __name__ == "__main__":
    tlsd.in_guest(__file__)
    Test().run()
