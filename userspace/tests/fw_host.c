// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: fw_host ROOT [CHECK]...
 *        fw_host ROOT --damage CHECK PATH
 *
 * The host checks on a tree that stands for a machine: NAME, STATE and what
 * was found, with tabs between.  --damage runs one check with each bit of a
 * file below ROOT flipped, and with the file cut off at each length; it prints
 * the lengths at which the check was good.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../fw/host.h"

#define ROOM	4096

static void run(const struct host *host, const struct host_check *check,
		struct host_fact *fact)
{
	/* what a reader leaves out would show */
	memset(fact, 0xee, sizeof(*fact));
	check->read(host, fact);
	if (!memchr(fact->value, '\0', sizeof(fact->value)) ||
	    fact->state >= HOST_STATES)
		abort();
}

static void print(const struct host *host, const struct host_check *check)
{
	struct host_fact fact;

	run(host, check, &fact);
	printf("%s\t%s\t%s\n", check->name, host_state_name(fact.state),
	       fact.value);
}

static void put(int fd, const char *bytes, size_t size)
{
	if (pwrite(fd, bytes, size, 0) != (ssize_t)size ||
	    ftruncate(fd, (off_t)size))
		abort();
}

static int damage(const struct host *host, const struct host_check *check,
		  const char *path)
{
	int fd = openat(host->root, path, O_RDWR);
	char good[ROOM], bad[ROOM];
	struct host_fact fact;
	ssize_t size;
	size_t i;

	size = fd < 0 ? -1 : read(fd, good, sizeof(good));
	if (!check || size <= 0 || size == ROOM)
		return 2;
	for (i = 0; i < (size_t)size * 8; i++) {
		memcpy(bad, good, (size_t)size);
		bad[i / 8] ^= (char)(1 << (i % 8));
		put(fd, bad, (size_t)size);
		run(host, check, &fact);
	}
	for (i = 0; i < (size_t)size; i++) {
		put(fd, good, i);
		run(host, check, &fact);
		if (fact.state == HOST_OK)
			printf(" %zu", i);
	}
	put(fd, good, (size_t)size);
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	const struct host_check *check;
	struct host_root root;
	struct host host;
	int i;

	if (argc < 2 || host_open(&host, argv[1]))
		return 2;
	if (argc == 5 && !strcmp(argv[2], "--damage"))
		return damage(&host, host_find(argv[3]), argv[4]);
	for (check = host_checks; argc == 2 && check->name; check++)
		print(&host, check);
	for (i = 2; i < argc; i++) {
		check = host_find(argv[i]);
		if (!check)
			return 2;
		print(&host, check);
	}
	host_root_read(&host, &root);
	if (argc == 2)
		printf("root\t%s\t%s\n", root.stopped ? "stopped" : "free",
		       root.why);
	host_close(&host);
	return 0;
}
