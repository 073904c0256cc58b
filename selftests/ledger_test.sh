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

# pull NAME WANTED-STATUS: of the good ledger, through a port that is free
serve_port=$((20000 + RANDOM % 10000))
pull_from()
{
	local server i
	pk-ledger serve --dir "$1" --port $serve_port --connections 1 &
	server=$!
	for ((i = 0; i < 50; i++)); do
		! ss -Htln "sport = :$serve_port" | grep -q . || break
		sleep 0.1
	done
	expect_status "$3" "$4" pk-ledger pull --dir "$2" --from 127.0.0.1:$serve_port
	wait $server
	serve_port=$((serve_port + 1))
}

pull_from_peer()
{
	local peer=$TMP/peer
	cp -a "$good" "$TMP/origin"
	pull_from "$TMP/origin" "$peer" 0 "another peer pulls all"
	check "and has the same" diff -r "$TMP/origin/chains" "$peer/chains"
	expect_out '"mismatches":0,' "its states are right" pk-ledger verify --dir "$peer" --json
	check "the first goes on" pk-ledger write --dir "$TMP/origin" --mib 1 --seed 3
	pull_from "$TMP/origin" "$peer" 0 "the other pulls what is new"
	check "and has that, too" diff -r "$TMP/origin/chains" "$peer/chains"
	check "it goes its own way" pk-ledger write --dir "$peer" --mib 1 --seed 4
	check "as does the first" pk-ledger write --dir "$TMP/origin" --mib 3 --seed 5
	pull_from "$TMP/origin" "$peer" 2 "a block of another chain is refused"
	check "nothing of it is written" pk-ledger verify --dir "$peer"
	flip "$TMP/origin/chains/blockfile_000000" 5000
	pull_from "$TMP/origin" "$TMP/third" 2 "a damaged block is refused"
	expect_status 2 "nobody there" pk-ledger pull --dir "$TMP/third" --from 127.0.0.1:$serve_port
}

make_good
flip_each_field
damage_databases
cut_the_tail
pull_from_peer
expect_status 2 "no command" pk-ledger
expect_status 1 "no ledger there" pk-ledger verify --dir "$TMP/none"
finish
