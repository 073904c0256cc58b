#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=build where=host timeout=300
# The package of `make deb`: what is in it, that its programs run, that its
# copy of the module's source is the one that build_dkms builds.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd make gcc dpkg-shlibdeps

check "make deb" "$PK_TOP/scripts/deb" "$TMP" || finish
deb=$(echo "$TMP"/protkey_*.deb)
expect_out 'Depends: dkms, .*libcryptsetup12.*libjson-c5' "it names the libraries that it needs" \
	dpkg-deb --info "$deb"
check "unpack" dpkg-deb --raw-extract "$deb" "$TMP/root"
for file in usr/bin/protkey usr/bin/protkey-recover usr/include/protkey/uapi.h \
	usr/share/man/man1/protkey.1.gz usr/share/bash-completion/completions/protkey \
	"usr/lib/systemd/system/protkey-unlock@.service" usr/sbin/protkey-tlsd \
	usr/lib/systemd/system/protkey-fw.service usr/lib/systemd/system/protkey-fw.timer \
	usr/share/man/man5/protkey-tlsd.conf.5.gz usr/share/man/man8/protkey-tlsd.8.gz \
	usr/lib/systemd/system/protkey-tlsd.service \
	usr/lib/systemd/system/systemd-suspend.service.d/protkey.conf; do
	check "it has $file" test -f "$TMP/root/$file"
done
libraries=$(dirname "$(echo "$TMP"/root/usr/lib/*/libprotkey.so.0)")
check "protkey runs from it" env LD_LIBRARY_PATH="$libraries" \
	"$TMP/root/usr/bin/protkey" --help
check "protkey-tlsd runs from it" env LD_LIBRARY_PATH="$libraries" \
	"$TMP/root/usr/sbin/protkey-tlsd" --help
is "and it is linked with its own library" \
	"$(LD_LIBRARY_PATH=$libraries ldd "$TMP/root/usr/bin/protkey" |
		sed -n 's/.*libprotkey.so.0 => \([^ ]*\).*/\1/p')" "$libraries/libprotkey.so.0"
is "pkg-config finds it under /usr" \
	"$(PKG_CONFIG_PATH=$libraries/pkgconfig pkg-config --variable=prefix libprotkey)" /usr
DESTDIR=$TMP/copy "$PK_TOP/scripts/dkms-install" --copy-only
check "the module's source is that of scripts/dkms-install" \
	diff -r "$TMP/copy/usr/src" "$TMP/root/usr/src"
for script in postinst prerm; do
	check "$script is a script" sh -n "$TMP/root/DEBIAN/$script"
done
finish
