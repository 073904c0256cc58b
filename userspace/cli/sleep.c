// SPDX-License-Identifier: GPL-2.0-only
/*
 * protkey sleep: what has to be done around suspend to RAM, as it zeroes the
 * registers that hold the keys, and the module refuses it while an unlocked domain
 * has open volumes.
 *
 * Before: all that can fail, then the domains are locked, which only their
 * passphrases undo.  After: whoever is to unlock must be able to log in.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "domain.h"
#include "freeze.h"
#include "sleep.h"

static int cmd_sleep_pre(const struct command *cmd, int argc, char **argv);
static int cmd_sleep_post(const struct command *cmd, int argc, char **argv);

const struct command sleep_commands[] = {
	{ "pre", "sleep pre", "",
	  "before: stop who may write, suspend volumes, lock their domains",
	  cmd_sleep_pre, NULL },
	{ "post", "sleep post", "", "after: those who were stopped go on",
	  cmd_sleep_post, NULL },
	{ 0 }
};

/* ---- the kernel's own sync ---- */

#define SYNC		"/sys/power/sync_on_suspend"
#define SYNC_WAS	"/run/protkey/sync_on_suspend"

/*
 * It comes before everything else, and sends a flush to each file system: at one
 * that is suspended it waits for ever, though there is nothing to write.
 */
static int sync_off(void)
{
	char was[16];
	size_t size;
	int ret = file_read(SYNC, was, sizeof(was), &size);

	if (ret)
		return ret;
	mkdir("/run/protkey", 0700);
	/* there is one if nobody ran `sleep post` */
	ret = file_write_new(SYNC_WAS, was, size);
	return ret && ret != -EEXIST ? ret : file_put(SYNC, "0");
}

static void sync_restore(void)
{
	char was[16];
	size_t size;
	int ret = file_read(SYNC_WAS, was, sizeof(was) - 1, &size);

	if (ret == -ENOENT)
		return;
	if (!ret) {
		was[size] = '\0';
		ret = file_put(SYNC, was);
	}
	if (ret)
		warn("%s could not be restored: %s", SYNC, strerror(-ret));
	unlink(SYNC_WAS);
}

/* ---- after ---- */

int sleep_thaw(void)
{
	struct devices suspended = { 0 };
	size_t stay;
	int ret;

	if (!freeze_there())
		return EXIT_OK;
	ret = suspended_devices(&suspended);
	if (!ret)
		ret = devices_add_mounts(&suspended);
	if (ret)
		warn("suspended volumes cannot be listed: %s", strerror(-ret));
	stay = freeze_thaw(&suspended);
	devices_free(&suspended);
	if (stay)
		printf("%zu service%s stopped until `protkey domain unlock`: %s suspended volumes\n",
		       stay, stay == 1 ? " stays" : "s stay",
		       stay == 1 ? "it uses" : "they use");
	return ret ? exit_code_of(ret) : EXIT_OK;
}

static int cmd_sleep_post(const struct command *cmd, int argc, char **argv)
{
	const struct opt opts[] = { { 0 } };
	int status = args_parse(cmd, opts, &argc, argv, 0, 0);

	if (status != ARGS_GO)
		return status;
	sync_restore();
	return sleep_thaw();
}

/* ---- before ---- */

struct sleeper {
	char name[PROTKEY_NAME_SIZE];
	int domain;
	unsigned int open;	/* volumes that we suspended */
	bool begun, locked;
};

/* The unlocked domains; their open volumes and all suspended ones. */
struct sleep {
	struct sleeper *domains;
	size_t count;
	struct devices volumes, suspended;
};

static int add_domain(struct sleep *sleep, const char *name)
{
	struct sleeper *more, *one;
	int ret, status;

	more = reallocarray(sleep->domains, sleep->count + 1, sizeof(*more));
	if (!more)
		return fail_errno(-ENOMEM, name);
	sleep->domains = more;
	one = &more[sleep->count];
	memset(one, 0, sizeof(*one));
	snprintf(one->name, sizeof(one->name), "%s", name);
	status = domain_open(name, &one->domain);
	if (status)
		return status;
	sleep->count++;
	ret = suspend_devices(one->domain, &sleep->volumes);
	return ret ? fail_domain(ret, name, "suspend volumes of") : EXIT_OK;
}

static int find_domains(struct sleep *sleep)
{
	struct catalog catalog;
	size_t i;
	int status = catalog_load(&catalog);

	if (status)
		return status;
	for (i = 0; status == EXIT_OK && i < catalog.count; i++)
		if (catalog.entries[i].in_module &&
		    catalog.entries[i].info.state == PROTKEY_DOMAIN_ACTIVE)
			status = add_domain(sleep, catalog.entries[i].info.name);
	catalog_free(&catalog);
	return status;
}

static int find_devices(struct sleep *sleep)
{
	int ret, status = find_domains(sleep);

	if (status)
		return status;
	ret = suspended_devices(&sleep->suspended);
	if (!ret)
		ret = suspended_devices(&sleep->volumes);
	if (!ret)
		ret = devices_add_mounts(&sleep->volumes);
	return ret ? fail_errno(ret, "volumes cannot be listed") : EXIT_OK;
}

static void sleep_free(struct sleep *sleep)
{
	size_t i;

	for (i = 0; i < sleep->count; i++)
		close(sleep->domains[i].domain);
	free(sleep->domains);
	devices_free(&sleep->volumes);
	devices_free(&sleep->suspended);
}

/* What no order of steps can mend. */
static int check(const struct sleep *sleep, bool hibernate)
{
	if (hibernate)
		return fail(EXIT_EXISTS, "the machine cannot hibernate with open volumes: the kernel would wait for them to be unlocked before it writes its image: close them first (`protkey volume list`)");
	if (swap_on(&sleep->volumes))
		return fail(EXIT_EXISTS, "the machine cannot sleep: there is swap on a volume of a domain, which would be suspended: swapoff first");
	return EXIT_OK;
}

static int suspend_all(struct sleep *sleep)
{
	struct sleeper *one;
	int status;

	for (one = sleep->domains; one < sleep->domains + sleep->count; one++) {
		status = domain_lock_begin(one->domain, one->name, false,
					   &one->open);
		if (status)
			return status;
		one->begun = true;
	}
	return EXIT_OK;
}

/* Those without volumes the module locks itself, if there is a sleep at all. */
static int lock_all(struct sleep *sleep)
{
	struct sleeper *one;
	int status;

	for (one = sleep->domains; one < sleep->domains + sleep->count; one++) {
		if (!one->open)
			continue;
		status = domain_lock_end(one->domain, one->name, false,
					 one->open);
		if (status)
			return status;
		one->locked = true;
		domain_lock_say(one->name, one->open);
	}
	return EXIT_OK;
}

/* A domain that is locked already stays so: its volumes wait for the unlock. */
static int undo(struct sleep *sleep, int status)
{
	struct sleeper *one;
	unsigned int resumed;

	for (one = sleep->domains; one < sleep->domains + sleep->count; one++)
		if (one->begun && !one->locked)
			suspend_undo(one->domain, one->name, &resumed);
	sync_restore();
	sleep_thaw();
	return status;
}

/*
 * The sync comes before the freezing, as the kernel's: a file system may be served
 * by a process.  What is written in between is flushed as a volume is suspended.
 */
static int stop_writers(struct sleep *sleep)
{
	int status;

	sync_but(&sleep->suspended);
	status = freeze_others();
	return status == EXIT_OK ? freeze_check(&sleep->volumes) : status;
}

static int pre(struct sleep *sleep, bool hibernate)
{
	int ret, status = find_devices(sleep);
	bool volumes = sleep->volumes.count;

	if (status)
		return status;
	if (volumes) {
		status = check(sleep, hibernate);
		if (status)
			return status;
		status = stop_writers(sleep);
	}
	if (status == EXIT_OK)
		status = suspend_all(sleep);
	if (status == EXIT_OK && volumes) {
		ret = sync_off();
		if (ret)
			status = fail_errno(ret, SYNC);
	}
	if (status == EXIT_OK)
		status = lock_all(sleep);
	return status == EXIT_OK ? status : undo(sleep, status);
}

static int cmd_sleep_pre(const struct command *cmd, int argc, char **argv)
{
	struct sleep sleep = { 0 };
	bool hibernate = false;
	const struct opt opts[] = {
		{ "hibernate", 0, OPT_FLAG, &hibernate, NULL,
		  "to disk: refused while a volume is open" },
		{ 0 }
	};
	int control, status = args_parse(cmd, opts, &argc, argv, 0, 0);

	if (status != ARGS_GO)
		return status;
	control = protkey_control_open();
	/* without the module there is nothing to lock, and all may sleep */
	if (control == -ENODEV)
		return EXIT_OK;
	if (control >= 0)
		close(control);
	status = pre(&sleep, hibernate);
	sleep_free(&sleep);
	return status;
}
