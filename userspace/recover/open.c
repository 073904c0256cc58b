// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening a key blob and a sealed state, from the written format alone.  The
 * offsets are spelled out here a second time on purpose.
 */
#include <string.h>

#include <openssl/crypto.h>

#include "recover.h"

/* Key blob v1: Documentation/keyblob.md */
#define BLOB_SIZE		256
#define BLOB_HEADER		184
#define BLOB_AT_TYPE		10
#define BLOB_AT_MK_PATTERN	48
#define BLOB_AT_PATTERN		64
#define BLOB_AT_KEY_SIZE	120

/* Sealed state v1: Documentation/domains */
#define STATE_HEADER		192
#define STATE_MAC		16
#define STATE_AT_LENGTH		12
#define STATE_AT_UUID		16
#define STATE_AT_PATTERN	80
#define SECTION_HEADER		8
#define SECTION_SEAL		1
#define SEAL_SIZE		168
#define SEAL_PARAMS		88

static unsigned int le16(const uint8_t *at)
{
	return at[0] | (unsigned int)at[1] << 8;
}

static uint32_t le32(const uint8_t *at)
{
	return le16(at) | (uint32_t)le16(at + 2) << 16;
}

static int mk_matches(const uint8_t mk[KEY_SIZE], const uint8_t *pattern)
{
	uint8_t mine[PATTERN_SIZE];

	return !kdf(mk, "protkey mk pattern v1", NULL, 0, mine, sizeof(mine)) &&
	       !CRYPTO_memcmp(mine, pattern, sizeof(mine));
}

/* KI is the first half of the payload; the rest is context. */
static int key_matches(const struct opened_key *key, const uint8_t *pattern)
{
	uint8_t context[44] = { 0 }, mine[PATTERN_SIZE];
	int ret;

	memcpy(context, key->payload + 32, 32);
	context[32] = (uint8_t)key->type;
	context[33] = (uint8_t)(key->type >> 8);
	context[34] = (uint8_t)key->size;
	context[35] = (uint8_t)(key->size >> 8);
	ret = !kdf(key->payload, "protkey kvp", context, sizeof(context), mine,
		   sizeof(mine)) &&
	      !CRYPTO_memcmp(mine, pattern, sizeof(mine));
	OPENSSL_cleanse(context, sizeof(context));
	return ret;
}

const char *open_blob(const uint8_t *blob, size_t size,
		      const uint8_t mk[KEY_SIZE], struct opened_key *key)
{
	uint8_t wrap[KEY_SIZE], payload[256];
	size_t payload_size = 0, i;
	int ret;

	if (size != BLOB_SIZE || memcmp(blob, "PROTKEYB", 8))
		return "this is not a key blob";
	if (le16(blob + 8) != 1)
		return "this key blob has another version than 1";
	if (!mk_matches(mk, blob + BLOB_AT_MK_PATTERN))
		return "this key blob is wrapped under another master key";
	key->type = le16(blob + BLOB_AT_TYPE);
	key->size = le16(blob + BLOB_AT_KEY_SIZE);
	if (!key->size || key->size > PAYLOAD_SIZE)
		return "the key blob is damaged";
	if (kdf(mk, "protkey key blob v1", blob, BLOB_HEADER, wrap, KEY_SIZE))
		return "OpenSSL cannot derive the wrapping key";
	ret = unwrap(wrap, blob + BLOB_HEADER, WRAPPED_SIZE, payload,
		     &payload_size);
	OPENSSL_cleanse(wrap, sizeof(wrap));
	if (!ret)
		memcpy(key->payload, payload, PAYLOAD_SIZE);
	OPENSSL_cleanse(payload, sizeof(payload));
	if (ret || payload_size != PAYLOAD_SIZE)
		return "the key blob is damaged or was changed";
	for (i = key->size; i < PAYLOAD_SIZE; i++)
		if (key->payload[i])
			return "the padding of the key is not zero";
	if (!key_matches(key, blob + BLOB_AT_PATTERN))
		return "the key does not match its verification pattern";
	return NULL;
}

static const char *check_state(const uint8_t *state, size_t size)
{
	if (size < STATE_HEADER + STATE_MAC || memcmp(state, "PKDOMAIN", 8) ||
	    le32(state + STATE_AT_LENGTH) != size)
		return "this is not a sealed state, or it is damaged";
	if (le16(state + 8) != 1)
		return "this sealed state has another version than 1";
	return NULL;
}

static void take_seal(const uint8_t *state, const uint8_t *section,
		      struct seal *seal)
{
	const uint8_t *params = section + SECTION_HEADER;

	seal->kind = le16(params);
	memcpy(seal->context, state + STATE_AT_UUID, 16);
	memcpy(seal->context + 16, params, SEAL_PARAMS);
	memcpy(seal->wrapped, params + SEAL_PARAMS, WRAPPED_SIZE);
	memcpy(seal->salt, params + 8, sizeof(seal->salt));
	seal->time_cost = le32(params + 40);
	seal->memory_kib = le32(params + 44);
	seal->parallelism = le32(params + 48);
}

const char *find_seal(const uint8_t *state, size_t size, unsigned int slot,
		      struct seal *seal)
{
	const char *wrong = check_state(state, size);
	size_t at = STATE_HEADER, end = size - STATE_MAC;

	if (wrong)
		return wrong;
	while (end - at >= SECTION_HEADER) {
		const uint8_t *section = state + at;
		size_t length = le32(section + 4);

		if (length < SECTION_HEADER || length > end - at)
			return "the sealed state is damaged";
		if (le16(section) == SECTION_SEAL && length == SEAL_SIZE &&
		    le16(section + SECTION_HEADER + 2) == slot) {
			take_seal(state, section, seal);
			return NULL;
		}
		at += length;
	}
	return "the sealed state has no such slot";
}

static const char *check_mac(const uint8_t *state, size_t size,
			     const uint8_t mk[KEY_SIZE])
{
	uint8_t key[KEY_SIZE], mac[16];
	int ret;

	ret = kdf(mk, "protkey state mac v1", state + STATE_AT_UUID, 16, key,
		  sizeof(key)) ||
	      cmac(key, state, size - STATE_MAC, mac);
	OPENSSL_cleanse(key, sizeof(key));
	if (ret)
		return "OpenSSL cannot compute the MAC";
	if (CRYPTO_memcmp(mac, state + size - STATE_MAC, STATE_MAC))
		return "the sealed state was changed: its MAC is wrong";
	return NULL;
}

const char *open_state(const uint8_t *state, size_t size,
		       const struct seal *seal, const uint8_t kek[KEY_SIZE],
		       uint8_t mk[KEY_SIZE])
{
	uint8_t wrap[KEY_SIZE], payload[256];
	size_t payload_size = 0, i;
	const char *wrong = NULL;

	if (kdf(kek, "protkey seal v1", seal->context, sizeof(seal->context),
		wrap, sizeof(wrap)))
		return "OpenSSL cannot derive the sealing key";
	if (unwrap(wrap, seal->wrapped, WRAPPED_SIZE, payload, &payload_size) ||
	    payload_size != PAYLOAD_SIZE)
		wrong = "wrong passphrase or KEK, or the sealed state was changed";
	for (i = KEY_SIZE; !wrong && i < PAYLOAD_SIZE; i++)
		if (payload[i])
			wrong = "the padding of the master key is not zero";
	if (!wrong)
		memcpy(mk, payload, KEY_SIZE);
	OPENSSL_cleanse(wrap, sizeof(wrap));
	OPENSSL_cleanse(payload, sizeof(payload));
	if (!wrong && !mk_matches(mk, state + STATE_AT_PATTERN))
		wrong = "the master key does not match its verification pattern";
	return wrong ? wrong : check_mac(state, size, mk);
}
