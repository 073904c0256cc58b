// SPDX-License-Identifier: GPL-2.0-only
/* Log-in of a person: both factors, from files or asked for. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain.h"
#include "login.h"

struct login_options login_options;

int person_find(const struct protkey_state *state, const char *name,
		struct protkey_person *person)
{
	unsigned int i;
	int ret;

	for (i = 0; !(ret = protkey_state_person(state, i, person)); i++)
		if (!strcmp(person->name, name))
			break;
	return ret;
}

int credential_read(const char *file, __u8 *credential)
{
	char *bytes = protkey_secret_alloc(PROTKEY_CREDENTIAL_SIZE + 1);
	size_t size = 0;
	int ret;

	if (!bytes)
		return fail_errno(-errno, "locked memory");
	ret = file_read(file, bytes, PROTKEY_CREDENTIAL_SIZE + 1, &size);
	memcpy(credential, bytes, PROTKEY_CREDENTIAL_SIZE);
	protkey_secret_free(bytes, PROTKEY_CREDENTIAL_SIZE + 1);
	if (ret && ret != -EFBIG)
		return fail_errno(ret, file);
	return ret || size != PROTKEY_CREDENTIAL_SIZE ?
	       fail(EXIT_DAMAGED, "%s: a service's credential has %d bytes", file,
		    PROTKEY_CREDENTIAL_SIZE) : EXIT_OK;
}

static int first_factor(const struct protkey_person *person, __u8 *credential)
{
	struct passphrase pass;
	char what[64];
	int status;

	if (person->params.kind == PROTKEY_SEAL_FILE)
		return login_options.file ?
		       credential_read(login_options.file, credential) :
		       fail(EXIT_USAGE, "%s is a service: say --as-file with its credential",
			    person->name);
	snprintf(what, sizeof(what), "Passphrase of %s", person->name);
	status = passphrase_get(&pass, login_options.file, what, false);
	if (status)
		return status;
	status = domain_kek(&person->params, &pass, credential);
	passphrase_free(&pass);
	return status;
}

static bool parse_code(const char *text, unsigned int digits, __u32 *code)
{
	char *end;

	if (strlen(text) != digits || strspn(text, "0123456789") != digits)
		return false;
	*code = (__u32)strtoul(text, &end, 10);
	return true;
}

int login_code(const struct protkey_person *person, __u32 *code)
{
	struct passphrase typed;
	char what[64];
	int status = EXIT_OK;
	bool good;

	*code = 0;
	if (!person->factor)
		return EXIT_OK;
	if (login_options.code) {
		good = parse_code(login_options.code, person->digits, code);
	} else {
		snprintf(what, sizeof(what), "Code of %s", person->name);
		status = passphrase_get(&typed, NULL, what, false);
		if (status)
			return fail(EXIT_USAGE, "%s has a second factor: say --code where there is no terminal",
				    person->name);
		typed.data[typed.size] = '\0';
		good = parse_code(typed.data, person->digits, code);
		passphrase_free(&typed);
	}
	return good ? EXIT_OK : fail(EXIT_USAGE, "a code of %s has %u digits",
				     person->name, person->digits);
}

int fail_login(int err, unsigned int wait)
{
	switch (-err) {
	case EKEYREJECTED:
		return fail(EXIT_AUTH, "wrong passphrase or code, or a code that was used before (the next one comes within 30 seconds; codes follow the machine's clock)");
	case EAGAIN:
		if (!wait)
			return fail(EXIT_AUTH, "too many wrong log-ins of %s: wait, at most %d minutes",
				    login_options.as, PROTKEY_LOGIN_WAIT_MAX / 60);
		return fail(EXIT_AUTH, "too many wrong log-ins of %s: wait %u seconds",
			    login_options.as, wait);
	case ENODATA:
		return fail(EXIT_NOT_FOUND, "the domain has no persons: nobody logs in");
	default:
		return fail_errno(err, "log-in");
	}
}

int login_on(int node, const char *domain, const struct protkey_state *state)
{
	struct protkey_person person;
	unsigned int wait = 0;
	__u8 *credential;
	__u32 code;
	int ret, status;

	if (!login_options.as)
		return EXIT_OK;
	ret = person_find(state, login_options.as, &person);
	if (ret)
		return ret == -ENOENT ?
		       fail(EXIT_AUTH, "domain '%s' has no person '%s': `protkey domain person list %s`",
			    domain, login_options.as, domain) :
		       fail_domain(ret, domain, "read");
	status = kek_alloc(&credential);
	if (status)
		return status;
	status = first_factor(&person, credential);
	if (!status)
		status = login_code(&person, &code);
	if (!status) {
		ret = protkey_person_login(node, person.name, credential, code, &wait);
		status = ret ? fail_login(ret, wait) : EXIT_OK;
	}
	protkey_secret_free(credential, PROTKEY_CREDENTIAL_SIZE);
	return status;
}
