// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz entry of IMA's list (libFuzzer's).  What is accepted is read as its users
 * do, and what is said of it must hold.
 *
 *	clang -fsanitize=fuzzer,address,undefined ... fuzz_ima.c ../fw/ima*.c
 */
#include "../fw/ima.h"
#include "fuzz.h"

static unsigned int sum(const void *bytes, size_t size)
{
	const uint8_t *byte = bytes;
	unsigned int total = 0;

	while (size--)
		total += *byte++;
	return total;
}

static void use_entry(const struct fw_ima_entry *entry)
{
	struct fw_digest digest;
	unsigned int total = 0;

	must(strlen(entry->template_name) < sizeof(entry->template_name));
	must(strlen(entry->file_alg) < sizeof(entry->file_alg));
	must(entry->template_hash.size == 20);
	must(entry->file_hash.size <= FW_DIGEST_MAX);
	must(!(entry->violation && entry->consistent));
	must(entry->path || !entry->path_size);
	must(entry->signature || !entry->signature_size);
	total += sum(entry->path, entry->path_size);
	total += sum(entry->signature, entry->signature_size);
	total += sum(entry->data, entry->data_size);
	must(total < UINT32_MAX);
	if (!entry->consistent)
		return;
	must(!fw_digest_of(FW_SHA1, entry->data, entry->data_size, &digest));
	must(fw_digest_equal(&digest, &entry->template_hash));
}

static void use(const struct fw_ima *ima)
{
	static const struct fw_digest zeros = { .size = 32 };
	struct fw_digest other = { .size = 32 };
	size_t i, violations = 0;

	for (i = 0; i < ima->count; i++) {
		use_entry(&ima->entries[i]);
		violations += ima->entries[i].violation;
	}
	must(violations == ima->violations);
	for (i = 0; i < ima->fault_count; i++)
		must(strlen(ima->faults[i].what) &&
		     ima->faults[i].event <= ima->count);
	must(fw_ima_replay(ima, FW_SHA256, &zeros) == 0);
	other.bytes[5] = 7;
	must(fw_ima_replay(ima, FW_SHA256, &other) == -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* a copy of its own: its end is the end of a heap block */
	void *copy = malloc(size ? size : 1);
	struct fw_ima ima;

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	if (!fw_ima_parse(copy, size, &ima)) {
		use(&ima);
		fw_ima_free(&ima);
	}
	free(copy);
	return 0;
}
