// SPDX-License-Identifier: GPL-2.0-only
/*
 * protkey domain zeroize: destroy a domain at once, and what would open an old copy
 * of it.  Every step is made whatever became of the one before.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "domain.h"
#include "seal.h"

struct zeroize {
	const char *name;
	bool known, there;		/* in the module, on disk */
	int status;
};

static void failed(struct zeroize *z, int err, const char *what)
{
	z->status = fail(exit_code_of(err), "domain '%s': %s: %s", z->name, what,
			 strerror(-err));
}

/* In memory first: that is what runs away.  false: its administrators must sign. */
static bool in_module(struct zeroize *z)
{
	int control, ret;

	control = protkey_control_open();
	ret = control < 0 ? control : protkey_domain_zeroize(control, z->name);
	if (control >= 0)
		close(control);
	z->known = !ret;
	if (ret == -EPERM) {
		z->status = fail(EXIT_REFUSED, "domain '%s': enough of its administrators sign this (`protkey domain admin request %s destroy`), or two operators agree (`protkey domain zeroize %s --agree --as PERSON`, then the other one without --agree)",
				 z->name, z->name, z->name);
		return false;
	}
	/* no module: nothing in memory */
	if (ret && ret != -ENOENT && ret != -ENODEV)
		failed(z, ret, "it could NOT be destroyed in the module");
	return true;
}

static bool has_share(const struct protkey_state *state, unsigned int slot,
		      const void **data)
{
	struct protkey_seal_params params;
	size_t size;

	return !protkey_state_seal(state, slot, &params) &&
	       params.kind == PROTKEY_SEAL_TPM &&
	       !protkey_state_seal_data(state, slot, data, &size) &&
	       seal_tpm_has_share(*data);
}

static void in_tpm(struct zeroize *z, const struct protkey_state *state)
{
	const void *data;
	unsigned int slot;
	int status;

	for (slot = 0; slot < SLOTS; slot++) {
		if (!has_share(state, slot, &data))
			continue;
		status = seal_tpm_destroy(data);
		if (!status)
			printf("the TPM's share of slot %u is destroyed: no copy opens by it\n",
			       slot);
		else
			z->status = fail((enum exit_code)status, "domain '%s': the TPM's share of slot %u could NOT be destroyed",
					 z->name, slot);
	}
}

/* The ways that an old copy of the sealed state has left. */
static void say_left(const struct protkey_state *state)
{
	struct protkey_seal_params params;
	const void *data;
	unsigned int slot;

	for (slot = 0; slot < SLOTS; slot++)
		if (!protkey_state_seal(state, slot, &params) &&
		    !has_share(state, slot, &data))
			printf("an old copy of the sealed state still opens by slot %u, %s\n",
			       slot, seal_kind_name(params.kind));
}

static void on_disk(struct zeroize *z)
{
	struct protkey_state state = { 0 };
	int ret, store = protkey_store_open(state_dir(), PROTKEY_STORE_LOCK);

	if (store < 0) {
		if (store != -ENOENT)
			failed(z, store, state_dir());
		return;
	}
	ret = protkey_store_load(store, z->name, &state);
	if (!ret)
		in_tpm(z, &state);
	else if (ret != -ENOENT)
		failed(z, ret, "its sealed state cannot be read: if a TPM has a share of it, that is still there");
	ret = protkey_store_remove(store, z->name);
	z->there = ret != -ENOENT;
	if (ret && z->there)
		failed(z, ret, "its sealed state could NOT be removed");
	if (state.data)
		say_left(&state);
	protkey_state_free(&state);
	close(store);
}

int domain_zeroize(const char *name)
{
	struct zeroize z = { .name = name };

	if (!in_module(&z))
		return z.status;
	on_disk(&z);
	if (!z.known && !z.there && !z.status)
		return fail_domain(-ENOENT, name, "zeroize");
	if (!z.status)
		printf("domain '%s' is zeroized\n", name);
	return z.status;
}

/* An operator's word, good for ten minutes: two of them need no signatures. */
static int agree(const char *name, bool say)
{
	int domain, ret, status;

	if (!login_options.as)
		return fail(EXIT_USAGE, "say who agrees: --as PERSON");
	status = domain_open(name, &domain);
	if (status)
		return status;
	ret = protkey_person_agree(domain);
	close(domain);
	if (ret == -EACCES)
		return fail(EXIT_PERMISSION, "operators agree, and %s is none",
			    login_options.as);
	if (ret)
		return fail_domain(ret, name, "zeroize");
	if (say)
		printf("%s agrees that domain '%s' be destroyed in the next ten minutes\n",
		       login_options.as, name);
	return EXIT_OK;
}

int cmd_domain_zeroize(const struct command *cmd, int argc, char **argv)
{
	bool yes = false, only_agree = false;
	const struct opt opts[] = {
		{ "yes", 'y', OPT_FLAG, &yes, NULL, "do not ask" },
		{ "agree", 0, OPT_FLAG, &only_agree, NULL,
		  "with --as: only agree that another operator does it" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);
	char question[256];

	if (status != ARGS_GO)
		return status;
	if (!domain_name_check(argv[0], &status))
		return status;
	if (only_agree)
		return agree(argv[0], true);
	snprintf(question, sizeof(question),
		 "Domain '%s' and what opens it on this machine will be destroyed now, under open volumes too.",
		 argv[0]);
	if (!yes && !confirm(question))
		return fail(EXIT_GENERAL, "domain '%s' was not zeroized (--yes for scripts)",
			    argv[0]);
	status = login_options.as ? agree(argv[0], false) : EXIT_OK;
	return status ? status : domain_zeroize(argv[0]);
}
