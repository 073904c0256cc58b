// SPDX-License-Identifier: GPL-2.0-only
/* The domains that the module knows and those that wait on disk. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static const char *const state_names[] = {
	[PROTKEY_DOMAIN_IMPRINT] = "imprint",
	[PROTKEY_DOMAIN_ACTIVE] = "unlocked",
	[PROTKEY_DOMAIN_LOCKED] = "locked",
	[PROTKEY_DOMAIN_ZEROIZED] = "zeroized",
};

const char *domain_state_name(unsigned int state)
{
	if (state >= sizeof(state_names) / sizeof(state_names[0]) ||
	    !state_names[state])
		return "unknown";
	return state_names[state];
}

static struct domain_entry *catalog_add(struct catalog *catalog)
{
	struct domain_entry *entries;

	entries = reallocarray(catalog->entries, catalog->count + 1,
			       sizeof(*entries));
	if (!entries)
		return NULL;
	catalog->entries = entries;
	memset(&entries[catalog->count], 0, sizeof(*entries));
	return &entries[catalog->count++];
}

const struct domain_entry *catalog_find(const struct catalog *catalog,
					const char *name)
{
	size_t i;

	for (i = 0; i < catalog->count; i++)
		if (!strcmp(catalog->entries[i].info.name, name))
			return &catalog->entries[i];
	return NULL;
}

const struct domain_entry *catalog_find_uuid(const struct catalog *catalog,
					     const uint8_t *uuid)
{
	size_t i;

	for (i = 0; i < catalog->count; i++)
		if (!memcmp(catalog->entries[i].info.uuid, uuid, 16))
			return &catalog->entries[i];
	return NULL;
}

static int add_from_module(struct catalog *catalog, int control)
{
	struct domain_entry *entry;
	unsigned int i;
	int ret;

	for (i = 0;; i++) {
		struct protkey_domain_info info;

		ret = protkey_domain_at(control, i, &info);
		if (ret == -ENOENT)
			return 0;
		if (ret)
			return ret;
		entry = catalog_add(catalog);
		if (!entry)
			return -ENOMEM;
		entry->info = info;
		entry->in_module = true;
	}
}

struct disk_walk {
	struct catalog *catalog;
	int store;
};

static int add_from_disk(const char *name, void *arg)
{
	struct disk_walk *walk = arg;
	struct domain_entry *entry;
	struct protkey_state state;
	int err;

	entry = (struct domain_entry *)catalog_find(walk->catalog, name);
	if (!entry) {
		entry = catalog_add(walk->catalog);
		if (!entry)
			return -ENOMEM;
		strcpy(entry->info.name, name);
	}
	entry->on_disk = true;
	err = protkey_store_load(walk->store, name, &state);
	if (err) {
		entry->file_error = err;
		return 0;
	}
	if (!entry->in_module)
		protkey_state_info(&state, &entry->info);
	protkey_state_free(&state);
	return 0;
}

int catalog_load(struct catalog *catalog)
{
	struct disk_walk walk = { catalog, -1 };
	int control, ret, status;

	memset(catalog, 0, sizeof(*catalog));
	status = control_open(&control);
	if (status)
		return status;
	ret = add_from_module(catalog, control);
	close(control);
	if (ret)
		goto err;
	walk.store = protkey_store_open(state_dir(), 0);
	if (walk.store == -ENOENT)
		return EXIT_OK;
	if (walk.store < 0) {
		ret = walk.store;
		goto err;
	}
	ret = protkey_store_list(walk.store, add_from_disk, &walk);
	close(walk.store);
	if (!ret)
		return EXIT_OK;
err:
	catalog_free(catalog);
	return fail_errno(ret, state_dir());
}

void catalog_free(struct catalog *catalog)
{
	free(catalog->entries);
	memset(catalog, 0, sizeof(*catalog));
}

int catalog_state(const struct domain_entry *entry,
		  struct protkey_state *state)
{
	int fd, ret;

	if (entry->in_module && entry->info.state == PROTKEY_DOMAIN_ACTIVE) {
		fd = protkey_domain_open(entry->info.name);
		if (fd < 0)
			return fd;
		ret = protkey_domain_state(fd, state);
	} else {
		fd = protkey_store_open(state_dir(), 0);
		if (fd < 0)
			return fd;
		ret = protkey_store_load(fd, entry->info.name, state);
	}
	close(fd);
	return ret;
}

int catalog_state_of(const char *name, struct protkey_state *state)
{
	const struct domain_entry *entry;
	struct catalog catalog;
	int ret, status;

	if (!domain_name_check(name, &status))
		return status;
	status = catalog_load(&catalog);
	if (status)
		return status;
	entry = catalog_find(&catalog, name);
	ret = entry ? catalog_state(entry, state) : -ENOENT;
	catalog_free(&catalog);
	return ret ? fail_domain(ret, name, "read") : EXIT_OK;
}
