# SPDX-License-Identifier: GPL-2.0-only
"""For the tests in Python: results as the kernel's kselftests print them."""

import sys


class Results:
    """KTAP."""

    def __init__(self):
        self.count = self.failed = 0
        print("KTAP version 1")

    def report(self, good, name, diagnostic=""):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} {name}")
        for line in "" if good else diagnostic.splitlines():
            print(f"# {line}")

    def finish(self):
        print(f"1..{self.count}")
        print(f"# Totals: pass:{self.count - self.failed} fail:{self.failed} "
              "xfail:0 xpass:0 skip:0 error:0")
        sys.exit(bool(self.failed))
