#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=host timeout=500
# The parser of references under ASan and UBSan: each rule of the format broken,
# then some seconds of libFuzzer; EFI programs cut off and changed anywhere.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd clang gcc jq

FW=$PK_TOP/userspace/fw
mkdir "$TMP/seeds"
cat > "$TMP/seeds/all" << END
{"protkey-reference": 1, "name": "web", "serial": 3, "not-after": 4000000000,
 "banks": ["sha256"], "pcrs": [0, 4, 7],
 "machines": [{"host": "w1", "key-name": "000b$(printf '%064d' 1)"}],
 "ima": {"rule": "listed", "files": {"sha256": ["$(printf '%064d' 2)"], "sha1": ["$(printf '%040d' 3)"]}},
 "host": ["secure_boot", "lockdown"],
 "components": {
  "kernel": {"class": "kernel", "rule": "equal", "required": true,
   "accept": [{"sha256": "$(printf '%064d' 4)", "text": "x"}, {"text": "only"}]},
  "secure-boot.dbx": {"class": "secure-boot", "rule": "superset", "signatures": ["sha256:aa", "x509:bb"]},
  "secure-boot.db": {"class": "secure-boot", "rule": "subset", "signatures": []},
  "sbat": {"class": "secure-boot", "rule": "at-least", "version": "sbat,1;shim,3"},
  "gpt.*": {"class": "configuration", "rule": "any"},
  "evil": {"class": "other", "rule": "absent", "required": false}}}
END
broken=0
build()
{
	# shellcheck disable=SC2046 # words
	clang -std=gnu11 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -I"$FW" $(pkg-config --cflags json-c) -o "$TMP/$1" \
		"$PK_TOP/userspace/fuzz/fuzz_$1.c" "${@:2}" $(pkg-config --libs json-c libcrypto)
}
check "build" build reference "$FW"/{reference,reference_json,field,digest,component,devicepath,siglist,eventtype,eventlog,fault}.c "$FW"/describe_*.c ||
	finish
check "build, for EFI programs" build pe "$FW"/{pe,digest}.c || finish

# ---- the rules; the tool itself reads them

show() { protkey fw reference show "$1"; }
check "the example is a reference" show "$TMP/seeds/all"
while IFS='|' read -r why change; do
	jq "$change" "$TMP/seeds/all" > "$TMP/broken" || fail "jq: $change"
	expect_status 26 "refused: $why" show "$TMP/broken"
	cp "$TMP/broken" "$TMP/seeds/$((++broken))"
done << 'END'
another format|."protkey-reference" = 2
no format|del(."protkey-reference")
an unknown field|.comment = "x"
no name|.name = ""
serial 0|.serial = 0
a negative serial|.serial = -1
a serial that is text|.serial = "3"
no bank|.banks = []
a bank twice|.banks += ["sha256"]
an unknown bank|.banks = ["md5"]
no PCR|.pcrs = []
PCR 24|.pcrs += [24]
a PCR twice|.pcrs += [0]
no machine in the list|.machines = []
a machine twice|.machines += .machines
a short key name|.machines[0]."key-name" = "000b"
an unknown IMA rule|.ima.rule = "all"
listed, and no files|.ima.files = {}
files, and not listed|.ima.rule = "no-violation"
an unknown hash of files|.ima.files.md5 = []
no component|.components = {}
an unknown field of a component|.components.kernel.note = "x"
an unknown class|.components.kernel.class = "os"
an unknown rule|.components.kernel.rule = "matches"
equal to nothing|.components.kernel.accept = []
a value of no kind|.components.kernel.accept = [{}]
a value twice|.components.kernel.accept += [{"text": "only"}]
a digest of another length|.components.kernel.accept[0].sha256 = "00"
a digest of a bank that does not count|.components.kernel.accept[0].sha1 = "0000000000000000000000000000000000000000"
values with another rule|.components.kernel.rule = "any"
signatures with another rule|.components.kernel.signatures = ["sha256:aa"]
no version|del(.components.sbat.version)
a version with another rule|.components.evil.version = "1"
absent and required|.components.evil.required = true
a star in the middle|.components["a*b"] = .components["gpt.*"]
no name of a component|.components[""] = .components["gpt.*"]
a name that is too long|.components["a" * 64] = .components["gpt.*"]
END
for serial in 9223372036854775807 18446744073709551615 99999999999999999999; do
	sed "s/\"serial\": 3,/\"serial\": $serial,/" "$TMP/seeds/all" > "$TMP/broken"
	expect_status 26 "refused: serial $serial, which is too large" show "$TMP/broken"
done
twice=$(sed 's/"serial": 3,/"serial": 3, "serial": 4,/' "$TMP/seeds/all")
echo "$twice" > "$TMP/broken"
expect_status 26 "refused: a field twice" show "$TMP/broken"
{ echo "/* a comment */"; cat "$TMP/seeds/all"; } > "$TMP/broken"
expect_status 26 "refused: a comment" show "$TMP/broken"
{ cat "$TMP/seeds/all"; echo "{}"; } > "$TMP/broken"
expect_status 26 "refused: something behind it" show "$TMP/broken"
head -c 300 "$TMP/seeds/all" > "$TMP/broken"
expect_status 26 "refused: cut off" show "$TMP/broken"
: > "$TMP/broken"
expect_status 26 "refused: empty" show "$TMP/broken"

# ---- and what nobody thought of

runs=10000
[ "${PK_LONG:-0}" = 0 ] || runs=2000000
check "$runs runs of libFuzzer" "$TMP/reference" -runs=$runs -max_len=8192 "$TMP/seeds"
image=$(find "$PK_TOP"/build/kernels/*/boot -name 'vmlinuz-*' 2> /dev/null | sort | head -n 1)
if [ -n "$image" ]; then
	mkdir "$TMP/images"
	head -c 4096 "$image" > "$TMP/images/head"
	# as small as it can be: headers, one section
	python3 -c '
import struct, sys
pe = bytearray(1024)
pe[0:2] = b"MZ"; struct.pack_into("<I", pe, 0x3c, 64); pe[64:68] = b"PE\0\0"
struct.pack_into("<HH12xH", pe, 68, 0x8664, 1, 240)
struct.pack_into("<H", pe, 88, 0x20b); struct.pack_into("<I", pe, 88 + 60, 512)
struct.pack_into("<I", pe, 88 + 108, 16); struct.pack_into("<II", pe, 88 + 112 + 32, 896, 128)
struct.pack_into("<II", pe, 88 + 240 + 16, 256, 512)
sys.stdout.buffer.write(pe)' > "$TMP/images/small"
	check "$runs runs on EFI programs" "$TMP/pe" -runs=$runs -max_len=4096 "$TMP/images"
else
	skip "EFI programs" "no kernel here"
fi
finish
