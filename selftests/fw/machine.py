#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: selftests/fw/machine.py extend [NAME=VALUE]...
       selftests/fw/machine.py log [NAME=VALUE]...
       selftests/fw/machine.py types
       selftests/fw/machine.py evidence DIR [FIELD=VALUE]... [NAME=VALUE]...
       selftests/fw/machine.py authenticode IMAGE

A machine without a machine: what a UEFI firmware, shim, GRUB and IMA would log
and measure. log writes the event log to standard output, types one with an event
of each type of the PC Client profile; extend prints what they measure as
arguments of tpm2_pcrextend; evidence writes their binary logs, and packs them with DIR's attest, signature,
key, key-name, nonce, pcrs and host into the JSON of `protkey fw measure`,
DIR/evidence. FIELD is one of what the machine says of itself. Written after the
formats' specifications, not after our own reader. authenticode prints the digest
that is in the signature of a signed EFI program.

What differs from the good machine (defaults in brackets):
  firmware vmlinuz initrd shim grub=TEXT    contents; their digests follow
  cmdline=TEXT grubcmd=TEXT sbat=TEXT
  secureboot=1|0 db=N dbx=N                 how many certificates, hashes
  boot=TEXT                                 the boot order (volatile)
  card=TEXT                                 an option ROM
  file=TEXT violation=1                     what IMA sees
  drop=N double=N swap=N                    event N of the log is not there, is
                                            there twice, comes after the next
  text=OLD/NEW                              in the data of events, not in digests
  cut=BYTES                                 the log ends sooner
"""

import base64
import hashlib
import json
import struct
import sys

GLOBAL = bytes.fromhex("61dfe48bca93d211aa0d00e098032b8c")
SECURITY = bytes.fromhex("cbb219d73a3d9645a3bcdad00e67656f")
SHIM = bytes.fromhex("50ab5d6046e00043abb63dd810dd8b23")
X509 = bytes.fromhex("a159c0a5e494a74a87b5ab155c2bf072")
HASH = bytes.fromhex("2616c4c14c509240aca941f936934328")
OWNER = bytes(range(16))
ALGORITHMS = {"sha1": 4, "sha256": 11}
# of the PC Client Platform Firmware Profile 1.06
TYPES = [*range(0x0, 0x14), *range(0x80000001, 0x8000000e), 0x80000010,
         *range(0x800000e0, 0x800000e5)]
UNUSED = 2

DEFAULTS = dict(
    firmware="volume", vmlinuz="vmlinuz", initrd="initrd", shim="shim",
    grub="grub", cmdline="/boot/vmlinuz-6.1 root=/dev/sda1 ro",
    grubcmd="linux /boot/vmlinuz-6.1 root=/dev/sda1 ro", sbat="sbat,1,2024010900\nshim,4\ngrub,3\n",
    secureboot="1", db="1", dbx="3", boot="0001", card="", file="/usr/bin/init",
    violation="", drop="", double="", swap="", text="", cut="")


def utf16(text):
    return text.encode("utf-16-le")


def variable(guid, name, data):
    return guid + struct.pack("<QQ", len(name), len(data)) + utf16(name) + data


def signatures(kind, items):
    out = b""
    for item in items:
        out += kind + struct.pack("<III", 28 + 16 + len(item), 0, 16 + len(item)) + OWNER + item
    return out


def image(path):
    node = utf16(path + "\0")
    device = struct.pack("<BBH", 4, 4, 4 + len(node)) + node + b"\x7f\xff\x04\x00"
    return struct.pack("<QQQQ", 0x1000, 0x2000, 0, len(device)) + device


class Event:
    """@measured: the bytes whose digest is in the log, if not the data."""

    def __init__(self, pcr, kind, data, measured=None):
        self.pcr, self.kind, self.data = pcr, kind, data
        self.measured = data if measured is None else measured

    def digest(self, name):
        return hashlib.new(name, self.measured).digest()

    def pack(self):
        out = struct.pack("<III", self.pcr, self.kind, len(ALGORITHMS))
        for name, number in ALGORITHMS.items():
            out += struct.pack("<H", number) + self.digest(name)
        return out + struct.pack("<I", len(self.data)) + self.data


def boot(m):
    cert = [b"certificate %d" % n for n in range(int(m["db"]))]
    revoked = [hashlib.sha256(b"revoked %d" % n).digest() for n in range(int(m["dbx"]))]
    yield Event(0, 0x8, utf16("1.0\0"))
    yield Event(0, 0x8000000a, b"\x03FV0" + struct.pack("<QQ", 0xff000000, 0x10000),
                m["firmware"].encode())
    for guid, name, data in (
            (GLOBAL, "SecureBoot", bytes([int(m["secureboot"])])),
            (GLOBAL, "PK", signatures(X509, [b"platform key"])),
            (GLOBAL, "KEK", signatures(X509, [b"exchange key"])),
            (SECURITY, "db", signatures(X509, cert)),
            (SECURITY, "dbx", signatures(HASH, revoked))):
        yield Event(7, 0x80000001, variable(guid, name, data))
    yield Event(7, 0x4, bytes(4))
    yield Event(1, 0x80000002, variable(GLOBAL, "BootOrder", bytes.fromhex(m["boot"])))
    if m["card"]:
        yield Event(2, 0x80000004, image("card.efi"), m["card"].encode())
    yield Event(4, 0x80000007, b"Calling EFI Application from Boot Option")
    for pcr in range(7):
        yield Event(pcr, 0x4, bytes(4))
    yield Event(7, 0x800000e0, variable(SECURITY, "db", OWNER + cert[0]))
    yield Event(7, 0x800000e0, variable(SHIM, "SbatLevel", m["sbat"].encode()))
    for path in ("\\EFI\\debian\\shimx64.efi", "\\EFI\\debian\\grubx64.efi"):
        yield Event(4, 0x80000003, image(path), m[path[12:16]].encode())
    for text in (m["grubcmd"], "initrd /boot/initrd.img-6.1"):
        yield Event(8, 0xd, ("grub_cmd: " + text).encode() + b"\0", text.encode())
    # by shim, for GRUB: as an EFI program, not as the file below
    yield Event(4, 0x80000003, image(""), b"program " + m["vmlinuz"].encode())
    yield Event(9, 0xd, b"/boot/vmlinuz-6.1\0", m["vmlinuz"].encode())
    yield Event(8, 0xd, ("kernel_cmdline: " + m["cmdline"]).encode() + b"\0", m["cmdline"].encode())
    yield Event(9, 0xd, b"/boot/initrd.img-6.1\0", m["initrd"].encode())


def header():
    spec = b"Spec ID Event03\0" + struct.pack("<IBBBBI", 0, 0, 2, 105, 2, len(ALGORITHMS))
    for name, number in ALGORITHMS.items():
        spec += struct.pack("<HH", number, hashlib.new(name).digest_size)
    spec += b"\0"
    return struct.pack("<II20xI", 0, 3, len(spec)) + spec


def log(m):
    events = list(boot(m))
    for verb, change in (("drop", lambda n: events[:n] + events[n + 1:]),
                         ("double", lambda n: events[:n + 1] + events[n:]),
                         ("swap", lambda n: events[:n] + [events[n + 1], events[n]] + events[n + 2:])):
        if m[verb]:
            events = change(int(m[verb]))
    if m["text"]:
        old, new = m["text"].split("/")
        for event in events:
            changed = event.data.replace(old.encode(), new.encode())
            if changed != event.data:
                event.measured = event.measured if event.measured != event.data else event.data
                event.data = changed
    out = header() + b"".join(event.pack() for event in events)
    return out[:len(out) - int(m["cut"] or 0)]


def ima_entries(m):
    """(path, hash, violation) of ima-ng, which IMA measures into PCR 10."""
    yield "boot_aggregate", hashlib.sha256(b"PCRs").digest(), False
    yield m["file"], hashlib.sha256(m["file"].encode()).digest(), False
    if m["violation"]:
        yield "/var/log/busy", bytes(32), True


def ima_data(path, digest):
    name = path.encode() + b"\0"
    hashed = b"sha256:\0" + digest
    return struct.pack("<I", len(hashed)) + hashed + struct.pack("<I", len(name)) + name


def ima(m):
    out = b""
    for path, digest, violated in ima_entries(m):
        data = ima_data(path, digest)
        template = bytes(20) if violated else hashlib.sha1(data).digest()
        out += struct.pack("<I", 10) + template + struct.pack("<I", 6) + b"ima-ng"
        out += struct.pack("<I", len(data)) + data
    return out


def extends(m):
    for event in boot(m):
        yield event.pcr, {name: event.digest(name) for name in ALGORITHMS}
    for path, digest, violated in ima_entries(m):
        data = ima_data(path, digest)
        yield 10, {name: b"\xff" * hashlib.new(name).digest_size if violated
                   else hashlib.new(name, data).digest() for name in ALGORITHMS}


def evidence(folder, machine, m):
    def read(name):
        with open(f"{folder}/{name}", "rb") as f:
            return f.read()

    def coded(data):
        return base64.b64encode(data).decode()

    pcrs = {"sha1": {}, "sha256": {}}
    bank = None
    for line in read("pcrs").decode().splitlines():
        name, _, value = line.strip().partition(":")
        if not value.strip():
            bank = name
        else:
            pcrs[bank][name.strip()] = value.strip()[2:].lower()
    return {
        "protkey-evidence": 1, "machine": machine, "event-log": coded(log(m)),
        "ima-log": coded(ima(m)), "pcrs": pcrs,
        "quote": {"nonce": read("nonce").decode().strip(), "attest": coded(read("attest")),
                  "signature": coded(read("signature")),
                  "key": coded(read("key")), "key-name": read("key-name").hex()},
        "host": json.loads(read("host")),
    }


def authenticode(image):
    """The SHA-256 that the PKCS#7 signature is of: its only OCTET STRING of 32 bytes
    behind the algorithm's name."""
    optional = struct.unpack_from("<I", image, 0x3c)[0] + 24
    wide = struct.unpack_from("<H", image, optional)[0] == 0x20b
    at, size = struct.unpack_from("<II", image, optional + (112 if wide else 96) + 32)
    signature = image[at + 8:at + size]
    sha256 = bytes.fromhex("0609608648016503040201")
    start = signature.index(b"\x04\x20", signature.index(sha256, signature.index(sha256) + 1))
    return signature[start + 2:start + 34].hex()


def main():
    argv = sys.argv[1:]
    if argv in ([], ["-h"], ["--help"]):
        print(__doc__)
        return
    verb, *rest = argv
    if verb == "authenticode":
        with open(rest[0], "rb") as f:
            print(authenticode(f.read()))
        return
    if verb == "types":
        events = [Event(6, kind, b"data") for kind in TYPES if kind != UNUSED]
        sys.stdout.buffer.write(header() + b"".join(e.pack() for e in events))
        return
    m = dict(DEFAULTS)
    machine = {"host": "machine", "machine-id": "0" * 32,
               "boot-id": "11111111-2222-3333-4444-555555555555",
               "kernel": "6.1", "time": 1795000000}
    for change in rest[verb == "evidence":]:
        name, _, value = change.partition("=")
        where = machine if name in machine else m
        if name not in where:
            sys.exit(f"machine.py: what is {name}?")
        where[name] = value
    if verb == "log":
        sys.stdout.buffer.write(log(m))
        return
    if verb == "extend":
        for pcr, digests in extends(m):
            print(f"{pcr}:" + ",".join(f"{n}={d.hex()}" for n, d in digests.items()))
        return
    with open(f"{rest[0]}/evidence", "w", encoding="utf-8") as f:
        json.dump(evidence(rest[0], machine, m), f)


main()
