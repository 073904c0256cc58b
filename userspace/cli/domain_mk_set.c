// SPDX-License-Identifier: GPL-2.0-only
/*
 * protkey domain mk set: the new master key becomes the current one.
 *
 * Seal slots hold the current master key.  Each that is to go on needs its KEK
 * now: the module tries it on what the slot holds before.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mk.h"

struct set {
	struct mk_act act;
	const char *name, *passphrase_file, *pin_file;
	bool drop;
	char *const *shares;
	unsigned int share_count;
	struct protkey_seal_kek *keks;	/* SLOTS of them, locked memory */
	unsigned int count;
	unsigned int left_out;		/* slots, a bit each */
};

/* The KEK of a slot, if it is the right one: seal_use. */
static int collect(unsigned int slot, const __u8 *kek, void *arg)
{
	struct set *set = arg;
	struct protkey_seal_kek *at = &set->keks[set->count];
	int ret;

	at->slot = slot;
	memcpy(at->kek, kek, PROTKEY_KEK_SIZE);
	ret = protkey_mk_set(set->act.on.domain, at, 1, PROTKEY_MK_TRY);
	if (ret) {
		protkey_secret_wipe(at, sizeof(*at));
		return ret == -EKEYREJECTED ? ret : fail_mk(ret, set->name);
	}
	/* the module wiped it */
	memset(at, 0, sizeof(*at));
	at->slot = slot;
	memcpy(at->kek, kek, PROTKEY_KEK_SIZE);
	set->count++;
	return EXIT_OK;
}

static void collect_slot(struct set *set, unsigned int slot,
			 const struct protkey_seal_params *params)
{
	struct seal_options options = { .slot = slot };

	if (params->kind == PROTKEY_SEAL_PASSPHRASE)
		options.passphrase_file = set->passphrase_file;
	else if (params->kind == PROTKEY_SEAL_TPM)
		options.pin_file = set->pin_file;
	if (params->kind == PROTKEY_SEAL_SHARES) {
		options.shares = set->shares;
		options.share_count = set->share_count;
	}
	if (seal_open(set->name, &set->act.on.state, &options, collect, set)) {
		warn("slot %u (%s) was not opened", slot,
		     seal_kind_name(params->kind));
		set->left_out |= 1U << slot;
	}
}

static int collect_all(struct set *set)
{
	struct protkey_seal_params params;
	unsigned int slot;

	for (slot = 0; slot < SLOTS; slot++)
		if (!protkey_state_seal(&set->act.on.state, slot, &params))
			collect_slot(set, slot, &params);
	if (!set->count)
		return fail(EXIT_AUTH, "no seal slot of domain '%s' was opened: nothing is changed",
			    set->name);
	if (set->left_out && !set->drop)
		return fail(EXIT_REFUSED, "not every seal slot was opened: nothing is changed. With --drop-slots those are removed; `protkey domain seal add` makes them again");
	return EXIT_OK;
}

static int turn(struct set *set)
{
	int ret, status;

	status = collect_all(set);
	if (status)
		return status;
	/* what cannot be written is to be known before */
	ret = protkey_domain_save(set->act.on.domain, set->act.on.store, set->name);
	if (ret)
		return fail(exit_code_of(ret), "%s cannot be written: %s; nothing is changed",
			    state_dir(), strerror(-ret));
	ret = protkey_mk_set(set->act.on.domain, set->keks, set->count,
			     set->drop ? PROTKEY_MK_DROP_SEALS : 0);
	return ret ? fail_mk(ret, set->name) : domain_save(&set->act.on);
}

static void say_set(const struct set *set)
{
	char hex[HEX_ROOM(PROTKEY_PATTERN_SIZE)];
	unsigned int slot;

	printf("domain '%s': the master key is now %s\n", set->name,
	       hex_text(set->act.new.pattern, PROTKEY_PATTERN_SIZE, hex));
	for (slot = 0; slot < SLOTS; slot++)
		if (set->left_out & 1U << slot)
			printf("slot %u is removed\n", slot);
	printf("back the sealed state up; then `protkey volume reencipher` and `protkey key reencipher`, and at the end `protkey domain mk clear %s`\n",
	       set->name);
}

static int set_act(struct set *set)
{
	const size_t size = SLOTS * sizeof(*set->keks);
	int status;

	/* before anybody is asked */
	if (all_zero(set->act.new.pattern, PROTKEY_PATTERN_SIZE))
		return fail_mk(-ENOENT, set->name);
	if (!set->act.new.committed)
		return fail_mk(-ENODATA, set->name);
	if (!all_zero(set->act.old.pattern, PROTKEY_PATTERN_SIZE))
		return fail_mk(-EBUSY, set->name);
	set->keks = protkey_secret_alloc(size);
	if (!set->keks)
		return fail_errno(-errno, "locked memory");
	status = turn(set);
	protkey_secret_free(set->keks, size);
	if (!status)
		say_set(set);
	return status;
}

int cmd_mk_set(const struct command *cmd, int argc, char **argv)
{
	struct set set = { 0 };
	const struct opt opts[] = {
		{ "passphrase-file", 0, OPT_TEXT, &set.passphrase_file, "FILE",
		  "passphrase of the seal slots that want one" },
		{ "pin-file", 0, OPT_TEXT, &set.pin_file, "FILE",
		  "PIN of the TPM's slots" },
		{ "drop-slots", 0, OPT_FLAG, &set.drop, NULL,
		  "remove the seal slots that cannot be opened now" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 1, SLOTS + 1);

	if (status != ARGS_GO)
		return status;
	set.name = argv[0];
	set.shares = argv + 1;
	set.share_count = (unsigned int)argc - 1;
	status = mk_begin(&set.act, set.name);
	if (status)
		return status;
	status = set_act(&set);
	domain_end(&set.act.on);
	return status;
}
