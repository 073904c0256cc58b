// SPDX-License-Identifier: GPL-2.0-only
/* Errors: what went wrong, and what to do about it. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

int fail(enum exit_code code, const char *fmt, ...)
{
	va_list ap;

	progress_stop();
	fflush(stdout);
	fputs("protkey: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return code;
}

void warn(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("protkey: warning: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static const struct {
	int err;
	enum exit_code code;
} codes[] = {
	{ ENODEV,	EXIT_NO_MODULE },
	{ EPROTO,	EXIT_NO_MODULE },
	{ EACCES,	EXIT_PERMISSION },
	{ EPERM,	EXIT_PERMISSION },
	{ ENOENT,	EXIT_NOT_FOUND },
	{ EEXIST,	EXIT_EXISTS },
	{ EBUSY,	EXIT_EXISTS },
	{ EALREADY,	EXIT_EXISTS },
	{ ENOKEY,	EXIT_LOCKED },
	{ EKEYREVOKED,	EXIT_LOCKED },
	{ EKEYREJECTED,	EXIT_AUTH },
	{ EXDEV,	EXIT_AUTH },
	{ ESTALE,	EXIT_AUTH },
	{ EBADMSG,	EXIT_DAMAGED },
	{ EOPNOTSUPP,	EXIT_DAMAGED },
	{ EINVAL,	EXIT_DAMAGED },
	{ EFBIG,	EXIT_DAMAGED },
	{ ENOSPC,	EXIT_IO },
	{ EDQUOT,	EXIT_IO },
	{ EROFS,	EXIT_IO },
	{ EIO,		EXIT_IO },
};

enum exit_code exit_code_of(int err)
{
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].err == -err)
			return codes[i].code;
	return EXIT_GENERAL;
}

int fail_errno(int err, const char *what)
{
	return fail(exit_code_of(err), "%s: %s", what, strerror(-err));
}

int fail_domain(int err, const char *name, const char *doing)
{
	enum exit_code code = exit_code_of(err);

	switch (-err) {
	case ENODEV:
		return fail(code, "the protkey module is not loaded: load it: modprobe protkey (or insmod protkey.ko)");
	case EPROTO:
		return fail(code, "the loaded protkey module speaks another ABI: load the one of this version");
	case EPERM:
		return fail(EXIT_REFUSED, "domain '%s' wants more signatures of its administrators for this: `protkey domain admin request %s`, then `protkey domain admin sign %s`",
			    name, name, name);
	case EACCES:
		return fail(code, "not permitted to %s domain '%s': be root, or have access to /dev/protkey/%s; in a domain with persons log in as one who may (--as; `protkey domain person list %s`)",
			    doing, name, name, name);
	case ENOENT:
		return fail(code, "there is no domain '%s': `protkey domain list` shows those that there are",
			    name);
	case EEXIST:
		return fail(code, "domain '%s' exists already: choose another name, or `protkey domain delete %s` first",
			    name, name);
	case EBUSY:
		return fail(code, "domain '%s' has open volumes or keys in use: close them first (`protkey volume list --domain %s`)",
			    name, name);
	case EALREADY:
		return fail(code, "domain '%s' is unlocked already", name);
	case ENOKEY:
	case EKEYREVOKED:
		return fail(code, "domain '%s' is locked: run `protkey domain unlock %s`",
			    name, name);
	case EKEYREJECTED:
		return fail(code, "cannot %s domain '%s': wrong passphrase, or its sealed state was changed",
			    doing, name);
	case ESTALE:
		return fail(code, "cannot %s domain '%s': its file is older than the state that the module has seen: somebody put an old copy back",
			    doing, name);
	case EBADMSG:
		return fail(code, "the sealed state of domain '%s' is damaged: put a backup of %s/%s%s in its place",
			    name, state_dir(), name, PROTKEY_STORE_SUFFIX);
	case EOPNOTSUPP:
		return fail(code, "the sealed state of domain '%s' was written by a newer protkey: update this one",
			    name);
	case EAGAIN:
		return fail(code, "cannot %s domain '%s': the processor gives no random bytes now: try again",
			    doing, name);
	default:
		return fail(code, "cannot %s domain '%s': %s", doing, name,
			    strerror(-err));
	}
}
