#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
# check: group=ktls where=vm debug=no timeout=600 vm="--smp 2 --mem 768"
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
  server {{ listen 127.0.0.1:8004; root {dir}; }}
  server {{ listen 127.0.0.1:9003 ssl; root {dir}; ssl_certificate {dir}/peer.test.crt;
    ssl_certificate_key {dir}/peer.test.key; ssl_protocols TLSv1.3; }}
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


def s_client(port, *options):
    return Peer("openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options)


def server(cert, **settings):
    """A service that ends TLS and has the echo behind it."""
    return {"mode": "server", "domain": "tls", "cert": cert[0], "key": cert[1],
            "connect": f"127.0.0.1:{ECHO}", **settings}


def client(ca, port, **settings):
    return {"mode": "client", "domain": "tls", "connect": f"127.0.0.1:{port}",
            "ca": ca.crt, "servername": "peer.test", **settings}


class Test:
    def __init__(self):
        self.results = Results()
        self.node = tlsd.setup()
        self.dir = tempfile.mkdtemp()
        os.chmod(self.dir, 0o755)
        self.make_certificates()
        self.services = self.make_services()
        tlsd.Application(ECHO, tlsd.echo)
        tlsd.Application(f"{self.dir}/digest", tlsd.digest)
        with open(f"{self.dir}/bulk", "wb") as file:
            for _ in range(BULK >> 20):
                file.write(os.urandom(1 << 20))
        self.nginx = self.start_nginx()
        self.daemon = tlsd.Daemon(self.services).start()

    def make_certificates(self):
        self.ca, self.other = tlsd.Ca(self.dir, "ca"), tlsd.Ca(self.dir, "other")
        self.cert = self.ca.issue("ledger.test")
        self.second = self.ca.issue("second.test")
        self.ca.issue("peer.test")
        self.ca.issue("good")
        self.ca.issue("revoked")
        self.ca.issue("expired", "-startdate", "20200101000000Z", "-enddate",
                      "20210101000000Z")
        self.other.issue("stranger")
        self.ca.revoke("revoked")
        self.crl = self.ca.crl()
        tlsd.openssl("ocsp", "-index", f"{self.dir}/ca.index", "-CA", self.ca.crt,
                     "-rsigner", self.ca.crt, "-rkey", f"{self.dir}/ca.key",
                     "-issuer", self.ca.crt, "-cert", self.cert[0], "-ndays", "1",
                     "-respout", f"{self.dir}/staple")
        subprocess.run([tlsd.TLSD, "seal-key", "--domain", "tls", "--in", self.cert[1],
                        "--out", f"{self.dir}/sealed"], check=True)
        subprocess.run([tlsd.TLSD, "seal-key", "--domain", "tls", "--generate", "made.test",
                        "--csr", f"{self.dir}/made.csr", "--out", f"{self.dir}/made.sealed"],
                       check=True)
        self.ca.ca("-in", f"{self.dir}/made.csr", "-out", f"{self.dir}/made.crt", "-notext",
                   "-days", "30")

    def make_services(self):
        sealed = self.cert[0], f"{self.dir}/sealed"
        pairs = {"cert": self.cert[0], "key": self.cert[1]}
        services = {
            "plain": server(self.cert, listen="127.0.0.1:8443", min_version="1.2"),
            "mutual": server(sealed, listen="127.0.0.1:8444", ca=self.ca.crt, crl=self.crl,
                             verify="required"),
            "names": server(sealed, listen="127.0.0.1:8445", strict_sni="yes",
                            ocsp_staple=f"{self.dir}/staple"),
            "made": server((f"{self.dir}/made.crt", f"{self.dir}/made.sealed"),
                           listen="127.0.0.1:8446", ca=self.ca.crt, verify="required",
                           peer_name="good"),
            "digest": server(sealed, listen="127.0.0.1:8447",
                             connect=f"unix:{self.dir}/digest"),
            "h2": server(sealed, listen="127.0.0.1:8448", connect=f"127.0.0.1:{H2}",
                         alpn="h2, http/1.1", proxy_protocol="v2"),
            "h1": server(sealed, listen="127.0.0.1:8449", connect=f"127.0.0.1:{H1}"),
            "to-server": client(self.ca, 9001, listen=f"unix:{self.dir}/to-server"),
            "to-mutual": client(self.ca, 9002, listen="127.0.0.1:7002", crl=self.crl,
                                cert=f"{self.dir}/good.crt", key=f"{self.dir}/good.key"),
            "to-nginx": client(self.ca, 9003, listen="127.0.0.1:7003"),
            "to-gnutls": client(self.ca, 9004, listen="127.0.0.1:7004"),
            "other-name": client(self.ca, 9003, listen="127.0.0.1:7005",
                                 servername="wrong.test"),
            "other-ca": client(self.other, 9003, listen="127.0.0.1:7006"),
        }
        # the second pair goes behind the first: order matters
        services["names"]["cert"] = [pairs["cert"]]
        services["names"] = dict(services["names"])
        return services

    def start_nginx(self):
        with open(f"{self.dir}/nginx.conf", "w", encoding="ascii") as file:
            file.write(NGINX.format(dir=self.dir))
        process = subprocess.Popen(["/usr/sbin/nginx", "-e", f"{self.dir}/nginx.err", "-c",
                                    f"{self.dir}/nginx.conf"])
        tlsd.atexit.register(process.kill)
        return process

    def echoes(self, peer, name, keep=False):
        """The peer's line comes back."""
        peer.type(b"a line\n")
        good = peer.shows(b"\na line\n") or peer.output.startswith(b"a line\n")
        self.results.report(good, name,
                            "" if good else peer.output.decode(errors="replace")[-1500:] +
                            self.daemon.text()[-1500:])
        if not keep:
            peer.end()
        return good

    def refused(self, peer, name, why):
        """The peer gets an alert, the log says why."""
        before = self.daemon.text().count(why)
        peer.type(b"a line\n")
        said = tlsd.wait_until(lambda: self.daemon.text().count(why) > before)
        got = peer.shows(b"\na line\n") if peer.process.poll() is None and not said else False
        self.results.report(said and not got, name, self.daemon.text()[-1500:])
        peer.end()

    # ---- we are the server ----

    def versions(self):
        for version, suite in (("1_3", "TLS_AES_256_GCM_SHA384"),
                               ("1_3", "TLS_AES_128_GCM_SHA256"),
                               ("1_2", "ECDHE-ECDSA-AES256-GCM-SHA384"),
                               ("1_2", "ECDHE-ECDSA-AES128-GCM-SHA256")):
            kind = "-ciphersuites" if version == "1_3" else "-cipher"
            self.echoes(s_client(8443, f"-tls{version}", kind, suite),
                        f"s_client: TLS {version} {suite}")
        peer = s_client(8444, "-tls1_2")
        self.refused(peer, "TLS 1.2 is refused by default", "unsupported protocol")
        peer = s_client(8443, "-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256")
        self.refused(peer, "a cipher without protected keys is refused", "no shared cipher")

    def mutual(self):
        def with_cert(name, port=8444):
            return s_client(port, "-cert", f"{self.dir}/{name}.crt", "-key",
                            f"{self.dir}/{name}.key")

        self.echoes(with_cert("good"), "mutual TLS, sealed key: a good certificate")
        for name, why in (("expired", "certificate has expired"),
                          ("stranger", "unable to get local issuer certificate"),
                          ("revoked", "certificate revoked")):
            self.refused(with_cert(name), f"mutual TLS: {name} is refused", why)
        self.refused(s_client(8444), "mutual TLS: no certificate is refused",
                     "peer did not return a certificate")
        self.echoes(with_cert("good", 8446), "a key made by seal-key; the peer's name")
        self.refused(with_cert("peer.test", 8446), "another name is refused",
                     "hostname mismatch")

    def names(self):
        peer = s_client(8445, "-servername", "ledger.test", "-status")
        self.echoes(peer, "SNI: the name that there is", keep=True)
        self.results.report(peer.shows(b"OCSP Response Status: successful"),
                            "the OCSP staple comes through")
        peer.end()
        self.refused(s_client(8445, "-servername", "nobody.test"),
                     "strict_sni: another name is refused", "no certificate has the name")

    def key_updates(self):
        peer = s_client(8443)
        good = self.echoes(peer, "before a KeyUpdate", keep=True)
        for i in range(3):
            peer.type(b"K\n")
            good = good and peer.shows(b"KEYUPDATE")
            peer.output = b""
            peer.type(f"update {i}\n".encode())
            good = good and peer.shows(f"update {i}".encode())
        self.results.report(good, "KeyUpdates that want an answer", peer.end()[-800:])

    def gnutls(self):
        peer = Peer("gnutls-cli", "--x509cafile", self.ca.crt, "--verify-hostname",
                    "ledger.test", "-p", "8443", "127.0.0.1")
        peer.shows(b"Handshake was completed")
        peer.type(b"a line\n")
        good = peer.shows(b"\na line\n")
        self.results.report(good, "gnutls-cli", "" if good else peer.end())
        peer.end()

    def curl(self, port, *options, name="ledger.test"):
        return subprocess.run(["curl", "-sS", "--cacert", self.ca.crt, "--resolve",
                               f"{name}:{port}:127.0.0.1", *options],
                              capture_output=True, timeout=3600, check=False)

    def http(self):
        got = self.curl(8448, "--http2", "https://ledger.test:8448/")
        self.results.report(got.stdout == b"HTTP/2.0 127.0.0.1\n",
                            "curl: HTTP/2 by ALPN, nginx reads the PROXY header",
                            f"{got} {self.daemon.text()[-800:]}")
        self.refused(s_client(8448, "-alpn", "smtp"), "no protocol in common is refused",
                     "no application protocol")
        got = self.curl(8449, "-o", f"{self.dir}/got", "https://ledger.test:8449/bulk")
        same = subprocess.run(["cmp", f"{self.dir}/got", f"{self.dir}/bulk"], check=False)
        self.results.report(not same.returncode, f"curl: {BULK >> 20} MiB from nginx",
                            f"{got} {self.daemon.text()[-800:]}")
        if os.path.exists(f"{self.dir}/got"):
            os.unlink(f"{self.dir}/got")

    def half_close(self):
        """Send, end our side, then read: the application's digest of it all."""
        context = ssl.create_default_context(cafile=self.ca.crt)
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
            with open(f"{self.dir}/bulk", "rb") as file:
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
                    f"{self.dir}/peer.test.crt", "-key", f"{self.dir}/peer.test.key",
                    *options)
        peer.shows(b"ACCEPT")
        return peer

    def client_role(self):
        peer = self.s_server(9001, "-rev")
        self.through(f"{self.dir}/to-server", b"olleh\n", b"hello\n",
                     "s_server, its tickets dropped; from a Unix socket")
        peer.end()
        peer = self.s_server(9002, "-rev", "-Verify", "1", "-verify_return_error", "-CAfile",
                             self.ca.crt)
        self.through(7002, b"olleh\n", b"hello\n", "s_server that wants our certificate")
        peer.end()
        self.through(7003, b"GET /crl HTTP/1.0\r\n\r\n", b"404 Not Found", "nginx")
        peer = Peer("gnutls-serv", "--echo", "-p", "9004", "--x509certfile",
                    f"{self.dir}/peer.test.crt", "--x509keyfile",
                    f"{self.dir}/peer.test.key")
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
            peer.type(b"from the server\n")
            got = ktls.read_exactly(sock, 16)
            sock.sendall(b"after\n")
            good = good and peer.shows(b"after\n") and got == b"from the server\n"
        self.results.report(good, "a server's KeyUpdate", peer.end()[-800:])

    def run(self):
        for part in (self.versions, self.mutual, self.names, self.key_updates, self.gnutls,
                     self.http, self.half_close, self.client_role, self.client_refuses,
                     self.update_by_server):
            begin = time.monotonic()
            part()
            print(f"# {part.__name__}: {time.monotonic() - begin:.1f} s", flush=True)
        self.results.report(self.daemon.stop(), "the daemon ends when its connections have")
        self.node.close()
        self.results.finish()


if __name__ == "__main__":
    Test().run()
