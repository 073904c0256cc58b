/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands of `protkey tls` and `protkey status` share. */
#ifndef PROTKEY_CLI_TLS_H
#define PROTKEY_CLI_TLS_H

#include "cli.h"

int cmd_tls_list(const struct command *cmd, int argc, char **argv);
int cmd_tls_metrics(const struct command *cmd, int argc, char **argv);

/* One domain of the module. */
struct tls_domain {
	struct protkey_domain_info info;
	struct protkey_ktls_status status;
	struct protkey_ktls_list totals;	/* its last page: no entries */
	struct protkey_ktls_entry *entries;
	size_t count;
};

struct tls_view {
	bool loaded;		/* protkey-ktls; else nothing but info is filled */
	struct tls_domain *domains;
	size_t count;
};

/* All domains of the module, or the one called @name. */
int tls_view_load(const char *name, struct tls_view *view);
void tls_view_free(struct tls_view *view);

/* How many keys are in this state, and have this direction; 0: any. */
size_t tls_count(const struct tls_domain *domain, unsigned int state,
		 unsigned int direction);

const char *tls_state_name(unsigned int state);
const char *tls_direction_name(unsigned int direction);

#endif
