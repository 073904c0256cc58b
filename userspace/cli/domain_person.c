// SPDX-License-Identifier: GPL-2.0-only
/* protkey domain person: who may do what in a domain. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "domain.h"
#include "login.h"
#include "person.h"
#include "seal.h"

static int cmd_person_add(const struct command *cmd, int argc, char **argv);
static int cmd_person_list(const struct command *cmd, int argc, char **argv);
static int cmd_person_role(const struct command *cmd, int argc, char **argv);
static int cmd_person_renew(const struct command *cmd, int argc, char **argv);
static int cmd_person_remove(const struct command *cmd, int argc, char **argv);

const struct command person_commands[] = {
	{ "add", "domain person add", "NAME PERSON",
	  "enrol a person: roles, passphrase, second factor",
	  cmd_person_add, NULL },
	{ "list", "domain person list", "NAME", "persons and their roles",
	  cmd_person_list, NULL },
	{ "role", "domain person role", "NAME PERSON ROLE[,ROLE...]",
	  "give a person other roles", cmd_person_role, NULL },
	{ "renew", "domain person renew", "NAME",
	  "one's own new passphrase and second factor (with --as)",
	  cmd_person_renew, NULL },
	{ "remove", "domain person remove", "NAME PERSON", "remove a person",
	  cmd_person_remove, NULL },
	{ 0 }
};

static const char *const role_names[PROTKEY_ROLES] = {
	"administrator", "key-officer", "operator", "user", "auditor",
};

static const char *const factor_names[] = {
	[PROTKEY_FACTOR_NONE] = "none",
	[PROTKEY_FACTOR_TOTP_SHA1] = "totp-sha1",
	[PROTKEY_FACTOR_TOTP_SHA256] = "totp-sha256",
};

/* ---- words ------------------------------------------------------------------ */

static __u32 role_parse(const char *text, size_t size)
{
	unsigned int i;

	for (i = 0; i < PROTKEY_ROLES; i++)
		if (strlen(role_names[i]) == size && !strncmp(role_names[i], text, size))
			return 1U << i;
	return 0;
}

int roles_parse(const char *text, __u32 *roles)
{
	size_t size;
	__u32 role;

	*roles = 0;
	for (;; text += size + 1) {
		size = strcspn(text, ",");
		role = role_parse(text, size);
		if (!role)
			return fail(EXIT_USAGE, "roles are administrator, key-officer, operator, user, auditor, with commas between them, not '%.*s'",
				    (int)size, text);
		*roles |= role;
		if (!text[size])
			return EXIT_OK;
	}
}

int factor_parse(const char *text, __u16 *factor)
{
	__u16 i;

	for (i = 0; i < sizeof(factor_names) / sizeof(factor_names[0]); i++) {
		if (strcmp(factor_names[i], text))
			continue;
		*factor = i;
		return EXIT_OK;
	}
	return fail(EXIT_USAGE, "--factor is totp-sha1, totp-sha256, or none for a service, not '%s'",
		    text);
}

static void roles_text(__u32 roles, char *text, size_t room)
{
	size_t at = 0;
	unsigned int i;

	for (i = 0; i < PROTKEY_ROLES; i++)
		if (roles >> i & 1)
			at += (size_t)snprintf(text + at, room - at, "%s%s",
					       at ? "," : "", role_names[i]);
}

static int person_name_check(const char *name)
{
	return protkey_domain_name_valid(name) ? EXIT_OK :
	       fail(EXIT_USAGE, "'%s' cannot be a person's name: a letter or digit, then up to 30 of a-z 0-9 _ . -",
		    name);
}

/* ---- changing persons ------------------------------------------------------- */

struct change {
	const char *name, *person;
	const char *roles, *factor, *credential_file, *new_file;
	unsigned int digits, memory_kib, time_cost;
	bool qr, own;
	struct seal_options from;
	struct domain_act act;
	struct protkey_person_set *set;	/* locked memory; NULL: remove */
	/* the same, as it is for the next seal slot: the module wipes what it was given */
	struct protkey_person_set *first;
	bool file_made, taken;		/* the credential's file is ours; by the module */
};

#define KNOWN_OPTS(c) SEAL_FROM_OPTS((c).from, \
	"passphrase of the domain, where no administrators sign")
#define ENROL_OPTS(c) \
	{ "factor", 0, OPT_TEXT, &(c).factor, "FACTOR", \
	  "totp-sha1 (default), totp-sha256, or none for a service" }, \
	{ "digits", 0, OPT_NUMBER, &(c).digits, "N", "of a code: 6 (default) to 8" }, \
	{ "new-passphrase-file", 0, OPT_TEXT, &(c).new_file, "FILE", \
	  "read the person's passphrase there" }, \
	{ "credential-file", 0, OPT_TEXT, &(c).credential_file, "FILE", \
	  "a service: write its credential there, a new file" }, \
	{ "qr", 0, OPT_FLAG, &(c).qr, NULL, \
	  "print the QR code also where there is no terminal" }, \
	{ "memory-kib", 0, OPT_NUMBER, &(c).memory_kib, "KIB", \
	  "argon2id: memory (default 256 MiB)" }, \
	{ "time", 0, OPT_NUMBER, &(c).time_cost, "N", "argon2id: passes (default 3)" }

static int fail_person(const struct change *c, int err)
{
	switch (-err) {
	case EACCES:
		return fail(EXIT_PERMISSION, "an administrator of domain '%s' does this: log in as one (--as)",
			    c->name);
	case EEXIST:
		return fail(EXIT_EXISTS, "domain '%s' has a person '%s' already: `protkey domain person role`, or remove him first",
			    c->name, c->person);
	case ENOENT:
		return fail(EXIT_NOT_FOUND, "domain '%s' has no person '%s', or no such seal slot",
			    c->name, c->person);
	case EBUSY:
		return fail(EXIT_REFUSED, "a domain with persons has one at least who is administrator, and one who is operator: otherwise nobody could change or unlock it");
	case ENOSPC:
		return fail(EXIT_IO, "domain '%s' has %d persons, or its sealed state is full",
			    c->name, PROTKEY_PERSONS_MAX);
	default:
		return fail_domain(err, c->name, "change");
	}
}

/* seal_use; @kek is NULL where administrators have signed, or for what is one's own. */
static int change_with(unsigned int slot, const __u8 *kek, void *arg)
{
	struct change *c = arg;
	int ret;

	if (!c->set) {
		ret = protkey_person_remove(c->act.domain, c->person, slot, kek);
	} else {
		*c->set = *c->first;
		c->set->slot = slot;
		if (kek)
			memcpy(c->set->kek, kek, sizeof(c->set->kek));
		ret = protkey_person_set(c->act.domain, c->set);
	}
	if (ret == -EKEYREJECTED && kek)
		return ret;
	c->taken = !ret;
	return ret ? fail_person(c, ret) : EXIT_OK;
}

static int change_run(struct change *c)
{
	int status = c->own ? change_with(0, NULL, c) :
		     domain_signed_or_kek(&c->act, &c->from, change_with, c);

	return status ? status : domain_save(&c->act);
}

/* ---- enrolment -------------------------------------------------------------- */

static int enrol_service(struct change *c)
{
	int ret = protkey_seal_init_random(&c->first->params, PROTKEY_SEAL_FILE,
					   c->first->credential);

	if (ret)
		return fail_errno(ret, "random bytes");
	ret = file_write_new(c->credential_file, c->first->credential,
			     PROTKEY_CREDENTIAL_SIZE);
	c->file_made = !ret;
	return ret ? fail_errno(ret, c->credential_file) : EXIT_OK;
}

static int enrol_passphrase(struct change *c)
{
	struct passphrase pass;
	char what[64];
	int status, ret;

	ret = protkey_seal_init(&c->first->params, c->memory_kib, c->time_cost);
	if (ret)
		return fail_seal_init(ret);
	snprintf(what, sizeof(what), "New passphrase of %s", c->person);
	status = passphrase_get(&pass, c->new_file, what, true);
	if (status)
		return status;
	status = domain_kek(&c->first->params, &pass, c->first->credential);
	passphrase_free(&pass);
	return status;
}

static int enrol_factor(struct change *c)
{
	size_t size = c->first->act.factor == PROTKEY_FACTOR_TOTP_SHA1 ? 20 : 32;

	if (!c->first->act.factor)
		return EXIT_OK;
	/* as long as the hash: RFC 4226, 4 */
	if (getrandom(c->first->secret, size, 0) != (ssize_t)size)
		return fail_errno(-EIO, "random bytes");
	c->first->secret_size = (__u32)size;
	c->first->digits = (__u16)c->digits;
	return EXIT_OK;
}

static int enrol_show(const struct change *c)
{
	struct protkey_person person = {
		.factor = c->first->act.factor, .digits = c->digits,
	};

	strcpy(person.name, c->person);
	return c->first->act.factor ?
	       totp_show(c->name, &person, c->first->secret, c->first->secret_size, c->qr) :
	       EXIT_OK;
}

static int enrol_check(struct change *c)
{
	int status = factor_parse(c->factor, &c->first->act.factor);

	if (status)
		return status;
	if (c->digits < 6 || c->digits > 8)
		return fail(EXIT_USAGE, "--digits is from 6 to 8");
	if (!c->first->act.factor != !!c->credential_file)
		return fail(EXIT_USAGE, "a service has --factor none and a --credential-file, a person neither");
	return person_name_check(c->person);
}

/*
 * The secret is shown when the module has taken the person, also if his state could
 * not be saved: `protkey domain save` may come later.
 */
static int enrol(struct change *c)
{
	int shown, status = c->credential_file ? enrol_service(c) : enrol_passphrase(c);

	if (!status)
		status = enrol_factor(c);
	if (!status)
		status = change_run(c);
	if (c->file_made && !c->taken)
		unlink(c->credential_file);
	shown = c->taken ? enrol_show(c) : EXIT_OK;
	return status ? status : shown;
}

static int set_alloc(struct change *c, __u16 flags)
{
	c->set = protkey_secret_alloc(sizeof(*c->set));
	c->first = protkey_secret_alloc(sizeof(*c->first));
	if (!c->set || !c->first)
		return fail_errno(-errno, "locked memory");
	snprintf(c->first->act.name, sizeof(c->first->act.name), "%s", c->person);
	c->first->act.flags = flags;
	return EXIT_OK;
}

/* From domain_begin() to its end; @run may be NULL after a wrong argument. */
static int change_do(struct change *c, int status, int (*run)(struct change *c))
{
	if (!status)
		status = domain_begin(&c->act, c->name);
	if (!status) {
		status = run(c);
		domain_end(&c->act);
	}
	if (c->set)
		protkey_secret_free(c->set, sizeof(*c->set));
	if (c->first)
		protkey_secret_free(c->first, sizeof(*c->first));
	return status;
}

static int enrol_new(struct change *c)
{
	struct protkey_person there;
	int status;

	/* before anybody types a passphrase */
	if (!person_find(&c->act.state, c->person, &there))
		return fail_person(c, -EEXIST);
	status = enrol(c);
	if (!status)
		printf("domain '%s': %s is enrolled\n", c->name, c->person);
	return status;
}

#define CHANGE_INIT	{ .from.slot = SLOT_ANY, .factor = "totp-sha1", .digits = 6 }

static int cmd_person_add(const struct command *cmd, int argc, char **argv)
{
	struct change c = CHANGE_INIT;
	const struct opt opts[] = {
		{ "role", 'r', OPT_TEXT, &c.roles, "ROLE[,ROLE...]",
		  "administrator, key-officer, operator, user, auditor" },
		ENROL_OPTS(c),
		KNOWN_OPTS(c),
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 2, 2);

	if (status != ARGS_GO)
		return status;
	c.name = argv[0];
	c.person = argv[1];
	if (!c.roles)
		return fail(EXIT_USAGE, "a person has roles: say --role");
	status = set_alloc(&c, 0);
	if (!status)
		status = roles_parse(c.roles, &c.first->act.roles);
	if (!status)
		status = enrol_check(&c);
	return change_do(&c, status, enrol_new);
}

/* ---- renew: one's own ------------------------------------------------------- */

static int renew_run(struct change *c)
{
	struct protkey_person me;
	int status, ret = person_find(&c->act.state, c->person, &me);

	if (ret)
		return fail_person(c, ret);
	c->first->act.roles = me.roles;
	status = enrol(c);
	if (!status)
		printf("domain '%s': %s is enrolled anew\n", c->name, c->person);
	return status;
}

static int cmd_person_renew(const struct command *cmd, int argc, char **argv)
{
	struct change c = CHANGE_INIT;
	const struct opt opts[] = { ENROL_OPTS(c), { 0 } };
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	if (!login_options.as)
		return fail(EXIT_USAGE, "say who you are: --as PERSON");
	c.own = true;
	c.name = argv[0];
	c.person = login_options.as;
	status = set_alloc(&c, PROTKEY_PERSON_OWN);
	if (!status)
		status = enrol_check(&c);
	return change_do(&c, status, renew_run);
}

/* ---- role, remove ----------------------------------------------------------- */

static int role_run(struct change *c)
{
	int status = change_run(c);

	if (!status)
		printf("domain '%s': %s has other roles\n", c->name, c->person);
	return status;
}

static int cmd_person_role(const struct command *cmd, int argc, char **argv)
{
	struct change c = CHANGE_INIT;
	const struct opt opts[] = { KNOWN_OPTS(c), { 0 } };
	int status = args_parse(cmd, opts, &argc, argv, 3, 3);

	if (status != ARGS_GO)
		return status;
	c.name = argv[0];
	c.person = argv[1];
	status = person_name_check(c.person);
	if (!status)
		status = set_alloc(&c, PROTKEY_PERSON_KEEP);
	if (!status)
		status = roles_parse(argv[2], &c.first->act.roles);
	return change_do(&c, status, role_run);
}

static int remove_run(struct change *c)
{
	int status = change_run(c);

	if (!status)
		printf("domain '%s': %s is removed\n", c->name, c->person);
	return status;
}

static int cmd_person_remove(const struct command *cmd, int argc, char **argv)
{
	struct change c = CHANGE_INIT;
	const struct opt opts[] = { KNOWN_OPTS(c), { 0 } };
	int status = args_parse(cmd, opts, &argc, argv, 2, 2);

	if (status != ARGS_GO)
		return status;
	c.name = argv[0];
	c.person = argv[1];
	return change_do(&c, person_name_check(c.person), remove_run);
}

/* ---- list ------------------------------------------------------------------- */

static const char *factor_name(unsigned int factor)
{
	return factor < sizeof(factor_names) / sizeof(factor_names[0]) ?
	       factor_names[factor] : "unknown";
}

static struct json_object *person_json(const struct protkey_person *person)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *roles = json_object_new_array();
	unsigned int i;

	json_add_text(obj, "name", person->name);
	for (i = 0; i < PROTKEY_ROLES; i++)
		if (person->roles >> i & 1)
			json_object_array_add(roles, json_object_new_string(role_names[i]));
	json_object_object_add(obj, "roles", roles);
	json_add_text(obj, "factor", factor_name(person->factor));
	json_add_bool(obj, "service", person->params.kind == PROTKEY_SEAL_FILE);
	return obj;
}

static int list_json(const struct protkey_state *state)
{
	struct json_object *list = json_object_new_array();
	struct protkey_person person;
	unsigned int i;

	for (i = 0; !protkey_state_person(state, i, &person); i++)
		json_object_array_add(list, person_json(&person));
	return json_print(list);
}

static int list_text(const struct protkey_state *state, const char *name)
{
	struct protkey_person person;
	char roles[80];
	unsigned int i;

	for (i = 0; !protkey_state_person(state, i, &person); i++) {
		roles_text(person.roles, roles, sizeof(roles));
		printf("%-20s %-12s %s\n", person.name,
		       person.params.kind == PROTKEY_SEAL_FILE ? "service" :
		       factor_name(person.factor), roles);
	}
	if (!i)
		printf("domain '%s' has no persons: who may open its node may do everything\n",
		       name);
	return EXIT_OK;
}

static int cmd_person_list(const struct command *cmd, int argc, char **argv)
{
	bool json = false;
	const struct opt opts[] = {
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	struct protkey_state state = { 0 };
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	status = catalog_state_of(argv[0], &state);
	if (!status)
		status = json ? list_json(&state) : list_text(&state, argv[0]);
	protkey_state_free(&state);
	return status;
}
