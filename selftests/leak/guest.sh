# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For what the leak tests and the demo run in the guest. Sourced.
#
# /share takes what the host reads, control.secrets above all. Disks: vda the
# stock volume, vdb protkey's.

set -euo pipefail
export PROTKEY_STATE_DIR=${PROTKEY_STATE_DIR:-/run/protkey-state}

step() { printf '[%5.1f s] %s\n' "$(cut -d ' ' -f 1 /proc/uptime)" "$*"; }

# The test build of the module, or the one that PK_MODULES names.
load_module()
{
	local file dependency
	file=$PK_TOP/build/${PK_MODULES:-modules-leaktest}/$PK_KVER/protkey.ko
	for dependency in $(modinfo -F depends "$file" | tr ',' ' '); do
		modprobe "$dependency"
	done
	modprobe -a dm-crypt aesni-intel
	insmod "$file"
}

# A stock LUKS2 volume as /dev/mapper/stock, with a key that the host is told.
open_stock()
{
	local device=$1
	mkdir -p /run/stock
	(umask 077; head -c 64 /dev/urandom > /run/stock/key)
	printf 'stock-volume-key %s\n' "$(xxd -p -c 64 /run/stock/key)" \
		> /share/control.secrets
	(umask 077; head -c 30 /dev/urandom | base64 > /run/stock/passphrase)
	cryptsetup luksFormat -q --type luks2 --cipher aes-xts-plain64 --key-size 512 \
		--pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
		--volume-key-file /run/stock/key --key-file /run/stock/passphrase "$device"
	rm /run/stock/key
	# without the keyring the key would be in the kernel twice
	cryptsetup open --key-file /run/stock/passphrase "$device" stock
}

# Domain and volume, with whatever passphrase comes from the file $1.
make_protkey()
{
	local passphrase=$1 device=$2
	protkey domain create ledger --passphrase-file "$passphrase" \
		--memory-kib 65536 --time 1
	protkey volume format "$device" --domain ledger --yes \
		--passphrase-file "$passphrase"
	protkey volume open "$device" ledger --passphrase-file "$passphrase"
}

# mount_new NAME: a file system on /dev/mapper/NAME at /mnt/NAME
mount_new()
{
	mkfs.ext4 -q "/dev/mapper/$1"
	mkdir -p "/mnt/$1"
	mount "/dev/mapper/$1" "/mnt/$1"
}

# load_ktls: for kTLS with peers on the host, and AF_ALG for sealed private keys
load_ktls()
{
	modprobe -a tls algif_aead virtio_net
	insmod "$PK_TOP/build/${PK_MODULES:-modules-leaktest}/$PK_KVER/protkey-ktls.ko"
}

# The network of QEMU's "user".
net_up()
{
	ip link set lo up
	ip link set eth0 up
	ip addr add 10.0.2.15/24 dev eth0
}

# wait_file NAME: until the host has made it in /share
wait_file()
{
	local i
	for ((i = 0; i < 15000; i++)); do
		[ ! -e "/share/$1" ] || return 0
		sleep 0.1
	done
	echo "the host does not say $1" >&2
	return 1
}
