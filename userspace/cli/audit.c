// SPDX-License-Identifier: GPL-2.0-only
/* protkey audit: who did what to the keys; collect, show. */
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"

static int cmd_audit_collect(const struct command *cmd, int argc, char **argv);
static int cmd_audit_show(const struct command *cmd, int argc, char **argv);

const struct command audit_commands[] = {
	{ "show", "audit show", "", "administrative acts, refusals and tamper events",
	  cmd_audit_show, NULL },
	{ "verify", "audit verify", "[CHECKPOINT...]",
	  "whether an entry was removed, changed, moved or cut off",
	  cmd_audit_verify, NULL },
	{ "checkpoint", "audit checkpoint", "",
	  "note how far the log is, where it cannot be taken back",
	  cmd_audit_checkpoint, NULL },
	{ "collect", "audit collect", "",
	  "write what the module has noted to the log's file",
	  cmd_audit_collect, NULL },
	{ 0 }
};

/* ---- collect -------------------------------------------------------------- */

static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

static bool module_loaded(void)
{
	int control = protkey_control_open();

	if (control >= 0)
		close(control);
	return control >= 0;
}

/*
 * Until it is told to end.  Between two looks it has neither file nor node open: the
 * module can be unloaded, and loaded again.
 */
static int follow(const char *path)
{
	struct sigaction action = { .sa_handler = end };
	int status = EXIT_OK;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	while (!ended && !status) {
		if (module_loaded())
			status = audit_collect(path, NULL);
		if (!status)
			sleep(1);
	}
	return ended && module_loaded() ? audit_collect(path, NULL) : status;
}

static int cmd_audit_collect(const struct command *cmd, int argc, char **argv)
{
	const char *path = audit_path();
	bool go_on = false;
	const struct opt opts[] = {
		{ "log", 0, OPT_TEXT, &path, "FILE",
		  "the log (default " AUDIT_LOG_DEFAULT ")" },
		{ "follow", 'f', OPT_FLAG, &go_on, NULL, "go on until it is ended" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 0, 0);
	size_t added;

	if (status != ARGS_GO)
		return status;
	if (go_on)
		return follow(path);
	status = audit_collect(path, &added);
	if (!status)
		printf("%zu entries were added to %s\n", added, path);
	return status;
}

/* ---- show ----------------------------------------------------------------- */

/* What is in a file may be anything. */
static const char *clean(const char *text, size_t size, char *out)
{
	size_t i;

	for (i = 0; i < size - 1 && text[i]; i++)
		out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	out[i] = '\0';
	return out;
}

/* 0 or the errno; what no module wrote is -1. */
static int errno_of(int32_t result)
{
	return result <= 0 && result > -4096 ? -result : -1;
}

static const char *outcome(int32_t result)
{
	return result ? strerror(errno_of(result)) : "done";
}

static struct json_object *entry_json(const struct protkey_audit_entry *e)
{
	struct json_object *obj = json_object_new_object();
	char text[sizeof(e->text)];

	json_add_hex(obj, "segment", e->segment, sizeof(e->segment));
	json_add_number(obj, "sequence", e->sequence);
	json_object_object_add(obj, "time", json_object_new_double(
		(double)e->time / 1e9));
	json_add_text(obj, "event", protkey_audit_name(e->event));
	json_add_text(obj, "domain", clean(e->domain, sizeof(e->domain), text));
	json_object_object_add(obj, "errno", json_object_new_int(errno_of(e->result)));
	json_add_number(obj, "uid", e->uid);
	json_add_number(obj, "pid", e->pid);
	json_add_text(obj, "process", clean(e->process, sizeof(e->process), text));
	json_add_text(obj, "text", clean(e->text, sizeof(e->text), text));
	json_add_number(obj, "left_out", e->left_out);
	return obj;
}

static void entry_print(const struct protkey_audit_entry *e)
{
	char when[TIME_ROOM], domain[sizeof(e->domain)], process[sizeof(e->process)];
	char text[sizeof(e->text)];
	const struct passwd *user = getpwuid(e->uid);

	printf("%s %6" PRIu64 " %-14s %-12s %-24s ",
	       time_text(e->time / 1000000000, when), (uint64_t)e->sequence,
	       protkey_audit_name(e->event),
	       *e->domain ? clean(e->domain, sizeof(domain), domain) : "-",
	       outcome(e->result));
	if (user)
		printf("%s", user->pw_name);
	else
		printf("%" PRIu32, (uint32_t)e->uid);
	printf(" %s[%" PRIu32 "] %s\n",
	       clean(e->process, sizeof(process), process), (uint32_t)e->pid,
	       clean(e->text, sizeof(text), text));
	if (e->left_out)
		printf("  (before it %" PRIu32 " refusals were too many to be noted)\n",
		       (uint32_t)e->left_out);
}

static int show(const struct audit_log *log, size_t from, bool json)
{
	struct json_object *list = json ? json_object_new_array() : NULL;

	for (; from < log->count; from++) {
		if (json)
			json_object_array_add(list, entry_json(&log->entries[from]));
		else
			entry_print(&log->entries[from]);
	}
	if (json)
		return json_print(list);
	printf("not verified: `protkey audit verify` does that\n");
	return EXIT_OK;
}

static int cmd_audit_show(const struct command *cmd, int argc, char **argv)
{
	const char *path = audit_path(), *given = NULL;
	unsigned int last = 0;
	bool json = false;
	const struct opt opts[] = {
		{ "log", 0, OPT_TEXT, &given, "FILE",
		  "a copy of a log; else the module's newest entries are added first" },
		{ "last", 'n', OPT_NUMBER, &last, "N", "only the last N" },
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 0, 0);
	struct audit_log log;

	if (status != ARGS_GO)
		return status;
	status = given ? EXIT_OK : audit_collect(path, NULL);
	if (!status)
		status = audit_load(given ? given : path, &log);
	if (status)
		return status;
	status = show(&log, last && last < log.count ? log.count - last : 0, json);
	audit_free(&log);
	return status;
}
