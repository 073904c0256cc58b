#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: group=build where=host kernels=6.12 timeout=300
# The copy that scripts/dkms-install makes builds by the command in dkms.conf.
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd make gcc

DESTDIR=$TMP check "copy the source" "$PK_TOP/scripts/dkms-install" --copy-only || finish
# what dkms sets, and how it lays out its tree
release=$("$PK_TOP/scripts/kernels" release "${PK_KERNEL:-6.1}")
# shellcheck disable=SC2034 # used by dkms.conf
kernel_source_dir=/usr/src/linux-headers-$release
dkms_tree=$TMP/dkms
# shellcheck source=dkms.conf
. "$PK_TOP/dkms.conf"
build=$dkms_tree/$PACKAGE_NAME/$PACKAGE_VERSION/build
mkdir -p "${build%/*}"
mv "$TMP/usr/src/$PACKAGE_NAME-$PACKAGE_VERSION" "$build"

check "build for $release" sh -c "${MAKE[0]}"
for name in "${BUILT_MODULE_NAME[@]}"; do
	expect_out "^${release//+/\\+} " "$name is for this kernel" \
		modinfo -F vermagic "$build/$name.ko"
done
check "clean" sh -c "$CLEAN"
is "clean leaves no object" "$(find "$build" -name '*.o')" ""
finish
