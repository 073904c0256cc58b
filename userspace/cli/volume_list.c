// SPDX-License-Identifier: GPL-2.0-only
/* protkey volume list */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "volume.h"

struct listing {
	const struct dm_volume *open;
	size_t open_count;
	struct json_object *json;	/* NULL: print */
	bool any;
};

static void list_json(struct listing *listing, const struct domain_entry *entry,
		      const struct protkey_volume *pin,
		      const struct dm_volume *open)
{
	struct json_object *obj = json_object_new_object();

	json_add_text(obj, "domain", entry->info.name);
	json_add_uuid(obj, "uuid", pin->uuid);
	json_add_text(obj, "label", pin->label);
	json_add_text(obj, "cipher", pin->cipher);
	json_add_number(obj, "sector_size", pin->sector_size);
	json_add_hex(obj, "pattern", pin->pattern, sizeof(pin->pattern));
	json_add_number(obj, "pinned_at", pin->pinned_at);
	json_add_bool(obj, "authentic",
		      entry->info.state == PROTKEY_DOMAIN_ACTIVE);
	json_add_text(obj, "open_as", open ? open->name : NULL);
	json_add_bool(obj, "suspended", open && open->suspended);
	json_object_array_add(listing->json, obj);
}

static void list_text(struct listing *listing, const struct domain_entry *entry,
		      const struct protkey_volume *pin,
		      const struct dm_volume *open)
{
	char uuid[UUID_ROOM], time[TIME_ROOM];

	if (!listing->any)
		printf("%-16s %-36s  %-20s %6s  %-16s %s\n", "DOMAIN", "UUID",
		       "PINNED", "SECTOR", "LABEL", "OPEN AS");
	listing->any = true;
	printf("%-16s %-36s  %-20s %6u  %-16s %s%s\n", entry->info.name,
	       uuid_text(pin->uuid, uuid), time_text(pin->pinned_at, time),
	       pin->sector_size, *pin->label ? pin->label : "-",
	       open ? open->name : "-",
	       open && open->suspended ? " (suspended)" : "");
}

static void list_domain(struct listing *listing,
			const struct domain_entry *entry)
{
	struct protkey_volume pin;
	struct protkey_state state;
	unsigned int i;
	int ret = catalog_state(entry, &state);

	if (ret) {
		warn("domain '%s': its volumes cannot be read: %s",
		     entry->info.name, strerror(-ret));
		return;
	}
	for (i = 0; !protkey_state_volume(&state, i, &pin); i++) {
		const struct dm_volume *open =
			dm_volume_find(listing->open, listing->open_count,
				       pin.uuid);

		if (listing->json)
			list_json(listing, entry, &pin, open);
		else
			list_text(listing, entry, &pin, open);
	}
	protkey_state_free(&state);
}

static int list_all(const struct catalog *catalog, const char *domain,
		    bool json)
{
	struct listing listing = { 0 };
	struct dm_volume *open;
	size_t i;
	int ret;

	if (domain && !catalog_find(catalog, domain))
		return fail_domain(-ENOENT, domain, "list");
	ret = dm_volumes(&open, &listing.open_count);
	if (ret)
		return fail_errno(ret, "device-mapper");
	listing.open = open;
	listing.json = json ? json_object_new_array() : NULL;
	for (i = 0; i < catalog->count; i++)
		if (!domain || !strcmp(catalog->entries[i].info.name, domain))
			list_domain(&listing, &catalog->entries[i]);
	free(open);
	return json ? json_print(listing.json) : EXIT_OK;
}

int cmd_volume_list(const struct command *cmd, int argc, char **argv)
{
	const char *domain = NULL;
	bool json = false;
	const struct opt opts[] = {
		{ "domain", 'd', OPT_TEXT, &domain, "NAME",
		  "only those of this domain" },
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
	status = list_all(&catalog, domain, json);
	catalog_free(&catalog);
	return status;
}
