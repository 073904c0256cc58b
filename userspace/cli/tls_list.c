// SPDX-License-Identifier: GPL-2.0-only
/* protkey tls list */
#include <inttypes.h>
#include <stdio.h>

#include "tls.h"

static const char *version_name(unsigned int version)
{
	return version == TLS_1_2_VERSION ? "1.2" : "1.3";
}

static const char *cipher_name(unsigned int cipher)
{
	return cipher == TLS_CIPHER_AES_GCM_128 ? "aes-128-gcm" : "aes-256-gcm";
}

static const char *age_text(uint64_t age, char text[TIME_ROOM])
{
	snprintf(text, TIME_ROOM, "%" PRIu64 ":%02u:%02u", age / 3600,
		 (unsigned int)(age / 60 % 60), (unsigned int)(age % 60));
	return text;
}

static void print_entry(const char *domain, const struct protkey_ktls_entry *e)
{
	char age[TIME_ROOM];

	printf("%-16s %10" PRIu64 " %-7s %-3s %-11s %-11s %10s %15" PRIu64
	       " %11" PRIu64 " %6u %7d %5u\n", domain, (uint64_t)e->inode,
	       tls_direction_name(e->direction), version_name(e->version),
	       cipher_name(e->cipher), tls_state_name(e->state),
	       age_text(e->age, age), (uint64_t)e->bytes, (uint64_t)e->records,
	       e->updates, e->pid, e->uid);
}

static void list_text(const struct tls_view *view)
{
	size_t i, j;

	printf("%-16s %10s %-7s %-3s %-11s %-11s %10s %15s %11s %6s %7s %5s\n",
	       "DOMAIN", "SOCKET", "WAY", "TLS", "CIPHER", "STATE", "AGE", "BYTES",
	       "RECORDS", "REKEYS", "PID", "UID");
	for (i = 0; i < view->count; i++)
		for (j = 0; j < view->domains[i].count; j++)
			print_entry(view->domains[i].info.name,
				    &view->domains[i].entries[j]);
}

static struct json_object *entry_json(const char *domain,
				      const struct protkey_ktls_entry *e)
{
	struct json_object *obj = json_object_new_object();

	json_add_text(obj, "domain", domain);
	json_add_number(obj, "id", e->id);
	json_add_number(obj, "socket", e->inode);
	json_add_text(obj, "direction", tls_direction_name(e->direction));
	json_add_text(obj, "version", version_name(e->version));
	json_add_text(obj, "cipher", cipher_name(e->cipher));
	json_add_text(obj, "imported",
		      e->kind == PROTKEY_KTLS_SECRET ? "secret" : "key");
	json_add_text(obj, "state", tls_state_name(e->state));
	json_add_number(obj, "age", e->age);
	json_add_number(obj, "bytes", e->bytes);
	json_add_number(obj, "records", e->records);
	json_add_number(obj, "rekeys", e->updates);
	json_add_number(obj, "pid", (uint64_t)e->pid);
	json_add_number(obj, "uid", e->uid);
	return obj;
}

static int list_json(const struct tls_view *view)
{
	struct json_object *list = json_object_new_array();
	size_t i, j;

	for (i = 0; i < view->count; i++)
		for (j = 0; j < view->domains[i].count; j++)
			json_object_array_add(list,
				entry_json(view->domains[i].info.name,
					   &view->domains[i].entries[j]));
	return json_print(list);
}

int cmd_tls_list(const struct command *cmd, int argc, char **argv)
{
	bool json = false;
	const struct opt opts[] = {
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	struct tls_view view;
	int status = args_parse(cmd, opts, &argc, argv, 0, 1);

	if (status != ARGS_GO)
		return status;
	status = tls_view_load(argc ? argv[0] : NULL, &view);
	if (status)
		return status;
	if (view.count && !view.loaded)
		status = fail(EXIT_NO_MODULE, "the protkey-ktls module is not loaded: load it: modprobe protkey-ktls");
	else if (json)
		status = list_json(&view);
	else
		list_text(&view);
	tls_view_free(&view);
	return status;
}
