// SPDX-License-Identifier: GPL-2.0-only
/*
 * pk-handles: many sessions and AF_ALG handles of a domain at once, for tests.
 *
 *	sessions NAME COUNT		open sessions until one is refused
 *	keys BLOBFILE COUNT		set the key in handles until one is refused
 *	  both print how many there are and what the next one gave, and hold them
 *	  until standard input ends; keys then says whether all still agree
 *	churn BLOBFILE SECONDS		set the key in new handles, again and again
 *	agree BLOBFILE CLEARFILE SECONDS
 *	  compare a handle with xts(aes) under the same key in clear, and set the
 *	  key in new handles; prints the longest time that took, in milliseconds
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "alg.h"
#include "protkey.h"
#include "util.h"

#define PAES	"xts(paes)"
#define AES	"xts(aes)"
#define SAMPLE	512

static const unsigned char iv[16];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void hold(const char *what, unsigned int count, int err)
{
	char c;

	printf("%s=%u next=%s\n", what, count, errno_name(err));
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
}

static int cmd_sessions(char **args)
{
	unsigned int count, want = (unsigned int)atoi(args[1]);
	char path[128];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/dev/protkey/%s", args[0]);
	for (count = 0; count < want; count++) {
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			die_errno(path);
		if (ioctl(fd, PROTKEY_IOC_SESSION_OPEN)) {
			err = errno;
			break;
		}
	}
	hold("sessions", count, err);
	return 0;
}

static size_t read_blob(const char *path, unsigned char *blob)
{
	size_t len = read_file(path, blob, PROTKEY_BLOB_SIZE);

	if (len != PROTKEY_BLOB_SIZE)
		die("%s is not a blob", path);
	return len;
}

static int encrypt_zeros(int sock, unsigned char *data)
{
	memset(data, 0, SAMPLE);
	return alg_crypt(sock, true, iv, data, SAMPLE);
}

static int cmd_keys(char **args)
{
	unsigned int i, count, want = (unsigned int)atoi(args[1]), agree = 0;
	unsigned char blob[PROTKEY_BLOB_SIZE], first[SAMPLE], data[SAMPLE];
	int *socks = calloc(want, sizeof(*socks)), err = 0, last = 0;

	read_blob(args[0], blob);
	for (count = 0; count < want; count++) {
		socks[count] = alg_bind(PAES);
		err = alg_set_key(socks[count], blob, sizeof(blob));
		if (err)
			break;
	}
	if (count && encrypt_zeros(socks[0], first))
		die("the first handle does not work");
	hold("keys", count, err);
	for (i = 0; i < count; i++) {
		err = encrypt_zeros(socks[i], data);
		if (err)
			last = err;
		else
			agree += !memcmp(first, data, SAMPLE);
	}
	printf("agree=%u last=%s\n", agree, errno_name(last));
	return 0;
}

static int cmd_churn(char **args)
{
	unsigned char blob[PROTKEY_BLOB_SIZE];
	double end = now() + atoi(args[1]);
	unsigned int set = 0, refused = 0;
	int sock;

	read_blob(args[0], blob);
	while (now() < end) {
		sock = alg_bind(PAES);
		if (alg_set_key(sock, blob, sizeof(blob)))
			refused++;
		else
			set++;
		close(sock);
	}
	printf("set=%u refused=%u\n", set, refused);
	return 0;
}

static int cmd_agree(char **args)
{
	unsigned char blob[PROTKEY_BLOB_SIZE], clear[64], a[SAMPLE], b[SAMPLE];
	unsigned int right = 0, wrong = 0, failed = 0;
	int paes = alg_bind(PAES), aes = alg_bind(AES), fresh;
	double start, longest = 0, end = now() + atoi(args[2]);

	read_blob(args[0], blob);
	if (read_file(args[1], clear, sizeof(clear)) != sizeof(clear) ||
	    alg_set_key(aes, clear, sizeof(clear)) ||
	    alg_set_key(paes, blob, sizeof(blob)))
		die("cannot begin");
	while (now() < end) {
		if (getrandom(a, sizeof(a), 0) != sizeof(a))
			die_errno("getrandom");
		memcpy(b, a, sizeof(a));
		if (alg_crypt(paes, true, iv, a, sizeof(a)) ||
		    alg_crypt(aes, true, iv, b, sizeof(b)))
			failed++;
		else if (memcmp(a, b, sizeof(a)))
			wrong++;
		else
			right++;
		fresh = alg_bind(PAES);
		start = now();
		if (alg_set_key(fresh, blob, sizeof(blob)))
			failed++;
		if (now() - start > longest)
			longest = now() - start;
		close(fresh);
	}
	printf("right=%u\nwrong=%u\nfailed=%u\nlongest_ms=%u\n", right, wrong,
	       failed, (unsigned int)(longest * 1000));
	return wrong || failed || !right;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		die_errno("files");
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files))
		die_errno("files");
	if (!strcmp(what, "sessions") && argc == 4)
		return cmd_sessions(argv + 2);
	if (!strcmp(what, "keys") && argc == 4)
		return cmd_keys(argv + 2);
	if (!strcmp(what, "churn") && argc == 4)
		return cmd_churn(argv + 2);
	if (!strcmp(what, "agree") && argc == 5)
		return cmd_agree(argv + 2);
	die("usage: pk-handles sessions NAME COUNT | keys BLOBFILE COUNT | churn BLOBFILE SECONDS | agree BLOBFILE CLEARFILE SECONDS");
}
