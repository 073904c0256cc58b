// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everything that must hold before a volume is opened.  Nothing is written and
 * no device is made while these checks run, and the header that they read is
 * the copy in memory that is opened afterwards.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "volume.h"

static int refuse(struct volume *volume, enum exit_code code, const char *fmt,
		  ...) __attribute__((format(printf, 3, 4)));

static int refuse(struct volume *volume, enum exit_code code, const char *fmt,
		  ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(volume->why, sizeof(volume->why), fmt, ap);
	va_end(ap);
	return code;
}

static int check_header(struct volume *volume)
{
	const char *uuid;
	int ret = luks_load(volume->device, &volume->cd);

	if (ret == -EINVAL)
		return refuse(volume, EXIT_DAMAGED, "there is no LUKS2 header on it, or both of its copies are damaged: restore a backup (cryptsetup luksHeaderRestore)");
	if (ret)
		return refuse(volume, exit_code_of(ret), "%s",
			      *luks_message() ? luks_message() : strerror(-ret));
	uuid = crypt_get_uuid(volume->cd);
	if (!uuid || uuid_parse(uuid, volume->pin.uuid))
		return refuse(volume, EXIT_DAMAGED, "its header has no UUID");
	return EXIT_OK;
}

static int check_cipher(struct volume *volume)
{
	char why[256];

	if (luks_check_segments(volume->cd, &volume->pin.sector_size, why,
				sizeof(why)))
		return refuse(volume, EXIT_REFUSED, "%s: not a volume with a protected key, or a downgraded header",
			      why);
	strcpy(volume->pin.cipher, LUKS_CIPHER_SPEC);
	volume->pin.key_size = PROTKEY_BLOB_SIZE;
	return EXIT_OK;
}

static int check_token(struct volume *volume)
{
	const struct volume_token *token = &volume->token;

	switch (token_read(volume->cd, &volume->token)) {
	case 0:
		break;
	case -ENOENT:
		return refuse(volume, EXIT_REFUSED, "its header has no protkey token: it was made by plain cryptsetup. `protkey volume pin` adopts it");
	case -EOPNOTSUPP:
		return refuse(volume, EXIT_DAMAGED, "its protkey token is of a newer version: update protkey");
	default:
		return refuse(volume, EXIT_DAMAGED, "its protkey token is damaged");
	}
	if (strcmp(token->cipher, volume->pin.cipher) ||
	    token->sector_size != volume->pin.sector_size)
		return refuse(volume, EXIT_REFUSED, "cipher or sector size differ between its header and its token");
	return EXIT_OK;
}

/* Which domain is it, by UUID: names can be given anew. */
static int find_domain(struct volume *volume)
{
	const struct domain_entry *entry;
	struct catalog catalog;
	int status = catalog_load(&catalog);

	if (status)
		return refuse(volume, (enum exit_code)status, "the domains cannot be read");
	entry = catalog_find_uuid(&catalog, volume->token.domain_uuid);
	if (entry)
		memcpy(volume->domain_name, entry->info.name,
		       sizeof(volume->domain_name));
	else
		status = refuse(volume, EXIT_NOT_FOUND, "this machine does not have its domain '%s': restore %s/%s%s",
				volume->token.domain_name, state_dir(),
				volume->token.domain_name,
				PROTKEY_STORE_SUFFIX);
	if (entry && entry->info.state != PROTKEY_DOMAIN_ACTIVE)
		status = refuse(volume, EXIT_LOCKED, "domain '%s' is locked: run `protkey domain unlock %s`",
				volume->domain_name, volume->domain_name);
	catalog_free(&catalog);
	return status;
}

static int check_domain(struct volume *volume)
{
	int status = find_domain(volume);

	if (volume->want_domain && *volume->domain_name &&
	    strcmp(volume->want_domain, volume->domain_name))
		return refuse(volume, EXIT_REFUSED, "it says that it is of domain '%s', not of '%s'",
			      volume->domain_name, volume->want_domain);
	if (status)
		return status;
	volume->domain = domain_node(volume->domain_name);
	if (volume->domain < 0)
		return refuse(volume, exit_code_of(volume->domain),
			      "domain '%s' cannot be opened: %s",
			      volume->domain_name, strerror(-volume->domain));
	return EXIT_OK;
}

static int check_keyslot(struct volume *volume)
{
	struct passphrase pass;
	int ret, status;

	status = passphrase_get(&pass, volume->passphrase_file,
				"Passphrase of the volume", false);
	if (status)
		return refuse(volume, (enum exit_code)status, "no passphrase");
	volume->blob_size = sizeof(volume->blob);
	progress_start("opening the keyslot");
	ret = crypt_volume_key_get(volume->cd, CRYPT_ANY_SLOT,
				   (char *)volume->blob, &volume->blob_size,
				   pass.data, pass.size);
	progress_stop();
	if (ret >= 0 && volume->keep_passphrase)
		volume->pass = pass;
	else
		passphrase_free(&pass);
	if (ret == -EPERM)
		return refuse(volume, EXIT_AUTH, "no keyslot opens with this passphrase");
	if (ret < 0)
		return refuse(volume, EXIT_DAMAGED, "the keyslot cannot be read: %s",
			      *luks_message() ? luks_message() : strerror(-ret));
	volume->keyslot = ret;
	return EXIT_OK;
}

static int check_blob(struct volume *volume)
{
	struct protkey_key_info *key = &volume->key;

	if (protkey_key_parse(volume->blob, volume->blob_size, key))
		return refuse(volume, EXIT_DAMAGED, "its volume key is not a key blob: a raw key, cut off, or damaged");
	if (key->type != PROTKEY_KEY_XTS_128 && key->type != PROTKEY_KEY_XTS_256)
		return refuse(volume, EXIT_REFUSED, "its key is of type %s, not of XTS",
			      protkey_key_type_name(key->type));
	if (!all_zero(key->volume, sizeof(key->volume)) &&
	    memcmp(key->volume, volume->pin.uuid, sizeof(key->volume)))
		return refuse(volume, EXIT_REFUSED, "its key is bound to another volume");
	memcpy(volume->pin.pattern, key->pattern, sizeof(key->pattern));
	return EXIT_OK;
}

static int check_pattern(struct volume *volume)
{
	const struct volume_token *token = &volume->token;
	const struct protkey_key_info *key = &volume->key;

	if (memcmp(token->pattern, key->pattern, sizeof(key->pattern)))
		return refuse(volume, EXIT_REFUSED, "its key is not the one that its token names");
	if (memcmp(token->domain_uuid, key->domain, sizeof(key->domain)))
		return refuse(volume, EXIT_REFUSED, "its key is of another domain than its token says");
	return EXIT_OK;
}

static int check_key(struct volume *volume)
{
	struct protkey_key_verify result;
	int ret = protkey_key_verify(volume->domain, volume->blob,
				     volume->blob_size, &result);

	switch (-ret) {
	case 0:
		break;
	case ENOKEY:
		return refuse(volume, EXIT_LOCKED, "domain '%s' is locked: run `protkey domain unlock %s`",
			      volume->domain_name, volume->domain_name);
	case EXDEV:
		return refuse(volume, EXIT_AUTH, "its key is of another domain than '%s'",
			      volume->domain_name);
	case ESTALE:
		return refuse(volume, EXIT_AUTH, "its key is wrapped under a master key that domain '%s' no longer has",
			      volume->domain_name);
	case EKEYREJECTED:
	case EBADMSG:
		return refuse(volume, EXIT_AUTH, "its key is not authentic: changed or damaged");
	default:
		return refuse(volume, exit_code_of(ret), "its key cannot be verified: %s",
			      strerror(-ret));
	}
	if (memcmp(result.pattern, volume->key.pattern, sizeof(result.pattern)))
		return refuse(volume, EXIT_REFUSED, "its key has another verification pattern");
	return EXIT_OK;
}

static int check_pin(struct volume *volume)
{
	int ret = protkey_volume_check(volume->domain, &volume->pin);

	switch (-ret) {
	case 0:
		return EXIT_OK;
	case ENOENT:
		return refuse(volume, EXIT_REFUSED, "no volume of this UUID is pinned in domain '%s': formatting did not finish (format again), or the header was swapped, or the domain's sealed state is an old copy",
			      volume->domain_name);
	case EKEYREJECTED:
		return refuse(volume, EXIT_REFUSED, "domain '%s' has pinned this UUID with another key, cipher or sector size: a swapped header or a rogue volume",
			      volume->domain_name);
	case ENOKEY:
		return refuse(volume, EXIT_LOCKED, "domain '%s' is locked: run `protkey domain unlock %s`",
			      volume->domain_name, volume->domain_name);
	default:
		return refuse(volume, exit_code_of(ret), "its pin cannot be checked: %s",
			      strerror(-ret));
	}
}

static bool state_pins(const struct protkey_state *state, const uint8_t *uuid)
{
	struct protkey_volume pin;
	unsigned int i;

	for (i = 0; !protkey_state_volume(state, i, &pin); i++)
		if (!memcmp(pin.uuid, uuid, sizeof(pin.uuid)))
			return true;
	return false;
}

/*
 * A header may name a domain of somebody else on this machine, whose key and
 * pin are then fine: but the volume was pinned by the domain that it is of.
 */
static int check_other_domains(struct volume *volume)
{
	struct catalog catalog;
	int status = EXIT_OK;
	size_t i;

	/* named by the user: nobody else's pin may keep it shut */
	if (volume->want_domain)
		return EXIT_OK;
	if (catalog_load(&catalog))
		return refuse(volume, EXIT_GENERAL, "the domains cannot be read");
	for (i = 0; i < catalog.count && !status; i++) {
		const struct domain_entry *entry = &catalog.entries[i];
		struct protkey_state state;

		if (!strcmp(entry->info.name, volume->domain_name) ||
		    catalog_state(entry, &state))
			continue;
		if (state_pins(&state, volume->pin.uuid))
			status = refuse(volume, EXIT_REFUSED, "its UUID is pinned in domain '%s' too, so one of the two is a rogue volume: say with --domain which domain you mean",
					entry->info.name);
		protkey_state_free(&state);
	}
	catalog_free(&catalog);
	return status;
}

const struct volume_step volume_steps[] = {
	{ "header", "LUKS2 header", check_header },
	{ "cipher", "one segment, " LUKS_CIPHER_SPEC, check_cipher },
	{ "token", "protkey token", check_token },
	{ "domain", "its domain is unlocked", check_domain },
	{ "keyslot", "the passphrase opens a keyslot", check_keyslot },
	{ "blob", "the volume key is a key blob", check_blob },
	{ "pattern", "the key is the one of the token", check_pattern },
	{ "key", "the module verified the key", check_key },
	{ "pin", "pinned in its domain", check_pin },
	{ "other-domains", "pinned in no other domain, or named by --domain", check_other_domains },
	{ 0 }
};

void volume_init(struct volume *volume, const char *device)
{
	memset(volume, 0, sizeof(*volume));
	volume->device = device;
	volume->domain = -1;
}

void volume_release(struct volume *volume)
{
	if (volume->domain >= 0)
		close(volume->domain);
	if (volume->pass.data)
		passphrase_free(&volume->pass);
	crypt_free(volume->cd);
}

int volume_check(struct volume *volume, const char *name)
{
	const struct volume_step *step = volume_steps;

	while (strcmp(step->name, name))
		step++;
	return step->check(volume);
}

int volume_check_all(struct volume *volume)
{
	const struct volume_step *step;
	int status;

	for (step = volume_steps; step->name; step++) {
		status = step->check(volume);
		if (status)
			return fail((enum exit_code)status, "%s is not opened: %s",
				    volume->device, volume->why);
	}
	return EXIT_OK;
}
