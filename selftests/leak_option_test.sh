#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The option that tells the secrets is not in the normal build: its object has
# no instruction that could write to an I/O port, and no word of it.
# check: group=leak where=host kernels=6.1,6.12 timeout=900 retry=no

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/leak/lib.sh
. "$PK_TOP/selftests/leak/lib.sh"
need_cmd objdump

release=$("$PK_TOP/scripts/kernels" release "$PK_KERNEL")
normal=$PK_TOP/build/modules/$release/protkey.ko
leaktest=$PK_TOP/build/modules-leaktest/$release/protkey.ko

port_writes() { objdump -d "$1" | grep -cP '\t(rep )?outs?[bwl]?\s' || true; }
words() { grep -cai -e 'test build' -e leaktest "$1" || true; }

unset PK_BROKEN
check "the normal build" make -s -C "$PK_TOP" modules KVER="$release"
check "the test build" leak_build "$PK_KERNEL"
is "normal build: no instruction writes to a port" "$(port_writes "$normal")" 0
is "normal build: no word of the option" "$(words "$normal")" 0
check "test build: it has them (control)" [ "$(port_writes "$leaktest")" -gt 10 ]
check "test build: it says what it is (control)" [ "$(words "$leaktest")" -gt 0 ]
finish
