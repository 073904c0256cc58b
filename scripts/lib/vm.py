# SPDX-License-Identifier: GPL-2.0-only
"""The host's side of scripts/vm: options, the agent that answers the guest's
vm-* commands, the exit status."""

import argparse
import asyncio
import json
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import termios
import time
import tty

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from vm_machine import (OVMF, STATUS_DIED, TOP, Kernel, Machine, die,
                        make_initrd, prepare)

STATUS_TIMEOUT = 124


def parse_options():
    # the help text is the header of scripts/vm
    p = argparse.ArgumentParser(prog="vm", add_help=False, allow_abbrev=False)
    p.error = lambda message: die(message, "see: scripts/vm --help")
    p.add_argument("--kernel", default=os.environ.get("PK_KERNEL", "6.1"))
    p.add_argument("--cpu", default="max")
    p.add_argument("--smp", default="2")
    p.add_argument("--mem", type=int, default=768)
    p.add_argument("--disk", action="append", default=[])
    p.add_argument("--tpm", action="store_true")
    p.add_argument("--tpm-state")
    p.add_argument("--uefi", action="store_true")
    p.add_argument("--uefi-code", default=OVMF % "CODE")
    p.add_argument("--uefi-vars")
    p.add_argument("--boot-disk")
    p.add_argument("--prepare")
    p.add_argument("--append", action="append", default=[])
    p.add_argument("--share")
    p.add_argument("--dump-dir")
    p.add_argument("--secrets")
    p.add_argument("--ram-root", action="store_true")
    p.add_argument("--timeout", type=float)
    p.add_argument("--workdir")
    p.add_argument("--qemu", action="append", default=[])
    p.add_argument("command", nargs=argparse.REMAINDER)
    opt = p.parse_args()
    if opt.command[:1] == ["--"]:
        del opt.command[0]
    if not opt.command and not opt.prepare:
        die("no COMMAND given", "try: scripts/vm bash")
    for path in opt.disk:
        if not os.path.exists(path):
            die(f"no disk image {path}", f"try: truncate -s 1G {path}")
    if opt.boot_disk and not opt.share:
        die("--boot-disk needs --share", "COMMAND goes to the guest through it")
    for path in filter(None, (opt.boot_disk, opt.uefi_vars)):
        if not os.path.exists(path):
            die(f"no file {path}", "see: selftests/fw/mkdisk --help")
    for path in filter(None, (opt.share, opt.dump_dir)):
        os.makedirs(path, exist_ok=True)
    return opt


def make_workdir(opt):
    if not opt.workdir:
        base = os.environ.get("PK_VM_DIR", f"{TOP}/build/vm")
        opt.workdir = f"{base}/{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
        forget_old_runs(base)
    opt.workdir = os.path.abspath(opt.workdir)
    os.makedirs(opt.workdir, exist_ok=True)


def forget_old_runs(base, keep=100):
    try:
        runs = sorted(e.path for e in os.scandir(base) if e.is_dir())
    except FileNotFoundError:
        return
    for path in runs[:-keep]:
        shutil.rmtree(path, ignore_errors=True)


def allow_many_files(wanted=1 << 20, enough=8192):
    """virtiofsd holds a file open for each inode that the guest remembers."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in (max(wanted, hard), hard):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
            break
        except (ValueError, OSError):           # only with CAP_SYS_RESOURCE
            pass
    if limit < enough:
        print(f"vm: the limit of {limit} open files is low, the guest may get EMFILE\n"
              "  try: ulimit -Hn 65536 before", file=sys.stderr)


class Agent:
    """Runs one guest: passes its output on and answers its requests."""

    def __init__(self, machine, interactive):
        self.machine = machine
        self.opt = machine.opt
        self.interactive = interactive
        self.status = None          # COMMAND's, once known
        self.why = None             # what happened instead
        self.wakeup_after = None
        self.qmp_writer = None
        self.qmp_answers = asyncio.Queue()
        self.ended = asyncio.Event()
        self.connected = {}
        self.children = []
        self.qemu = None

    async def run(self):
        loop = asyncio.get_running_loop()
        for name, handler in (("agent", self.serve_requests), ("qmp", self.serve_qmp),
                              ("output", self.copy_output)):
            self.connected[name] = loop.create_future()
            await asyncio.start_unix_server(
                self.connection(name, handler), self.machine.socket(name), limit=1 << 24)
        for sig in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            loop.add_signal_handler(sig, self.end, f"ended by {sig.name}")
        with open(f"{self.opt.workdir}/host.log", "w") as log:
            print(shlex.join(self.machine.args), file=log, flush=True)
            for process in self.machine.start_helpers(log):
                self.children.append(process)
            self.qemu = await asyncio.create_subprocess_exec(
                *self.machine.args, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        waiting = asyncio.ensure_future(self.wait_for_qemu())
        try:
            await asyncio.wait_for(self.ended.wait(), self.opt.timeout)
        except asyncio.TimeoutError:
            self.end(f"timeout after {self.opt.timeout:g} s")
            self.status = STATUS_TIMEOUT
        await self.stop_qemu()
        await waiting
        await self.drain_output()
        return STATUS_DIED if self.status is None else self.status

    def connection(self, name, handler):
        async def serve(reader, writer):
            try:
                await handler(reader, writer)
            except ConnectionError:
                pass                            # QEMU ended
            finally:
                writer.close()

        async def connected(reader, writer):
            self.connected[name].set_result(asyncio.ensure_future(serve(reader, writer)))
        return connected

    def end(self, why):
        if not self.ended.is_set():
            self.why = why
            self.ended.set()

    async def wait_for_qemu(self):
        code = await self.qemu.wait()
        self.end(f"QEMU ended with status {code}, see {self.opt.workdir}/host.log")

    async def stop_qemu(self):
        if self.qemu.returncode is None:
            try:
                await asyncio.wait_for(self.qmp("quit"), 5)
                await asyncio.wait_for(self.qemu.wait(), 10)
            except (asyncio.TimeoutError, OSError, RuntimeError, AttributeError):
                if self.qemu.returncode is None:
                    self.qemu.kill()

    async def drain_output(self):
        if self.connected["output"].done():
            try:
                await asyncio.wait_for(self.connected["output"].result(), 10)
            except asyncio.TimeoutError:
                pass

    def cleanup(self):
        for process in self.children:
            process.terminate()
        for process in self.children:
            process.wait()
        shutil.rmtree(self.machine.sockets, ignore_errors=True)

    # COMMAND's output and, on a terminal, input

    async def copy_output(self, reader, writer):
        if self.interactive:
            asyncio.get_running_loop().add_reader(0, self.copy_input, writer)
        try:
            while data := await reader.read(65536):
                view = memoryview(data)
                while view:
                    view = view[os.write(1, view):]
        except OSError:
            # nobody reads us any more: like a process that gets SIGPIPE
            self.end("output closed")

    @staticmethod
    def copy_input(writer):
        data = os.read(0, 4096)
        if data:
            writer.write(data)

    # QMP

    async def serve_qmp(self, reader, writer):
        await reader.readline()                 # the greeting
        self.qmp_writer = writer
        writer.write(b'{"execute":"qmp_capabilities"}\n')
        await reader.readline()
        while line := await reader.readline():
            message = json.loads(line)
            if "event" in message:
                await self.handle_event(message["event"], message.get("data", {}))
            else:
                self.qmp_answers.put_nowait(message)

    async def qmp(self, command, arguments=None):
        self.qmp_writer.write(json.dumps(
            {"execute": command, "arguments": arguments or {}}).encode() + b"\n")
        answer = await self.qmp_answers.get()
        if "error" in answer:
            raise RuntimeError(answer["error"]["desc"])
        return answer["return"]

    async def handle_event(self, event, data):
        if event == "SHUTDOWN" and data.get("guest"):
            if self.opt.dump_dir and self.status is None:
                self.save_memory("died")
            self.end(f"the guest ended on its own ({data.get('reason')})")
        elif event == "SUSPEND" and self.wakeup_after is not None:
            asyncio.ensure_future(self.wake_up(self.wakeup_after))
            self.wakeup_after = None

    async def wake_up(self, seconds):
        await asyncio.sleep(seconds)
        await self.qmp("system_wakeup")

    # the guest's requests: "TOKEN VERB ARGS", answered by "TOKEN STATUS TEXT"

    async def serve_requests(self, reader, writer):
        verbs = {"exit": self.request_exit, "dump": self.request_dump,
                 "wakeup": self.request_wakeup, "qmp": self.request_qmp}
        while line := await reader.readline():
            words = line.decode(errors="replace").strip().split(" ", 2) + ["", ""]
            token, verb, text = words[:3]
            if verb not in verbs:
                continue
            try:
                status, answer = 0, await verbs[verb](text)
            except (RuntimeError, OSError, ValueError) as error:
                status, answer = 1, str(error)
            writer.write(f"{token} {status} {answer}\n".encode())

    async def request_exit(self, text):
        self.status = int(text)
        self.end(None)
        return ""

    async def request_wakeup(self, text):
        self.wakeup_after = float(text)
        return ""

    async def request_qmp(self, text):
        command, _, arguments = text.partition(" ")
        return json.dumps(await self.qmp(command, json.loads(arguments or "{}")))

    async def request_dump(self, name):
        if not self.opt.dump_dir:
            raise RuntimeError("scripts/vm was started without --dump-dir")
        if not re.fullmatch(r"[\w.+-]+", name) or name.startswith("."):
            raise RuntimeError("a dump's name has only letters, digits and _.+-")
        await self.qmp("stop")
        try:
            self.save_memory(name)
        finally:
            await self.qmp("cont")
        return ""

    def save_memory(self, name):
        """All RAM, below and above the PCI hole, one after the other."""
        source = os.open(self.memory_file(), os.O_RDONLY)
        target = os.open(f"{self.opt.dump_dir}/{name}",
                         os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        size = os.fstat(source).st_size
        os.truncate(target, size)
        offset = 0
        while offset < size:
            try:
                offset = os.lseek(source, offset, os.SEEK_DATA)
            except OSError:                     # only holes from here on
                break
            end = os.lseek(source, offset, os.SEEK_HOLE)
            os.lseek(target, offset, os.SEEK_SET)
            while offset < end:
                offset += os.sendfile(target, source, offset, end - offset)
        os.close(source)
        os.close(target)

    def memory_file(self):
        directory = f"/proc/{self.qemu.pid}/fd"
        for fd in os.listdir(directory):
            path = f"{directory}/{fd}"
            if "memfd:memory-backend-memfd" in os.readlink(path):
                return path
        raise RuntimeError("QEMU has no memory file")


def report(agent, opt):
    """Why the guest ended, with the lines of its log that tell the most."""
    path = f"{opt.workdir}/serial.log"
    print(f"vm: {agent.why}\nvm: from {path}:", file=sys.stderr)
    try:
        with open(path, errors="replace") as f:
            lines = f.readlines()
    except FileNotFoundError:
        lines = ["(there is none)"]
    panic = [n for n, line in enumerate(lines) if "Kernel panic" in line]
    first = max(panic[0] - 8, 0) if panic else -12
    for line in lines[first:][:12]:
        print("  " + line.rstrip()[:160], file=sys.stderr)


def main():
    opt = parse_options()
    interactive = os.isatty(0) and os.isatty(1)
    kernel = Kernel(opt.kernel)
    if opt.prepare:
        prepare(opt, kernel)
        return
    make_workdir(opt)
    if kernel.name == "debug":
        opt.mem = max(2 * opt.mem, 1536)        # KASAN's shadow, lockdep's tables
    if opt.boot_disk:
        with open(f"{opt.share}/boot-command", "w") as f:
            f.write("exec " + shlex.join(opt.command) + "\n")
    else:
        make_initrd(opt, kernel, interactive)
    allow_many_files()
    agent = Agent(Machine(opt, kernel, interactive), interactive)
    saved = termios.tcgetattr(0) if interactive else None
    try:
        if interactive:
            tty.setraw(0)
        status = asyncio.run(agent.run())
    finally:
        if interactive:
            termios.tcsetattr(0, termios.TCSADRAIN, saved)
        agent.cleanup()
    if agent.why:
        report(agent, opt)
    elif os.path.exists(f"{opt.workdir}/initrd"):
        os.unlink(f"{opt.workdir}/initrd")
    sys.exit(status)


main()
