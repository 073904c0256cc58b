#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check: group=cipher where=host timeout=300
#
# Nothing key-derived goes to memory: every instruction of the assembly that
# stores, found by disassembly, is one that this file names with its reason.  A
# spilled register is one that it does not name; the deliberately broken build
# shows that it would be found.  Stores are counted, not followed: that what is
# stored is masked is for the native tests to show.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

top=$(cd "$(dirname "$0")/.." && pwd)

# FUNCTION STORES REASON.  Counts are exact: a new store needs a new reason.
allowed() {
	cat <<-'END'
	store_slot 5 nonce and wrapped key
	pk_x_make_check 1 check value: AES(WK, 0), public
	pk_x_dr_generate 2 the DR half, on its way to the CPUs
	pk_x_dr_read 4 the DR half, from one CPU to another
	pk_x_cmac 1 a MAC or verification pattern: public
	pk_x_pattern 1 a verification pattern: public
	pk_x_kwp_wrap 5 a wrapped key
	pk_xts_enc128_aesni 7 data (5 + 1) and the next tweak
	pk_xts_dec128_aesni 7 data (5 + 1) and the next tweak
	pk_xts_enc256_aesni 7 data (5 + 1) and the next tweak
	pk_xts_dec256_aesni 7 data (5 + 1) and the next tweak
	pk_xts_enc128_aesni_avx2 6 data (4 + 1) and the next tweak
	pk_xts_dec128_aesni_avx2 6 data (4 + 1) and the next tweak
	pk_xts_enc256_aesni_avx2 6 data (4 + 1) and the next tweak
	pk_xts_dec256_aesni_avx2 6 data (4 + 1) and the next tweak
	pk_xts_enc128_vaes_avx2 7 data (4 + 2) and the next tweak
	pk_xts_dec128_vaes_avx2 7 data (4 + 2) and the next tweak
	pk_xts_enc256_vaes_avx2 7 data (4 + 2) and the next tweak
	pk_xts_dec256_vaes_avx2 7 data (4 + 2) and the next tweak
	pk_xts_enc128_avx512_256 14 data (4 + 4 + 4 + 1) and the next tweak
	pk_xts_dec128_avx512_256 14 data (4 + 4 + 4 + 1) and the next tweak
	pk_xts_enc256_avx512_256 14 data (4 + 4 + 4 + 1) and the next tweak
	pk_xts_dec256_avx512_256 14 data (4 + 4 + 4 + 1) and the next tweak
	pk_xts_enc128_avx512 14 data (8 + 4 + 1) and the next tweak
	pk_xts_dec128_avx512 14 data (8 + 4 + 1) and the next tweak
	pk_xts_enc256_avx512 14 data (8 + 4 + 1) and the next tweak
	pk_xts_dec256_avx512 14 data (8 + 4 + 1) and the next tweak
	pk_gcm_enc128_aesni 8 data (3 + 1 + a byte), counter, masked hash or tag
	pk_gcm_dec128_aesni 8 data (3 + 1 + a byte), counter, masked hash or tag
	pk_gcm_enc192_aesni 8 data (3 + 1 + a byte), counter, masked hash or tag
	pk_gcm_dec192_aesni 8 data (3 + 1 + a byte), counter, masked hash or tag
	pk_gcm_enc256_aesni 8 data (3 + 1 + a byte), counter, masked hash or tag
	pk_gcm_dec256_aesni 8 data (3 + 1 + a byte), counter, masked hash or tag
	gcm_enc_avx512_256 11 data (4 + 4), counter, masked hash or tag
	gcm_dec_avx512_256 11 data (4 + 4), counter, masked hash or tag
	gcm_enc_avx512 11 data (4 + 4), counter, masked hash or tag
	gcm_dec_avx512 11 data (4 + 4), counter, masked hash or tag
	pk_hmac_sha1_aesni 4 masked state or MAC (2 + 2)
	pk_hmac_sha256_aesni 4 masked state or MAC (2 + 2)
	pk_hmac_sha256_shani 4 masked state or MAC (2 + 2)
	pk_hmac_sha512_aesni 8 masked state or MAC (4 + 4)
	pk_hmac_sha512_vaes_avx2 8 masked state or MAC (4 + 4)
	pk_hmac_sha512_avx512_256 8 masked state or MAC (4 + 4)
	pk_ctr128_aesni 7 data (4 + 1) and the next counter (2)
	pk_cbc_enc128_aesni 2 data and the last block of it
	pk_cbc_dec128_aesni 6 data (4 + 1) and the last block of ciphertext
	pk_ecb_enc128_aesni 5 data (4 + 1)
	pk_ecb_dec128_aesni 5 data (4 + 1)
	pk_ctr192_aesni 7 data (4 + 1) and the next counter (2)
	pk_cbc_enc192_aesni 2 data and the last block of it
	pk_cbc_dec192_aesni 6 data (4 + 1) and the last block of ciphertext
	pk_ecb_enc192_aesni 5 data (4 + 1)
	pk_ecb_dec192_aesni 5 data (4 + 1)
	pk_ctr256_aesni 7 data (4 + 1) and the next counter (2)
	pk_cbc_enc256_aesni 2 data and the last block of it
	pk_cbc_dec256_aesni 6 data (4 + 1) and the last block of ciphertext
	pk_ecb_enc256_aesni 5 data (4 + 1)
	pk_ecb_dec256_aesni 5 data (4 + 1)
	END
}

# FUNCTION STORES of an object: instructions whose destination is memory, and
# pushes of anything but the flags.
stores() {
	objdump -dr --no-show-raw-insn -j .noinstr.text "$1" | awk '
		/^[0-9a-f]+ <.*>:$/ { f = $2; gsub(/[<>:]/, "", f); next }
		!/^ *[0-9a-f]+:\t/ { next }
		{
			split($0, part, "\t")
			insn = part[2]; sub(/ *[#<].*/, "", insn)
			sub(/\{%k[1-7]\}$/, "", insn)	# a masked store
			if (insn ~ /nop/)	# padding, with prefixes
				next
			op = insn; sub(/ .*/, "", op)
			if (op ~ /^(cmp|test|bt|lea|call|jmp|j[a-z]+$|vptest)/)
				next
			if (op ~ /^push/ && op !~ /^pushf/) n[f]++
			else if (insn ~ /\)$/ && insn ~ /[ ,]/ && op !~ /^(push|pop)/) n[f]++
		}
		END { for (f in n) print f, n[f] }'
}

# Every store of a kernel's build is allowed.
check_build() {
	local dir=$1 seen

	seen=$(for o in "$dir"/kmod/x86/{slot,modes-aesni,gcm-aesni,gcm-avx512,hmac-sha1,hmac-sha256,hmac-sha512,xts-aesni,xts-vaes,xts-avx512}.o; do stores "$o"; done |
		sort)
	diff <(allowed | awk '{ print $1, $2 }' | sort) <(echo "$seen")
}

# General registers are in memory when there is an interrupt: none gets a part of a
# vector register.
# shellcheck disable=SC2317 # called by check
no_vectors_in_general() {
	local o

	for o in "$1"/kmod/x86/*-*.o; do
		if objdump -d --no-show-raw-insn -j .noinstr.text "$o" |
			grep -E '\s(v?p?movmsk|v?mov[dq]|v?pextr).*%[xyz]mm[0-9]+,%[er][^,]*$'; then
			echo "in $o"
			return 1
		fi
	done
}

built() {
	find "$top/build/modules" -mindepth 3 -maxdepth 3 -path '*-amd64/src/protkey.ko' \
		-printf '%h\n' | sort
}

# shellcheck disable=SC2317 # called by check
# The C part of the module must not touch vector registers at all.
no_vectors_in_c() {
	local o

	for o in "$1"/kmod/*.o "$1"/kmod/{crypto,selftest}/*.o "$1"/kmod/x86/isa.o; do
		if objdump -d --no-show-raw-insn "$o" | grep -q '%[xyz]mm'; then
			echo "$o uses vector registers"
			return 1
		fi
	done
}

for dir in $(built); do
	kver=$(basename "$(dirname "$dir")")
	check "$kver: every store in the assembly is a known one" check_build "$dir"
	check "$kver: none goes to a general register" no_vectors_in_general "$dir"
	check "$kver: compiled code uses no vector register" no_vectors_in_c "$dir"
done

last=$(built | head -1)
kver=$(basename "$(dirname "$last")")
if make -s -C "$top" modules BROKEN=spill KVER="$kver" >/dev/null 2>&1; then
	if check_build "$top/build/modules-broken-spill/$kver/src" >/dev/null; then
		fail "a spilled round key is found"
	else
		pass "a spilled round key is found"
	fi
else
	fail "the broken build builds"
fi

finish
