// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz entry of the parsers (libFuzzer's).  The first byte chooses one; what
 * it accepts is walked and read as its users do, so that a length that is not
 * checked shows up as a bad access.
 *
 *	clang -fsanitize=fuzzer,address,undefined ... fuzz_parse.c
 */
#include "attest.h"
#include "der.h"
#include "fuzz.h"
#include "keyblob.h"
#include "sealdata.h"
#include "sealed.h"

static void use_blob(const void *buf, size_t size)
{
	const struct pk_blob *blob;

	if (pk_blob_parse(buf, size, &blob))
		return;
	must(size == PROTKEY_BLOB_SIZE);
	must(pk_blob_type_name(blob->type) != NULL);
	must(pk_blob_key_size(blob->type) == blob->key_size);
	pk_blob_valid_at(blob, 0);
}

static void use_data(const struct pk_sealed_header *header,
		     const struct pk_section_seal_data *data)
{
	const struct pk_section_seal *seal =
		pk_sealed_find_seal(header, data->slot);
	const struct pk_seal_tpm *tpm = pk_seal_data_bytes(data);
	const uint8_t *byte = pk_seal_data_bytes(data);
	size_t parts, i;
	unsigned int sum = 0;

	must(seal && seal->params.kind == data->kind);
	must(pk_sealed_find_data(header, data->slot) == data);
	for (i = 0; i < data->size; i++)
		sum += byte[i];
	if (data->kind == PROTKEY_SEAL_TPM) {
		parts = (size_t)tpm->public_size + tpm->private_size;
		must(data->size - sizeof(*tpm) - parts ==
		     pk_seal_tpm_count(tpm->pcrs) * PK_SEAL_TPM_DIGEST);
	}
	must(sum || data->size);
}

static void use_measured(const struct pk_sealed_header *header)
{
	struct protkey_measured measured;

	must(pk_sealed_measured(header, &measured));
	must(!pk_measured_check(&measured));
}

static void use_section(const struct pk_sealed_header *header,
			const struct pk_section *section)
{
	const struct pk_section_volume *volume = (const void *)section;
	const struct pk_section_seal *seal = (const void *)section;

	if (section->type == PK_SECTION_VOLUME) {
		must(strlen((const char *)volume->cipher) < 32);
		must(strlen((const char *)volume->label) < 40);
		must(pk_sealed_find_volume(header, volume->uuid) == volume);
	}
	if (section->type == PK_SECTION_SEAL) {
		must(pk_sealed_find_seal(header, seal->params.slot) == seal);
		must(!pk_sealed_find_data(header, seal->params.slot) ==
		     (seal->params.kind == PROTKEY_SEAL_PASSPHRASE));
	}
	if (section->type == PK_SECTION_PERSON) {
		const struct pk_section_person *person = (const void *)section;

		must(pk_sealed_find_person(header, (const char *)person->name) == person);
		must(pk_sealed_persons(header, PROTKEY_ROLE_OPERATOR) > 0);
	}
	if (section->type == PK_SECTION_SEAL_DATA)
		use_data(header, (const void *)section);
	if (section->type == PK_SECTION_MEASURED)
		use_measured(header);
}

static void use_state(const void *buf, size_t size)
{
	const struct pk_section *section = NULL;
	const struct pk_sealed_header *header;
	uint32_t count = 0;

	if (pk_sealed_parse(buf, size, &header))
		return;
	must(header->length == size);
	must(pk_name_valid((const char *)header->name));
	while ((section = pk_sealed_next(header, section))) {
		use_section(header, section);
		count++;
	}
	must(count == header->sections);
}

static void use_der(const void *buf, size_t size)
{
	const __u8 *start = buf;
	struct pk_cert cert;

	pk_cms_check(buf, size);
	if (pk_cert_parse(buf, size, &cert))
		return;
	must(cert.key > start && cert.key + cert.key_size <= start + size);
}

static void use_attest(const void *buf, size_t size)
{
	const __u8 *start = buf, *end = start + size;
	__u8 to[PK_SIGNED_ENCODED_MAX], key[PK_AK_ENCODED_MAX];
	struct pk_quoted quoted;
	struct pk_signed is;
	struct pk_ak ak;

	if (!pk_ak_parse(buf, size, &ak))
		must(pk_ak_encode(&ak, key) <= sizeof(key));
	if (!pk_signed_parse(buf, size, &is))
		must(pk_signed_encode(&is, to) <= sizeof(to));
	if (pk_quote_parse(buf, size, &quoted))
		return;
	must(quoted.nonce > start && quoted.nonce + quoted.nonce_size < end);
	must(quoted.digest + 32 == end && !(quoted.pcrs >> 24));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* a copy of its own: its end is the end of a heap block */
	void *copy;

	if (!size)
		return 0;
	copy = malloc(size - 1 ? size - 1 : 1);
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	if (data[0] & 4)
		use_attest(copy, size - 1);
	else if (data[0] & 2)
		use_der(copy, size - 1);
	else if (data[0] & 1)
		use_state(copy, size - 1);
	else
		use_blob(copy, size - 1);
	free(copy);
	return 0;
}
