// SPDX-License-Identifier: GPL-2.0-only
/* protkey domain list, protkey domain show */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "domain.h"

static const char *file_state(const struct domain_entry *entry)
{
	if (!entry->on_disk)
		return "missing";
	if (!entry->file_error)
		return "ok";
	return entry->file_error == -EOPNOTSUPP ? "newer" : "damaged";
}

static const char *state_of(const struct domain_entry *entry)
{
	if (!entry->in_module && entry->file_error)
		return "unusable";
	return domain_state_name(entry->info.state);
}

/* A pattern of zeros is an empty register. */
static void json_add_pattern(struct json_object *obj, const char *key,
			     const __u8 *pattern)
{
	if (all_zero(pattern, PROTKEY_PATTERN_SIZE))
		json_add_text(obj, key, NULL);
	else
		json_add_hex(obj, key, pattern, PROTKEY_PATTERN_SIZE);
}

struct json_object *domain_json(const struct domain_entry *entry)
{
	const struct protkey_domain_info *info = &entry->info;
	struct json_object *obj = json_object_new_object();

	json_add_text(obj, "name", info->name);
	json_add_uuid(obj, "uuid", info->uuid);
	json_add_text(obj, "state", state_of(entry));
	json_add_bool(obj, "in_module", entry->in_module);
	json_add_text(obj, "file", file_state(entry));
	json_add_hex(obj, "pattern_current", info->pattern_current,
		     sizeof(info->pattern_current));
	json_add_pattern(obj, "pattern_old", info->pattern_old);
	json_add_pattern(obj, "pattern_new", info->pattern_new);
	json_add_bool(obj, "one_person",
		      info->flags & PROTKEY_DOMAIN_ONE_PERSON);
	json_add_bool(obj, "persons", info->flags & PROTKEY_DOMAIN_PERSONS);
	json_add_bool(obj, "measured", info->flags & PROTKEY_DOMAIN_MEASURED);
	json_add_number(obj, "generation", info->generation);
	json_add_number(obj, "keys", info->keys);
	json_add_number(obj, "volumes", info->volumes);
	json_add_number(obj, "sessions", info->sessions);
	json_object_object_add(obj, "quota", quota_json(info));
	return obj;
}

static int list_json(const struct catalog *catalog)
{
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < catalog->count; i++)
		json_object_array_add(list, domain_json(&catalog->entries[i]));
	return json_print(list);
}

static int list_text(const struct catalog *catalog)
{
	char uuid[UUID_ROOM];
	size_t i;

	if (catalog->count)
		printf("%-16s %-9s %7s %5s  %-36s  %s\n", "NAME", "STATE",
		       "VOLUMES", "KEYS", "UUID", "FILE");
	for (i = 0; i < catalog->count; i++) {
		const struct domain_entry *entry = &catalog->entries[i];

		printf("%-16s %-9s %7u %5u  %-36s  %s\n", entry->info.name,
		       state_of(entry), entry->info.volumes, entry->info.keys,
		       uuid_text(entry->info.uuid, uuid), file_state(entry));
	}
	return EXIT_OK;
}

int cmd_domain_list(const struct command *cmd, int argc, char **argv)
{
	bool json = false;
	const struct opt opts[] = {
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	struct catalog catalog;
	int status = args_parse(cmd, opts, &argc, argv, 0, 0);

	if (status != ARGS_GO)
		return status;
	status = catalog_load(&catalog);
	if (status)
		return status;
	status = json ? list_json(&catalog) : list_text(&catalog);
	catalog_free(&catalog);
	return status;
}

static void show_pattern(const char *label, const __u8 *pattern)
{
	char hex[HEX_ROOM(PROTKEY_PATTERN_SIZE)];

	printf("%-20s %s\n", label,
	       all_zero(pattern, PROTKEY_PATTERN_SIZE) ? "empty" :
	       hex_text(pattern, PROTKEY_PATTERN_SIZE, hex));
}

static int show_text(const struct domain_entry *entry)
{
	const struct protkey_domain_info *info = &entry->info;
	char uuid[UUID_ROOM];

	printf("%-20s %s\n", "name", info->name);
	printf("%-20s %s\n", "uuid", uuid_text(info->uuid, uuid));
	printf("%-20s %s\n", "state", state_of(entry));
	printf("%-20s %s/%s%s (%s)\n", "file", state_dir(), info->name,
	       PROTKEY_STORE_SUFFIX, file_state(entry));
	show_pattern("master key CURRENT", info->pattern_current);
	show_pattern("master key OLD", info->pattern_old);
	show_pattern("master key NEW", info->pattern_new);
	printf("%-20s %s\n", "administration",
	       !(info->flags & PROTKEY_DOMAIN_ONE_PERSON) ? "signed" :
	       info->flags & PROTKEY_DOMAIN_PERSONS ? "by persons who log in" :
	       "one person: one passphrase opens it");
	printf("%-20s %s\n", "measured boot",
	       info->flags & PROTKEY_DOMAIN_MEASURED ? "demanded" : "not demanded");
	printf("%-20s %" PRIu64 "\n", "generation", (uint64_t)info->generation);
	printf("%-20s %u pinned\n", "volumes", info->volumes);
	quota_print(info);
	return EXIT_OK;
}

int cmd_domain_show(const struct command *cmd, int argc, char **argv)
{
	bool json = false;
	const struct opt opts[] = {
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	const struct domain_entry *entry;
	struct catalog catalog;
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	if (!domain_name_check(argv[0], &status))
		return status;
	status = catalog_load(&catalog);
	if (status)
		return status;
	entry = catalog_find(&catalog, argv[0]);
	if (!entry)
		status = fail_domain(-ENOENT, argv[0], "show");
	else if (!entry->in_module && entry->file_error)
		status = fail_domain(entry->file_error, argv[0], "show");
	else
		status = json ? json_print(domain_json(entry)) :
			 show_text(entry);
	catalog_free(&catalog);
	return status;
}
