// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Canonical Event Log: both logs there and back, and files that are none.
 * Prints KTAP.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../fuzz/samples_ima.h"
#include "../fw/cel.h"
#include "../fw/eventtype.h"

static int count, failed;

static void report(int ok, const char *name)
{
	printf("%sok %d %s\n", ok ? "" : "not ", ++count, name);
	failed += !ok;
}

static void put_u16(struct ima_buf *buf, uint16_t value)
{
	ima_buf_put(buf, &value, sizeof(value));
}

static void put_u32(struct ima_buf *buf, uint32_t value)
{
	ima_buf_put(buf, &value, sizeof(value));
}

static void put_legacy(struct ima_buf *log, uint32_t pcr, uint32_t type,
		       const void *data, uint32_t size)
{
	uint8_t digest[20];

	memset(digest, type == EV_NO_ACTION ? 0 : 0xa0 | pcr, sizeof(digest));
	put_u32(log, pcr);
	put_u32(log, type);
	ima_buf_put(log, digest, sizeof(digest));
	put_u32(log, size);
	ima_buf_put(log, data, size);
}

static void put_agile(struct ima_buf *log, uint32_t pcr, uint32_t type,
		      const void *data, uint32_t size)
{
	uint8_t digest[32];

	memset(digest, 0xb0 | pcr, sizeof(digest));
	put_u32(log, pcr);
	put_u32(log, type);
	put_u32(log, 2);
	put_u16(log, fw_bank_alg(FW_SHA1));
	ima_buf_put(log, digest, 20);
	put_u16(log, fw_bank_alg(FW_SHA256));
	ima_buf_put(log, digest, 32);
	put_u32(log, size);
	ima_buf_put(log, data, size);
}

static struct ima_buf agile_log(void)
{
	static const uint8_t id[] = "Spec ID Event03\0\0\0\0\0\0\2\0\2"
		"\2\0\0\0\4\0\24\0\13\0\40\0";	/* and a zero: no vendor part */
	struct ima_buf log = { 0 };

	put_legacy(&log, 0, EV_NO_ACTION, id, sizeof(id));
	put_agile(&log, 0, EV_S_CRTM_VERSION, "1\0.\0", 4);
	put_agile(&log, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, "\0\xff\"\\", 4);
	put_agile(&log, 4, EV_SEPARATOR, "\0\0\0\0", 4);
	put_agile(&log, UINT32_MAX, EV_NO_ACTION, "", 0);
	put_agile(&log, 9, 0x12345678, "of the future", 13);
	return log;
}

static struct ima_buf legacy_log(void)
{
	struct ima_buf log = { 0 };

	put_legacy(&log, 0, EV_S_CRTM_VERSION, "x", 1);
	put_legacy(&log, 4, EV_SEPARATOR, "\0\0\0\0", 4);
	put_legacy(&log, 8, EV_IPL, "grub", 4);
	return log;
}

static struct ima_buf ima_list(void)
{
	static const struct ima_sample samples[] = {
		{ "ima-ng", 10, "sha256", "boot_aggregate", 0, 0x22, false },
		{ "ima-ng", 10, "sha256", "/var/log/x", 0, 0x77, true },
		{ "ima-sig", 10, "sha256", "/usr/bin/\"true\"", 8, 0x33, false },
		{ "ima", 10, NULL, "/var/log/y", 0, 0x77, true },
		{ "ima", 10, NULL, "/usr/bin/env", 0, 0x78, false },
		{ "ima-buf", 11, "sha256", "kexec-cmdline", 9, 0x88, false },
	};
	struct ima_buf list = { 0 };
	size_t i;

	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		ima_sample_binary(&list, &samples[i]);
	return list;
}

/* ---- there and back ------------------------------------------------------------------ */

/* The text of both logs as a CEL; NULL: no such log. */
static char *to_text(const struct ima_buf *log, const struct ima_buf *list)
{
	struct fw_eventlog events = { 0 };
	struct json_object *cel = NULL;
	struct fw_ima ima = { 0 };
	char *text = NULL;

	if ((!log || !fw_eventlog_parse(log->at, log->size, &events)) &&
	    (!list || !fw_ima_parse(list->at, list->size, &ima)))
		cel = fw_cel_json(log ? &events : NULL, list ? &ima : NULL);
	if (cel)
		text = strdup(json_object_to_json_string(cel));
	json_object_put(cel);
	fw_eventlog_free(&events);
	fw_ima_free(&ima);
	return text;
}

static bool same(const struct fw_buffer *got, const struct ima_buf *wanted)
{
	if (!wanted)
		return !got->size && !got->data;
	return got->size == wanted->size &&
	       !memcmp(got->data, wanted->at, got->size);
}

static bool comes_back(const struct ima_buf *log, const struct ima_buf *list)
{
	struct fw_buffer events, ima;
	char *text = to_text(log, list), why[FW_CEL_WHY];
	bool ok;

	if (!text || fw_cel_parse(text, strlen(text), &events, &ima, why))
		return false;
	ok = same(&events, log) && same(&ima, list);
	free(events.data);
	free(ima.data);
	free(text);
	return ok;
}

static void test_round_trip(void)
{
	struct ima_buf agile = agile_log(), legacy = legacy_log();
	struct ima_buf list = ima_list();

	report(comes_back(&agile, NULL), "a crypto-agile log, to the byte");
	report(comes_back(&legacy, NULL), "a log of SHA-1, to the byte");
	report(comes_back(NULL, &list), "IMA's list, to the byte");
	report(comes_back(&agile, &list), "both");
	report(comes_back(NULL, NULL), "neither");
	free(agile.at);
	free(legacy.at);
	free(list.at);
}

/* What other programs look for, by the names that they do. */
static void test_names(void)
{
	static const char *const texts[] = {
		"{ \"recnum\": 1, \"pcr\": 0, \"digests\": [ { \"hashAlg\": \"sha1\", \"digest\": \"b0b0",
		"{ \"hashAlg\": \"sha256\", \"digest\": \"b7b7",
		"\"content_type\": \"pcclient_std\", \"content\": { \"event_type\": \"EV_S_CRTM_VERSION\", \"event_data\": \"31002e00\" }",
		"\"event_type\": 305419896,",
		"{ \"recnum\": 7, \"pcr\": 10, \"digests\": [ { \"hashAlg\": \"sha1\", \"digest\": \"ffffffffffffffffffffffffffffffffffffffff\" } ], \"content_type\": \"ima_template\", \"content\": { \"template_name\": \"ima-ng\", \"template_data\": \"280000007368613235363a00",
	};
	struct ima_buf agile = agile_log(), list = ima_list();
	char *text = to_text(&agile, &list);
	bool ok = text;
	size_t i;

	for (i = 0; ok && i < sizeof(texts) / sizeof(texts[0]); i++) {
		ok = strstr(text, texts[i]);
		if (!ok)
			printf("# no %s in %s\n", texts[i], text);
	}
	report(ok, "the fields of the standard; a violation is ones");
	free(text);
	free(agile.at);
	free(list.at);
}

/* ---- what is no CEL ------------------------------------------------------------------ */

static int parse(const char *text, size_t size, char why[FW_CEL_WHY])
{
	struct fw_buffer events, ima;
	char *copy = malloc(size ? size : 1);
	int ret;

	memcpy(copy, text, size);
	ret = fw_cel_parse(copy, size, &events, &ima, why);
	free(copy);
	free(events.data);
	free(ima.data);
	return ret;
}

#define SHA1_HEX	"0011223344556677889900112233445566778899"
#define DIGESTS		"\"digests\": [{\"hashAlg\": \"sha1\", \"digest\": \"" SHA1_HEX "\"}]"
#define EVENT		"\"content_type\": \"pcclient_std\", \"content\": "
#define ENTRY		"\"content_type\": \"ima_template\", \"content\": "
#define IPL		"{\"event_type\": \"EV_IPL\", \"event_data\": \"00\"}"

static void test_bad(void)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "it " },
		{ "{}", "array" },
		{ "[] x", "it " },
		{ "[1]", "record 0: it is no object" },
		{ "[{}]", "PCR" },
		{ "[{\"pcr\": -1}]", "PCR" },
		{ "[{\"pcr\": 4294967296}]", "PCR" },
		{ "[{\"pcr\": 0, \"pcr\": 1}]", "twice" },
		{ "[{\"pcr\": 0}]", "digests" },
		{ "[{\"pcr\": 0, \"digests\": [{\"hashAlg\": \"md5\", \"digest\": \"\"}]}]", "digests" },
		{ "[{\"pcr\": 0, \"digests\": [{\"hashAlg\": \"sha1\", \"digest\": \"00\"}]}]", "digests" },
		{ "[{\"pcr\": 0, " DIGESTS "}]", "content" },
		{ "[{\"pcr\": 0, " DIGESTS ", \"content_type\": \"systemd\", \"content\": {}}]", "unknown type" },
		{ "[{\"pcr\": 0, " DIGESTS ", " EVENT "{}}]", "event type" },
		{ "[{\"pcr\": 0, " DIGESTS ", " EVENT "{\"event_type\": \"EV_NONE\"}}]", "event type" },
		{ "[{\"pcr\": 0, " DIGESTS ", " EVENT "{\"event_type\": 5}}]", "lacks data" },
		{ "[{\"pcr\": 0, " DIGESTS ", " EVENT "{\"event_type\": 5, \"event_data\": \"0\"}}]", "hex" },
		{ "[{\"pcr\": 0, " DIGESTS ", " EVENT "{\"event_type\": 5, \"event_data\": \"0g\"}}]", "hex" },
		{ "[{\"pcr\": 0, \"digests\": [], " EVENT IPL "}]", "SHA-1" },
		{ "[{\"pcr\": 10, \"digests\": [], " ENTRY "{}}]", "SHA-1" },
		{ "[{\"pcr\": 10, " DIGESTS ", " ENTRY "{}}]", "template name" },
		{ "[{\"pcr\": 10, " DIGESTS ", " ENTRY "{\"template_name\": \"ima\", \"template_data\": \"00\"}}]", "276" },
	};
	char why[FW_CEL_WHY];
	bool ok = true;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int ret = parse(bad[i].text, strlen(bad[i].text), why);

		if (ret == -EBADMSG && strstr(why, bad[i].why))
			continue;
		printf("# %s: %d, %s\n", bad[i].text, ret, why);
		ok = false;
	}
	report(ok, "each wrong record has its reason");
	report(!parse("[{\"index\": 0, " DIGESTS ", " EVENT IPL "}]",
		      strlen("[{\"index\": 0, " DIGESTS ", " EVENT IPL "}]"), why),
	       "a PCR may be called index");
}

static void test_damage(void)
{
	struct ima_buf agile = agile_log(), list = ima_list();
	char *text = to_text(&agile, &list), why[FW_CEL_WHY];
	size_t size = strlen(text), i;
	bool cut = true, flipped = true;

	for (i = 0; i < size; i++)
		cut &= parse(text, i, why) == -EBADMSG;
	report(cut, "cut off anywhere: refused");
	for (i = 0; i < 8 * size; i += 3) {
		int ret;

		text[i / 8] ^= (char)(1 << i % 8);
		ret = parse(text, size, why);
		flipped &= !ret || (ret == -EBADMSG && why[0]);
		text[i / 8] ^= (char)(1 << i % 8);
	}
	report(flipped, "every third bit flipped: taken or refused");
	free(text);
	free(agile.at);
	free(list.at);
}

int main(void)
{
	puts("KTAP version 1");
	test_round_trip();
	test_names();
	test_bad();
	test_damage();
	printf("1..%d\n", count);
	return failed ? 1 : 0;
}
