/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The secrets to look for, from text files ("NAME HEX" a line) or from the
 * record stream of the module's leak-test build (see Documentation/leak-tests.md).
 */
#ifndef PK_LEAK_SECRETS_H
#define PK_LEAK_SECRETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECRET_MIN	8	/* shorter ones cannot be told from chance */
#define SECRET_MAX	255

struct secret {
	char name[64];
	uint8_t bytes[SECRET_MAX];
	size_t size;
	bool is_key;	/* look for AES schedules of its parts too */
};

struct secrets {
	struct secret *list;
	size_t count;
	size_t duplicates;	/* left out: the same bytes again */
	size_t public;		/* left out: known to everybody */
};

/*
 * Add the secrets of @file. Strict: a scan for secrets that were misread would
 * find nothing and prove nothing. 0, or -1 with a message on standard error.
 */
int secrets_read(struct secrets *secrets, const char *file);

/* Leave out those that @public has too: the keys of published test vectors. */
void secrets_drop_public(struct secrets *secrets, const struct secrets *public);

#endif
