// SPDX-License-Identifier: GPL-2.0-only
/* protkey fw reference: its table; make, add, enrol, set, show. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../fw/field.h"
#include "../fw/reference_make.h"
#include "fw_check.h"
#include "tpm.h"

/* The firmware's and, if the log explains them, shim's and grub's. */
#define PCRS_ALWAYS	0x00ffU
#define PCRS_LOADER	0x4300U		/* 8, 9, 14 */
/* A UKI's, if they are in the log: the system itself extends them later. */
#define PCRS_UKI	0x3800U		/* 11 to 13 */

const struct command fw_reference_commands[] = {
	{ "make", "fw reference make", "EVIDENCE",
	  "a reference from a boot that is known to be good",
	  cmd_fw_reference_make, NULL },
	{ "add", "fw reference add", "FILE",
	  "accept another good boot too", cmd_fw_reference_add, NULL },
	{ "allow", "fw reference allow", "FILE",
	  "accept an update before it is installed",
	  cmd_fw_reference_allow, NULL },
	{ "enrol", "fw reference enrol", "FILE",
	  "accept a machine's key", cmd_fw_reference_enrol, NULL },
	{ "set", "fw reference set", "FILE [COMPONENT]",
	  "rules of a component, and what holds for the whole",
	  cmd_fw_reference_set, NULL },
	{ "show", "fw reference show", "FILE",
	  "what is in it", cmd_fw_reference_show, NULL },
	{ "sign", "fw reference sign", "FILE",
	  "add a signature", cmd_fw_reference_sign, NULL },
	{ "verify", "fw reference verify", "FILE",
	  "check its signatures", cmd_fw_reference_verify, NULL },
	{ "import", "fw reference import", "FILE",
	  "accept what a Keylime policy accepts", cmd_fw_reference_import, NULL },
	{ "export", "fw reference export", "EVIDENCE",
	  "Keylime's policy of a boot",
	  cmd_fw_reference_export, NULL },
	{ 0 }
};

/* ---- make */

static int take_banks(struct fw_reference *ref, const char *text)
{
	char list[64], *save, *word;
	enum fw_bank bank;

	snprintf(list, sizeof(list), "%s", text);
	for (word = strtok_r(list, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		if (!fw_bank_find(word, &bank))
			return fail(EXIT_USAGE, "--banks: unknown bank '%s'",
				    word);
		ref->bank[bank] = true;
	}
	for (bank = 0; bank < FW_BANKS; bank++)
		if (ref->bank[bank])
			return EXIT_OK;
	return fail(EXIT_USAGE, "--banks names none");
}

/* What the log explains of it all; 0 to 7 it must, but for @skip. */
static int take_pcrs(struct fw_reference *ref, const struct fw_evidence *ev,
		     const char *path, const char *skip)
{
	uint32_t skipped = 0, pcrs, missing;
	char why[FW_WHY] = "", text[TPM_PCRS_ROOM];
	int ret;

	if (skip && !tpm_pcrs_parse(skip, &skipped))
		return fail(EXIT_USAGE, "--skip-pcrs wants a list as 1,5, not '%s'",
			    skip);
	ref->pcrs = (PCRS_ALWAYS | PCRS_LOADER | PCRS_UKI) & ~skipped;
	ret = fw_reference_explained(ref, ev, &pcrs, why);
	if (ret)
		return fail(EXIT_REFUSED, "%s: no reference is made from this boot: %s",
			    path, *why ? why : strerror(-ret));
	missing = PCRS_ALWAYS & ~skipped & ~pcrs;
	if (missing)
		return fail(EXIT_REFUSED, "%s: its event log does not lead to PCR %s: a fault of the firmware, or not a good boot (--skip-pcrs %s leaves out what is measured there)",
			    path, tpm_pcrs_text(missing, text), text);
	if (skipped & PCRS_ALWAYS)
		warn("PCR %s will not be looked at: whoever can change what is measured there is not noticed",
		     tpm_pcrs_text(skipped & PCRS_ALWAYS, text));
	ref->pcrs = pcrs;
	return EXIT_OK;
}

static int take_hosts(struct fw_reference *ref, const char *text)
{
	char list[1024], *save, *word;

	snprintf(list, sizeof(list), "%s", text);
	for (word = strtok_r(list, ",", &save); word;
	     word = strtok_r(NULL, ",", &save))
		if (fw_reference_demand_host(ref, word) == -ENOMEM)
			return fail_errno(-ENOMEM, text);
	return EXIT_OK;
}

static int take_ima(struct fw_reference *ref, const struct fw_evidence *ev,
		    const char *rule)
{
	size_t added;
	int ret;

	if (!fw_ima_rule_find(rule, &ref->ima))
		return fail(EXIT_USAGE, "--ima wants ignore, no-violation or listed, not '%s'",
			    rule);
	if (ref->ima != FW_IMA_LISTED)
		return EXIT_OK;
	ret = fw_reference_accept_ima(ref, ev, &added);
	if (ret || !ref->ima_file_count)
		return fail(EXIT_REFUSED, "the evidence has no IMA list that can be read");
	return EXIT_OK;
}

struct make {
	const char *out, *name, *banks, *skip, *host, *ima;
	bool pin;
};

static int make(const struct make *opts, const char *path,
		const struct fw_evidence *ev, struct fw_reference *ref)
{
	int ret, status = take_banks(ref, opts->banks);

	if (!status)
		status = take_pcrs(ref, ev, path, opts->skip);
	if (!status && opts->host)
		status = take_hosts(ref, opts->host);
	if (!status && opts->ima)
		status = take_ima(ref, ev, opts->ima);
	if (status)
		return status;
	snprintf(ref->name, sizeof(ref->name), "%s", opts->name ? opts->name :
		 *ev->host ? ev->host : "reference");
	ret = fw_reference_start(ref, ev);
	if (!ret && opts->pin)
		ret = fw_reference_enrol(ref, ev->host, ev->key_name);
	if (ret)
		return fail_errno(ret, path);
	status = fw_reference_save(opts->out, ref);
	if (!status)
		printf("%s: %zu components, serial number %llu%s\n", opts->out,
		       ref->entry_count, (unsigned long long)ref->serial,
		       opts->pin ? ", of this machine alone" : "");
	return status;
}

int cmd_fw_reference_make(const struct command *cmd, int argc, char **argv)
{
	struct make opts = { .banks = "sha256" };
	const struct opt table[] = {
		{ "out", 'o', OPT_TEXT, &opts.out, "FILE", "the reference" },
		{ "name", 0, OPT_TEXT, &opts.name, "NAME",
		  "what it is of (the host's name)" },
		{ "banks", 0, OPT_TEXT, &opts.banks, "LIST",
		  "PCR banks that count (sha256)" },
		{ "skip-pcrs", 0, OPT_TEXT, &opts.skip, "LIST",
		  "leave out PCRs that the firmware's log does not explain" },
		{ "host", 0, OPT_TEXT, &opts.host, "LIST",
		  "checks of `protkey fw host` that must be good" },
		{ "ima", 0, OPT_TEXT, &opts.ima, "RULE",
		  "ignore, no-violation or listed" },
		{ "pin", 0, OPT_FLAG, &opts.pin, NULL,
		  "enrol the machine's key as well" },
		{ 0 }
	};
	struct fw_reference ref = { 0 };
	struct fw_evidence ev;
	int status = args_parse(cmd, table, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	if (!opts.out)
		return fail(EXIT_USAGE, "where to? --out FILE");
	status = fw_evidence_load(argv[0], &ev);
	if (status)
		return status;
	status = make(&opts, argv[0], &ev, &ref);
	fw_reference_free(&ref);
	fw_evidence_free(&ev);
	return status;
}

/* ---- add, enrol */

static int add(const char *path, const char *from, struct fw_reference *ref,
	       const struct fw_evidence *ev)
{
	char why[FW_WHY] = "";
	size_t added, files = 0;
	int status, ret = fw_reference_check_boot(ref, ev, why);

	if (ret)
		return fail(EXIT_REFUSED, "%s: this boot is not added: %s", from,
			    *why ? why : strerror(-ret));
	ret = fw_reference_merge(ref, ev, &added);
	if (!ret && ref->ima == FW_IMA_LISTED)
		ret = fw_reference_accept_ima(ref, ev, &files);
	if (ret)
		return fail_errno(ret, from);
	if (!added && !files) {
		printf("%s: accepts all of this boot already\n", path);
		return EXIT_OK;
	}
	status = fw_reference_save(path, ref);
	if (!status)
		printf("%s: %zu more, serial number %llu\n", path,
		       added + files, (unsigned long long)ref->serial);
	return status;
}

static int enrol(const char *path, const char *from, struct fw_reference *ref,
		 const struct fw_evidence *ev, const char *host)
{
	struct fw_pcrs *quoted = calloc(1, sizeof(*quoted));
	char text[HEX_ROOM(FW_KEY_NAME_SIZE)];
	enum fw_quote quote;
	int ret, status;

	if (!quoted)
		return fail_errno(-ENOMEM, from);
	quote = fw_quote_check(ev, NULL, 0, ev->key_name, quoted, NULL,
			       NULL);
	free(quoted);
	if (quote != FW_QUOTE_GOOD)
		return fail(EXIT_REFUSED, "%s: its key is not enrolled: %s",
			    from, fw_quote_text(quote));
	ret = fw_reference_enrol(ref, host ? host : ev->host, ev->key_name);
	if (ret == -EEXIST)
		return fail(EXIT_EXISTS, "%s: this key is enrolled already", path);
	if (ret)
		return fail_errno(ret, path);
	status = fw_reference_save(path, ref);
	if (!status)
		printf("%s: enrolled '%s', key %s\n", path, host ? host : ev->host,
		       hex_text(ev->key_name, FW_KEY_NAME_SIZE, text));
	return status;
}

/* add and enrol: a reference is changed by what is in evidence. */
static int change(const struct command *cmd, int argc, char **argv, bool whose)
{
	const char *from = NULL, *host = NULL;
	const struct opt table[] = {
		{ "from", 0, OPT_TEXT, &from, "EVIDENCE",
		  whose ? "evidence that was taken from the machine in person" :
		  "of a boot that is known to be good" },
		{ whose ? "host" : NULL, 0, OPT_TEXT, &host, "NAME",
		  "what the machine is called" },
		{ 0 }
	};
	struct fw_reference ref;
	struct fw_evidence ev;
	int status = args_parse(cmd, table, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	if (!from)
		return fail(EXIT_USAGE, "from what? --from EVIDENCE");
	status = fw_reference_edit(argv[0], &ref);
	if (status)
		return status;
	status = fw_evidence_load(from, &ev);
	if (!status) {
		status = whose ? enrol(argv[0], from, &ref, &ev, host) :
			 add(argv[0], from, &ref, &ev);
		fw_evidence_free(&ev);
	}
	fw_reference_free(&ref);
	return status;
}

int cmd_fw_reference_add(const struct command *cmd, int argc, char **argv)
{
	return change(cmd, argc, argv, false);
}

int cmd_fw_reference_enrol(const struct command *cmd, int argc, char **argv)
{
	return change(cmd, argc, argv, true);
}
