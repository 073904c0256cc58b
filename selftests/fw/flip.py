#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: selftests/fw/flip.py EVIDENCE DIR COUNT SEED

Evidence with one bit flipped, COUNT times, as DIR/BIT. Left out are flips that
change nothing that a TPM or the reference speaks of: what a machine says of
itself, the digest of the log's header, the paths of programs and files beside their digests in the log, letters of
base64 or spaces that mean the same.
"""

import base64
import json
import random
import struct
import sys

# Of these the firmware and loaders log a path or an address, and measure a file.
UNMEASURED = {(4, 0x80000003), (2, 0x80000004), (0, 0x8000000a), (9, 0xd)}


def measured(log):
    """The log of fw/machine.py without what was not measured."""
    out, at = [], 32 + struct.unpack_from("<I", log, 28)[0]
    # the header is not measured: its digest says nothing
    out.append(log[:8] + log[28:at])
    while at < len(log):
        pcr, kind, count = struct.unpack_from("<III", log, at)
        start, at = at, at + 12
        for _ in range(count):
            at += 2 + {4: 20, 11: 32}[struct.unpack_from("<H", log, at)[0]]
        size = struct.unpack_from("<I", log, at)[0]
        at += 4
        out.append(log[start:at if (pcr, kind) in UNMEASURED else at + size])
        at += size
    return out


def meat(data):
    """What must not change, or None if it is no evidence at all."""
    try:
        evidence = json.loads(data)
        quote = evidence["quote"]
        coded = [evidence["event-log"], evidence["ima-log"], quote["attest"],
                 quote["signature"], quote["key"]]
        log, *rest = [base64.b64decode(c, validate=True) for c in coded]
        return [measured(log), rest, evidence["pcrs"], quote["key-name"],
                evidence["host"]["secure_boot"]["state"]]
    except (ValueError, KeyError, TypeError, struct.error):
        return None


def main():
    source, folder, count, seed = sys.argv[1:]
    with open(source, "rb") as f:
        data = f.read()
    true = meat(data)
    rng = random.Random(int(seed))
    left = int(count)
    while left:
        bit = rng.randrange(8 * len(data))
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        if meat(bytes(changed)) == true:
            continue
        with open(f"{folder}/{bit}", "wb") as f:
            f.write(changed)
        left -= 1


if sys.argv[1:] in ([], ["-h"], ["--help"]):
    print(__doc__)
else:
    main()
