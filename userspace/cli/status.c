// SPDX-License-Identifier: GPL-2.0-only
/* protkey status */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fw.h"
#include "tls.h"

#define TEST_BUILD "TEST BUILD: this module reports its secrets. Never use it with real keys."
#define LEAKTEST_ROOT "this is a test build that reports its secrets"

static const char *vault_state(const struct protkey_status *status)
{
	if (status->flags & PROTKEY_STATUS_VAULT_LOST)
		return "lost";
	if (status->flags & PROTKEY_STATUS_SUSPENDED)
		return "suspended";
	return status->flags & PROTKEY_STATUS_VAULT_READY ? "ready" : "empty";
}

static void print_module(const struct protkey_status *status)
{
	printf("vault                %s (%.16s), epoch %" PRIu64 ", %u CPUs ready\n",
	       vault_state(status), status->vault, (uint64_t)status->epoch,
	       status->cpus_ready);
	printf("instructions         %.16s\n", status->level);
	printf("domains              %u, %u unlocked\n", status->domains,
	       status->domains_unlocked);
	printf("keys ready           %" PRIu64 " (slots %u of %u)\n",
	       (uint64_t)status->keys, status->slots_used,
	       status->slots_total);
	printf("requests queued      %" PRIu64 "\n",
	       (uint64_t)status->requests_queued);
	printf("mismatches           %" PRIu64 ", repairs %" PRIu64 ", losses %" PRIu64 "\n",
	       (uint64_t)status->mismatches, (uint64_t)status->repairs,
	       (uint64_t)status->losses);
}

/* What all domains have of it, and what tokens came to. */
struct tls_sum {
	size_t active, keys;
	uint64_t confirmed, updates, bytes;
	struct protkey_ktls_status status;
};

static void tls_sum(const struct tls_view *tls, struct tls_sum *sum)
{
	size_t i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < tls->count; i++) {
		const struct tls_domain *d = &tls->domains[i];

		sum->active += tls_count(d, PROTKEY_KTLS_ACTIVE, 0);
		sum->keys += d->status.keys;
		sum->confirmed += d->totals.connections;
		sum->updates += d->totals.updates;
		sum->bytes += d->totals.bytes;
		sum->status = d->status;
	}
}

static void print_tls(const struct tls_view *tls)
{
	struct tls_sum sum;

	if (!tls->loaded)
		return;
	tls_sum(tls, &sum);
	printf("tls directions       %zu active, %" PRIu64 " since load, %" PRIu64
	       " bytes, %" PRIu64 " rekeys\n", sum.active, sum.confirmed, sum.bytes,
	       sum.updates);
	printf("tls tokens           %" PRIu64 " made, %" PRIu64 " taken, %" PRIu64
	       " expired, %" PRIu64 " refused\n", (uint64_t)sum.status.tokens_made,
	       (uint64_t)sum.status.tokens_taken,
	       (uint64_t)sum.status.tokens_expired,
	       (uint64_t)sum.status.tokens_refused);
}

static struct json_object *tls_json(const struct tls_view *tls)
{
	struct json_object *obj;
	struct tls_sum sum;

	if (!tls->loaded)
		return NULL;
	obj = json_object_new_object();
	tls_sum(tls, &sum);
	json_add_number(obj, "active", sum.active);
	json_add_number(obj, "keys", sum.keys);
	json_add_number(obj, "confirmed", sum.confirmed);
	json_add_number(obj, "bytes", sum.bytes);
	json_add_number(obj, "rekeys", sum.updates);
	json_add_number(obj, "tokens_made", sum.status.tokens_made);
	json_add_number(obj, "tokens_taken", sum.status.tokens_taken);
	json_add_number(obj, "tokens_expired", sum.status.tokens_expired);
	json_add_number(obj, "tokens_refused", sum.status.tokens_refused);
	return obj;
}

/* The main checks, one by one; of the others only how many. */
static void print_machine(const struct host *host, bool leaktest, bool guest)
{
	const struct host_check *check;
	int count[HOST_STATES] = { 0 };
	struct host_root root;
	struct host_fact fact;

	printf("\nprotection of this machine\n");
	for (check = host_checks; check->name; check++) {
		check->read(host, &fact);
		if (check->main)
			host_print(check, &fact, 2);
		else
			count[fact.state]++;
	}
	printf("    and ");
	host_print_count(count);
	printf(": see `protkey fw host`\n");
	host_root_read(host, &root);
	printf("\nKeys in memory dumps, on disks and in swap: none, as long as the vault holds%s.\n",
	       guest ? ";\nbut dumps that the hypervisor makes with its registers are not covered" : "");
	printf("An active root is stopped: %s, because %s.\n",
	       root.stopped && !leaktest ? "YES" : "NO",
	       leaktest ? LEAKTEST_ROOT : root.why);
}

static struct json_object *machine_json(const struct host *host, bool leaktest)
{
	struct json_object *obj = json_object_new_object();
	struct host_root root;

	host_json_all(host, obj);
	host_root_read(host, &root);
	json_add_bool(obj, "root_stopped", root.stopped && !leaktest);
	json_add_text(obj, "why", leaktest ? LEAKTEST_ROOT : root.why);
	return obj;
}

static int print_json(const struct protkey_status *status,
		      const struct tls_view *tls, const struct host *host)
{
	struct json_object *obj = json_object_new_object();
	char text[sizeof(status->level) + 1];

	json_add_number(obj, "abi", status->abi);
	json_add_bool(obj, "test_build",
		      status->flags & PROTKEY_STATUS_LEAKTEST);
	snprintf(text, sizeof(text), "%.16s", status->vault);
	json_add_text(obj, "vault", text);
	json_add_text(obj, "vault_state", vault_state(status));
	json_add_number(obj, "epoch", status->epoch);
	snprintf(text, sizeof(text), "%.16s", status->level);
	json_add_text(obj, "level", text);
	json_add_number(obj, "cpus_ready", status->cpus_ready);
	json_add_number(obj, "domains", status->domains);
	json_add_number(obj, "domains_unlocked", status->domains_unlocked);
	json_add_number(obj, "keys", status->keys);
	json_add_number(obj, "slots_used", status->slots_used);
	json_add_number(obj, "slots_total", status->slots_total);
	json_add_number(obj, "requests_queued", status->requests_queued);
	json_add_number(obj, "mismatches", status->mismatches);
	json_add_number(obj, "repairs", status->repairs);
	json_add_number(obj, "losses", status->losses);
	json_object_object_add(obj, "tls", tls_json(tls));
	json_object_object_add(obj, "machine",
			       machine_json(host, status->flags &
						  PROTKEY_STATUS_LEAKTEST));
	return json_print(obj);
}

static int print_text(const struct protkey_status *status,
		      const struct tls_view *tls, const struct host *host)
{
	bool leaktest = status->flags & PROTKEY_STATUS_LEAKTEST;

	if (leaktest)
		printf(isatty(STDOUT_FILENO) ?
		       "\033[1;31m" TEST_BUILD "\033[0m\n" : TEST_BUILD "\n");
	print_module(status);
	print_tls(tls);
	print_machine(host, leaktest,
		      status->flags & PROTKEY_STATUS_HYPERVISOR);
	return EXIT_OK;
}

int cmd_status(const struct command *cmd, int argc, char **argv)
{
	bool json = false;
	const struct opt opts[] = {
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	struct protkey_status status;
	struct tls_view tls;
	struct host host;
	int control, ret;

	ret = args_parse(cmd, opts, &argc, argv, 0, 0);
	if (ret != ARGS_GO)
		return ret;
	ret = control_open(&control);
	if (ret)
		return ret;
	ret = protkey_status_get(control, &status);
	close(control);
	if (ret)
		return fail_domain(ret, "", "ask");
	ret = tls_view_load(NULL, &tls);
	if (ret)
		return ret;
	ret = host_open(&host, "/");
	if (ret) {
		ret = fail_errno(ret, "/");
		goto out_tls;
	}
	ret = json ? print_json(&status, &tls, &host) :
		     print_text(&status, &tls, &host);
	host_close(&host);
out_tls:
	tls_view_free(&tls);
	return ret;
}
