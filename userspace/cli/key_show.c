// SPDX-License-Identifier: GPL-2.0-only
/* protkey key show, protkey key verify */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "key.h"

int cmd_key_show(const struct command *cmd, int argc, char **argv)
{
	bool json = false;
	const struct opt opts[] = {
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	uint8_t blob[PROTKEY_BLOB_SIZE];
	struct protkey_key_info info;
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	status = key_load(argv[0], blob, &info);
	if (status)
		return status;
	if (json)
		return json_print(key_json(&info));
	key_print(&info);
	printf("(not checked: `protkey key verify` opens it in the module)\n");
	return EXIT_OK;
}

/* The domain that the blob names, if the user does not. */
static int find_domain(const struct protkey_key_info *info, const char *path,
		       char name[PROTKEY_NAME_SIZE])
{
	const struct domain_entry *entry;
	struct catalog catalog;
	int status = catalog_load(&catalog);

	if (status)
		return status;
	entry = catalog_find_uuid(&catalog, info->domain);
	if (entry)
		memcpy(name, entry->info.name, PROTKEY_NAME_SIZE);
	else
		status = fail(EXIT_NOT_FOUND, "%s: this machine does not have the key's domain",
			      path);
	catalog_free(&catalog);
	return status;
}

int key_domain(const struct protkey_key_info *info, const char *path,
	       const char *want, char name[PROTKEY_NAME_SIZE], int *domain)
{
	int status = EXIT_OK;

	if (want)
		snprintf(name, PROTKEY_NAME_SIZE, "%s", want);
	else
		status = find_domain(info, path, name);
	return status ? status : domain_open(want ? want : name, domain);
}

static const char *const registers[] = {
	[PROTKEY_MK_CURRENT] = "current",
	[PROTKEY_MK_OLD] = "old",
	[PROTKEY_MK_NEW] = "new",
};

static int print_verified(const struct protkey_key_info *info,
			  const struct protkey_key_verify *result,
			  const char *name, bool json)
{
	const char *reg = result->mk_register <= PROTKEY_MK_NEW ?
			  registers[result->mk_register] : "unknown";
	struct json_object *obj;

	if (json) {
		obj = key_json(info);
		json_add_text(obj, "domain", name);
		json_add_bool(obj, "verified", true);
		json_add_text(obj, "mk_register", reg);
		json_add_bool(obj, "valid_now", result->valid_now);
		return json_print(obj);
	}
	key_print(info);
	printf("verified in domain '%s' (master key %s)%s\n", name, reg,
	       result->valid_now ? "" : "; outside its validity dates: no new use");
	return EXIT_OK;
}

static int verify(const char *path, const char *domain_name, bool json)
{
	char name[PROTKEY_NAME_SIZE] = "";
	uint8_t blob[PROTKEY_BLOB_SIZE];
	struct protkey_key_verify result;
	struct protkey_key_info info;
	int domain, ret, status;

	status = key_load(path, blob, &info);
	if (!status)
		status = key_domain(&info, path, domain_name, name, &domain);
	if (status)
		return status;
	ret = protkey_key_verify(domain, blob, sizeof(blob), &result);
	close(domain);
	if (!ret && memcmp(result.pattern, info.pattern, sizeof(info.pattern)))
		ret = -EKEYREJECTED;
	return ret ? fail_key(ret, path, name) :
	       print_verified(&info, &result, name, json);
}

int cmd_key_verify(const struct command *cmd, int argc, char **argv)
{
	const char *domain = NULL;
	bool json = false;
	const struct opt opts[] = {
		{ "domain", 'd', OPT_TEXT, &domain, "NAME",
		  "domain to open it in (default: the one it names)" },
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	return verify(argv[0], domain, json);
}
