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
	header->sections = 4;
	at = put_seal(at);
	at = put_volume(at, 2);
	at = put_volume(at, 1);
	section = (void *)at;
	section->type = 0x7777;
	section->length = 16;
	memset(at + 16, 0xbb, PK_SEALED_MAC_SIZE);
}
