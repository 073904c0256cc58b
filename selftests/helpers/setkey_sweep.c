// SPDX-License-Identifier: GPL-2.0-only
/*
 * pk-setkey-sweep: set keys that must be refused, through AF_ALG.
 *
 *	raw			raw keys of 16..64 bytes
 *	truncated BLOBFILE	the blob cut off at every length, and one byte more
 *	flipped BLOBFILE	the blob with each of its 2048 bits flipped
 *	random			bytes of a blob's length, as dm-crypt wipes a key
 *
 * One line for each errno seen, then one for each key with a wrong answer.
 * Exit status 1 if there was one.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "alg.h"
#include "protkey.h"
#include "util.h"

#define CIPHER	"xts(paes)"
#define MAX_ERRNO 256

/* What a flipped bit in a field of the header may give; see kmod/keyblob.h. */
static const struct field {
	const char *name;
	unsigned int end;	/* first byte after it */
	int errnos[3];
} fields[] = {
	{ "magic", 8, { EBADMSG } },
	{ "version", 10, { EBADMSG, EOPNOTSUPP } },
	/* one bit from xts-* is hmac-*, of the same size but of no use here */
	{ "type", 12, { EBADMSG, EKEYREJECTED, EINVAL } },
	{ "length", 16, { EBADMSG } },
	{ "key_id", 32, { EKEYREJECTED } },
	{ "domain", 48, { ENOKEY } },
	{ "mk_pattern", 64, { ESTALE } },
	{ "pattern", 80, { EKEYREJECTED } },
	{ "volume", 96, { EKEYREJECTED } },
	{ "validity", 112, { EKEYREJECTED, EBADMSG } },
	{ "usage", 116, { EKEYREJECTED, EBADMSG } },
	{ "flags", 120, { EKEYREJECTED, EBADMSG } },
	{ "key_size", 122, { EBADMSG } },
	{ "reserved", 184, { EBADMSG } },
	{ "wrapped", PROTKEY_BLOB_SIZE, { EKEYREJECTED } },
};

static int sock;
static unsigned int seen[MAX_ERRNO];
static unsigned int wrong;

static bool one_of(int err, const int *errnos)
{
	size_t i;

	for (i = 0; i < 3; i++) {
		if (errnos[i] && err == errnos[i])
			return true;
	}
	return false;
}

static void try(const void *key, size_t len, const int *errnos,
		const char *what, size_t number)
{
	int err = alg_set_key(sock, key, len);

	seen[err % MAX_ERRNO]++;
	if (one_of(err, errnos))
		return;
	if (++wrong <= 20)
		printf("wrong: %s %zu gave %s\n", what, number, errno_name(err));
}

static void sweep_raw(void)
{
	static const size_t sizes[] = { 16, 24, 32, 48, 64 };
	unsigned char key[64];
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (getrandom(key, sizeof(key), 0) != sizeof(key))
			die_errno("getrandom");
		try(key, sizes[i], (int[3]){ EINVAL }, "raw key of bytes", sizes[i]);
	}
}

static void sweep_truncated(unsigned char *blob)
{
	size_t len;

	for (len = 0; len <= PROTKEY_BLOB_SIZE + 1; len++) {
		if (len != PROTKEY_BLOB_SIZE)
			try(blob, len, (int[3]){ EINVAL }, "blob of bytes", len);
	}
}

static const struct field *field_of(unsigned int byte)
{
	const struct field *field = fields;

	while (byte >= field->end)
		field++;
	return field;
}

static void sweep_flipped(unsigned char *blob)
{
	unsigned int bit;

	for (bit = 0; bit < 8 * PROTKEY_BLOB_SIZE; bit++) {
		const struct field *field = field_of(bit / 8);

		blob[bit / 8] ^= 1 << bit % 8;
		try(blob, PROTKEY_BLOB_SIZE, field->errnos, field->name, bit);
		blob[bit / 8] ^= 1 << bit % 8;
	}
	if (alg_set_key(sock, blob, PROTKEY_BLOB_SIZE))
		die_errno("the blob itself, afterwards");
}

static void sweep_random(void)
{
	unsigned char key[PROTKEY_BLOB_SIZE];
	int i;

	for (i = 0; i < 100; i++) {
		if (getrandom(key, sizeof(key), 0) != sizeof(key))
			die_errno("getrandom");
		try(key, sizeof(key), (int[3]){ EBADMSG }, "random bytes", i);
	}
}

int main(int argc, char **argv)
{
	unsigned char blob[PROTKEY_BLOB_SIZE + 1] = { 0 };
	const char *what = argc > 1 ? argv[1] : "";
	int err;

	if (argc > 2 && read_file(argv[2], blob, sizeof(blob)) != PROTKEY_BLOB_SIZE)
		die("%s is not a blob", argv[2]);
	sock = alg_bind(CIPHER);

	if (!strcmp(what, "raw"))
		sweep_raw();
	else if (!strcmp(what, "truncated") && argc == 3)
		sweep_truncated(blob);
	else if (!strcmp(what, "flipped") && argc == 3)
		sweep_flipped(blob);
	else if (!strcmp(what, "random"))
		sweep_random();
	else
		die("usage: pk-setkey-sweep raw | truncated BLOBFILE | flipped BLOBFILE | random");

	for (err = 0; err < MAX_ERRNO; err++) {
		if (seen[err])
			printf("%s %u\n", errno_name(err), seen[err]);
	}
	return wrong ? 1 : 0;
}
