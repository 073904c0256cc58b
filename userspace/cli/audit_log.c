// SPDX-License-Identifier: GPL-2.0-only
/* The audit log's file: see audit.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "audit.h"
#include "../fw/digest.h"

#define BATCH	64

const char *audit_path(void)
{
	const char *path = secure_getenv("PROTKEY_AUDIT_LOG");

	return path && *path ? path : AUDIT_LOG_DEFAULT;
}

void audit_hash(const struct protkey_audit_entry *entry,
		uint8_t hash[PROTKEY_AUDIT_HASH_SIZE])
{
	EVP_Digest(entry, sizeof(*entry), hash, NULL, EVP_sha256(), NULL);
}

/* ---- reading -------------------------------------------------------------- */

int audit_load(const char *path, struct audit_log *log)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *map;

	memset(log, 0, sizeof(*log));
	if (fd < 0 || fstat(fd, &st)) {
		if (fd >= 0)
			close(fd);
		return fail_errno(-errno, path);
	}
	log->size = (size_t)st.st_size;
	log->count = log->size / sizeof(*log->entries);
	log->rest = log->size % sizeof(*log->entries);
	map = log->size ? mmap(NULL, log->size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
	close(fd);
	if (map == MAP_FAILED)
		return fail_errno(-errno, path);
	log->entries = map;
	return EXIT_OK;
}

void audit_free(struct audit_log *log)
{
	if (log->size)
		munmap((void *)log->entries, log->size);
	memset(log, 0, sizeof(*log));
}

/* ---- links ---------------------------------------------------------------- */

void audit_link_of(const struct protkey_audit_entry *entry, struct audit_link *link)
{
	uint8_t hash[PROTKEY_AUDIT_HASH_SIZE];

	audit_hash(entry, hash);
	memcpy(link->segment, entry->segment, sizeof(link->segment));
	link->sequence = entry->sequence;
	memcpy(link->hash, hash, sizeof(link->hash));
}

static void link_text(const struct audit_link *link, char *text, size_t room)
{
	char segment[HEX_ROOM(PROTKEY_UUID_SIZE)], hash[HEX_ROOM(AUDIT_LINK_HASH)];

	snprintf(text, room, "follows %s %" PRIu64 " %s",
		 hex_text(link->segment, sizeof(link->segment), segment),
		 link->sequence, hex_text(link->hash, sizeof(link->hash), hash));
}

bool audit_link_read(const struct protkey_audit_entry *entry, struct audit_link *link)
{
	char segment[HEX_ROOM(PROTKEY_UUID_SIZE)], hash[HEX_ROOM(AUDIT_LINK_HASH)];
	char text[sizeof(entry->text)];

	memcpy(text, entry->text, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	return entry->event == PROTKEY_AUDIT_NOTE &&
	       sscanf(text, "follows %32s %" SCNu64 " %32s", segment,
		      &link->sequence, hash) == 3 &&
	       fw_hex_decode(segment, link->segment, sizeof(link->segment)) &&
	       fw_hex_decode(hash, link->hash, sizeof(link->hash));
}

/* ---- collecting ----------------------------------------------------------- */

/* The folder of the file; the one above it must be there. */
static int make_dir(const char *path)
{
	char *dir = strdup(path), *slash;
	int ret = 0;

	if (!dir)
		return -ENOMEM;
	slash = strrchr(dir, '/');
	if (slash && slash != dir) {
		*slash = '\0';
		if (mkdir(dir, 0700) && errno != EEXIST)
			ret = -errno;
	}
	free(dir);
	return ret;
}

/* The last whole entry; half a one is of a writer that was killed, and goes. */
static int last_entry(int fd, struct protkey_audit_entry *last, bool *any)
{
	const off_t unit = sizeof(*last);
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	*any = st.st_size >= unit;
	if (st.st_size % unit && ftruncate(fd, st.st_size - st.st_size % unit))
		return -errno;
	if (!*any)
		return 0;
	return pread(fd, last, sizeof(*last), st.st_size / unit * unit - unit) ==
	       (ssize_t)sizeof(*last) ? 0 : -EIO;
}

static int open_log(const char *path)
{
	int ret = make_dir(path), fd;

	if (ret)
		return ret;
	fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || !flock(fd, LOCK_EX))
		return fd < 0 ? -errno : fd;
	ret = -errno;
	close(fd);
	return ret;
}

/* The first entries of a load of the module: say what the log ended with. */
static int link_to(int control, const struct protkey_audit_entry *last)
{
	struct protkey_audit_note note = { .event = PROTKEY_AUDIT_NOTE };
	struct audit_link link;

	audit_link_of(last, &link);
	link_text(&link, note.text, sizeof(note.text));
	return protkey_audit_note(control, &note);
}

struct collector {
	int control, fd;
	struct protkey_audit_entry last;	/* in the file */
	bool any;
	struct protkey_audit_entry batch[BATCH];
	size_t added;
};

static int read_batch(struct collector *c, unsigned int *count)
{
	struct protkey_audit_read req = {
		.entries_ptr = (uintptr_t)c->batch, .room = BATCH,
	};
	struct protkey_audit_read now = { 0 };
	int ret = protkey_audit_read(c->control, &now);
	bool same;

	if (ret)
		return ret;
	same = c->any && !memcmp(now.segment, c->last.segment, sizeof(now.segment));
	if (c->any && !same && !c->added) {
		ret = link_to(c->control, &c->last);
		if (ret && ret != -EACCES)
			return ret;
	}
	req.after = same ? c->last.sequence : 0;
	ret = protkey_audit_read(c->control, &req);
	if (!ret && req.count && c->batch[0].sequence > req.after + 1)
		warn("%" PRIu64 " audit entries are lost: nobody collected them in time",
		     (uint64_t)(c->batch[0].sequence - req.after - 1));
	*count = req.count;
	return ret;
}

static int collect(struct collector *c)
{
	unsigned int count;
	int ret = last_entry(c->fd, &c->last, &c->any);

	while (!ret) {
		ret = read_batch(c, &count);
		if (ret || !count)
			break;
		ret = fd_write(c->fd, c->batch, count * sizeof(c->batch[0]));
		c->last = c->batch[count - 1];
		c->any = true;
		c->added += count;
	}
	if (!ret && c->added && fdatasync(c->fd))
		ret = -errno;
	return ret;
}

int audit_collect(const char *path, size_t *added)
{
	struct collector *c = calloc(1, sizeof(*c));
	int ret, status;

	if (!c)
		return fail_errno(-ENOMEM, path);
	status = control_open(&c->control);
	if (status) {
		free(c);
		return status;
	}
	c->fd = open_log(path);
	ret = c->fd < 0 ? c->fd : collect(c);
	if (c->fd >= 0)
		close(c->fd);
	close(c->control);
	if (added)
		*added = c->added;
	free(c);
	return ret ? fail_errno(ret, path) : EXIT_OK;
}
