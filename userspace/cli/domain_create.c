// SPDX-License-Identifier: GPL-2.0-only
/* protkey domain create */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "domain.h"

struct create {
	const char *name;
	const char *passphrase_file;
	unsigned int memory_kib;
	unsigned int time_cost;
	int control;
	int store;
};

/* Before the passphrase is asked: what would fail anyway. */
static int check_free(const struct create *create)
{
	int fd, exists = protkey_store_exists(create->store, create->name);

	if (exists < 0)
		return fail_errno(exists, state_dir());
	fd = protkey_domain_open(create->name);
	if (fd >= 0)
		close(fd);
	if (exists || fd >= 0)
		return fail_domain(-EEXIST, create->name, "create");
	return EXIT_OK;
}

static int create_domain(const struct create *create,
			 const struct protkey_seal_params *params)
{
	struct passphrase pass;
	__u8 *kek;
	int status, ret;

	status = passphrase_get(&pass, create->passphrase_file,
				"New passphrase of the domain", true);
	if (status)
		return status;
	status = kek_alloc(&kek);
	if (!status)
		status = domain_kek(params, &pass, kek);
	passphrase_free(&pass);
	if (status) {
		protkey_secret_free(kek, PROTKEY_KEK_SIZE);
		return status;
	}
	ret = protkey_domain_create(create->control, create->store,
				    create->name, params, kek);
	protkey_secret_free(kek, PROTKEY_KEK_SIZE);
	if (ret && exit_code_of(ret) == EXIT_IO)
		return fail(EXIT_IO, "the sealed state of domain '%s' could not be written to %s: %s; nothing was created",
			    create->name, state_dir(), strerror(-ret));
	if (ret == -ENOKEY)
		return fail(EXIT_LOCKED, "the vault is lost: reload the module (rmmod protkey; modprobe protkey)");
	if (ret)
		return fail_domain(ret, create->name, "create");
	printf("domain '%s' is created and unlocked; its sealed state is %s/%s%s\n",
	       create->name, state_dir(), create->name, PROTKEY_STORE_SUFFIX);
	printf("back that file up: without it, or without the passphrase, its keys are gone\n");
	return EXIT_OK;
}

static int create_run(struct create *create)
{
	struct protkey_seal_params params;
	int status, ret;

	ret = protkey_seal_init(&params, create->memory_kib,
				create->time_cost);
	if (ret)
		return fail_seal_init(ret);
	status = control_open(&create->control);
	if (status)
		return status;
	status = store_open(PROTKEY_STORE_CREATE | PROTKEY_STORE_LOCK,
			    &create->store);
	if (status)
		goto out_control;
	status = check_free(create);
	if (!status)
		status = create_domain(create, &params);
	close(create->store);
out_control:
	close(create->control);
	return status;
}

int cmd_domain_create(const struct command *cmd, int argc, char **argv)
{
	struct create create = { 0 };
	const struct opt opts[] = {
		{ "passphrase-file", 0, OPT_TEXT, &create.passphrase_file,
		  "FILE", "read the passphrase there (-: standard input)" },
		{ "memory-kib", 0, OPT_NUMBER, &create.memory_kib, "KIB",
		  "argon2id memory (default 256 MiB, at most 1/4 of RAM)" },
		{ "time", 0, OPT_NUMBER, &create.time_cost, "N",
		  "argon2id passes (default 3)" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	create.name = argv[0];
	if (!domain_name_check(create.name, &status))
		return status;
	return create_run(&create);
}
