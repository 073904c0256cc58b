// SPDX-License-Identifier: GPL-2.0-only
/*
 * pk-native: the routines of every level that this CPU has, against OpenSSL.
 *
 *	pk-native [--vectors FILE] [LEVEL...]
 *
 * Prints KTAP; a level that this CPU lacks is skipped.
 */

#include <stdarg.h>
#include <string.h>

#include "native.h"

static unsigned int count, failed, skipped;

void native_result(int good, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("%s %u ", good ? "ok" : "not ok", ++count);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
	failed += !good;
}

int native_finish(void)
{
	printf("1..%u\n# Totals: pass:%u fail:%u xfail:0 xpass:0 skip:%u error:0\n",
	       count, count - failed - skipped, failed, skipped);
	return failed != 0;
}

static int wanted(int argc, char **argv, const char *name)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return 1;
	return argc < 2;
}

static void test_level(const struct pk_level *own, unsigned int without,
		       const char *vectors)
{
	struct pk_level level;

	if (own->needs & ~native_cpu()) {
		printf("ok %u %s # SKIP this CPU lacks it\n", ++count, own->name);
		skipped++;
		return;
	}
	pk_level_choose(&level, native_cpu() & ~without, own->name);
	native_test_xts(&level);
	native_test_modes(&level);
	native_test_gcm(&level);
	native_test_clear(&level, native_cpu() & PK_CPU_AVX512);
	native_test_hmac(&level);
	if (vectors)
		native_test_vectors(&level, vectors);
}

int main(int argc, char **argv)
{
	const char *vectors = NULL;
	unsigned int i;

	if (argc > 2 && !strcmp(argv[1], "--vectors")) {
		vectors = argv[2];
		argc -= 2;
		argv += 2;
	}
	printf("KTAP version 1\n");
	native_init();
	for (i = 0; i < PK_LEVELS; i++)
		if (wanted(argc, argv, pk_levels[i].name))
			test_level(&pk_levels[i], 0, vectors);
	/* the level aesni as CPUs without AVX2 have it */
	if (native_cpu() & PK_CPU_AVX2 && wanted(argc, argv, pk_levels[0].name))
		test_level(&pk_levels[0], PK_CPU_AVX2, vectors);
	return native_finish();
}
