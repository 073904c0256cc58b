#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Print NIST's CAVP vectors as pk-native --vectors reads them: see vectors.c.

Those that end in a part of a block are left out, except of GCM: ciphertext
stealing is above the routines, and cipher_cavp has it.
"""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import cipher_cavp_test as cavp         # pylint: disable=wrong-import-position


def line(*fields):
    print(*(f.hex() or "-" if isinstance(f, bytes) else f for f in fields))


def print_cipher(mode, path):
    for encrypt, vector in cavp.read_vectors(path):
        plain, secret = cavp.field(vector, cavp.INPUT), cavp.field(vector, cavp.OUTPUT)
        if int(vector.get("DataUnitLen", 0)) % 128 or len(plain) % 16:
            continue
        line(mode, "enc" if encrypt else "dec", cavp.field(vector, cavp.KEY),
             cavp.iv_of(vector) or bytes(16), *((plain, secret) if encrypt else (secret, plain)))


def print_gcm(path):
    for vector in cavp.read_gcm(path):
        # the routines give the tag, comparing is above them
        if "FAIL" in vector or vector["IVlen"] != "96":
            continue
        plain, secret = bytes.fromhex(vector["PT"]), bytes.fromhex(vector["CT"])
        encrypt = "Encrypt" in path
        line("gcm", "enc" if encrypt else "dec", bytes.fromhex(vector["Key"]),
             bytes.fromhex(vector["IV"]), *((plain, secret) if encrypt else (secret, plain)),
             bytes.fromhex(vector["AAD"]), bytes.fromhex(vector["Tag"]))


def main():
    if not os.path.isdir(cavp.VECTORS):
        sys.exit("needs python3-cryptography-vectors")
    for cipher, name, _ in cavp.FILES:
        print_cipher(cipher.split("(")[0], f"{cavp.VECTORS}/{name}")
    for size in cavp.SIZES:
        for kind in ("EncryptExtIV", "Decrypt"):
            print_gcm(f"{cavp.VECTORS}/GCM/gcm{kind}{size}.rsp")


main()
