// SPDX-License-Identifier: GPL-2.0-only
/*
 * IMA's list: replays, violations, what is inconsistent, damage in every byte.
 *
 * usage: fw_ima			prints KTAP
 *        fw_ima --time			parses and replays 100,000 entries
 *        fw_ima --seeds DIR		lists to begin fuzzing with
 *        fw_ima --replay LIST BANK HEX	of a kernel
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include "../fuzz/samples_ima.h"
#include "../fw/field.h"
#include "../fw/ima.h"

#define MANY	100000

static int count, failed;

static void report(int ok, const char *name)
{
	printf("%sok %d %s\n", ok ? "" : "not ", ++count, name);
	failed += !ok;
}

typedef void put_fn(struct ima_buf *, const struct ima_sample *);
static put_fn *const forms[] = { ima_sample_binary, ima_sample_ascii };
static const char *const form_names[] = { "binary", "ascii" };

static const struct ima_sample samples[] = {
	{ "ima", 10, NULL, "boot_aggregate", 0, 0x11, false },
	{ "ima-ng", 10, "sha256", "boot_aggregate", 0, 0x22, false },
	{ "ima-sig", 10, "sha256", "/usr/bin/true", 0, 0x33, false },
	{ "ima-sig", 10, "sha512", "/usr/lib/x.so.1", 40, 0x44, false },
	{ "ima-ng", 10, "sha1", "/etc/a_b", 0, 0x55, false },
	{ "ima", 10, NULL, "/usr/sbin/init", 0, 0x66, false },
};
#define SAMPLES	(sizeof(samples) / sizeof(samples[0]))

static struct ima_buf make(const struct ima_sample *list, size_t n, put_fn *put)
{
	struct ima_buf buf = { 0 };
	size_t i;

	for (i = 0; i < n; i++)
		put(&buf, &list[i]);
	return buf;
}

/* ---- what the kernel would have extended, computed apart from the parser ------- */

enum kernel { NEW, NEW_WITHOUT_HASH, OLD };

static void extend(enum fw_bank bank, uint8_t *pcr,
		   const struct ima_sample *sample, enum kernel kernel)
{
	const char *name = bank == FW_SHA1 ? "SHA1" : "SHA256";
	size_t size = fw_bank_size(bank);
	struct ima_buf data = { 0 }, both = { 0 };
	uint8_t digest[64] = { 0 };

	ima_sample_data(&data, sample);
	EVP_Q_digest(NULL, kernel == NEW ? name : "SHA1", NULL, data.at,
		     data.size, digest, NULL);
	if (sample->violation)
		memset(digest, 0xff, kernel == OLD ? 20 : size);
	ima_buf_put(&both, pcr, size);
	ima_buf_put(&both, digest, size);
	EVP_Q_digest(NULL, name, NULL, both.at, both.size, pcr, NULL);
	free(data.at);
	free(both.at);
}

static struct fw_digest pcr_of(const struct ima_sample *list, size_t n,
			       enum fw_bank bank, enum kernel kernel)
{
	struct fw_digest pcr = { .size = (uint8_t)fw_bank_size(bank) };
	size_t i;

	for (i = 0; i < n; i++)
		if (list[i].pcr == 10)
			extend(bank, pcr.bytes, &list[i], kernel);
	return pcr;
}

/* Does each length of the list lead to the PCR that it should? */
static bool replays(const struct fw_ima *ima, const struct ima_sample *list,
		    size_t n, enum fw_bank bank, enum kernel kernel)
{
	struct fw_digest pcr;
	size_t i;

	for (i = 0; i <= n; i++) {
		pcr = pcr_of(list, i, bank, kernel);
		if (fw_ima_replay(ima, bank, &pcr) != (long)i)
			return false;
	}
	pcr.bytes[3] ^= 1;
	return fw_ima_replay(ima, bank, &pcr) == -1;
}

/* ---- good lists ------------------------------------------------------------------ */

static bool filled(const uint8_t *bytes, size_t size, uint8_t fill)
{
	while (size && *bytes == fill)
		bytes++, size--;
	return !size;
}

static bool entry_is(const struct fw_ima_entry *entry,
		     const struct ima_sample *sample)
{
	bool fixed = !strcmp(sample->template, "ima");

	return entry->pcr == sample->pcr &&
	       !strcmp(entry->template_name, sample->template) &&
	       !strcmp(entry->file_alg, fixed ? "sha1" : sample->alg) &&
	       filled(entry->file_hash.bytes, entry->file_hash.size,
		      sample->violation ? 0 : sample->fill) &&
	       entry->path_size == strlen(sample->path) &&
	       !memcmp(entry->path, sample->path, entry->path_size) &&
	       entry->signature_size == sample->signature_size &&
	       filled(entry->signature, entry->signature_size, sample->fill) &&
	       entry->violation == sample->violation &&
	       entry->consistent == !sample->violation;
}

static bool list_is(const struct fw_ima *ima, const struct ima_sample *list,
		    size_t n)
{
	size_t i;

	for (i = 0; i < n && i < ima->count; i++)
		if (!entry_is(&ima->entries[i], &list[i]))
			return false;
	return ima->count == n && !ima->fault_count;
}

/* The whole list in both forms, in both banks, as each kernel extends. */
static void test_list(const struct ima_sample *list, size_t n, const char *what)
{
	char name[128];
	size_t form;

	for (form = 0; form < 2; form++) {
		struct ima_buf buf = make(list, n, forms[form]);
		struct fw_ima ima;

		snprintf(name, sizeof(name), "%s, %s: every field", what,
			 form_names[form]);
		report(!fw_ima_parse(buf.at, buf.size, &ima) &&
		       list_is(&ima, list, n), name);
		snprintf(name, sizeof(name), "%s, %s: replays in SHA-1", what,
			 form_names[form]);
		report(replays(&ima, list, n, FW_SHA1, NEW), name);
		snprintf(name, sizeof(name), "%s, %s: replays in SHA-256", what,
			 form_names[form]);
		report(replays(&ima, list, n, FW_SHA256, NEW), name);
		snprintf(name, sizeof(name), "%s, %s: SHA-1 in SHA-256, old kernels",
			 what, form_names[form]);
		report(replays(&ima, list, n, FW_SHA256, OLD) &&
		       replays(&ima, list, n, FW_SHA256, NEW_WITHOUT_HASH), name);
		fw_ima_free(&ima);
		free(buf.at);
	}
}

static void test_good(void)
{
	static const struct ima_sample violations[] = {
		{ "ima-ng", 10, "sha256", "boot_aggregate", 0, 0x22, false },
		{ "ima-ng", 10, "sha256", "/var/log/x", 0, 0x77, true },
		{ "ima-sig", 10, "sha256", "/usr/bin/true", 8, 0x33, false },
		{ "ima", 10, NULL, "/var/log/y", 0, 0x77, true },
		{ "ima-ng", 10, "sha256", "/usr/bin/false", 0, 0x88, false },
	};
	static const char *const templates[] = { "ima", "ima-ng", "ima-sig" };
	struct fw_ima ima;
	char name[64];
	size_t t, i;

	for (t = 0; t < 3; t++) {
		struct ima_sample list[SAMPLES];

		for (i = 0; i < SAMPLES; i++) {
			list[i] = samples[i];
			list[i].template = templates[t];
			list[i].alg = i % 2 ? "sha256" : "sha1";
			list[i].signature_size = t == 2 ? i % 3 * 20 : 0;
		}
		snprintf(name, sizeof(name), "template %s", templates[t]);
		test_list(list, SAMPLES, name);
	}
	test_list(samples, SAMPLES, "all templates");
	test_list(violations, 5, "violations");
	report(!fw_ima_parse("", 0, &ima) && !ima.count && !ima.fault_count,
	       "an empty list");
	fw_ima_free(&ima);
}

/* ---- lists that are not as expected ------------------------------------------------ */

static void test_other_pcr(void)
{
	struct ima_sample list[] = { samples[1], samples[2], samples[4] };
	struct ima_buf buf;
	struct fw_digest pcr;
	struct fw_ima ima;

	list[1].pcr = 11;
	buf = make(list, 3, ima_sample_binary);
	pcr = pcr_of(list, 3, FW_SHA256, NEW);
	report(!fw_ima_parse(buf.at, buf.size, &ima) && list_is(&ima, list, 3) &&
	       fw_ima_replay(&ima, FW_SHA256, &pcr) == 3,
	       "an entry of another PCR is not in PCR 10");
	fw_ima_free(&ima);
	free(buf.at);
}

static void test_other_template(void)
{
	struct ima_sample list[] = { samples[1], samples[3], samples[4] };
	bool ok = true;
	size_t form;

	list[1].template = "ima-buf";
	for (form = 0; form < 2; form++) {
		struct ima_buf buf = make(list, 3, forms[form]);
		struct fw_digest sha1 = pcr_of(list, 3, FW_SHA1, NEW);
		struct fw_digest sha256 = pcr_of(list, 3, FW_SHA256, NEW);
		struct fw_ima ima;
		struct fw_ima_entry *entry;

		ok &= !fw_ima_parse(buf.at, buf.size, &ima) && ima.count == 3;
		entry = &ima.entries[1];
		ok &= !strcmp(entry->template_name, "ima-buf") && !entry->path &&
		      !entry->file_alg[0] && !entry->file_hash.size &&
		      !entry->violation && entry->consistent == (form == 0) &&
		      ima.fault_count == form;
		ok &= fw_ima_replay(&ima, FW_SHA1, &sha1) == 3;
		ok &= fw_ima_replay(&ima, FW_SHA256, &sha256) == (form ? -1 : 3);
		fw_ima_free(&ima);
		free(buf.at);
	}
	report(ok, "another template: no fields; in ascii a fault");
}

/* A name of a file may look like an entry. */
static void test_paths(void)
{
	static const char *const paths[] = {
		"/tmp/a b", "/tmp/line\nfeed", "/tmp/\n\n", "\nx",
		"/tmp/x\n10 1122 ima-ng", "", "/tmp/\xff\x01",
	};
	struct ima_sample list[2 * sizeof(paths) / sizeof(paths[0])];
	size_t i, n = 0;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		list[n] = samples[1];
		list[n++].path = paths[i];
		list[n] = samples[3];
		list[n++].path = paths[i];
	}
	test_list(list, n, "paths of spaces, line feeds, nothing");
}

static bool says(const char *text, size_t entries, size_t faults)
{
	struct fw_ima ima;
	int ret = fw_ima_parse(text, strlen(text), &ima);
	bool as = !ret && ima.count == entries && ima.fault_count == faults;

	if (!ret)
		fw_ima_free(&ima);
	return ret ? ret == -EBADMSG && !entries : as;
}

static void test_bad_text(void)
{
	struct ima_buf good = make(samples + 1, 1, ima_sample_ascii);
	char text[1024];
	bool ok = true;
	int n = (int)good.size;

	ok &= says("10 ", 0, 0) && says("nonsense\n", 0, 0);
	ok &= says("10 nonsense\n10 more\n", 0, 0);
	snprintf(text, sizeof(text), "10 x\n%.*s", n, good.at);
	ok &= says(text, 1, 1);
	snprintf(text, sizeof(text), "%.*sx\ny\n%.*s", n, good.at, n, good.at);
	ok &= says(text, 2, 1);
	snprintf(text, sizeof(text), "%.44sima-ng sha256:zz /x\n%.*s", good.at, n,
		 good.at);
	ok &= says(text, 2, 1);
	snprintf(text, sizeof(text), "%.44sima-ng\n%.*s", good.at, n, good.at);
	ok &= says(text, 2, 1);
	report(ok, "lines that are no entries are faults");
	free(good.at);
}

/* ---- damage ------------------------------------------------------------------------ */

struct victim {
	const struct ima_sample *list;
	size_t n;
	struct ima_buf good;
	struct fw_digest sha1, sha256;
};

/* In a block of just this size, so that ASan sees one byte too far. */
static int parse_copy(const void *buf, size_t size, struct fw_ima *ima,
		      void **copy)
{
	int ret;

	*copy = malloc(size ? size : 1);
	if (size)
		memcpy(*copy, buf, size);
	ret = fw_ima_parse(*copy, size, ima);
	return ret;
}

static bool is_good(const struct fw_ima *ima, const struct victim *of)
{
	size_t i;

	for (i = 0; i < ima->count; i++)
		if (!ima->entries[i].consistent)
			return false;
	return ima->count == of->n && !ima->fault_count &&
	       fw_ima_replay(ima, FW_SHA1, &of->sha1) == (long)of->n &&
	       fw_ima_replay(ima, FW_SHA256, &of->sha256) == (long)of->n;
}

/* The template's name is the one thing that no hash covers. */
static bool same_but_names(const struct fw_ima *ima, const struct victim *of)
{
	size_t i;

	for (i = 0; i < of->n; i++)
		if (!entry_is(&ima->entries[i], &of->list[i]) &&
		    (ima->entries[i].path || ima->entries[i].file_hash.size))
			return false;
	return true;
}

static bool flip_all(const struct victim *of)
{
	struct ima_buf bad = { 0 };
	struct fw_ima ima;
	bool ok = true;
	void *copy;
	size_t bit;

	ima_buf_put(&bad, of->good.at, of->good.size);
	for (bit = 0; bit < 8 * bad.size; bit++) {
		bad.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
		if (!parse_copy(bad.at, bad.size, &ima, &copy)) {
			ok &= !is_good(&ima, of) || same_but_names(&ima, of);
			fw_ima_free(&ima);
		}
		bad.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
		free(copy);
	}
	free(bad.at);
	return ok;
}

/* Cut off, it has the whole entries before, and a fault unless it is between two. */
static bool cut_all(const struct victim *of, put_fn *put)
{
	bool ascii = put == ima_sample_ascii;
	struct fw_ima ima;
	bool ok = true;
	void *copy;
	size_t cut;

	for (cut = 1; cut < of->good.size; cut++) {
		size_t whole = of->n, end;
		bool between;

		do {
			struct ima_buf part = make(of->list, whole, put);

			end = part.size;
			free(part.at);
			/* of the last line just its end may be missing */
			between = end == cut || (ascii && end == cut + 1);
		} while (!between && end > cut && whole--);
		if (parse_copy(of->good.at, cut, &ima, &copy)) {
			ok &= !whole;
		} else {
			ok &= ima.count == whole &&
			      (ima.fault_count != 0) == !between;
			fw_ima_free(&ima);
		}
		free(copy);
	}
	return ok;
}

static void test_damage(void)
{
	size_t form, i;
	char name[64];

	for (form = 0; form < 2; form++) {
		bool flips = true, cuts = true;

		/* one of each template, then one that has others around it */
		for (i = 0; i + 2 <= SAMPLES; i++) {
			struct victim of = { .list = samples + i, .n = 2 };

			of.good = make(of.list, of.n, forms[form]);
			of.sha1 = pcr_of(of.list, of.n, FW_SHA1, NEW);
			of.sha256 = pcr_of(of.list, of.n, FW_SHA256, NEW);
			flips &= flip_all(&of);
			cuts &= cut_all(&of, forms[form]);
			free(of.good.at);
		}
		snprintf(name, sizeof(name), "%s: every bit flipped: it shows",
			 form_names[form]);
		report(flips, name);
		snprintf(name, sizeof(name), "%s: cut off anywhere: it shows",
			 form_names[form]);
		report(cuts, name);
	}
}

static void test_inconsistent(void)
{
	struct ima_buf buf = make(samples, SAMPLES, ima_sample_binary);
	uint8_t *path = memmem(buf.at, buf.size, "/usr/bin/true", 13);
	struct fw_digest pcr = pcr_of(samples, SAMPLES, FW_SHA1, NEW);
	struct fw_ima ima;
	bool ok;

	path[5]++;
	ok = !fw_ima_parse(buf.at, buf.size, &ima) && ima.count == SAMPLES &&
	     !ima.fault_count && !ima.entries[2].consistent &&
	     ima.entries[1].consistent && ima.entries[3].consistent &&
	     ima.entries[2].path[5] == path[5];
	report(ok, "another path: just this entry is inconsistent");
	report(ok && fw_ima_replay(&ima, FW_SHA1, &pcr) == SAMPLES,
	       "in SHA-1 such a list replays: consistent must be asked");
	pcr = pcr_of(samples, SAMPLES, FW_SHA256, NEW);
	report(fw_ima_replay(&ima, FW_SHA256, &pcr) == -1,
	       "in SHA-256 it does not");
	fw_ima_free(&ima);
	free(buf.at);
}

/* ---- the other uses ------------------------------------------------------------------ */

static double cpu_seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

static int time_form(size_t form)
{
	struct fw_digest pcr = { .size = 32 }, wrong = { .size = 32 };
	struct ima_buf buf = { 0 };
	struct fw_ima ima;
	char path[64];
	double start;
	bool good;
	int i;

	for (i = 0; i < MANY; i++) {
		struct ima_sample sample = samples[i % 2 ? 1 : 3];

		snprintf(path, sizeof(path), "/usr/lib/x86_64-linux-gnu/lib%d.so", i);
		sample.path = path;
		forms[form](&buf, &sample);
		extend(FW_SHA256, pcr.bytes, &sample, NEW);
	}
	start = cpu_seconds();
	good = !fw_ima_parse(buf.at, buf.size, &ima) && ima.count == MANY &&
	       fw_ima_replay(&ima, FW_SHA256, &pcr) == MANY;
	printf("%s: %d entries, %.3f s", form_names[form], MANY,
	       cpu_seconds() - start);
	good &= cpu_seconds() - start < 1;
	wrong.bytes[0] = 1;
	start = cpu_seconds();
	good &= fw_ima_replay(&ima, FW_SHA256, &wrong) == -1;
	printf(", %.3f s to find that it does not lead there\n",
	       cpu_seconds() - start);
	fw_ima_free(&ima);
	free(buf.at);
	return good ? 0 : 1;
}

static int write_seeds(const char *dir)
{
	size_t form, i;
	char path[4096];

	for (form = 0; form < 2; form++) {
		for (i = 0; i + 2 <= SAMPLES; i++) {
			struct ima_buf buf = make(samples + i, 2, forms[form]);
			FILE *file;

			snprintf(path, sizeof(path), "%s/%s%zu", dir,
				 form_names[form], i);
			file = fopen(path, "w");
			if (!file || fwrite(buf.at, 1, buf.size, file) != buf.size ||
			    fclose(file))
				return 1;
			free(buf.at);
		}
	}
	return 0;
}

/* Prints the entries that lead to the value, all, violations, and what is wrong. */
static int replay_file(const char *path, const char *bank_name, const char *hex)
{
	struct fw_digest value = { 0 };
	size_t i, wrong, size;
	static char list[4 << 20];
	FILE *file = fopen(path, "r");
	enum fw_bank bank;
	struct fw_ima ima;

	if (!file || !fw_bank_find(bank_name, &bank))
		return 2;
	size = fread(list, 1, sizeof(list), file);
	fclose(file);
	value.size = (uint8_t)fw_bank_size(bank);
	if (size == sizeof(list) || !fw_hex_decode(hex, value.bytes, value.size) ||
	    fw_ima_parse(list, size, &ima))
		return 2;
	wrong = ima.fault_count;
	for (i = 0; i < ima.count; i++)
		wrong += !ima.entries[i].consistent && !ima.entries[i].violation;
	printf("%ld %zu %zu %zu\n", fw_ima_replay(&ima, bank, &value), ima.count,
	       ima.violations, wrong);
	for (i = 0; i < ima.fault_count; i++)
		fprintf(stderr, "entry %zu: %s\n", ima.faults[i].event,
			ima.faults[i].what);
	fw_ima_free(&ima);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--time"))
		return time_form(0) | time_form(1);
	if (argc == 3 && !strcmp(argv[1], "--seeds"))
		return write_seeds(argv[2]);
	if (argc == 5 && !strcmp(argv[1], "--replay"))
		return replay_file(argv[2], argv[3], argv[4]);
	puts("KTAP version 1");
	test_good();
	test_other_pcr();
	test_other_template();
	test_paths();
	test_bad_text();
	test_inconsistent();
	test_damage();
	printf("1..%d\n", count);
	return failed ? 1 : 0;
}
