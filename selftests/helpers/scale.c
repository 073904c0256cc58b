// SPDX-License-Identifier: GPL-2.0-only
/*
 * pk-scale DOMAINS KEYS: what operations cost with few and with many domains and
 * keys, in one run: 1 domain with 10 keys, then as many as were asked for. Every key
 * is in an AF_ALG handle of its own.
 *
 * Prints "OPERATION FEW MANY", lower quartiles in nanoseconds (what disturbs only
 * adds), and "domains=", "keys=", "slots=" as the module counts them at the end.
 * Standard error says how far it is.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "alg.h"
#include "protkey.h"
#include "util.h"

#define CIPHER	"xts(paes)"
#define FEW_KEYS 10
#define SAMPLES	101

struct domain {
	unsigned char blob[PROTKEY_BLOB_SIZE];
	unsigned char state[1024];
	__u32 state_size;
};

static struct domain *domains;
static unsigned int domain_count;
static int control;
static int worker;		/* a handle that has a key */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static const char *name_of(unsigned int number)
{
	static char name[PROTKEY_NAME_SIZE];

	snprintf(name, sizeof(name), "d%u", number);
	return name;
}

static int open_domain(unsigned int number)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/protkey/%s", name_of(number));
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die_errno(path);
	return fd;
}

static void create(unsigned int number, struct domain *d)
{
	struct protkey_domain_create req = {
		.seal = { .kind = PROTKEY_SEAL_PASSPHRASE, .time_cost = 1,
			  .memory_kib = 64, .parallelism = 1 },
		.state_ptr = (unsigned long)d->state,
		.state_size = sizeof(d->state),
	};

	strcpy(req.name, name_of(number));
	if (ioctl(control, PROTKEY_IOC_DOMAIN_CREATE, &req))
		die_errno("create");
	d->state_size = req.state_size;
}

static void generate(unsigned int number, struct domain *d)
{
	struct protkey_key_make make = { .type = PROTKEY_KEY_XTS_256 };
	int fd = open_domain(number);

	if (ioctl(fd, PROTKEY_IOC_KEY_GENERATE, &make))
		die_errno("generate");
	memcpy(d->blob, make.blob, sizeof(d->blob));
	close(fd);
}

static void add_domain(void)
{
	create(domain_count, &domains[domain_count]);
	generate(domain_count, &domains[domain_count]);
	domain_count++;
}

static int add_key(unsigned int number)
{
	int sock = alg_bind(CIPHER);

	errno = alg_set_key(sock, domains[number].blob, PROTKEY_BLOB_SIZE);
	if (errno)
		die_errno("set-key");
	return sock;
}

/* Domains in an order that no cache and no list likes. */
static unsigned int pick(unsigned int sample)
{
	return sample * 7919 % domain_count;
}

/* ---- operations: the nanoseconds of one -------------------------------------- */

static double do_setkey(unsigned int i)
{
	int sock = alg_bind(CIPHER);
	double start = now();

	errno = alg_set_key(sock, domains[pick(i)].blob, PROTKEY_BLOB_SIZE);
	start = now() - start;
	if (errno)
		die_errno("set-key");
	close(sock);
	return start;
}

/* Refused after the look-up: its cost and little else. */
static double do_lookup(unsigned int i)
{
	unsigned char blob[PROTKEY_BLOB_SIZE];
	int sock = alg_bind(CIPHER), err;
	double start;

	memcpy(blob, domains[pick(i)].blob, sizeof(blob));
	blob[32] ^= 0xff;	/* of the domain's UUID */
	start = now();
	err = alg_set_key(sock, blob, sizeof(blob));
	start = now() - start;
	if (err != ENOKEY)
		die("an unknown domain gave %s", errno_name(err));
	close(sock);
	return start;
}

static double do_open(unsigned int i)
{
	unsigned int number = pick(i);
	double start = now();
	int fd = open_domain(number);

	start = now() - start;
	close(fd);
	return start;
}

static double do_session(unsigned int i)
{
	int fd = open_domain(pick(i));
	double start = now();

	if (ioctl(fd, PROTKEY_IOC_SESSION_OPEN))
		die_errno("session");
	start = now() - start;
	close(fd);
	return start;
}

static double do_bind(unsigned int i)
{
	double start = now();
	int sock = alg_bind(CIPHER);

	(void)i;
	start = now() - start;
	close(sock);
	return start;
}

static double do_encrypt(unsigned int i)
{
	static const unsigned char iv[16];
	unsigned char data[512] = { 0 };
	double start = now();

	(void)i;
	errno = alg_crypt(worker, true, iv, data, sizeof(data));
	start = now() - start;
	if (errno)
		die_errno("encrypt");
	return start;
}

static double do_create(unsigned int i)
{
	struct protkey_domain_name name = { .name = "extra" };
	static struct domain extra;
	double start = now();
	struct protkey_domain_create req = {
		.name = "extra",
		.seal = { .kind = PROTKEY_SEAL_PASSPHRASE, .time_cost = 1,
			  .memory_kib = 64, .parallelism = 1 },
		.state_ptr = (unsigned long)extra.state,
		.state_size = sizeof(extra.state),
	};

	(void)i;
	if (ioctl(control, PROTKEY_IOC_DOMAIN_CREATE, &req))
		die_errno("create");
	start = now() - start;
	if (ioctl(control, PROTKEY_IOC_DOMAIN_DELETE, &name))
		die_errno("delete");
	return start;
}

/* Of the first domain, which has the same keys in both runs. */
static double do_unlock(unsigned int i)
{
	struct protkey_domain_lock lock = { .flags = PROTKEY_LOCK_FORCE };
	struct protkey_domain_unlock unlock = {
		.state_ptr = (unsigned long)domains[0].state,
		.state_size = domains[0].state_size,
	};
	int fd = open_domain(0);
	double start;

	(void)i;
	if (ioctl(fd, PROTKEY_IOC_DOMAIN_LOCK, &lock))
		die_errno("lock");
	start = now();
	if (ioctl(control, PROTKEY_IOC_DOMAIN_UNLOCK, &unlock))
		die_errno("unlock");
	start = now() - start;
	close(fd);
	if (unlock.keys_prepared != FEW_KEYS)
		die("%u keys were prepared", unlock.keys_prepared);
	return start;
}

static struct operation {
	const char *name;
	double (*run)(unsigned int i);
	double few;
} operations[] = {
	{ "setkey", do_setkey, 0 },
	{ "lookup", do_lookup, 0 },
	{ "open", do_open, 0 },
	{ "session", do_session, 0 },
	{ "bind", do_bind, 0 },
	{ "encrypt", do_encrypt, 0 },
	{ "create", do_create, 0 },
	{ "unlock", do_unlock, 0 },
};

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double cost(double (*run)(unsigned int i))
{
	double samples[SAMPLES];
	unsigned int i;

	for (i = 0; i < SAMPLES; i++)
		samples[i] = run(i);
	qsort(samples, SAMPLES, sizeof(samples[0]), by_size);
	return samples[SAMPLES / 4];
}

static void measure(bool many)
{
	struct operation *op = operations;
	size_t i;

	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++, op++) {
		double now_is = cost(op->run);

		if (many)
			printf("%s %.0f %.0f\n", op->name, op->few, now_is);
		else
			op->few = now_is;
	}
}

static void fill(unsigned int want_domains, unsigned int want_keys)
{
	unsigned int i;

	while (domain_count < want_domains)
		add_domain();
	fprintf(stderr, "%u domains\n", domain_count);
	/* the first one keeps its few */
	for (i = FEW_KEYS; i < want_keys; i++) {
		add_key(1 + i % (want_domains - 1));
		if (i % 10000 == 0)
			fprintf(stderr, "%u keys\n", i);
	}
}

static void report(void)
{
	struct protkey_status status;

	if (ioctl(control, PROTKEY_IOC_STATUS, &status))
		die_errno("status");
	printf("domains=%u\nkeys=%llu\nslots=%u\n", status.domains,
	       (unsigned long long)status.keys, status.slots_used);
}

/* Locked domains let their handles go without a grace period for each. */
static void end(void)
{
	struct protkey_domain_lock lock = { .flags = PROTKEY_LOCK_FORCE };
	unsigned int i;
	int fd;

	for (i = 0; i < domain_count; i++) {
		fd = open_domain(i);
		if (ioctl(fd, PROTKEY_IOC_DOMAIN_LOCK, &lock))
			die_errno("lock");
		close(fd);
	}
	fprintf(stderr, "locked\n");
}

int main(int argc, char **argv)
{
	unsigned int i, want_domains = argc == 3 ? (unsigned int)atoi(argv[1]) : 0;
	unsigned int want_keys = argc == 3 ? (unsigned int)atoi(argv[2]) : 0;
	struct rlimit files = { want_keys + 1000, want_keys + 1000 };

	if (want_domains < 2 || want_keys < FEW_KEYS)
		die("usage: pk-scale DOMAINS KEYS");
	if (setrlimit(RLIMIT_NOFILE, &files))
		die_errno("files");
	control = open("/dev/protkey/control", O_RDWR | O_CLOEXEC);
	domains = calloc(want_domains, sizeof(*domains));
	if (control < 0 || !domains)
		die_errno("control");
	add_domain();
	for (i = 0; i < FEW_KEYS; i++)
		worker = add_key(0);
	measure(false);
	fill(want_domains, want_keys);
	measure(true);
	report();
	end();
	return 0;
}
