/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PROTKEY_CLI_VOLUME_H
#define PROTKEY_CLI_VOLUME_H

#include "cli.h"
#include "luks.h"
#include "token.h"

int cmd_volume_format(const struct command *cmd, int argc, char **argv);
int cmd_volume_open(const struct command *cmd, int argc, char **argv);
int cmd_volume_close(const struct command *cmd, int argc, char **argv);
int cmd_volume_list(const struct command *cmd, int argc, char **argv);
int cmd_volume_verify(const struct command *cmd, int argc, char **argv);
int cmd_volume_pin(const struct command *cmd, int argc, char **argv);
int cmd_volume_unpin(const struct command *cmd, int argc, char **argv);
int cmd_volume_reencipher(const struct command *cmd, int argc, char **argv);

/* A device whose header is checked, step by step (volume_check.c). */
struct volume {
	const char *device;
	const char *want_domain;	/* what the user says, or NULL */
	const char *passphrase_file;
	bool keep_passphrase;		/* in @pass, once a keyslot was opened */
	struct passphrase pass;
	struct crypt_device *cd;
	struct volume_token token;
	char domain_name[PROTKEY_NAME_SIZE];
	int domain;
	uint8_t blob[PROTKEY_BLOB_SIZE];
	size_t blob_size;
	int keyslot;			/* that the passphrase opened */
	struct protkey_key_info key;
	struct protkey_volume pin;	/* what the header amounts to */
	char why[512];			/* of the step that failed */
};

struct volume_step {
	const char *name;
	const char *meaning;		/* when it holds */
	int (*check)(struct volume *volume);
};

/* In the order in which they must be made; ends with no name. */
extern const struct volume_step volume_steps[];

/* The token that says of @pin that it has @key, written over an older one. */
int volume_write_token(struct crypt_device *cd, int keyslot, const char *domain,
		       const struct protkey_key_info *key,
		       const struct protkey_volume *pin);
void volume_init(struct volume *volume, const char *device);
void volume_release(struct volume *volume);
/* One of them; EXIT_OK or a status, and volume->why. */
int volume_check(struct volume *volume, const char *step);
/* All steps; EXIT_OK or the first failure, printed. */
int volume_check_all(struct volume *volume);

/* Say that there is no block device, or that it is not ours (device.c). */
int device_check(const char *device, uint64_t *size);
int device_check_free(const char *device);
/* What the device holds, in words; empty if nothing was found. */
int device_holds(const char *device, char *what, size_t room);
int device_wipe_signatures(const char *device);

#endif
