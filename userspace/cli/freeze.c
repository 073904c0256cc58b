// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that are stopped while the machine sleeps, by the freezer of cgroup v2.
 *
 * Who waits for a suspended volume is in uninterruptible sleep, and the kernel
 * refuses to suspend the machine around him.  A frozen process is stopped on its
 * way out of the kernel: it waits for nothing and holds no lock.  So all that may
 * write are frozen before the volumes are suspended: who will open a file next
 * nobody knows.
 *
 * A list in /run says which cgroups we froze, not somebody else.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "freeze.h"

#define LIST		"/run/protkey/frozen"
#define LIST_MAX	(16 * 1024 * 1024)
#define WAIT_SECONDS	10
#define PATH_ROOM	4608	/* that of a cgroup, and of a file in it */

/* PID 1 starts what suspends the machine, which speaks to these. */
static const char *const spared[] = {
	"/init.scope",
	"/system.slice/dbus.service",
	"/system.slice/dbus-broker.service",
	"/system.slice/systemd-journald.service",
};

/* By their paths below the root of cgroup v2. */
struct groups {
	char **paths;
	size_t count;
};

static const char *cgroup_root(void)
{
	static const char *const roots[] = {
		"/sys/fs/cgroup", "/sys/fs/cgroup/unified",
	};
	struct statfs fs;
	size_t i;

	for (i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (!statfs(roots[i], &fs) && fs.f_type == CGROUP2_SUPER_MAGIC)
			return roots[i];
	return NULL;
}

static void file_of(const char *group, const char *name, char path[PATH_ROOM])
{
	snprintf(path, PATH_ROOM, "%s%s/%s", cgroup_root(), group, name);
}

/* A cgroup that is gone has no file: an error, and no text. */
static int group_read(const char *group, const char *name, char **text)
{
	char path[PATH_ROOM];
	void *data;
	size_t size;
	int ret;

	file_of(group, name, path);
	ret = file_load(path, LIST_MAX, &data, &size);
	*text = ret ? NULL : data;
	return ret;
}

static bool group_says(const char *group, const char *name, const char *word)
{
	char *text;
	bool says;

	if (group_read(group, name, &text))
		return false;
	says = strstr(text, word);
	free(text);
	return says;
}

static int group_freeze(const char *group, bool freeze)
{
	char path[PATH_ROOM];

	file_of(group, "cgroup.freeze", path);
	return file_put(path, freeze ? "1" : "0");
}

static bool group_frozen(const char *group)
{
	return group_says(group, "cgroup.events", "frozen 1");
}

/* ---- the list ---- */

static void groups_free(struct groups *groups)
{
	while (groups->count)
		free(groups->paths[--groups->count]);
	free(groups->paths);
	groups->paths = NULL;
}

static int groups_add(struct groups *groups, const char *path)
{
	char **paths = reallocarray(groups->paths, groups->count + 1,
				    sizeof(*paths));

	if (!paths)
		return -ENOMEM;
	groups->paths = paths;
	paths[groups->count] = strdup(path);
	if (!paths[groups->count])
		return -ENOMEM;
	groups->count++;
	return 0;
}

static int list_load(struct groups *groups)
{
	char *line, *rest;
	void *text;
	size_t size;
	int ret = file_load(LIST, LIST_MAX, &text, &size);

	if (ret)
		return ret == -ENOENT ? 0 : ret;
	for (rest = text; !ret && (line = strsep(&rest, "\n"));)
		if (*line)
			ret = groups_add(groups, line);
	free(text);
	return ret;
}

static int list_save(const struct groups *groups)
{
	size_t i, size = 0;
	char *text = NULL;
	FILE *out;
	int ret;

	if (!groups->count)
		return unlink(LIST) && errno != ENOENT ? -errno : 0;
	out = open_memstream(&text, &size);
	if (!out)
		return -ENOMEM;
	for (i = 0; i < groups->count; i++)
		fprintf(out, "%s\n", groups->paths[i]);
	ret = fclose(out) ? -ENOMEM : 0;
	mkdir("/run/protkey", 0700);
	if (!ret)
		ret = file_replace(LIST, text, size, 0600);
	free(text);
	return ret;
}

/* ---- whom to freeze ---- */

/* Of process @pid: -errno also if it is gone. */
static int group_of(const char *pid, char group[PATH_ROOM])
{
	char path[64], text[2 * PATH_ROOM], *line, *rest = text;
	size_t size;
	int ret;

	snprintf(path, sizeof(path), "/proc/%s/cgroup", pid);
	ret = file_read(path, text, sizeof(text) - 1, &size);
	if (ret)
		return ret;
	text[size] = '\0';
	while ((line = strsep(&rest, "\n")))
		if (!strncmp(line, "0::", 3)) {
			snprintf(group, PATH_ROOM, "%s", line + 3);
			return 0;
		}
	return -ENOENT;
}

/* A cgroup is frozen with all those below it. */
static bool is_at_or_above(const char *group, const char *other)
{
	size_t size = strlen(group);

	return !strncmp(group, other, size) &&
	       (!other[size] || other[size] == '/');
}

static bool is_spared(const char *group, const char *own)
{
	size_t i;

	for (i = 0; i < sizeof(spared) / sizeof(spared[0]); i++)
		if (is_at_or_above(group, spared[i]))
			return true;
	return is_at_or_above(group, own);
}

static bool has_processes(const char *group)
{
	char *text;
	bool has;

	if (group_read(group, "cgroup.procs", &text))
		return false;
	has = *text;
	free(text);
	return has;
}

/* What others froze is theirs to thaw. */
static bool to_freeze(const char *group, const char *own)
{
	return *group && !is_spared(group, own) && has_processes(group) &&
	       group_says(group, "cgroup.freeze", "0");
}

static int find_groups(struct groups *groups)
{
	char root[64], own[PATH_ROOM], *roots[] = { root, NULL };
	FTSENT *entry;
	int ret;
	FTS *fts;

	ret = group_of("self", own);
	if (ret)
		return ret;
	snprintf(root, sizeof(root), "%s", cgroup_root());
	fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	if (!fts)
		return -errno;
	while (!ret && (entry = fts_read(fts))) {
		const char *group = entry->fts_path + strlen(root);

		if (entry->fts_info == FTS_D && to_freeze(group, own))
			ret = groups_add(groups, group);
	}
	fts_close(fts);
	return ret;
}

/* ---- freezing ---- */

/* "name (pid)" of a thread in uninterruptible sleep; false if there is none. */
static bool find_blocked(const char *group, char who[64])
{
	char *threads, *line, *rest, path[64], stat[512], *name, *state;
	bool found = false;
	size_t size;

	if (group_read(group, "cgroup.threads", &threads))
		return false;
	for (rest = threads; !found && (line = strsep(&rest, "\n"));) {
		snprintf(path, sizeof(path), "/proc/%.16s/stat", line);
		if (!*line || file_read(path, stat, sizeof(stat) - 1, &size))
			continue;
		stat[size] = '\0';
		name = strchr(stat, '(');
		state = strrchr(stat, ')');
		found = name && state && !strncmp(state, ") D", 3);
		if (found)
			snprintf(who, 64, "%.*s (%.16s)",
				 (int)(state - name) - 1, name + 1, line);
	}
	free(threads);
	return found;
}

static int fail_not_frozen(const char *group)
{
	char who[64];

	if (find_blocked(group, who))
		return fail(EXIT_EXISTS, "the machine cannot sleep: %s of %s waits for a device that does not answer: if that is a suspended volume, unlock its domain first (`protkey domain unlock NAME`)",
			    who, group);
	return fail(EXIT_EXISTS, "the machine cannot sleep: the processes of %s could not be stopped within %d seconds: stop them, or try again",
		    group, WAIT_SECONDS);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int wait_frozen(const struct groups *groups)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	double end = now() + WAIT_SECONDS;
	size_t i;

	for (i = 0; i < groups->count; i++)
		/* it may also have ended */
		while (!group_frozen(groups->paths[i]) &&
		       has_processes(groups->paths[i])) {
			if (now() > end)
				return fail_not_frozen(groups->paths[i]);
			nanosleep(&pause, NULL);
		}
	return EXIT_OK;
}

/* The list is there before the first one is frozen: we may be killed. */
static int freeze_groups(struct groups *groups)
{
	size_t i;
	int ret = list_load(groups);

	if (!ret)
		ret = find_groups(groups);
	if (!ret)
		ret = list_save(groups);
	for (i = 0; !ret && i < groups->count; i++) {
		ret = group_freeze(groups->paths[i], true);
		if (ret == -ENOENT || ret == -ENODEV)
			ret = 0;
	}
	return ret;
}

int freeze_others(void)
{
	struct groups groups = { 0 };
	int ret, status;

	if (!cgroup_root())
		return fail(EXIT_GENERAL, "the machine cannot sleep with open volumes: their users are stopped by cgroup v2, which is not mounted at /sys/fs/cgroup");
	ret = freeze_groups(&groups);
	status = ret ? fail_errno(ret, "users of volumes cannot be stopped") :
		 wait_frozen(&groups);
	groups_free(&groups);
	return status;
}

static int check_process(const char *pid, const struct devices *devices)
{
	char group[PATH_ROOM], path[64], name[32];
	size_t size = 0;

	if (group_of(pid, group) || group_frozen(group) ||
	    !process_uses(atoi(pid), devices))
		return EXIT_OK;
	snprintf(path, sizeof(path), "/proc/%.16s/comm", pid);
	if (file_read(path, name, sizeof(name) - 1, &size))
		size = 0;
	name[size] = '\0';
	name[strcspn(name, "\n")] = '\0';
	return fail(EXIT_EXISTS, "the machine cannot sleep: %s (%s) of %s uses a volume and cannot be stopped: end it, or put it into a service of its own",
		    name, pid, group);
}

int freeze_check(const struct devices *devices)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int status = EXIT_OK;

	if (!proc)
		return fail_errno(-errno, "/proc");
	while (status == EXIT_OK && (entry = readdir(proc)))
		if (strspn(entry->d_name, "0123456789") ==
		    strlen(entry->d_name))
			status = check_process(entry->d_name, devices);
	closedir(proc);
	return status;
}

/* ---- thawing ---- */

bool freeze_there(void)
{
	return !access(LIST, F_OK);
}

static bool group_uses(const char *group, const struct devices *devices)
{
	char *processes, *line, *rest;
	bool uses = false;

	if (group_read(group, "cgroup.procs", &processes))
		return false;
	for (rest = processes; !uses && (line = strsep(&rest, "\n"));)
		uses = *line && process_uses(atoi(line), devices);
	free(processes);
	return uses;
}

/*
 * A service that would only wait for a suspended volume stays frozen, so that the
 * machine can sleep again.  A login does not: it may be that of whoever is to
 * unlock.  One that is not frozen may hold locks that process_uses() takes.
 */
static bool stays(const char *group, const struct devices *suspended)
{
	return suspended->count && strncmp(group, "/user.slice/", 12) &&
	       group_frozen(group) && group_uses(group, suspended);
}

size_t freeze_thaw(const struct devices *suspended)
{
	struct groups groups = { 0 }, kept = { 0 };
	size_t i, count;
	int ret = list_load(&groups);

	for (i = 0; i < groups.count; i++) {
		if (stays(groups.paths[i], suspended) &&
		    !groups_add(&kept, groups.paths[i]))
			continue;
		/* whatever becomes of it: one that is gone has no file */
		group_freeze(groups.paths[i], false);
	}
	if (!ret)
		ret = list_save(&kept);
	if (ret)
		warn("%s: %s: thaw what is left there by hand", LIST,
		     strerror(-ret));
	count = kept.count;
	groups_free(&kept);
	groups_free(&groups);
	return count;
}
