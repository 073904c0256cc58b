// SPDX-License-Identifier: GPL-2.0-only
/*
 * protkey volume format
 *
 * Order: key, header with its keyslot, token, pin.  Only a pinned volume can
 * be opened, so whatever ends before the pin leaves something that refuses to
 * open and that can be formatted again.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "key.h"
#include "volume.h"

#define HEADER_SIZE	(16ULL * 1024 * 1024)	/* of LUKS2 */
#define LEAST_SIZE	(HEADER_SIZE + 64 * 1024)
#define SECTOR_DEFAULT	4096U

struct format {
	const char *device;
	const char *domain_name;
	const char *label;
	const char *key_file;
	const char *passphrase_file;
	unsigned int cipher_bits;
	unsigned int sector_size;
	bool yes;
	int domain;
	uint64_t size;
	uint8_t blob[PROTKEY_BLOB_SIZE];
	struct protkey_key_info key;
	struct protkey_volume pin;
};

static int check_options(struct format *f)
{
	unsigned int s = f->sector_size;

	if (!f->domain_name)
		return fail(EXIT_USAGE, "--domain is needed: which domain's master key protects the volume");
	if (f->cipher_bits && f->cipher_bits != 256 && f->cipher_bits != 512)
		return fail(EXIT_USAGE, "--cipher-bits is 256 (XTS with AES-128) or 512 (XTS with AES-256)");
	if (f->key_file && f->cipher_bits)
		return fail(EXIT_USAGE, "--key-file brings its own kind of key: leave --cipher-bits out");
	if (s && s != 512 && s != 1024 && s != 2048 && s != 4096)
		return fail(EXIT_USAGE, "--sector-size is 512, 1024, 2048 or 4096");
	if (f->label && strlen(f->label) >= sizeof(f->pin.label))
		return fail(EXIT_USAGE, "--name is at most %zu bytes",
			    sizeof(f->pin.label) - 1);
	return EXIT_OK;
}

static int check_device(struct format *f)
{
	int status = device_check(f->device, &f->size);

	if (status)
		return status;
	status = device_check_free(f->device);
	if (status)
		return status;
	if (f->size < LEAST_SIZE)
		return fail(EXIT_IO, "%s is too small: it has %llu KiB, and the header alone takes %llu",
			    f->device, (unsigned long long)f->size / 1024,
			    HEADER_SIZE / 1024);
	if (!f->sector_size)
		f->sector_size = f->size % SECTOR_DEFAULT ? 512 :
				 SECTOR_DEFAULT;
	if (f->size % f->sector_size)
		return fail(EXIT_USAGE, "the size of %s is not a multiple of %u: use --sector-size 512",
			    f->device, f->sector_size);
	return EXIT_OK;
}

static int check_empty(const struct format *f)
{
	char what[64], question[512];
	int ret;

	if (f->yes)
		return EXIT_OK;
	ret = device_holds(f->device, what, sizeof(what));
	if (ret)
		return fail_errno(ret, f->device);
	if (!*what)
		return EXIT_OK;
	snprintf(question, sizeof(question),
		 "%s holds %s. Everything on it will be lost.", f->device, what);
	if (confirm(question))
		return EXIT_OK;
	return fail(EXIT_EXISTS, "%s holds %s: nothing was changed (--yes destroys it without asking)",
		    f->device, what);
}

static int load_key(struct format *f)
{
	struct protkey_key_verify result;
	int ret, status = key_load(f->key_file, f->blob, &f->key);

	if (status)
		return status;
	if (f->key.type != PROTKEY_KEY_XTS_128 &&
	    f->key.type != PROTKEY_KEY_XTS_256)
		return fail(EXIT_REFUSED, "%s: a volume needs a key of type xts-128 or xts-256, not %s",
			    f->key_file, protkey_key_type_name(f->key.type));
	ret = protkey_key_verify(f->domain, f->blob, sizeof(f->blob), &result);
	if (ret)
		return fail_key(ret, f->key_file, f->domain_name);
	if (!result.valid_now)
		return fail(EXIT_REFUSED, "%s: outside its validity dates: it may not be used for anything new",
			    f->key_file);
	/* a key that is bound to a volume makes this the volume */
	if (!all_zero(f->key.volume, sizeof(f->key.volume)))
		memcpy(f->pin.uuid, f->key.volume, sizeof(f->pin.uuid));
	return EXIT_OK;
}

static int make_key(struct format *f)
{
	struct protkey_key_make make = {
		.type = f->cipher_bits == 256 ? PROTKEY_KEY_XTS_128 :
						PROTKEY_KEY_XTS_256,
	};
	int ret;

	memcpy(make.volume, f->pin.uuid, sizeof(make.volume));
	ret = protkey_key_generate(f->domain, &make);
	if (ret)
		return fail_domain(ret, f->domain_name, "make a key in");
	memcpy(f->blob, make.blob, sizeof(f->blob));
	ret = protkey_key_parse(f->blob, sizeof(f->blob), &f->key);
	return ret ? fail_errno(ret, "the module's key") : EXIT_OK;
}

static int get_key(struct format *f)
{
	int status;

	uuid_generate(f->pin.uuid);
	status = f->key_file ? load_key(f) : make_key(f);
	memcpy(f->pin.pattern, f->key.pattern, sizeof(f->pin.pattern));
	strcpy(f->pin.cipher, LUKS_CIPHER_SPEC);
	f->pin.sector_size = f->sector_size;
	f->pin.key_size = PROTKEY_BLOB_SIZE;
	f->pin.pinned_at = (__u64)time(NULL);
	if (f->label)
		strcpy(f->pin.label, f->label);
	return status;
}

static int fail_luks(const char *device, int err)
{
	return fail(err == -EINVAL ? EXIT_GENERAL : exit_code_of(err),
		    "%s could not be formatted: %s: it holds nothing that opens; format it again",
		    device, *luks_message() ? luks_message() : strerror(-err));
}

static int write_header(const struct format *f, const struct passphrase *pass)
{
	char uuid[UUID_ROOM];
	const struct luks_format format = {
		.label = f->label,
		.uuid = uuid_text(f->pin.uuid, uuid),
		.sector_size = f->sector_size,
		.blob = f->blob,
		.pass = pass,
	};
	struct crypt_device *cd;
	int ret, keyslot;

	ret = device_wipe_signatures(f->device);
	if (ret)
		return fail_luks(f->device, ret);
	ret = crypt_init(&cd, f->device);
	if (ret)
		return fail_luks(f->device, ret);
	progress_start("writing the header");
	ret = luks_format(cd, &format, &keyslot);
	if (!ret)
		ret = volume_write_token(cd, keyslot, f->domain_name, &f->key,
					 &f->pin);
	progress_stop();
	crypt_free(cd);
	return ret ? fail_luks(f->device, ret) : EXIT_OK;
}

static int pin(const struct format *f)
{
	int store, ret, status;

	status = store_open(PROTKEY_STORE_CREATE | PROTKEY_STORE_LOCK, &store);
	if (status)
		return status;
	ret = protkey_volume_pin(f->domain, store, f->domain_name, &f->pin);
	close(store);
	if (!ret)
		return EXIT_OK;
	if (ret == -EEXIST)
		return fail(EXIT_EXISTS, "%s: its UUID is pinned in domain '%s' to another key: it cannot be opened",
			    f->device, f->domain_name);
	return fail(exit_code_of(ret), "%s is formatted but could not be pinned in %s: %s: it does not open; format it again",
		    f->device, state_dir(), strerror(-ret));
}

/* The key comes before the header is touched: a locked domain costs nothing. */
static int format_run(struct format *f)
{
	struct passphrase pass;
	char uuid[UUID_ROOM];
	int status = check_device(f);

	if (!status)
		status = get_key(f);
	if (!status)
		status = check_empty(f);
	if (status)
		return status;
	status = passphrase_get(&pass, f->passphrase_file,
				"New passphrase of the volume", true);
	if (status)
		return status;
	status = write_header(f, &pass);
	passphrase_free(&pass);
	if (!status)
		status = pin(f);
	if (!status)
		printf("%s is formatted: volume %s of domain '%s', %s, sectors of %u\n",
		       f->device, uuid_text(f->pin.uuid, uuid),
		       f->domain_name, protkey_key_type_name(f->key.type),
		       f->sector_size);
	return status;
}

int cmd_volume_format(const struct command *cmd, int argc, char **argv)
{
	struct format f = { 0 };
	const struct opt opts[] = {
		{ "domain", 'd', OPT_TEXT, &f.domain_name, "NAME",
		  "domain whose master key protects it" },
		{ "name", 0, OPT_TEXT, &f.label, "LABEL", "label" },
		{ "cipher-bits", 0, OPT_NUMBER, &f.cipher_bits, "N",
		  "256 (xts-128) or 512 (xts-256, default)" },
		{ "sector-size", 0, OPT_NUMBER, &f.sector_size, "N",
		  "512 to 4096 (default 4096 if the size allows)" },
		{ "key-file", 0, OPT_TEXT, &f.key_file, "FILE",
		  "key blob to use (default: a new key)" },
		{ "passphrase-file", 0, OPT_TEXT, &f.passphrase_file, "FILE",
		  "passphrase of the keyslot (-: standard input)" },
		{ "yes", 'y', OPT_FLAG, &f.yes, NULL,
		  "destroy what is on DEVICE without asking" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	f.device = argv[0];
	status = check_options(&f);
	if (!status)
		status = domain_open(f.domain_name, &f.domain);
	if (status)
		return status;
	status = format_run(&f);
	close(f.domain);
	return status;
}
