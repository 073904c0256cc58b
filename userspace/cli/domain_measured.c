// SPDX-License-Identifier: GPL-2.0-only
/* protkey domain measured */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "domain.h"
#include "measured.h"
#include "seal.h"
#include "tpm.h"

#define NAME_SIZE	(2 + 32)	/* of a TPM's key: SHA-256's number, digest */

struct set {
	struct domain_act act;
	struct protkey_measured measured;
	struct seal_options from;
};

static int fail_set(int err, const char *name)
{
	switch (-err) {
	case EBADMSG:
		return fail(EXIT_DAMAGED, "this TPM's attestation key is not of the form that the module takes");
	case ENOENT:
		return fail(EXIT_NOT_FOUND, "domain '%s' demands no measured boot", name);
	case ENOSPC:
		return fail(EXIT_IO, "the sealed state of domain '%s' is full", name);
	default:
		return fail_measured(err, name, "change");
	}
}

static int set_with(unsigned int slot, const __u8 *kek, void *arg)
{
	struct set *set = arg;
	int ret = protkey_measured_set(set->act.domain, &set->measured, slot, kek);

	if (ret == -EKEYREJECTED && kek)
		return ret;
	return ret ? fail_set(ret, set->act.name) : EXIT_OK;
}

static int set_act(struct set *set)
{
	int status = domain_signed_or_kek(&set->act, &set->from, set_with, set);

	return status ? status : domain_save(&set->act);
}

static int measured_set(const char *name, const struct measured_options *options,
			struct set *set, char **values, int count)
{
	int status = domain_begin(&set->act, name);

	if (status)
		return status;
	status = measured_fill(options, values, count, &set->act.state,
			       &set->measured);
	if (!status)
		status = set_act(set);
	domain_end(&set->act);
	return status;
}

/* ---- show ----------------------------------------------------------------- */

static void key_name(const struct protkey_measured *m, uint8_t name[NAME_SIZE])
{
	name[0] = 0x00;
	name[1] = 0x0b;
	EVP_Digest(m->key, m->key_size, name + 2, NULL, EVP_sha256(), NULL);
}

static int show_json(const struct protkey_measured *m)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *accepted = json_object_new_array();
	char hex[HEX_ROOM(TPM_DIGEST)], pcrs[TPM_PCRS_ROOM];
	uint8_t name[NAME_SIZE];
	unsigned int i;

	json_add_bool(obj, "demanded", m->count);
	if (m->count) {
		key_name(m, name);
		json_add_hex(obj, "key_name", name, sizeof(name));
		json_add_text(obj, "pcrs", tpm_pcrs_text(m->pcrs, pcrs));
	}
	for (i = 0; i < m->count; i++)
		json_object_array_add(accepted, json_object_new_string(
			hex_text(m->accepted[i], TPM_DIGEST, hex)));
	json_object_object_add(obj, "accepted", accepted);
	return json_print(obj);
}

static int show_text(const char *domain, const struct protkey_measured *m)
{
	char hex[HEX_ROOM(NAME_SIZE)], pcrs[TPM_PCRS_ROOM];
	uint8_t name[NAME_SIZE];
	unsigned int i;

	if (!m->count) {
		printf("domain '%s' demands no measured boot\n", domain);
		return EXIT_OK;
	}
	key_name(m, name);
	printf("%-20s %s\n", "attestation key", hex_text(name, sizeof(name), hex));
	printf("%-20s %s\n", "PCRs of SHA-256", tpm_pcrs_text(m->pcrs, pcrs));
	for (i = 0; i < m->count; i++)
		printf("%-20s %s\n", i ? "" : "accepted boots",
		       hex_text(m->accepted[i], TPM_DIGEST, hex));
	return EXIT_OK;
}

static int measured_show(const char *name, bool json)
{
	struct protkey_measured m = { 0 };
	struct protkey_state state;
	int ret, status = catalog_state_of(name, &state);

	if (status)
		return status;
	ret = protkey_state_measured(&state, &m);
	protkey_state_free(&state);
	if (ret && ret != -ENOENT)
		return fail_domain(ret, name, "read");
	return json ? show_json(&m) : show_text(name, &m);
}

int cmd_domain_measured(const struct command *cmd, int argc, char **argv)
{
	struct set set = { .from.slot = SLOT_ANY };
	struct measured_options options = { 0 };
	bool json = false;
	const struct opt opts[] = {
		MEASURED_OPTS(options),
		SEAL_FROM_OPTS(set.from, "passphrase of the domain"),
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 1,
				PROTKEY_ACCEPTED_MAX + 1);

	if (status != ARGS_GO)
		return status;
	if (measured_given(&options) || options.pcrs || argc > 1) {
		status = measured_set(argv[0], &options, &set, argv + 1, argc - 1);
		if (status)
			return status;
	}
	return measured_show(argv[0], json);
}
