#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=host timeout=900
# Every parser of what others send or log, under libFuzzer, ASan and UBSan: from
# a boot that a software TPM quoted, in all the forms that it can be told in.
# PK_FUZZ=DIR keeps programs and seeds, for longer runs by hand.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd clang gcc protkey swtpm swtpm_ioctl tpm2_quote openssl jq python3 pkg-config
# shellcheck source=selftests/lib_fwcheck.sh
. "$(dirname "$0")/lib_fwcheck.sh"

D=${PK_FUZZ:-$TMP/fuzz}
runs=3000
[ "${PK_LONG:-0}" = 0 ] || runs=1000000
build() { "$PK_TOP/selftests/fw/fuzz" "$1" "$D/$1"; }
# limits: nothing that small takes as long, or as much memory
run()
{
	"$D/$1" -runs="$2" -max_len="$3" -timeout=20 -rss_limit_mb=2048 \
		-print_final_stats=1 -artifact_prefix="$D/found.$1." "$D/seeds.$1"
}

mapfile -t targets < <("$PK_TOP/selftests/fw/fuzz" | tr ' ' '\n')
for target in "${targets[@]}"; do
	mkdir -p "$D/seeds.$target"
done

# ---- seeds: one boot as evidence, quote, logs, policy

fwc_tpm "$TMP/tpm"
fwc_boot good
fwc_key ak2 rsa2048:rsassa-sha256:null restricted
FWC_KEY=$TMP/ak2
fwc_evidence rsa
FWC_KEY=''
ev=$TMP/good/evidence
for name in good rsa; do
	jq -c . "$TMP/$name/evidence" > "$D/seeds.evidence/$name"
	jq -c 'del(."event-log", ."ima-log")' "$TMP/$name/evidence" > "$D/seeds.evidence/$name.quote"
	python3 - "$TMP/$name/evidence" > "$D/seeds.quote/$name" <<- 'END'
		import base64, json, struct, sys
		quote = json.load(open(sys.argv[1]))["quote"]
		parts = [base64.b64decode(quote[name]) for name in ("attest", "signature", "key")]
		sys.stdout.buffer.write(struct.pack("<3H", *map(len, parts)) + b"".join(parts)
					+ bytes.fromhex(quote["nonce"]))
	END
done
jq -r '."event-log"' "$ev" | base64 -d > "$D/seeds.eventlog/made"
jq -r '."ima-log"' "$ev" | base64 -d > "$D/seeds.ima/made"
for log in "${PK_EVENTLOGS:-$PK_TOP/../shared/data/eventlogs}"/*.bin; do
	[ ! -s "$log" ] || cat "$log" > "$D/seeds.eventlog/${log##*/}"
done
protkey fw measure --event-log "$D/seeds.eventlog/made" --cel "$D/seeds.cel/log" > "$TMP/said"
protkey fw measure --event-log "$D/seeds.eventlog/made" --ima-log "$D/seeds.ima/made" \
	--cel "$D/seeds.cel/both" > "$TMP/said"
jq -c '.[:3]' "$D/seeds.cel/both" > "$D/seeds.cel/short"
protkey fw reference make "$ev" --out "$D/seeds.reference/made" --pin --ima no-violation \
	--host secure_boot > "$TMP/said"
protkey fw reference export "$ev" --out "$D/seeds.keylime/policy" > "$TMP/said"
# db and dbx behind the name of their variable; a certificate of ours
python3 - "$D/seeds.eventlog/made" "$D/seeds.siglist" <<- 'END'
	import re, struct, sys
	log = open(sys.argv[1], "rb").read()
	for name in "db", "dbx":
	    wide = name.encode("utf-16-le")
	    for m in re.finditer(re.escape(wide), log):
	        count, size = struct.unpack_from("<QQ", log, m.start() - 16)
	        if count == len(name):
	            at = m.start() + len(wide)
	            open(f"{sys.argv[2]}/{name}", "wb").write(log[at:at + size])
	            break
END
fwc_signer anna
openssl x509 -in "$TMP/trust/anna.pem" -outform DER -out "$TMP/anna.der"
python3 - "$TMP/anna.der" > "$D/seeds.siglist/x509" <<- 'END'
	import struct, sys
	der = open(sys.argv[1], "rb").read()
	sys.stdout.buffer.write(bytes.fromhex("a159c0a5e494a74a87b5ab155c2bf072") +
		struct.pack("<3I", 28 + 16 + len(der), 0, 16 + len(der)) + bytes(16) + der)
END
# shellcheck disable=SC2046 # words
gcc -D_GNU_SOURCE -o "$TMP/fw_ima" "$PK_TOP"/userspace/{tests/fw_ima,fuzz/samples_ima}.c \
	"$PK_TOP"/userspace/fw/{ima,ima_ascii,ima_replay,fault,digest,field}.c \
	$(pkg-config --cflags --libs json-c libcrypto) && "$TMP/fw_ima" --seeds "$D/seeds.ima"
# an EFI program as small as it can be: headers, one section
python3 - > "$D/seeds.pe/small" <<- 'END'
	import struct, sys
	pe = bytearray(1024)
	pe[0:2] = b"MZ"; struct.pack_into("<I", pe, 0x3c, 64); pe[64:68] = b"PE\0\0"
	struct.pack_into("<HH12xH", pe, 68, 0x8664, 1, 240)
	struct.pack_into("<H", pe, 88, 0x20b); struct.pack_into("<I", pe, 88 + 60, 512)
	struct.pack_into("<I", pe, 88 + 108, 16); struct.pack_into("<II", pe, 88 + 112 + 32, 896, 128)
	struct.pack_into("<II", pe, 88 + 240 + 16, 256, 512)
	sys.stdout.buffer.write(pe)
END
fwc_tpm_off

# ---- fuzzing

for target in "${targets[@]}"; do
	[ -z "$(find "$D/seeds.$target" -empty)" ] || fail "$target: there are seeds"
	check "build $target" build "$target" || continue
	case $target in
	eventlog | evidence | cel) length=65536 ;;
	*) length=8192 ;;
	esac
	check "$target: $runs runs" run "$target" $runs $length
	diag "$(grep -E 'stat::number_of_executed|DONE' <<< "$ktap_output" | xargs)"
done
finish
