#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Persons of a domain by raw ioctls, for domain_person_test.sh, in a guest only.

Prints KTAP result lines without numbers: "ok NAME" or "not ok NAME".
The ABI is that of Documentation/uapi.md, which docs_uapi compares with the header."""

import ctypes
import errno
import fcntl
import hashlib
import hmac
import os
import re
import socket
import struct
import sys
import time

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
ROLES = ["administrator", "key officer", "operator", "user", "auditor"]
SOL_ALG, ALG_SET_KEY = 279, 1

row = re.compile(r"\| `(PROTKEY_IOC_\w+)` \| (\w+) \| `(0x[0-9a-f]+)` \|")
CALLS = {}      # name: (node, number)
with open(f"{TOP}/Documentation/uapi.md") as f:
    for line in f:
        if match := row.match(line):
            CALLS[match[1]] = (match[2], int(match[3], 16))


def result(good, name, why=""):
    print(("ok " if good else "not ok ") + name + (f" ({why})" if why and not good else ""),
          flush=True)


def call(fd, name, data=None):
    """errno, 0 is success; what the module wrote is in @data."""
    number = CALLS[name][1]
    size = number >> 16 & 0x3fff
    data = data if data is not None else bytearray(size)
    assert len(data) == size, (name, len(data), size)
    try:
        fcntl.ioctl(fd, number, data if size else 0)
    except OSError as e:
        return e.errno
    return 0


def node(name):
    return os.open(f"/dev/protkey/{name}", os.O_RDWR | os.O_CLOEXEC)


def text(name):
    return name.encode().ljust(32, b"\0")


def login(fd, name, credential, code=0):
    return call(fd, "PROTKEY_IOC_PERSON_LOGIN",
                bytearray(struct.pack("32s32sIIII", text(name), credential, code, 0, 0, 0)))


def person_set(fd, name, roles, credential, kek=b"", factor=0, digits=0, secret=b"",
               flags=0, kind=6, slot=0, padding=0):
    params = struct.pack("HHI32sIIII32s", kind, 0, 0, b"salt" * 8, 0, 0, 0, 0, b"")
    if flags & 1:
        params = bytes(88)
    return call(fd, "PROTKEY_IOC_PERSON_SET", bytearray(
        struct.pack("32sIHHHHI64s32s32s", text(name), roles, factor, flags, digits, padding,
                    len(secret), secret, credential, kek) + params +
        struct.pack("II", slot, 0)))


def credential(name):
    return hashlib.sha256(name.encode()).digest()


def set_clock(when):
    time.clock_settime(time.CLOCK_REALTIME, when)


def e(number):
    return errno.errorcode.get(number, str(number))


def expect(got, want, name):
    result(got == want, name, f"{e(got)}, not {e(want)}")


def vectors(domain, kek):
    """RFC 6238, appendix B, by the whole way: the machine's clock and the module."""
    codes = [(59, 94287082, 46119246), (1111111109, 7081804, 68084774),
             (1111111111, 14050471, 67062674), (1234567890, 89005924, 91819424),
             (2000000000, 69279037, 90698825)]
    keys = [b"1234567890" * 2, (b"1234567890" * 4)[:32]]
    kek = bytes.fromhex(kek)
    fd = node(domain)
    everything = (1 << len(ROLES)) - 1
    expect(person_set(fd, "root", everything, credential("root"), kek), 0, "a service")
    expect(login(fd, "root", credential("root")), 0, "logs in")
    for n, name in enumerate(["sha1", "sha256"]):
        expect(person_set(fd, name, 8, credential(name), kek, n + 1, 8, keys[n]), 0,
               f"a person with codes by {name}")
    for when, *right in codes:
        try:
            set_clock(when)
        except OSError:
            print(f"ok RFC 6238 at {when} # SKIP this clock cannot be set so far back",
                  flush=True)
            continue
        for n, name in enumerate(["sha1", "sha256"]):
            other = node(domain)
            expect(login(other, name, credential(name), right[n] ^ 1), errno.EKEYREJECTED,
                   f"{name} at {when}: another code")
            expect(login(other, name, credential(name), right[n]), 0,
                   f"RFC 6238: {name} at {when}: {right[n]:08}")
            expect(login(other, name, credential(name), right[n]), errno.EKEYREJECTED,
                   f"{name} at {when}: once")
            os.close(other)


def arguments(domain, kek):
    """What PERSON_SET does not take."""
    kek = bytes.fromhex(kek)
    fd = node(domain)
    login(fd, "root", credential("root"))
    key = b"k" * 20

    def refused(why, want, **more):
        arg = {"name": "new", "roles": 8, "credential": b"c" * 32, "kek": kek, **more}
        expect(person_set(fd, **arg), want, why)

    step = struct.pack(">Q", int(time.time()) // 30)
    mac = hmac.new(b"1234567890" * 2, step, "sha1").digest()
    code = struct.unpack_from(">I", mac, mac[19] & 15)[0] & 0x7fffffff
    own = node(domain)
    person_set(fd, "now", 8, credential("now"), kek, 1, 8, b"1234567890" * 2)
    expect(login(own, "now", credential("now"), code % 10**8), 0, "by a code of now")
    expect(person_set(own, "now", 8, b"c" * 32, flags=2), errno.EACCES,
           "nobody takes his own second factor away")
    refused("a credential of zeros", errno.EINVAL, credential=bytes(32))
    refused("no roles", errno.EINVAL, roles=0)
    refused("a role that there is not", errno.EINVAL, roles=32)
    refused("no name", errno.EINVAL, name="")
    refused("a name with a slash", errno.EINVAL, name="a/b")
    refused("another factor", errno.EINVAL, factor=3, digits=6, secret=key)
    refused("a secret too short", errno.EINVAL, factor=1, digits=6, secret=key[:15])
    refused("codes of five digits", errno.EINVAL, factor=1, digits=5, secret=key)
    refused("codes without factor", errno.EINVAL, digits=6)
    refused("a secret without factor", errno.EINVAL, secret=key)
    refused("another flag", errno.EINVAL, flags=4)
    refused("two flags", errno.EINVAL, flags=3)
    refused("a reserved field", errno.EINVAL, padding=1)
    refused("a KEK's kind that persons have not", errno.EINVAL, kind=2)
    refused("one who is there", errno.EEXIST, name="sha1")
    refused("roles of one who is not there", errno.ENOENT, flags=1)
    refused("another's own", errno.EACCES, name="sha1", flags=2)
    refused("a wrong KEK", errno.EKEYREJECTED, kek=b"x" * 32)
    refused("no such slot", errno.ENOENT, slot=5)
    refused("the last administrator", errno.EBUSY, name="root", roles=4, flags=1)
    refused("the last operator", errno.EBUSY, name="root", roles=1, flags=1)
    for n in range(28):
        if got := person_set(fd, f"p{n}", 8, b"c" * 32, kek):
            break
    expect(got, 0, "32 persons")
    refused("33", errno.ENOSPC)


def documented():
    """The table of Documentation/domains.md: {call: the columns with yes}."""
    table = {}
    columns = ["nobody", *ROLES]
    with open(f"{TOP}/Documentation/domains.md") as f:
        for line in f:
            cells = [c.strip() for c in line.strip().strip("|").split("|")]
            if len(cells) == 1 + len(columns) and cells[0].startswith("`PROTKEY_IOC_"):
                table[cells[0].strip("`")] = {c for c, v in zip(columns, cells[1:]) if v == "yes"}
    return table


def table(domain):
    """Each role against each call of the node; persons are named by their role, with
    what person_set() here gave them.  An argument of zeros: who may gets another error."""
    want = documented()
    here = {name for name, (at, _) in CALLS.items() if at in ("domain", "both")}
    result(set(want) == here, "each call of a domain's node is in the table",
           ", ".join(sorted(set(want) ^ here)))
    # what changes most comes last
    order = sorted(want, key=lambda n: (n == "PROTKEY_IOC_DOMAIN_LOCK", n))
    for role in ["nobody", *ROLES]:
        wrong = []
        fd = node(domain)
        if role != "nobody":
            expect(login(fd, role.replace(" ", "-"), credential(role)), 0, f"{role} logs in")
        for name in order:
            if name == "PROTKEY_IOC_DOMAIN_LOCK" and role == "operator":
                continue        # by the tool, and it would end this
            got = call(fd, name)
            if (got != errno.EACCES) != (role in want[name]):
                wrong.append(f"{name}: {e(got)}")
        os.close(fd)
        result(not wrong, f"{role}: just the calls of the table", "; ".join(wrong))


def unlock(domain, kek):
    """The control node's call: who may, and what a log-in there is good for."""
    kek = bytes.fromhex(kek)
    fd, control = node(domain), node("control")
    state = bytearray(65536)
    held = (ctypes.c_char * len(state)).from_buffer(state)
    where = ctypes.addressof(held)
    get = bytearray(struct.pack("QII", where, len(state), 0))
    expect(call(fd, "PROTKEY_IOC_DOMAIN_GET_STATE", get), 0, "its state")
    size = struct.unpack("QII", get)[1]
    expect(login(fd, "operator", credential("operator")), 0, "an operator logs in")
    expect(call(fd, "PROTKEY_IOC_DOMAIN_LOCK"), 0, "and locks")

    def open_it(key):
        return call(control, "PROTKEY_IOC_DOMAIN_UNLOCK", bytearray(
            struct.pack("QII32s32s16sII", where, size, 0, key, b"", b"", 0, 0)))

    def info():
        data = bytearray(CALLS["PROTKEY_IOC_DOMAIN_INFO"][1] >> 16 & 0x3fff)
        call(fd, "PROTKEY_IOC_DOMAIN_INFO", data)
        return struct.unpack_from("I", data, 96)[0]

    expect(open_it(kek), errno.EACCES, "the right KEK alone does not unlock")
    result(info() == 3, "it stays locked")
    expect(call(fd, "PROTKEY_IOC_KEY_GENERATE"), errno.ENOKEY, "and makes no keys")
    login(control, "user", credential("user"))
    expect(open_it(kek), errno.EACCES, "nor with a user")
    login(control, "operator", credential("user"))
    expect(open_it(kek), errno.EPERM, "nor with another's credential")
    login(control, "operator", credential("operator"))
    expect(open_it(b"x" * 32), errno.EKEYREJECTED, "a wrong KEK")
    expect(open_it(kek), 0, "uses no log-in up")
    expect(call(fd, "PROTKEY_IOC_DOMAIN_LOCK"), 0, "the operator's log-in has outlived it")
    expect(open_it(kek), errno.EACCES, "a log-in unlocks once")
    for n in range(5):
        login(control, "operator", bytes(32))
        expect(open_it(kek), errno.EPERM, f"wrong for the {n + 1}. time")
    login(control, "operator", credential("operator"))
    expect(open_it(kek), errno.EAGAIN, "then the right one waits")
    login(control, "root", credential("root"))
    expect(open_it(kek), 0, "another operator does not")


def enrol(domain, kek):
    """A person for each role."""
    kek = bytes.fromhex(kek)
    fd = node(domain)
    everything = (1 << len(ROLES)) - 1
    bad = person_set(fd, "root", everything, credential("root"), kek)
    bad = bad or login(fd, "root", credential("root"))
    for n, role in enumerate(ROLES):
        bad = bad or person_set(fd, role.replace(" ", "-"), 1 << n, credential(role), kek)
    expect(bad, 0, "a person for each role")


def in_child(what):
    pid = os.fork()
    if not pid:
        os._exit(what() & 0xff)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def set_key(blob):
    alg = socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)
    alg.bind(("skcipher", "xts(paes)"))
    try:
        alg.setsockopt(SOL_ALG, ALG_SET_KEY, blob)
    except OSError as error:
        return error.errno
    finally:
        alg.close()
    return 0


def lives(domain, kek, blob):
    """What a log-in is good for, and for how long."""
    kek = bytes.fromhex(kek)
    with open(blob, "rb") as f:
        blob = f.read()
    root, user = node(domain), node(domain)
    login(root, "root", credential("root"))
    expect(login(user, "user", credential("user")), 0, "user logs in")
    verify = bytearray(blob + bytes(24))
    may = lambda: call(user, "PROTKEY_IOC_KEY_VERIFY", bytearray(verify))
    expect(may(), 0, "a key is verified")
    expect(in_child(may), errno.EACCES, "not by a child with the same file")
    ends, sync = os.pipe(), os.pipe()

    def session():
        fd = node(domain)
        if login(fd, "user", credential("user")) or call(fd, "PROTKEY_IOC_SESSION_OPEN"):
            return 1
        os.setresuid(65534, 65534, 65534)
        first = set_key(blob)
        os.write(ends[1], bytes([first]))
        os.read(sync[0], 1)
        os.write(ends[1], bytes([set_key(blob)]))
        return 0

    child = os.fork()
    if not child:
        os._exit(session())
    expect(os.read(ends[0], 1)[0], 0, "his session sets a key")
    expect(person_set(root, "user", 16, b"", kek, flags=1), 0, "he is an auditor now")
    expect(may(), errno.EACCES, "his log-in does as much as his roles do now")
    os.write(sync[1], b"x")
    expect(os.read(ends[0], 1)[0], errno.EACCES, "and his session sets no more")
    os.waitpid(child, 0)
    expect(person_set(root, "user", 8, b"", kek, flags=1), 0, "he is a user again")
    expect(may(), 0, "and may")
    expect(person_set(user, "user", 8, credential("other"), flags=2), 0, "a credential of his own")
    expect(may(), errno.EACCES, "which ends log-ins before it")
    expect(login(user, "user", credential("user")), errno.EKEYREJECTED, "the old one is none")
    expect(login(user, "user", credential("other")), 0, "the new one is")
    expect(person_set(user, "user", 9, credential("other"), flags=2), errno.EACCES,
           "but no roles of his own choice")
    expect(login(user, "auditor", credential("other")), errno.EKEYREJECTED, "nor another's name")
    expect(may(), 0, "a refused log-in takes nothing away")
    expect(call(root, "PROTKEY_IOC_PERSON_REMOVE",
                bytearray(struct.pack("32s32sII", text("user"), kek, 0, 0))), 0, "he is removed")
    expect(may(), errno.EACCES, "and may nothing")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
