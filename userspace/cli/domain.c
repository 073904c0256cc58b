// SPDX-License-Identifier: GPL-2.0-only
/* protkey domain: its table, and what its commands share. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "domain.h"
#include "seal.h"

const struct command domain_commands[] = {
	{ "create", "domain create", "NAME",
	  "make a domain with a new master key, sealed under a passphrase",
	  cmd_domain_create, NULL },
	{ "unlock", "domain unlock", "NAME [SHARE-FILE...]",
	  "open a domain's master key; volumes that lock suspended go on",
	  cmd_domain_unlock, NULL },
	{ "lock", "domain lock", "NAME",
	  "destroy a domain's keys in memory; its open volumes are suspended",
	  cmd_domain_lock, NULL },
	{ "seal", "domain seal", "COMMAND",
	  "the ways to open a domain: passphrases, TPM, servers",
	  NULL, seal_commands },
	{ "mk", "domain mk", "COMMAND",
	  "the master key: a ceremony for a new one, and the old one's end",
	  NULL, mk_commands },
	{ "admin", "domain admin", "COMMAND",
	  "administrators, and what they sign", NULL, admin_commands },
	{ "person", "domain person", "COMMAND",
	  "persons: roles, passphrases, second factors", NULL, person_commands },
	{ "quota", "domain quota", "NAME",
	  "how many keys and sessions a domain may have, and has",
	  cmd_domain_quota, NULL },
	{ "measured", "domain measured", "NAME [VALUE...]",
	  "the boot that a domain demands before it is unlocked",
	  cmd_domain_measured, NULL },
	{ "save", "domain save", "NAME",
	  "write the sealed state that the module has, after a write failed",
	  cmd_domain_save, NULL },
	{ "list", "domain list", "", "all domains, of the module and on disk",
	  cmd_domain_list, NULL },
	{ "show", "domain show", "NAME", "one domain in detail",
	  cmd_domain_show, NULL },
	{ "delete", "domain delete", "NAME",
	  "destroy a domain and its sealed state",
	  cmd_domain_delete, NULL },
	{ "zeroize", "domain zeroize", "NAME",
	  "destroy a domain at once, and what opens old copies of it here",
	  cmd_domain_zeroize, NULL },
	{ 0 }
};

int domain_open_unlocked(const char *name, int *domain)
{
	struct protkey_domain_info info;
	int ret, status = domain_open(name, domain);

	if (status)
		return status;
	ret = protkey_domain_info(*domain, &info);
	if (!ret && info.state != PROTKEY_DOMAIN_ACTIVE)
		ret = -ENOKEY;
	if (!ret)
		return EXIT_OK;
	close(*domain);
	return fail_domain(ret, name, "change");
}

int domain_begin(struct domain_act *act, const char *name)
{
	int ret, status;

	memset(act, 0, sizeof(*act));
	act->name = name;
	act->store = -1;
	status = domain_open_unlocked(name, &act->domain);
	if (status)
		return status;
	status = store_open(PROTKEY_STORE_LOCK, &act->store);
	ret = status ? 0 : protkey_domain_state(act->domain, &act->state);
	if (ret)
		status = fail_domain(ret, name, "read");
	if (status)
		domain_end(act);
	return status;
}

void domain_end(struct domain_act *act)
{
	protkey_state_free(&act->state);
	if (act->store >= 0)
		close(act->store);
	close(act->domain);
}

int domain_signed_or_kek(const struct domain_act *act, const struct seal_options *from,
			 int (*use)(unsigned int slot, const __u8 *kek, void *arg),
			 void *arg)
{
	__u8 thresholds[PROTKEY_CLASSES];
	int ret = protkey_state_thresholds(&act->state, thresholds);

	if (ret)
		return fail_domain(ret, act->name, "read");
	return thresholds[PROTKEY_CLASS_ADMINISTRATION] ? use(0, NULL, arg) :
	       seal_open(act->name, &act->state, from, use, arg);
}

int domain_save(const struct domain_act *act)
{
	int ret = protkey_domain_save(act->domain, act->store, act->name);

	if (!ret)
		return EXIT_OK;
	return fail(exit_code_of(ret), "done in the module, but the sealed state could not be written to %s: %s. Do not lock or restart: mend that, then run `protkey domain save %s`",
		    state_dir(), strerror(-ret), act->name);
}

int kek_alloc(__u8 **kek)
{
	*kek = protkey_secret_alloc(PROTKEY_KEK_SIZE);
	if (*kek)
		return EXIT_OK;
	return fail(EXIT_GENERAL, "no locked memory for the key: %s (ulimit -l)",
		    strerror(errno));
}

int domain_kek(const struct protkey_seal_params *params,
	       const struct passphrase *pass, __u8 *kek)
{
	int ret;

	progress_start("deriving the key from the passphrase");
	ret = protkey_seal_kek(params, pass->data, pass->size, kek);
	progress_stop();
	if (!ret)
		return EXIT_OK;
	if (ret == -ENOMEM)
		return fail(EXIT_GENERAL, "argon2id wants %u MiB of memory, more than there is: free some, or create the domain with --memory-kib",
			    params->memory_kib / 1024);
	return fail_errno(ret, "argon2id");
}

int fail_seal_init(int err)
{
	if (err == -EINVAL)
		return fail(EXIT_USAGE, "--memory-kib is from %u to %u, --time from 1 to %u",
			    PROTKEY_SEAL_MEMORY_MIN, PROTKEY_SEAL_MEMORY_MAX,
			    PROTKEY_SEAL_TIME_MAX);
	return fail_errno(err, "salt");
}
