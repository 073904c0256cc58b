#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=cipher where=vm timeout=120 vm="--smp 2 --mem 768"
#
# Who may set a key: CAP_SYS_ADMIN of the initial user namespace, or a process
# with a session that it opened on the domain's node.

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib_protkey.sh
. "$(dirname "$0")/lib_protkey.sh"

need_cmd setpriv unshare
user=65534
iv=000102030405060708090a0b0c0d0e0f
data=$(printf '%02x' {0..31})

as_user() { setpriv --reuid "$user" --regid "$user" --clear-groups "$@"; }
without_cap() { setpriv --bounding-set=-sys_admin --inh-caps=-all "$@"; }
as_other() { setpriv --reuid 65533 --regid 65533 --clear-groups "$@"; }
in_container() { unshare --user --map-root-user --mount --pid --fork "$@"; }
user_in_container() { as_user unshare --user --map-root-user "$@"; }

load_both
new_domain d
new_key d
chmod 755 "$TMP"
chmod 644 "$TMP/key.blob"
# the tree may be where only root can go
cp "$(command -v pk-keytool)" "$TMP/"
PATH=$TMP:$PATH
# the first use loads modules, which not everybody may
check "root" pk-keytool set-key "$TMP/key.blob"

expect_err 'set-key: EACCES' "an unprivileged user" \
	as_user pk-keytool set-key "$TMP/key.blob"
expect_err 'set-key: EACCES' "root without CAP_SYS_ADMIN" \
	without_cap pk-keytool set-key "$TMP/key.blob"
expect_err 'set-key: EACCES' "root in a container" \
	in_container pk-keytool set-key "$TMP/key.blob"
expect_err 'set-key: EACCES' "a user who is root in a container" \
	user_in_container pk-keytool set-key "$TMP/key.blob"

expect_err 'EACCES' "a user cannot open the domain's node" \
	as_user pk-keytool session d true
expect_err 'EACCES' "nor the control node" as_user pk-keytool status
is "the nodes are for root only" "$(stat -c %a /dev/protkey/d /dev/protkey/control | paste -sd ' ')" "600 600"

# ---- a session, by whoever may open the node ----------------------------------------

chown $user /dev/protkey/d
expect_err 'set-key: EACCES' "the owner of the node, without a session" \
	as_user pk-keytool set-key "$TMP/key.blob"
check "the owner of the node, with a session" \
	as_user pk-keytool session d pk-keytool set-key "$TMP/key.blob"
expect_out '^data=' "who can also encrypt" \
	as_user pk-keytool session d pk-keytool encrypt "$TMP/key.blob" $iv "$data"
expect_err 'set-key: EACCES' "but not his children" \
	as_user pk-keytool session d timeout 30 pk-keytool set-key "$TMP/key.blob"
is "sessions end with their process" "$(domain d sessions)" 0

new_domain e
must pk-keytool key-generate e xts-256 "$TMP/e.blob"
chmod 644 "$TMP/e.blob"
expect_err 'set-key: EACCES' "a session is for its own domain" \
	as_user pk-keytool session d pk-keytool set-key "$TMP/e.blob"
expect_err 'EALREADY' "one session for each open file" \
	as_user pk-keytool session-twice d

check "lock" pk-keytool domain-lock d
expect_err 'session: ENOKEY' "no session of a locked domain" pk-keytool session d true
expect_err 'set-key: EACCES' "others are not told that it is locked" \
	as_other pk-keytool set-key "$TMP/key.blob"
finish
