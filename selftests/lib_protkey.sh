# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For the tests that drive protkey.ko by pk-keytool and protkey_test.ko. Sourced
# after lib.sh.

PKT=/sys/kernel/debug/protkey_test
KEK=$(printf '5a%.0s' {1..32})
export PKT KEK

# Order matters: see selftests/modules/online.c.
# load_both: protkey_test.ko, then protkey.ko
load_both()
{
	need_vm
	load_test_module || {
		fail "load protkey_test.ko"
		finish
	}
	load_protkey
}

# new_domain NAME: its sealed state is $TMP/NAME.state
new_domain() { must pk-keytool domain-create "$1" "$KEK" "$TMP/$1.state"; }

unlock_domain() { pk-keytool domain-unlock "$TMP/$1.state" "$KEK"; }

hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }

# new_key DOMAIN [TYPE]: random, $TMP/key.clear and $TMP/key.blob
new_key()
{
	local size=64
	case ${2:-} in xts-128 | aes-256 | hmac-256) size=32 ;; esac
	head -c $size /dev/urandom > "$TMP/key.clear"
	must pk-keytool key-import "$1" "${2:-xts-256}" "$(hex "$TMP/key.clear")" \
		"$TMP/key.blob"
	[ ! -d "$PKT" ] || use_key "$TMP/key.blob" "$TMP/key.clear"
}

# use_key BLOB CLEAR: for the runs of protkey_test.ko that follow
use_key()
{
	cat "$1" > "$PKT/cipher_blob"
	cat "$2" > "$PKT/cipher_clear"
}

# vault FIELD: of `pk-keytool status`
vault() { pk-keytool status | sed -n "s/^$1=//p"; }

# domain NAME FIELD
domain() { pk-keytool domain-info "$1" | sed -n "s/^$2=//p"; }

# result FIELD: of the last run of protkey_test.ko; 0 if it has none
result()
{
	local value
	value=$(sed -n "s/^$1 //p" "$PKT/cipher_result")
	echo "${value:-0}"
}

# cipher_run MODE [OPTION=VALUE]...: status 0 if every result was right
cipher_run()
{
	local status=0
	# in a shell of its own, which prints the error of the write
	( echo "$*" > "$PKT/cipher_run" ) || status=1
	cat "$PKT/cipher_result"
	return $status
}

# storm_start MICROSECONDS any|all|CPU
storm_start() { echo "start $*" > "$PKT/dr_storm"; }
storm_stop() { echo stop > "$PKT/dr_storm"; }

provoke() { ( echo "$1" > "$PKT/provoke" ) 2> /dev/null; }

# show_registers_warn: the kernel's log of a WARN, without what was before
log_of()
{
	dmesg -C
	"$@" > /dev/null 2>&1
	sleep 0.3
	dmesg
}
