#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=firmware where=vm timeout=300
# `protkey fw check --alarm` on a machine that has no evidence locks the domains
# that asked for it, and no others.
# shellcheck disable=SC2317 # run through ktap_run
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_cli.sh
. "$(dirname "$0")/lib_cli.sh"
need_vm
need_cmd protkey jq
state_of() { json protkey domain show "$1" --json .state; }

cli_load
for domain in books mail other; do
	cli_domain $domain
done
cat > "$TMP/reference" << END
{"protkey-reference": 1, "name": "vm", "serial": 1, "banks": ["sha256"], "pcrs": [0],
"components": {"kernel": {"class": "kernel", "rule": "any", "required": true}}}
END
echo "on-bad = lock books mail nowhere" > "$TMP/conf"
bad() { protkey fw check --brief --config "$TMP/conf" --unsigned --reference "$TMP/reference" "$@"; }

expect_status 23 "no TPM: no evidence" bad
is "without --alarm nothing is locked" "$(state_of books)" unlocked
expect_err "domain 'nowhere' could NOT be locked" "with --alarm" bad --alarm
is "with --alarm: the verdict's status" "$ktap_status" 23
is "the first domain is locked" "$(state_of books)" locked
is "the second, too" "$(state_of mail)" locked
expect_out '"firmware no-evidence"' "the audit log has the verdict" env PROTKEY_AUDIT_LOG="$TMP/audit.log" \
	protkey audit show --json
is "one that did not ask is not" "$(state_of other)" unlocked
check "again, with all locked" sh -c "protkey fw check --brief --config $TMP/conf --unsigned --reference $TMP/reference --alarm; [ \$? = 23 ]"
cli_unlock books > /dev/null
expect_status 26 "no reference" protkey fw check --config "$TMP/conf" --alarm --reference "$TMP/none"
is "locks as well" "$(state_of books)" locked
finish
