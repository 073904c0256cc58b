// SPDX-License-Identifier: GPL-2.0-only
/* UEFI Secure Boot: whether it is on, and with whose keys. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host_read.h"
#include "siglist.h"

#define EFIVARS	"sys/firmware/efi/efivars/"
#define GLOBAL	"8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define SECURITY "d719b2cb-3d3a-4596-a3bc-dad00e67656f"
#define SHIM	"605dab50-e046-4300-abb6-3dd810dd8b23"

#define ATTRIBUTES	4		/* come before the variable's data */
#define VARIABLE_ROOM	(1U << 20)

/* Words in certificates of keys whose private halves are public. */
static const char *const test_words[] = {
	"DO NOT TRUST", "DO NOT SHIP", "SnakeOil", NULL
};

/* Without UEFI, or where its variables are not to be seen, says so. */
static bool says_no_uefi(const struct host *host, struct host_fact *fact,
			 enum host_state without)
{
	int uefi = host_exists(host, "sys/firmware/efi");
	int sys = host_exists(host, "sys/firmware");

	if (uefi == 0 && sys == 1) {
		host_say(fact, without, "no (not booted by UEFI)");
		return true;
	}
	if (uefi != 1) {
		host_unread(fact, uefi ? uefi : -ENOENT, "/sys/firmware/efi");
		return true;
	}
	return false;
}

static int any(const struct host *host, const char *name, void *arg)
{
	(void)host, (void)name, (void)arg;
	return 1;
}

/* -ENOENT only if the variables are to be seen and this is not among them. */
static int missing(const struct host *host, int err)
{
	if (err == -ENOENT && host_list(host, EFIVARS, "", any, NULL) != 1)
		return -ENODATA;
	return err;
}

static void unread(struct host_fact *fact, int err, const char *what)
{
	if (err == -ENODATA)
		host_say(fact, HOST_UNKNOWN, "efivarfs is not mounted");
	else
		host_unread(fact, err, what);
}

/* A variable of one byte, 0 or 1. */
static int read_bool(const struct host *host, const char *name)
{
	uint8_t var[ATTRIBUTES + 2];
	ssize_t got = host_bytes(host, var, sizeof(var), 0, EFIVARS "%s", name);

	if (got < 0)
		return missing(host, (int)got);
	return got == ATTRIBUTES + 1 && var[ATTRIBUTES] <= 1 ?
	       var[ATTRIBUTES] : -EBADMSG;
}

void host_read_secure_boot(const struct host *host, struct host_fact *fact)
{
	int on, unchecked;

	if (says_no_uefi(host, fact, HOST_BAD))
		return;
	on = read_bool(host, "SecureBoot-" GLOBAL);
	if (on == -ENOENT)
		return host_say(fact, HOST_BAD, "this firmware has none");
	if (on < 0)
		return unread(fact, on, "SecureBoot");
	if (!on)
		return host_say(fact, HOST_BAD, "off");
	unchecked = read_bool(host, "MokSBStateRT-" SHIM);
	if (unchecked < 0 && unchecked != -ENOENT)
		return unread(fact, unchecked, "MokSBStateRT");
	if (unchecked > 0)
		return host_say(fact, HOST_BAD,
				"on, but shim is told to check nothing");
	host_say(fact, HOST_OK, "on");
}

void host_read_setup_mode(const struct host *host, struct host_fact *fact)
{
	int setup;

	if (says_no_uefi(host, fact, HOST_NA))
		return;
	setup = read_bool(host, "SetupMode-" GLOBAL);
	if (setup < 0)
		return unread(fact, setup, "SetupMode");
	host_say(fact, setup ? HOST_BAD : HOST_OK, "%s",
		 setup ? "on: root can enrol any key" : "off");
}

/* How many signatures these lists have; -EBADMSG unless they fit exactly. */
static int count_signatures(const uint8_t *at, size_t left)
{
	struct bytes in = { at, left };
	struct signature_list list;
	int count = 0;

	while (take_signature_list(&in, &list))
		count += (int)(list.entries.left / list.each);
	return in.left ? -EBADMSG : count;
}

static const char *find_test_word(const uint8_t *at, size_t size)
{
	const char *const *word;
	size_t i, len;

	for (word = test_words; *word; word++) {
		len = strlen(*word);
		for (i = 0; i + len <= size; i++)
			if (!strncasecmp((const char *)at + i, *word, len))
				return *word;
	}
	return NULL;
}

/* How many signatures a variable has; @word: of a test key, or NULL. */
static int read_keys(const struct host *host, const char *name,
		     const char **word)
{
	uint8_t *var = malloc(VARIABLE_ROOM);
	ssize_t got;
	int ret;

	if (!var)
		return -ENOMEM;
	got = host_bytes(host, var, VARIABLE_ROOM, 0, EFIVARS "%s", name);
	if (got < 0)
		ret = missing(host, (int)got);
	else if (got < ATTRIBUTES || got == VARIABLE_ROOM)
		ret = -EBADMSG;
	else
		ret = count_signatures(var + ATTRIBUTES,
				       (size_t)got - ATTRIBUTES);
	*word = ret > 0 ? find_test_word(var + ATTRIBUTES,
					 (size_t)got - ATTRIBUTES) : NULL;
	free(var);
	return ret;
}

void host_read_keys(const struct host *host, struct host_fact *fact)
{
	static const struct {
		const char *name, *variable;
	} keys[] = {
		{ "PK", "PK-" GLOBAL },
		{ "KEK", "KEK-" GLOBAL },
		{ "db", "db-" SECURITY },
	};
	const char *word;
	int count[3];
	size_t i;

	if (says_no_uefi(host, fact, HOST_NA))
		return;
	for (i = 0; i < 3; i++) {
		count[i] = read_keys(host, keys[i].variable, &word);
		if (count[i] == -ENOENT || !count[i])
			return host_say(fact, HOST_BAD, "there is no %s",
					keys[i].name);
		if (count[i] < 0)
			return unread(fact, count[i], keys[i].name);
		if (word)
			return host_say(fact, HOST_BAD,
					"%s has a test key (\"%s\"): its private half is public",
					keys[i].name, word);
	}
	host_say(fact, HOST_OK, "PK %d, KEK %d, db %d", count[0], count[1],
		 count[2]);
}

void host_read_dbx(const struct host *host, struct host_fact *fact)
{
	const char *word;
	int count;

	if (says_no_uefi(host, fact, HOST_NA))
		return;
	count = read_keys(host, "dbx-" SECURITY, &word);
	if (count == -ENOENT || !count)
		return host_say(fact, HOST_BAD,
				"empty: boot loaders that were revoked still run");
	if (count < 0)
		return unread(fact, count, "dbx");
	host_say(fact, HOST_OK, "%d entr%s", count, count == 1 ? "y" : "ies");
}
