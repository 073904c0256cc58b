#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=domain where=host kernels=6.12 timeout=120
# The TPM's side of a seal slot against swtpm, without the module: policy, PIN,
# lock-out, once in a boot, another or no TPM, what stays in memory, and what the
# bus shows.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd gcc swtpm tpm2_pcrextend pkg-config
# shellcheck source=selftests/lib_seal.sh
. "$(dirname "$0")/lib_seal.sh"
check "build" seal_build "$TMP/seal_slot" || finish

# ---- a TPM, and a bus that is listened to

port=$((20000 + $$ % 10000 * 2))
export TSS2_LOG=all+NONE
export PROTKEY_TCTI=swtpm:host=127.0.0.1,port=$port
export TPM2TOOLS_TCTI=$PROTKEY_TCTI

# tpm_on DIR: switched on, measured boot of a kind
tpm_on()
{
	mkdir -p "$1"
	swtpm socket --tpm2 --tpmstate "dir=$1" --server "type=tcp,port=$port" \
		--ctrl "type=tcp,port=$((port + 1))" --flags startup-clear \
		--log "file=$TMP/bus,level=20" > /dev/null 2>&1 &
	tpm=$!
	cleanup_add kill "$tpm"
	for _ in {1..50}; do
		tpm2_getrandom 1 > /dev/null 2>&1 && break
		sleep 0.1
	done
	for pcr in 4 7 8 9; do
		tpm2_pcrextend "$pcr:sha256=$(printf %064d "$pcr")"
	done
}
# in order, or the TPM counts it as a wrong PIN
tpm_off() { tpm2_shutdown -c; kill "$tpm" && wait "$tpm" 2> /dev/null; }
tpm_reset() { tpm_off; tpm_on "$1"; }

tpm_on "$TMP/tpm"
check "seal, unattended" seal make "$TMP/auto" 4,7,8,9
clean "seal"
check "seal with a PIN" seal make "$TMP/pin" --pin 2718281828 4,7,8,9
clean "seal with a PIN"
check "unseal" seal open "$TMP/auto"
clean "unseal"
expect_err "opens so only once" "again in this boot" seal open "$TMP/auto"
is "again in this boot: status" "$ktap_status" 10
check "seal after that: the PCR's value at boot is known" seal make "$TMP/later" 4,7,8,9
check "with the PIN" seal open "$TMP/pin" --pin 2718281828
clean "with the PIN"
SEAL_TPM_LEAK=1 expect_out "left [1-9]" "the scan finds what is still there (control)" \
	seal open "$TMP/pin" --pin 2718281828
check "with the PIN, as often as one likes" seal open "$TMP/pin" --pin 2718281828
expect_err "PCR 15 has been extended by something else" "a spent PCR 15" \
	bash -c "tpm2_pcrextend 15:sha256=$(printf %064d 1) && '$TMP/seal_slot' make '$TMP/no' 4,7"

# ---- what the bus shows

kek=$(for ((i = 0; i < 32; i++)); do printf '%02X ' $(((i * 37 + 11) % 256)); done)
tr -s '\n ' ' ' < "$TMP/bus" > "$TMP/bus.line"
check_not "the KEK is not on the bus" grep -q "${kek:0:45}" "$TMP/bus.line"
echo -n "0123456789abcdef0123456789abcdef" > "$TMP/known"
tpm2_createprimary -Q -C o -c "$TMP/ctx" && tpm2_create -Q -C "$TMP/ctx" -i "$TMP/known" \
	-u "$TMP/pub" -r "$TMP/priv"
tpm2_flushcontext -t
tr -s '\n ' ' ' < "$TMP/bus" > "$TMP/bus.line"
check "what is sent without encryption is (control)" grep -q "30 31 32 33 34 35 36 37" "$TMP/bus.line"

# ---- the next boot

tpm_reset "$TMP/tpm"
check "after a restart" seal open "$TMP/later"
tpm_reset "$TMP/tpm"
tpm2_pcrextend "9:sha256=$(printf %064d 77)"
expect_err "PCR 9 changed" "another initrd: names the PCR" seal open "$TMP/auto"
is "another initrd: status" "$ktap_status" 10
expect_err "PCR 9 changed" "another initrd, with the PIN" seal open "$TMP/pin" --pin 2718281828
tpm2_pcrextend "7:sha256=$(printf %064d 78)"
expect_err "PCR 7,9 changed" "and other keys of Secure Boot" seal open "$TMP/auto"

# ---- PIN and lock-out

tpm_reset "$TMP/tpm"
tpm2_dictionarylockout -s -n 3 -t 600 -l 600
expect_err "wrong PIN; the TPM allows 2 more wrong ones" "wrong PIN" seal open "$TMP/pin" --pin 0000000000
is "wrong PIN: status" "$ktap_status" 8
expect_err "wrong PIN; the TPM allows 1 more wrong one " "wrong PIN again" seal open "$TMP/pin" --pin 0000000000
expect_err "wrong PIN" "wrong PIN, third" seal open "$TMP/pin" --pin 0000000000
expect_err "locked out after 3 wrong PINs.* 600 seconds" "locked out, with the right PIN" \
	seal open "$TMP/pin" --pin 2718281828
check "locked out: a slot without PIN still opens" seal open "$TMP/auto"
tpm2_dictionarylockout -c
check "after the lock-out the right PIN opens" seal open "$TMP/pin" --pin 2718281828
tpm2_dictionarylockout -s -n 32 -t 600 -l 600

# ---- the storage root key: persistent if there is one

tpm2_createprimary -Q -C o -g sha256 -G ecc256:aes128cfb -c "$TMP/srk" \
	-a 'restricted|decrypt|fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda'
tpm2_evictcontrol -Q -C o -c "$TMP/srk" 0x81000001
tpm2_flushcontext -t
check "seal below the persistent key" seal make "$TMP/persistent" --pin 31415926 7
tpm2_changeauth -Q -c owner secret
check "opens also when the owner has a password" seal open "$TMP/persistent" --pin 31415926
expect_err "owner hierarchy has a password" "a made key does not: says so" seal open "$TMP/pin" --pin 2718281828
tpm2_changeauth -Q -c owner -p secret
tpm2_evictcontrol -Q -C o -c 0x81000001

# ---- cleared, another one, none

tpm2_clear -Q -c p
expect_err "it was cleared since" "a cleared TPM" seal open "$TMP/pin" --pin 2718281828
is "a cleared TPM: status" "$ktap_status" 8
expect_err "it was cleared since" "a cleared TPM, persistent key" seal open "$TMP/persistent" --pin 31415926
tpm_off
tpm_on "$TMP/other"
expect_err "did not make the slot" "another TPM" seal open "$TMP/auto"
tpm_off
expect_err "there is no TPM 2.0" "no TPM" seal open "$TMP/auto"
is "no TPM: status" "$ktap_status" 5
for file in auto pin; do
	kek=0b3055
	check_not "$file: the data do not have the KEK" grep -q "$kek" <(xxd -p "$TMP/$file" | tr -d '\n')
done

# ---- the unit for boot

if command -v systemd-analyze > /dev/null; then
	sed "s|@BINDIR@|$PK_TOP/build/bin|" "$PK_TOP/userspace/systemd/protkey-unlock@.service.in" \
		> "$TMP/protkey-unlock@ledger.service"
	check "systemd accepts the unit" systemd-analyze verify --man=no --recursive-errors=no \
		"$TMP/protkey-unlock@ledger.service"
	is "and says nothing about it" "$ktap_output" ""
else
	skip "systemd accepts the unit" "no systemd-analyze"
fi
finish
