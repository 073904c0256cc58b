#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In the guest of leak_passphrase_test: makes a domain by each way in which a
# passphrase can come, then one dump.

# shellcheck source=selftests/leak/guest.sh
. "$(dirname "$0")/guest.sh"

create() { protkey domain create "$@" --memory-kib 16384 --time 1; }

case ${1:-} in
create)
	create "$2" --passphrase-file /run/passphrase
	exit ;;
create-from-file)
	while [ ! -e /run/kept ]; do sleep 0.1; done
	create "$2" --passphrase-file /run/kept
	exit ;;
create-at-terminal)
	create "$2"
	exit ;;
esac

load_module
pk-passphrase --terminal /run/passphrase "$0" create-at-terminal a
pk-passphrase /run/passphrase "$0" create b
pk-passphrase --file /run/kept "$0" create-from-file c
pk-passphrase --pipe /run/passphrase "$0" create d
vm-dump passphrases
