#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: selftests/fw/tamper.py EVIDENCE OUT OPERATION [ARG]...
       selftests/fw/tamper.py --events LOG
       selftests/fw/tamper.py --extend LOG IMA-LIST
       selftests/fw/tamper.py --flips EVIDENCE DIRECTORY COUNT

Evidence as somebody would change it who has root, or the network, but not the
TPM. An event is PCR.N: the Nth (from 0) that went to that PCR, or N = -1, the
last one.

  drop EVENT           it is not in the log any more
  repeat EVENT         it is there twice
  swap EVENT           it comes after the next event of its PCR
  digest EVENT         another digest, the same data
  text EVENT OLD NEW   other data of the same length, the same digest
  cut BYTES            the log ends sooner
  take PART... FILE    these members of FILE's evidence instead of its own

With --events it prints PCR, type and SHA-256 of each event of a raw log; with
--extend what tpm2_pcrextend wants to do to a TPM what the machine did. With --flips
DIRECTORY/N/evidence has one bit of the log changed, each another; but not in data
that were not measured: of these, as addresses of programs, no digest speaks.
"""

import base64
import hashlib
import json
import os
import random
import struct
import sys

BANKS = {0x0004: "sha1", 0x000b: "sha256", 0x000c: "sha384", 0x000d: "sha512"}
SHA256 = 0x000b
NO_ACTION = 3


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


def measured(log):
    """Offsets of all bytes but those that no digest is of."""
    for e in events(log):
        at, size = e.data
        yield from range(e.start, at)
        digest_at, digest_size = e.digests.get(SHA256, (0, 0))
        if hashlib.sha256(log[at:at + size]).digest() == log[digest_at:digest_at + digest_size]:
            yield from range(at, at + size)


def flips(source, directory, count):
    chance = random.Random(1)
    with open(source, encoding="utf-8") as f:
        evidence = json.load(f)
    log = base64.b64decode(evidence["event-log"])
    for n, at in enumerate(chance.sample(list(measured(log)), int(count))):
        out = bytearray(log)
        out[at] ^= 1 << chance.randrange(8)
        save(evidence, bytes(out), f"{directory}/{n}/evidence")


def save(evidence, log, path):
    evidence["event-log"] = base64.b64encode(log).decode()
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        json.dump(evidence, f)


LOG_OPERATIONS = {f.__name__: f for f in (drop, repeat, swap, digest, text, cut)}


def show(path):
    with open(path, "rb") as f:
        log = f.read()
    for e in events(log):
        at, size = e.digests.get(SHA256, (0, 0))
        print(e.pcr, f"{e.kind:#x}", log[at:at + size].hex())


def ima_entries(log):
    """PCR and, for each bank, what it was extended by."""
    at = 0
    while at < len(log):
        pcr, sha1, size = struct.unpack_from("<I20sI", log, at)
        at += 28 + size                         # behind the template's name
        size = struct.unpack_from("<I", log, at)[0]
        at += 4 + size
        digests = {name: hashlib.new(name, log[at - size:at]).digest()
                   for name in BANKS.values()}
        if not any(sha1):                       # a violation extends ones
            digests = {name: b"\xff" * len(d) for name, d in digests.items()}
        yield pcr, digests


def show_extends(log_path, ima_path):
    with open(log_path, "rb") as f, open(ima_path, "rb") as g:
        log, ima = f.read(), g.read()
    steps = [(e.pcr, {BANKS[a]: log[at:at + size] for a, (at, size) in e.digests.items()})
             for e in events(log) if e.kind != NO_ACTION]
    for pcr, digests in steps + list(ima_entries(ima)):
        print(f"{pcr}:" + ",".join(f"{name}={d.hex()}" for name, d in digests.items()))


def main():
    argv = sys.argv[1:]
    if argv in ([], ["-h"], ["--help"]):
        print(__doc__)
        return
    others = {"--events": show, "--extend": show_extends, "--flips": flips}
    if argv[0] in others:
        others[argv[0]](*argv[1:])
        return
    source, target, verb, *rest = argv
    with open(source, encoding="utf-8") as f:
        evidence = json.load(f)
    if verb == "take":
        with open(rest[-1], encoding="utf-8") as f:
            other = json.load(f)
        evidence.update((part, other[part]) for part in rest[:-1])
        log = base64.b64decode(evidence["event-log"])
    else:
        log = LOG_OPERATIONS[verb](base64.b64decode(evidence["event-log"]), *rest)
    save(evidence, log, target)


main()
