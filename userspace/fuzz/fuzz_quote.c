// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz entry of quotes (libFuzzer's): a TPM's structures, not wrapped in JSON,
 * where mutations would seldom be base64.  Input: three sizes, each of two bytes
 * (attest, signature, key), then these; what is left is the nonce.
 *
 * There are no PCR values with it, so that not even a true one may be good.
 */
#include "bytes.h"
#include "evidence.h"
#include "fuzz.h"

/* Blocks of their own: the end of each is the end of its memory. */
static bool part(struct bytes *in, size_t size, struct fw_buffer *to)
{
	const uint8_t *at;

	if (!take(in, &at, size))
		return false;
	to->data = malloc(size ? size : 1);
	must(to->data);
	memcpy(to->data, at, size);
	to->size = size;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size };
	struct fw_evidence ev = { .quoted = true };
	uint16_t attest, signature, key;
	struct fw_pcrs quoted, none = { 0 };
	struct fw_digest name;
	enum fw_quote quote;

	if (!take_le16(&in, &attest) || !take_le16(&in, &signature) ||
	    !take_le16(&in, &key))
		return -1;
	if (part(&in, attest, &ev.attest) &&
	    part(&in, signature, &ev.signature) && part(&in, key, &ev.key) &&
	    part(&in, in.left, &ev.nonce)) {
		/* the name that the key has, so that what is behind is reached */
		if (key > 2) {
			must(!fw_digest_of(FW_SHA256, ev.key.data + 2, key - 2,
					   &name));
			memcpy(ev.key_name, "\0\x0b", 2);
			memcpy(ev.key_name + 2, name.bytes, 32);
		}
		quote = fw_quote_check(&ev, NULL, 0, NULL, &quoted, NULL, NULL);
		must(quote != FW_QUOTE_GOOD && quote < FW_QUOTES);
		must(!memcmp(&quoted, &none, sizeof(none)));
	}
	free(ev.attest.data);
	free(ev.signature.data);
	free(ev.key.data);
	free(ev.nonce.data);
	return 0;
}
