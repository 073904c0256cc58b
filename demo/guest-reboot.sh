#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In the guest of scripts/demo, second boot: the normal build of the module
# unlocks the domain, opens the volume and the ledger is verified, continued
# and verified again.

# shellcheck source=selftests/leak/guest.sh
. "$(dirname "$0")/../selftests/leak/guest.sh"

passphrase=/share/passphrase

step "rebooted: loading the module (the normal build)"
load_module
step "unlocking the domain, opening the volume"
protkey domain unlock ledger --passphrase-file $passphrase
protkey volume open /dev/vdb ledger --passphrase-file $passphrase
mkdir -p /mnt/ledger
mount /dev/mapper/ledger /mnt/ledger
step "verifying every block and state entry"
pk-ledger verify --dir /mnt/ledger --json > /share/rebooted.json &
verifier=$!
sleep 2
vm-dump normal-build
wait "$verifier"
step "appending to the ledger, verifying again"
pk-ledger write --dir /mnt/ledger --mib 5 --seed 2 --json > /share/append.json
pk-ledger verify --dir /mnt/ledger --json > /share/appended.json
step "closing, locking"
umount /mnt/ledger
protkey volume close ledger
protkey domain lock ledger
rmmod protkey
