// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "samples.h"

void sample_blob(struct pk_blob *blob)
{
	memset(blob, 0, sizeof(*blob));
	memcpy(blob->magic, PK_BLOB_MAGIC, sizeof(blob->magic));
	blob->version = PK_BLOB_VERSION;
	blob->type = PROTKEY_KEY_XTS_256;
	blob->length = PROTKEY_BLOB_SIZE;
	memset(blob->key_id, 0x11, sizeof(blob->key_id));
	memset(blob->domain, 0x22, sizeof(blob->domain));
	memset(blob->mk_pattern, 0x33, sizeof(blob->mk_pattern));
	memset(blob->pattern, 0x44, sizeof(blob->pattern));
	blob->not_before = 1000;
	blob->not_after = 2000;
	blob->key_size = 64;
	memset(blob->wrapped, 0x55, sizeof(blob->wrapped));
}

static uint8_t *put_seal(uint8_t *at)
{
	struct pk_section_seal *seal = (void *)at;

	seal->section.type = PK_SECTION_SEAL;
	seal->section.flags = PK_SECTION_CRITICAL;
	seal->section.length = sizeof(*seal);
	seal->params.kind = PROTKEY_SEAL_PASSPHRASE;
	seal->params.time_cost = 3;
	seal->params.memory_kib = 65536;
	seal->params.parallelism = 1;
	memset(seal->params.salt, 0x66, sizeof(seal->params.salt));
	memset(seal->wrapped, 0x77, sizeof(seal->wrapped));
	return at + sizeof(*seal);
}

static uint8_t *put_random_seal(uint8_t *at, unsigned int kind,
				unsigned int slot)
{
	struct pk_section_seal *seal = (void *)at;

	at = put_seal(at);
	memset(&seal->params, 0, sizeof(seal->params));
	seal->params.kind = kind;
	seal->params.slot = slot;
	return at;
}

static uint8_t *put_data(uint8_t *at, unsigned int kind, unsigned int slot,
			 size_t size)
{
	struct pk_section_seal_data *data = (void *)at;

	data->section.type = PK_SECTION_SEAL_DATA;
	data->section.flags = PK_SECTION_CRITICAL;
	data->section.length = sizeof(*data) + (size + 7) / 8 * 8;
	data->slot = slot;
	data->kind = kind;
	data->size = size;
	return at + sizeof(*data);
}

static uint8_t *put_tpm(uint8_t *at)
{
	size_t size = sizeof(struct pk_seal_tpm) + 2 * PK_SEAL_TPM_DIGEST +
		      8 + 11;
	struct pk_seal_tpm *tpm;

	at = put_random_seal(at, PROTKEY_SEAL_TPM, 3);
	at = put_data(at, PROTKEY_SEAL_TPM, 3, size);
	tpm = (void *)at;
	tpm->version = PK_SEAL_TPM_VERSION;
	tpm->flags = PK_SEAL_TPM_ONCE;
	tpm->pcrs = 1 << 9 | 1 << 15;
	tpm->once_pcr = 15;
	tpm->public_size = 8;
	tpm->private_size = 11;
	memset(at + sizeof(*tpm), 0xcc, size - sizeof(*tpm));
	return at + (size + 7) / 8 * 8;
}

static uint8_t *put_clevis(uint8_t *at)
{
	at = put_random_seal(at, PROTKEY_SEAL_CLEVIS, 7);
	at = put_data(at, PROTKEY_SEAL_CLEVIS, 7, strlen(SAMPLE_JWE));
	strcpy((char *)at, SAMPLE_JWE);
	return at + 24;
}

static uint8_t *put_volume(uint8_t *at, uint8_t uuid)
{
	struct pk_section_volume *volume = (void *)at;

	volume->section.type = PK_SECTION_VOLUME;
	volume->section.flags = PK_SECTION_CRITICAL;
	volume->section.length = sizeof(*volume);
	memset(volume->uuid, uuid, sizeof(volume->uuid));
	memset(volume->pattern, 0x88, sizeof(volume->pattern));
	strcpy((char *)volume->cipher, "paes-xts-plain64");
	volume->sector_size = 4096;
	volume->key_size = PROTKEY_BLOB_SIZE;
	strcpy((char *)volume->label, "ledger");
	return at + sizeof(*volume);
}

/* Dates of a certificate, and no more than the parser looks at. */
static const uint8_t cert[SAMPLE_CERT_SIZE] =
	"\x30\x2d\x30\x2b\x02\x01\x01\x30\x00\x30\x00\x30\x1e"
	"\x17\x0d" "260101000000Z" "\x17\x0d" "360101000000Z"
	"\x30\x00\x30";

void sample_cert(uint8_t to[SAMPLE_CERT_SIZE])
{
	memcpy(to, cert, sizeof(cert));
}

static uint8_t *put_admin(uint8_t *at)
{
	struct pk_section_thresholds *thresholds;
	struct pk_section_admin *admin = (void *)at;
	size_t length = pk_section_admin_length(sizeof(cert));

	admin->section.type = PK_SECTION_ADMIN;
	admin->section.length = length;
	admin->size = sizeof(cert);
	memcpy(admin + 1, cert, sizeof(cert));
	thresholds = (void *)(at + length);
	thresholds->section.type = PK_SECTION_THRESHOLD;
	thresholds->section.length = sizeof(*thresholds);
	memset(thresholds->m, 1, sizeof(thresholds->m));
	return at + length + sizeof(*thresholds);
}

static uint8_t *put_quota(uint8_t *at)
{
	struct pk_section_quota *quota = (void *)at;

	quota->section.type = PK_SECTION_QUOTA;
	quota->section.flags = PK_SECTION_CRITICAL;
	quota->section.length = sizeof(*quota);
	quota->keys = 100;
	quota->sessions = 10;
	quota->tls_keys = 1000;
	return at + sizeof(*quota);
}

static uint8_t *put_person(uint8_t *at, const char *name, unsigned int number)
{
	struct pk_section_person *person = (void *)at;

	person->section.type = PK_SECTION_PERSON;
	person->section.flags = PK_SECTION_CRITICAL;
	person->section.length = sizeof(*person);
	strcpy((char *)person->name, name);
	person->id = 1 + number;
	person->number = (uint16_t)number;
	person->roles = number ? PROTKEY_ROLE_OPERATOR : PROTKEY_ROLE_ADMINISTRATOR;
	person->factor = number ? PROTKEY_FACTOR_TOTP_SHA1 : PROTKEY_FACTOR_NONE;
	person->digits = number ? 6 : 0;
	person->params.kind = PROTKEY_SEAL_FILE;
	return at + sizeof(*person);
}

void sample_state(uint8_t state[SAMPLE_STATE_SIZE])
{
	struct pk_sealed_header *header = (void *)state;
	struct pk_section *section;
	uint8_t *at = state + sizeof(*header);

	memset(state, 0, SAMPLE_STATE_SIZE);
	memcpy(header->magic, PK_SEALED_MAGIC, sizeof(header->magic));
	header->version = PK_SEALED_VERSION;
	header->length = SAMPLE_STATE_SIZE;
	memset(header->uuid, 0x99, sizeof(header->uuid));
	strcpy((char *)header->name, "ledger");
	header->generation = 1;
	memset(header->pattern_current, 0xaa, sizeof(header->pattern_current));
	header->sections = 13;
	at = put_seal(at);
	at = put_volume(at, 2);
	at = put_volume(at, 1);
	section = (void *)at;
	section->type = 0x7777;
	section->length = 24;
	at = put_quota(put_admin(put_clevis(put_tpm(at + 24))));
	at = put_person(put_person(at, "alice", 0), "bob", 1);
	memset(at, 0xbb, PK_SEALED_MAC_SIZE);
}

static uint8_t *put(uint8_t *at, const char *bytes, size_t size)
{
	memcpy(at, bytes, size);
	return at + size;
}

static uint8_t *fill(uint8_t *at, uint8_t byte, size_t size)
{
	memset(at, byte, size);
	return at + size;
}

void sample_quote(uint8_t quote[SAMPLE_QUOTE_SIZE])
{
	/* magic, type, signer */
	uint8_t *at = put(quote, "\xff" "TCG\x80\x18\x00\x22\x00\x0b", 10);

	at = put(fill(at, 0x11, 32), "\x00\x20", 2);
	/* nonce, clock, resets, restarts, safe, firmware */
	at = fill(fill(at, 0x22, 32), 0x33, 16);
	at = fill(put(at, "\x01", 1), 0x44, 8);
	/* one bank, SHA-256, three bytes */
	at = put(at, "\x00\x00\x00\x01\x00\x0b\x03\x10\x02\x00\x00\x20", 12);
	fill(at, 0x55, 32);
}

void sample_ak(uint8_t ak[SAMPLE_AK_SIZE])
{
	uint8_t *at = put(ak, "\x00\x23\x00\x0b\x00\x05\x04\x72\x00\x00\x00\x10"
			  "\x00\x18\x00\x0b\x00\x03\x00\x10\x00\x20", 22);

	at = put(fill(at, 0x66, 32), "\x00\x20", 2);
	fill(at, 0x77, 32);
}

void sample_ecdsa(uint8_t ecdsa[SAMPLE_ECDSA_SIZE])
{
	uint8_t *at = put(ecdsa, "\x00\x18\x00\x0b\x00\x1f", 6);

	at = put(fill(at, 0x88, 31), "\x00\x20", 2);
	fill(at, 0x99, 32);
}

void sample_rsa_ak(uint8_t ak[SAMPLE_RSA_AK_SIZE])
{
	uint8_t *at = put(ak, "\x00\x01\x00\x0b\x00\x05\x04\x72\x00\x00\x00\x10"
			  "\x00\x14\x00\x0b\x08\x00\x00\x00\x00\x00\x01\x00", 24);

	fill(at, 0xaa, 256);
}

void sample_rsa_signed(uint8_t signature[SAMPLE_RSA_SIGNED_SIZE])
{
	fill(put(signature, "\x00\x14\x00\x0b\x01\x00", 6), 0xbb, 256);
}

void sample_measured(struct protkey_measured *measured)
{
	memset(measured, 0, sizeof(*measured));
	measured->pcrs = 1 << 4 | 1 << 9;
	measured->key_size = SAMPLE_AK_SIZE;
	measured->count = 2;
	sample_ak(measured->key);
	memset(measured->accepted, 0x55, 2 * sizeof(measured->accepted[0]));
}
