# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For the tests of seal slots without the module, sourced after lib.sh.

# seal_build PROGRAM: userspace/tests/seal_slot.c with what it tests
seal_build()
{
	local cli=$PK_TOP/userspace/cli
	# shellcheck disable=SC2046 # words
	gcc -D_GNU_SOURCE -std=gnu11 -O2 -Wall -Wextra -I"$cli" \
		-I"$PK_TOP/userspace/include" -I"$PK_TOP/build/userspace/include" \
		-I"$PK_TOP/kmod" -I"$PK_TOP/kmod/uapi" -o "$1" \
		"$PK_TOP/userspace/tests/seal_slot.c" \
		"$cli"/{tpm,tpm_share,seal_tpm,seal_clevis,error,output,progress,file,context,passphrase}.c \
		"$PK_TOP/build/lib/libprotkey.a" -largon2 \
		$(pkg-config --cflags --libs json-c uuid libcrypto tss2-esys tss2-mu tss2-rc tss2-tctildr)
}

seal() { "$TMP/seal_slot" "$@"; }

# clean NAME: the last run left no KEK and no PIN in its memory
clean()
{
	# shellcheck disable=SC2154 # set by lib.sh
	is "$1: nothing left in memory" "$(grep '^left' <<< "$ktap_output" | tail -n 1)" "left 0"
}

# tang_on N: serves keys of its own on port tang_port + N of the loopback
declare -A tang_server
tang_port=${tang_port:-$((21000 + $$ % 5000 * 4))}
tang_on()
{
	mkdir -p "$TMP/tang$1"
	[ -n "$(ls "$TMP/tang$1")" ] || /usr/libexec/tangd-keygen "$TMP/tang$1"
	socat "TCP-LISTEN:$((tang_port + $1)),bind=127.0.0.1,fork,reuseaddr" \
		EXEC:"/usr/libexec/tangd $TMP/tang$1" 2> /dev/null &
	tang_server[$1]=$!
	cleanup_add kill "${tang_server[$1]}"
}
tang_off() { kill "${tang_server[$1]}"; }
tang_url() { echo "{\"url\":\"http://127.0.0.1:$((tang_port + $1))\"}"; }
