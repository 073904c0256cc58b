// SPDX-License-Identifier: GPL-2.0-only
/*
 * pk-scan: looks for secrets in memory dumps.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aes.h"
#include "report.h"
#include "search.h"

static const char usage[] =
"usage: pk-scan [--json] [--secrets FILE]... [--public FILE]... DUMP...\n"
"\n"
"Searches memory dumps for secrets: whole, as fragments of 8 bytes at any\n"
"alignment, byte-reversed, and as AES encryption or decryption schedules; and\n"
"for AES schedules of keys that it was not told.\n"
"\n"
"  -s, --secrets FILE  lines 'NAME HEX', or the record stream of protkey's\n"
"                      leak-test build\n"
"  -p, --public FILE   secrets not to look for: keys of published test vectors\n"
"  -j, --json          the report as JSON\n"
"  -h, --help          this text\n"
"\n"
"Exit status: 0 nothing found, 1 something found, 2 the search could not be made.\n";

struct options {
	struct secrets secrets;
	struct secrets public;
	bool json;
	int first_dump;
};

enum { FOUND_NOTHING, FOUND_SOMETHING, FAILED };

static int parse_options(struct options *options, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "secrets", required_argument, NULL, 's' },
		{ "public", required_argument, NULL, 'p' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	int option;

	while ((option = getopt_long(argc, argv, "s:p:jh", longs, NULL)) != -1) {
		switch (option) {
		case 's':
			if (secrets_read(&options->secrets, optarg))
				return -1;
			break;
		case 'p':
			if (secrets_read(&options->public, optarg))
				return -1;
			break;
		case 'j':
			options->json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			return -1;
		}
	}
	secrets_drop_public(&options->secrets, &options->public);
	if (options->secrets.public && !options->secrets.count) {
		fputs("pk-scan: all secrets are public ones\n", stderr);
		return -1;
	}
	options->first_dump = optind;
	if (optind < argc)
		return 0;
	fputs("pk-scan: no dump given\n", stderr);
	return -1;
}

/* Scans each dump and reports it. The number found, or -1. */
static long scan_dumps(struct search *search, struct report *report, char **dumps)
{
	long found = 0;

	for (; *dumps; dumps++) {
		int err = search_file(search, *dumps);

		if (err) {
			fprintf(stderr, "pk-scan: %s: %s\n", *dumps, strerror(-err));
			return -1;
		}
		report_dump(report, *dumps, search);
		for (size_t i = 0; i < search->secrets->count; i++)
			found += (long)finding_total(&search->findings[i]);
		found += (long)search->schedule_count;
		search_free(search);
	}
	return found;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct patterns patterns = { 0 };
	struct search search = { .secrets = &options.secrets, .patterns = &patterns };
	struct report report = { 0 };
	long found;

	aes_init();
	if (parse_options(&options, argc, argv)) {
		fputs("Try 'pk-scan --help'.\n", stderr);
		return FAILED;
	}
	if (patterns_build(&patterns, &options.secrets)) {
		fprintf(stderr, "pk-scan: %s\n", strerror(ENOMEM));
		return FAILED;
	}
	if (patterns.unsearchable) {
		fprintf(stderr, "pk-scan: %zu secrets are too uniform to look for\n",
			patterns.unsearchable);
		return FAILED;
	}
	report.json = options.json;
	report_begin(&report, &search);
	found = scan_dumps(&search, &report, argv + options.first_dump);
	report_end(&report);
	if (found < 0 || ferror(stdout) || fflush(stdout))
		return FAILED;
	return found ? FOUND_SOMETHING : FOUND_NOTHING;
}
