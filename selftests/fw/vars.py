#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: selftests/fw/vars.py FILE [OPERATION]...

Changes the variables of OVMF in FILE (a flash image), as somebody does who can
write to the flash. Without an operation it lists them. In this order:

  --delete NAME        no such variable any more
  --secure-boot 0|1    what the setup menu's switch does; keys stay
  --db-add FILE        one more certificate (DER) in db
  --dbx N              N hashes in dbx: the first ones of an endless list
  --boot-order "2 0 1" the numbers of the Boot#### variables
  --sbat-policy N      what shim makes of SbatLevel: 1 latest, 2 automatic
"""

import argparse
import hashlib
import struct
import sys
import uuid

GLOBAL = uuid.UUID("8be4df61-93ca-11d2-aa0d-00e098032b8c")
SECURITY = uuid.UUID("d719b2cb-3d3a-4596-a3bc-dad00e67656f")
SHIM = uuid.UUID("605dab50-e046-4300-abb6-3dd810dd8b23")
ENABLE = uuid.UUID("f0a30bc7-af08-4556-99c4-001009c93a44")
OWNER = uuid.UUID("70726f74-6b65-7900-8000-000000000001")
CERT_X509 = uuid.UUID("a5c059a1-94e4-4aa7-87b5-ab155c2bf072")
CERT_SHA256 = uuid.UUID("c1c41626-504c-4092-aca9-41f936934328")

START, ADDED = 0x55aa, 0x3f
NV_BS, NV_BS_RT = 3, 7
# EDK2's AUTHENTICATED_VARIABLE_HEADER: start, state, attributes, count, time,
# key index, sizes of name and data, vendor
HEADER = struct.Struct("<HBBIQ16sIII16s")
STORE_HEADER = 28


class Store:
    """The variables of one image, in the order of the flash."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as f:
            self.image = bytearray(f.read())
        if self.image[40:44] != b"_FVH":
            sys.exit(f"vars.py: {path} is no firmware volume")
        self.first = struct.unpack_from("<H", self.image, 48)[0] + STORE_HEADER
        size = struct.unpack_from("<I", self.image, self.first - STORE_HEADER + 16)[0]
        self.end = self.first - STORE_HEADER + size
        self.list = list(self.read())

    def read(self):
        at = self.first
        while struct.unpack_from("<H", self.image, at)[0] == START:
            fields = list(HEADER.unpack_from(self.image, at))
            names, size = fields[7:9]
            at += HEADER.size
            name = self.image[at:at + names].decode("utf-16-le").rstrip("\0")
            data = bytes(self.image[at + names:at + names + size])
            if fields[1] == ADDED:
                yield [name, uuid.UUID(bytes_le=fields[9]), data, fields]
            at = (at + names + size + 3) & ~3

    def write(self):
        out = bytearray()
        for name, vendor, data, fields in self.list:
            raw = (name + "\0").encode("utf-16-le")
            fields[7:10] = len(raw), len(data), vendor.bytes_le
            out += HEADER.pack(*fields) + raw + data
            out += b"\xff" * (-len(out) % 4)
        if len(out) > self.end - self.first:
            sys.exit("vars.py: no room for that many variables")
        self.image[self.first:self.end] = out.ljust(self.end - self.first, b"\xff")
        with open(self.path, "wb") as f:
            f.write(self.image)

    def get(self, name, vendor):
        for entry in self.list:
            if entry[:2] == [name, vendor]:
                return entry
        return None

    def set(self, name, vendor, data, attributes=NV_BS_RT):
        entry = self.get(name, vendor)
        if entry:
            entry[2] = data
            return
        fields = [START, ADDED, 0, attributes, 0, bytes(16), 0, 0, 0, b""]
        self.list.append([name, vendor, data, fields])

    def delete(self, name):
        before = len(self.list)
        self.list = [entry for entry in self.list if entry[0] != name]
        if len(self.list) == before:
            sys.exit(f"vars.py: there is no {name}")


def signature_list(kind, signatures):
    """An EFI_SIGNATURE_LIST of signatures that have the same size."""
    size = 16 + len(signatures[0])
    body = b"".join(OWNER.bytes_le + signature for signature in signatures)
    return kind.bytes_le + struct.pack("<III", 28 + len(body), 0, size) + body


def change(store, opt):
    for name in opt.delete:
        store.delete(name)
    if opt.secure_boot is not None:
        store.set("SecureBootEnable", ENABLE, bytes([opt.secure_boot]), NV_BS)
    if opt.db_add:
        with open(opt.db_add, "rb") as f:
            added = signature_list(CERT_X509, [f.read()])
        store.set("db", SECURITY, store.get("db", SECURITY)[2] + added)
    if opt.dbx:
        hashes = [hashlib.sha256(b"revoked %d" % n).digest() for n in range(opt.dbx)]
        store.set("dbx", SECURITY, signature_list(CERT_SHA256, hashes))
    if opt.boot_order:
        numbers = [int(n, 16) for n in opt.boot_order.split()]
        store.set("BootOrder", GLOBAL, struct.pack(f"<{len(numbers)}H", *numbers))
    if opt.sbat_policy:
        store.set("SbatPolicy", SHIM, bytes([opt.sbat_policy]), NV_BS_RT)


def main():
    if sys.argv[1:] in ([], ["-h"], ["--help"]):
        print(__doc__)
        return
    p = argparse.ArgumentParser(prog="vars.py", add_help=False, allow_abbrev=False)
    p.add_argument("file")
    p.add_argument("--delete", action="append", default=[])
    p.add_argument("--secure-boot", type=int, choices=(0, 1))
    p.add_argument("--db-add")
    p.add_argument("--dbx", type=int)
    p.add_argument("--boot-order")
    p.add_argument("--sbat-policy", type=int, choices=(1, 2, 3))
    opt = p.parse_args()
    store = Store(opt.file)
    if len(sys.argv) == 2:
        for name, vendor, data, _ in store.list:
            print(vendor, name, len(data), data[:8].hex())
        return
    change(store, opt)
    store.write()


main()
