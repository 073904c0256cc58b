#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
# check: group=ktls where=host timeout=60
"""libprotkey's reader of key log lines: what it takes, and that it leaves nothing
of what it refuses."""

import ctypes
import errno
import os

from ktap import Results

CLIENT, SERVER, MASTER = 1, 2, 3


class Log(ctypes.Structure):
    """struct protkey_tls_keylog"""
    _fields_ = [("label", ctypes.c_uint32), ("size", ctypes.c_uint32),
                ("client_random", ctypes.c_uint8 * 32), ("secret", ctypes.c_uint8 * 64)]


LIBRARY = ctypes.CDLL(f"{os.environ['PK_TOP']}/build/lib/libprotkey.so.0")
RANDOM = bytes(range(100, 132)).hex()
SECRET = bytes(range(200, 248)).hex()
GOOD = [
    ("TLS 1.3, client", f"CLIENT_TRAFFIC_SECRET_0 {RANDOM} {SECRET[:64]}", CLIENT),
    ("TLS 1.3, server", f"SERVER_TRAFFIC_SECRET_0 {RANDOM} {SECRET}", SERVER),
    ("TLS 1.2", f"CLIENT_RANDOM {RANDOM} {SECRET}", MASTER),
    ("capital letters", f"CLIENT_RANDOM {RANDOM.upper()} {SECRET.upper()}", MASTER),
]
BAD = [
    ("another secret", f"EXPORTER_SECRET {RANDOM} {SECRET}", "ENOENT"),
    ("a later generation", f"CLIENT_TRAFFIC_SECRET_1 {RANDOM} {SECRET}", "ENOENT"),
    ("a comment", "# SSL/TLS secrets log file", "ENOENT"),
    ("nothing", "", "EBADMSG"),
    ("no fields", "CLIENT_RANDOM", "EBADMSG"),
    ("no random", "CLIENT_RANDOM ", "EBADMSG"),
    ("short random", f"CLIENT_RANDOM {RANDOM[2:]} {SECRET}", "EBADMSG"),
    ("long random", f"CLIENT_RANDOM {RANDOM}00 {SECRET}", "EBADMSG"),
    ("no secret", f"CLIENT_RANDOM {RANDOM} ", "EBADMSG"),
    ("random only", f"CLIENT_RANDOM {RANDOM}", "EBADMSG"),
    ("half a byte", f"CLIENT_RANDOM {RANDOM} {SECRET[:-1]}", "EBADMSG"),
    ("short secret", f"SERVER_TRAFFIC_SECRET_0 {RANDOM} {SECRET[:62]}", "EBADMSG"),
    ("short master secret", f"CLIENT_RANDOM {RANDOM} {SECRET[:64]}", "EBADMSG"),
    ("long secret", f"SERVER_TRAFFIC_SECRET_0 {RANDOM} {SECRET}00", "EBADMSG"),
    ("endless secret", f"SERVER_TRAFFIC_SECRET_0 {RANDOM} {SECRET * 9}", "EBADMSG"),
    ("no hex", f"SERVER_TRAFFIC_SECRET_0 {RANDOM} {SECRET[:-2]}zz", "EBADMSG"),
    ("a newline", f"SERVER_TRAFFIC_SECRET_0 {RANDOM} {SECRET}\n", "EBADMSG"),
]


def parse(line):
    """(name of the errno or "0", log)"""
    log = Log()
    ctypes.memset(ctypes.byref(log), 0xA5, ctypes.sizeof(log))
    ret = LIBRARY.protkey_tls_keylog_parse(line.encode(), ctypes.byref(log))
    return errno.errorcode[-ret] if ret else "0", log


def main():
    results = Results()
    for name, line, label in GOOD:
        got, log = parse(line)
        random, secret = (bytes.fromhex(field) for field in line.split()[1:])
        right = (got, log.label, log.size, bytes(log.client_random), bytes(log.secret)) == \
            ("0", label, len(secret), random, secret + bytes(64 - len(secret)))
        results.report(right, name, got)
    for name, line, wanted in BAD:
        got, log = parse(line)
        results.report(got == wanted and not any(bytes(log)), f"refused: {name}",
                       f"got {got}, wanted {wanted}; {bytes(log).hex()}")
    results.finish()


if __name__ == "__main__":
    main()
