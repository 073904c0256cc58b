// SPDX-License-Identifier: GPL-2.0-only
/* The directory of certificates that may sign references. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "signature.h"

#define CERT_MAX	(64 << 10)

static bool is_certificate(const char *name)
{
	static const char *const ends[] = { ".pem", ".crt", ".cer", ".der" };
	size_t size = strlen(name), i;

	for (i = 0; *name != '.' && i < sizeof(ends) / sizeof(ends[0]); i++)
		if (size > 4 && !strcmp(name + size - 4, ends[i]))
			return true;
	return false;
}

bool fw_guarded(const struct stat *st)
{
	return (!st->st_uid || st->st_uid == geteuid()) &&
	       !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static X509 *decode(const unsigned char *data, ssize_t size)
{
	BIO *bio = BIO_new_mem_buf(data, (int)size);
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	if (!cert)
		cert = d2i_X509(NULL, &data, size);
	ERR_clear_error();
	return cert;
}

static int load_one(int dir, const char *name, X509 **cert, char why[160])
{
	unsigned char data[CERT_MAX];
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t size;
	int ret = 0;

	if (fd < 0 || fstat(fd, &st)) {
		ret = -errno;
		snprintf(why, 160, "%.80s: %s", name, strerror(-ret));
	} else if (!fw_guarded(&st)) {
		ret = -EPERM;
		snprintf(why, 160, "%.80s: others can write it", name);
	} else {
		size = read(fd, data, sizeof(data));
		*cert = size > 0 ? decode(data, size) : NULL;
		if (!*cert) {
			ret = -EBADMSG;
			snprintf(why, 160, "%.80s: no certificate", name);
		}
	}
	if (fd >= 0)
		close(fd);
	return ret;
}

static int load_all(DIR *dir, struct fw_trust *trust, char why[160])
{
	struct dirent *entry;
	X509 **more;
	int ret = 0;

	while (!ret && (entry = readdir(dir))) {
		if (!is_certificate(entry->d_name))
			continue;
		more = reallocarray(trust->list, trust->count + 1,
				    sizeof(*more));
		if (!more)
			return -ENOMEM;
		trust->list = more;
		ret = load_one(dirfd(dir), entry->d_name,
			       &trust->list[trust->count], why);
		if (!ret)
			trust->count++;
	}
	if (!ret && !trust->count) {
		ret = -ENOENT;
		snprintf(why, 160, "there is no certificate");
	}
	return ret;
}

int fw_trust_load(const char *path, struct fw_trust *trust, char why[160])
{
	DIR *dir = opendir(path);
	struct stat st;
	int ret;

	memset(trust, 0, sizeof(*trust));
	if (!dir || fstat(dirfd(dir), &st)) {
		ret = -errno;
		snprintf(why, 160, "%s", strerror(-ret));
	} else if (!fw_guarded(&st)) {
		ret = -EPERM;
		snprintf(why, 160, "others can write there");
	} else {
		ret = load_all(dir, trust, why);
	}
	if (dir)
		closedir(dir);
	if (ret)
		fw_trust_free(trust);
	return ret;
}

void fw_trust_free(struct fw_trust *trust)
{
	while (trust->count)
		X509_free(trust->list[--trust->count]);
	free(trust->list);
	memset(trust, 0, sizeof(*trust));
}
