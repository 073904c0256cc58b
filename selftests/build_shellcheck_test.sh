#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every shell script of the repository is clean.
# check: group=build where=host timeout=500

set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
need_cmd shellcheck
cd "$PK_TOP" || exit

# Whatever has a shell's #! line or a "# shellcheck shell=" directive; the
# file need not be committed yet.
shell_scripts()
{
	find . \( -name .git -o -path ./build \) -prune -o -type f -print |
		while read -r file; do
			head -n 3 "$file" | tr -d '\0' |
				grep -qE '^#!.*\b(ba|da)?sh\b|^# shellcheck shell=' &&
				echo "${file#./}"
		done | sort
}

# SC2317 takes the functions that tests hand to check for unreachable
for file in $(shell_scripts); do
	check "$file" shellcheck -x -e SC2317 "$file"
done
finish
