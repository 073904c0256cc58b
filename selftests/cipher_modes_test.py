#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
# check: group=cipher where=vm timeout=300 vm="--smp 2 --mem 768"
"""GCM, CTR, CBC and ECB against the kernel's own, under the same key, through
AF_ALG: random lengths, random parts, which become a strewn scatterlist, both
directions, each of GCM's tags, and data that is not authentic."""

import errno
import os
import random
import socket
import subprocess
import sys

sys.dont_write_bytecode = True
import cipher_cavp_test as cavp         # pylint: disable=wrong-import-position
from ktap import Results                # pylint: disable=wrong-import-position

RUNS = 200 if os.environ.get("PK_LONG") == "1" else 40
LENGTH_MAX = 20000              # more than a section takes
AAD_MAX = 700                   # more than fits beside the data of one
TAGS = (4, 8, 12, 13, 14, 15, 16)


class Cipher:
    """One handle of AF_ALG."""

    def __init__(self, kind, name, key, tag=0):
        self.algo = socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET, 0)
        self.algo.bind((kind, name))
        self.algo.setsockopt(socket.SOL_ALG, socket.ALG_SET_KEY, key)
        if tag:
            self.algo.setsockopt(socket.SOL_ALG, socket.ALG_SET_AEAD_AUTHSIZE, None, tag)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.algo.close()

    def run(self, encrypt, parts, size, **params):
        """The result, @size bytes, of a request whose data come in parts."""
        operation, _ = self.algo.accept()
        with operation:
            op = socket.ALG_OP_ENCRYPT if encrypt else socket.ALG_OP_DECRYPT
            for n, part in enumerate(parts):
                more = socket.MSG_MORE if n + 1 < len(parts) else 0
                if n:
                    operation.sendall(part, more)
                else:
                    operation.sendmsg_afalg([part], op=op, flags=more, **params)
            got = b""
            while len(got) < size:
                got += operation.recv(size - len(got))
            return got


def cut(data, rng):
    """One to five parts, none of them empty."""
    places = sorted(rng.sample(range(1, len(data)), min(rng.randrange(5), len(data) - 1)))
    return [data[a:b] for a, b in zip([0] + places, places + [len(data)])]


def check_skcipher(results, node, mode, key_size):
    rng = random.Random(f"{mode}{key_size}")
    key = rng.randbytes(key_size)
    wrong = []
    params = {} if mode == "ecb" else {"iv": rng.randbytes(16)}
    with Cipher("skcipher", f"{mode}(aes)", key) as stock, \
         Cipher("skcipher", f"{mode}(paes)", cavp.import_key(node, mode, key)) as ours:
        for run in range(RUNS):
            size = rng.randrange(1, 200 if run % 2 else LENGTH_MAX)
            if mode != "ctr":
                size = (size + 15) // 16 * 16
            plain = rng.randbytes(size)
            secret = stock.run(True, [plain], size, **params)
            parts = cut(plain, rng)
            if ours.run(True, parts, size, **params) != secret:
                wrong.append(f"encrypt {[len(p) for p in parts]}")
            parts = cut(secret, rng)
            if ours.run(False, parts, size, **params) != plain:
                wrong.append(f"decrypt {[len(p) for p in parts]}")
    results.report(not wrong, f"{mode}(paes), {8 * key_size} bits: {RUNS} random requests "
                   "each way as the kernel's own", "\n".join(wrong[:10]))


def refused(cipher, parts, size, **params):
    try:
        cipher.run(False, parts, size, **params)
    except OSError as error:
        return error.errno == errno.EBADMSG
    return False


def gcm_run(node, key, blob, rng):
    """What is wrong, in words, of one random request."""
    tag = rng.choice(TAGS)
    aad, plain = (rng.randbytes(rng.randrange(most)) for most in
                  (AAD_MAX, 300 if rng.randrange(2) else LENGTH_MAX))
    params = {"iv": rng.randbytes(12), "assoclen": len(aad)}
    wrong = []
    with Cipher("aead", "gcm(aes)", key, tag) as stock, \
         Cipher("aead", "gcm(paes)", blob, tag) as ours:
        whole = len(aad) + len(plain)
        sealed = stock.run(True, [aad + plain], whole + tag, **params)
        parts = cut(aad + plain, rng) if whole else [b""]
        if ours.run(True, parts, whole + tag, **params) != sealed:
            wrong.append(f"encrypt {len(aad)} {[len(p) for p in parts]} tag {tag}")
        parts = cut(sealed, rng)
        # the kernel waits for more data if more is asked for than there is
        if whole and ours.run(False, parts, whole, **params) != aad + plain:
            wrong.append(f"decrypt {len(aad)} {[len(p) for p in parts]} tag {tag}")
        at = rng.randrange(len(sealed))
        forged = sealed[:at] + bytes([sealed[at] ^ 1 << rng.randrange(8)]) + sealed[at + 1:]
        if not refused(ours, cut(forged, rng), max(1, whole), **params):
            wrong.append(f"byte {at} of {len(sealed)} changed, and not refused")
    return wrong


def check_gcm(results, node, key_size):
    rng = random.Random(key_size)
    key = rng.randbytes(key_size)
    blob = cavp.import_key(node, "gcm", key)
    wrong = []
    for _ in range(RUNS):
        wrong += gcm_run(node, key, blob, rng)
    results.report(not wrong, f"gcm(paes), {8 * key_size} bits: {RUNS} random requests each "
                   "way as the kernel's own, and forged", "\n".join(wrong[:10]))


def main():
    results = Results()
    for module in ("af_alg", "algif_skcipher", "algif_aead", "ctr", "cbc", "ecb", "gcm"):
        subprocess.run(["modprobe", "-q", module], check=False)
    subprocess.run(["bash", "-c", f". {cavp.TOP}/selftests/lib.sh && ktap_insmod "
                    "$PK_MODDIR/protkey.ko"], check=True, stdout=subprocess.DEVNULL)
    cavp.keytool("domain-create", cavp.DOMAIN, cavp.KEK, "/tmp/state")
    node = os.open(f"/dev/protkey/{cavp.DOMAIN}", os.O_RDWR)
    for key_size in cavp.AES_TYPE:
        for mode in ("ctr", "cbc", "ecb"):
            check_skcipher(results, node, mode, key_size)
        check_gcm(results, node, key_size)
    os.close(node)
    results.finish()


main()
