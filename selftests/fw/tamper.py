#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: selftests/fw/tamper.py EVIDENCE OUT OPERATION [ARG]...
       selftests/fw/tamper.py --events LOG

Evidence as somebody would change it who has root, or the network, but not the
TPM. An event is PCR.N: the Nth (from 0) that went to that PCR, or N = -1, the
last one.

  drop EVENT           it is not in the log any more
  repeat EVENT         it is there twice
  swap EVENT           it comes after the next event of its PCR
  digest EVENT         another digest, the same data
  text EVENT OLD NEW   other data of the same length, the same digest
  cut BYTES            the log ends sooner
  flip BIT             one bit of the log
  take PART... FILE    these members of FILE's evidence instead of its own

With --events it prints PCR, type and SHA-256 of each event of a raw log.
"""

import base64
import json
import struct
import sys

SHA256 = 0x000b


class Event:
    def __init__(self, start, end, pcr, kind, digests, data):
        self.start, self.end, self.pcr, self.kind = start, end, pcr, kind
        self.digests, self.data = digests, data     # digests: algorithm -> (at, size)


def header(log):
    """Sizes of the digests that each event has, and where the first begins."""
    pcr, kind, size = struct.unpack_from("<II20xI", log)
    data = log[32:32 + size]
    if not data.startswith(b"Spec ID Event03\0"):
        return None, 0
    count = struct.unpack_from("<I", data, 24)[0]
    return dict(struct.unpack_from("<HH", data, 28 + 4 * n) for n in range(count)), 32 + size


def events(log):
    sizes, at = header(log)
    while at + 8 <= len(log):
        start = at
        pcr, kind = struct.unpack_from("<II", log, at)
        at += 8
        digests = {}
        if sizes is None:
            digests[4] = at, 20
            at += 20
        else:
            count = struct.unpack_from("<I", log, at)[0]
            at += 4
            for _ in range(count):
                algorithm = struct.unpack_from("<H", log, at)[0]
                digests[algorithm] = at + 2, sizes[algorithm]
                at += 2 + sizes[algorithm]
        size = struct.unpack_from("<I", log, at)[0]
        at += 4 + size
        yield Event(start, at, pcr, kind, digests, (at - size, size))


def find(log, name):
    pcr, number = map(int, name.split("."))
    return [e for e in events(log) if e.pcr == pcr][number]


def following(log, event):
    return next(e for e in events(log) if e.pcr == event.pcr and e.start > event.start)


def drop(log, name):
    e = find(log, name)
    return log[:e.start] + log[e.end:]


def repeat(log, name):
    e = find(log, name)
    return log[:e.end] + log[e.start:]


def swap(log, name):
    a = find(log, name)
    b = following(log, a)
    return (log[:a.start] + log[b.start:b.end] + log[a.end:b.start] +
            log[a.start:a.end] + log[b.end:])


def digest(log, name):
    out = bytearray(log)
    for at, _ in find(log, name).digests.values():
        out[at] ^= 0xff
    return bytes(out)


def text(log, name, old, new):
    at, size = find(log, name).data
    data = log[at:at + size]
    changed = data.replace(old.encode(), new.encode())
    if changed == data or len(changed) != size:
        sys.exit(f"tamper.py: event {name} cannot have {new!r} for {old!r}")
    return log[:at] + changed + log[at + size:]


def cut(log, size):
    return log[:-int(size)]


def flip(log, bit):
    out = bytearray(log)
    out[int(bit) // 8] ^= 1 << int(bit) % 8
    return bytes(out)


LOG_OPERATIONS = {f.__name__: f for f in (drop, repeat, swap, digest, text, cut, flip)}


def show(path):
    with open(path, "rb") as f:
        log = f.read()
    for e in events(log):
        at, size = e.digests.get(SHA256, (0, 0))
        print(e.pcr, f"{e.kind:#x}", log[at:at + size].hex())


def main():
    argv = sys.argv[1:]
    if argv in ([], ["-h"], ["--help"]):
        print(__doc__)
        return
    if argv[0] == "--events":
        show(argv[1])
        return
    source, target, verb, *rest = argv
    with open(source, encoding="utf-8") as f:
        evidence = json.load(f)
    if verb == "take":
        with open(rest[-1], encoding="utf-8") as f:
            other = json.load(f)
        for part in rest[:-1]:
            evidence[part] = other[part]
    else:
        log = LOG_OPERATIONS[verb](base64.b64decode(evidence["event-log"]), *rest)
        evidence["event-log"] = base64.b64encode(log).decode()
    with open(target, "w", encoding="utf-8") as f:
        json.dump(evidence, f)


main()
