#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=blob where=host timeout=120
# The parsers that module and user space share: every rule of the formats under
# ASan and UBSan, then some seconds of mutated input.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd gcc

flags=(-std=gnu11 -O1 -g -Wall -Wextra "-fsanitize=address,undefined"
	-fno-sanitize-recover=all -I"$PK_TOP/kmod" -I"$PK_TOP/userspace/fuzz")
parsers=("$PK_TOP/kmod/keyblob.c" "$PK_TOP/kmod/sealed.c" "$PK_TOP/kmod/sealdata.c" "$PK_TOP/kmod/der.c"
	"$PK_TOP/kmod/attest.c" "$PK_TOP/userspace/fuzz/samples.c")

check "build the unit test" gcc "${flags[@]}" -o "$TMP/parse" \
	"$PK_TOP/userspace/tests/blob_parse.c" "${parsers[@]}"
check "build that of a TPM's structures" gcc "${flags[@]}" -o "$TMP/attest" \
	"$PK_TOP/userspace/tests/attest_parse.c" "${parsers[@]}" -lcrypto
while read -r verdict; do
	case $verdict in
	"ok "*) pass "${verdict#ok * }" ;;
	"not ok "*) fail "${verdict#not ok * }" ;;
	"# "*) echo "$verdict" ;;
	esac
done < <(for test in parse attest; do
	"$TMP/$test" 2>&1 || echo "not ok 0 the unit test $test ends well"
done)

check "build the fuzz entry" gcc "${flags[@]}" -o "$TMP/mutate" \
	"$PK_TOP/userspace/fuzz/mutate.c" "$PK_TOP/userspace/fuzz/fuzz_parse.c" \
	"${parsers[@]}"
check "400000 mutations" "$TMP/mutate" 400000
if [ "${PK_LONG:-0}" = 1 ] && command -v clang > /dev/null; then
	check "build with libFuzzer" clang -g -O1 \
		-fsanitize=fuzzer,address,undefined -I"$PK_TOP/kmod" \
		-o "$TMP/fuzz" "$PK_TOP/userspace/fuzz/fuzz_parse.c" \
		"$PK_TOP/kmod/keyblob.c" "$PK_TOP/kmod/sealed.c" "$PK_TOP/kmod/sealdata.c" "$PK_TOP/kmod/der.c" \
		"$PK_TOP/kmod/attest.c"
	check "libFuzzer for a minute" "$TMP/fuzz" -max_total_time=60 \
		-max_len=4096 -print_final_stats=1
fi
finish
