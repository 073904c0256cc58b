#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: hold-hmac.py NAME KEY-FILE

Begins an HMAC by the kernel's cipher NAME, says "ready" and stays in the middle of
it until it is killed.
"""
import signal
import socket
import sys


def main():
    algo = socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET, 0)
    algo.bind(("hash", sys.argv[1]))
    with open(sys.argv[2], "rb") as key:
        algo.setsockopt(socket.SOL_ALG, socket.ALG_SET_KEY, key.read())
    operation, _ = algo.accept()
    operation.sendall(bytes(1000), socket.MSG_MORE)
    print("ready", flush=True)
    signal.pause()


main()
