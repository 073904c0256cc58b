// SPDX-License-Identifier: GPL-2.0-only
/* protkey fw reference allow: accept an update before it is installed. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../fw/pe.h"
#include "fw_check.h"

#define FILE_MAX	(1U << 30)

/* What it is that may come, and into which entries it goes. */
struct allowing {
	struct fw_reference *ref;
	const char *component;	/* NULL: every entry of the class */
	size_t added, entries;
};

static int accept(struct allowing *a, struct fw_entry *entry,
		  const struct fw_digests *digests, const char *text)
{
	int ret = fw_entry_accept(entry, digests, text);

	if (ret == -EEXIST)
		return EXIT_OK;
	if (ret)
		return fail_errno(ret, entry->name);
	a->added++;
	return EXIT_OK;
}

static int accept_in(struct allowing *a, enum fw_class class,
		     const struct fw_digests *digests, const char *text)
{
	int status = EXIT_OK;
	size_t i;

	for (i = 0; !status && i < a->ref->entry_count; i++) {
		struct fw_entry *entry = &a->ref->entries[i];

		if (a->component ? strcmp(entry->name, a->component) :
		    !fw_entry_takes(entry, class))
			continue;
		if (entry->rule != FW_RULE_EQUAL)
			return fail(EXIT_REFUSED, "%s has rule %s, which takes no values",
				    entry->name, fw_rule_name(entry->rule));
		a->entries++;
		status = accept(a, entry, digests, text);
	}
	return status;
}

/* A new entry, when somebody names one that is not there. */
static int want_component(struct allowing *a, enum fw_class class)
{
	struct fw_entry *entry;

	if (!a->component || fw_reference_entry(a->ref, a->component))
		return EXIT_OK;
	entry = fw_reference_add(a->ref, a->component);
	if (!entry)
		return fail(EXIT_USAGE, "'%s' can be no component's name",
			    a->component);
	entry->class = class;
	entry->rule = FW_RULE_EQUAL;
	return EXIT_OK;
}

/* In each bank of the reference, plainly or as an EFI program. */
static int digests_of(const struct fw_reference *ref, const void *data,
		      size_t size, bool pe, struct fw_digests *digests)
{
	unsigned int bank;
	int ret = 0;

	memset(digests, 0, sizeof(*digests));
	for (bank = 0; !ret && bank < FW_BANKS; bank++) {
		if (!ref->bank[bank])
			continue;
		ret = pe ? fw_pe_digest(bank, data, size, &digests->bank[bank]) :
		      fw_digest_of(bank, data, size, &digests->bank[bank]);
	}
	return ret;
}

static int allow_bytes(struct allowing *a, enum fw_class class,
		       const void *data, size_t size, const char *text)
{
	struct fw_digests digests;
	int ret = digests_of(a->ref, data, size, false, &digests);

	return ret ? fail_errno(ret, text) :
	       accept_in(a, class, &digests, text);
}

/*
 * A program is measured by the firmware or shim as an EFI program, and by grub
 * as the file that it is: both may come.
 */
static int allow_file(struct allowing *a, enum fw_class class, const char *path,
		      bool program)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	struct fw_digests digests;
	void *data;
	size_t size;
	int status, ret = file_load(path, FILE_MAX, &data, &size);

	if (ret)
		return fail_errno(ret, path);
	status = want_component(a, class);
	if (!status)
		status = allow_bytes(a, class, data, size, name);
	if (!status && program) {
		ret = digests_of(a->ref, data, size, true, &digests);
		status = ret ? fail(EXIT_DAMAGED, "%s: is no EFI program: %s",
				    path, strerror(-ret)) :
			 accept_in(a, class, &digests, name);
	}
	free(data);
	return status;
}

/*
 * A command line as grub measures it, and as the kernel's own EFI stub or
 * systemd's does: UTF-16 with a zero at the end.
 */
static int allow_cmdline(struct allowing *a, const char *text)
{
	size_t size = strlen(text), i;
	char *wide = calloc(size + 1, 2);
	int status;

	if (!wide)
		return fail_errno(-ENOMEM, text);
	for (i = 0; i < size; i++)
		wide[2 * i] = text[i];
	status = want_component(a, FW_CLASS_CMDLINE);
	if (!status)
		status = allow_bytes(a, FW_CLASS_CMDLINE, text, size, text);
	if (!status)
		status = allow_bytes(a, FW_CLASS_CMDLINE, wide, 2 * size + 2,
				     text);
	free(wide);
	return status;
}

/* ---- packages */

static struct allowing *package_to;	/* nftw() has no argument of ours */

static bool ends(const char *text, const char *end)
{
	size_t size = strlen(text), tail = strlen(end);

	return size >= tail && !strcmp(text + size - tail, end);
}

static int allow_found(const char *path, const struct stat *st, int type,
		       struct FTW *ftw)
{
	const char *name = path + ftw->base;

	(void)st;
	if (type != FTW_F)
		return EXIT_OK;
	if (!strncmp(name, "vmlinuz-", 8))
		return allow_file(package_to, FW_CLASS_KERNEL, path, true);
	if (ends(name, ".efi") || ends(name, ".efi.signed"))
		return allow_file(package_to, FW_CLASS_LOADER, path, true);
	return EXIT_OK;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int unpack(const char *package, const char *dir)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		execlp("dpkg-deb", "dpkg-deb", "-x", "--", package, dir, NULL);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid > 0 && WIFEXITED(status) && !WEXITSTATUS(status))
		return EXIT_OK;
	return fail(EXIT_DAMAGED, "%s: dpkg-deb could not unpack it", package);
}

/* Kernels, shims and boot loaders of a Debian package. */
static int allow_package(struct allowing *a, const char *package)
{
	char dir[] = "/tmp/protkey-package-XXXXXX";
	int status;

	if (!mkdtemp(dir))
		return fail_errno(-errno, dir);
	progress_start("unpacking");
	status = unpack(package, dir);
	progress_stop();
	package_to = a;
	if (!status)
		status = nftw(dir, allow_found, 16, FTW_PHYS);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return status;
}

struct wishes {
	const char *kernel, *initrd, *cmdline, *loader, *volume, *package, *file;
	const char *component;
};

static int allow(struct allowing *a, const struct wishes *w)
{
	const struct {
		const char *path;
		enum fw_class class;
		bool program;
	} files[] = {
		{ w->kernel, FW_CLASS_KERNEL, true },
		{ w->initrd, FW_CLASS_INITRD, false },
		{ w->loader, FW_CLASS_LOADER, true },
		{ w->volume, FW_CLASS_FIRMWARE, false },
		{ w->file, FW_CLASS_OTHER, false },
	};
	int status = EXIT_OK;
	size_t i;

	for (i = 0; !status && i < sizeof(files) / sizeof(files[0]); i++)
		if (files[i].path)
			status = allow_file(a, files[i].class, files[i].path,
					    files[i].program);
	if (!status && w->cmdline)
		status = allow_cmdline(a, w->cmdline);
	if (!status && w->package)
		status = allow_package(a, w->package);
	return status;
}

int cmd_fw_reference_allow(const struct command *cmd, int argc, char **argv)
{
	struct wishes w = { 0 };
	const struct opt table[] = {
		{ "kernel", 0, OPT_TEXT, &w.kernel, "FILE", "its vmlinuz" },
		{ "initrd", 0, OPT_TEXT, &w.initrd, "FILE", "" },
		{ "cmdline", 0, OPT_TEXT, &w.cmdline, "TEXT",
		  "as `protkey fw reference show` has the old one" },
		{ "loader", 0, OPT_TEXT, &w.loader, "FILE",
		  "shim, grub, systemd-boot, a UKI" },
		{ "package", 0, OPT_TEXT, &w.package, "DEB",
		  "kernels and loaders of a Debian package" },
		{ "firmware-volume", 0, OPT_TEXT, &w.volume, "FILE",
		  "as it lies in memory, not as it is packed in an update" },
		{ "file", 0, OPT_TEXT, &w.file, "FILE",
		  "any other; needs --component" },
		{ "component", 0, OPT_TEXT, &w.component, "NAME",
		  "only there, not in all of its kind" },
		{ 0 }
	};
	struct fw_reference ref;
	struct allowing a = { .ref = &ref };
	int status = args_parse(cmd, table, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	a.component = w.component;
	if (w.file && !w.component)
		return fail(EXIT_USAGE, "--file: into which component? --component NAME");
	status = fw_reference_edit(argv[0], &ref);
	if (status)
		return status;
	status = allow(&a, &w);
	if (!status && !a.entries)
		status = fail(EXIT_NOT_FOUND, "nothing of this kind is in the reference: say where it will be measured, with --component NAME");
	else if (!status && !a.added)
		printf("%s: accepts it already\n", argv[0]);
	else if (!status)
		status = fw_reference_save(argv[0], &ref);
	if (!status && a.added)
		printf("%s: %zu more values, serial number %llu\n", argv[0],
		       a.added, (unsigned long long)ref.serial);
	fw_reference_free(&ref);
	return status;
}
