/* SPDX-License-Identifier: GPL-2.0-only */
/* Words of roles and factors; both: a status, and said why. */
#ifndef PROTKEY_CLI_PERSON_H
#define PROTKEY_CLI_PERSON_H

#include "cli.h"

/* "operator,user" */
int roles_parse(const char *text, __u32 *roles);
/* "totp-sha1" */
int factor_parse(const char *text, __u16 *factor);

#endif
