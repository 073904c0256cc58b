// SPDX-License-Identifier: GPL-2.0-only
/* protkey tls: its table, and the connections of the module's domains. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tls.h"

const struct command tls_commands[] = {
	{ "list", "tls list", "[DOMAIN]",
	  "connections with protected keys, one line for each direction",
	  cmd_tls_list, NULL },
	{ "metrics", "tls metrics", "",
	  "counters of TLS, domains and the vault for Prometheus",
	  cmd_tls_metrics, NULL },
	{ 0 }
};

static const char *const state_names[] = {
	[PROTKEY_KTLS_PENDING] = "pending",
	[PROTKEY_KTLS_SET] = "unconfirmed",
	[PROTKEY_KTLS_ACTIVE] = "active",
	[PROTKEY_KTLS_ENDED] = "ended",
	[PROTKEY_KTLS_NO_KEY] = "no key",
};

const char *tls_state_name(unsigned int state)
{
	if (state >= sizeof(state_names) / sizeof(state_names[0]) ||
	    !state_names[state])
		return "unknown";
	return state_names[state];
}

const char *tls_direction_name(unsigned int direction)
{
	return direction == TLS_TX ? "send" : "receive";
}

size_t tls_count(const struct tls_domain *domain, unsigned int state,
		 unsigned int direction)
{
	size_t i, count = 0;

	for (i = 0; i < domain->count; i++)
		count += (!state || domain->entries[i].state == state) &&
			 (!direction || domain->entries[i].direction == direction);
	return count;
}

/* A page of entries to those that are there. */
static int add_entries(struct tls_domain *domain)
{
	const struct protkey_ktls_list *page = &domain->totals;
	struct protkey_ktls_entry *entries;

	if (!page->count)
		return 0;
	entries = reallocarray(domain->entries, domain->count + page->count,
			       sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	memcpy(entries + domain->count, page->entries,
	       page->count * sizeof(*entries));
	domain->entries = entries;
	domain->count += page->count;
	return 0;
}

static int read_domain(int fd, struct tls_domain *domain)
{
	int ret = protkey_tls_status(fd, &domain->status);

	if (ret)
		return ret;
	do {
		ret = protkey_tls_list(fd, &domain->totals);
		if (!ret)
			ret = add_entries(domain);
	} while (!ret && domain->totals.cursor);
	return ret;
}

/* A domain that is there but in which nothing can be is no error. */
static int add_domain(struct tls_view *view, int fd,
		      const struct protkey_domain_info *info)
{
	struct tls_domain *domains;
	int ret;

	domains = reallocarray(view->domains, view->count + 1, sizeof(*domains));
	if (!domains)
		return -ENOMEM;
	view->domains = domains;
	domains += view->count++;
	memset(domains, 0, sizeof(*domains));
	domains->info = *info;
	ret = read_domain(fd, domains);
	if (ret == -EOPNOTSUPP)
		return 0;
	view->loaded = true;
	return ret;
}

static int load_one(const char *name, struct tls_view *view)
{
	struct protkey_domain_info info;
	int fd, ret = domain_open(name, &fd);

	if (ret)
		return ret;
	ret = protkey_domain_info(fd, &info);
	if (!ret)
		ret = add_domain(view, fd, &info);
	close(fd);
	return ret ? fail_domain(ret, name, "ask") : EXIT_OK;
}

/* One that is deleted meanwhile is not there. */
static int load_at(int control, unsigned int index, struct tls_view *view)
{
	struct protkey_domain_info info;
	int fd, ret = protkey_domain_at(control, index, &info);

	if (ret && ret != -ENOENT)
		fail_domain(ret, "", "list");
	if (ret)
		return ret;
	fd = domain_node(info.name);
	if (fd == -ENOENT || fd == -ENODEV)
		return 0;
	if (fd < 0) {
		fail_domain(fd, info.name, "open");
		return fd;
	}
	ret = add_domain(view, fd, &info);
	close(fd);
	if (ret == -ENODEV) {
		free(view->domains[--view->count].entries);
		return 0;
	}
	if (ret)
		fail_domain(ret, info.name, "ask");
	return ret == -ENOENT ? -EIO : ret;
}

static int load_all(struct tls_view *view)
{
	unsigned int index;
	int control, ret = control_open(&control);

	if (ret)
		return ret;
	for (index = 0; !ret; index++)
		ret = load_at(control, index, view);
	close(control);
	return ret == -ENOENT ? EXIT_OK : (int)exit_code_of(ret);
}

int tls_view_load(const char *name, struct tls_view *view)
{
	int ret;

	memset(view, 0, sizeof(*view));
	ret = name ? load_one(name, view) : load_all(view);
	if (ret)
		tls_view_free(view);
	return ret;
}

void tls_view_free(struct tls_view *view)
{
	size_t i;

	for (i = 0; i < view->count; i++)
		free(view->domains[i].entries);
	free(view->domains);
	memset(view, 0, sizeof(*view));
}
