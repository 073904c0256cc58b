#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=cipher where=host timeout=120
# The cipher routines of every level that this machine's CPU has, run natively
# against OpenSSL and NIST's vectors. A level that the CPU lacks is skipped.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd pk-native
[ -d /usr/lib/python3/dist-packages/cryptography_vectors ] ||
	skip_all "needs python3-cryptography-vectors"
"$PK_TOP/selftests/native/cavp.py" > "$TMP/vectors" || exit
pk-native --vectors "$TMP/vectors"
