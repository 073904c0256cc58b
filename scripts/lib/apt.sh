# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# apt without questions, without a race with another apt. Sourced.

apt_get()
{
	# as root, not as _apt, which may not write where we download to
	DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		-o DPkg::Lock::Timeout=900 -o Acquire::Retries=3 \
		-o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 \
		"$@" < /dev/null > /dev/null
}

# At most once per run. A third party's source that cannot be reached is no
# reason to stop: the install says whether something is really missing.
apt_update()
{
	[ -z "${apt_updated:-}" ] || return 0
	apt_updated=1
	retry 3 apt_get update || note "apt-get update failed, going on with the old lists"
}
