// SPDX-License-Identifier: GPL-2.0-only
/* protkey key generate, protkey key import */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "key.h"

#define CLEAR_ROOM	64	/* the longest key */

struct make_options {
	const char *domain;
	const char *type;
	const char *output;
	const char *usage;
	const char *volume;
	const char *not_before;
	const char *not_after;
};

#define MAKE_OPTIONS(o)							\
	{ "domain", 'd', OPT_TEXT, &(o).domain, "NAME",			\
	  "domain that the key belongs to" },				\
	{ "type", 't', OPT_TEXT, &(o).type, "TYPE",			\
	  "aes-128 aes-192 aes-256 xts-128 xts-256 hmac-256 hmac-512" }, \
	{ "output", 'o', OPT_TEXT, &(o).output, "FILE",			\
	  "new file for the blob" },					\
	{ "usage", 0, OPT_TEXT, &(o).usage, "USE",			\
	  "encrypt or decrypt only" },					\
	{ "volume", 0, OPT_TEXT, &(o).volume, "UUID",			\
	  "use it for this LUKS volume only" },				\
	{ "not-before", 0, OPT_TEXT, &(o).not_before, "DATE",		\
	  "no new use before (YYYY-MM-DD)" },				\
	{ "not-after", 0, OPT_TEXT, &(o).not_after, "DATE",		\
	  "no new use after (YYYY-MM-DD)" }

static int parse_date(const char *name, const char *text, __u64 *when)
{
	uint64_t seconds = 0;

	if (text && time_parse(text, &seconds))
		return fail(EXIT_USAGE, "--%s wants YYYY-MM-DD, not '%s'", name,
			    text);
	*when = seconds;
	return EXIT_OK;
}

static int parse_usage(const char *text, __u32 *usage)
{
	if (!text)
		return EXIT_OK;
	if (!strcmp(text, "encrypt"))
		*usage = PROTKEY_USAGE_ENCRYPT;
	else if (!strcmp(text, "decrypt"))
		*usage = PROTKEY_USAGE_DECRYPT;
	else
		return fail(EXIT_USAGE, "--usage is encrypt or decrypt, not '%s'",
			    text);
	return EXIT_OK;
}

static bool is_hmac(unsigned int type)
{
	return type == PROTKEY_KEY_HMAC_256 || type == PROTKEY_KEY_HMAC_512;
}

static int parse_options(const struct make_options *o,
			 struct protkey_key_make *make)
{
	int type, status;

	if (!o->domain || !o->type || !o->output)
		return fail(EXIT_USAGE, "--domain, --type and --output are needed");
	type = protkey_key_type_find(o->type);
	if (type < 0)
		return fail(EXIT_USAGE, "unknown type of key '%s': aes-128, aes-192, aes-256, xts-128, xts-256, hmac-256 or hmac-512",
			    o->type);
	make->type = (__u16)type;
	if (o->volume && uuid_parse(o->volume, make->volume))
		return fail(EXIT_USAGE, "--volume wants a UUID, not '%s'",
			    o->volume);
	if (o->usage && is_hmac(make->type))
		return fail(EXIT_USAGE, "--usage is for keys that encrypt: a key of type %s has one use",
			    o->type);
	status = parse_usage(o->usage, &make->usage);
	if (!status)
		status = parse_date("not-before", o->not_before,
				    &make->not_before);
	if (!status)
		status = parse_date("not-after", o->not_after,
				    &make->not_after);
	if (!status && make->not_after && make->not_before > make->not_after)
		status = fail(EXIT_USAGE, "--not-after is before --not-before");
	return status;
}

static int fail_make(int err, const struct make_options *o)
{
	if (err == -EKEYREJECTED)
		return fail(EXIT_AUTH, "the two halves of this XTS key are equal, which makes it weak: make a proper one");
	if (err == -EINVAL)
		return fail(EXIT_DAMAGED, "the module refuses this key: its type or its length");
	return fail_domain(err, o->domain, "make a key in");
}

static int write_blob(const struct make_options *o,
		      const struct protkey_key_make *make)
{
	char hex[HEX_ROOM(PROTKEY_PATTERN_SIZE)];
	int ret = file_write_new(o->output, make->blob, sizeof(make->blob));

	if (ret == -EEXIST)
		return fail(EXIT_EXISTS, "%s exists: an existing key is not overwritten",
			    o->output);
	if (ret)
		return fail_errno(ret, o->output);
	printf("%s key of domain '%s' in %s, pattern %s\n", o->type, o->domain,
	       o->output, hex_text(make->pattern, PROTKEY_PATTERN_SIZE, hex));
	return EXIT_OK;
}

static int refuse_existing(const struct make_options *o)
{
	if (access(o->output, F_OK))
		return EXIT_OK;
	return fail(EXIT_EXISTS, "%s exists: an existing key is not overwritten",
		    o->output);
}

int cmd_key_generate(const struct command *cmd, int argc, char **argv)
{
	struct make_options o = { 0 };
	const struct opt opts[] = { MAKE_OPTIONS(o), { 0 } };
	struct protkey_key_make make = { 0 };
	int domain, ret, status = args_parse(cmd, opts, &argc, argv, 0, 0);

	if (status != ARGS_GO)
		return status;
	status = parse_options(&o, &make);
	if (!status)
		status = refuse_existing(&o);
	if (!status)
		status = domain_open(o.domain, &domain);
	if (status)
		return status;
	ret = protkey_key_generate(domain, &make);
	close(domain);
	return ret ? fail_make(ret, &o) : write_blob(&o, &make);
}

/* The clear key goes through locked memory and is wiped at once. */
static int import_file(int domain, const char *path, const struct make_options *o,
		       struct protkey_key_make *make)
{
	unsigned int want = protkey_key_type_size(make->type);
	char *clear = protkey_secret_alloc(CLEAR_ROOM);
	size_t size = 0;
	int ret, status = EXIT_OK;

	if (!clear)
		return fail(EXIT_GENERAL, "no locked memory for the key: %s (ulimit -l)",
			    strerror(errno));
	ret = file_read(path, clear, CLEAR_ROOM, &size);
	if (ret && ret != -EFBIG)
		status = fail_errno(ret, path);
	else if (ret || size != want)
		status = fail(EXIT_DAMAGED, "%s: a key of type %s has exactly %u bytes%s",
			      path, o->type, want, is_hmac(make->type) ?
			      ": put zeros behind a shorter one, which is the same key; in place of one longer than the hash's block take its hash" : "");
	if (!status) {
		ret = protkey_key_import(domain, make, clear, size);
		status = ret ? fail_make(ret, o) : EXIT_OK;
	}
	protkey_secret_free(clear, CLEAR_ROOM);
	return status;
}

int cmd_key_import(const struct command *cmd, int argc, char **argv)
{
	struct make_options o = { 0 };
	const struct opt opts[] = { MAKE_OPTIONS(o), { 0 } };
	struct protkey_key_make make = { 0 };
	int domain, status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	status = parse_options(&o, &make);
	if (!status)
		status = refuse_existing(&o);
	if (!status)
		status = domain_open(o.domain, &domain);
	if (status)
		return status;
	status = import_file(domain, argv[0], &o, &make);
	close(domain);
	if (status)
		return status;
	status = write_blob(&o, &make);
	if (!status)
		warn("%s still has the key in clear: destroy it; data that it ever protected stays as safe as that file was",
		     argv[0]);
	return status;
}
