# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For the tests of `protkey fw check` without machines, sourced after lib.sh: a
# software TPM, logs of fw/machine.py, keys that sign references.

# the system's own starts ten times as fast as one behind a chooser of versions
PYTHON=/usr/bin/python3
[ -x $PYTHON ] || PYTHON=python3
fwm() { "$PYTHON" "$PK_TOP/selftests/fw/machine.py" "$@"; }
fwc_port=$((30000 + $$ % 10000 * 2))
export TPM2TOOLS_TCTI=swtpm:host=127.0.0.1,port=$fwc_port
AK=0x81000010

# fwc_tpm DIR: a TPM with a key for quotes
fwc_tpm()
{
	mkdir -p "$1"
	swtpm socket --tpm2 --tpmstate "dir=$1" --server "type=tcp,port=$fwc_port" \
		--ctrl "type=tcp,port=$((fwc_port + 1))" --flags startup-clear \
		> /dev/null 2>&1 &
	fwc_pid=$!
	cleanup_add kill "$fwc_pid"
	for _ in {1..100}; do
		tpm2_getrandom 1 > /dev/null 2>&1 && break
		sleep 0.1
	done
	fwc_key ak ecc256:ecdsa-sha256:null restricted
	tpm2_evictcontrol -Q -C o -c "$TMP/ak" $AK
	tpm2_flushcontext -t
}
fwc_tpm_off() { kill "$fwc_pid" && wait "$fwc_pid" 2> /dev/null; }

fwc_reset()
{
	swtpm_ioctl --tcp "127.0.0.1:$((fwc_port + 1))" -i > /dev/null
	tpm2_startup -c
}

# fwc_measure NAME [CHANGE...]: the TPM measures a boot of this machine
fwc_measure()
{
	local changes saved=$TMP/extend.good
	mkdir -p "$TMP/$1"
	[ $# = 1 ] || saved=$TMP/extend
	if [ $# != 1 ] || [ ! -e "$saved" ]; then
		fwm extend "${@:2}" > "$saved"
	fi
	mapfile -t changes < "$saved"
	fwc_reset
	tpm2_pcrextend "${changes[@]}"
}

# fwc_evidence NAME [CHANGE...]: quote, and the log as of a boot with CHANGEs
fwc_evidence()
{
	local dir=$TMP/$1
	mkdir -p "$dir"
	[ -e "$dir/nonce" ] || openssl rand -hex 32 > "$dir/nonce"
	echo '{"secure_boot": {"state": "ok", "value": "on"}}' > "$dir/host"
	tpm2_quote -Q -c "${FWC_KEY:-$AK}" -l sha1:all+sha256:all -q "$(cat "$dir/nonce")" -g sha256 \
		-m "$dir/attest" -s "$dir/signature"
	tpm2_pcrread sha1:all+sha256:all > "$dir/pcrs"
	tpm2_flushcontext -t
	# of the one that most quotes are by it is known
	if [ -n "${FWC_KEY:-}" ] || [ ! -e "$TMP/ak.key" ]; then
		tpm2_readpublic -Q -c "${FWC_KEY:-$AK}" -o "$dir/key" -n "$dir/key-name"
		tpm2_flushcontext -t
		[ -n "${FWC_KEY:-}" ] || cp "$dir/key" "$TMP/ak.key"
		[ -n "${FWC_KEY:-}" ] || cp "$dir/key-name" "$TMP/ak.key-name"
	else
		cp "$TMP/ak.key" "$dir/key"
		cp "$TMP/ak.key-name" "$dir/key-name"
	fi
	fwm evidence "$dir" "${@:2}"
}

# fwc_key NAME ALGORITHM [ATTRIBUTE]: another key of this TPM, for FWC_KEY
fwc_key()
{
	tpm2_createprimary -Q -C o -G "$2" -c "$TMP/$1" \
		-a "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign|noda${3:+|$3}"
	# it is in the file; the TPM has room for three
	tpm2_flushcontext -t
}

# fwc_boot NAME [CHANGE...]: measured and logged alike
fwc_boot()
{
	fwc_measure "$@"
	fwc_evidence "$@"
}

# fwc_signer NAME [OPENSSL-OPTION...]: a key, and a certificate in $TMP/trust
fwc_signer()
{
	mkdir -p "$TMP/trust"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj "/CN=$1" -keyout "$TMP/$1.key" -out "$TMP/trust/$1.pem" \
		"${@:2}" 2> /dev/null
}

# fwc_sign REFERENCE NAME
fwc_sign()
{
	protkey fw reference sign "$1" --key "$TMP/$2.key" --cert "$TMP/trust/$2.pem"
}

# fwc_check NAME [OPTION]...: as JSON
fwc_check()
{
	protkey fw check --json --config /dev/null --reference "$TMP/reference" \
		--trust "$TMP/trust" --evidence "$TMP/$1/evidence" \
		--nonce "$TMP/$1/nonce" "${@:2}"
}

# trusted NAME CLAIM [OPTION]...
trusted() { expect_status 0 "$2" fwc_check "$1" "${@:3}"; }

# caught NAME STATUS KIND SUBJECT CLAIM [OPTION]...: the exit status, and a finding
# of this kind on this subject
caught()
{
	ktap_run fwc_check "$1" "${@:6}"
	# shellcheck disable=SC2154 # set by lib.sh
	[ "$ktap_status" = "$2" ] && sed '/^protkey: warning/d' <<< "$ktap_output" |
		jq -e --arg kind "$3" --arg subject "^($4)\$" \
			'any(.findings[]; .kind == $kind and (.subject | test($subject)))' > /dev/null
	ktap_verdict "$5" "status $2, $3: $4" fwc_check "$1" "${@:6}"
}
