#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The judge of the demo is judged: pk-ledger verify sees every kind of damage.
# check: group=luks where=host timeout=120

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd pk-ledger

good=$TMP/good
bad=$TMP/bad

fresh_copy() { rm -rf "$bad" && cp -a "$good" "$bad"; }

# flip FILE OFFSET: one bit
flip()
{
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	printf %b "\\x$(printf %02x $((byte ^ 4)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# expect_damage NAME: verify of the bad copy exits with 1
expect_damage() { expect_status 1 "$1" pk-ledger verify --dir "$bad"; }

last_file() { find "$bad/chains" -type f | sort | tail -n 1; }

make_good()
{
	check "write" pk-ledger write --dir "$good" --mib 20
	check "append after a reopen" pk-ledger write --dir "$good" --mib 2 --seed 9
	expect_out '"mismatches":0,' "verify" pk-ledger verify --dir "$good" --json
	is "block files are rotated" "$(find "$good/chains" -type f | wc -l)" 2
}

# {length 4, number 8, prev_hash 32, data_hash 32, data}
flip_each_field()
{
	local field
	for field in "0 a length" "4 a block number" "12 a previous hash" \
		"44 a data hash" "5000 a payload"; do
		fresh_copy
		flip "$bad/chains/blockfile_000000" "${field%% *}"
		expect_damage "a bit flipped in ${field#* }"
	done
	fresh_copy
	flip "$(last_file)" $(($(stat -c %s "$(last_file)") - 1))
	expect_damage "the last bit of the last block flipped"
}

damage_databases()
{
	local file
	for file in state index; do
		fresh_copy
		file=$(find "$bad/$file" -size +1k \( -name '*.ldb' -o -name '*.log' \) | head -n 1)
		flip "$file" $(($(stat -c %s "$file") / 2))
		expect_damage "a bit flipped in ${file#"$bad"/}"
	done
	fresh_copy
	rm -r "$bad/state"
	expect_damage "the state database gone"
	check "it is replayed from the blocks" pk-ledger write --dir "$bad" --mib 1
	check "and is right again" pk-ledger verify --dir "$bad"
}

# A crash in the middle of a block; and whole blocks lost, which it is not.
cut_the_tail()
{
	local size
	fresh_copy
	size=$(stat -c %s "$(last_file)")
	head -c 1000 "$bad/chains/blockfile_000000" >> "$(last_file)"
	expect_damage "a block that is not whole"
	check "write cuts it off" pk-ledger write --dir "$bad" --mib 1
	check "and the chain goes on" pk-ledger verify --dir "$bad"
	fresh_copy
	truncate -s $((size / 2)) "$(last_file)"
	expect_damage "blocks lost at the end"
	fresh_copy
	rm "$(last_file)"
	expect_damage "a block file lost"
	expect_status 2 "write refuses to go on then" pk-ledger write --dir "$bad" --mib 1
}

make_good
flip_each_field
damage_databases
cut_the_tail
expect_status 2 "no command" pk-ledger
expect_status 1 "no ledger there" pk-ledger verify --dir "$TMP/none"
finish
