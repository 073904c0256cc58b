/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The token "protkey" in a LUKS2 header: which domain and which key the volume
 * is made for.  It guards against corruption and tells where to look; whether
 * the header is the right one only the pin in the domain's state can tell.
 */
#ifndef PROTKEY_CLI_TOKEN_H
#define PROTKEY_CLI_TOKEN_H

#include <stdint.h>
#include <protkey/uapi.h>

struct crypt_device;

#define VOLUME_TOKEN_TYPE	"protkey"
#define VOLUME_TOKEN_VERSION	1

struct volume_token {
	uint8_t domain_uuid[PROTKEY_UUID_SIZE];
	char domain_name[PROTKEY_NAME_SIZE];
	uint8_t mk_pattern[PROTKEY_PATTERN_SIZE];
	uint8_t pattern[PROTKEY_PATTERN_SIZE];
	char cipher[32];
	uint32_t sector_size;
	uint32_t wiping;		/* keyslots, by bits, that are being removed */
};

/* -ENOENT no such token, -EBADMSG damaged or more than one, -EOPNOTSUPP. */
int token_read(struct crypt_device *cd, struct volume_token *token);
/* In place of the one that is there.  As above, or what libcryptsetup says. */
int token_write(struct crypt_device *cd, int keyslot,
		const struct volume_token *token);

#endif
