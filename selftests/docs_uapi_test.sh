#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=docs where=host timeout=120
# The documentation says what the code says: every ioctl and errno of the
# header, the layout of a key blob, its worked example, the list of tests, links
# and manual pages.
# shellcheck disable=SC2016 # backticks are Markdown's
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd gcc openssl xxd
cd "$PK_TOP" || exit

header=kmod/uapi/protkey.h
uapi=Documentation/uapi.md
keyblob=Documentation/keyblob.md
testing=Documentation/testing.md

# same NAME WANTED-FILE GOT-FILE: what is missing and what is too much
same()
{
	expect_status 0 "$1" diff --label wanted --label got -U 0 "$2" "$3"
}

# compiled BODY: of main(); runs it
compiled()
{
	printf '%s\n' '#include <errno.h>' '#include <stddef.h>' '#include <stdio.h>' \
		'#include "keyblob.h"' 'int main(void) {' "$1" 'return 0; }' > "$TMP/x.c"
	gcc -Wall -Werror -Ikmod -o "$TMP/x" "$TMP/x.c" && "$TMP/x"
}

# ---- ioctls

grep -oE 'define PROTKEY_IOC_[A-Z_]+' $header | cut -d ' ' -f 2 | sort > "$TMP/ioctls"
check "the header has ioctls" test -s "$TMP/ioctls"
sed -n 's/^### \(PROTKEY_IOC_[A-Z_]*\)$/\1/p' $uapi | sort > "$TMP/sections"
same "every ioctl has its section, and there is no other" "$TMP/ioctls" "$TMP/sections"

# "IOCTL NUMBER SIZE", from the compiler and from the table of all ioctls
compiled "$(sed 's/.*/printf("& 0x%08lx %lu\\n", (unsigned long)&, (unsigned long)_IOC_SIZE(&));/' \
	"$TMP/ioctls")" > "$TMP/numbers"
sed -n 's/^| `\(PROTKEY_IOC_[A-Z_]*\)` |[^|]*| `\(0x[0-9a-f]*\)` |[^|]*| \([0-9]*\) |$/\1 \2 \3/p' \
	$uapi | sort > "$TMP/documented"
same "numbers and sizes of the ioctls" "$TMP/numbers" "$TMP/documented"

# ---- errnos

# "IOCTL ERRNO" for each -ERRNO of the comment above one ioctl or several. A
# sentence that begins with "PIN:" is about PROTKEY_IOC_..._PIN only.
header_errnos()
{
	awk '
	function flush_comment(	n, i, j, part, label, word) {
		n = split(comment, part, /\. +|\.$/)
		for (i = 1; i <= n; i++) {
			label = ""
			if (match(part[i], /^ *[A-Z]+:/)) {
				label = "_" substr(part[i], RSTART, RLENGTH - 1) "$"
				gsub(/ /, "", label)
			}
			while (match(part[i], /-E[A-Z]+/)) {
				word = substr(part[i], RSTART + 1, RLENGTH - 1)
				part[i] = substr(part[i], RSTART + RLENGTH)
				for (j = 1; j <= ioctls; j++)
					if (label == "" || ioctl[j] ~ label)
						print ioctl[j], word
			}
		}
		comment = ""
		ioctls = 0
	}
	/^\/\*/ { if (ioctls) flush_comment(); comment = ""; within = 1 }
	within { line = $0; gsub(/\/\*|\*\/|^ \*/, "", line); comment = comment " " line }
	/\*\// { within = 0 }
	/^#define PROTKEY_IOC_/ { ioctl[++ioctls] = $2 }
	END { flush_comment() }' $header | sed 's/  */ /g' | sort -u
}

# "IOCTL ERRNO" for each errno in the first column of a section's table
section_errnos()
{
	awk '
	/^#/ { name = $1 == "###" ? $2 : "" }
	name && /^\| E[A-Z, ]+ \|/ {
		gsub(/[|,]/, " ")
		for (i = 1; i <= NF && $i ~ /^E[A-Z0-9]+$/; i++) print name, $i
	}' $uapi | sort -u
}

header_errnos > "$TMP/header_errnos"
section_errnos > "$TMP/section_errnos"
check "the header names errnos" test "$(wc -l < "$TMP/header_errnos")" -gt 25
comm -23 "$TMP/header_errnos" "$TMP/section_errnos" > "$TMP/missing"
same "every errno of the header is in its section" /dev/null "$TMP/missing"
cut -d ' ' -f 2 "$TMP/section_errnos" | sort -u > "$TMP/names"
check "every errno exists" compiled "$(sed 's/.*/(void)&;/' "$TMP/names")"

# ---- fields

# "STRUCT.FIELD" of what user space fills or reads; the doc has them in code type
awk '/^struct protkey_/ { name = $2 } /^};/ { name = "" }
	name && /^\t(__u|char|struct)/ { sub(/\[.*|;.*/, ""); print name "." $NF }' \
	$header | grep -v '\.reserved' > "$TMP/fields"
while IFS=. read -r struct field; do
	grep -qE "\`(seal\.)?$field\`" $uapi || echo "$struct.$field"
done < "$TMP/fields" > "$TMP/missing"
same "every field of the structures is described" /dev/null "$TMP/missing"

# ---- key blob

fields=$(sed -n '/^struct pk_blob {/,/^};/s/^\t[a-z_0-9]*\([ \t]\)\([a-z_]*\)[[;].*/\2/p' kmod/keyblob.h)
compiled "$(for field in $fields; do
	printf 'printf("%%zu %%zu %s\\n", offsetof(struct pk_blob, %s), sizeof(((struct pk_blob *)0)->%s));' \
		"$field" "$field" "$field"
done)" > "$TMP/layout"
sed -n 's/^| \([0-9]*\) | \([0-9]*\) | `\([a-z_]*\)` |.*/\1 \2 \3/p' $keyblob > "$TMP/documented"
check "the layout has fields" test "$(wc -l < "$TMP/layout")" -ge 16
same "offsets and sizes of the key blob" "$TMP/layout" "$TMP/documented"

# the types: "TYPE NAME BYTES"
gcc -Wall -Ikmod -o "$TMP/x" -x c - kmod/keyblob.c << 'END'
#include <stdio.h>
#include "keyblob.h"
int main(void)
{
	for (unsigned int t = 0; t < 65536; t++)
		if (pk_blob_key_size(t))
			printf("%u %s %u\n", t, pk_blob_type_name(t), pk_blob_key_size(t));
	return 0;
}
END
"$TMP/x" > "$TMP/types"
sed -n 's/^| \([0-9]*\) | `\([a-z]*-[0-9]*\)` | \([0-9]*\) |.*/\1 \2 \3/p' $keyblob > "$TMP/documented"
same "types of keys" "$TMP/types" "$TMP/documented"

# the labels of the derivation table, in their order
sed -n 's/^#define PK_LABEL_[A-Z_]*[ \t]*"\(.*\)"$/\1/p' kmod/derive.h > "$TMP/labels"
sed -n 's/^| [0-9]* | `\(protkey [^`]*\)` |.*/\1/p' $keyblob > "$TMP/documented"
same "labels of the derivations" "$TMP/labels" "$TMP/documented"

# ---- the worked example, as it stands on the page

awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' $keyblob > "$TMP/example.sh"
awk '/^It prints$/ { p = 1 } p && /^```/ { if (on) exit; on = 1; next } on' $keyblob > "$TMP/printed"
check "the worked example runs" bash "$TMP/example.sh"
echo "$ktap_output" > "$TMP/example"
same "and prints what the page says" "$TMP/printed" "$TMP/example"
for vector in mk_pattern key_pattern blob_wrapped; do
	is "$vector is the module's known answer" \
		"$(sed -n "s/^$vector *//p" "$TMP/example")" \
		"$(sed -n "/ $vector\[/,/^};/p" kmod/selftest/vectors.h |
			grep -o '0x[0-9a-f][0-9a-f]' | cut -c 3- | tr -d '\n')"
done

# ---- the list of tests

for file in selftests/*_test.sh selftests/*_test.py; do
	name=${file#selftests/}
	echo "${name%_test.*}"
done | sort > "$TMP/tests"
sed -n '/^## What each test shows/,$s/^| [a-z]* | `\([a-z_0-9]*\)` |.*/\1/p' $testing |
	sort > "$TMP/listed"
same "testing.md lists every test, and no other" "$TMP/tests" "$TMP/listed"

# every test that the threat model's lines name exists: last column of a row
sed -n 's/.*| \([^|]*\) |$/\1/p' Documentation/threat-model.md | grep -o '`[a-z]*_[a-z_]*`' |
	tr -d '\140' | sort -u | grep -vxF -f "$TMP/tests" > "$TMP/no-such-test"
is "the threat model names tests that exist" "$(cat "$TMP/no-such-test")" ""

# ---- links

# Every [text](target) that is no URL; outside blocks of code.
# targets FILE
targets()
{
	awk '/^```/ { on = !on; next } !on' "$1" | grep -oE '\]\([^)]+\)' |
		sed 's/^](//; s/)$//' | grep -vE '^[a-z]+:'
}

# anchors FILE: of its headings, as GitHub makes them
anchors()
{
	sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}

for page in README.md Documentation/*.md; do
	bad=
	while read -r target; do
		file=${target%%#*}
		file=${file:+$(dirname "$page")/$file}
		file=${file:-$page}
		if [ ! -e "$file" ]; then
			bad+="$target: no such file"$'\n'
		elif [[ $target == *#* ]]; then
			anchors "$file" | grep -qxF "${target#*#}" || bad+="$target: no such heading"$'\n'
		fi
	done < <(targets "$page")
	is "links of $page" "$bad" ""
done

# ---- manual pages

pages=$(find userspace -name '*.[1-8]' | sort)
if ! command -v mandoc > /dev/null || [ -z "$pages" ]; then
	skip "manual pages" "no mandoc, or no pages"
else
	for page in $pages; do
		check "mandoc: ${page##*/}" mandoc -T lint -W warning "$page"
	done
fi
finish
