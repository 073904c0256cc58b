/* SPDX-License-Identifier: GPL-2.0-only */
/* The roster: every token with its key, for those who ask what there is. */
#ifndef PK_KTLS_ROSTER_H
#define PK_KTLS_ROSTER_H

#include <linux/types.h>

struct pk_domain;
struct pk_token;
struct protkey_ktls_list;

/* -ENOMEM. */
int pk_roster_enter(struct pk_token *t);
/* On return nobody looks at it; twice, or without having entered, is fine. */
void pk_roster_leave(struct pk_token *t);

/* The page of @d from id @cursor on. */
void pk_roster_list(const struct pk_domain *d, u64 cursor,
		    struct protkey_ktls_list *list);

#endif /* PK_KTLS_ROSTER_H */
