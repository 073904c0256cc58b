// SPDX-License-Identifier: GPL-2.0-only
/* protkey domain unlock */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "domain.h"
#include "measured.h"
#include "seal.h"
#include "sleep.h"

static bool is_unlocked(const char *name)
{
	struct protkey_domain_info info;
	int fd = protkey_domain_open(name);
	int ret;

	if (fd < 0)
		return false;
	ret = protkey_domain_info(fd, &info);
	close(fd);
	return !ret && info.state == PROTKEY_DOMAIN_ACTIVE;
}

static int load_state(const char *name, struct protkey_state *state)
{
	int store, ret;

	store = protkey_store_open(state_dir(), 0);
	if (store < 0)
		return store == -ENOENT ? fail_domain(-ENOENT, name, "unlock") :
		       fail_errno(store, state_dir());
	ret = protkey_store_load(store, name, state);
	close(store);
	return ret ? fail_domain(ret, name, "unlock") : EXIT_OK;
}

static int resume_volumes(const char *name)
{
	unsigned int resumed;
	int ret, fd = protkey_domain_open(name);

	/* it is somebody's duty to unlock, nobody's to go on: no log-in */
	if (fd < 0)
		return fail_domain(fd, name, "open");
	ret = suspend_undo(fd, name, &resumed);
	close(fd);
	if (resumed)
		printf("%u suspended volume%s go%s on\n", resumed,
		       resumed == 1 ? "" : "s", resumed == 1 ? "es" : "");
	sleep_thaw();
	if (!ret)
		return EXIT_OK;
	return fail(EXIT_IO, "not all volumes of domain '%s' go on: `dmsetup info` shows suspended ones, `dmsetup resume NAME` resumes one",
		    name);
}

/* With the TPM's quote, if the state demands one; -ECANCELED: it said why there is none. */
static int unlock_state(int control, const struct protkey_state *state,
			unsigned int slot, const __u8 *kek)
{
	if (measured_answer(control, state))
		return -ECANCELED;
	return protkey_domain_unlock(control, state, slot, kek, NULL);
}

/*
 * The file is older than what the module holds: an old copy was put back, or the
 * last save failed.  The module's state is authentic and newer: it is used, and
 * written in place of the file.
 */
static int unlock_newer(int control, const char *name, unsigned int slot,
			const __u8 *kek)
{
	struct protkey_state state;
	int domain, store, ret;

	domain = protkey_domain_open(name);
	if (domain < 0)
		return domain;
	ret = protkey_domain_state(domain, &state);
	if (ret)
		goto out_domain;
	ret = unlock_state(control, &state, slot, kek);
	protkey_state_free(&state);
	if (ret)
		goto out_domain;
	store = protkey_store_open(state_dir(), PROTKEY_STORE_LOCK);
	ret = store < 0 ? store : protkey_domain_save(domain, store, name);
	if (store >= 0)
		close(store);
	warn("the file of domain '%s' was older than the state that the module holds: an old copy was put back, or a save had failed. %s",
	     name, ret ? "It could NOT be replaced: mend the state folder, then lock and unlock again" :
	     "It was replaced");
	ret = 0;
out_domain:
	close(domain);
	return ret;
}

struct unlock {
	int control;
	const char *name;
	struct protkey_state state;
};

static bool has_persons(const struct protkey_state *state)
{
	struct protkey_domain_info info;

	return !protkey_state_info(state, &info) &&
	       info.flags & PROTKEY_DOMAIN_PERSONS;
}

/* seal_use */
static int unlock_with(unsigned int slot, const __u8 *kek, void *arg)
{
	const struct unlock *unlock = arg;
	int ret;

	ret = unlock_state(unlock->control, &unlock->state, slot, kek);
	if (ret == -ESTALE)
		ret = unlock_newer(unlock->control, unlock->name, slot, kek);
	if (ret == -EKEYREJECTED)
		return ret;
	if (ret == -EACCES && has_persons(&unlock->state))
		return fail(EXIT_PERMISSION, "domain '%s' has persons: an operator unlocks it, with --as (`protkey domain person list %s`)",
			    unlock->name, unlock->name);
	if ((ret == -EPERM || ret == -EAGAIN) && login_options.as)
		return fail_login(ret == -EPERM ? -EKEYREJECTED : ret, 0);
	if (ret == -EEXIST)
		return fail(EXIT_EXISTS, "the module knows a domain with the name or the UUID of '%s', but not both, or with another master key; if this state is the right one, a restart of the machine makes it forget",
			    unlock->name);
	if (ret == -ECANCELED)
		return EXIT_REFUSED;
	if (ret)
		return fail_measured(ret, unlock->name, "unlock");
	printf("domain '%s' is unlocked\n", unlock->name);
	return EXIT_OK;
}

static int unlock_run(const char *name, const struct seal_options *options)
{
	struct unlock unlock = { .name = name };
	int status;

	status = control_open(&unlock.control);
	if (status)
		return status;
	if (is_unlocked(name)) {
		status = fail_domain(-EALREADY, name, "unlock");
		goto out_control;
	}
	status = load_state(name, &unlock.state);
	if (status)
		goto out_control;
	status = login_on(unlock.control, name, &unlock.state);
	if (!status)
		status = seal_open(name, &unlock.state, options, unlock_with, &unlock);
	protkey_state_free(&unlock.state);
	if (!status)
		status = resume_volumes(name);
out_control:
	close(unlock.control);
	return status;
}

int cmd_domain_unlock(const struct command *cmd, int argc, char **argv)
{
	struct seal_options options = { .slot = SLOT_ANY };
	const struct opt opts[] = {
		{ "passphrase-file", 0, OPT_TEXT, &options.passphrase_file,
		  "FILE", "read the passphrase there (-: standard input)" },
		{ "pin-file", 0, OPT_TEXT, &options.pin_file, "FILE",
		  "read the PIN of a TPM slot there" },
		{ "unattended", 0, OPT_FLAG, &options.unattended, NULL,
		  "ask nobody: only TPM slots without PIN, and clevis" },
		{ "slot", 0, OPT_NUMBER, &options.slot, "N",
		  "only this seal slot" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 1, SLOTS + 1);

	if (status != ARGS_GO)
		return status;
	if (!domain_name_check(argv[0], &status))
		return status;
	options.shares = argv + 1;
	options.share_count = (unsigned int)argc - 1;
	return unlock_run(argv[0], &options);
}
