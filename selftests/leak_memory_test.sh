#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The memory vault, which protects nothing, is in no module that a real kernel
# loads: the module lacks it, and its source compiles for User-Mode Linux alone.
# check: group=leak where=host kernels=6.1,6.12 timeout=300 retry=no

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd nm objdump

release=$("$PK_TOP/scripts/kernels" release "$PK_KERNEL")
module=$PK_TOP/build/modules/$release/protkey.ko

memory_symbols() { nm "$1" | grep -c -e pk_memory_half -e pk_vault_memory || true; }
debugreg_reads() { objdump -d "$1" | grep -cP 'mov\s+%db[0-3],' || true; }

# says_so COMMAND...: it fails, by our own #error
says_so()
{
	local output
	! output=$("$@" 2>&1) && grep -q 'for measurement in User-Mode Linux' <<< "$output"
}

check "the normal build" make -s -C "$PK_TOP" modules KVER="$release"
is "normal build: no memory vault" "$(memory_symbols "$module")" 0
check "normal build: reads the debug registers (control)" \
	[ "$(debugreg_reads "$module")" -ge 4 ]
check "its source refuses another kernel" says_so \
	gcc -E -D__KERNEL__ -I"$PK_TOP/selftests/native/include" -I"$PK_TOP/kmod" \
	"$PK_TOP/kmod/vault_memory.c"
check "the assembly refuses another kernel" says_so \
	gcc -E -D__KERNEL__ -D__ASSEMBLER__ -DPK_VAULT_MEMORY -x assembler-with-cpp \
	-I"$PK_TOP/selftests/native/include" -I"$PK_TOP/kmod/x86" \
	"$PK_TOP/kmod/x86/aes.inc.S"
finish
