/* SPDX-License-Identifier: GPL-2.0-only */
/* The command seal-key. */
#ifndef TLSD_SEAL_H
#define TLSD_SEAL_H

/* Returns the exit status. */
int seal_key(int argc, char **argv);

#endif
