// SPDX-License-Identifier: GPL-2.0-only
/* Private keys sealed to a domain. */
#include <endian.h>
#include <errno.h>
#include <linux/if_alg.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/x509.h>
#include <protkey/protkey.h>

#include "sealed_key.h"

#define MAGIC		"PKTLSKEY"
#define VERSION		1
#define IV_SIZE		12
#define TAG_SIZE	16

struct sealed_header {
	char magic[SEALED_KEY_MAGIC];
	uint32_t version;	/* little-endian, as @size */
	uint32_t size;		/* of what follows: ciphertext and tag */
	uint8_t blob[PROTKEY_BLOB_SIZE];
	uint8_t iv[IV_SIZE];
	uint8_t reserved[4];
};

/* Associated data and text of one request, as AF_ALG wants them: together. */
#define ROOM	SEALED_KEY_FILE_MAX

bool sealed_key_magic(const void *magic)
{
	return !memcmp(magic, MAGIC, SEALED_KEY_MAGIC);
}

static bool header_valid(const struct sealed_header *h, size_t size)
{
	return size > sizeof(*h) + TAG_SIZE && size <= SEALED_KEY_FILE_MAX &&
	       sealed_key_magic(h->magic) && le32toh(h->version) == VERSION &&
	       le32toh(h->size) == size - sizeof(*h);
}

/* A socket for one request with this key; -errno. */
static int cipher_open(const uint8_t *blob)
{
	struct sockaddr_alg name = { .salg_family = AF_ALG, .salg_type = "aead",
				     .salg_name = "gcm(paes)" };
	int tfm = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int op, err;

	if (tfm < 0)
		return -errno;
	if (bind(tfm, (struct sockaddr *)&name, sizeof(name)) ||
	    setsockopt(tfm, SOL_ALG, ALG_SET_KEY, blob, PROTKEY_BLOB_SIZE) ||
	    setsockopt(tfm, SOL_ALG, ALG_SET_AEAD_AUTHSIZE, NULL, TAG_SIZE)) {
		err = -errno;
		close(tfm);
		return err;
	}
	op = accept4(tfm, NULL, NULL, SOCK_CLOEXEC);
	err = -errno;
	close(tfm);
	return op < 0 ? err : op;
}

static void add_control(struct msghdr *msg, struct cmsghdr **at, int type,
			const void *data, size_t size)
{
	*at = *at ? CMSG_NXTHDR(msg, *at) : CMSG_FIRSTHDR(msg);
	(*at)->cmsg_level = SOL_ALG;
	(*at)->cmsg_type = type;
	(*at)->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(*at), data, size);
}

/*
 * @text is @in bytes behind a copy of the header and becomes @out bytes. It is in
 * locked memory, not memfd_secret: the kernel pins these pages.
 */
static int cipher_run(const struct sealed_header *h, uint32_t what, void *text,
		      size_t in, size_t out)
{
	struct { struct af_alg_iv head; uint8_t iv[IV_SIZE]; } iv = {
		.head.ivlen = IV_SIZE };
	uint32_t aad = sizeof(*h);
	char control[CMSG_SPACE(sizeof(what)) + CMSG_SPACE(sizeof(iv)) +
		     CMSG_SPACE(sizeof(aad))] = { 0 };
	struct iovec iov = { .iov_base = text, .iov_len = sizeof(*h) + in };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *at = NULL;
	int op = cipher_open(h->blob), ret = 0;

	if (op < 0)
		return op;
	memcpy(iv.iv, h->iv, IV_SIZE);
	add_control(&msg, &at, ALG_SET_OP, &what, sizeof(what));
	add_control(&msg, &at, ALG_SET_IV, &iv, sizeof(iv));
	add_control(&msg, &at, ALG_SET_AEAD_ASSOCLEN, &aad, sizeof(aad));
	if (sendmsg(op, &msg, 0) != (ssize_t)iov.iov_len)
		ret = errno ? -errno : -EIO;
	if (!ret && read(op, text, sizeof(*h) + out) != (ssize_t)(sizeof(*h) + out))
		ret = errno ? -errno : -EIO;
	close(op);
	return ret;
}

int sealed_key_make(int domain, const void *key, size_t size, void *file,
		    size_t *file_size)
{
	struct protkey_key_make make = { .type = PROTKEY_KEY_AES_256 };
	struct sealed_header *h = file;
	char *text = (char *)file + sizeof(*h), *locked;
	int ret;

	if (size > SEALED_KEY_FILE_MAX - sizeof(*h) - TAG_SIZE)
		return -EFBIG;
	ret = protkey_key_generate(domain, &make);
	if (ret)
		return ret;
	memset(h, 0, sizeof(*h));
	memcpy(h->magic, MAGIC, sizeof(h->magic));
	h->version = htole32(VERSION);
	h->size = htole32((uint32_t)(size + TAG_SIZE));
	memcpy(h->blob, make.blob, sizeof(h->blob));
	if (getrandom(h->iv, IV_SIZE, 0) != IV_SIZE)
		return -EIO;
	locked = protkey_secret_alloc(ROOM);
	if (!locked)
		return -errno;
	memcpy(locked, h, sizeof(*h));
	memcpy(locked + sizeof(*h), key, size);
	ret = cipher_run(h, ALG_OP_ENCRYPT, locked, size, size + TAG_SIZE);
	if (!ret) {
		memcpy(text, locked + sizeof(*h), size + TAG_SIZE);
		*file_size = sizeof(*h) + size + TAG_SIZE;
	}
	protkey_secret_free(locked, ROOM);
	return ret;
}

static int parse_key(const void *der, size_t size, EVP_PKEY **key)
{
	const unsigned char *at = der;

	*key = d2i_AutoPrivateKey(NULL, &at, (long)size);
	return *key ? 0 : -EBADMSG;
}

int sealed_key_open(const void *file, size_t size, EVP_PKEY **key)
{
	const struct sealed_header *h = file;
	size_t in = size - sizeof(*h);
	char *locked;
	int ret;

	if (!header_valid(h, size))
		return -EBADMSG;
	locked = protkey_secret_alloc(ROOM);
	if (!locked)
		return -errno;
	memcpy(locked, file, size);
	ret = cipher_run(h, ALG_OP_DECRYPT, locked, in, in - TAG_SIZE);
	if (!ret)
		ret = parse_key(locked + sizeof(*h), in - TAG_SIZE, key);
	protkey_secret_free(locked, ROOM);
	return ret;
}
