#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=host timeout=500
# Evidence over TLS: `protkey fw verify --connect` with peers that answer, lie, are
# others, are slow, or say too much or too little; `protkey fw measure --answer`.
# TLS is socat's here.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd protkey swtpm swtpm_ioctl tpm2_quote openssl jq python3 socat
# shellcheck source=selftests/lib_fwcheck.sh
. "$(dirname "$0")/lib_fwcheck.sh"
R=$TMP/reference
P=$TMP/pki

# ---- who may ask, who may answer

mkdir "$P"
# authority NAME; issue CA NAME HOST
authority()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
		-keyout "$P/$1.key" -out "$P/$1.pem" 2> /dev/null
}
issue()
{
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" \
		-keyout "$P/$2.key" -out "$P/$2.csr" 2> /dev/null
	openssl x509 -req -in "$P/$2.csr" -CA "$P/$1.pem" -CAkey "$P/$1.key" -CAcreateserial \
		-extfile <(echo "subjectAltName=$3") -days 2 -out "$P/$2.pem" 2> /dev/null
}
authority ca
authority evil
issue ca web1 DNS:localhost,IP:127.0.0.1
issue ca judge DNS:judge.example
issue ca other DNS:other.example
issue evil fake DNS:localhost,IP:127.0.0.1
issue evil stranger DNS:judge.example

# ---- peers: serve CERT PROGRAM, which talks to one who asks; its port in $port

port=$((20000 + $$ % 10000))
serve()
{
	port=$((port + 1))
	socat "OPENSSL-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork,cert=$P/$1.pem,key=$P/$1.key,cafile=$P/ca.pem,verify=1" \
		"EXEC:$2" 2> /dev/null &
	cleanup_add kill $!
	listening
}
listening()
{
	for _ in {1..100}; do
		ss -ltn "sport = :$port" | grep -q LISTEN && return
		sleep 0.05
	done
}
# peer NAME: standard input becomes a program
peer() { { echo '#!/bin/bash'; cat; } > "$TMP/$1"; chmod 755 "$TMP/$1"; }
ask()
{
	protkey fw verify --connect --config /dev/null --reference "$R" --trust "$TMP/trust" \
		--ca "$P/ca.pem" --cert "$P/judge.pem" --key "$P/judge.key" --timeout 20 "$@"
}
# no_evidence PATTERN CLAIM ARGUMENT...
no_evidence()
{
	expect_err "$1" "${@:2:1}" ask "${@:3}"
	is "${2}: status" "$ktap_status" 23
}

fwc_tpm "$TMP/tpm"
fwc_boot good
fwc_signer anna
protkey fw reference make "$TMP/good/evidence" --out "$R" --pin --ima no-violation > /dev/null
fwc_sign "$R" anna > /dev/null

# a machine that measures its boot as asked
peer honest << END
read -r nonce
rm -rf "$TMP/asked"
mkdir "$TMP/asked"
echo "\$nonce" > "$TMP/asked/nonce"
set -u
TMP=$TMP PK_TOP=$PK_TOP AK=$AK TPM2TOOLS_TCTI=$TPM2TOOLS_TCTI PYTHON=$PYTHON
export TPM2TOOLS_TCTI
$(declare -f fwm fwc_evidence)
fwc_evidence asked
cat "$TMP/asked/evidence"
END
serve web1 "$TMP/honest"
honest=$port
expect_out '^trusted .*localhost' "a good boot, asked for over TLS, is trusted" ask "localhost:$port"
first=$(cat "$TMP/asked/nonce")
expect_out '2 machines, 2 trusted' "addresses are checked as names are, several in one run" \
	ask "127.0.0.1:$port" "localhost:$port"
check_not "each question has a nonce of its own" [ "$first" = "$(cat "$TMP/asked/nonce")" ]
fwc_measure bad vmlinuz=other
expect_err '^tampered ' "a boot of another kernel is not" ask "localhost:$port"
is "its status" "$ktap_status" 25
fwc_measure good

# ---- answers to other questions

peer replay <<< "cat $TMP/good/evidence"
serve web1 "$TMP/replay"
expect_err 'quote: it answers another request' "old evidence is a replay" ask "localhost:$port"
is "its status" "$ktap_status" 25
expect_err '1 trusted, 1 tampered' "evidence that was given to another question of this run, too" \
	ask "localhost:$honest" "localhost:$port"

# ---- no evidence: cut off, endless, slow, nothing

# shellcheck disable=SC2016 # for the peer
peer cut << END
read -r _
head -c 3000 "$TMP/good/evidence"
sleep 0.5
kill -9 \$PPID
END
serve web1 "$TMP/cut"
no_evidence 'answer was cut off' "an answer that is cut off" "localhost:$port"
peer short <<< "read -r _; head -c 3000 $TMP/good/evidence"
serve web1 "$TMP/short"
no_evidence 'no evidence that can be read' "one that ends too early, and says so" "localhost:$port"
peer silent <<< 'read -r _'
serve web1 "$TMP/silent"
no_evidence 'no evidence that can be read' "no answer" "localhost:$port"
peer endless <<< 'exec cat /dev/zero'
serve web1 "$TMP/endless"
no_evidence 'longer than 64 MiB' "an answer without end" "localhost:$port"
peer slow <<< 'read -r _; while sleep 0.2; do echo -n " "; done'
serve web1 "$TMP/slow"
no_evidence 'it took too long' "an answer that drips is waited for no longer than that" \
	"localhost:$port" --timeout 2
expect_err '1 trusted, 1 no evidence' "the next machine is asked all the same" \
	ask --timeout 4 "localhost:$port" "localhost:$honest"
port=$((port + 1))
no_evidence 'Connection refused' "nobody listens" "localhost:$port"
socat "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork" EXEC:"$TMP/silent" 2> /dev/null &
cleanup_add kill $!
listening
no_evidence 'TLS handshake failed' "no TLS" "localhost:$port"

# ---- somebody else

serve fake "$TMP/honest"
no_evidence 'certificate' "a certificate of another authority" "localhost:$port"
serve other "$TMP/honest"
no_evidence 'mismatch' "a certificate of another name" "localhost:$port"
expect_out '^trusted ' "unless it is the name that was asked for" ask "localhost:$port" --name other.example
no_evidence 'alert|cut' "we have none that the machine trusts" "localhost:$honest" \
	--cert "$P/stranger.pem" --key "$P/stranger.key"
port=$((port + 1))
socat "OPENSSL-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork,cert=$P/web1.pem,key=$P/web1.key,cafile=$P/ca.pem,verify=1,openssl-max-proto-version=TLS1.2" \
	EXEC:"$TMP/honest" 2> /dev/null &
cleanup_add kill $!
listening
no_evidence 'protocol version' "TLS 1.2" "localhost:$port"

# ---- arguments

expect_status 2 "no certificates" protkey fw verify --connect --config /dev/null --reference "$R" \
	--trust "$TMP/trust" "localhost:$honest"
expect_status 2 "a key of another certificate" ask "localhost:$honest" --key "$P/web1.key"
expect_status 2 "a certificate that is none" ask "localhost:$honest" --ca "$R"
expect_status 2 "an address without a port" ask localhost
expect_status 2 "a nonce of one's own" ask "localhost:$honest" --nonce "$TMP/good/nonce"

# ---- the machine's side: it answers once, and only to a nonce

export PROTKEY_TCTI=$TPM2TOOLS_TCTI
# shellcheck disable=SC2059 # it has escapes
answer() { printf "$1" | protkey fw measure --answer "${@:2}"; }
nonce=$(openssl rand -hex 32)
answer "$nonce\\n" > "$TMP/answer"
is "measure --answer: evidence, quoted with that nonce" "$(jq -r .quote.nonce "$TMP/answer")" "$nonce"
protkey fw reference enrol "$R" --from "$TMP/answer" --host here > /dev/null
fwc_sign "$R" anna > /dev/null
# this machine's own TPM has no log
expect_err '^no evidence .*event-log: ' "which is judged as any other: quoted, without a log here" \
	protkey fw verify --config /dev/null --reference "$R" --trust "$TMP/trust" \
	--nonce <(echo "$nonce") "$TMP/answer"
for bad in '' '\n' "${nonce:2}\\n" "$nonce" "${nonce:2}zz\\n" "${nonce}00\\n"; do
	expect_status 2 "no nonce: '$bad'" answer "$bad"
	check "no nonce: '$bad': no evidence" [ -z "$(answer "$bad" 2> /dev/null)" ]
done
expect_status 2 "--answer with other options" answer "$nonce\\n" --json
finish
