#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""audit_fill.py COUNT: as many notes in the audit log, by raw ioctls."""
import fcntl
import struct
import sys

AUDIT_NOTE = 0xC0A0BC71
NOTE = 26

with open("/dev/protkey/control", "r+b", buffering=0) as control:
    for i in range(int(sys.argv[1])):
        fcntl.ioctl(control, AUDIT_NOTE,
                    struct.pack("<II96sQ16s32s", NOTE, 0, b"note %d" % i, 0, b"", b""))
