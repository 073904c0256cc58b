// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parsers of key blobs and sealed states: every truncation, every flipped
 * bit, every rule of the headers, each with its errno.  Prints KTAP.  Runs
 * under ASan and UBSan, see blob_parse_test.sh.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "samples.h"

static int count, failed;

static void report(int ok, const char *name)
{
	printf("%sok %d %s\n", ok ? "" : "not ", ++count, name);
	failed += !ok;
}

/* In a block of just this size, so that ASan sees one byte too far. */
static int parse_blob(const void *buf, size_t size)
{
	const struct pk_blob *blob;
	void *copy = malloc(size ? size : 1);
	int ret;

	memcpy(copy, buf, size);
	ret = pk_blob_parse(copy, size, &blob);
	free(copy);
	return ret;
}

static int parse_state(const void *buf, size_t size)
{
	const struct pk_sealed_header *header;
	void *copy = malloc(size ? size : 1);
	int ret;

	memcpy(copy, buf, size);
	ret = pk_sealed_parse(copy, size, &header);
	free(copy);
	return ret;
}

static void test_blob_lengths(void)
{
	uint8_t buf[2 * PROTKEY_BLOB_SIZE] = { 0 };
	int ok = 1;
	size_t size;

	sample_blob((void *)buf);
	report(!parse_blob(buf, PROTKEY_BLOB_SIZE), "blob: a good one");
	for (size = 0; size <= sizeof(buf); size++)
		if (size != PROTKEY_BLOB_SIZE)
			ok &= parse_blob(buf, size) == -EINVAL;
	report(ok, "blob: every other length 0..512 gives EINVAL");
}

/* Bits in which any value is good: random fields, dates, usage, wrapping. */
static int blob_bit_is_free(size_t byte, unsigned int bit)
{
	if (byte >= offsetof(struct pk_blob, key_id) &&
	    byte < offsetof(struct pk_blob, not_before))
		return 1;
	if (byte >= offsetof(struct pk_blob, wrapped))
		return 1;
	if (byte >= offsetof(struct pk_blob, not_before) &&
	    byte < offsetof(struct pk_blob, usage))
		return 1;	/* judged by test_blob_rules() */
	/* xts-256 becomes hmac-512, which has the same size */
	if (byte == offsetof(struct pk_blob, type) && bit == 1)
		return 1;
	return (byte == offsetof(struct pk_blob, usage) ||
		byte == offsetof(struct pk_blob, flags)) && bit < 2;
}

static void test_blob_bits(void)
{
	struct pk_blob blob;
	uint8_t *bytes = (void *)&blob;
	int ok = 1, ret;
	size_t byte;
	unsigned int bit;

	for (byte = 0; byte < sizeof(blob); byte++) {
		for (bit = 0; bit < 8; bit++) {
			sample_blob(&blob);
			bytes[byte] ^= (uint8_t)(1U << bit);
			ret = parse_blob(&blob, sizeof(blob));
			if (!blob_bit_is_free(byte, bit) && !ret) {
				printf("# byte %zu bit %u accepted\n", byte, bit);
				ok = 0;
			}
			ok &= !ret || ret == -EBADMSG || ret == -EOPNOTSUPP;
		}
	}
	report(ok, "blob: every flipped bit of the structure is refused");
}

#define BLOB_RULE(change, want, name) do {				\
	struct pk_blob blob;						\
	sample_blob(&blob);						\
	change;								\
	report(parse_blob(&blob, sizeof(blob)) == (want), "blob: " name); \
} while (0)

static void test_blob_rules(void)
{
	BLOB_RULE(blob.magic[0] = 0, -EBADMSG, "magic gives EBADMSG");
	BLOB_RULE(blob.version = 2, -EOPNOTSUPP, "version 2 gives EOPNOTSUPP");
	BLOB_RULE(blob.version = 0, -EBADMSG, "version 0 gives EBADMSG");
	BLOB_RULE(blob.type = 0, -EBADMSG, "type 0 gives EBADMSG");
	BLOB_RULE(blob.type = 8, -EBADMSG, "type 8 gives EBADMSG");
	BLOB_RULE(blob.type = PROTKEY_KEY_XTS_128, -EBADMSG,
		  "size of another type gives EBADMSG");
	BLOB_RULE((blob.type = PROTKEY_KEY_XTS_128, blob.key_size = 32), 0,
		  "type and size together");
	BLOB_RULE(blob.usage = 4, -EBADMSG, "unknown usage gives EBADMSG");
	BLOB_RULE(blob.usage = 2, 0, "usage of a key that encrypts");
	BLOB_RULE((blob.type = PROTKEY_KEY_HMAC_512, blob.usage = 0), 0,
		  "an HMAC key without usage");
	BLOB_RULE((blob.type = PROTKEY_KEY_HMAC_512, blob.usage = 1), -EBADMSG,
		  "usage of an HMAC key gives EBADMSG");
	BLOB_RULE((blob.type = PROTKEY_KEY_HMAC_256, blob.usage = 0), -EBADMSG,
		  "an HMAC key of another size gives EBADMSG");
	BLOB_RULE(blob.flags = 4, -EBADMSG, "unknown flag gives EBADMSG");
	BLOB_RULE(blob.not_after = 999, -EBADMSG, "dates reversed give EBADMSG");
	BLOB_RULE(blob.not_after = 1000, 0, "dates of one second");
	BLOB_RULE(blob.not_after = 0, 0, "no end date");
	BLOB_RULE(memset(blob.domain, 0, 16), -EBADMSG, "no domain gives EBADMSG");
	BLOB_RULE(memset(blob.key_id, 0, 16), -EBADMSG, "no key ID gives EBADMSG");
	BLOB_RULE(blob.reserved[61] = 1, -EBADMSG, "reserved byte gives EBADMSG");
}

static void test_blob_dates(void)
{
	struct pk_blob blob;

	sample_blob(&blob);
	report(!pk_blob_valid_at(&blob, 999) && pk_blob_valid_at(&blob, 1000) &&
	       pk_blob_valid_at(&blob, 2000) && !pk_blob_valid_at(&blob, 2001),
	       "blob: validity dates");
	blob.not_before = 0;
	blob.not_after = 0;
	report(pk_blob_valid_at(&blob, 0) && pk_blob_valid_at(&blob, ~0ULL),
	       "blob: no dates, always valid");
}

static void test_state_lengths(void)
{
	uint8_t buf[SAMPLE_STATE_SIZE + 64] = { 0 };
	int ok = 1;
	size_t size;

	sample_state(buf);
	report(!parse_state(buf, SAMPLE_STATE_SIZE), "state: a good one");
	for (size = 0; size <= sizeof(buf); size++)
		if (size != SAMPLE_STATE_SIZE)
			ok &= parse_state(buf, size) == -EBADMSG;
	report(ok, "state: every other length gives EBADMSG");
}

/* The same with a length field that agrees: the sections must not fit. */
static void test_state_cut(void)
{
	uint8_t buf[SAMPLE_STATE_SIZE];
	struct pk_sealed_header *header = (void *)buf;
	int ok = 1;
	size_t size;

	for (size = 0; size < SAMPLE_STATE_SIZE; size++) {
		sample_state(buf);
		header->length = (uint32_t)size;
		ok &= parse_state(buf, size) == -EBADMSG;
	}
	report(ok, "state: cut everywhere with a length that agrees");
}

static void test_state_bits(void)
{
	uint8_t buf[SAMPLE_STATE_SIZE];
	int ok = 1, ret;
	size_t byte;
	unsigned int bit;

	for (byte = 0; byte < sizeof(buf); byte++) {
		for (bit = 0; bit < 8; bit++) {
			sample_state(buf);
			buf[byte] ^= (uint8_t)(1U << bit);
			ret = parse_state(buf, sizeof(buf));
			ok &= !ret || ret == -EBADMSG || ret == -EOPNOTSUPP;
		}
	}
	report(ok, "state: every flipped bit gives EBADMSG, EOPNOTSUPP or 0");
}

static struct pk_section *section_at(uint8_t *buf, int index)
{
	const struct pk_section *at = NULL;

	do {
		at = pk_sealed_next((void *)buf, at);
	} while (index--);
	return (struct pk_section *)at;
}

#define STATE_RULE(change, want, name) do {				\
	uint8_t buf[SAMPLE_STATE_SIZE];					\
	struct pk_sealed_header *header = (void *)buf;			\
	struct pk_section_seal *seal;					\
	struct pk_section_volume *volume;				\
	struct pk_section *other;					\
	struct pk_section_seal *tpm_seal;				\
	struct pk_section_seal_data *tpm_data, *jwe;			\
	struct pk_seal_tpm *tpm;					\
	struct pk_section_thresholds *thresholds;			\
	struct pk_section_admin *admin;					\
	struct pk_section_quota *quota;					\
	struct pk_section_person *alice, *bob;				\
	sample_state(buf);						\
	seal = (void *)section_at(buf, 0);				\
	volume = (void *)section_at(buf, 1);				\
	other = section_at(buf, 3);					\
	tpm_seal = (void *)section_at(buf, 4);				\
	tpm_data = (void *)section_at(buf, 5);				\
	tpm = (void *)(tpm_data + 1);					\
	jwe = (void *)section_at(buf, 7);				\
	admin = (void *)section_at(buf, 8);				\
	thresholds = (void *)section_at(buf, 9);			\
	quota = (void *)section_at(buf, 10);				\
	alice = (void *)section_at(buf, 11);				\
	bob = (void *)section_at(buf, 12);				\
	(void)header, (void)seal, (void)volume, (void)other;		\
	(void)tpm_seal, (void)tpm_data, (void)tpm, (void)jwe;		\
	(void)admin, (void)thresholds, (void)quota;			\
	(void)alice, (void)bob;						\
	change;								\
	report(parse_state(buf, sizeof(buf)) == (want), "state: " name); \
} while (0)

static void test_admin_rules(void)
{
	STATE_RULE(header->flags = PROTKEY_DOMAIN_ONE_PERSON, -EBADMSG,
		   "one person with administrators gives EBADMSG");
	STATE_RULE((admin->section.type = 0x7777, thresholds->section.type = 0x7777), -EBADMSG,
		   "no administrators and not one person gives EBADMSG");
	STATE_RULE((admin->section.type = 0x7777, thresholds->section.type = 0x7777,
		    header->flags = PROTKEY_DOMAIN_ONE_PERSON), 0, "one person");
	STATE_RULE(thresholds->section.type = 0x7777, -EBADMSG, "no thresholds gives EBADMSG");
	STATE_RULE(admin->section.type = 0x7777, -EBADMSG, "thresholds of nobody gives EBADMSG");
	STATE_RULE(thresholds->m[PROTKEY_CLASS_SEAL] = 2, -EBADMSG,
		   "more signatures than administrators gives EBADMSG");
	STATE_RULE(thresholds->m[PROTKEY_CLASS_SEAL] = 0, -EBADMSG, "no signature gives EBADMSG");
	STATE_RULE(thresholds->m[PROTKEY_CLASS_DESTROY] = 0, 0, "no signature to destroy");
	STATE_RULE(thresholds->reserved[2] = 1, -EBADMSG, "thresholds not zero padded gives EBADMSG");
	STATE_RULE(admin->size -= 1, -EBADMSG, "a certificate cut short gives EBADMSG");
	STATE_RULE(admin->size += 8, -EBADMSG, "a certificate longer than its section gives EBADMSG");
	STATE_RULE(((uint8_t *)(admin + 1))[SAMPLE_CERT_SIZE] = 1, -EBADMSG,
		   "a certificate not zero padded gives EBADMSG");
	STATE_RULE(((uint8_t *)(admin + 1))[17] = '3', -EBADMSG, "month 31 gives EBADMSG");
	STATE_RULE(((uint8_t *)(admin + 1))[1] = 0x81, -EBADMSG, "a length in a longer form gives EBADMSG");
}

static void test_quota_rules(void)
{
	STATE_RULE((quota->keys = 0, quota->sessions = 0, quota->tls_keys = 0), 0,
		   "quotas of nothing");
	STATE_RULE((quota->keys = PROTKEY_QUOTA_KEYS,
		    quota->sessions = PROTKEY_QUOTA_SESSIONS_MAX,
		    quota->tls_keys = PROTKEY_QUOTA_TLS_KEYS), 0, "the largest quotas");
	STATE_RULE(quota->keys = PROTKEY_QUOTA_KEYS + 1, -EBADMSG, "too many keys gives EBADMSG");
	STATE_RULE(quota->sessions = PROTKEY_QUOTA_SESSIONS_MAX + 1, -EBADMSG,
		   "too many sessions gives EBADMSG");
	STATE_RULE(quota->tls_keys = PROTKEY_QUOTA_TLS_KEYS + 1, -EBADMSG,
		   "too many TLS keys gives EBADMSG");
	STATE_RULE(quota->reserved = 1, -EBADMSG, "quotas with a reserved field gives EBADMSG");
	STATE_RULE((other->type = PK_SECTION_QUOTA, quota->section.type = PK_SECTION_MK_REGISTER),
		   -EBADMSG, "quotas as a register gives EBADMSG");
	STATE_RULE(other->type = PK_SECTION_QUOTA, -EBADMSG, "quotas twice gives EBADMSG");
	STATE_RULE(quota->section.type = PK_SECTION_THRESHOLD, -EBADMSG,
		   "a section of quotas' length for thresholds gives EBADMSG");
	STATE_RULE((quota->section.length = 16, quota->tls_keys = 7 | 8 << 16), -EBADMSG,
		   "quotas cut short gives EBADMSG");
}

static void test_person_rules(void)
{
	STATE_RULE(bob->roles = 0, -EBADMSG, "a person without roles gives EBADMSG");
	STATE_RULE(bob->roles |= 1U << PROTKEY_ROLES, -EBADMSG, "an unknown role gives EBADMSG");
	STATE_RULE(bob->roles = PROTKEY_ROLE_USER, -EBADMSG, "no operator gives EBADMSG");
	STATE_RULE(alice->roles = PROTKEY_ROLE_OPERATOR, -EBADMSG,
		   "no administrator gives EBADMSG");
	STATE_RULE((alice->section.type = 0x7777, alice->section.flags = 0), -EBADMSG,
		   "persons without administrator give EBADMSG");
	STATE_RULE((alice->section.type = 0x7777, alice->section.flags = 0,
		    bob->section.type = 0x7777, bob->section.flags = 0), 0, "no persons");
	STATE_RULE(bob->number = 0, -EBADMSG, "a number twice gives EBADMSG");
	STATE_RULE(bob->number = PROTKEY_PERSONS_MAX, -EBADMSG, "number 32 gives EBADMSG");
	STATE_RULE(strcpy((char *)bob->name, "alice"), -EBADMSG, "a name twice gives EBADMSG");
	STATE_RULE(bob->name[0] = '/', -EBADMSG, "a person's name with / gives EBADMSG");
	STATE_RULE(bob->name[20] = 'x', -EBADMSG, "a person's name not zero padded gives EBADMSG");
	STATE_RULE(bob->id = 0, -EBADMSG, "enrolment 0 gives EBADMSG");
	STATE_RULE(bob->factor = 3, -EBADMSG, "an unknown factor gives EBADMSG");
	STATE_RULE(bob->digits = 5, -EBADMSG, "codes of five digits give EBADMSG");
	STATE_RULE(alice->digits = 6, -EBADMSG, "codes without factor give EBADMSG");
	STATE_RULE(bob->params.kind = PROTKEY_SEAL_TPM, -EBADMSG,
		   "a person's credential in a TPM gives EBADMSG");
	STATE_RULE(bob->params.slot = 1, -EBADMSG, "a person's slot gives EBADMSG");
	STATE_RULE(bob->params.kind = PROTKEY_SEAL_PASSPHRASE, -EBADMSG,
		   "a passphrase without costs gives EBADMSG");
	STATE_RULE((bob->section.length -= 8, bob->verifier[0] = 0), -EBADMSG,
		   "a person cut short gives EBADMSG");
}

/* What holds, in a state with quotas and in one without. */
static void test_quota(void)
{
	uint8_t buf[SAMPLE_STATE_SIZE];
	struct pk_section *section;
	struct protkey_quota quota;

	sample_state(buf);
	pk_sealed_quota((void *)buf, &quota);
	report(quota.keys == 100 && quota.sessions == 10 && quota.tls_keys == 1000,
	       "state: its quotas");
	section = section_at(buf, 10);
	section->type = 0x7777;
	pk_sealed_quota((void *)buf, &quota);
	report(quota.keys == PROTKEY_QUOTA_KEYS && quota.sessions == PROTKEY_QUOTA_SESSIONS &&
	       quota.tls_keys == PROTKEY_QUOTA_TLS_KEYS, "state: quotas when there are none");
}

static void test_state_rules(void)
{
	STATE_RULE(header->version = 2, -EOPNOTSUPP, "version 2 gives EOPNOTSUPP");
	STATE_RULE(header->flags = 0x8000, -EBADMSG, "unknown flag gives EBADMSG");
	STATE_RULE(strcpy((char *)header->name, "control"), -EBADMSG,
		   "name control gives EBADMSG");
	STATE_RULE(header->name[2] = '/', -EBADMSG, "name with / gives EBADMSG");
	STATE_RULE(header->name[20] = 'x', -EBADMSG,
		   "name not zero padded gives EBADMSG");
	STATE_RULE(memset(header->name, 'a', 32), -EBADMSG,
		   "name not terminated gives EBADMSG");
	STATE_RULE(header->sections = 3, -EBADMSG, "section count gives EBADMSG");
	STATE_RULE(header->reserved[59] = 1, -EBADMSG, "reserved byte gives EBADMSG");
	STATE_RULE(seal->params.slot = 16, -EBADMSG, "slot 16 gives EBADMSG");
	STATE_RULE(seal->params.kind = 5, -EOPNOTSUPP, "unknown seal gives EOPNOTSUPP");
	STATE_RULE(seal->params.kind = PROTKEY_SEAL_SHARES, -EBADMSG, "shares with memory give EBADMSG");
	STATE_RULE((seal->params.kind = PROTKEY_SEAL_SHARES, seal->params.memory_kib = 0,
		    seal->params.time_cost = 3, seal->params.parallelism = 5), 0, "shares, 3 of 5");
	STATE_RULE((seal->params.kind = PROTKEY_SEAL_SHARES, seal->params.memory_kib = 0,
		    seal->params.time_cost = 3, seal->params.parallelism = 2), -EBADMSG,
		   "more shares than there are give EBADMSG");
	STATE_RULE((seal->params.kind = PROTKEY_SEAL_SHARES, seal->params.memory_kib = 0,
		    seal->params.time_cost = 3, seal->params.parallelism = 17), -EBADMSG,
		   "17 shares give EBADMSG");
	STATE_RULE(seal->params.kind = 0, -EBADMSG, "seal of kind 0 gives EBADMSG");
	STATE_RULE(seal->params.kind = 2, -EBADMSG, "TPM's seal with costs gives EBADMSG");
	STATE_RULE(seal->params.slot = 3, -EBADMSG, "a slot twice gives EBADMSG");
	STATE_RULE(seal->params.time_cost = 0, -EBADMSG, "no argon2 passes gives EBADMSG");
	STATE_RULE(memset(volume->uuid, 1, 16), -EBADMSG, "a volume pinned twice gives EBADMSG");
	STATE_RULE(volume->sector_size = 513, -EBADMSG, "sector size gives EBADMSG");
	STATE_RULE(volume->key_size = 64, -EBADMSG, "key size gives EBADMSG");
	STATE_RULE(memset(volume->label, 'a', 40), -EBADMSG, "label not terminated gives EBADMSG");
	STATE_RULE(volume->label[0] = 27, -EBADMSG, "label with escape gives EBADMSG");
	STATE_RULE(other->flags = PK_SECTION_CRITICAL, -EOPNOTSUPP,
		   "unknown critical section gives EOPNOTSUPP");
	STATE_RULE(other->length = 8, -EBADMSG, "gap after a section gives EBADMSG");
	STATE_RULE(other->length = 12, -EBADMSG, "section not a multiple of 8 gives EBADMSG");
	STATE_RULE(other->length = 0, -EBADMSG, "section of length 0 gives EBADMSG");
	STATE_RULE(other->length = 0xfffffff8, -EBADMSG, "huge section gives EBADMSG");
	STATE_RULE(other->type = 0, -EBADMSG, "section type 0 gives EBADMSG");
}

static void test_data_rules(void)
{
	char *text;

	STATE_RULE(tpm_seal->params.slot = 4, -EBADMSG, "data of no slot gives EBADMSG");
	STATE_RULE(tpm_data->slot = 0, -EBADMSG, "data of a passphrase gives EBADMSG");
	STATE_RULE(tpm_data->slot = 16, -EBADMSG, "data of slot 16 gives EBADMSG");
	STATE_RULE(tpm_data->section.type = 0x7777, -EOPNOTSUPP, "a TPM's seal without data, critical");
	STATE_RULE((tpm_data->section.type = 0x7777, tpm_data->section.flags = 0), -EBADMSG,
		   "a TPM's seal without data gives EBADMSG");
	STATE_RULE(tpm_data->kind = PROTKEY_SEAL_CLEVIS, -EBADMSG, "data of another kind gives EBADMSG");
	STATE_RULE(tpm_data->size += 1, -EBADMSG, "a TPM's data too long gives EBADMSG");
	STATE_RULE(tpm_data->size = 8, -EBADMSG, "a TPM's data too short gives EBADMSG");
	STATE_RULE(tpm_data->size = 0xffffffff, -EBADMSG, "huge data gives EBADMSG");
	STATE_RULE(tpm->version = 2, -EOPNOTSUPP, "a TPM's data of version 2 gives EOPNOTSUPP");
	STATE_RULE(tpm->version = 0, -EBADMSG, "a TPM's data of version 0 gives EBADMSG");
	STATE_RULE(tpm->flags = 4, -EBADMSG, "a TPM's unknown flag gives EBADMSG");
	STATE_RULE(tpm->flags = PK_SEAL_TPM_ONCE | PK_SEAL_TPM_PIN, -EBADMSG,
		   "once in a boot with a PIN gives EBADMSG");
	STATE_RULE((tpm->flags = PK_SEAL_TPM_PIN, tpm->once_pcr = 0), 0, "a PIN");
	STATE_RULE(tpm->flags = 0, -EBADMSG, "neither PIN nor once in a boot gives EBADMSG");
	STATE_RULE((tpm->pcrs = 1 << 9 | 1 << 16, tpm->once_pcr = 16), -EBADMSG,
		   "a PCR to extend that can be reset gives EBADMSG");
	STATE_RULE(tpm->flags = PK_SEAL_TPM_PIN, -EBADMSG, "a PCR to extend for nothing gives EBADMSG");
	STATE_RULE(tpm->once_pcr = 14, -EBADMSG, "a PCR to extend outside the policy gives EBADMSG");
	STATE_RULE(tpm->pcrs |= 1 << 24, -EBADMSG, "PCR 24 gives EBADMSG");
	STATE_RULE(tpm->pcrs |= 1 << 2, -EBADMSG, "a PCR without value gives EBADMSG");
	STATE_RULE(tpm->public_size = 9, -EBADMSG, "a TPM's parts too long gives EBADMSG");
	STATE_RULE((tpm->public_size = 0, tpm->private_size = 19), -EBADMSG,
		   "no public part gives EBADMSG");
	STATE_RULE(tpm->share = htole32(PK_SEAL_TPM_NV_FIRST - 1), -EBADMSG, "a share that is no NV index of the owner gives EBADMSG");
	STATE_RULE((text = (char *)(jwe + 1), text[3] = '-'), -EBADMSG, "a JWE of four parts gives EBADMSG");
	STATE_RULE((text = (char *)(jwe + 1), text[0] = ' '), -EBADMSG, "a JWE with a space gives EBADMSG");
	STATE_RULE((text = (char *)(jwe + 1), text[23] = 'x'), -EBADMSG, "data not zero padded gives EBADMSG");
}

static void test_names(void)
{
	static const char *const good[] = { "a", "0", "ledger", "a_b.c-d",
		"abcdefghijklmnopqrstuvwxyz01234" };
	static const char *const bad[] = { "", "control", ".a", "-a", "_a",
		"A", "a b", "a/b", "..", "abcdefghijklmnopqrstuvwxyz012345",
		"\xc3\xa4" };
	int ok = 1;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok &= pk_name_valid(good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok &= !pk_name_valid(bad[i]);
	report(ok, "names of domains");
}

int main(void)
{
	puts("KTAP version 1");
	test_blob_lengths();
	test_blob_bits();
	test_blob_rules();
	test_blob_dates();
	test_state_lengths();
	test_state_cut();
	test_state_bits();
	test_admin_rules();
	test_quota_rules();
	test_person_rules();
	test_quota();
	test_state_rules();
	test_data_rules();
	test_names();
	printf("1..%d\n", count);
	return failed ? 1 : 0;
}
