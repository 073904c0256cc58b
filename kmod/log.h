/* SPDX-License-Identifier: GPL-2.0-only */
/* Included before everything else, by the command line: one log prefix. */
#define pr_fmt(fmt) "protkey: " fmt
