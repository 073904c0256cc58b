#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=blob where=host timeout=120
# The primitives of protkey-recover, which is the judge of the module's blobs,
# against NIST's vectors: AES-256-KWP (SP 800-38F) and the KDF in counter mode
# with AES-256-CMAC (SP 800-108).
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
vectors=/usr/lib/python3/dist-packages/cryptography_vectors
kwp=$vectors/keywrap/kwtestvectors/KWP_AD_256.txt
kdf=$vectors/KDF/nist-800-108-KBKDF-CTR.txt
cat "$kwp" "$kdf" > /dev/null 2>&1 || skip_all "needs python3-cryptography-vectors"
need_cmd protkey-recover awk

check "its own known answers" protkey-recover --selftest

# "K C P" per line, P is FAIL where the unwrapping must be refused
kwp_cases() { awk '/^K = /{k=$3} /^C = /{c=$3} /^P = /{print k, c, $3} /^FAIL/{print k, c, "FAIL"}' "$kwp" | awk 'length($2) <= 160' | awk 'NR % 8 == 1 || $3 == "FAIL" && NR % 4 == 0'; }

good=0 bad=0 wrong=0
while read -r k c p; do
	got=$(protkey-recover --vector unwrap "$k" "$c" 2> /dev/null) || got=FAIL
	if [ "$got" != "$p" ]; then
		wrong=$((wrong + 1))
		diag "K $k C $c: $got, wanted $p"
	elif [ "$p" = FAIL ]; then
		bad=$((bad + 1))
	else
		good=$((good + 1))
	fi
done < <(kwp_cases | tr -d '\r')
diag "$good unwrapped, $bad refused"
is "KWP: no vector is wrong" "$wrong" 0
check "KWP: enough vectors of both kinds" test "$good" -ge 20 -a "$bad" -ge 5

kdf_cases()
{
	tr -d '\r' < "$kdf" | awk '
		/^\[PRF=/ { on = /CMAC_AES256/ }
		/^\[CTRLOCATION=/ { before = /BEFORE_FIXED/ }
		/^\[RLEN=/ { wide = /32_BITS/ }
		/^L = / { bits = $3 }
		/^KI = / { ki = $3 }
		/^FixedInputData = / { fixed = $3 }
		/^KO = / { if (on && before && wide) print ki, fixed, bits / 8, $3 }'
}

good=0 wrong=0
while read -r ki fixed bytes ko; do
	got=$(protkey-recover --vector kdf "$ki" "$fixed" "$bytes" 2> /dev/null)
	if [ "$got" = "$ko" ]; then
		good=$((good + 1))
	else
		wrong=$((wrong + 1))
		diag "KI $ki: $got, wanted $ko"
	fi
done < <(kdf_cases)
diag "$good derived"
is "KDF: no vector is wrong" "$wrong" 0
check "KDF: enough vectors" test "$good" -ge 20
finish
