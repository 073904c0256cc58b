// SPDX-License-Identifier: GPL-2.0-only
/* Opening a domain by one of its seal slots. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "domain.h"
#include "seal.h"

const char *seal_kind_name(unsigned int kind)
{
	switch (kind) {
	case PROTKEY_SEAL_PASSPHRASE:
		return "passphrase";
	case PROTKEY_SEAL_TPM:
		return "tpm2";
	case PROTKEY_SEAL_CLEVIS:
		return "clevis";
	case PROTKEY_SEAL_SHARES:
		return "shares";
	default:
		return "unknown";
	}
}

/* In the order in which they are tried. */
enum whom { NOBODY, PIN, PASSPHRASE, SEVERAL, WHOM_COUNT };

struct slot {
	unsigned int number;
	enum whom asks;
	struct protkey_seal_params params;
	const void *data;
	size_t size;
};

struct attempt {
	const char *name;
	const struct protkey_state *state;
	const struct seal_options *options;
	seal_use use;
	void *arg;
	struct passphrase passphrase;	/* one for all slots that want one */
	__u8 *kek;
	bool over;			/* no other slot would do better */
};

static bool slot_read(const struct protkey_state *state, unsigned int number,
		      struct slot *slot)
{
	memset(slot, 0, sizeof(*slot));
	slot->number = number;
	if (protkey_state_seal(state, number, &slot->params))
		return false;
	slot->asks = PASSPHRASE;
	if (slot->params.kind == PROTKEY_SEAL_PASSPHRASE)
		return true;
	if (slot->params.kind == PROTKEY_SEAL_SHARES) {
		slot->asks = SEVERAL;
		return true;
	}
	if (protkey_state_seal_data(state, number, &slot->data, &slot->size))
		return false;
	slot->asks = slot->params.kind == PROTKEY_SEAL_TPM &&
		     seal_tpm_wants_pin(slot->data) ? PIN : NOBODY;
	return true;
}

static bool terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool wanted(const struct seal_options *options, enum whom asks)
{
	if (options->share_count || asks == SEVERAL)
		return options->share_count && asks == SEVERAL;
	if (options->unattended)
		return asks == NOBODY;
	if (options->passphrase_file || options->pin_file)
		return (asks == PASSPHRASE && options->passphrase_file) ||
		       (asks == PIN && options->pin_file);
	/* for want of a terminal the passphrase says how to go on */
	return asks != PIN || terminal();
}

static int shares_kek(struct attempt *a, const struct slot *slot)
{
	struct protkey_domain_info info;
	int ret = protkey_state_info(a->state, &info);

	if (ret)
		return fail_domain(ret, a->name, "read");
	return seal_shares_open(slot->number, &slot->params, info.uuid,
				a->options->shares, a->options->share_count,
				a->kek);
}

/* The KEK of a slot into @a->kek. */
static int slot_kek(struct attempt *a, const struct slot *slot)
{
	struct passphrase pin;
	char what[48];
	int status;

	if (slot->params.kind == PROTKEY_SEAL_CLEVIS)
		return seal_clevis_open(slot->number, slot->data, slot->size,
					a->kek);
	if (slot->asks == SEVERAL)
		return shares_kek(a, slot);
	if (slot->asks == NOBODY)
		return seal_tpm_open(slot->number, &slot->params, slot->data,
				     NULL, a->kek);
	if (slot->asks == PIN) {
		snprintf(what, sizeof(what), "PIN of slot %u", slot->number);
		status = passphrase_get(&pin, a->options->pin_file, what, false);
		if (status)
			return status;
		status = seal_tpm_open(slot->number, &slot->params, slot->data,
				       &pin, a->kek);
		passphrase_free(&pin);
		return status;
	}
	if (!a->passphrase.data) {
		snprintf(what, sizeof(what), "Passphrase of slot %u", slot->number);
		status = passphrase_get(&a->passphrase,
					a->options->passphrase_file,
					a->options->slot == SLOT_ANY ?
					"Passphrase of the domain" : what, false);
		a->over = status;
		if (status)
			return status;
	}
	return domain_kek(&slot->params, &a->passphrase, a->kek);
}

/* A status, or -EKEYREJECTED. */
static int try_slot(struct attempt *a, const struct slot *slot)
{
	int status = slot_kek(a, slot);

	if (!status) {
		status = a->use(slot->number, a->kek, a->arg);
		a->over = status != -EKEYREJECTED;
	}
	protkey_secret_wipe(a->kek, PROTKEY_KEK_SIZE);
	return status;
}

static int fail_none(const struct attempt *a)
{
	if (a->options->slot != SLOT_ANY)
		return fail(EXIT_NOT_FOUND, "domain '%s' has no slot %u that can be opened in this way: `protkey domain seal list %s`",
			    a->name, a->options->slot, a->name);
	return fail(EXIT_NOT_FOUND, "domain '%s' has no slot that can be opened in this way: `protkey domain seal list %s`",
		    a->name, a->name);
}

static int try_all(struct attempt *a)
{
	unsigned int number, tried = 0;
	int status = EXIT_GENERAL;
	struct slot slot;
	enum whom asks;

	for (asks = NOBODY; asks < WHOM_COUNT; asks++) {
		for (number = 0; number < SLOTS; number++) {
			if (!slot_read(a->state, number, &slot) ||
			    slot.asks != asks || !wanted(a->options, asks))
				continue;
			if (a->options->slot != SLOT_ANY &&
			    a->options->slot != number)
				continue;
			tried++;
			status = try_slot(a, &slot);
			if (a->over)
				return status;
		}
	}
	if (!tried)
		return fail_none(a);
	return status == -EKEYREJECTED ?
	       fail_domain(-EKEYREJECTED, a->name, "unlock") : status;
}

int seal_open(const char *name, const struct protkey_state *state,
	      const struct seal_options *options, seal_use use, void *arg)
{
	struct attempt a = {
		.name = name,
		.state = state,
		.options = options,
		.use = use,
		.arg = arg,
	};
	int status = kek_alloc(&a.kek);

	if (status)
		return status;
	status = try_all(&a);
	if (a.passphrase.data)
		passphrase_free(&a.passphrase);
	protkey_secret_free(a.kek, PROTKEY_KEK_SIZE);
	return status;
}
