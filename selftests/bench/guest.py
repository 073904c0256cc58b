#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What scripts/bench measures inside User-Mode Linux, at one level.

Argument: a file with the job, JSON, see scripts/lib/bench.py. Prints a line
"@ {...}" for each result, "@! text" for what went wrong.
"""

import ctypes
import fcntl
import json
import mmap
import os
import socket
import struct
import subprocess
import sys
import time
import traceback

sys.dont_write_bytecode = True
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.environ["PK_TOP"] = TOP
sys.path.insert(0, f"{TOP}/selftests")
import ktls                         # pylint: disable=wrong-import-position
import services                     # pylint: disable=wrong-import-position

SCRATCH = "/run/pk-bench"
DOMAIN = "bench"
KEK = "5a" * 32
DISK_KIB = 65536
IO_BYTES = 8 << 20
TLS_BYTES, TLS_CHUNK, TLS_RECORD_MAX = 8 << 20, 1 << 20, 16384
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
RB_POWER_OFF = 0x4321FEDC


def say(**row):
    print("@ " + json.dumps(row), flush=True)


def complain(text):
    print("@! " + " ".join(str(text).split()), flush=True)


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)[:120]}: {done.stdout.strip()}")
    return done.stdout


def load(job, module, *arguments):
    run("insmod", job["modules"][module], *arguments)


class Keys:
    """The same key for both sides: clear for stock, a blob for protkey."""

    def __init__(self, job):
        self.keytool = job["keytool"]
        os.mkdir(SCRATCH)
        run(self.keytool, "domain-create", DOMAIN, KEK, f"{SCRATCH}/state")

    def make(self, kind, size):
        clear = os.urandom(size).hex()
        path = f"{SCRATCH}/{kind}.blob"
        run(self.keytool, "key-import", DOMAIN, kind, clear, path)
        with open(path, "rb") as file:
            return clear, file.read().hex()


def command(text):
    with open("/proc/pk_bench", "w", encoding="ascii") as file:
        file.write(text)


def answer():
    with open("/proc/pk_bench", encoding="ascii") as file:
        return json.load(file)


def use_keys(clear, blob):
    command("key 0 " + clear)
    command("key 1 " + blob)


def measure_calls(mode, job):
    for calls in mode["calls"]:
        try:
            command("run {type} {stock} {protkey} {direction} {size} {keys} "
                    "{caches} {samples}".format(**mode, **calls))
        except OSError as error:
            complain(f"{mode['what']} {calls}: {error}")
            continue
        say(kind="call", what=mode["what"], **calls, **answer())
    if mode["setkey_samples"]:
        command("setkey {type} {stock} {protkey} {setkey_samples}".format(**mode))
        say(kind="setkey", what=mode["what"], **answer())


def measure_prepare(job, mode):
    """Unlocking a domain prepares all its keys: the difference is theirs."""
    sockets = []
    with open(f"{SCRATCH}/{mode['kind']}.blob", "rb") as file:
        blob = file.read()
    for _ in range(mode["prepare_keys"]):
        bound = socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)
        bound.bind(("skcipher", mode["protkey"]))
        bound.setsockopt(socket.SOL_ALG, socket.ALG_SET_KEY, blob)
        sockets.append(bound)

    def cycle():
        run(job["keytool"], "domain-lock", DOMAIN, "force")
        start = time.perf_counter()
        run(job["keytool"], "domain-unlock", f"{SCRATCH}/state", KEK)
        return time.perf_counter() - start

    full = sorted(cycle() for _ in range(mode["prepare_samples"]))
    for bound in sockets:
        bound.close()
    empty = sorted(cycle() for _ in range(mode["prepare_samples"]))
    seconds = full[len(full) // 2] - empty[len(empty) // 2]
    if seconds > 0:
        say(kind="prepare", what=mode["what"],
            per_second=mode["prepare_keys"] / seconds)


# ---- dm-crypt ---------------------------------------------------------------

def make_volume(name, cipher, key, disk, sector):
    options = f"no_read_workqueue no_write_workqueue sector_size:{sector}"
    table = (f"0 {DISK_KIB * 2} crypt {cipher} {key} 0 {disk} 0 "
             f"{len(options.split())} {options}")
    run("dmsetup", "create", name, "--noudevsync", "--noudevrules",
        "--table", table)
    # without udev nobody makes the link in /dev/mapper
    node = run("dmsetup", "info", "-c", "--noheadings", "-o", "blkdevname", name)
    return os.open(f"/dev/{node.strip()}", os.O_RDWR | os.O_DIRECT)


def pass_over(volume, buffer, write):
    """MB/s of one pass over the disk by requests of IO_BYTES."""
    start = time.perf_counter()
    for at in range(0, DISK_KIB * 1024, IO_BYTES):
        if write:
            moved = os.pwritev(volume, [buffer], at)
        else:
            moved = os.preadv(volume, [buffer], at)
        if moved != IO_BYTES:
            raise RuntimeError(f"short transfer at {at}: {moved}")
    return DISK_KIB * 1024 / 1e6 / (time.perf_counter() - start)


def check_same(volumes, buffer):
    """Both sides have the same key: the disks below must not differ."""
    buffer[:] = os.urandom(4096) * (IO_BYTES // 4096)
    for volume in volumes:
        os.pwritev(volume, [buffer], 0)
    below = []
    for disk in ("/dev/ram0", "/dev/ram1"):
        with open(disk, "rb") as file:
            below.append(file.read(1 << 20))
    if below[0] != below[1]:
        raise RuntimeError("dm-crypt: the two sides wrote different ciphertext")


def measure_disk(disk, sector, keys):
    clear, blob = keys
    buffer = mmap.mmap(-1, IO_BYTES)
    volumes = [make_volume("stock", disk["stock"], clear, "/dev/ram0", sector),
               make_volume("protkey", disk["protkey"], blob, "/dev/ram1", sector)]
    check_same(volumes, buffer)
    for write in (True, False):
        speed = [[], []]
        for i in range(disk["passes"] + 1):
            for side in ((0, 1), (1, 0))[i % 2]:
                value = pass_over(volumes[side], buffer, write)
                if i:           # the first warms up
                    speed[side].append(value)
        say(kind="disk", write=write, sector=sector, stock=speed[0],
            protkey=speed[1])
    for volume, name in zip(volumes, ("stock", "protkey")):
        os.close(volume)
        run("dmsetup", "remove", "--noudevsync", "--retry", name)


# ---- TLS records --------------------------------------------------------------

def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("16sh14x", b"lo", IFF_UP)
        fcntl.ioctl(sock, SIOCSIFFLAGS, request)
    for name in ("core/rmem_max", "core/wmem_max"):
        with open(f"/proc/sys/net/{name}", "w", encoding="ascii") as file:
            file.write(str(64 << 20))


def tls_connection(node, size, protected):
    """One way, both ends kTLS: the time is that of sealing and of opening."""
    key = os.urandom(size)
    ends = ktls.pair()
    for sock, option in zip(ends, (socket.SO_SNDBUF, socket.SO_RCVBUF)):
        sock.setsockopt(socket.SOL_SOCKET, option, 16 << 20)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for sock, direction in zip(ends, (ktls.TX, ktls.RX)):
        if protected:
            ktls.protect(node, sock, direction, ktls.TLS13, key)
        else:
            ktls.set_key(sock, direction, ktls.TLS13, key)
    return ends


def tls_pass(ends, data, buffer, record):
    """MB/s of @data in records of @record bytes."""
    sender, receiver = ends
    start = time.perf_counter()
    for at in range(0, len(data), TLS_CHUNK):
        chunk = data[at:at + TLS_CHUNK]
        if record == TLS_RECORD_MAX:    # the kernel cuts it
            sender.sendall(chunk)
        else:
            for begin in range(0, len(chunk), record):
                sender.send(chunk[begin:begin + record])
        got = 0
        while got < len(chunk):
            got += receiver.recv_into(buffer[at + got:at + len(chunk)])
    seconds = time.perf_counter() - start
    if buffer != data:
        raise RuntimeError("TLS: what was received is not what was sent")
    return len(data) / 1e6 / seconds


def measure_tls(tls):
    """Protkey beside stock; and stock alone, then with our driver before it."""
    data = memoryview(os.urandom(TLS_BYTES))
    buffer = memoryview(bytearray(TLS_BYTES))
    for size in tls["key_sizes"]:
        bare = tls_connection(None, size, False)    # no token was ever made
        node = ktls.Node(DOMAIN)
        node.offer(os.urandom(size))                # from here on we are in front
        sides = {"bare": bare, "stock": tls_connection(node, size, False),
                 "protkey": tls_connection(node, size, True)}
        for record in tls["records"]:
            speed = {name: [] for name in sides}
            for i in range(tls["passes"] + 1):
                names = list(sides)
                for name in names[i % 3:] + names[:i % 3]:
                    value = tls_pass(sides[name], data, buffer, record)
                    if i:           # the first warms up
                        speed[name].append(value)
            say(kind="tls", key=size * 8, record=record, **speed)
        for ends in sides.values():
            for sock in ends:
                sock.close()
        node.close()


# ---- all of it --------------------------------------------------------------

def work(job):
    for module in job["order"]:
        load(job, module, *job["arguments"].get(module, []))
    keys = Keys(job)
    status = run(job["keytool"], "status")
    say(kind="status", **dict(line.split("=", 1) for line in status.split()))
    for mode in job["modes"]:
        try:
            made = keys.make(mode["kind"], mode["key_size"])
            use_keys(*made)
            measure_calls(mode, job)
            if mode["prepare_keys"]:
                measure_prepare(job, mode)
        except (OSError, RuntimeError) as error:
            complain(f"{mode['what']}: {error}")
    for sector in job["disk"]["sectors"]:
        measure_disk(job["disk"], sector, keys.make("xts-256", 64))
    if job["tls"]:
        loopback_up()
        measure_tls(job["tls"])
        for result in services.measure(job["tls"], SCRATCH, DOMAIN):
            say(**result)


def main():
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            work(json.load(file))
        say(kind="end")
    except Exception:               # pylint: disable=broad-except
        complain(traceback.format_exc())
    os.sync()
    ctypes.CDLL(None).reboot(RB_POWER_OFF)


main()
