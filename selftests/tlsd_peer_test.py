#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
# check: group=ktls where=vm debug=no timeout=300 vm="--smp 2 --mem 768"
"""protkey-tlsd with peers that are not ours."""

import subprocess
import tempfile

import tlsd
from ktap import Results

PORT, APP = 8443, 8000


def s_client(*options, data=b"hello\n", port=PORT):
    return subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-quiet",
                           "-verify_quiet", *options], input=data, capture_output=True,
                          timeout=tlsd.PATIENCE, check=False)


def main():
    results = Results()
    node = tlsd.setup()
    folder = tempfile.mkdtemp()
    ca = tlsd.Ca(folder, "ca")
    cert, key = ca.issue("ledger.test")
    tlsd.Application(APP, tlsd.digest)
    daemon = tlsd.Daemon({"ledger": {
        "mode": "server", "domain": "tls", "listen": f"127.0.0.1:{PORT}",
        "connect": f"127.0.0.1:{APP}", "cert": cert, "key": key}}).start()
    got = s_client("-CAfile", ca.crt)
    print(got)
    print(daemon.text())
    daemon.stop()
    results.report(True, "x")
    node.close()
    results.finish()


if __name__ == "__main__":
    main()
