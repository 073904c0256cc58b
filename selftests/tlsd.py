# SPDX-License-Identifier: GPL-2.0-only
"""For the tests of protkey-tlsd: certificates, the daemon, applications."""

import atexit
import hashlib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import ktls

TLSD = f"{ktls.TOP}/build/bin/protkey-tlsd"
PATIENCE = 120
CA_CONFIG = """
[ca]
default_ca = ca
[ca]
database = {dir}/{name}.index
serial = {dir}/{name}.serial
new_certs_dir = {dir}
default_md = sha256
policy = policy
unique_subject = no
default_crl_days = 30
copy_extensions = copy
x509_extensions = leaf
[leaf]
basicConstraints = critical, CA:FALSE
[policy]
commonName = supplied
[req]
distinguished_name = dn
[dn]
"""


def openssl(*args, **kwargs):
    return subprocess.run(["openssl", *args], check=True, capture_output=True, **kwargs)


class Ca:
    """An authority in a folder, with `openssl ca`."""

    def __init__(self, folder, name):
        self.base = f"{folder}/{name}"
        self.folder = folder
        with open(f"{self.base}.conf", "w", encoding="ascii") as file:
            file.write(CA_CONFIG.format(dir=folder, name=name))
        with open(f"{self.base}.index", "w", encoding="ascii"):
            pass
        with open(f"{self.base}.serial", "w", encoding="ascii") as file:
            file.write("01\n")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-keyout", f"{self.base}.key", "-out", f"{self.base}.crt",
                "-subj", f"/CN={name}", "-days", "30")
        self.crt = f"{self.base}.crt"

    def ca(self, *args):
        openssl("ca", "-batch", "-config", f"{self.base}.conf", "-cert", self.crt,
                "-keyfile", f"{self.base}.key", *args)

    def issue(self, name, *options, san=None):
        """NAME.crt and NAME.key"""
        path = f"{self.folder}/{name}"
        extension = ["-addext", f"subjectAltName=DNS:{san or name}"]
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", f"{path}.key", "-out", f"{path}.csr", "-subj", f"/CN={name}",
                *extension)
        self.ca("-in", f"{path}.csr", "-out", f"{path}.crt", "-notext",
                *(options or ("-days", "30")))
        return f"{path}.crt", f"{path}.key"

    def revoke(self, name):
        self.ca("-revoke", f"{self.folder}/{name}.crt")

    def crl(self):
        self.ca("-gencrl", "-out", f"{self.base}.crl")
        return f"{self.base}.crl"


def make_pki(folder):
    """The authorities and certificates of the tests."""
    ca, other = Ca(folder, "ca"), Ca(folder, "other")
    for name in ("ledger.test", "second.test", "peer.test", "good", "revoked"):
        ca.issue(name)
    ca.issue("expired", "-startdate", "20200101000000Z", "-enddate", "20210101000000Z")
    other.issue("stranger")
    ca.revoke("revoked")
    ca.crl()
    openssl("ocsp", "-index", f"{folder}/ca.index", "-CA", ca.crt, "-rsigner", ca.crt,
            "-rkey", f"{folder}/ca.key", "-issuer", ca.crt, "-cert",
            f"{folder}/ledger.test.crt", "-ndays", "1", "-respout", f"{folder}/staple")


def say(share, name):
    """To the other side of a VM, by an empty file in the folder that both have."""
    with open(f"{share}/{name}", "w", encoding="ascii"):
        pass


def wait_file(share, name, patience=400):
    end = time.monotonic() + patience
    while not os.path.exists(f"{share}/{name}"):
        if time.monotonic() > end:
            sys.exit(f"the guest does not say {name}")
        time.sleep(0.1)


def reach(port, patience=400):
    sock = socket.create_connection(("127.0.0.1", port))
    sock.settimeout(patience)
    return sock


def reach_tls(context, port, name=None):
    """The service may not listen yet: then the connection ends at once."""
    for _ in range(60):
        try:
            return context.wrap_socket(reach(port), server_hostname=name)
        except ssl.SSLCertVerificationError:
            raise
        except OSError:
            time.sleep(1)
    raise RuntimeError(f"port {port} does not answer")


def keylog_secrets(keylog):
    """Lines for pk-scan: the secrets of a key log, and the keys derived from them."""
    with open(keylog, encoding="ascii") as log:
        lines = [line.split() for line in log if not line.startswith("#")]
    for number, (label, _, secret) in enumerate(lines):
        label, secret = label.lower().replace("_", "-"), bytes.fromhex(secret)
        yield f"{label}-{number} {secret.hex()}\n"
        if "traffic" in label:
            aes = ktls.traffic_key(secret, 32 if len(secret) == 48 else 16)[0]
            yield f"{label}-{number}-aes {aes.hex()}\n"


def in_guest(script, *options, timeout=500, long_timeout=3500):
    """On the host: certificates in a folder, which a guest gets as /share, where this
    script runs again. Making them under emulation would take minutes."""
    if os.environ.get("VM") == "1":
        return
    folder = os.environ.get("PK_CHECK_DIR") or tempfile.mkdtemp()
    folder += "/pki"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    make_pki(folder)
    os.chmod(folder, 0o755)
    if os.environ.get("PK_LONG") == "1":
        timeout = long_timeout
    command = [f"{ktls.TOP}/scripts/vm", "--share", folder, "--smp", "2", "--mem", "768",
               "--timeout", str(timeout), *options, "--", "env",
               f"PK_LONG={os.environ.get('PK_LONG', '')}", os.path.abspath(script)]
    sys.exit(subprocess.run(command, check=False).returncode)


SHARE = "/share"


def cert(name):
    """(certificate, private key)"""
    return f"{SHARE}/{name}.crt", f"{SHARE}/{name}.key"


CA, OTHER_CA, CRL = f"{SHARE}/ca.crt", f"{SHARE}/other.crt", f"{SHARE}/ca.crl"


def connect(port, own=None, name="ledger.test", ciphers=None, alpn=None, version=None):
    """A connection by Python's ssl, which is OpenSSL."""
    context = ssl.create_default_context(cafile=CA)
    if own:
        context.load_cert_chain(*cert(own))
    if ciphers:
        context.set_ciphers(ciphers)
    if alpn:
        context.set_alpn_protocols(alpn)
    if version:
        context.minimum_version = context.maximum_version = version
    sock = socket.create_connection(("127.0.0.1", port))
    sock.settimeout(PATIENCE)
    try:
        return context.wrap_socket(sock, server_hostname=name)
    except OSError:
        sock.close()
        raise


def ask(port, line=b"a line\n", **options):
    """What comes back for a line; or the error, as text."""
    try:
        with connect(port, **options) as sock:
            sock.sendall(line)
            return sock.recv(len(line))
    except OSError as error:
        return str(error)


def wait_until(condition, seconds=PATIENCE):
    """Whether it becomes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


class Daemon:
    """protkey-tlsd with a configuration: {service: {setting: value}}; cert may be
    a list of pairs."""

    def __init__(self, services, drain=5):
        self.folder = tempfile.mkdtemp()
        self.conf = f"{self.folder}/tlsd.conf"
        self.log = f"{self.folder}/log"
        self.drain = drain
        self.process = None
        self.configure(services)

    def configure(self, services):
        lines = ["[global]", f"drain_timeout = {self.drain}"]
        for name, settings in services.items():
            lines.append(f"[{name}]")
            for setting, values in settings.items():
                if setting == "cert" and isinstance(values, list):
                    for crt, key in values:
                        lines += [f"cert = {crt}", f"key = {key}"]
                else:
                    lines.append(f"{setting} = {values}")
        with open(self.conf, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([TLSD, "--config", self.conf], stderr=log,
                                            start_new_session=True)
        atexit.register(self.kill)
        if not self.wait_log("ready:"):
            raise TimeoutError(self.text())
        return self

    def kill(self):
        """All of it, whatever has become of it."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_log(self, text, count=1):
        return wait_until(lambda: self.text().count(text) >= count or
                          self.process.poll() is not None) and \
            self.text().count(text) >= count

    def at_rest(self, service):
        """Whether all of its connections that were opened have ended."""
        lines = [line for line in self.text().splitlines() if f"service={service} " in line]
        return sum(" open version=" in line for line in lines) == \
            sum(" seconds=" in line for line in lines)

    def forwarder(self):
        """Its pid."""
        for pid in children(self.process.pid):
            if name_of(pid) == "tlsd-forwarder":
                return pid
        return None

    def brokers(self):
        return [pid for pid in children(self.process.pid) if name_of(pid) == "tlsd-broker"]

    def reload(self, services):
        self.configure(services)
        self.process.send_signal(signal.SIGHUP)

    def stop(self):
        """Parent and forwarder have ended."""
        forwarder = self.forwarder()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        gone = wait_until(lambda: not forwarder or not os.path.exists(f"/proc/{forwarder}"))
        shutil.rmtree(self.folder)
        return gone


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def fd_count(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class Application:
    """A plain server. Each connection is given to @serve in a thread."""

    def __init__(self, address, serve):
        if isinstance(address, str):
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(address)
            self.listener.listen(128)
        else:
            self.listener = socket.create_server(("127.0.0.1", address), backlog=1024)
        self.serve = serve
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(sock,), daemon=True).start()

    def one(self, sock):
        try:
            self.serve(sock)
        except OSError:
            pass
        sock.close()

    def close(self):
        self.listener.close()


def echo(sock):
    """Until the other side has ended."""
    while data := sock.recv(65536):
        sock.sendall(data)


def digest(sock):
    """Answers, after the end, with the SHA-256 of what came."""
    hashed = hashlib.sha256()
    while data := sock.recv(65536):
        hashed.update(data)
    sock.sendall(hashed.hexdigest().encode() + b"\n")


def seal(name, domain="tls"):
    """(certificate, sealed private key)"""
    crt, key = cert(name)
    sealed = f"/tmp/{name}.sealed"
    subprocess.run([TLSD, "seal-key", "--domain", domain, "--in", key, "--out", sealed],
                   check=True)
    return crt, sealed


def setup(domain="tls"):
    """Modules and an unlocked domain."""
    for module in ("tls", "algif_aead"):
        subprocess.run(["modprobe", "-q", module], check=False)
    ktls.insmod("protkey")
    ktls.insmod("protkey-ktls")
    return ktls.make_domain(domain)
