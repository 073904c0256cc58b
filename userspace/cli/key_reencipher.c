// SPDX-License-Identifier: GPL-2.0-only
/* protkey key reencipher */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "key.h"

struct reencipher {
	const char *path, *out, *domain;
	unsigned int to;
	char name[PROTKEY_NAME_SIZE];
	uint8_t blob[PROTKEY_BLOB_SIZE];
};

static int write_blob(const struct reencipher *r)
{
	int ret = r->out ? file_write_new(r->out, r->blob, sizeof(r->blob)) :
		  file_replace(r->path, r->blob, sizeof(r->blob), 0600);

	return ret ? fail_errno(ret, r->out ? r->out : r->path) : EXIT_OK;
}

static int run(struct reencipher *r, int domain)
{
	int ret = protkey_key_reencipher(domain, r->blob, r->to, NULL);

	switch (-ret) {
	case 0:
		break;
	case EALREADY:
		/* what a rotation that was cut off has done already is no error */
		if (!r->out) {
			printf("%s is under the %s master key already\n", r->path,
			       r->to == PROTKEY_MK_NEW ? "new" : "current");
			return EXIT_OK;
		}
		break;
	case ENOENT:
	case ENODATA:
		return fail(EXIT_REFUSED, "domain '%s' has no new master key that is committed: `protkey domain mk show %s`",
			    r->name, r->name);
	default:
		return fail_key(ret, r->path, r->name);
	}
	ret = write_blob(r);
	if (!ret)
		printf("%s is under the %s master key of domain '%s'\n",
		       r->out ? r->out : r->path,
		       r->to == PROTKEY_MK_NEW ? "new" : "current", r->name);
	return ret;
}

int cmd_key_reencipher(const struct command *cmd, int argc, char **argv)
{
	struct reencipher r = { .to = PROTKEY_MK_CURRENT };
	bool staged = false;
	const struct opt opts[] = {
		{ "output", 'o', OPT_TEXT, &r.out, "FILE",
		  "a new file for it (default: in place)" },
		{ "new", 0, OPT_FLAG, &staged, NULL,
		  "under the new master key, before it is set; wants --output" },
		{ "domain", 'd', OPT_TEXT, &r.domain, "NAME",
		  "domain to do it in (default: the one it names)" },
		{ 0 }
	};
	struct protkey_key_info info;
	int domain, status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	r.path = argv[0];
	/* an abort of the ceremony would make it worthless */
	if (staged && !r.out)
		return fail(EXIT_USAGE, "--new wants --output: the key under the current master key stays until the new one is set");
	if (staged)
		r.to = PROTKEY_MK_NEW;
	status = key_load(r.path, r.blob, &info);
	if (!status)
		status = key_domain(&info, r.path, r.domain, r.name, &domain);
	if (status)
		return status;
	status = run(&r, domain);
	close(domain);
	return status;
}
