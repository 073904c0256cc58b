#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=cipher where=host timeout=120
# The cipher routines of every level that this machine's CPU has, run natively
# against OpenSSL. A level that the CPU lacks is skipped.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd pk-native
exec pk-native
