// SPDX-License-Identifier: GPL-2.0-only
/* Records: see record.h. */

#include <crypto/algapi.h>
#include <crypto/scatterwalk.h>
#include <linux/string.h>

#include "compat/compat.h"
#include "record.h"

#define TYPE_HANDSHAKE		22	/* RFC 8446, 5.1 and 4 */
#define HANDSHAKE_HEADER	4	/* type, 24-bit length */
#define KEY_UPDATE		24

static u64 sequence(const u8 *iv)
{
	return get_unaligned_be64(iv + 4);
}

static bool seen_before(const struct pk_record *r, const u8 *iv)
{
	return !memcmp(r->seen, iv, sizeof(r->seen));
}

/*
 * A record that is no data can come twice: first decrypted into user pages, then
 * again for the socket's queue.  So the last one is still served when the keys
 * have ended, and by the generation before if it was that one's last.
 */
int pk_record_begin(const struct pk_record *r, const u8 *iv,
		    unsigned int *generation, u8 *nonce)
{
	u64 seq = sequence(iv), base = r->base;

	if (r->ended && !seen_before(r, iv))
		return -EKEYREJECTED;
	*generation = r->generation;
	memcpy(nonce, iv, PK_RECORD_IV_SIZE);
	if (!r->derived)
		return 0;
	if (get_unaligned_be32(iv))
		return -EINVAL;
	if (seq < base) {
		base = r->last_base;
		--*generation;
	}
	put_unaligned_be64(seq - base, nonce + 4);
	crypto_xor(nonce, r->iv[*generation], PK_RECORD_IV_SIZE);
	return 0;
}

/* The bytes before the inner plaintext's type, which goes to @type. */
static unsigned int find_type(struct scatterlist *sg, unsigned int skip,
			      unsigned int len, u8 *type)
{
	u8 tail[16];

	*type = 0;
	while (len) {
		unsigned int n = min_t(unsigned int, len, sizeof(tail));

		scatterwalk_map_and_copy(tail, sg, skip + len - n, n, 0);
		for (len -= n; n; n--) {
			if (!tail[n - 1])
				continue;	/* padding */
			*type = tail[n - 1];
			return len + n - 1;
		}
	}
	return 0;
}

/*
 * Whether a KeyUpdate ends with this record's handshake messages.  What is cut
 * inside a message's header ends the keys: no peer does that.
 */
static bool has_key_update(struct pk_record *r, struct scatterlist *sg,
			   unsigned int at, unsigned int len)
{
	u8 header[HANDSHAKE_HEADER];

	for (;;) {
		unsigned int n = min(r->left, len);

		r->left -= n;
		at += n;
		len -= n;
		if (!len)
			return r->key_update && !r->left;
		if (len < HANDSHAKE_HEADER) {
			r->ended = true;
			return true;
		}
		scatterwalk_map_and_copy(header, sg, at, HANDSHAKE_HEADER, 0);
		r->key_update = header[0] == KEY_UPDATE;
		r->left = get_unaligned_be32(header) & 0xffffff;
		at += HANDSHAKE_HEADER;
		len -= HANDSHAKE_HEADER;
	}
}

bool pk_record_end(struct pk_record *r, const u8 *iv, struct scatterlist *sg,
		   unsigned int skip, unsigned int len)
{
	u8 type;

	len = find_type(sg, skip, len, &type);
	if (type != TYPE_HANDSHAKE || seen_before(r, iv))
		return false;
	memcpy(r->seen, iv, sizeof(r->seen));
	if (!has_key_update(r, sg, skip, len))
		return false;
	if (r->generation + 1 >= r->generations)
		r->ended = true;
	if (r->ended)
		return true;
	r->last_base = r->base;
	r->base = sequence(iv) + 1;
	r->generation++;
	return true;
}
