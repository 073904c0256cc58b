// SPDX-License-Identifier: GPL-2.0-only
/*
 * protkey volume pin, protkey volume unpin
 *
 * A volume that plain cryptsetup made or re-encrypted has no pin of ours, or an
 * old one.  Who pins it says that the header in front of him is the right one:
 * all that can be checked without a pin is checked first.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "volume.h"

int volume_write_token(struct crypt_device *cd, int keyslot, const char *domain,
		       const struct protkey_key_info *key,
		       const struct protkey_volume *pin)
{
	struct volume_token token = { .sector_size = pin->sector_size };

	memcpy(token.domain_uuid, key->domain, sizeof(token.domain_uuid));
	memcpy(token.mk_pattern, key->mk_pattern, sizeof(token.mk_pattern));
	memcpy(token.pattern, key->pattern, sizeof(token.pattern));
	strcpy(token.domain_name, domain);
	strcpy(token.cipher, pin->cipher);
	return token_write(cd, keyslot, &token);
}

struct adoption {
	struct volume volume;
	const char *label;
	bool replace;
};

static int fail_step(const struct volume *volume, int status)
{
	return fail((enum exit_code)status, "%s is not pinned: %s", volume->device,
		    volume->why);
}

/* What open checks, but for what only a pinned volume has. */
static int check_volume(struct volume *volume)
{
	static const char *const before[] = { "header", "cipher" };
	static const char *const after[] = { "keyslot", "blob", "key" };
	size_t i;
	int status;

	for (i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		status = volume_check(volume, before[i]);
		if (status)
			return fail_step(volume, status);
	}
	strcpy(volume->domain_name, volume->want_domain);
	status = domain_open(volume->domain_name, &volume->domain);
	if (status)
		return status;
	for (i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		status = volume_check(volume, after[i]);
		if (status)
			return fail_step(volume, status);
	}
	return EXIT_OK;
}

/* Whether the header's token says something else than the key, or is missing. */
static int token_differs(struct volume *volume, bool *differs, bool *missing)
{
	const struct volume_token *token = &volume->token;
	int ret = token_read(volume->cd, &volume->token);

	*missing = ret == -ENOENT;
	*differs = *missing;
	if (*missing)
		return EXIT_OK;
	if (ret)
		return fail(EXIT_DAMAGED, "%s is not pinned: its protkey token is damaged, or there are several: `cryptsetup luksDump` shows them, `cryptsetup token remove` removes one",
			    volume->device);
	*differs = memcmp(token->pattern, volume->key.pattern,
			  sizeof(token->pattern)) ||
		   memcmp(token->domain_uuid, volume->key.domain,
			  sizeof(token->domain_uuid)) ||
		   strcmp(token->cipher, volume->pin.cipher) ||
		   token->sector_size != volume->pin.sector_size;
	return EXIT_OK;
}

static int fail_replace(const struct volume *volume, const char *what)
{
	return fail(EXIT_EXISTS, "%s is not pinned: %s names another key, cipher or sector size. If you re-encrypted it or changed its key, say --replace; else its header was swapped",
		    volume->device, what);
}

static int save(struct adoption *a, bool replace)
{
	struct volume *volume = &a->volume;
	int store, ret = 0, status;

	volume->pin.pinned_at = (__u64)time(NULL);
	if (a->label)
		strcpy(volume->pin.label, a->label);
	status = store_open(PROTKEY_STORE_CREATE | PROTKEY_STORE_LOCK, &store);
	if (status)
		return status;
	if (replace)
		ret = protkey_volume_unpin(volume->domain, store,
					   volume->domain_name, &volume->pin);
	if (!ret)
		ret = protkey_volume_pin(volume->domain, store,
					 volume->domain_name, &volume->pin);
	close(store);
	if (!ret)
		return EXIT_OK;
	return fail(exit_code_of(ret), "%s could not be pinned in %s: %s",
		    volume->device, state_dir(), strerror(-ret));
}

static int rewrite_token(struct volume *volume)
{
	int ret = volume_write_token(volume->cd, volume->keyslot,
				     volume->domain_name, &volume->key,
				     &volume->pin);

	if (!ret)
		return EXIT_OK;
	return fail(EXIT_IO, "the token could not be written to %s: %s",
		    volume->device,
		    *luks_message() ? luks_message() : strerror(-ret));
}

/* Token first: what is cut off half-way is not pinned, and pin goes on. */
static int adopt(struct adoption *a)
{
	struct volume *volume = &a->volume;
	bool differs, missing;
	int pinned, status;

	status = check_volume(volume);
	if (!status)
		status = token_differs(volume, &differs, &missing);
	if (status)
		return status;
	pinned = protkey_volume_check(volume->domain, &volume->pin);
	if (pinned && pinned != -ENOENT && pinned != -EKEYREJECTED)
		return fail_domain(pinned, volume->domain_name,
				   "look for pins in");
	if (pinned == -EKEYREJECTED && !a->replace)
		return fail_replace(volume, "its pin");
	if (differs && !missing && !a->replace)
		return fail_replace(volume, "its token");
	if (differs)
		status = rewrite_token(volume);
	if (!status && pinned)
		status = save(a, pinned == -EKEYREJECTED);
	if (!status)
		printf("%s is pinned in domain '%s'%s\n", volume->device,
		       volume->domain_name,
		       pinned || differs ? "" : ", as it was before");
	return status;
}

int cmd_volume_pin(const struct command *cmd, int argc, char **argv)
{
	struct adoption a = { 0 };
	const char *domain = NULL, *file = NULL;
	const struct opt opts[] = {
		{ "domain", 'd', OPT_TEXT, &domain, "NAME",
		  "domain whose master key protects its key" },
		{ "name", 0, OPT_TEXT, &a.label, "LABEL", "label of the pin" },
		{ "passphrase-file", 0, OPT_TEXT, &file, "FILE",
		  "passphrase of the keyslot (-: standard input)" },
		{ "replace", 0, OPT_FLAG, &a.replace, NULL,
		  "in place of the pin or token that names another key" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	if (!domain)
		return fail(EXIT_USAGE, "--domain is needed: which domain's master key protects the volume");
	if (a.label && strlen(a.label) >= sizeof(a.volume.pin.label))
		return fail(EXIT_USAGE, "--name is at most %zu bytes",
			    sizeof(a.volume.pin.label) - 1);
	if (!domain_name_check(domain, &status))
		return status;
	status = device_check(argv[0], NULL);
	if (status)
		return status;
	volume_init(&a.volume, argv[0]);
	a.volume.want_domain = domain;
	a.volume.passphrase_file = file;
	status = adopt(&a);
	volume_release(&a.volume);
	return status;
}

static int unpin(int domain, const char *name, const struct protkey_volume *pin,
		 const char *uuid)
{
	int store, ret, status;

	status = store_open(PROTKEY_STORE_LOCK, &store);
	if (status)
		return status;
	ret = protkey_volume_unpin(domain, store, name, pin);
	close(store);
	if (ret == -ENOENT)
		return fail(EXIT_NOT_FOUND, "no volume %s is pinned in domain '%s': `protkey volume list` shows those that are",
			    uuid, name);
	if (ret)
		return fail_domain(ret, name, "unpin a volume of");
	printf("volume %s is no longer pinned in domain '%s'\n", uuid, name);
	return EXIT_OK;
}

int cmd_volume_unpin(const struct command *cmd, int argc, char **argv)
{
	const char *name = NULL;
	const struct opt opts[] = {
		{ "domain", 'd', OPT_TEXT, &name, "NAME",
		  "domain that has pinned it" },
		{ 0 }
	};
	struct protkey_volume pin = { 0 };
	int domain, status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	if (!name)
		return fail(EXIT_USAGE, "--domain is needed: which domain has pinned it");
	if (uuid_parse(argv[0], pin.uuid))
		return fail(EXIT_USAGE, "'%s' is no UUID: `protkey volume list` shows them",
			    argv[0]);
	status = domain_open(name, &domain);
	if (status)
		return status;
	status = unpin(domain, name, &pin, argv[0]);
	close(domain);
	return status;
}
