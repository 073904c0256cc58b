/* SPDX-License-Identifier: GPL-2.0-only */
/* What a domain demands of the boot that unlocks it. */
#ifndef PROTKEY_CLI_MEASURED_H
#define PROTKEY_CLI_MEASURED_H

#include "cli.h"

struct measured_options {
	bool demand, add, none;
	const char *pcrs;
};

#define MEASURED_OPTS(o) \
	{ "demand", 0, OPT_FLAG, &(o).demand, NULL, \
	  "demand a boot as this one, or as VALUE, quoted by this TPM" }, \
	{ "add", 0, OPT_FLAG, &(o).add, NULL, "accept VALUE as well" }, \
	{ "none", 0, OPT_FLAG, &(o).none, NULL, "demand nothing" }, \
	{ "pcrs", 0, OPT_TEXT, &(o).pcrs, "LIST", \
	  "with --demand: PCRs of the SHA-256 bank (default 4,7,8,9)" }

bool measured_given(const struct measured_options *options);

/*
 * The demand that is meant, where @state is that of now.  @values: digests in hex, or
 * files of evidence of boots that are to be accepted.  EXIT_OK, or a status, and said
 * why.
 */
int measured_fill(const struct measured_options *options, char **values, int count,
		  const struct protkey_state *state,
		  struct protkey_measured *measured);

/*
 * Where @state demands a measured boot: have this machine's TPM quote, for the next
 * unlock by @control.  EXIT_OK, or a status, and said why.
 */
int measured_answer(int control, const struct protkey_state *state);

/* What came of it: as fail_domain(). */
int fail_measured(int err, const char *name, const char *doing);

#endif
