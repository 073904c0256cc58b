// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The directory of sealed states.
 *
 * A state is written to a temporary file, synced, renamed over the old one, and
 * the directory is synced: at any moment there is one whole state under the
 * domain's name.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define STORE_FILE_SIZE	(PROTKEY_NAME_SIZE + sizeof(PROTKEY_STORE_SUFFIX))
/* A leading dot is no domain's name, so a leftover is never taken for one. */
#define STORE_TEMP	".writing"

static int store_file(const char *name, char file[STORE_FILE_SIZE])
{
	if (!protkey_domain_name_valid(name))
		return -EINVAL;
	snprintf(file, STORE_FILE_SIZE, "%s" PROTKEY_STORE_SUFFIX, name);
	return 0;
}

/* Each missing directory of the path; only the last one is private. */
static int store_make(const char *dir)
{
	char *path = strdup(dir), *slash;
	int ret = 0;

	if (!path)
		return -ENOMEM;
	for (slash = strchr(path + 1, '/'); slash && !ret;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) && errno != EEXIST)
			ret = -errno;
		*slash = '/';
	}
	if (!ret && mkdir(path, 0700) && errno != EEXIST)
		ret = -errno;
	free(path);
	return ret;
}

/* Nobody but its owner (root or the caller) may change what is in it. */
static int store_trusted(int store)
{
	struct stat st;

	if (fstat(store, &st))
		return -errno;
	if ((st.st_uid && st.st_uid != geteuid()) || st.st_mode & 022)
		return -EPERM;
	return 0;
}

static int store_lock(int store)
{
	while (flock(store, LOCK_EX))
		if (errno != EINTR)
			return -errno;
	return 0;
}

PROTKEY_EXPORT int protkey_store_open(const char *dir, unsigned int flags)
{
	int store, ret;

	if (!dir)
		dir = PROTKEY_STORE_DIR;
	if (flags & PROTKEY_STORE_CREATE) {
		ret = store_make(dir);
		if (ret)
			return ret;
	}
	store = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store < 0)
		return -errno;
	ret = store_trusted(store);
	if (!ret && flags & PROTKEY_STORE_LOCK)
		ret = store_lock(store);
	if (ret) {
		close(store);
		return ret;
	}
	return store;
}

static int store_read(int fd, struct protkey_state *state)
{
	struct stat st;
	int ret;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    st.st_size > PROTKEY_STATE_MAX)
		return -EBADMSG;
	state->size = (size_t)st.st_size;
	state->data = malloc(state->size);
	if (!state->data)
		return -ENOMEM;
	ret = pk_io_read_all(fd, state->data, state->size);
	if (ret)
		protkey_state_free(state);
	return ret;
}

/* A file under another domain's name was put there by somebody. */
static int store_check_name(const struct protkey_state *state,
			    const char *name)
{
	struct protkey_domain_info info;
	int ret = protkey_state_info(state, &info);

	if (ret)
		return ret;
	return strcmp(info.name, name) ? -EBADMSG : 0;
}

PROTKEY_EXPORT int protkey_store_load(int store, const char *name,
				      struct protkey_state *state)
{
	char file[STORE_FILE_SIZE];
	int fd, ret;

	memset(state, 0, sizeof(*state));
	ret = store_file(name, file);
	if (ret)
		return ret;
	fd = openat(store, file,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ELOOP ? -EBADMSG : -errno;
	ret = store_read(fd, state);
	close(fd);
	if (ret)
		return ret;
	ret = store_check_name(state, name);
	if (ret)
		protkey_state_free(state);
	return ret;
}

static int store_write_temp(int store, const struct protkey_state *state)
{
	int fd, ret;

	/* ours is the lock: whatever is left is of a writer that died */
	if (unlinkat(store, STORE_TEMP, 0) && errno != ENOENT)
		return -errno;
	fd = openat(store, STORE_TEMP,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	ret = pk_io_write_all(fd, state->data, state->size);
	if (!ret && fsync(fd))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	return ret;
}

PROTKEY_EXPORT int protkey_store_save(int store, const char *name,
				      const struct protkey_state *state,
				      int create)
{
	char file[STORE_FILE_SIZE];
	int ret = store_file(name, file);

	if (!ret)
		ret = store_check_name(state, name);
	if (ret)
		return ret;
	if (create && !faccessat(store, file, F_OK, AT_SYMLINK_NOFOLLOW))
		return -EEXIST;
	ret = store_write_temp(store, state);
	if (ret)
		goto err_unlink;
	if (renameat(store, STORE_TEMP, store, file)) {
		ret = -errno;
		goto err_unlink;
	}
	/* renamed: whatever happens now, a whole state is there */
	return fsync(store) ? -errno : 0;

err_unlink:
	unlinkat(store, STORE_TEMP, 0);
	return ret;
}

PROTKEY_EXPORT int protkey_store_exists(int store, const char *name)
{
	char file[STORE_FILE_SIZE];
	int ret = store_file(name, file);

	if (ret)
		return ret;
	if (!faccessat(store, file, F_OK, AT_SYMLINK_NOFOLLOW))
		return 1;
	return errno == ENOENT ? 0 : -errno;
}

static void store_overwrite(int store, const char *file)
{
	static const char zeros[4096];
	int fd = openat(store, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	off_t at;

	if (fd < 0)
		return;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		goto out_close;
	for (at = 0; at < st.st_size; at += (off_t)sizeof(zeros)) {
		off_t left = st.st_size - at;
		size_t size = left < (off_t)sizeof(zeros) ?
			      (size_t)left : sizeof(zeros);

		if (pk_io_write_all(fd, zeros, size))
			break;
	}
	fsync(fd);
out_close:
	close(fd);
}

PROTKEY_EXPORT int protkey_store_remove(int store, const char *name)
{
	char file[STORE_FILE_SIZE];
	int ret = store_file(name, file);

	if (ret)
		return ret;
	store_overwrite(store, file);
	if (unlinkat(store, file, 0))
		return -errno;
	return fsync(store) ? -errno : 0;
}

static int store_is_state(const struct dirent *entry)
{
	size_t suffix = sizeof(PROTKEY_STORE_SUFFIX) - 1;
	size_t len = strlen(entry->d_name);
	char name[PROTKEY_NAME_SIZE];

	if (len <= suffix || len - suffix >= sizeof(name) ||
	    strcmp(entry->d_name + len - suffix, PROTKEY_STORE_SUFFIX))
		return 0;
	memcpy(name, entry->d_name, len - suffix);
	name[len - suffix] = '\0';
	return protkey_domain_name_valid(name);
}

PROTKEY_EXPORT int protkey_store_list(int store,
				      int (*each)(const char *name, void *arg),
				      void *arg)
{
	size_t suffix = sizeof(PROTKEY_STORE_SUFFIX) - 1;
	struct dirent **entries;
	int i, count, ret = 0;

	count = scandirat(store, ".", &entries, store_is_state, alphasort);
	if (count < 0)
		return -errno;
	for (i = 0; i < count; i++) {
		char *name = entries[i]->d_name;

		name[strlen(name) - suffix] = '\0';
		if (!ret)
			ret = each(name, arg);
		free(entries[i]);
	}
	free(entries);
	return ret;
}
