// SPDX-License-Identifier: GPL-2.0-only
/* protkey domain seal add, list, remove */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "domain.h"
#include "seal.h"
#include "sealdata.h"
#include "tpm.h"

static int cmd_seal_add(const struct command *cmd, int argc, char **argv);
static int cmd_seal_list(const struct command *cmd, int argc, char **argv);
static int cmd_seal_remove(const struct command *cmd, int argc, char **argv);

const struct command seal_commands[] = {
	{ "add", "domain seal add", "NAME [SHARE-FILE...]",
	  "one more way to open a domain: a passphrase, this TPM, servers, shares",
	  cmd_seal_add, NULL },
	{ "list", "domain seal list", "NAME", "the ways to open a domain",
	  cmd_seal_list, NULL },
	{ "remove", "domain seal remove", "NAME", "remove one of them",
	  cmd_seal_remove, NULL },
	{ 0 }
};

/* Boot loader, Secure Boot, command line, kernel and initrd: see the manual. */
#define PCRS_DEFAULT	"4,7,8,9"
#define ONCE_PCR	15

struct add {
	const char *name;
	bool passphrase, tpm2, pin, trust, no_share;
	const char *clevis, *pcrs, *shares;
	struct seal_shares split;
	const char *new_passphrase_file, *new_pin_file;
	unsigned int slot, once_pcr, memory_kib, time_cost;
	struct seal_options from;
	/* while it runs */
	struct domain_act act;
	struct protkey_slot_new new;
	__u8 data[PROTKEY_SEAL_DATA_MAX];
	__u8 *kek;
};

/* ---- the new slot -------------------------------------------------------- */

static int make_passphrase(struct add *add)
{
	struct passphrase pass;
	int status, ret;

	ret = protkey_seal_init(&add->new.params, add->memory_kib,
				add->time_cost);
	if (ret)
		return fail_seal_init(ret);
	status = passphrase_get(&pass, add->new_passphrase_file,
				"New passphrase of the domain", true);
	if (status)
		return status;
	status = domain_kek(&add->new.params, &pass, add->kek);
	passphrase_free(&pass);
	return status;
}

static int make_tpm(struct add *add)
{
	struct seal_tpm_policy policy = {
		.once_pcr = add->once_pcr, .share = !add->no_share,
	};
	struct passphrase pin = { 0 };
	int status = EXIT_OK;

	if (!tpm_pcrs_parse(add->pcrs, &policy.pcrs))
		return fail(EXIT_USAGE, "--pcrs wants numbers from 0 to 23 with commas between them, not '%s'",
			    add->pcrs);
	if (add->pin) {
		status = passphrase_get(&pin, add->new_pin_file, "New PIN", true);
		policy.pin = &pin;
	} else {
		policy.pcrs |= 1U << policy.once_pcr;
	}
	if (!status)
		status = seal_tpm_make(&add->new.params, add->kek, &policy,
				       add->data, &add->new.data_size);
	if (pin.data)
		passphrase_free(&pin);
	return status;
}

/* The shares are on the disk before the slot is in the domain. */
static int make_shares(struct add *add)
{
	struct protkey_domain_info info;
	int ret;

	ret = protkey_domain_info(add->act.domain, &info);
	if (ret)
		return fail_domain(ret, add->name, "read");
	ret = protkey_seal_init_random(&add->new.params, PROTKEY_SEAL_SHARES,
				       add->kek);
	if (ret)
		return fail_errno(ret, "random bytes");
	add->new.params.time_cost = add->split.threshold;
	add->new.params.parallelism = add->split.count;
	return seal_shares_make(&add->split, add->name, info.uuid,
				&add->new.params, add->kek);
}

static int make_slot(struct add *add)
{
	int ret;

	if (add->passphrase)
		return make_passphrase(add);
	if (add->shares)
		return make_shares(add);
	ret = protkey_seal_init_random(&add->new.params,
				       add->tpm2 ? PROTKEY_SEAL_TPM :
				       PROTKEY_SEAL_CLEVIS, add->kek);
	if (ret)
		return fail_errno(ret, "random bytes");
	add->new.data = add->data;
	return add->tpm2 ? make_tpm(add) :
	       seal_clevis_make(add->clevis, add->trust, add->kek, add->data,
				&add->new.data_size);
}

/* ---- adding -------------------------------------------------------------- */

/* The KEK of a slot that there is: seal_use. */
static int add_with(unsigned int slot, const __u8 *kek, void *arg)
{
	struct add *add = arg;
	int ret;

	ret = protkey_slot_add(add->act.domain, add->act.store, add->name,
			       &add->new, slot, kek);
	if (ret == -EKEYREJECTED)
		return ret;
	if (ret && exit_code_of(ret) == EXIT_IO)
		return fail(EXIT_IO, "the sealed state of domain '%s' could not be written to %s, or is full: %s; no slot was added",
			    add->name, state_dir(), strerror(-ret));
	if (ret == -EACCES)
		return fail(EXIT_PERMISSION, "only root may add a slot");
	return ret ? fail_domain(ret, add->name, "change") : EXIT_OK;
}

/* @number: SLOT_ANY becomes the first that is free. */
static int choose_slot(const struct protkey_state *state, unsigned int *number)
{
	struct protkey_seal_params params;
	unsigned int i;

	if (*number != SLOT_ANY) {
		if (*number >= SLOTS)
			return fail(EXIT_USAGE, "slots are from 0 to %u", SLOTS - 1);
		if (!protkey_state_seal(state, *number, &params))
			return fail(EXIT_EXISTS, "slot %u is in use: leave --slot out for the first that is free",
				    *number);
		return EXIT_OK;
	}
	for (i = 0; i < SLOTS; i++) {
		if (protkey_state_seal(state, i, &params)) {
			*number = i;
			return EXIT_OK;
		}
	}
	return fail(EXIT_EXISTS, "all %u slots are in use: remove one first",
		    SLOTS);
}

static int add_slot(struct add *add)
{
	int status = choose_slot(&add->act.state, &add->slot);

	if (!status)
		status = make_slot(add);
	add->new.params.slot = (__u16)add->slot;
	add->new.kek = add->kek;
	if (!status)
		status = seal_open(add->name, &add->act.state, &add->from,
				   add_with, add);
	if (status && add->tpm2 && add->new.data_size)
		seal_tpm_destroy(add->data);
	if (status)
		seal_shares_remove(&add->split, add->name);
	if (!status)
		printf("slot %u of domain '%s': %s\n", add->slot, add->name,
		       seal_kind_name(add->new.params.kind));
	return status;
}

static int add_run(struct add *add)
{
	int status = domain_begin(&add->act, add->name);

	if (status)
		return status;
	status = kek_alloc(&add->kek);
	if (!status)
		status = add_slot(add);
	protkey_secret_free(add->kek, PROTKEY_KEK_SIZE);
	domain_end(&add->act);
	return status;
}

static int add_check(const struct add *add)
{
	if (add->passphrase + add->tpm2 + !!add->clevis + !!add->shares != 1)
		return fail(EXIT_USAGE, "say one of --passphrase, --tpm2, --clevis CONFIG, --shares M-of-N");
	if (!add->shares != !add->split.dir)
		return fail(EXIT_USAGE, "--shares and --out DIR belong together");
	if ((add->pin || add->no_share || strcmp(add->pcrs, PCRS_DEFAULT) ||
	     add->once_pcr != ONCE_PCR) && !add->tpm2)
		return fail(EXIT_USAGE, "--pin, --pcrs, --once-pcr and --no-share belong to --tpm2");
	/* 16 and 23 can be reset by anybody, 17 to 22 by software too */
	if (add->once_pcr > PK_SEAL_TPM_ONCE_MAX)
		return fail(EXIT_USAGE, "--once-pcr is a PCR that only a restart resets, from 0 to 15");
	return EXIT_OK;
}

static int cmd_seal_add(const struct command *cmd, int argc, char **argv)
{
	static struct add add = {
		.pcrs = PCRS_DEFAULT, .once_pcr = ONCE_PCR, .slot = SLOT_ANY,
		.from.slot = SLOT_ANY,
	};
	const struct opt opts[] = {
		{ "passphrase", 0, OPT_FLAG, &add.passphrase, NULL,
		  "the new slot: a passphrase" },
		{ "tpm2", 0, OPT_FLAG, &add.tpm2, NULL, "or this machine's TPM" },
		{ "clevis", 0, OPT_TEXT, &add.clevis, "CONFIG",
		  "or clevis: 'tang {\"url\":...}', 'sss {...}'" },
		{ "shares", 0, OPT_TEXT, &add.shares, "M-OF-N",
		  "or several people, any M of N of them: 3-of-5" },
		{ "out", 'o', OPT_TEXT, &add.split.dir, "DIR",
		  "shares: where each gets a file" },
		{ "slot", 0, OPT_NUMBER, &add.slot, "N",
		  "its number (default: the first that is free)" },
		{ "new-passphrase-file", 0, OPT_TEXT, &add.new_passphrase_file,
		  "FILE", "read the new passphrase there (-: standard input)" },
		{ "memory-kib", 0, OPT_NUMBER, &add.memory_kib, "KIB",
		  "argon2id memory (default 256 MiB, at most 1/4 of RAM)" },
		{ "time", 0, OPT_NUMBER, &add.time_cost, "N",
		  "argon2id passes (default 3)" },
		{ "pcrs", 0, OPT_TEXT, &add.pcrs, "LIST",
		  "TPM: only with these PCRs as now (default " PCRS_DEFAULT ")" },
		{ "once-pcr", 0, OPT_NUMBER, &add.once_pcr, "N",
		  "TPM without PIN: extended after use (default 15)" },
		{ "pin", 0, OPT_FLAG, &add.pin, NULL, "TPM: ask for a PIN too" },
		{ "new-pin-file", 0, OPT_TEXT, &add.new_pin_file, "FILE",
		  "read the new PIN there (-: standard input)" },
		{ "no-share", 0, OPT_FLAG, &add.no_share, NULL,
		  "TPM: no share in its NV memory for zeroize to destroy" },
		{ "trust", 0, OPT_FLAG, &add.trust, NULL,
		  "clevis: trust the keys that servers show, unasked" },
		{ "passphrase-file", 0, OPT_TEXT, &add.from.passphrase_file,
		  "FILE", "passphrase of a slot that there is" },
		{ "pin-file", 0, OPT_TEXT, &add.from.pin_file, "FILE",
		  "PIN of a slot that there is" },
		{ "from-slot", 0, OPT_NUMBER, &add.from.slot, "N",
		  "open this one (default: any)" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 1, SLOTS + 1);

	if (status != ARGS_GO)
		return status;
	add.name = argv[0];
	add.from.shares = argv + 1;
	add.from.share_count = (unsigned int)argc - 1;
	if (add.shares && !seal_shares_parse(add.shares, &add.split))
		return fail(EXIT_USAGE, "--shares is M-of-N, such as 3-of-5: M from 2, N up to 16");
	add.pin |= !!add.new_pin_file;
	status = add_check(&add);
	return status ? status : add_run(&add);
}

/* ---- removing ------------------------------------------------------------ */

/* After the slot: without it a share is of no use, the other way round neither. */
static int removed(const char *name, unsigned int slot, const void *share)
{
	if (!share) {
		printf("slot %u of domain '%s' is removed; an old copy of the sealed state still opens by it\n",
		       slot, name);
		return EXIT_OK;
	}
	printf("slot %u of domain '%s' is removed\n", slot, name);
	return seal_tpm_destroy(share);
}

/* What the TPM has of a slot; NULL if nothing. */
static const void *share_of(const struct protkey_state *state, unsigned int slot)
{
	struct protkey_seal_params params;
	const void *data;
	size_t size;

	if (protkey_state_seal(state, slot, &params) ||
	    params.kind != PROTKEY_SEAL_TPM ||
	    protkey_state_seal_data(state, slot, &data, &size) ||
	    !seal_tpm_has_share(data))
		return NULL;
	return data;
}

static int remove_slot(const struct domain_act *act, unsigned int slot)
{
	int ret = protkey_slot_remove(act->domain, act->store, act->name, slot);

	switch (ret) {
	case 0:
		return removed(act->name, slot, share_of(&act->state, slot));
	case -EBUSY:
		return fail(EXIT_REFUSED, "slot %u is the last one of domain '%s': without it nobody could open it again; add another one first",
			    slot, act->name);
	case -ENOENT:
		return fail(EXIT_NOT_FOUND, "domain '%s' has no slot %u: `protkey domain seal list %s`",
			    act->name, slot, act->name);
	case -EACCES:
		return fail(EXIT_PERMISSION, "only root may remove a slot");
	default:
		return fail_domain(ret, act->name, "change");
	}
}

static int cmd_seal_remove(const struct command *cmd, int argc, char **argv)
{
	unsigned int slot = SLOT_ANY;
	const struct opt opts[] = {
		{ "slot", 0, OPT_NUMBER, &slot, "N", "which" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);
	struct domain_act act;

	if (status != ARGS_GO)
		return status;
	if (slot == SLOT_ANY)
		return fail(EXIT_USAGE, "say which: --slot N (`protkey domain seal list %s`)",
			    argv[0]);
	status = domain_begin(&act, argv[0]);
	if (status)
		return status;
	status = remove_slot(&act, slot);
	domain_end(&act);
	return status;
}

/* ---- listing ------------------------------------------------------------- */

static struct json_object *slot_json(const struct protkey_state *state,
				     unsigned int slot,
				     const struct protkey_seal_params *params)
{
	struct json_object *obj = json_object_new_object();
	const void *data;
	size_t size;

	json_add_number(obj, "slot", slot);
	json_add_text(obj, "kind", seal_kind_name(params->kind));
	if (params->kind == PROTKEY_SEAL_PASSPHRASE) {
		json_add_number(obj, "memory_kib", params->memory_kib);
		json_add_number(obj, "time", params->time_cost);
	} else if (params->kind == PROTKEY_SEAL_SHARES) {
		json_add_number(obj, "threshold", params->time_cost);
		json_add_number(obj, "shares", params->parallelism);
	} else if (!protkey_state_seal_data(state, slot, &data, &size)) {
		json_object_object_add(obj, seal_kind_name(params->kind),
				       params->kind == PROTKEY_SEAL_TPM ?
				       seal_tpm_json(data) :
				       seal_clevis_json(data, size));
	}
	return obj;
}

static struct json_object *slots_json(const struct protkey_state *state)
{
	struct json_object *list = json_object_new_array();
	struct protkey_seal_params params;
	unsigned int slot;

	for (slot = 0; slot < SLOTS; slot++)
		if (!protkey_state_seal(state, slot, &params))
			json_object_array_add(list, slot_json(state, slot,
							      &params));
	return list;
}

static const char *member(struct json_object *obj, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(obj, key, &value) ?
	       json_object_get_string(value) : "";
}

static void print_tpm(struct json_object *tpm)
{
	printf("PCRs %s", *member(tpm, "pcrs") ? member(tpm, "pcrs") : "none");
	if (!strcmp(member(tpm, "pin"), "true"))
		printf(", PIN\n");
	else
		printf(", unattended once in a boot (PCR %s)\n",
		       member(tpm, "once_pcr"));
}

static void print_clevis(struct json_object *clevis)
{
	if (*member(clevis, "threshold"))
		printf("%s, %s of %s\n", member(clevis, "pin"),
		       member(clevis, "threshold"), member(clevis, "shares"));
	else
		printf("%s %s\n", member(clevis, "pin"), member(clevis, "url"));
}

static int slots_print(struct json_object *list)
{
	struct json_object *slot, *more;
	size_t i;

	printf("%4s  %-10s  %s\n", "SLOT", "KIND", "DETAILS");
	for (i = 0; i < json_object_array_length(list); i++) {
		slot = json_object_array_get_idx(list, i);
		printf("%4s  %-10s  ", member(slot, "slot"),
		       member(slot, "kind"));
		if (json_object_object_get_ex(slot, "tpm2", &more))
			print_tpm(more);
		else if (json_object_object_get_ex(slot, "clevis", &more))
			print_clevis(more);
		else if (*member(slot, "threshold"))
			printf("any %s of %s\n", member(slot, "threshold"),
			       member(slot, "shares"));
		else
			printf("argon2id, %s passes over %s KiB\n",
			       member(slot, "time"), member(slot, "memory_kib"));
	}
	json_object_put(list);
	return EXIT_OK;
}

static int cmd_seal_list(const struct command *cmd, int argc, char **argv)
{
	bool json = false;
	const struct opt opts[] = {
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	struct protkey_state state;
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	status = catalog_state_of(argv[0], &state);
	if (status)
		return status;
	status = json ? json_print(slots_json(&state)) :
		 slots_print(slots_json(&state));
	protkey_state_free(&state);
	return status;
}
