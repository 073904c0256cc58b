#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=vm timeout=180 vm="--smp 2 --mem 768"
#
# Keys and domains: a key works in its own domain only, while that is unlocked,
# and what happens to one domain does not touch another.

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_protkey.sh
. "$(dirname "$0")/lib_protkey.sh"

life_of_a_domain()
{
	pk-keytool domain-create "$1" "$KEK" "$TMP/x.state" &&
		pk-keytool domain-lock "$1" &&
		pk-keytool domain-unlock "$TMP/x.state" "$KEK" &&
		pk-keytool key-generate "$1" xts-256 "$TMP/x.blob" &&
		pk-keytool set-key "$TMP/x.blob" &&
		pk-keytool domain-delete "$1"
} > /dev/null

load_both
new_domain d
new_key d

new_domain e
must pk-keytool key-generate e xts-256 "$TMP/e.blob"
check "a blob of a second domain" pk-keytool set-key "$TMP/e.blob"
expect_err EXDEV "the first domain does not verify it" \
	pk-keytool key-verify d "$TMP/e.blob"
# its header names domain e, its key is wrapped by d: bytes 32..63 are swapped
cp "$TMP/key.blob" "$TMP/forged.blob"
dd if="$TMP/e.blob" of="$TMP/forged.blob" bs=1 skip=32 seek=32 count=32 \
	conv=notrunc status=none
expect_err EKEYREJECTED "a blob relabelled for another domain" \
	pk-keytool set-key "$TMP/forged.blob"

check "lock the second domain" pk-keytool domain-lock e
expect_err ENOKEY "its blob is refused while it is locked" \
	pk-keytool set-key "$TMP/e.blob"
check "the first domain's is not" pk-keytool set-key "$TMP/key.blob"
expect_err ENOKEY "a locked domain makes no key" \
	pk-keytool key-generate e xts-256 "$TMP/none"
check "unlock" unlock_domain e
check "its blob is taken again" pk-keytool set-key "$TMP/e.blob"

check "delete the second domain" pk-keytool domain-delete e
expect_err ENOKEY "its blob is refused afterwards" pk-keytool set-key "$TMP/e.blob"

# a domain of the same name is not the same domain
new_domain e
expect_err ENOKEY "also by a new domain of that name" pk-keytool set-key "$TMP/e.blob"
must pk-keytool domain-delete e
slots=$(vault slots_used)

# ---- one under load, the other locked, unlocked, deleted -----------------------------

# a debug kernel takes seconds for one life of a domain
[ "${PK_KERNEL:-}" = debug ] && seconds=30 || seconds=6
cipher_run storm requests=0 seconds="$seconds" min=512 max=8192 errors=0 > "$TMP/storm" 2>&1 &
storm=$!
cycles=0
while kill -0 $storm 2> /dev/null && life_of_a_domain x$cycles; do
	: $((cycles++))
done
wait $storm
is "no request of the first domain failed" $? 0
diag "$cycles cycles; $(tr '\n' ' ' < "$TMP/storm")"
is "the others came and went" "$((cycles > 3))" 1
is "they left no slot behind" "$(vault slots_used)" "$slots"
finish
