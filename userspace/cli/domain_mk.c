// SPDX-License-Identifier: GPL-2.0-only
/* protkey domain mk: the master key registers; show, commit, abort, clear. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mk.h"
#include "../fw/digest.h"

static int cmd_mk_show(const struct command *cmd, int argc, char **argv);
static int cmd_mk_commit(const struct command *cmd, int argc, char **argv);
static int cmd_mk_abort(const struct command *cmd, int argc, char **argv);
static int cmd_mk_clear(const struct command *cmd, int argc, char **argv);

const struct command mk_commands[] = {
	{ "show", "domain mk show", "NAME",
	  "master keys of a domain: current, old, new", cmd_mk_show, NULL },
	{ "part", "domain mk part", "NAME",
	  "make or load a part of a new master key", cmd_mk_part, NULL },
	{ "commit", "domain mk commit", "NAME",
	  "say that the new master key is complete and right",
	  cmd_mk_commit, NULL },
	{ "set", "domain mk set", "NAME [SHARE-FILE...]",
	  "make the new master key the current one", cmd_mk_set, NULL },
	{ "abort", "domain mk abort", "NAME", "forget the new master key",
	  cmd_mk_abort, NULL },
	{ "clear", "domain mk clear", "NAME",
	  "forget the old master key, when no key is wrapped under it any more",
	  cmd_mk_clear, NULL },
	{ 0 }
};

/* ---- an act --------------------------------------------------------------- */

int mk_begin(struct mk_act *act, const char *name)
{
	int ret, status = domain_begin(&act->on, name);

	if (status)
		return status;
	ret = protkey_state_register(&act->on.state, PROTKEY_MK_NEW, &act->new);
	if (!ret)
		ret = protkey_state_register(&act->on.state, PROTKEY_MK_OLD,
					     &act->old);
	if (!ret)
		return EXIT_OK;
	domain_end(&act->on);
	return fail_domain(ret, name, "read");
}

int fail_mk(int err, const char *name)
{
	switch (-err) {
	case ENOENT:
		return fail(EXIT_NOT_FOUND, "domain '%s' has no such master key: `protkey domain mk show %s`",
			    name, name);
	case ENODATA:
		return fail(EXIT_REFUSED, "the new master key of domain '%s' is not complete or not committed: `protkey domain mk show %s`",
			    name, name);
	case EALREADY:
		return fail(EXIT_EXISTS, "the new master key of domain '%s' has all its parts, or is committed already: `protkey domain mk show %s`",
			    name, name);
	case EBUSY:
		return fail(EXIT_EXISTS, "domain '%s' still has its old master key: re-encipher what is under it, then `protkey domain mk clear %s`",
			    name, name);
	case EEXIST:
		return fail(EXIT_EXISTS, "this part is loaded already: every officer brings another one");
	case EKEYREJECTED:
		return fail(EXIT_AUTH, "refused: a wrong passphrase, a changed part, another pattern than that of the master key, or a part that cancels another one");
	case ENOSPC:
		return fail(EXIT_IO, "the sealed state of domain '%s' is full: unpin volumes that are gone",
			    name);
	default:
		return fail_domain(err, name, "change");
	}
}

/* ---- show ----------------------------------------------------------------- */

static struct json_object *new_json(const struct protkey_register *new)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *parts = json_object_new_array();
	char hex[HEX_ROOM(PROTKEY_PATTERN_SIZE)];
	unsigned int i;

	json_add_hex(obj, "pattern", new->pattern, sizeof(new->pattern));
	json_add_number(obj, "parts_loaded", new->loaded);
	json_add_number(obj, "parts_wanted", new->wanted);
	for (i = 0; i < new->loaded; i++)
		json_object_array_add(parts, json_object_new_string(
			hex_text(new->parts[i], sizeof(new->parts[i]), hex)));
	json_object_object_add(obj, "parts", parts);
	json_add_bool(obj, "committed", new->committed);
	return obj;
}

static struct json_object *pattern_json(const struct protkey_register *reg)
{
	char hex[HEX_ROOM(PROTKEY_PATTERN_SIZE)];

	if (all_zero(reg->pattern, sizeof(reg->pattern)))
		return NULL;
	return json_object_new_string(hex_text(reg->pattern,
					       sizeof(reg->pattern), hex));
}

static void print_register(const char *name, const struct protkey_register *reg)
{
	char hex[HEX_ROOM(PROTKEY_PATTERN_SIZE)];

	printf("%-8s  %s", name, all_zero(reg->pattern, sizeof(reg->pattern)) ?
	       "empty" : hex_text(reg->pattern, sizeof(reg->pattern), hex));
	if (reg->wanted)
		printf("  %u of %u parts, %scommitted", reg->loaded,
		       reg->wanted, reg->committed ? "" : "not ");
	printf("\n");
}

static int show(const struct protkey_state *state, bool json)
{
	struct protkey_register reg[PROTKEY_MK_NEW + 1];
	char hex[HEX_ROOM(PROTKEY_PATTERN_SIZE)];
	struct json_object *obj;
	unsigned int i;
	int ret;

	for (i = 0; i <= PROTKEY_MK_NEW; i++) {
		ret = protkey_state_register(state, i, &reg[i]);
		if (ret)
			return fail_errno(ret, "sealed state");
	}
	if (json) {
		obj = json_object_new_object();
		json_object_object_add(obj, "current",
				       pattern_json(&reg[PROTKEY_MK_CURRENT]));
		json_object_object_add(obj, "old",
				       pattern_json(&reg[PROTKEY_MK_OLD]));
		json_object_object_add(obj, "new", reg[PROTKEY_MK_NEW].wanted ?
				       new_json(&reg[PROTKEY_MK_NEW]) : NULL);
		return json_print(obj);
	}
	print_register("current", &reg[PROTKEY_MK_CURRENT]);
	print_register("old", &reg[PROTKEY_MK_OLD]);
	print_register("new", &reg[PROTKEY_MK_NEW]);
	for (i = 0; i < reg[PROTKEY_MK_NEW].loaded; i++)
		printf("  part %u  %s\n", i + 1,
		       hex_text(reg[PROTKEY_MK_NEW].parts[i],
				PROTKEY_PATTERN_SIZE, hex));
	return EXIT_OK;
}

static int cmd_mk_show(const struct command *cmd, int argc, char **argv)
{
	bool json = false;
	const struct opt opts[] = {
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	struct protkey_state state;
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	status = catalog_state_of(argv[0], &state);
	if (status)
		return status;
	status = show(&state, json);
	protkey_state_free(&state);
	return status;
}

/* ---- commit, clear, abort ------------------------------------------------- */

struct by_pattern {
	struct mk_act act;
	const char *name, *pattern_text;
	struct seal_options from;
	uint8_t pattern[PROTKEY_PATTERN_SIZE];
	bool force;
	int (*call)(int domain, const __u8 *pattern, unsigned int slot,
		    const __u8 *kek);
};

/* The KEK of a slot that there is: seal_use. */
static int call_with(unsigned int slot, const __u8 *kek, void *arg)
{
	struct by_pattern *by = arg;
	int ret = by->call(by->act.on.domain, by->pattern, slot, kek);

	if (ret == -EKEYREJECTED)
		return ret;
	return ret ? fail_mk(ret, by->name) : EXIT_OK;
}

/* What the user compared is what is meant: the pattern of the register now. */
static int check_pattern(const struct by_pattern *by,
			 const struct protkey_register *reg, const char *which)
{
	char hex[HEX_ROOM(PROTKEY_PATTERN_SIZE)];

	if (all_zero(reg->pattern, sizeof(reg->pattern)))
		return fail(EXIT_NOT_FOUND, "domain '%s' has no %s master key",
			    by->name, which);
	if (memcmp(reg->pattern, by->pattern, sizeof(by->pattern)))
		return fail(EXIT_REFUSED, "the %s master key of domain '%s' has the pattern %s: compare it with what the officers have, and say that one",
			    which, by->name,
			    hex_text(reg->pattern, sizeof(reg->pattern), hex));
	return EXIT_OK;
}

/* Nothing would open such a volume any more. */
static int check_volumes(const struct by_pattern *by)
{
	int count = volumes_under(&by->act.on.state, by->pattern);

	if (!count || by->force)
		return EXIT_OK;
	return fail(EXIT_REFUSED, "the old master key of domain '%s' is kept: without it %d of its volumes may be lost (--force)",
		    by->name, count);
}

static int by_pattern_run(struct by_pattern *by, bool clear)
{
	int status = mk_begin(&by->act, by->name);

	if (status)
		return status;
	status = check_pattern(by, clear ? &by->act.old : &by->act.new,
			       clear ? "old" : "new");
	if (!status && clear)
		status = check_volumes(by);
	if (!status)
		status = seal_open(by->name, &by->act.on.state, &by->from,
				   call_with, by);
	if (!status)
		status = domain_save(&by->act.on);
	if (!status)
		printf(clear ? "domain '%s': the old master key is forgotten; what is still under it opens no more\n" :
		       "domain '%s': the new master key is committed; `protkey domain mk set %s` makes it the current one\n",
		       by->name, by->name);
	domain_end(&by->act.on);
	return status;
}

static int by_pattern_parse(const struct command *cmd, int argc, char **argv,
			    struct by_pattern *by, bool clear)
{
	const struct opt force = { "force", 0, OPT_FLAG, &by->force, NULL,
		"also if volumes on this machine are lost by it" };
	const struct opt opts[] = {
		{ "pattern", 0, OPT_TEXT, &by->pattern_text, "HEX",
		  "its verification pattern, as the officers compared it" },
		SEAL_FROM_OPTS(by->from, "passphrase of the domain (-: standard input)"),
		clear ? force : (struct opt){ 0 },
		{ 0 }
	};
	int status;

	by->from.slot = SLOT_ANY;
	status = args_parse(cmd, opts, &argc, argv, 1, 1);
	if (status != ARGS_GO)
		return status;
	by->name = argv[0];
	if (!by->pattern_text)
		return fail(EXIT_USAGE, "say --pattern: `protkey domain mk show %s` has it; each officer compares it first",
			    by->name);
	if (!fw_hex_decode(by->pattern_text, by->pattern, sizeof(by->pattern)))
		return fail(EXIT_USAGE, "--pattern wants %zu hex digits, lower case",
			    2 * sizeof(by->pattern));
	return ARGS_GO;
}

static int cmd_mk_commit(const struct command *cmd, int argc, char **argv)
{
	struct by_pattern by = { .call = protkey_mk_commit };
	int status = by_pattern_parse(cmd, argc, argv, &by, false);

	return status == ARGS_GO ? by_pattern_run(&by, false) : status;
}

static int cmd_mk_clear(const struct command *cmd, int argc, char **argv)
{
	struct by_pattern by = { .call = protkey_mk_clear };
	int status = by_pattern_parse(cmd, argc, argv, &by, true);

	return status == ARGS_GO ? by_pattern_run(&by, true) : status;
}

static int cmd_mk_abort(const struct command *cmd, int argc, char **argv)
{
	const struct opt opts[] = { { 0 } };
	struct domain_act act;
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);
	int ret;

	if (status != ARGS_GO)
		return status;
	status = domain_begin(&act, argv[0]);
	if (status)
		return status;
	ret = protkey_mk_abort(act.domain);
	status = ret ? fail_mk(ret, act.name) : domain_save(&act);
	if (!status)
		printf("domain '%s': the new master key is forgotten\n", act.name);
	domain_end(&act);
	return status;
}

/* ---- save ----------------------------------------------------------------- */

int cmd_domain_save(const struct command *cmd, int argc, char **argv)
{
	const struct opt opts[] = { { 0 } };
	struct domain_act act;
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	status = domain_begin(&act, argv[0]);
	if (status)
		return status;
	status = domain_save(&act);
	if (!status)
		printf("the sealed state of domain '%s' is in %s\n", act.name,
		       state_dir());
	domain_end(&act);
	return status;
}
