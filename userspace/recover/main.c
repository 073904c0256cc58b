// SPDX-License-Identifier: GPL-2.0-only
/*
 * protkey-recover: open key blobs without the module.
 *
 * Disaster recovery, and an independent check of the formats.  It prints keys
 * in clear: use it on a machine that is off the network, and destroy what it
 * wrote.
 */
#include <argon2.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include <openssl/crypto.h>

#include "recover.h"

#define STATE_ROOM	(1024 * 1024)

static const char usage[] =
"usage: protkey-recover [OPTION...] [BLOB...]\n"
"\n"
"Prints, in hexadecimal, the key in each BLOB; without BLOB the master key.\n"
"\n"
"  --state FILE            sealed state of the domain\n"
"  --passphrase-file FILE  its passphrase (-: standard input)\n"
"  --kek HEX-FILE          or its KEK, 64 hexadecimal digits\n"
"  --slot N                of the sealed state, default 0 (a passphrase, or\n"
"                          with --kek any)\n"
"  --master-key HEX-FILE   instead of all these: the master key\n"
"  --raw                   the key's bytes instead of hexadecimal\n"
"  --selftest              check the primitives against known answers\n"
"\n"
"exit status: 0 ok, 2 usage, 8 wrong passphrase or key, 9 damaged, 11 I/O\n";

struct options {
	const char *state, *passphrase, *kek, *master_key;
	unsigned int slot;
	int raw;
};

static uint8_t state[STATE_ROOM];
/* Secrets: one page, locked. */
static struct {
	uint8_t kek[KEY_SIZE];
	uint8_t mk[KEY_SIZE];
	struct opened_key key;
	uint8_t text[2048];
} *secret;

static int complain(int status, const char *file, const char *what)
{
	fprintf(stderr, "protkey-recover: %s%s%s\n", file, *file ? ": " : "",
		what);
	return status;
}

static int read_file(const char *path, uint8_t *buf, size_t room, size_t *size)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;

	if (!file)
		return complain(11, path, strerror(errno));
	setvbuf(file, NULL, _IONBF, 0);
	*size = fread(buf, 1, room, file);
	if (ferror(file) || (*size == room && fgetc(file) != EOF)) {
		fclose(file);
		return complain(11, path, "cannot be read, or too long");
	}
	fclose(file);
	return 0;
}

static int read_hex_key(const char *path, uint8_t key[KEY_SIZE])
{
	size_t size, i;
	unsigned int byte;
	int status = read_file(path, secret->text, sizeof(secret->text) - 1,
			       &size);

	if (status)
		return status;
	secret->text[size] = '\0';
	for (i = 0; i < KEY_SIZE; i++) {
		if (sscanf((char *)secret->text + 2 * i, "%2x", &byte) != 1)
			return complain(2, path, "64 hexadecimal digits are wanted");
		key[i] = (uint8_t)byte;
	}
	return 0;
}

static int kek_of_passphrase(const char *path, const struct seal *seal)
{
	size_t size;
	int status = read_file(path, secret->text, sizeof(secret->text), &size);

	if (status)
		return status;
	if (size && secret->text[size - 1] == '\n')
		size--;
	if (argon2id_hash_raw(seal->time_cost, seal->memory_kib,
			      seal->parallelism, secret->text, size,
			      seal->salt, sizeof(seal->salt), secret->kek,
			      KEY_SIZE) != ARGON2_OK)
		return complain(9, "", "argon2id fails with these parameters");
	return 0;
}

static int get_master_key(const struct options *o)
{
	struct seal seal;
	const char *wrong;
	size_t size;
	int status;

	if (o->master_key)
		return read_hex_key(o->master_key, secret->mk);
	if (!o->state || !o->passphrase == !o->kek)
		return complain(2, "", "give --master-key, or --state with --passphrase-file or --kek");
	status = read_file(o->state, state, sizeof(state), &size);
	if (status)
		return status;
	wrong = find_seal(state, size, o->slot, &seal);
	if (wrong)
		return complain(9, o->state, wrong);
	if (o->passphrase && seal.kind != SEAL_PASSPHRASE)
		return complain(2, o->state, "this slot is a TPM's or clevis', or of shares: try the --slot of a passphrase, or give --kek");
	status = o->kek ? read_hex_key(o->kek, secret->kek) :
		 kek_of_passphrase(o->passphrase, &seal);
	if (status)
		return status;
	wrong = open_state(state, size, &seal, secret->kek, secret->mk);
	return wrong ? complain(8, o->state, wrong) : 0;
}

static int print(const uint8_t *bytes, size_t size, int raw)
{
	size_t i;

	if (raw)
		fwrite(bytes, 1, size, stdout);
	for (i = 0; !raw && i < size; i++)
		printf("%02x", bytes[i]);
	if (!raw)
		putchar('\n');
	return fflush(stdout) ? complain(11, "output", strerror(errno)) : 0;
}

static int recover_blob(const char *path, int raw)
{
	uint8_t blob[512];
	const char *wrong;
	size_t size;
	int status = read_file(path, blob, sizeof(blob), &size);

	if (status)
		return status;
	wrong = open_blob(blob, size, secret->mk, &secret->key);
	if (wrong)
		return complain(strstr(wrong, "another master") ? 8 : 9, path,
				wrong);
	return print(secret->key.payload, secret->key.size, raw);
}

/* For the vectors of NIST: "unwrap KEK DATA", "kdf KI FIXED BYTES", in hex. */
static int vector(char **argv)
{
	long len[2];
	uint8_t *key = OPENSSL_hexstr2buf(argv[1], &len[0]);
	uint8_t *data = OPENSSL_hexstr2buf(argv[2], &len[1]);
	uint8_t out[256];
	size_t size = argv[3] ? (size_t)atoi(argv[3]) : 0;
	int ret = -1;

	if (key && data && len[0] == KEY_SIZE && size <= sizeof(out))
		ret = strcmp(argv[0], "unwrap") ?
		      kdf_fixed(key, data, (size_t)len[1], out, size) :
		      unwrap(key, data, (size_t)len[1], out, &size);
	return ret ? complain(9, "", "refused") : print(out, size, 0);
}

static int parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "state", required_argument, NULL, 's' },
		{ "passphrase-file", required_argument, NULL, 'p' },
		{ "kek", required_argument, NULL, 'k' },
		{ "slot", required_argument, NULL, 'n' },
		{ "master-key", required_argument, NULL, 'm' },
		{ "raw", no_argument, NULL, 'r' },
		{ "selftest", no_argument, NULL, 't' },
		{ "vector", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", longs, NULL)) >= 0) {
		switch (c) {
		case 's': o->state = optarg; break;
		case 'p': o->passphrase = optarg; break;
		case 'k': o->kek = optarg; break;
		case 'n': o->slot = (unsigned int)atoi(optarg); break;
		case 'm': o->master_key = optarg; break;
		case 'r': o->raw = 1; break;
		case 'v': return argc - optind >= 3 ? vector(argv + optind) : 2;
		case 't':
			puts(selftest() ? "FAILED" : "ok");
			return selftest() ? 1 : 0;
		case 'h': fputs(usage, stdout); return 0;
		default: fputs(usage, stderr); return 2;
		}
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	int i, status;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	status = parse(argc, argv, &o);
	if (status >= 0)
		return status;
	if (selftest())
		return complain(1, "", "OpenSSL gives wrong answers");
	secret = mmap(NULL, sizeof(*secret), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (secret == MAP_FAILED || mlock(secret, sizeof(*secret)))
		return complain(1, "", "no locked memory (ulimit -l)");
	status = get_master_key(&o);
	if (!status && optind == argc)
		status = print(secret->mk, KEY_SIZE, o.raw);
	for (i = optind; !status && i < argc; i++)
		status = recover_blob(argv[i], o.raw);
	OPENSSL_cleanse(secret, sizeof(*secret));
	return status;
}
