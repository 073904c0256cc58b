#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=host timeout=500
# IMA's measurement list, read and replayed in both forms, and the Canonical
# Event Log: good ones, damage in every byte, and the time that 100,000 entries
# take.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd gcc pkg-config

U=$PK_TOP/userspace
read -ra libs < <(pkg-config --cflags --libs json-c libcrypto)
list=("$U"/fw/ima*.c "$U"/fw/{fault,digest,field}.c)
cel=("${list[@]}" "$U"/fw/{cel,cel_parse,eventlog,eventtype}.c)
strict=(-g -O1 "-fsanitize=address,undefined" -fno-sanitize-recover=all)

# build NAME SOURCE... [OPTION...]
build()
{
	gcc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -o "$TMP/$1" \
		"$U/tests/$1.c" "$U/fuzz/samples_ima.c" "${@:2}" "${libs[@]}"
}

# results COMMAND...: of a test that prints KTAP
results()
{
	local verdict
	while read -r verdict; do
		case $verdict in
		"ok "*) pass "${verdict#ok * }" ;;
		"not ok "*) fail "${verdict#not ok * }" ;;
		"# "*) echo "$verdict" ;;
		esac
	done < <("$@" 2>&1 || echo "not ok 0 $(basename "$1") ends well")
}

check "build, with sanitizers" build fw_ima "${strict[@]}" "${list[@]}"
results "$TMP/fw_ima"
check "build the CEL's test" build fw_cel "${strict[@]}" "${cel[@]}"
results "$TMP/fw_cel"

if [ "${PK_LONG:-0}" = 1 ] && command -v clang > /dev/null; then
	mkdir "$TMP/seeds"
	"$TMP/fw_ima" --seeds "$TMP/seeds"
	check "build with libFuzzer" clang -D_GNU_SOURCE -g -O1 \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-o "$TMP/fuzz" "$U/fuzz/fuzz_ima.c" "${list[@]}" "${libs[@]}"
	check "libFuzzer for a minute" "$TMP/fuzz" -max_total_time=60 \
		-max_len=2048 -print_final_stats=1 -artifact_prefix="$TMP/" "$TMP/seeds"
fi

check "build, optimized" build fw_ima -O2 "${list[@]}"
expect_out '^ascii' "100,000 entries in less than a second of CPU time" "$TMP/fw_ima" --time
diag "$ktap_output"
finish
