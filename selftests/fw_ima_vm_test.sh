#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=host kernels=6.1,6.12 timeout=300
# IMA's list of a real kernel, in both forms, leads to what its TPM has in PCR 10
# in both banks: with a violation, and paths with spaces and line feeds.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd gcc pkg-config

U=$PK_TOP/userspace
SHARE=$TMP/share
mkdir "$SHARE"

cat > "$SHARE/guest" << 'END'
set -eu
ima=/sys/kernel/security/ima
tpm=/sys/class/tpm/tpm0
cd /share
for name in 'a b' $'line\nfeed'; do
	printf '#!/bin/sh\n' > "$name"
	chmod 755 "$name"
	./"$name"
done
# measured while somebody has it open for writing
printf '#!/bin/sh\n' > violated
chmod 755 violated
exec 9>> violated
cat violated > /dev/null
exec 9>&-
# the list goes on growing: the PCR is what its first entries lead to
cp $tpm/pcr-sha1/10 sha1
cp $tpm/pcr-sha256/10 sha256
cp $ima/ascii_runtime_measurements ascii
cp $ima/binary_runtime_measurements binary
END

read -ra libs < <(pkg-config --cflags --libs json-c libcrypto)
check "build" gcc -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror \
	-o "$TMP/fw_ima" "$U/tests/fw_ima.c" "$U/fuzz/samples_ima.c" \
	"$U"/fw/ima*.c "$U"/fw/{fault,digest,field}.c "${libs[@]}"
check "boot, run, copy the list" "$PK_TOP/scripts/vm" --tpm --append ima_policy=tcb \
	--timeout 240 --share "$SHARE" -- bash /share/guest

for form in binary ascii; do
	for bank in sha1 sha256; do
		pcr=$(tr 'A-F' 'a-f' < "$SHARE/$bank")
		read -r entries all violations wrong \
			< <("$TMP/fw_ima" --replay "$SHARE/$form" "$bank" "$pcr")
		diag "$form, $bank: $entries of $all entries, $violations violations"
		check "$form: entries lead to PCR 10 of $bank" [ "$entries" -gt 3 ]
		check "$form: the violation is one" [ "$violations" -ge 1 ]
		is "$form: nothing else is wrong" "$wrong" 0
	done
	last=$(printf '%064d' 1)
	is "$form: no entries lead to another value" \
		"$("$TMP/fw_ima" --replay "$SHARE/$form" sha256 "$last" | cut -d ' ' -f 1)" -1
done
check "a space is measured as an underscore" grep -q '/a_b ' "$SHARE/ascii"
check "a line feed is one" grep -q '^feed ' "$SHARE/ascii"
finish
