# SPDX-License-Identifier: GPL-2.0-only
"""The runner behind scripts/check: finds the checks, runs them, reads their
KTAP and the guests' kernel logs, prints one KTAP stream."""

import argparse
import concurrent.futures
import glob
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time

TOP = os.environ["PK_TOP"]
OUT = f"{TOP}/build/check"
KERNELS = ["6.1", "6.12"]
DEBUG_SLOWER = 5                # what KASAN and lockdep cost under emulation

RESULT = re.compile(r"(ok|not ok)\s+(\d+)\s*(?:- )?(.*?)\s*(?:#\s*(SKIP\b.*))?$", re.I)
PLAN = re.compile(r"1\.\.(\d+)(?:\s*#\s*SKIP\s*(.*))?$", re.I)
SPLAT = re.compile(
    r"WARNING: |BUG[: ]|Oops|KASAN: |UBSAN: |general protection fault|Kernel panic"
    r"|INFO: (possible|rcu|task|lockdep|trying)|suspicious RCU|possible recursive locking"
    r"|unreferenced object|suspected memory leaks|invalid opcode|stack segment"
    r"|DEBUG_LOCKS_WARN_ON|scheduling while atomic|Unable to handle|divide error")
# On 6.1 "int3: 0000 [#1]", on 6.12 "Oops: int3: 0000 [#1]".
EMULATOR_FAULT = re.compile(r"int3: 0000 \[#")
EMULATOR_TRIES = 3
# Advice that some kernels print at boot about a CPU's known weaknesses.
HARMLESS = re.compile(r"Spectre|MDS|TAA|MMIO|L1TF|polling idle")


class Check:
    """One test file and what its directive line says about running it."""

    defaults = {"group": "build", "where": "host", "kernels": "", "timeout": "300",
                "vm": "", "long": "no", "debug": "yes", "retry": "yes"}

    def __init__(self, path):
        self.path = path
        self.name = re.sub(r"_test\.\w+$", "", os.path.basename(path))
        with open(path, errors="replace") as f:
            directives = re.findall(r"^# check:(.*)$", f.read(4000), re.M)
        self.listed = bool(directives)
        values = dict(self.defaults)
        for word in shlex.split(directives[0] if directives else ""):
            key, _, value = word.partition("=")
            if key not in values:
                sys.exit(f"check: {path}: unknown word '{key}' in its # check: line")
            values[key] = value
        self.group, self.where = values["group"], values["where"]
        self.timeout = int(values["timeout"])
        self.vm = shlex.split(values["vm"])
        self.long = values["long"] == "yes"
        self.debug = values["debug"] == "yes"
        self.retry = values["retry"] == "yes"
        self.kernels = [k for k in values["kernels"].split(",") if k]
        if self.where == "vm" and not self.kernels:
            self.kernels = KERNELS


def find_checks():
    paths = glob.glob(f"{TOP}/selftests/*_test.sh") + glob.glob(f"{TOP}/selftests/*_test.py")
    checks = [c for c in map(Check, sorted(paths)) if c.listed]
    groups = "build vault blob cipher leak luks domain ktls operation firmware trust " \
             "withstand docs".split()
    order = {g: n for n, g in enumerate(groups)}
    return sorted(checks, key=lambda c: (order.get(c.group, 99), c.name))


class Task:
    """One run of one check, on one kernel or on none."""

    def __init__(self, check, kernel, opt):
        self.check, self.kernel, self.opt = check, kernel, opt
        self.title = f"{check.group}: {check.name}" + (f" ({kernel})" if kernel else "")
        self.directory = f"{OUT}/{kernel or 'host'}/{check.name}"
        self.results = []       # (verdict, name, diagnostics)
        self.seconds = 0.0
        self.cpu_seconds = 0.0  # of all that the check started: what a busy machine cannot change
        self.reruns = 0         # after a fault of the emulator
        self.first = []         # what failed in a run before this one
        self.timeout = check.timeout * (DEBUG_SLOWER if kernel == "debug" else 1)

    def command(self):
        if self.check.where != "vm":
            return [self.check.path]
        arguments = [a.replace("%d", self.directory) for a in self.check.vm]
        return [f"{TOP}/scripts/vm", "--kernel", self.kernel,
                "--timeout", str(self.timeout), *arguments, "--",
                "env", f"PK_LONG={int(self.opt.long)}", self.check.path]

    def run(self):
        """QEMU with a thread per CPU at times executes the int3 of a code patch
        after the patch is over (seen at boot, before any of our code); stock
        kernels die of that. Such a run says nothing and is made again."""
        for _ in range(EMULATOR_TRIES):
            self.run_once()
            if not self.emulator_failed():
                break
            self.reruns += 1

    def run_again(self):
        """After a failure, when nothing else runs: whether it passes then. What the
        first run said is kept and printed, its directory as NAME.first."""
        first = self.results
        shutil.rmtree(f"{self.directory}.first", ignore_errors=True)
        os.rename(self.directory, f"{self.directory}.first")
        self.run()
        self.first = [r for r in first if r[0] == "not ok"]

    def emulator_failed(self):
        logs = glob.glob(f"{self.directory}/**/serial.log", recursive=True)
        for path in logs:
            with open(path, errors="replace") as f:
                if any(EMULATOR_FAULT.search(line) for line in f):
                    return True
        return False

    def run_once(self):
        self.results = []
        shutil.rmtree(self.directory, ignore_errors=True)
        os.makedirs(self.directory)
        environment = {**os.environ, "PK_VM_DIR": f"{self.directory}/vm",
                       "PK_CHECK_DIR": self.directory, "PK_LONG": str(int(self.opt.long))}
        if self.kernel:
            environment["PK_KERNEL"] = self.kernel
        start = time.monotonic()
        status = self.execute(environment)
        self.seconds = time.monotonic() - start
        with open(f"{self.directory}/output", errors="replace") as f:
            self.read_results(f.read(), status)
        self.search_logs()

    def execute(self, environment):
        """The status, or None after a timeout. The check has a process group
        of its own, so that what it started ends with it."""
        # a guest is ended by scripts/vm itself, whose status says so
        limit = self.timeout + (120 if self.check.where == "vm" else 0)
        with open(f"{self.directory}/output", "w") as output:
            process = subprocess.Popen(self.command(), env=environment, cwd=TOP,
                                       stdin=subprocess.DEVNULL, stdout=output,
                                       stderr=subprocess.STDOUT, start_new_session=True)
        timers = [threading.Timer(limit, self.end_group, (process.pid, signal.SIGTERM)),
                  threading.Timer(limit + 20, self.end_group, (process.pid, signal.SIGKILL))]
        for timer in timers:
            timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timed_out = not timers[0].is_alive()
        for timer in timers:
            timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu_seconds = usage.ru_utime + usage.ru_stime
        if timed_out:
            self.end_group(process.pid, signal.SIGKILL)
            return None
        return process.returncode

    @staticmethod
    def end_group(group, sig):
        try:
            os.killpg(group, sig)
        except ProcessLookupError:
            pass

    def read_results(self, text, status):
        planned, skip_all = None, None
        for line in text.splitlines():
            if plan := PLAN.match(line):
                planned, skip_all = int(plan[1]), plan[2]
            elif result := RESULT.match(line):
                verdict = "skip" if result[4] else result[1].lower()
                name = result[3] + (f" # {result[4]}" if result[4] else "")
                self.results.append((verdict, name, []))
            elif self.results and line.startswith("#"):
                self.results[-1][2].append(line)
        if planned == 0 and skip_all is not None and not self.results:
            self.results.append(("skip", f"{self.check.name} # SKIP {skip_all}", []))
            return
        self.judge_the_end(planned, status, text)

    def judge_the_end(self, planned, status, text):
        """What the check itself cannot tell: that it did not come to its end."""
        complaint = None
        failed = any(verdict == "not ok" for verdict, _, _ in self.results)
        if status is None or (status == 124 and self.check.where == "vm"):
            complaint = f"ended within {self.timeout} s"
        elif status == 125 and self.check.where == "vm":
            complaint = "guest lived until the check ended"
        elif planned is None:
            complaint = "ran to its end (it printed no plan)"
        elif len(self.results) != planned:
            complaint = f"printed the {planned} results of its plan"
        elif status not in (0, 4) and not failed:
            complaint = f"exit status 0 (it was {status})"
        elif status == 0 and failed:
            complaint = "exit status 1 after a failure"
        elif not self.results:
            complaint = "printed a result"
        if complaint:
            tail = ["# " + line for line in text.splitlines()[-25:]]
            self.results.append(("not ok", complaint, tail))

    def search_logs(self):
        for path in sorted(glob.glob(f"{self.directory}/**/serial.log", recursive=True)):
            splats = find_splats(path)
            if splats:
                diagnostics = [f"# {path}:{n}: {line}" for n, line in splats[:10]]
                self.results.append(("not ok", "no complaint in the kernel's log", diagnostics))

    def failed(self):
        return any(verdict == "not ok" for verdict, _, _ in self.results)

    def skipped(self):
        return all(verdict == "skip" for verdict, _, _ in self.results)

    def ktap(self, number):
        lines = ["  KTAP version 1", f"  # Subtest: {self.title}", f"  1..{len(self.results)}"]
        for n, (verdict, name, diagnostics) in enumerate(self.results, 1):
            lines.append(f"  {'ok' if verdict == 'skip' else verdict} {n} {name}")
            if verdict != "ok":
                lines += [f"  {d}" for d in diagnostics]
        if self.reruns:
            lines.insert(2, f"  # run again {self.reruns} times: "
                            "a stale int3, which is the emulator's fault")
        if self.first:
            lines.insert(2, "  # FAILED BEFORE, run again alone:")
            for _, name, diagnostics in reversed(self.first):
                lines[3:3] = [f"  #   not ok {name}", *(f"  #   {d}" for d in diagnostics[:20])]
        verdict = "not ok" if self.failed() else "ok"
        skip = "SKIP " if self.skipped() else ""
        lines.append(f"{verdict} {number} {self.title} # {skip}{self.seconds:.1f} s, "
                     f"{self.cpu_seconds:.1f} s of CPU")
        return "\n".join(lines)


def find_splats(path):
    """(line number, text) of what no test announced. A test that panics on
    purpose cannot say that it is over: the next boot in the log says it."""
    splats, expected = [], False
    with open(path, errors="replace") as f:
        for number, line in enumerate(f, 1):
            if "PK_EXPECT_SPLAT_BEGIN" in line:
                expected = True
            elif "PK_EXPECT_SPLAT_END" in line or "] Linux version " in line:
                expected = False
            elif not expected and SPLAT.search(line) and not HARMLESS.search(line):
                splats.append((number, line.rstrip()[:200]))
    return splats


class Printer:
    """KTAP to the terminal and to results.tap, whole results at a time."""

    def __init__(self):
        self.lock = threading.Lock()
        self.file = open(f"{OUT}/results.tap", "w")     # open as long as we run
        self.counts = {"ok": 0, "not ok": 0, "skip": 0}

    def say(self, text):
        with self.lock:
            print(text, flush=True)

    def result(self, text):
        with self.lock:
            print(text, flush=True)
            print(text, file=self.file, flush=True)

    def task(self, task, number):
        for verdict, _, _ in task.results:
            self.counts[verdict] += 1
        self.result(task.ktap(number))

    def totals(self):
        c = self.counts
        self.result(f"# Totals: pass:{c['ok']} fail:{c['not ok']} xfail:0 xpass:0 "
                    f"skip:{c['skip']} error:0")
        self.say(f"{c['ok']} passed, {c['not ok']} failed, {c['skip']} skipped")


def parse_options():
    # the help text is the header of scripts/check
    p = argparse.ArgumentParser(prog="check", add_help=False, allow_abbrev=False)
    for flag in ("--list", "--long", "--debug-kernel", "--no-build"):
        p.add_argument(flag, action="store_true")
    p.add_argument("--kernel", action="append", default=[])
    p.add_argument("--retry", type=int, default=0)
    # one more than CPUs: guests wait for each other's programs now and then
    p.add_argument("--jobs", type=int, default=(os.cpu_count() or 1) + 1)
    p.add_argument("names", nargs="*")
    return p.parse_args()


def select(checks, opt):
    known = {c.name for c in checks} | {c.group for c in checks}
    for name in opt.names:
        if name not in known:
            sys.exit(f"check: no check or group '{name}'\n  see: scripts/check --list")
    chosen = [c for c in checks if not opt.names or c.name in opt.names or c.group in opt.names]
    # a long check that is named runs without --long
    return [c for c in chosen if opt.long or not c.long or c.name in opt.names]


def make_tasks(checks, opt):
    tasks = []
    for check in checks:
        kernels = check.kernels
        if opt.debug_kernel:
            kernels = ["debug"] if check.where == "vm" and check.debug else None
        elif opt.kernel and kernels:
            kernels = opt.kernel
        if kernels is not None:
            tasks += [Task(check, kernel, opt) for kernel in kernels or [None]]
    return tasks


def build_steps(opt):
    make = ["make", "-s", "-j", str(os.cpu_count() or 1)]
    if not opt.debug_kernel:
        # LEAKTEST tells the true secrets to --secrets, for the leak tests
        return [("make", make), ("make-leaktest", [*make, "modules", "LEAKTEST=1"])]
    in_debug_tree = ('make -s modules tests KVER="$(scripts/kernels release debug)" '
                     'KDIR="$PWD/build/debug-kernel/build"')
    return [("debug-kernel", [f"{TOP}/scripts/debug-kernel"]),
            ("make", [*make, "userspace"]),
            ("make-debug", ["sh", "-c", in_debug_tree])]


def build(opt, printer):
    """Everything that the checks run. One failure here ends it all."""
    for name, command in build_steps(opt):
        printer.say(f"# building: {shlex.join(command)}")
        start = time.monotonic()
        with open(f"{OUT}/{name}.log", "w") as log:
            status = subprocess.run(command, cwd=TOP, stdin=subprocess.DEVNULL, stdout=log,
                                    stderr=log, check=False).returncode
        if status:
            with open(f"{OUT}/{name}.log", errors="replace") as log:
                for line in log.read().splitlines()[-30:]:
                    printer.say(f"# {line}")
            printer.result(f"1..1\nnot ok 1 {name}: see {OUT}/{name}.log")
            printer.counts["not ok"] += 1
            return False
        printer.say(f"# built in {time.monotonic() - start:.0f} s")
    return True


def run_failed_again(failed, opt, printer, number):
    """At most --retry of them: more are no accident of a busy machine."""
    again = [t for t in failed if t.check.retry] if len(failed) <= opt.retry else []
    for task in again:
        printer.say(f"# {task.title}: failed, runs again")
        task.run_again()
    for number, task in enumerate(failed, number):
        printer.task(task, number)
    for task in again:
        printer.result(f"# {task.title}: failed, then " +
                       ("failed again" if task.failed() else "passed: to be looked into"))


def run_all(tasks, opt, printer):
    printer.result(f"1..{len(tasks)}")
    number, failed = 0, []
    with concurrent.futures.ThreadPoolExecutor(opt.jobs) as pool:
        def run(task):
            printer.say(f"# {task.title}: started")
            task.run()
            return task
        futures = [pool.submit(run, task) for task in tasks]
        for future in concurrent.futures.as_completed(futures):
            task = future.result()
            if task.failed() and opt.retry:
                failed.append(task)
                printer.say(f"# {task.title}: failed")
                continue
            number += 1
            printer.task(task, number)
    run_failed_again(failed, opt, printer, number + 1)


def main():
    opt = parse_options()
    checks = find_checks()
    if opt.list:
        for c in checks:
            print(f"{c.name:28} {c.group:10} {c.where:5} {','.join(c.kernels) or '-':10}"
                  f"{' long' if c.long else ''}")
        return 0
    tasks = make_tasks(select(checks, opt), opt)
    os.makedirs(OUT, exist_ok=True)
    printer = Printer()
    printer.result("KTAP version 1")
    if opt.no_build or build(opt, printer):
        run_all(tasks, opt, printer)
    printer.totals()
    return 1 if printer.counts["not ok"] or not sum(printer.counts.values()) else 0


sys.exit(main())
