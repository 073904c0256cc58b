// SPDX-License-Identifier: GPL-2.0-only
/* protkey domain admin: administrators, and what they sign. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "domain.h"
#include "person.h"
#include "measured.h"
#include "seal.h"
#include "../fw/digest.h"
#include "../fw/signature.h"

static int cmd_admin_set(const struct command *cmd, int argc, char **argv);
static int cmd_admin_request(const struct command *cmd, int argc, char **argv);
static int cmd_admin_sign(const struct command *cmd, int argc, char **argv);
static int cmd_admin_list(const struct command *cmd, int argc, char **argv);

const struct command admin_commands[] = {
	{ "set", "domain admin set", "NAME CERTIFICATE...",
	  "make these the administrators, in place of all that there are",
	  cmd_admin_set, NULL },
	{ "list", "domain admin list", "NAME",
	  "administrators, thresholds, and what is to be signed",
	  cmd_admin_list, NULL },
	{ "request", "domain admin request", "NAME COMMAND [CERTIFICATE...|VALUE...]",
	  "the text that administrators sign for a command",
	  cmd_admin_request, NULL },
	{ "sign", "domain admin sign", "NAME SIGNATURE",
	  "bring an administrator's signature", cmd_admin_sign, NULL },
	{ 0 }
};

static const char *const class_names[PROTKEY_CLASSES] = {
	[PROTKEY_CLASS_ADMINISTRATION] = "administration",
	[PROTKEY_CLASS_MASTER_KEY] = "master-key",
	[PROTKEY_CLASS_SEAL] = "seal",
	[PROTKEY_CLASS_DESTROY] = "destroy",
};

static const char *const command_names[] = {
	[PROTKEY_COMMAND_MK_COMMIT] = "mk-commit",
	[PROTKEY_COMMAND_MK_SET] = "mk-set",
	[PROTKEY_COMMAND_MK_ABORT] = "mk-abort",
	[PROTKEY_COMMAND_MK_CLEAR] = "mk-clear",
	[PROTKEY_COMMAND_SEAL_ADD] = "seal-add",
	[PROTKEY_COMMAND_SEAL_REMOVE] = "seal-remove",
	[PROTKEY_COMMAND_ADMINISTRATORS] = "administrators",
	[PROTKEY_COMMAND_DESTROY] = "destroy",
	[PROTKEY_COMMAND_QUOTA] = "quota",
	[PROTKEY_COMMAND_PERSON] = "person",
	[PROTKEY_COMMAND_MEASURED] = "measured",
};

#define COMMANDS	(sizeof(command_names) / sizeof(command_names[0]))
#define SIGNATURE_MAX	16384

static int fail_admin(int err, const char *name)
{
	switch (-err) {
	case EPERM:
		return fail(EXIT_REFUSED, "domain '%s' wants more signatures of its administrators for this: `protkey domain admin request`, then `protkey domain admin sign`",
			    name);
	case EKEYEXPIRED:
		return fail(EXIT_AUTH, "the certificate is not valid now");
	case EKEYREJECTED:
		return fail(EXIT_AUTH, "refused: a wrong passphrase; a wrong signature, or one with certificates or content in it; or an RSA key below 2048 bits");
	case ENOPKG:
		return fail(EXIT_REFUSED, "this kernel has no such signature algorithm loaded (ECDSA: modprobe ecdsa_generic)");
	case EBADMSG:
		return fail(EXIT_DAMAGED, "not a certificate or CMS signature in DER form");
	case EEXIST:
		return fail(EXIT_EXISTS, "this administrator has signed already, or two of the certificates have one key");
	case ENODATA:
		return fail(EXIT_REFUSED, "domain '%s' has no administrators: nothing is to be signed",
			    name);
	case ETIMEDOUT:
		return fail(EXIT_REFUSED, "the request is older than a day: make it again");
	case EINVAL:
		return fail(EXIT_USAGE, "1 to %d administrators, and thresholds that they can reach (only that of destroy may be 0)",
			    PROTKEY_ADMINS_MAX);
	case ENOSPC:
		return fail(EXIT_IO, "the sealed state of domain '%s' is full",
			    name);
	default:
		return fail_domain(err, name, "change");
	}
}

/* ---- lists of certificates ------------------------------------------------ */

struct admins {
	struct protkey_admin_list list;
	struct protkey_admin_cert certs[PROTKEY_ADMINS_MAX];
	unsigned int threshold[PROTKEY_CLASSES];
};

static int add_cert(struct admins *admins, const char *path)
{
	struct protkey_admin_cert *to = &admins->certs[admins->list.count];
	unsigned char *der = NULL;
	X509 *cert = fw_cert_read(path);
	int size;

	if (!cert)
		return fail(EXIT_DAMAGED, "%s: no X.509 certificate (PEM or DER)",
			    path);
	size = i2d_X509(cert, &der);
	X509_free(cert);
	if (size <= 0 || size > PROTKEY_ADMIN_CERT_MAX) {
		OPENSSL_free(der);
		return fail(EXIT_DAMAGED, "%s: a certificate has at most %d bytes",
			    path, PROTKEY_ADMIN_CERT_MAX);
	}
	to->ptr = (uintptr_t)der;
	to->size = (__u32)size;
	admins->list.count++;
	return EXIT_OK;
}

static void admins_free(struct admins *admins)
{
	unsigned int i;

	for (i = 0; i < admins->list.count; i++)
		OPENSSL_free((void *)(uintptr_t)admins->certs[i].ptr);
}

/* A majority where nothing is said; anybody may destroy who may now. */
static int admins_fill(struct admins *admins, char **paths, int count)
{
	int i, status;

	if (count < 1 || count > PROTKEY_ADMINS_MAX)
		return fail_admin(-EINVAL, "");
	for (i = 0; i < count; i++) {
		status = add_cert(admins, paths[i]);
		if (status)
			return status;
	}
	for (i = 0; i < PROTKEY_CLASSES; i++) {
		if (admins->threshold[i] == UINT32_MAX)
			admins->threshold[i] = i == PROTKEY_CLASS_DESTROY ? 0 :
					       (unsigned int)count / 2 + 1;
		if (admins->threshold[i] > (unsigned int)count)
			return fail_admin(-EINVAL, "");
		admins->list.thresholds[i] = (__u8)admins->threshold[i];
	}
	admins->list.certs_ptr = (uintptr_t)admins->certs;
	return EXIT_OK;
}

#define ADMINS_INIT	{ .threshold = { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX } }
#define THRESHOLD_OPTS(a) \
	{ "administration", 0, OPT_NUMBER, &(a).threshold[PROTKEY_CLASS_ADMINISTRATION], \
	  "M", "signatures for a change of administrators (default: more than half)" }, \
	{ "master-key", 0, OPT_NUMBER, &(a).threshold[PROTKEY_CLASS_MASTER_KEY], \
	  "M", "for the master key" }, \
	{ "seal", 0, OPT_NUMBER, &(a).threshold[PROTKEY_CLASS_SEAL], \
	  "M", "for seal slots" }, \
	{ "destroy", 0, OPT_NUMBER, &(a).threshold[PROTKEY_CLASS_DESTROY], \
	  "M", "for delete and zeroize (default 0: none)" }

/* ---- set ------------------------------------------------------------------ */

struct set {
	struct domain_act act;
	struct admins admins;
	struct seal_options from;
};

static int set_with(unsigned int slot, const __u8 *kek, void *arg)
{
	struct set *set = arg;
	int ret = protkey_admin_set(set->act.domain, &set->admins.list, slot,
				    kek);

	if (ret == -EKEYREJECTED && kek)
		return ret;
	return ret ? fail_admin(ret, set->act.name) : EXIT_OK;
}

static int set_act(struct set *set)
{
	int status = domain_signed_or_kek(&set->act, &set->from, set_with, set);

	if (!status)
		status = domain_save(&set->act);
	if (!status)
		printf("domain '%s' has %u administrators\n", set->act.name,
		       set->admins.list.count);
	return status;
}

static int cmd_admin_set(const struct command *cmd, int argc, char **argv)
{
	struct set set = { .admins = ADMINS_INIT, .from.slot = SLOT_ANY };
	const struct opt opts[] = {
		THRESHOLD_OPTS(set.admins),
		SEAL_FROM_OPTS(set.from, "for the first ones: passphrase of the domain"),
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 2,
				PROTKEY_ADMINS_MAX + 1);

	if (status != ARGS_GO)
		return status;
	status = admins_fill(&set.admins, argv + 1, argc - 1);
	if (!status)
		status = domain_begin(&set.act, argv[0]);
	if (!status) {
		status = set_act(&set);
		domain_end(&set.act);
	}
	admins_free(&set.admins);
	return status;
}

/* ---- request and sign ----------------------------------------------------- */

static unsigned int find_command(const char *name)
{
	unsigned int i;

	for (i = 1; i < COMMANDS; i++)
		if (command_names[i] && !strcmp(command_names[i], name))
			return i;
	return 0;
}

static int kind_of(const char *name)
{
	unsigned int kind;

	for (kind = PROTKEY_SEAL_PASSPHRASE; kind <= PROTKEY_SEAL_SHARES; kind++)
		if (!strcmp(seal_kind_name(kind), name))
			return (int)kind;
	return 0;
}

struct request {
	struct protkey_admin_request req;
	struct admins admins;
	const char *out, *pattern, *kind;
	const char *person, *roles, *factor;
	unsigned int slot;
	bool drop;
	struct quota_options quota;
	struct measured_options measured;
	struct protkey_measured demand;
	char **values;			/* of measured */
	int value_count;
};

/* Whom, and what he is then. */
static int request_person(struct request *r)
{
	struct protkey_person_act *person = &r->req.person;
	int status = EXIT_OK;

	if (!protkey_domain_name_valid(r->person) || (r->factor && !r->roles))
		return fail(EXIT_USAGE, "--person wants a person's name, and --factor his roles");
	snprintf(person->name, sizeof(person->name), "%s", r->person);
	if (r->roles)
		status = roles_parse(r->roles, &person->roles);
	if (!status && r->factor)
		status = factor_parse(r->factor, &person->factor);
	if (r->roles && !r->factor)
		person->flags = PROTKEY_PERSON_KEEP;
	return status;
}

/* What the command is about, and nothing else, must be said. */
static int request_check(struct request *r)
{
	unsigned int command = r->req.command;
	bool mk = command <= PROTKEY_COMMAND_MK_CLEAR;
	bool add = command == PROTKEY_COMMAND_SEAL_ADD;
	bool seal = add || command == PROTKEY_COMMAND_SEAL_REMOVE;

	if (mk != !!r->pattern || seal != (r->slot != SLOT_ANY) ||
	    add != !!r->kind ||
	    (r->drop && command != PROTKEY_COMMAND_MK_SET) ||
	    quota_given(&r->quota) != (command == PROTKEY_COMMAND_QUOTA) ||
	    !!r->person != (command == PROTKEY_COMMAND_PERSON) ||
	    ((r->roles || r->factor) && !r->person) ||
	    measured_given(&r->measured) != (command == PROTKEY_COMMAND_MEASURED))
		return fail(EXIT_USAGE, "mk-* wants --pattern, mk-set perhaps --drop-slots, seal-add --slot and --kind, seal-remove --slot, quota --keys, --sessions or --tls-keys, person --person, perhaps --role and --factor, measured --demand, --add or --none, and others nothing of these");
	if (r->person)
		return request_person(r);
	if (r->drop)
		r->req.flags = PROTKEY_MK_DROP_SEALS;
	if (mk && !fw_hex_decode(r->pattern, r->req.pattern,
				 sizeof(r->req.pattern)))
		return fail(EXIT_USAGE, "--pattern wants %zu hex digits, lower case",
			    2 * sizeof(r->req.pattern));
	if (seal)
		r->req.slot = r->slot;
	if (add) {
		r->req.kind = (__u32)kind_of(r->kind);
		if (!r->req.kind)
			return fail(EXIT_USAGE, "--kind is passphrase, tpm2, clevis or shares");
	}
	return EXIT_OK;
}

/* The demand of the request, from what the domain demands now. */
static int request_measured(struct request *r, int domain, const char *name)
{
	struct protkey_state state;
	int status, ret = protkey_domain_state(domain, &state);

	if (ret)
		return fail_domain(ret, name, "read");
	status = measured_fill(&r->measured, r->values, r->value_count, &state,
			       &r->demand);
	protkey_state_free(&state);
	r->req.measured_ptr = (uintptr_t)&r->demand;
	return status;
}

static int request_make(struct request *r, const char *name)
{
	char text[PROTKEY_ADMIN_TEXT_MAX];
	size_t size;
	int domain, ret, status = domain_open_unlocked(name, &domain);

	if (status)
		return status;
	if (r->req.command == PROTKEY_COMMAND_QUOTA)
		status = quota_fill(&r->quota, domain, name, &r->req.quota);
	else if (r->req.command == PROTKEY_COMMAND_MEASURED)
		status = request_measured(r, domain, name);
	ret = status ? 0 : protkey_admin_request(domain, &r->req, text, &size);
	close(domain);
	if (status)
		return status;
	if (ret)
		return fail_admin(ret, name);
	if (!r->out) {
		fwrite(text, 1, size, stdout);
		return EXIT_OK;
	}
	ret = file_replace(r->out, text, size, 0644);
	if (ret)
		return fail_errno(ret, r->out);
	printf("%s is to be signed within a day, before the domain is locked or another request is made:\n"
	       "openssl cms -sign -binary -nocerts -nosmimecap -md sha256 -in %s -signer CERTIFICATE -inkey KEY -outform DER -out SIGNATURE\n",
	       r->out, r->out);
	return EXIT_OK;
}

static int cmd_admin_request(const struct command *cmd, int argc, char **argv)
{
	struct request r = { .admins = ADMINS_INIT, .slot = SLOT_ANY,
			     .quota = QUOTA_OPTIONS_INIT };
	const struct opt opts[] = {
		{ "out", 'o', OPT_TEXT, &r.out, "FILE",
		  "write the text there (default: standard output)" },
		{ "pattern", 0, OPT_TEXT, &r.pattern, "HEX",
		  "of the master key (mk-commit, mk-set, mk-abort, mk-clear)" },
		{ "slot", 0, OPT_NUMBER, &r.slot, "N",
		  "seal slot (seal-add, seal-remove)" },
		{ "kind", 0, OPT_TEXT, &r.kind, "KIND",
		  "seal-add: passphrase, tpm2, clevis or shares" },
		{ "person", 0, OPT_TEXT, &r.person, "PERSON",
		  "person: whom it is about" },
		{ "role", 0, OPT_TEXT, &r.roles, "ROLE[,ROLE...]",
		  "person: his roles then (default: he is removed)" },
		{ "factor", 0, OPT_TEXT, &r.factor, "FACTOR",
		  "person: of one who is added (default: there already)" },
		{ "drop-slots", 0, OPT_FLAG, &r.drop, NULL,
		  "mk-set: may remove seal slots that are not opened" },
		QUOTA_OPTS(r.quota),
		MEASURED_OPTS(r.measured),
		THRESHOLD_OPTS(r.admins),
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 2,
				PROTKEY_ADMINS_MAX + 2);
	bool admins;

	if (status != ARGS_GO)
		return status;
	r.req.command = find_command(argv[1]);
	if (!r.req.command)
		return fail(EXIT_USAGE, "commands are mk-commit, mk-set, mk-abort, mk-clear, seal-add, seal-remove, administrators, destroy, quota, person, measured");
	admins = r.req.command == PROTKEY_COMMAND_ADMINISTRATORS;
	if (admins != (argc > 2) && r.req.command != PROTKEY_COMMAND_MEASURED)
		return fail(EXIT_USAGE, "administrators wants the certificates of all of them, other commands none");
	r.values = argv + 2;
	r.value_count = argc - 2;
	status = request_check(&r);
	if (!status && admins)
		status = admins_fill(&r.admins, argv + 2, argc - 2);
	r.req.list = r.admins.list;
	if (!status)
		status = request_make(&r, argv[0]);
	admins_free(&r.admins);
	return status;
}

static int cmd_admin_sign(const struct command *cmd, int argc, char **argv)
{
	const struct opt opts[] = { { 0 } };
	char hex[HEX_ROOM(PROTKEY_FINGERPRINT_SIZE)];
	struct protkey_admin_sign result;
	void *signature;
	size_t size;
	int domain, ret, status = args_parse(cmd, opts, &argc, argv, 2, 2);

	if (status != ARGS_GO)
		return status;
	ret = file_load(argv[1], SIGNATURE_MAX, &signature, &size);
	if (ret)
		return fail_errno(ret, argv[1]);
	status = domain_open_unlocked(argv[0], &domain);
	if (!status) {
		ret = size ? protkey_admin_sign(domain, signature, size,
						&result) : -EBADMSG;
		close(domain);
		if (ret == -ENOENT)
			status = fail(EXIT_NOT_FOUND, "nothing is to be signed: `protkey domain admin request %s` first",
				      argv[0]);
		else if (ret == -ENOKEY)
			status = fail(EXIT_AUTH, "%s: not of an administrator of domain '%s', or the domain was locked",
				      argv[1], argv[0]);
		else if (ret)
			status = fail_admin(ret, argv[0]);
	}
	free(signature);
	if (!status)
		printf("signed by administrator %s: %u of %u signatures\n",
		       hex_text(result.fingerprint, sizeof(result.fingerprint), hex),
		       result.signatures, result.needed);
	return status;
}

/* ---- list ----------------------------------------------------------------- */

static struct json_object *admin_json(const void *der, size_t size, bool signed_it)
{
	struct json_object *obj = json_object_new_object();
	uint8_t digest[PROTKEY_FINGERPRINT_SIZE];
	const unsigned char *at = der;
	X509 *cert = d2i_X509(NULL, &at, (long)size);
	char *subject = cert ? X509_NAME_oneline(X509_get_subject_name(cert),
						 NULL, 0) : NULL;

	EVP_Digest(der, size, digest, NULL, EVP_sha256(), NULL);
	json_add_text(obj, "subject", subject ? subject : "");
	json_add_hex(obj, "fingerprint", digest, sizeof(digest));
	json_add_bool(obj, "expired", cert &&
		      X509_cmp_current_time(X509_get0_notAfter(cert)) < 0);
	json_add_bool(obj, "signed", signed_it);
	OPENSSL_free(subject);
	X509_free(cert);
	return obj;
}

static struct json_object *list_json(const struct protkey_state *state,
				     const struct protkey_admin_status *status)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	struct json_object *thresholds = json_object_new_object();
	__u8 m[PROTKEY_CLASSES] = { 0 };
	const void *cert;
	unsigned int i;
	size_t size;

	for (i = 0; !protkey_state_admin(state, i, &cert, &size); i++)
		json_object_array_add(list, admin_json(cert, size,
						       status->signed_by >> i & 1));
	protkey_state_thresholds(state, m);
	for (i = 0; i < PROTKEY_CLASSES; i++)
		json_add_number(thresholds, class_names[i], m[i]);
	json_object_object_add(obj, "administrators", list);
	json_object_object_add(obj, "thresholds", thresholds);
	json_add_text(obj, "request", status->command && status->command < COMMANDS ?
		      command_names[status->command] : NULL);
	json_add_number(obj, "signatures", status->signatures);
	json_add_number(obj, "needed", status->needed);
	return obj;
}

static const char *member(struct json_object *obj, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(obj, key, &value) && value ?
	       json_object_get_string(value) : "";
}

static int list_print(struct json_object *obj)
{
	struct json_object *list, *thresholds, *admin;
	unsigned int i;

	json_object_object_get_ex(obj, "administrators", &list);
	json_object_object_get_ex(obj, "thresholds", &thresholds);
	if (!json_object_array_length(list))
		printf("no administrators: a one-person domain\n");
	for (i = 0; i < json_object_array_length(list); i++) {
		admin = json_object_array_get_idx(list, i);
		printf("%s  %s%s%s\n", member(admin, "fingerprint"),
		       member(admin, "subject"),
		       strcmp(member(admin, "expired"), "true") ? "" : "  EXPIRED",
		       strcmp(member(admin, "signed"), "true") ? "" : "  has signed");
	}
	for (i = 0; json_object_array_length(list) && i < PROTKEY_CLASSES; i++)
		printf("%-16s %s signatures\n", class_names[i],
		       member(thresholds, class_names[i]));
	if (*member(obj, "request"))
		printf("to be signed: %s, %s of %s signatures\n",
		       member(obj, "request"), member(obj, "signatures"),
		       member(obj, "needed"));
	json_object_put(obj);
	return EXIT_OK;
}

static int cmd_admin_list(const struct command *cmd, int argc, char **argv)
{
	struct protkey_admin_status now;
	struct json_object *obj;
	bool json = false;
	const struct opt opts[] = {
		{ "json", 0, OPT_FLAG, &json, NULL, "output for scripts" },
		{ 0 }
	};
	struct protkey_state state = { 0 };
	int domain, ret, status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	status = domain_open_unlocked(argv[0], &domain);
	if (status)
		return status;
	ret = protkey_domain_state(domain, &state);
	if (!ret)
		ret = protkey_admin_status(domain, &now);
	obj = ret ? NULL : list_json(&state, &now);
	protkey_state_free(&state);
	close(domain);
	if (ret)
		return fail_domain(ret, argv[0], "read");
	return json ? json_print(obj) : list_print(obj);
}
