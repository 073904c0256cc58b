// SPDX-License-Identifier: GPL-2.0-only
/* protkey domain quota */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "domain.h"

int quota_fill(const struct quota_options *options, int domain,
	       const char *name, struct protkey_quota *quota)
{
	struct protkey_domain_info info;
	int ret = protkey_domain_info(domain, &info);

	if (ret)
		return fail_domain(ret, name, "read");
	*quota = info.quota;
	if (options->keys != QUOTA_AS_IS)
		quota->keys = options->keys;
	if (options->sessions != QUOTA_AS_IS)
		quota->sessions = options->sessions;
	if (options->tls_keys != QUOTA_AS_IS)
		quota->tls_keys = options->tls_keys;
	if (quota->keys <= PROTKEY_QUOTA_KEYS &&
	    quota->sessions <= PROTKEY_QUOTA_SESSIONS_MAX &&
	    quota->tls_keys <= PROTKEY_QUOTA_TLS_KEYS)
		return EXIT_OK;
	return fail(EXIT_USAGE, "at most --keys %u, --sessions %u, --tls-keys %u",
		    PROTKEY_QUOTA_KEYS, PROTKEY_QUOTA_SESSIONS_MAX,
		    PROTKEY_QUOTA_TLS_KEYS);
}

bool quota_given(const struct quota_options *options)
{
	return options->keys != QUOTA_AS_IS ||
	       options->sessions != QUOTA_AS_IS ||
	       options->tls_keys != QUOTA_AS_IS;
}

static int quota_set(const struct quota_options *options, const char *name)
{
	struct protkey_quota quota;
	struct domain_act act;
	int ret, status = domain_begin(&act, name);

	if (status)
		return status;
	status = quota_fill(options, act.domain, name, &quota);
	if (!status) {
		ret = protkey_quota_set(act.domain, &quota);
		status = ret ? fail_domain(ret, name, "change") :
			       domain_save(&act);
	}
	domain_end(&act);
	return status;
}

static void json_add_use(struct json_object *obj, const char *key, __u32 used,
			 __u32 quota)
{
	struct json_object *use = json_object_new_object();

	json_add_number(use, "used", used);
	json_add_number(use, "quota", quota);
	json_object_object_add(obj, key, use);
}

struct json_object *quota_json(const struct protkey_domain_info *info)
{
	struct json_object *obj = json_object_new_object();

	json_add_use(obj, "keys", info->keys_set, info->quota.keys);
	json_add_use(obj, "sessions", info->sessions, info->quota.sessions);
	json_add_use(obj, "tls_keys", info->tls_keys, info->quota.tls_keys);
	return obj;
}

void quota_print(const struct protkey_domain_info *info)
{
	printf("%-20s %u of %u in use\n", "keys", info->keys_set,
	       info->quota.keys);
	printf("%-20s %u of %u\n", "sessions", info->sessions,
	       info->quota.sessions);
	printf("%-20s %u of %u\n", "TLS keys", info->tls_keys,
	       info->quota.tls_keys);
}

static int quota_show(const char *name, bool json)
{
	struct protkey_domain_info info;
	int domain, ret, status = domain_open(name, &domain);

	if (status)
		return status;
	ret = protkey_domain_info(domain, &info);
	close(domain);
	if (ret)
		return fail_domain(ret, name, "read");
	if (json)
		return json_print(quota_json(&info));
	quota_print(&info);
	return EXIT_OK;
}

int cmd_domain_quota(const struct command *cmd, int argc, char **argv)
{
	struct quota_options options = QUOTA_OPTIONS_INIT;
	bool json = false;
	const struct opt opts[] = {
		QUOTA_OPTS(options),
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	status = quota_given(&options) ? quota_set(&options, argv[0]) : EXIT_OK;
	return status ? status : quota_show(argv[0], json);
}
