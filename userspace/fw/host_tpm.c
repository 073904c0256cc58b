// SPDX-License-Identifier: GPL-2.0-only
/* The TPM and its registers for the firmware. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host_read.h"

#define FIRMWARE_PCRS	8	/* PCR 0-7 */

static int take_name(const struct host *host, const char *name, void *arg)
{
	(void)host;
	return snprintf(arg, 32, "%s", name) < 32 ? 1 : -EBADMSG;
}

/* Its name in @name; 0: there is none. */
static int find_tpm(const struct host *host, char name[32])
{
	int ret = host_list(host, "sys/class/tpm", "tpm", take_name, name);

	/* no driver at all, but a /sys that would have shown one */
	if (ret == -ENOENT && host_exists(host, "sys/class") == 1)
		return 0;
	return ret;
}

void host_read_tpm(const struct host *host, struct host_fact *fact)
{
	char name[32];
	long version;
	int ret = find_tpm(host, name);

	if (ret < 0)
		return host_unread(fact, ret, "/sys/class/tpm");
	if (!ret)
		return host_say(fact, HOST_BAD, "none, or no driver for it");
	ret = host_number(host, &version, "sys/class/tpm/%s/tpm_version_major",
			  name);
	if (ret)
		return host_unread(fact, ret, "tpm_version_major");
	if (version != 1 && version != 2)
		return host_unread(fact, -EBADMSG, "tpm_version_major");
	host_say(fact, version == 2 ? HOST_OK : HOST_BAD, "%s",
		 version == 2 ? "2.0" : "1.2: too old for what is sealed here");
}

struct banks {
	const char *tpm;
	unsigned int count;
	unsigned int reset;	/* bit per PCR of the first bank that has one */
	char bank[32];
};

/* A PCR that nothing was ever measured into: 1, 0, or an error. */
static int is_reset(const struct host *host, const char *tpm, const char *bank,
		    unsigned int pcr)
{
	size_t len, digits;
	char text[160];
	int ret = host_text(host, text, sizeof(text), "sys/class/tpm/%s/%s/%u",
			    tpm, bank, pcr);

	if (ret)
		return ret;
	len = strlen(text);
	for (digits = 0; isxdigit((unsigned char)text[digits]); digits++)
		;
	if (digits != len || len < 40)
		return -EBADMSG;
	return strspn(text, "0") == len || strspn(text, "fF") == len;
}

static int read_bank(const struct host *host, const char *bank, void *arg)
{
	struct banks *banks = arg;
	unsigned int pcr;
	int ret;

	banks->count++;
	for (pcr = 0; pcr < FIRMWARE_PCRS && !banks->reset; pcr++) {
		ret = is_reset(host, banks->tpm, bank, pcr);
		if (ret < 0)
			return ret;
		if (ret)
			banks->reset |= 1U << pcr;
		if (ret)
			snprintf(banks->bank, sizeof(banks->bank), "%.31s",
				 bank + strlen("pcr-"));
	}
	return 0;
}

void host_read_pcrs(const struct host *host, struct host_fact *fact)
{
	struct banks banks = { 0 };
	char name[32], path[64];
	int ret = find_tpm(host, name);

	if (ret < 0)
		return host_unread(fact, ret, "/sys/class/tpm");
	if (!ret)
		return host_say(fact, HOST_NA, "no TPM");
	banks.tpm = name;
	snprintf(path, sizeof(path), "sys/class/tpm/%s", name);
	ret = host_list(host, path, "pcr-", read_bank, &banks);
	if (ret)
		return host_unread(fact, ret, "a PCR");
	if (!banks.count)
		return host_say(fact, HOST_UNKNOWN, "this kernel shows no PCR");
	if (banks.reset)
		return host_say(fact, HOST_BAD,
				"PCR %d of bank %s is empty: anybody can put into it what a good boot has",
				__builtin_ctz(banks.reset), banks.bank);
	host_say(fact, HOST_OK, "PCR 0-7 are measured into, in %u bank%s",
		 banks.count, banks.count == 1 ? "" : "s");
}
