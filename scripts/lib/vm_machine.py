# SPDX-License-Identifier: GPL-2.0-only
"""The machine of scripts/vm: its kernel and initramfs, QEMU's command line, the
processes that QEMU talks to."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

TOP = os.environ["PK_TOP"]
STATUS_DIED = 125
VIRTIOFSD = "/usr/lib/qemu/virtiofsd"
OVMF = "/usr/share/OVMF/OVMF_%s_4M.fd"
# Emulation on a busy machine is slow, which is no lockup of the guest.
PATIENCE = ("rcupdate.rcu_cpu_stall_timeout=180 workqueue.watchdog_thresh=180 "
            "sysctl.kernel.watchdog_thresh=60 sysctl.kernel.hung_task_timeout_secs=600")


def die(message, advice=None):
    print(f"vm: {message}", file=sys.stderr)
    if advice:
        print(f"  {advice}", file=sys.stderr)
    sys.exit(STATUS_DIED)


class Kernel:
    """One kernel of selftests/vm/kernels.list, as scripts/kernels unpacks it."""

    def __init__(self, name):
        self.name = name
        if name != "debug":
            self.ask("fetch")
        self.release, self.image, self.modules = map(
            self.ask, ("release", "image", "modules"))

    def ask(self, what):
        result = subprocess.run([f"{TOP}/scripts/kernels", what, self.name],
                                stdout=subprocess.PIPE, text=True, check=False)
        if result.returncode:
            die(f"no kernel '{self.name}'", "see: scripts/kernels list")
        return result.stdout.strip()


def guest_settings(opt, kernel, interactive):
    """What the guest's init needs to know, as a shell script that it sources."""
    rows, columns = 24, 80
    if interactive:
        columns, rows = os.get_terminal_size()
    build = f"{TOP}/build"
    settings = {
        "VM": "1",
        "PK_TOP": TOP,
        "PK_KERNEL": kernel.name,
        "PK_KVER": kernel.release,
        "PK_MODDIR": f"{build}/modules/{kernel.release}",
        "VM_KERNEL": kernel.image,
        "VM_INITRD": f"{opt.workdir}/initrd",
        "PATH": f"{build}/bin:{TOP}/selftests/vm/bin:/usr/local/sbin:"
                "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "TERM": os.environ.get("TERM", "linux") if interactive else "dumb",
        # no udevd runs here that could answer libdevmapper's cookies
        "DM_DISABLE_UDEV": "1",
        "VM_MODULES": kernel.modules,
        "VM_WORKDIR": opt.workdir,
        "VM_SHARE": "1" if opt.share or opt.prepare else "",
        "VM_ROOT": "ram" if opt.ram_root else "host",
        "VM_TTY": f"rows {rows} cols {columns}" if interactive else "",
    }
    return "".join(f"export {k}={shlex.quote(v)}\n" for k, v in settings.items())


def make_initrd(opt, kernel, interactive):
    files = tempfile.mkdtemp(prefix="pk-vm.")
    try:
        with open(f"{files}/settings", "w") as f:
            f.write(guest_settings(opt, kernel, interactive))
        with open(f"{files}/command", "w") as f:
            f.write("exec " + shlex.join(opt.command) + "\n")
        command = [f"{TOP}/selftests/vm/mkinitramfs", kernel.modules, files,
                   f"{opt.workdir}/initrd"]
        if opt.ram_root:
            command.append("--ram-root")
        if subprocess.run(command, check=False).returncode:
            die("cannot make the initramfs")
    finally:
        shutil.rmtree(files)


def kernel_arguments(opt):
    return " ".join([
        "console=ttyS0,115200 ignore_loglevel printk.devkmsg=on panic=-1",
        "no_timer_check", PATIENCE, *opt.append])


def prepare(opt, kernel):
    """What a boot disk needs: it is the same for every boot, whatever COMMAND."""
    opt.workdir = os.path.abspath(opt.prepare)
    os.makedirs(opt.workdir, exist_ok=True)
    opt.command = ["sh", "/share/boot-command"]
    make_initrd(opt, kernel, False)
    shutil.copyfile(kernel.image, f"{opt.workdir}/vmlinuz")
    with open(f"{opt.workdir}/cmdline", "w") as f:
        print(kernel_arguments(opt), file=f)


class Machine:
    """QEMU's command line, and the processes that QEMU talks to."""

    def __init__(self, opt, kernel, interactive):
        self.opt = opt
        self.sockets = tempfile.mkdtemp(prefix="pk-vm.")  # short: sun_path is
        self.helpers = []
        self.args = [
            "qemu-system-x86_64", "-nodefaults", "-no-user-config",
            "-display", "none", "-no-reboot",
            # the guest's memory outlives its death, for a last dump
            "-action", "reboot=shutdown,shutdown=pause,panic=none",
            "-machine", "q35,memory-backend=ram,vmport=off",
            "-accel", "tcg,thread=multi", "-cpu", opt.cpu, "-smp", opt.smp,
            "-m", str(opt.mem), "-object",
            f"memory-backend-memfd,id=ram,size={opt.mem}M,share=on",
        ]
        self.add_kernel(kernel)
        self.add_channels(interactive)
        self.add_disks()
        if not opt.ram_root:
            self.add_virtiofs("root", "/", "always")
        if opt.share:
            self.add_virtiofs("share", opt.share, "auto")
        if opt.tpm or opt.tpm_state:
            self.add_tpm()
        if opt.uefi or opt.uefi_vars:
            self.add_uefi()
        if opt.secrets:
            self.args += ["-debugcon", f"file:{opt.secrets}"]
        self.args += opt.qemu

    def add_kernel(self, kernel):
        if not self.opt.boot_disk:
            self.args += ["-kernel", kernel.image, "-initrd", f"{self.opt.workdir}/initrd",
                          "-append", kernel_arguments(self.opt)]
            return
        path = os.path.abspath(self.opt.boot_disk).replace(",", ",,")
        self.args += ["-drive", f"file={path},format=raw,if=none,id=boot,snapshot=on",
                      "-device", "virtio-blk-pci,drive=boot,serial=boot,bootindex=0"]

    def socket(self, name):
        return f"{self.sockets}/{name}"

    def chardev(self, name):
        return ["-chardev", f"socket,id={name},path={self.socket(name)}"]

    def add_channels(self, interactive):
        """ttyS0 the kernel's log, ttyS1 the agent, virtio COMMAND's output."""
        port = "virtconsole" if interactive else "virtserialport"
        self.args += [
            "-serial", f"file:{self.opt.workdir}/serial.log",
            *self.chardev("agent"), "-serial", "chardev:agent",
            "-device", "virtio-serial-pci",
            *self.chardev("output"), "-device", f"{port},chardev=output,name=output",
            *self.chardev("qmp"), "-mon", "chardev=qmp,mode=control",
        ]

    def add_disks(self):
        for n, path in enumerate(self.opt.disk):
            path = os.path.abspath(path).replace(",", ",,")
            self.args += [
                "-drive", f"file={path},format=raw,if=none,id=disk{n},"
                          "cache=writeback,discard=unmap",
                "-device", f"virtio-blk-pci,drive=disk{n},serial=disk{n}"]

    def add_virtiofs(self, tag, directory, cache):
        path = self.socket(tag)
        self.helpers.append((path, [
            VIRTIOFSD, f"--socket-path={path}", "-o", f"source={os.path.abspath(directory)}",
            "-o", f"sandbox=chroot,cache={cache}", "--rlimit-nofile=0"]))
        self.args += ["-chardev", f"socket,id={tag},path={path}",
                      "-device", f"vhost-user-fs-pci,chardev={tag},tag={tag}"]

    def add_tpm(self):
        state = self.opt.tpm_state or f"{self.opt.workdir}/tpm"
        os.makedirs(state, exist_ok=True)
        path = self.socket("tpm")
        self.helpers.append((path, [
            "swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}",
            "--ctrl", f"type=unixio,path={path}", "--terminate"]))
        self.args += ["-chardev", f"socket,id=tpm,path={path}",
                      "-tpmdev", "emulator,id=tpm0,chardev=tpm",
                      "-device", "tpm-tis,tpmdev=tpm0"]

    def add_uefi(self):
        variables = self.opt.uefi_vars
        if not variables:
            variables = f"{self.opt.workdir}/uefi-vars.fd"
            shutil.copyfile(OVMF % "VARS", variables)
        for path, mode in ((self.opt.uefi_code, "on"), (variables, "off")):
            self.args += ["-drive", f"if=pflash,format=raw,readonly={mode},file={path}"]

    def start_helpers(self, log):
        """Start virtiofsd and the like, and wait until they listen."""
        for path, command in self.helpers:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log)
            yield process
            for _ in range(200):
                if os.path.exists(path):
                    break
                if process.poll() is not None:
                    die(f"{command[0]} ended at once", f"see: {log.name}")
                time.sleep(0.05)
