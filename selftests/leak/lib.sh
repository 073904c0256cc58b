# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For the leak tests and the demo: reading pk-scan's reports. Sourced.

# scan_total FIELD REPORT: a number of the "total" object of pk-scan --json
scan_total() { sed -n "s/^\"total\":.*\"$1\":\([0-9]*\).*/\1/p" "$2"; }
