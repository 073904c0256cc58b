#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=vault where=vm timeout=400 vm="--smp 2 --mem 768"
#
# Debug registers overwritten in the middle of I/O: no output under a wrong key,
# repair from another CPU, and everything locked if there is none.

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_protkey.sh
. "$(dirname "$0")/lib_protkey.sh"

locked=3

load_both
new_domain d
new_key d

# ---- the comparison itself can fail --------------------------------------------

head -c 64 /dev/urandom > "$TMP/other"
use_key "$TMP/key.blob" "$TMP/other"
check_not "control: another key is noticed" cipher_run storm requests=100
is "control: all hundred are wrong" "$(result wrong)" 100
use_key "$TMP/key.blob" "$TMP/key.clear"

# ---- one request repairs ----------------------------------------------------------

echo "1 0x1234567" > "$PKT/dr_write"
is "control: CPU 1 lost its half" "$(cat "$PKT/dr_equal")" 0
check "a request on CPU 1 succeeds" cipher_run storm requests=1 threads=1 cpu=1
sleep 0.5
is "CPU 1 is repaired by it" "$(cat "$PKT/dr_equal") $(vault repairs)" "1 1"

# ---- one CPU at a time --------------------------------------------------------

must storm_start 500 any
# on one kernel in full, which takes a minute
[ "$PK_KERNEL" = 6.1 ] && [ "${PK_LONG:-0}" = 0 ] && requests=250000 || requests=1000000
check "$requests requests while CPUs lose their half" cipher_run storm requests="$requests"
storm_stop
read -r hits skipped < "$PKT/dr_storm"
diag "$hits times overwritten, $skipped times left; $(result milliseconds) ms," \
	"ok $(result ok), queued $(result queued), errors $(result errors);" \
	"mismatches $(vault mismatches), repairs $(vault repairs)"
is "none is wrong" "$(result wrong)" 0
is "the registers were overwritten often" "$((hits > 100))" 1
is "it was noticed" "$(( $(vault mismatches) > 100 ))" 1
is "CPUs were repaired" "$(( $(vault repairs) > 100 ))" 1
is "99 % of the requests succeeded" "$(( $(result ok) > requests * 99 / 100 ))" 1
is "nothing was lost" "$(vault losses) $(vault lost)" "0 0"
check "requests of all lengths are right afterwards" cipher_run diff requests=500
is "all CPUs hold the same half" "$(cat "$PKT/dr_equal")" 1

must storm_start 2000 any
check "the same with requests of several sections" \
	cipher_run storm requests=20000 min=4096 max=8192
storm_stop

# ---- all CPUs at once -----------------------------------------------------------

epoch=$(vault epoch)
cipher_run storm requests=0 seconds=4 min=512 max=8192 > "$TMP/all" 2>&1 &
sleep 1.5
echo "all 0x1234567" > "$PKT/dr_write"
wait $!
is "all CPUs overwritten under load: no wrong output" $? 0
is "requests succeed before and fail after" \
	"$(( $(result ok) > 0 && $(result errors) > 0 ))" 1
diag "$(tr '\n' ' ' < "$TMP/all")"
is "the loss is counted" "$(vault losses)" 1
is "the status says that there is no key" "$(vault ready) $(vault lost)" "0 1"
is "the domain is locked" "$(domain d state)" $locked
expect_err ENOKEY "its keys cannot be set" pk-keytool set-key "$TMP/key.blob"

check "unlock" unlock_domain d
is "there is a new wrapping key" "$(( $(vault epoch) > epoch )) $(vault ready) $(vault lost)" "1 1 0"
is "on all CPUs" "$(cat "$PKT/dr_equal") $(vault cpus_ready)" "1 2"
check "the key works again" cipher_run diff requests=500

# ---- an open handle survives ----------------------------------------------------

cipher_run storm requests=0 seconds=5 > "$TMP/reopen" 2>&1 &
sleep 1.5
echo "all 0" > "$PKT/dr_write"
sleep 1
check "unlock after all registers went to zero under load" unlock_domain d
wait $!
is "no output under a zero key" $? 0
is "requests failed in between, and succeed again" \
	"$(( $(result ok) > 100 && $(result errors) > 0 ))" 1
diag "$(tr '\n' ' ' < "$TMP/reopen")"

# ---- lock and wipe against running requests ---------------------------------------

cipher_run storm requests=0 seconds=10 min=512 max=8192 > "$TMP/lock" 2>&1 &
storm=$!
sleep 1
expect_out '^cycles=' "lock and unlock under load, again and again" \
	pk-keytool domain-cycle d "$TMP/d.state" "$KEK" 8
cycles=${ktap_output#cycles=}
wait $storm
is "no wrong output" $? 0
diag "$cycles cycles; $(tr '\n' ' ' < "$TMP/lock")"
is "the lock did hit running requests" \
	"$(( cycles > 20 && $(result ok) > 100 && $(result errors) > 0 ))" 1
is "refused only with ENOKEY" "$(result errno_126)" "$(result errors)"
is "no lock was taken for tamper" "$(vault losses)" 2
finish
