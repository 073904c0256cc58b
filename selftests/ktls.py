# SPDX-License-Identifier: GPL-2.0-only
"""For the tests of protkey-ktls.ko: its ioctls, and kTLS sockets."""

import ctypes
import errno
import fcntl
import hmac
import os
import socket
import struct
import subprocess
import threading

TOP = os.environ["PK_TOP"]
KEYTOOL = f"{TOP}/build/bin/pk-keytool"
KEK = "5a" * 32
TCP_ULP, SOL_TLS, TX, RX = 31, 282, 1, 2
SET_TYPE, GET_TYPE, EXPECT_NO_PAD = 1, 2, 4
TLS12, TLS13 = 0x0303, 0x0304
CIPHERS = {16: 51, 32: 52}
KEY, SECRET = 1, 2
UPDATES = 7
KEY_UPDATE = bytes([24, 0, 0, 1, 0])
HASHES = {16: "sha256", 32: "sha384"}


class Import(ctypes.Structure):
    """struct protkey_ktls_import"""
    _fields_ = [("version", ctypes.c_uint16), ("cipher", ctypes.c_uint16),
                ("direction", ctypes.c_uint16), ("kind", ctypes.c_uint16),
                ("secret_size", ctypes.c_uint32), ("lifetime_ms", ctypes.c_uint32),
                ("reserved", ctypes.c_uint64), ("secret", ctypes.c_uint8 * 64),
                ("token", ctypes.c_uint8 * 32)]


class Confirm(ctypes.Structure):
    """struct protkey_ktls_confirm"""
    _fields_ = [("socket", ctypes.c_int32), ("reserved", ctypes.c_uint32),
                ("token", ctypes.c_uint8 * 32)]


class Status(ctypes.Structure):
    """struct protkey_ktls_status"""
    _fields_ = [("made", ctypes.c_uint64), ("taken", ctypes.c_uint64),
                ("expired", ctypes.c_uint64), ("refused", ctypes.c_uint64),
                ("pending", ctypes.c_uint32), ("keys", ctypes.c_uint32),
                ("reserved", ctypes.c_uint64 * 3)]


class Entry(ctypes.Structure):
    """struct protkey_ktls_entry"""
    _fields_ = [("id", ctypes.c_uint64), ("age", ctypes.c_uint64),
                ("records", ctypes.c_uint64), ("bytes", ctypes.c_uint64),
                ("inode", ctypes.c_uint64), ("version", ctypes.c_uint16),
                ("cipher", ctypes.c_uint16), ("direction", ctypes.c_uint16),
                ("kind", ctypes.c_uint16), ("state", ctypes.c_uint32),
                ("updates", ctypes.c_uint32), ("pid", ctypes.c_int32),
                ("uid", ctypes.c_uint32), ("reserved", ctypes.c_uint64)]


class List(ctypes.Structure):
    """struct protkey_ktls_list"""
    _fields_ = [("cursor", ctypes.c_uint64), ("count", ctypes.c_uint32),
                ("reserved0", ctypes.c_uint32), ("connections", ctypes.c_uint64),
                ("records", ctypes.c_uint64), ("bytes", ctypes.c_uint64),
                ("updates", ctypes.c_uint64), ("reserved", ctypes.c_uint64 * 2),
                ("entries", Entry * 64)]


def number(direction, nr, kind):
    return direction << 30 | ctypes.sizeof(kind) << 16 | 0xBC << 8 | nr


IMPORT, CONFIRM = number(3, 0x40, Import), number(1, 0x41, Confirm)
STATUS, LIST = number(2, 0x42, Status), number(3, 0x43, List)
PENDING, SET, ACTIVE, ENDED, NO_KEY = range(1, 6)


class Node:
    """An open file of a domain's node."""

    def __init__(self, domain):
        self.fd = os.open(f"/dev/protkey/{domain}", os.O_RDWR)

    def close(self):
        os.close(self.fd)

    def offer(self, key, direction=TX, version=TLS13, size=None, **fields):
        """A token for a key, or with fields of @size for a secret; raises OSError."""
        size = size or len(key)
        req = Import(version=version, direction=direction, kind=KEY,
                     cipher=CIPHERS.get(size, 0), secret_size=len(key))
        ctypes.memmove(req.secret, key, min(len(key), 64))
        for name, value in fields.items():
            setattr(req, name, value)
        fcntl.ioctl(self.fd, IMPORT, req)
        assert not any(req.secret), "the secret was not wiped"
        return bytes(req.token)[:size]

    def confirm(self, sock, token):
        req = Confirm(socket=sock if isinstance(sock, int) else sock.fileno())
        ctypes.memmove(req.token, token, len(token))
        fcntl.ioctl(self.fd, CONFIRM, req)

    def status(self):
        status = Status()
        fcntl.ioctl(self.fd, STATUS, status)
        return status

    def list_page(self, cursor=0, reserved0=0):
        page = List(cursor=cursor, reserved0=reserved0)
        fcntl.ioctl(self.fd, LIST, page)
        return page

    def list(self):
        """(the totals, as the first page has them; all entries)"""
        page = first = self.list_page()
        entries = list(page.entries[:page.count])
        while page.cursor:
            page = self.list_page(page.cursor)
            entries += page.entries[:page.count]
        return first, entries


def name_of(call, *args, **kwargs):
    """The name of the errno that a call gives, or "0"."""
    try:
        call(*args, **kwargs)
    except TimeoutError:
        return "timeout"
    except OSError as error:
        # Python's other name for it
        return errno.errorcode[error.errno].replace("ENOTSUP", "EOPNOTSUPP")
    return "0"


def pair():
    """A TCP connection over loopback with the "tls" ULP on both ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        other, _ = server.accept()
    for sock in (client, other):
        sock.settimeout(20)
        sock.setsockopt(socket.IPPROTO_TCP, TCP_ULP, b"tls")
    return client, other


def set_key(sock, direction, version, key, salt=b"salt", iv=b"explicit", seq=0):
    info = struct.pack("=HH8s", version, CIPHERS[len(key)], iv) + key + salt + \
        struct.pack(">Q", seq)
    sock.setsockopt(SOL_TLS, direction, info)


def protect(node, sock, direction, version, key, **where):
    """Import, set, confirm: as a broker does it."""
    token = node.offer(key, direction, version)
    set_key(sock, direction, version, token, **where)
    node.confirm(sock, token)
    return token


def protect_secret(node, sock, direction, secret, size):
    """The same with a TLS 1.3 traffic secret; IV and salt are the module's."""
    token = node.offer(secret, direction, size=size, kind=SECRET)
    set_key(sock, direction, TLS13, token, bytes(4), bytes(8))
    node.confirm(sock, token)


def connect(node, version, size, protected=(True, True)):
    """A kTLS connection one way; @protected: its sender, its receiver."""
    key = os.urandom(size)
    ends = pair()
    for sock, direction, token in zip(ends, (TX, RX), protected):
        if token:
            protect(node, sock, direction, version, key)
        else:
            set_key(sock, direction, version, key)
    return ends


def read_exactly(sock, size):
    data = bytearray()
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            break
        data += more
    return bytes(data)


def splice_exactly(sock, size):
    """Receive through a pipe."""
    source, sink = os.pipe()
    data = bytearray()
    sock.setblocking(True)
    try:
        while len(data) < size:
            moved = os.splice(sock.fileno(), sink, min(size - len(data), 16384))
            if not moved:
                break
            data += os.read(source, moved)
    finally:
        os.close(source)
        os.close(sink)
    return bytes(data)


def splice_send(sock, data):
    source, sink = os.pipe()
    sock.setblocking(True)
    try:
        for at in range(0, len(data), 4096):
            left = os.write(sink, data[at:at + 4096])
            while left:
                left -= os.splice(source, sock.fileno(), left)
    finally:
        os.close(source)
        os.close(sink)


def send_record(sock, kind, data):
    """A record of another type than data."""
    sock.sendmsg([data], [(SOL_TLS, SET_TYPE, bytes([kind]))])


def recv_record(sock):
    """(type, data)"""
    data, control, _, _ = sock.recvmsg(16640, socket.CMSG_SPACE(1))
    kinds = [value[0] for level, kind, value in control
             if (level, kind) == (SOL_TLS, GET_TYPE)]
    return (kinds or [None])[0], data


class Sender(threading.Thread):
    """Run a call beside the test; what it raises is raised by wait()."""

    def __init__(self, call, *args):
        super().__init__(daemon=True)
        self.call, self.args, self.error = call, args, None
        self.start()

    def run(self):
        try:
            self.call(*self.args)
        except OSError as error:
            self.error = error

    def wait(self):
        self.join(30)
        if self.error:
            raise self.error


def expand_label(digest, secret, label, size):
    """RFC 8446, 7.1, without a context; at most one block of output."""
    label = b"tls13 " + label
    info = struct.pack(">HB", size, len(label)) + label + b"\0\1"
    return hmac.new(secret, info, digest).digest()[:size]


def traffic_key(secret, size):
    """(key, salt, iv) of a TLS 1.3 traffic secret."""
    digest = HASHES[size]
    iv = expand_label(digest, secret, b"iv", 12)
    return expand_label(digest, secret, b"key", size), iv[:4], iv[4:]


def prf(digest, secret, seed, size):
    """TLS 1.2's P_hash, RFC 5246, 5."""
    out, a = b"", seed
    while len(out) < size:
        a = hmac.new(secret, a, digest).digest()
        out += hmac.new(secret, a + seed, digest).digest()
    return out[:size]


def crypto_drivers():
    """/proc/crypto: {driver: {field: value}}"""
    drivers = {}
    with open("/proc/crypto", encoding="ascii") as file:
        for block in file.read().split("\n\n"):
            fields = dict(map(str.strip, line.split(":", 1))
                          for line in block.splitlines() if ":" in line)
            if fields:
                drivers[fields["driver"]] = fields
    return drivers


def insmod(name, *parameters):
    """Load a module of this build with what it depends on."""
    subprocess.run(["bash", "-c", f". {TOP}/selftests/lib.sh && ktap_insmod "
                    f'"$PK_MODDIR/{name}.ko" "$@"', "insmod", *parameters],
                   check=True, stdout=subprocess.DEVNULL)


def make_domain(name):
    subprocess.run([KEYTOOL, "domain-create", name, KEK, f"/tmp/{name}.state"],
                   check=True, stdout=subprocess.DEVNULL)
    return Node(name)
