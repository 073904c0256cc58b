/* SPDX-License-Identifier: GPL-2.0-only */
/* What libcryptsetup is asked for. */
#ifndef PROTKEY_CLI_LUKS_H
#define PROTKEY_CLI_LUKS_H

#include <libcryptsetup.h>
#include <stdint.h>

#include "cli.h"

#define LUKS_CIPHER		"paes"
#define LUKS_MODE		"xts-plain64"
#define LUKS_CIPHER_SPEC	LUKS_CIPHER "-" LUKS_MODE

struct luks_format {
	const char *label;
	const char *uuid;
	uint32_t sector_size;
	const uint8_t *blob;
	const struct passphrase *pass;
};

/* What libcryptsetup said last, or "". */
const char *luks_message(void);
/* Keeps messages for luks_message(), for crypt_set_log_callback(). */
void luks_log(int level, const char *msg, void *unused);

/* Read a LUKS2 header: -EINVAL none there. */
int luks_load(const char *device, struct crypt_device **cd);

/*
 * One segment, encrypted with paes-xts-plain64, whole, no re-encryption under
 * way.  On a refusal @why says what is different.
 */
int luks_check_segments(struct crypt_device *cd, uint32_t *sector_size,
			char *why, size_t room);

/* A new header with one keyslot; @keyslot gets its number. */
int luks_format(struct crypt_device *cd, const struct luks_format *format,
		int *keyslot);

/*
 * To another blob of the same key, in two steps: a keyslot with it that belongs to
 * no segment yet, whose number is returned; then the segment goes over to it.
 */
int luks_add_unbound(struct crypt_device *cd, const uint8_t *blob,
		     const struct passphrase *pass);
int luks_go_over(struct crypt_device *cd, int keyslot, const uint8_t *blob,
		 const struct passphrase *pass);

#endif
