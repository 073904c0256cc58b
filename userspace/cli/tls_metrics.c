// SPDX-License-Identifier: GPL-2.0-only
/* protkey tls metrics: Prometheus' text format, version 0.0.4. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tls.h"

static void begin(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP protkey_%s %s\n# TYPE protkey_%s %s\n", name, help,
		name, type);
}

/* A metric that is one number. */
static void single(FILE *out, const char *name, const char *type, const char *help,
		   uint64_t value)
{
	begin(out, name, type, help);
	fprintf(out, "protkey_%s %" PRIu64 "\n", name, value);
}

/* The value of a label; @size: it may have no NUL. */
static void label(FILE *out, const char *name, const char *value, size_t size)
{
	fprintf(out, "%s=\"", name);
	for (; size && *value; value++, size--) {
		if (*value == '\n')
			fputs("\\n", out);
		else if (*value == '"' || *value == '\\')
			fprintf(out, "\\%c", *value);
		else
			fputc(*value, out);
	}
	fputc('"', out);
}

/* ---- module and vault ----------------------------------------------------- */

static void print_vault(FILE *out, const struct protkey_status *s)
{
	begin(out, "info", "gauge", "Version, and where the vault is.");
	fputs("protkey_info{", out);
	label(out, "version", PROTKEY_VERSION, sizeof(PROTKEY_VERSION));
	fputc(',', out);
	label(out, "vault", s->vault, sizeof(s->vault));
	fputc(',', out);
	label(out, "instructions", s->level, sizeof(s->level));
	fputs("} 1\n", out);
	single(out, "vault_ready", "gauge", "Whether there is a wrapping key.",
	       !!(s->flags & PROTKEY_STATUS_VAULT_READY));
	single(out, "vault_lost", "gauge", "Whether the wrapping key was lost.",
	       !!(s->flags & PROTKEY_STATUS_VAULT_LOST));
	single(out, "test_build", "gauge", "Whether this module reports its secrets.",
	       !!(s->flags & PROTKEY_STATUS_LEAKTEST));
	single(out, "vault_epoch", "gauge", "Number of the wrapping key since load.",
	       s->epoch);
	single(out, "vault_cpus", "gauge", "CPUs that hold their half.", s->cpus_ready);
	single(out, "vault_mismatches_total", "counter",
	       "Sections that found a wrong wrapping key.", s->mismatches);
	single(out, "vault_repairs_total", "counter",
	       "CPUs that got their half again.", s->repairs);
	single(out, "vault_losses_total", "counter",
	       "Times that everything was locked for want of a half.", s->losses);
	single(out, "requests_queued_total", "counter",
	       "Cipher requests that could not run at once.", s->requests_queued);
	single(out, "keys", "gauge", "Cipher handles with a key, unlocked domains.",
	       s->keys);
	single(out, "slots", "gauge", "Arena slots.", s->slots_total);
	single(out, "slots_used", "gauge", "Arena slots in use.", s->slots_used);
}

/* ---- domains --------------------------------------------------------------- */

static void sample(FILE *out, const char *name, const struct tls_domain *d,
		   uint64_t value)
{
	fprintf(out, "protkey_%s{", name);
	label(out, "domain", d->info.name, sizeof(d->info.name));
	fprintf(out, "} %" PRIu64 "\n", value);
}

static void sample_of(FILE *out, const char *name, const struct tls_domain *d,
		      const char *key, const char *value, uint64_t number)
{
	fprintf(out, "protkey_%s{", name);
	label(out, "domain", d->info.name, sizeof(d->info.name));
	fputc(',', out);
	label(out, key, value, strlen(value));
	fprintf(out, "} %" PRIu64 "\n", number);
}

/* A metric with a number for each domain. */
#define PER_DOMAIN(out, view, name, type, help, value) do {		\
	const struct tls_domain *d = (view)->domains;			\
									\
	begin(out, name, type, help);					\
	for (; d < (view)->domains + (view)->count; d++)		\
		sample(out, name, d, value);				\
} while (0)

static void print_states(FILE *out, const struct tls_view *view)
{
	const struct tls_domain *d;
	unsigned int state;

	begin(out, "domain_state", "gauge", "1 for the state that the domain is in.");
	for (d = view->domains; d < view->domains + view->count; d++)
		for (state = PROTKEY_DOMAIN_IMPRINT;
		     state <= PROTKEY_DOMAIN_ZEROIZED; state++)
			sample_of(out, "domain_state", d, "state",
				  domain_state_name(state), d->info.state == state);
}

static void print_domains(FILE *out, const struct tls_view *view)
{
	print_states(out, view);
	PER_DOMAIN(out, view, "domain_generation", "gauge",
		   "Generation of the sealed state.", d->info.generation);
	PER_DOMAIN(out, view, "domain_keys", "gauge",
		   "Cipher handles that hold a key.", d->info.keys);
	PER_DOMAIN(out, view, "domain_volumes", "gauge", "Pinned volumes.",
		   d->info.volumes);
	PER_DOMAIN(out, view, "domain_sessions", "gauge",
		   "Processes that may set keys.", d->info.sessions);
}

/* ---- TLS ------------------------------------------------------------------- */

static void print_tls_keys(FILE *out, const struct tls_view *view)
{
	const struct tls_domain *d;
	unsigned int direction;

	begin(out, "tls_keys_active", "gauge",
	      "Directions of connections with a confirmed and usable key.");
	for (d = view->domains; d < view->domains + view->count; d++)
		for (direction = TLS_TX; direction <= TLS_RX; direction++)
			sample_of(out, "tls_keys_active", d, "direction",
				  tls_direction_name(direction),
				  tls_count(d, PROTKEY_KTLS_ACTIVE, direction));
}

static void print_tls(FILE *out, const struct tls_view *view)
{
	const struct protkey_ktls_status *s = &view->domains[0].status;

	print_tls_keys(out, view);
	PER_DOMAIN(out, view, "tls_tokens_pending", "gauge",
		   "Tokens that can still be set.", d->status.pending);
	PER_DOMAIN(out, view, "tls_keys", "gauge",
		   "Traffic keys, those for later KeyUpdates included.",
		   d->status.keys);
	PER_DOMAIN(out, view, "tls_confirmed_total", "counter",
		   "Directions of connections that were confirmed.",
		   d->totals.connections);
	PER_DOMAIN(out, view, "tls_records_total", "counter", "TLS records.",
		   d->totals.records);
	PER_DOMAIN(out, view, "tls_bytes_total", "counter",
		   "Bytes of plaintext in TLS records.", d->totals.bytes);
	PER_DOMAIN(out, view, "tls_key_updates_total", "counter",
		   "KeyUpdates that were followed.", d->totals.updates);
	single(out, "tls_tokens_made_total", "counter",
	       "Tokens made, of all domains.", s->tokens_made);
	single(out, "tls_tokens_taken_total", "counter",
	       "Tokens that a socket took.", s->tokens_taken);
	single(out, "tls_tokens_expired_total", "counter",
	       "Tokens that ended unused.", s->tokens_expired);
	single(out, "tls_tokens_refused_total", "counter",
	       "Tokens that were set and refused.", s->tokens_refused);
}

/* ---- the command ----------------------------------------------------------- */

/* Without the module there is one number, which says so. */
static int print_all(FILE *out)
{
	struct protkey_status status;
	struct tls_view view;
	int control = protkey_control_open();
	int ret;

	single(out, "up", "gauge", "Whether the module is loaded.",
	       control != -ENODEV);
	if (control == -ENODEV)
		return EXIT_OK;
	if (control < 0)
		return control_open(&control);	/* says why */
	ret = protkey_status_get(control, &status);
	close(control);
	if (ret)
		return fail_domain(ret, "", "ask");
	ret = tls_view_load(NULL, &view);
	if (ret)
		return ret;
	print_vault(out, &status);
	print_domains(out, &view);
	if (view.loaded)
		print_tls(out, &view);
	tls_view_free(&view);
	return EXIT_OK;
}

static int write_metrics(const char *path, const char *text, size_t size)
{
	int ret;

	if (!path)
		return fwrite(text, 1, size, stdout) == size ? EXIT_OK : EXIT_IO;
	ret = file_replace(path, text, size, 0644);
	return ret ? fail_errno(ret, path) : EXIT_OK;
}

int cmd_tls_metrics(const struct command *cmd, int argc, char **argv)
{
	const char *path = NULL;
	const struct opt opts[] = {
		{ "out", 'o', OPT_TEXT, &path, "FILE",
		  "replace FILE, which others may read, as a whole" },
		{ 0 }
	};
	char *text = NULL;
	size_t size;
	FILE *out;
	int status = args_parse(cmd, opts, &argc, argv, 0, 0);

	if (status != ARGS_GO)
		return status;
	out = open_memstream(&text, &size);
	if (!out)
		return fail_errno(-ENOMEM, "metrics");
	status = print_all(out);
	if (fclose(out) && !status)
		status = fail_errno(-ENOMEM, "metrics");
	if (!status)
		status = write_metrics(path, text, size);
	free(text);
	return status;
}
