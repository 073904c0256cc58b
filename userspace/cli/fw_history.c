// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a checker remembers in its directory, one small file each:
 *
 *	serial.HASH	the highest serial number of the reference of this name
 *	machine.KEY	the TPM's counters and the boot at the last good quote
 *	nonce.HEX	when this nonce was given out; gone once it was used, or
 *			after a day
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../fw/field.h"
#include "fw_check.h"

#define NONCE_LIFE	(24 * 3600)	/* seconds in which it is to be used */
#define NAME_ROOM	160
#define TEXT_ROOM	128

int fw_history_open(const char *dir, struct fw_history *history)
{
	struct stat st;
	int err;

	history->dir = history->lock = -1;
	if (!dir)
		return EXIT_OK;
	if (mkdir(dir, 0700) && errno != EEXIST)
		return fail_errno(-errno, dir);
	history->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (history->dir < 0 || fstat(history->dir, &st))
		return fail_errno(-errno, dir);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return fail(EXIT_REFUSED, "%s: others can write there: chmod go-w",
			    dir);
	history->lock = openat(history->dir, "lock",
			       O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (history->lock < 0 || flock(history->lock, LOCK_EX)) {
		err = -errno;
		fw_history_close(history);
		return fail_errno(err, dir);
	}
	return EXIT_OK;
}

void fw_history_close(struct fw_history *history)
{
	if (history->lock >= 0)
		close(history->lock);
	if (history->dir >= 0)
		close(history->dir);
	history->dir = history->lock = -1;
}

/* 0, -ENOENT, or another error. */
static int remembered(const struct fw_history *history, const char *name,
		      char text[TEXT_ROOM])
{
	int fd = openat(history->dir, name, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	int ret;

	if (fd < 0)
		return -errno;
	ret = fd_read(fd, text, TEXT_ROOM - 1, &size);
	close(fd);
	text[size] = '\0';
	return ret;
}

static int remember(const struct fw_history *history, const char *name,
		    const char *text)
{
	char path[NAME_ROOM + 32];
	int ret;

	/* the directory itself, wherever it is moved meanwhile */
	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", history->dir, name);
	ret = file_replace(path, text, strlen(text), 0600);
	return ret ? fail_errno(ret, name) : EXIT_OK;
}

int fw_history_reference(struct fw_history *history,
			 const struct fw_reference *ref)
{
	char name[NAME_ROOM] = "serial.", text[TEXT_ROOM];
	struct fw_digest digest;
	unsigned long long highest = 0;
	int ret;

	if (history->dir < 0)
		return EXIT_OK;
	ret = fw_digest_of(FW_SHA256, ref->name, strlen(ref->name), &digest);
	if (ret)
		return fail_errno(ret, "SHA-256");
	fw_hex_encode(digest.bytes, digest.size, name + strlen(name));
	ret = remembered(history, name, text);
	if (ret && ret != -ENOENT)
		return fail_errno(ret, name);
	if (!ret && sscanf(text, "%llu", &highest) != 1)
		return fail(EXIT_DAMAGED, "%s is damaged: it held the newest serial number of '%s'",
			    name, ref->name);
	if (ref->serial < highest)
		return fail(EXIT_FW_REFERENCE, "the reference '%s' has serial number %llu, and %llu was seen before: somebody put an old one back",
			    ref->name, (unsigned long long)ref->serial, highest);
	snprintf(text, sizeof(text), "%llu\n", (unsigned long long)ref->serial);
	return ref->serial == highest ? EXIT_OK : remember(history, name, text);
}

/* What the TPM counted, against the last time. */
static int compare(const struct fw_evidence *ev, struct fw_judgement *of,
		   const char *text)
{
	unsigned int reset, restart;
	char boot[40];

	if (sscanf(text, "%u %u %39s", &reset, &restart, boot) != 3)
		return fw_judgement_add(of, FW_TPM_RESET, "tpm",
					"what was remembered of its counters is damaged");
	if (of->reset_count < reset)
		return fw_judgement_add(of, FW_TPM_RESET, "tpm",
					"it counts %u resets, and %u before",
					of->reset_count, reset);
	if (!strcmp(boot, *ev->boot_id ? ev->boot_id : "-") &&
	    of->reset_count != reset)
		return fw_judgement_add(of, FW_TPM_RESET, "tpm",
					"it was reset %u times within this boot",
					of->reset_count - reset);
	return 0;
}

int fw_history_machine(struct fw_history *history,
		       const struct fw_evidence *ev, struct fw_judgement *of)
{
	char name[NAME_ROOM] = "machine.", text[TEXT_ROOM];
	int ret;

	if (history->dir < 0 || !of->quote_good)
		return EXIT_OK;
	fw_hex_encode(ev->key_name, sizeof(ev->key_name), name + strlen(name));
	ret = remembered(history, name, text);
	if (ret && ret != -ENOENT)
		return fail_errno(ret, name);
	if (!ret && compare(ev, of, text))
		return fail_errno(-ENOMEM, name);
	/* a reset stays an alarm until the machine is started anew */
	if (of->of[FW_TAMPERED])
		return EXIT_OK;
	snprintf(text, sizeof(text), "%u %u %s\n", of->reset_count,
		 of->restart_count, *ev->boot_id ? ev->boot_id : "-");
	return remember(history, name, text);
}

static void nonce_name(const uint8_t nonce[FW_NONCE_SIZE],
		       char name[NAME_ROOM])
{
	strcpy(name, "nonce.");
	fw_hex_encode(nonce, FW_NONCE_SIZE, name + strlen(name));
}

/* Challenges that nobody answered in time: they would never count again. */
static void expire(const struct fw_history *history)
{
	DIR *dir = fdopendir(openat(history->dir, ".", O_RDONLY | O_DIRECTORY |
							O_CLOEXEC));
	time_t now = time(NULL);
	struct dirent *entry;
	struct stat st;

	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, "nonce.", 6) &&
		    !fstatat(history->dir, entry->d_name, &st, 0) &&
		    now - st.st_mtime > NONCE_LIFE)
			unlinkat(history->dir, entry->d_name, 0);
	if (dir)
		closedir(dir);
}

int fw_history_challenge(struct fw_history *history,
			 const uint8_t nonce[FW_NONCE_SIZE])
{
	char name[NAME_ROOM], text[TEXT_ROOM];

	expire(history);
	nonce_name(nonce, name);
	snprintf(text, sizeof(text), "%llu\n", (unsigned long long)time(NULL));
	return remember(history, name, text);
}

bool fw_history_use(struct fw_history *history,
		    const uint8_t nonce[FW_NONCE_SIZE])
{
	char name[NAME_ROOM], text[TEXT_ROOM];
	unsigned long long made, now = (unsigned long long)time(NULL);
	bool known;

	nonce_name(nonce, name);
	known = !remembered(history, name, text) &&
		sscanf(text, "%llu", &made) == 1;
	/* used up before it counts: a crash may lose it, never give it twice */
	if (!known || unlinkat(history->dir, name, 0) || fsync(history->dir))
		return false;
	return made <= now && now - made <= NONCE_LIFE;
}
