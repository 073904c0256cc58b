// SPDX-License-Identifier: GPL-2.0-only
/* protkey volume open, protkey volume close */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "volume.h"

static bool name_taken(const char *name)
{
	crypt_status_info info = crypt_status(NULL, name);

	return info == CRYPT_ACTIVE || info == CRYPT_BUSY;
}

static int fail_activate(const struct volume *volume, const char *name, int err)
{
	switch (-err) {
	case EBUSY:
		return fail(EXIT_EXISTS, "%s is in use already: `protkey volume list` shows open volumes",
			    volume->device);
	case EEXIST:
		return fail(EXIT_EXISTS, "/dev/mapper/%s exists already: choose another name",
			    name);
	case ENOKEY:
		return fail_domain(err, volume->domain_name, "use");
	default:
		return fail(err == -EINVAL ? EXIT_GENERAL : exit_code_of(err),
			    "%s could not be opened: %s", volume->device,
			    *luks_message() ? luks_message() : strerror(-err));
	}
}

static int open_volume(struct volume *volume, const char *name, bool readonly)
{
	int ret, status = volume_check_all(volume);

	if (status)
		return status;
	ret = crypt_activate_by_volume_key(volume->cd, name,
					   (const char *)volume->blob,
					   volume->blob_size,
					   readonly ? CRYPT_ACTIVATE_READONLY : 0);
	if (ret < 0)
		return fail_activate(volume, name, ret);
	printf("%s is open as /dev/mapper/%s (domain '%s')\n", volume->device,
	       name, volume->domain_name);
	return EXIT_OK;
}

int cmd_volume_open(const struct command *cmd, int argc, char **argv)
{
	const char *domain = NULL, *file = NULL;
	bool readonly = false;
	const struct opt opts[] = {
		{ "domain", 'd', OPT_TEXT, &domain, "NAME",
		  "refuse it if it is not of this domain" },
		{ "passphrase-file", 0, OPT_TEXT, &file, "FILE",
		  "passphrase of the keyslot (-: standard input)" },
		{ "readonly", 'r', OPT_FLAG, &readonly, NULL,
		  "no writes" },
		{ 0 }
	};
	struct volume volume;
	int status = args_parse(cmd, opts, &argc, argv, 2, 2);

	if (status != ARGS_GO)
		return status;
	status = device_check(argv[0], NULL);
	if (status)
		return status;
	if (name_taken(argv[1]))
		return fail(EXIT_EXISTS, "/dev/mapper/%s exists already: choose another name",
			    argv[1]);
	volume_init(&volume, argv[0]);
	volume.want_domain = domain;
	volume.passphrase_file = file;
	status = open_volume(&volume, argv[1], readonly);
	volume_release(&volume);
	return status;
}

static int find_open(const char *name, struct dm_volume *found)
{
	struct dm_volume *volumes;
	size_t i, count;
	int ret = dm_volumes(&volumes, &count);

	if (ret)
		return fail_errno(ret, "device-mapper");
	for (i = 0; i < count && strcmp(volumes[i].name, name); i++)
		;
	ret = i < count;
	if (ret)
		*found = volumes[i];
	free(volumes);
	return ret ? EXIT_OK :
	       fail(EXIT_NOT_FOUND, "no volume is open as '%s': `protkey volume list` shows those that are",
		    name);
}

int cmd_volume_close(const struct command *cmd, int argc, char **argv)
{
	const struct opt opts[] = { { 0 } };
	struct dm_volume volume;
	int ret, status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	status = find_open(argv[0], &volume);
	if (status)
		return status;
	crypt_set_log_callback(NULL, luks_log, NULL);
	ret = crypt_deactivate(NULL, argv[0]);
	if (ret == -EBUSY)
		return fail(EXIT_EXISTS, "volume '%s' is in use: unmount it first",
			    argv[0]);
	if (ret < 0)
		return fail(exit_code_of(ret), "volume '%s' could not be closed: %s",
			    argv[0], *luks_message() ? luks_message() :
			    strerror(-ret));
	suspend_forget(argv[0]);
	printf("volume '%s' is closed\n", argv[0]);
	return EXIT_OK;
}
