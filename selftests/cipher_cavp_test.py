#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
# check: group=cipher where=vm timeout=300 vm="--smp 2 --mem 768"
"""NIST's CAVP vectors for XTS, CBC, ECB and GCM, RFC 3686's for CTR and RFC
4231's for HMAC, with imported keys, through libkcapi and AF_ALG. HMAC also
against Python's, and what phmac() refuses.

The vectors are those of Debian's python3-cryptography-vectors. Those whose
length is not whole bytes are passed over: the kernel has no such requests.
"""

import ctypes
import errno
import fcntl
import hashlib
import hmac
import os
import random
import socket
import subprocess
import sys

from ktap import Results

ALL_VECTORS = "/usr/lib/python3/dist-packages/cryptography_vectors"
VECTORS = f"{ALL_VECTORS}/ciphers/AES"
SIZES = ("128", "192", "256")
# XTS has thousands: every fifth one, all of them with scripts/check --long. All
# whole-block ones are also run natively at every level: cipher_native.
XTS_STEP = 1 if os.environ.get("PK_LONG") == "1" else 5
STEP = {"xts(paes)": XTS_STEP}
# (cipher, file, vectors it has at least)
FILES = [("xts(paes)", f"XTS/{kind}/XTSGenAES{size}.rsp", 600 // XTS_STEP)
         for kind in ("tweak-128hexstr", "tweak-dataunitseqno") for size in ("128", "256")]
FILES += [(f"{mode}(paes)", f"{mode.upper()}/{mode.upper()}{kind}{size}.rsp", least)
          for mode in ("cbc", "ecb") for size in SIZES
          for kind, least in (("MMT", 20), ("GFSbox", 10), ("KeySbox", 20))]
FILES += [("ctr(paes)", f"CTR/aes-{size}-ctr.txt", 3) for size in SIZES]
HASHES = ("sha256", "sha512")
DOMAIN = "cavp"
KEK = "5a" * 32
TOP = os.environ["PK_TOP"]
KEYTOOL = f"{TOP}/build/bin/pk-keytool"
# enum protkey_key_type by bytes of key
XTS_TYPE = {32: 4, 64: 5}
AES_TYPE = {16: 1, 24: 2, 32: 3}
HMAC_TYPE = {32: 6, 64: 7}


class KeyMake(ctypes.Structure):
    """struct protkey_key_make"""
    _fields_ = [("type", ctypes.c_uint16), ("reserved0", ctypes.c_uint16),
                ("usage", ctypes.c_uint32), ("flags", ctypes.c_uint32),
                ("clear_size", ctypes.c_uint32), ("clear_ptr", ctypes.c_uint64),
                ("not_before", ctypes.c_uint64), ("not_after", ctypes.c_uint64),
                ("volume", ctypes.c_uint8 * 16), ("pattern", ctypes.c_uint8 * 16),
                ("blob", ctypes.c_uint8 * 256)]


# _IOWR(0xBC, 0x24, struct protkey_key_make)
KEY_IMPORT = 3 << 30 | ctypes.sizeof(KeyMake) << 16 | 0xBC << 8 | 0x24


# names of the fields in XTS's files and in the others
KEY, INPUT, OUTPUT = ("Key", "KEY"), ("PT", "PLAINTEXT"), ("CT", "CIPHERTEXT")


def field(vector, names):
    return bytes.fromhex(next(vector[name] for name in names if name in vector))


def read_vectors(path):
    """Yield (encrypt, {field: text}) for each vector of a response file."""
    encrypt, vector = True, {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            if line.startswith("["):
                encrypt = line.startswith("[ENCRYPT")
            elif " = " in line:
                name, _, value = line.strip().partition(" = ")
                if name == "COUNT":
                    vector = {}
                vector[name] = value
                # the last field is the output
                if name in (OUTPUT if encrypt else INPUT):
                    yield encrypt, vector


def iv_of(vector):
    for name in ("i", "IV"):
        if name in vector:
            return bytes.fromhex(vector[name])
    if "DataUnitSeqNumber" in vector:
        return int(vector["DataUnitSeqNumber"]).to_bytes(16, "little")
    return None


def import_key(node, cipher, key, usage=0):
    types = {"xts(paes)": XTS_TYPE, "phmac": HMAC_TYPE}.get(cipher, AES_TYPE)
    make = KeyMake(type=types[len(key)], usage=usage, clear_size=len(key))
    clear = ctypes.create_string_buffer(key, len(key))
    make.clear_ptr = ctypes.addressof(clear)
    fcntl.ioctl(node, KEY_IMPORT, make)
    return bytes(make.blob)


class Kcapi:
    """The few calls of libkcapi that are needed here."""

    ACCESS = (1, 2)     # vmsplice, sendmsg: by turns

    def __init__(self):
        self.lib = ctypes.CDLL("libkcapi.so.1")
        self.lib.kcapi_cipher_encrypt.restype = ctypes.c_ssize_t
        self.lib.kcapi_cipher_decrypt.restype = ctypes.c_ssize_t
        self.calls = 0

    def crypt(self, cipher, blob, encrypt, iv, data):
        handle = ctypes.c_void_p()
        err = self.lib.kcapi_cipher_init(ctypes.byref(handle), cipher.encode(), 0)
        if err:
            raise OSError(-err, "kcapi_cipher_init")
        try:
            err = self.lib.kcapi_cipher_setkey(handle, blob, len(blob))
            if err:
                raise OSError(-err, "kcapi_cipher_setkey")
            return self.run(handle, encrypt, iv, data)
        finally:
            self.lib.kcapi_cipher_destroy(handle)

    def run(self, handle, encrypt, iv, data):
        call = self.lib.kcapi_cipher_encrypt if encrypt else self.lib.kcapi_cipher_decrypt
        source = ctypes.create_string_buffer(data, len(data))
        target = ctypes.create_string_buffer(len(data))
        self.calls += 1
        done = call(handle, source, ctypes.c_size_t(len(data)), iv, target,
                    ctypes.c_size_t(len(data)), self.ACCESS[self.calls % 2])
        if done != len(data):
            raise OSError(-done, f"{done} bytes of {len(data)}")
        return target.raw


def check_file(results, kcapi, node, cipher, name, least):
    done = passed_over = 0
    wrong = []
    for encrypt, vector in read_vectors(f"{VECTORS}/{name}"):
        if int(vector.get("DataUnitLen", 0)) % 8:
            passed_over += 1
            continue
        if int(vector["COUNT"]) % STEP.get(cipher, 1):
            continue
        plain, secret = field(vector, INPUT), field(vector, OUTPUT)
        blob = import_key(node, cipher, field(vector, KEY))
        source, wanted = (plain, secret) if encrypt else (secret, plain)
        got = kcapi.crypt(cipher, blob, encrypt, iv_of(vector), source)
        if got != wanted:
            wrong.append(f"COUNT = {vector['COUNT']}, encrypt {encrypt}: {got.hex()}")
        done += 1
    results.report(done >= least and not wrong,
                   f"{name}: {done} vectors ({passed_over} are not whole bytes)",
                   "\n".join(wrong[:10]))


def read_gcm(path):
    """Yield {field: text}; FAIL in place of PT: the tag is wrong."""
    vector = {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            name, equals, value = line.strip().strip("[]").partition("=")
            if equals:
                vector[name.strip()] = value.strip()
            elif line.startswith("FAIL"):
                vector["FAIL"] = ""
            elif "Key" in vector:
                yield vector
                vector = {k: v for k, v in vector.items() if k.endswith("len")}


def gcm_crypt(encrypt, blob, vector):
    """AF_ALG by hand: associated data and data in one message."""
    aad, tag = bytes.fromhex(vector["AAD"]), bytes.fromhex(vector["Tag"])
    plain, secret = bytes.fromhex(vector.get("PT", "")), bytes.fromhex(vector["CT"])
    with socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET, 0) as algo:
        algo.bind(("aead", "gcm(paes)"))
        algo.setsockopt(socket.SOL_ALG, socket.ALG_SET_KEY, blob)
        algo.setsockopt(socket.SOL_ALG, socket.ALG_SET_AEAD_AUTHSIZE, None, len(tag))
        operation, _ = algo.accept()
        with operation:
            data = aad + (plain if encrypt else secret + tag)
            operation.sendmsg_afalg(
                [data], op=socket.ALG_OP_ENCRYPT if encrypt else socket.ALG_OP_DECRYPT,
                iv=bytes.fromhex(vector["IV"]), assoclen=len(aad))
            try:
                # the kernel waits for more data if more is asked for
                size = len(data) + (len(tag) if encrypt else -len(tag))
                got = operation.recv(max(1, size))
            except OSError as error:
                return "FAIL" if error.errno == errno.EBADMSG else str(error)
    return (got[len(aad):] == (secret + tag if encrypt else plain)) and "right" or got.hex()


def check_gcm(results, node, name, least):
    done = 0
    wrong = []
    encrypt = "Encrypt" in name
    for vector in read_gcm(f"{VECTORS}/{name}"):
        # IV of 96 bits is what gcm(paes) takes, and tags that SP 800-38D has
        if vector["IVlen"] != "96" or len(vector["Tag"]) // 2 not in (4, 8, 12, 13, 14, 15, 16):
            continue
        # every group of lengths has fifteen vectors
        if int(vector["Count"]) > 0:
            continue
        blob = import_key(node, "gcm", bytes.fromhex(vector["Key"]))
        got = gcm_crypt(encrypt, blob, vector)
        if got != ("FAIL" if "FAIL" in vector else "right"):
            wrong.append(f"Count = {vector['Count']}, {vector['PTlen']}, {vector['AADlen']}: {got}")
        done += 1
    results.report(done >= least and not wrong, f"{name}: {done} vectors",
                   "\n".join(wrong[:10]))


def read_hmac(name):
    """Yield (key, message, MAC) of a file of RFC 4231's test cases."""
    vector = {}
    with open(f"{ALL_VECTORS}/HMAC/rfc-4231-{name}.txt", encoding="ascii") as lines:
        for line in lines:
            field_name, equals, value = line.strip().partition(" = ")
            if equals:
                vector[field_name] = bytes.fromhex(value) if field_name != "Len" else value
            if field_name == "MD":
                yield vector["Key"], vector["Msg"], vector["MD"]


def hmac_forms(key, name):
    """The same HMAC key in each size that a blob has."""
    if len(key) > hashlib.new(name).block_size:
        key = hashlib.new(name, key).digest()
    return [key.ljust(size, b"\0") for size in HMAC_TYPE if len(key) <= size]


def hmac_socket(name, blob):
    algo = socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET, 0)
    algo.bind(("hash", f"phmac({name})"))
    if blob is not None:
        algo.setsockopt(socket.SOL_ALG, socket.ALG_SET_KEY, blob)
    return algo


def hmac_of(algo, name, parts, fork=False):
    """The MAC of a message that comes in parts; fork: the last part by a copy."""
    operation, _ = algo.accept()
    with operation:
        for part in parts[:-1]:
            operation.sendall(part, socket.MSG_MORE)
        if fork:
            copy, _ = operation.accept()
            with copy:
                copy.sendall(parts[-1])
                first = copy.recv(64)
        operation.sendall(parts[-1])
        mac = operation.recv(64)
    assert len(mac) == hashlib.new(name).digest_size
    return mac if not fork or first == mac else first + mac


def cut(message, rng):
    places = sorted(rng.randrange(len(message) + 1) for _ in range(rng.randrange(4)))
    return [message[a:b] for a, b in zip([0] + places, places + [len(message)])]


def check_hmac_vectors(results, node, name):
    done = 0
    wrong = []
    rng = random.Random(1)
    for key, message, mac in read_hmac(name):
        for form in hmac_forms(key, name):
            with hmac_socket(name, import_key(node, "phmac", form)) as algo:
                for parts in [message], cut(message, rng), cut(message, rng):
                    got = hmac_of(algo, name, parts, fork=len(parts) > 1)
                    if got != mac:
                        wrong.append(f"{key.hex()} {[len(p) for p in parts]}: {got.hex()}")
        done += 1
    results.report(done >= 6 and not wrong, f"phmac({name}): {done} of RFC 4231's vectors",
                   "\n".join(wrong[:10]))


def check_hmac_random(results, node, name):
    wrong = []
    rng = random.Random(2)
    key = rng.randbytes(64)
    with hmac_socket(name, import_key(node, "phmac", key)) as algo:
        lengths = list(range(300)) + [rng.randrange(40000) for _ in range(100)]
        for length in lengths:
            parts = cut(rng.randbytes(length), rng)
            want = hmac.new(key, b"".join(parts), name).digest()
            got = hmac_of(algo, name, parts, fork=bool(rng.randrange(2)))
            if got != want:
                wrong.append(f"{[len(p) for p in parts]}: {got.hex()}")
    results.report(not wrong, f"phmac({name}): {len(lengths)} random messages, whole and in parts",
                   "\n".join(wrong[:10]))


def errno_of(function, *args):
    try:
        function(*args)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "success"


def keytool(*args):
    subprocess.run([KEYTOOL, *args], check=True, stdout=subprocess.DEVNULL)


def check_hmac_refusals(results, node, name):
    def expect(claim, want, *call):
        got = errno_of(*call)
        results.report(got == want, f"phmac({name}): {claim}: {want}", f"got {got}")

    key = bytes(range(64))
    blob = import_key(node, "phmac", key)
    expect("a key with usage", "EINVAL", import_key, node, "phmac", key, 1)
    expect("a raw key of 32 bytes", "EINVAL", hmac_socket, name, bytes(32))
    expect("a raw key of 64 bytes", "EINVAL", hmac_socket, name, bytes(64))
    expect("a key of another type", "EINVAL", hmac_socket, name,
           import_key(node, "xts(paes)", key))
    expect("a damaged key", "EKEYREJECTED", hmac_socket, name,
           blob[:-1] + bytes([blob[-1] ^ 1]))
    with hmac_socket(name, None) as algo:
        expect("no key", "ENOKEY", hmac_of, algo, name, [b"message"])
    with hmac_socket(name, blob) as algo:
        operation, _ = algo.accept()
        with operation:
            operation.sendall(bytes(1000), socket.MSG_MORE)
            keytool("domain-lock", DOMAIN, "force")
            expect("locked in the middle of a message", "ENOKEY", operation.sendall, bytes(1000))
        expect("locked", "ENOKEY", hmac_of, algo, name, [b"message"])
        keytool("domain-unlock", "/tmp/state", KEK)
        results.report(hmac_of(algo, name, [b"message"]) ==
                       hmac.new(key, b"message", name).digest(),
                       f"phmac({name}): unlocked again")


def main():
    if not os.path.isdir(VECTORS):
        print("1..0 # SKIP needs python3-cryptography-vectors")
        sys.exit(4)
    results = Results()
    for module in ("af_alg", "algif_skcipher", "algif_aead", "algif_hash", "xts"):
        subprocess.run(["modprobe", "-q", module], check=False)
    subprocess.run(["bash", "-c", f". {TOP}/selftests/lib.sh && ktap_insmod "
                    "$PK_MODDIR/protkey.ko"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([KEYTOOL, "domain-create", DOMAIN, KEK, "/tmp/state"],
                   check=True, stdout=subprocess.DEVNULL)
    node = os.open(f"/dev/protkey/{DOMAIN}", os.O_RDWR)
    kcapi = Kcapi()
    for cipher, name, least in FILES:
        check_file(results, kcapi, node, cipher, name, least)
    for size in SIZES:
        for kind in ("EncryptExtIV", "Decrypt"):
            check_gcm(results, node, f"GCM/gcm{kind}{size}.rsp", 150)
    for name in HASHES:
        check_hmac_vectors(results, node, name)
        check_hmac_random(results, node, name)
        check_hmac_refusals(results, node, name)
    os.close(node)
    results.finish()


if __name__ == "__main__":
    main()
