// SPDX-License-Identifier: GPL-2.0-only
/*
 * The TPM's and clevis' side of a seal slot without the module: make and open the
 * data of a slot, with a KEK that is known, and then look whether KEK or PIN are
 * still anywhere in this process.
 *
 *	seal_slot make FILE [--pin PIN] [--once PCR] PCRS
 *	seal_slot open FILE [--pin PIN]
 *	seal_slot clevis-make FILE CONFIG
 *	seal_slot clevis-open FILE
 *
 * The last line is "left N": copies of KEK and PIN in writable memory.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "seal.h"
#include "tpm.h"

#define SALT	0x6b

/* The KEK, never as it is in this file's memory but while it is used. */
static void known_kek(__u8 *kek)
{
	unsigned int i;

	for (i = 0; i < PROTKEY_KEK_SIZE; i++)
		kek[i] = (__u8)(i * 37 + 11);
}

/* Byte by byte, so that no copy of what is sought is made. */
static bool is_kek(const volatile __u8 *at)
{
	unsigned int i;

	for (i = 0; i < PROTKEY_KEK_SIZE; i++)
		if (at[i] != (__u8)(i * 37 + 11))
			return false;
	return true;
}

static unsigned int scan(const char *pin_xored, size_t pin_size)
{
	unsigned long from, to, at;
	unsigned int found = 0;
	char line[512], perms[8];
	FILE *maps = fopen("/proc/self/maps", "r");

	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, perms) != 3 ||
		    perms[0] != 'r' || perms[1] != 'w')
			continue;
		for (at = from; at + PROTKEY_KEK_SIZE <= to; at++) {
			const volatile __u8 *p = (void *)at;
			size_t i;

			found += is_kek(p);
			for (i = 0; i < pin_size; i++)
				if ((p[i] ^ 0x55) != (__u8)pin_xored[i])
					break;
			found += pin_size && i == pin_size;
		}
	}
	if (maps)
		fclose(maps);
	return found;
}

static void params_init(struct protkey_seal_params *params)
{
	memset(params, 0, sizeof(*params));
	params->kind = PROTKEY_SEAL_TPM;
	memset(params->salt, SALT, sizeof(params->salt));
}

static int make(const char *file, const char *pcrs, unsigned int once,
		const struct passphrase *pin, __u8 *kek)
{
	static __u8 data[PROTKEY_SEAL_DATA_MAX];
	struct seal_tpm_policy policy = { .once_pcr = once, .pin = pin };
	struct protkey_seal_params params;
	size_t size = 0;
	int status;

	if (!tpm_pcrs_parse(pcrs, &policy.pcrs))
		return fail(EXIT_USAGE, "PCRs");
	if (!pin)
		policy.pcrs |= 1U << once;
	params_init(&params);
	known_kek(kek);
	status = seal_tpm_make(&params, kek, &policy, data, &size);
	return status ? status : -file_write_new(file, data, size);
}

static int clevis_make(const char *file, const char *config, __u8 *kek)
{
	static __u8 data[PROTKEY_SEAL_DATA_MAX];
	size_t size = 0;
	int status;

	known_kek(kek);
	status = seal_clevis_make(config, true, kek, data, &size);
	return status ? status : -file_write_new(file, data, size);
}

static int open_it(const char *file, bool clevis, const struct passphrase *pin,
		   __u8 *kek)
{
	static __u8 data[PROTKEY_SEAL_DATA_MAX];
	struct protkey_seal_params params;
	size_t size;
	int status;

	if (file_read(file, data, sizeof(data), &size))
		return fail(EXIT_USAGE, "%s", file);
	params_init(&params);
	status = clevis ? seal_clevis_open(1, data, size, kek) :
		 seal_tpm_open(1, &params, data, pin, kek);
	if (!status && !is_kek(kek))
		return fail(EXIT_GENERAL, "the KEK is another one");
	return status;
}

int main(int argc, char **argv)
{
	__u8 *kek = protkey_secret_alloc(PROTKEY_KEK_SIZE);
	struct passphrase pin = { 0 };
	char pin_xored[64];
	unsigned int once = 15;
	const char *pcrs = "";
	int i, status;
	size_t n;

	if (argc < 3 || !kek)
		return EXIT_USAGE;
	for (i = 3; i < argc; i++) {
		if (!strcmp(argv[i], "--pin") && i + 1 < argc) {
			pin.size = strlen(argv[++i]);
			pin.data = protkey_secret_alloc(PASSPHRASE_ROOM);
			memcpy(pin.data, argv[i], pin.size);
			for (n = 0; n < pin.size && n < sizeof(pin_xored); n++)
				pin_xored[n] = argv[i][n] ^ 0x55;
			memset(argv[i], 'x', pin.size);
		} else if (!strcmp(argv[i], "--once") && i + 1 < argc) {
			once = (unsigned int)atoi(argv[++i]);
		} else {
			pcrs = argv[i];
		}
	}
	if (!strcmp(argv[1], "make"))
		status = make(argv[2], pcrs, once, pin.data ? &pin : NULL, kek);
	else if (!strcmp(argv[1], "clevis-make"))
		status = clevis_make(argv[2], pcrs, kek);
	else
		status = open_it(argv[2], !strcmp(argv[1], "clevis-open"),
				 pin.data ? &pin : NULL, kek);
	if (getenv("SEAL_TPM_LEAK"))	/* the control: the scan must see it */
		printf("left %u\n", scan(pin_xored, pin.size));
	n = pin.size;
	if (pin.data)
		passphrase_free(&pin);
	protkey_secret_free(kek, PROTKEY_KEK_SIZE);
	printf("left %u\n", scan(pin_xored, n));
	return status;
}
