// SPDX-License-Identifier: GPL-2.0-only
/* Volumes whose key is still under a master key that is to be forgotten. */
#include <blkid/blkid.h>
#include <stdlib.h>
#include <string.h>

#include "domain.h"
#include "luks.h"
#include "token.h"

/* The header's token says what its key is under; what cannot be read may be. */
static bool may_be_under(const char *device, const uint8_t *pattern)
{
	struct crypt_device *cd;
	struct volume_token token;
	int ret = luks_load(device, &cd);

	if (!ret) {
		ret = token_read(cd, &token);
		crypt_free(cd);
	}
	if (ret) {
		warn("%s: what its key is under cannot be read: `protkey volume verify %s`",
		     device, device);
		return true;
	}
	if (memcmp(token.mk_pattern, pattern, sizeof(token.mk_pattern)))
		return false;
	warn("%s is still under that master key: `protkey volume reencipher %s` first",
	     device, device);
	return true;
}

int volumes_under(const struct protkey_state *state, const uint8_t *pattern)
{
	struct protkey_volume pin;
	char uuid[UUID_ROOM];
	unsigned int i;
	int under = 0;

	for (i = 0; !protkey_state_volume(state, i, &pin); i++) {
		char *device = blkid_evaluate_tag("UUID", uuid_text(pin.uuid, uuid), NULL);

		if (device)
			under += may_be_under(device, pattern);
		else
			warn("volume %s is not on this machine now: what its key is under is not known",
			     uuid);
		free(device);
	}
	return under;
}
